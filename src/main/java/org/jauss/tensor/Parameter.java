package org.jauss.tensor;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A learned array. A parameter is its identity: two of equal content are two, and one used in two places is one.
 *
 * <p>A <em>statistic</em> is a parameter that tracks the activations rather than serving the task: weight decay and the
 * clipping of gradients leave it alone, and it may bring its own {@link Update}.
 */
public final class Parameter {
    private final Shape shape;
    private final float[] data;
    private final boolean statistic;
    private final @Nullable Update update;
    private volatile boolean trainable = true;
    private volatile boolean weightDecay;
    private volatile float learningRateMultiplier = 1;

    private Parameter(Shape shape, float[] data, boolean statistic, @Nullable Update update) {
        if (data.length != shape.size()) {
            throw new ShapeException(
                    "parameter: " + data.length + " values for shape " + shape + " (" + shape.size() + " elements)");
        }
        this.shape = shape;
        this.data = data;
        this.statistic = statistic;
        this.update = update;
        this.weightDecay = !statistic;
    }

    /**
     * A trainable parameter.
     *
     * @param shape its shape
     * @param data its values, row-major; used, not copied
     * @return the parameter
     * @throws ShapeException if the number of values does not fit
     */
    public static Parameter of(Shape shape, float... data) {
        return new Parameter(shape, data, false, null);
    }

    /**
     * A trainable parameter with one value everywhere.
     *
     * @param shape its shape
     * @param value the value
     * @return the parameter
     */
    public static Parameter full(Shape shape, float value) {
        return of(shape, filled(shape, value));
    }

    /**
     * A statistic that the optimiser's rule updates, without weight decay or clipping.
     *
     * @param shape its shape
     * @param value its value everywhere
     * @return the parameter
     */
    public static Parameter statistic(Shape shape, float value) {
        return new Parameter(shape, filled(shape, value), true, null);
    }

    /**
     * A statistic with its own update.
     *
     * @param shape its shape
     * @param value its value everywhere
     * @param update how it follows its gradient
     * @return the parameter
     */
    public static Parameter statistic(Shape shape, float value, Update update) {
        return new Parameter(shape, filled(shape, value), true, update);
    }

    private static float[] filled(Shape shape, float value) {
        float[] data = new float[shape.size()];
        Arrays.fill(data, value);
        return data;
    }

    /**
     * The shape.
     *
     * @return the shape
     */
    public Shape shape() {
        return shape;
    }

    /**
     * The values themselves, row-major: changes are seen by every model that uses the parameter.
     *
     * @return the array, not a copy
     */
    public float[] data() {
        return data;
    }

    /**
     * The values as a tensor outside any pass.
     *
     * @return a copy
     */
    public Tensor value() {
        return Tensor.of(shape, data.clone());
    }

    /**
     * Replaces all values.
     *
     * @param values the new values, row-major; copied
     * @throws ShapeException if their number does not fit
     */
    public void set(float... values) {
        if (values.length != data.length) {
            throw new ShapeException(
                    "parameter: " + values.length + " values for shape " + shape + " (" + data.length + " elements)");
        }
        System.arraycopy(values, 0, data, 0, data.length);
    }

    /**
     * Whether the optimiser changes the parameter.
     *
     * @return false once {@link #freeze frozen}
     */
    public boolean trainable() {
        return trainable;
    }

    /** Keeps the parameter as it is from now on: it gets no gradient, and the optimiser does not ask for one. */
    public void freeze() {
        trainable = false;
    }

    /** Lets the parameter learn again. */
    public void unfreeze() {
        trainable = true;
    }

    /**
     * Whether the parameter tracks activations.
     *
     * @return whether it is a statistic
     */
    public boolean isStatistic() {
        return statistic;
    }

    /**
     * The update that replaces the optimiser's rule.
     *
     * @return the update, or nothing where the optimiser's rule applies
     */
    public Optional<Update> update() {
        return Optional.ofNullable(update);
    }

    /**
     * Whether weight decay applies: by default yes, but never for a statistic.
     *
     * @return whether it applies
     */
    public boolean weightDecay() {
        return weightDecay;
    }

    /**
     * Exempts the parameter from weight decay.
     *
     * @return this parameter
     */
    public Parameter withoutWeightDecay() {
        weightDecay = false;
        return this;
    }

    /**
     * The factor on the optimiser's learning rate.
     *
     * @return the factor, 1 by default
     */
    public float learningRateMultiplier() {
        return learningRateMultiplier;
    }

    /**
     * Sets the factor on the optimiser's learning rate.
     *
     * @param multiplier at least 0
     * @return this parameter
     * @throws IllegalArgumentException if it is negative or not a number
     */
    public Parameter withLearningRateMultiplier(float multiplier) {
        if (!(multiplier >= 0)) {
            throw new IllegalArgumentException("learning-rate multiplier must be at least 0, but is " + multiplier);
        }
        learningRateMultiplier = multiplier;
        return this;
    }

    @Override
    public String toString() {
        return "Parameter" + shape + (statistic ? " (statistic)" : "") + (trainable ? "" : " (frozen)");
    }
}
