package org.jauss.tensor;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The sums of a {@link StepProjection} over the rows seen so far, by which a gradient is corrected once at the step.
 *
 * <p>Sums over weights are only for a step of several parts: one alone knows all that the correction takes before the
 * gradient of the weight is computed. That is then corrected already, and if another part comes, it is taken back.
 */
final class ProjectionSums {
    /** The least variance of z that is divided by: a feature that hardly varies has no direction to project on. */
    private static final double LEAST_VARIANCE = 1e-3;

    private final Gradients owner;
    private final int size;
    private final int out;
    private final int groups;
    private float[] factor = {};
    /** Leads from the gradient of the weight that is used to that of the parameter. */
    private @Nullable Standardized standardized;
    /** The rows of the step, if its gradient is corrected already. */
    private @Nullable StepProjection corrected;

    /** For each weight of a group, the sum of what it is multiplied by. */
    private float[] inputs = {};
    /** For each weight, the sum of that times z where z is not clipped. */
    private float[] products = {};
    /** For each weight, the sum of what it is multiplied by where z is clipped. */
    private float[] clipped = {};

    private boolean anyProducts;
    private boolean anyClipped;
    /** For each feature the sums of scale dy, of scale dy z, of z and of z^2. */
    private final double[] sums;

    private long rows;

    /** What {@link WeightStandardization} knows besides the weight. */
    private record Standardized(float norm, float[] mean, float[] factor) {}

    private ProjectionSums(Gradients owner, int size, int out, int groups) {
        this.owner = owner;
        this.size = size;
        this.out = out;
        this.groups = groups;
        this.sums = new double[4 * out];
    }

    /** The sums of a step, with arrays from an earlier one of the same owner if there are any. */
    static ProjectionSums of(StepProjection form, Gradients owner, @Nullable ProjectionSums old) {
        var sums = old == null
                ? new ProjectionSums(
                        owner,
                        form.weight().shape().size(),
                        form.mean().length,
                        form.source().groups())
                : old;
        var standardized = form.source().weight().op() instanceof WeightStandardization op
                ? new Standardized(op.norm(), op.mean(), op.factor())
                : null;
        return sums.begin(form.factor(), standardized);
    }

    /** The sums of the same step, for another part of it. */
    ProjectionSums fresh(Gradients other, @Nullable ProjectionSums old) {
        return (old == null ? new ProjectionSums(other, size, out, groups) : old).begin(factor, standardized);
    }

    private ProjectionSums begin(float[] stepFactor, @Nullable Standardized stepStandardized) {
        factor = stepFactor;
        standardized = stepStandardized;
        corrected = null;
        rows = 0;
        anyProducts = false;
        anyClipped = false;
        Arrays.fill(sums, 0);
        return this;
    }

    float[] inputs() {
        prepareProducts();
        return inputs;
    }

    float[] products() {
        prepareProducts();
        return products;
    }

    private void prepareProducts() {
        if (!anyProducts) {
            inputs = zeros(inputs, size / out * groups);
            products = zeros(products, size);
            anyProducts = true;
        }
    }

    float[] clipped() {
        if (!anyClipped) {
            clipped = zeros(clipped, size);
            anyClipped = true;
        }
        return clipped;
    }

    /** What is there is of an earlier step, or was not needed yet. */
    private float[] zeros(float[] old, int length) {
        float[] array = old.length == length ? old : owner.array(length);
        Arrays.fill(array, 0);
        return array;
    }

    /** What outlives the pass that it was made in. */
    float[][] arrays() {
        return new float[][] {inputs, products, clipped};
    }

    boolean isEmpty() {
        return rows == 0;
    }

    void addRows(StepProjection part) {
        rows += part.x().size() / out;
        for (int j = 0; j < 2 * out; j++) {
            sums[j] += part.gradientSums()[j] * part.scale()[j % out];
            sums[2 * out + j] += part.sums()[j];
        }
    }

    void add(ProjectionSums other) {
        rows += other.rows;
        for (int j = 0; j < sums.length; j++) {
            sums[j] += other.sums[j];
        }
        add(inputs(), other.inputs);
        add(products(), other.products);
        if (other.anyClipped) {
            add(clipped(), other.clipped);
        }
    }

    private static void add(float[] sum, float[] more) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += more[i];
        }
    }

    /** Follows a factor on the gradient: values of z do not change. */
    void scale(float by) {
        for (int j = 0; j < 2 * out; j++) {
            sums[j] *= by;
        }
    }

    /** The part that is taken away of the first or second direction of the regression. */
    private double share(int direction) {
        return Math.max(0, Math.min(1, (rows - direction) / 2.0));
    }

    /** The factors of the sum of inputs, and of that of inputs times z, in what is taken away. */
    record Coefficients(float[] ones, float[] zs) {}

    private Coefficients coefficients(int sign) {
        var result = new Coefficients(new float[out], new float[out]);
        for (int c = 0; c < out; c++) {
            double h1 = sums[c] / rows;
            double h2 = sums[out + c] / rows;
            double m1 = sums[2 * out + c] / rows;
            double m2 = sums[3 * out + c] / rows;
            double b = share(2) * (h2 - m1 * h1) / Math.max(m2 - m1 * m1, LEAST_VARIANCE);
            result.zs[c] = (float) (sign * factor[c] * b);
            result.ones[c] = (float) (sign * factor[c] * (share(1) * h1 - b * m1));
        }
        return result;
    }

    /** What to take away from each row, {@code ones + zs z}, if those of a projection are all rows of the step. */
    Coefficients correct(StepProjection allRows) {
        corrected = allRows;
        return coefficients(1);
    }

    /** Gives a gradient back what was taken away from its rows, and adds up what stands for them. */
    void reopen(Parameter weight, float[] gradient) {
        if (corrected != null) {
            corrected.addProducts(this);
            corrected = null;
            correct(weight, gradient, -1);
        }
    }

    /** Corrects the gradient of a parameter, unless its rows were corrected. */
    void close(Parameter weight, float[] gradient) {
        if (corrected == null && share(1) > 0) {
            correct(weight, gradient, 1);
        }
        corrected = null; // which holds activations
    }

    private void correct(Parameter weight, float[] gradient, int sign) {
        Coefficients by = coefficients(sign);
        Standardized form = standardized;
        float[] correction = form == null ? gradient : new float[gradient.length];
        int perGroup = out / groups;
        for (int i = 0, at = 0; at < correction.length; i++, at += out) {
            for (int g = 0, c = 0; g < groups; g++) {
                float input = inputs[i * groups + g];
                for (int end = c + perGroup; c < end; c++) {
                    correction[at + c] -= by.ones[c] * input + by.zs[c] * products[at + c];
                }
            }
            if (anyClipped) {
                for (int c = 0; c < out; c++) {
                    correction[at + c] += by.ones[c] * clipped[at + c];
                }
            }
        }
        if (form != null) {
            WeightStandardization.addGradient(
                    weight.data(),
                    0,
                    form.norm,
                    form.mean,
                    form.factor,
                    correction,
                    0,
                    gradient.length / out,
                    gradient);
        }
    }
}
