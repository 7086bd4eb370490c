package org.jauss.tensor;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The sums of a {@link StepProjection} over the rows seen so far, by which a gradient is corrected once at the step. */
final class ProjectionSums {
    /** The least variance of z that is divided by: a feature that hardly varies has no direction to project on. */
    private static final double LEAST_VARIANCE = 1e-3;

    private final int out;
    private final int groups;
    private float[] factor = {};
    /** Leads from the gradient of the weight that is used to that of the parameter. */
    private @Nullable Standardized standardized;

    /** For each weight of a group, the sum of what it is multiplied by. */
    private final float[] inputs;
    /** For each weight, the sum of that times z where z is not clipped. */
    private final float[] products;
    /** For each weight, the sum of what it is multiplied by where z is clipped; empty before the first time. */
    private float[] clipped = {};

    private boolean anyClipped;
    /** For each feature the sums of scale dy, of scale dy z, of z and of z^2. */
    private final double[] sums;

    private long rows;

    /** What {@link WeightStandardization} knows besides the weight. */
    private record Standardized(float norm, float[] mean, float[] factor) {}

    private ProjectionSums(int out, int groups, float[] inputs, float[] products) {
        this.out = out;
        this.groups = groups;
        this.inputs = inputs;
        this.products = products;
        this.sums = new double[4 * out];
    }

    /** The sums of a step, with arrays from an earlier one if there are any. */
    static ProjectionSums of(StepProjection form, Gradients owner, @Nullable ProjectionSums old) {
        var source = (WeightedSum) form.source();
        int out = form.mean().length;
        int size = form.weight().shape().size();
        int groups = source.groups();
        var sums = old == null
                ? new ProjectionSums(out, groups, owner.array(size / out * groups), owner.array(size))
                : old;
        var standardized = source.weight().op() instanceof WeightStandardization op
                ? new Standardized(op.norm(), op.mean(), op.factor())
                : null;
        return sums.begin(form.factor(), standardized);
    }

    /** The sums of the same step, for another part of it. */
    ProjectionSums fresh(Gradients owner, @Nullable ProjectionSums old) {
        var sums = old == null
                ? new ProjectionSums(out, groups, owner.array(inputs.length), owner.array(products.length))
                : old;
        return sums.begin(factor, standardized);
    }

    private ProjectionSums begin(float[] stepFactor, @Nullable Standardized stepStandardized) {
        factor = stepFactor;
        standardized = stepStandardized;
        rows = 0;
        anyClipped = false;
        Arrays.fill(sums, 0);
        Arrays.fill(inputs, 0);
        Arrays.fill(products, 0);
        return this;
    }

    float[] inputs() {
        return inputs;
    }

    float[] products() {
        return products;
    }

    float[] clipped() {
        if (clipped.length == 0) {
            clipped = new float[products.length];
        } else if (!anyClipped) { // what is there is of an earlier step
            Arrays.fill(clipped, 0);
        }
        anyClipped = true;
        return clipped;
    }

    /** What outlives the pass that it was made in. */
    float[][] arrays() {
        return new float[][] {inputs, products};
    }

    void addRows(long more, double[] gradientSums, double[] valueSums) {
        rows += more;
        for (int j = 0; j < 2 * out; j++) {
            sums[j] += gradientSums[j];
            sums[2 * out + j] += valueSums[j];
        }
    }

    void add(ProjectionSums other) {
        rows += other.rows;
        for (int j = 0; j < sums.length; j++) {
            sums[j] += other.sums[j];
        }
        add(inputs, other.inputs);
        add(products, other.products);
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

    /** The part of the regression that is taken away. */
    private double share() {
        return Math.max(0, Math.min(1, (rows - 2) / 2.0));
    }

    /** Corrects the gradient of a parameter. */
    void apply(Parameter weight, float[] gradient) {
        double share = share();
        if (share == 0) {
            return;
        }
        float[] ones = new float[out]; // the factor of the sum of inputs
        float[] zs = new float[out]; // the factor of the sum of inputs times z
        for (int c = 0; c < out; c++) {
            double h1 = sums[c] / rows;
            double h2 = sums[out + c] / rows;
            double m1 = sums[2 * out + c] / rows;
            double m2 = sums[3 * out + c] / rows;
            double b = (h2 - m1 * h1) / Math.max(m2 - m1 * m1, LEAST_VARIANCE);
            zs[c] = (float) (share * factor[c] * b);
            ones[c] = (float) (share * factor[c] * (h1 - b * m1));
        }
        Standardized form = standardized;
        float[] correction = form == null ? gradient : new float[gradient.length];
        int perGroup = out / groups;
        for (int i = 0, at = 0; at < correction.length; i++, at += out) {
            for (int g = 0, c = 0; g < groups; g++) {
                float input = inputs[i * groups + g];
                for (int end = c + perGroup; c < end; c++) {
                    correction[at + c] -= ones[c] * input + zs[c] * products[at + c];
                }
            }
            if (anyClipped) {
                for (int c = 0; c < out; c++) {
                    correction[at + c] += ones[c] * clipped[at + c];
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
