package org.jauss.optimizers;

import java.util.ArrayList;
import java.util.List;

/**
 * RMSProp: {@code v = alpha v + (1 - alpha) g^2; p -= rate g / (sqrt(v) + epsilon)}. Centered,
 * {@code v - a^2} with the average gradient {@code a} takes the place of {@code v} (Graves, 2013); with momentum
 * {@code u = momentum u + g / (sqrt(v) + epsilon); p -= rate u} (Hinton, 2012, in the form of PyTorch). Weight decay
 * adds {@code weightDecay p} to the gradient.
 *
 * @param learningRate the learning rate over time
 * @param alpha how much of the average squared gradient is kept, in {@code [0, 1)}
 * @param epsilon what is added to the denominator, above 0
 * @param centered whether the average gradient is subtracted, which makes the denominator a standard deviation
 * @param momentum how much of the last change is kept, in {@code [0, 1)}; 0 for none
 * @param weightDecay the factor of the parameter that is added to its gradient, at least 0
 */
public record RmsProp(
        Schedule learningRate, float alpha, float epsilon, boolean centered, float momentum, float weightDecay)
        implements Rule {
    /**
     * Checks the options.
     *
     * @param learningRate the learning rate over time
     * @param alpha how much of the average squared gradient is kept, in {@code [0, 1)}
     * @param epsilon what is added to the denominator, above 0
     * @param centered whether the average gradient is subtracted, which makes the denominator a standard deviation
     * @param momentum how much of the last change is kept, in {@code [0, 1)}; 0 for none
     * @param weightDecay the factor of the parameter that is added to its gradient, at least 0
     * @throws IllegalArgumentException if an option is outside its range
     */
    public RmsProp {
        Options.requireBelow1("RmsProp", "alpha", alpha);
        Options.requireAbove0("RmsProp", "epsilon", epsilon);
        Options.requireBelow1("RmsProp", "momentum", momentum);
        Options.requireAtLeast0("RmsProp", "weightDecay", weightDecay);
    }

    /**
     * The rule with a constant learning rate and the usual options.
     *
     * @param learningRate the learning rate, at least 0
     * @return the rule
     * @throws IllegalArgumentException if the rate is negative or not finite
     */
    public static RmsProp of(float learningRate) {
        return of(Options.constant("RmsProp", learningRate));
    }

    /**
     * The rule with a schedule and the usual options.
     *
     * @param learningRate the learning rate over time
     * @return the rule
     */
    public static RmsProp of(Schedule learningRate) {
        return new RmsProp(learningRate, .99f, 1e-8f, false, 0, 0);
    }

    /**
     * The same rule with another alpha.
     *
     * @param other how much of the average squared gradient is kept, in {@code [0, 1)}
     * @return the changed rule
     * @throws IllegalArgumentException if it is outside its range
     */
    public RmsProp withAlpha(float other) {
        return new RmsProp(learningRate, other, epsilon, centered, momentum, weightDecay);
    }

    /**
     * The same rule with another epsilon.
     *
     * @param other what is added to the denominator, above 0
     * @return the changed rule
     * @throws IllegalArgumentException if it is outside its range
     */
    public RmsProp withEpsilon(float other) {
        return new RmsProp(learningRate, alpha, other, centered, momentum, weightDecay);
    }

    /**
     * The same rule with the average gradient subtracted.
     *
     * @return the changed rule
     */
    public RmsProp withCentered() {
        return new RmsProp(learningRate, alpha, epsilon, true, momentum, weightDecay);
    }

    /**
     * The same rule with another momentum.
     *
     * @param other how much of the last change is kept, in {@code [0, 1)}; 0 for none
     * @return the changed rule
     * @throws IllegalArgumentException if it is outside its range
     */
    public RmsProp withMomentum(float other) {
        return new RmsProp(learningRate, alpha, epsilon, centered, other, weightDecay);
    }

    /**
     * The same rule with another weight decay.
     *
     * @param other the factor of the parameter that is added to its gradient, at least 0
     * @return the changed rule
     * @throws IllegalArgumentException if it is outside its range
     */
    public RmsProp withWeightDecay(float other) {
        return new RmsProp(learningRate, alpha, epsilon, centered, momentum, other);
    }

    @Override
    public List<String> slots() {
        var slots = new ArrayList<>(List.of("squareAverage"));
        if (centered) {
            slots.add("average");
        }
        if (momentum > 0) {
            slots.add("velocity");
        }
        return List.copyOf(slots);
    }

    @Override
    public boolean elementWise() {
        return true;
    }

    @Override
    public void update(
            int from, int to, float[] value, float[] gradient, float[][] slots, long step, float rate, boolean decays) {
        float decay = decays ? weightDecay : 0;
        // Four loops, so that none of them branches.
        if (centered && momentum > 0) {
            centeredWithMomentum(from, to, value, gradient, slots[0], slots[1], slots[2], rate, decay);
        } else if (centered) {
            centered(from, to, value, gradient, slots[0], slots[1], rate, decay);
        } else if (momentum > 0) {
            withMomentum(from, to, value, gradient, slots[0], slots[1], rate, decay);
        } else {
            plain(from, to, value, gradient, slots[0], rate, decay);
        }
    }

    private void plain(int from, int to, float[] value, float[] gradient, float[] square, float rate, float decay) {
        for (int i = from; i < to; i++) {
            float g = gradient[i] + decay * value[i];
            float v = alpha * square[i] + (1 - alpha) * g * g;
            square[i] = v;
            value[i] -= rate * g / ((float) Math.sqrt(v) + epsilon);
        }
    }

    private void withMomentum(
            int from,
            int to,
            float[] value,
            float[] gradient,
            float[] square,
            float[] velocity,
            float rate,
            float decay) {
        for (int i = from; i < to; i++) {
            float g = gradient[i] + decay * value[i];
            float v = alpha * square[i] + (1 - alpha) * g * g;
            float u = momentum * velocity[i] + g / ((float) Math.sqrt(v) + epsilon);
            square[i] = v;
            velocity[i] = u;
            value[i] -= rate * u;
        }
    }

    private void centered(
            int from,
            int to,
            float[] value,
            float[] gradient,
            float[] square,
            float[] average,
            float rate,
            float decay) {
        for (int i = from; i < to; i++) {
            float g = gradient[i] + decay * value[i];
            float v = alpha * square[i] + (1 - alpha) * g * g;
            float a = alpha * average[i] + (1 - alpha) * g;
            square[i] = v;
            average[i] = a;
            value[i] -= rate * g / (deviation(v, a) + epsilon);
        }
    }

    private void centeredWithMomentum(
            int from,
            int to,
            float[] value,
            float[] gradient,
            float[] square,
            float[] average,
            float[] velocity,
            float rate,
            float decay) {
        for (int i = from; i < to; i++) {
            float g = gradient[i] + decay * value[i];
            float v = alpha * square[i] + (1 - alpha) * g * g;
            float a = alpha * average[i] + (1 - alpha) * g;
            float u = momentum * velocity[i] + g / (deviation(v, a) + epsilon);
            square[i] = v;
            average[i] = a;
            velocity[i] = u;
            value[i] -= rate * u;
        }
    }

    /** Rounding can push the variance of a constant gradient below 0, where the root would be NaN. */
    private static float deviation(float square, float average) {
        return (float) Math.sqrt(Math.max(square - average * average, 0));
    }
}
