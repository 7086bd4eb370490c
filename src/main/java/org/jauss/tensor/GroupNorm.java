package org.jauss.tensor;

import org.jauss.kernels.Kernels;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = z scale + shift} with {@code z = (x - mean) / sqrt(variance + epsilon)}, where mean and variance are those
 * of each instance and group of neighbouring features, over all positions (Wu &amp; He, 2018). With as many groups as
 * features it is instance normalisation (Ulyanov et al., 2016).
 *
 * <p><b>Shape:</b> {@code [N, ..., C]}, unchanged.
 *
 * @param x the input
 * @param groups the number of groups
 * @param mean the mean of each instance and group
 * @param factor one over the standard deviation of each instance and group
 * @param scale the scale of each feature, or null for 1
 * @param shift the shift of each feature, or null for 0
 */
public record GroupNorm(
        Tensor x,
        int groups,
        float[] mean,
        float[] factor,
        @Nullable Tensor scale,
        @Nullable Tensor shift) implements Op {
    /**
     * Normalises each group of each instance.
     *
     * @param x the input
     * @param groups the number of groups, a divisor of the number of features
     * @param epsilon added to the variance, above 0
     * @param scale the scale of each feature, or null for 1
     * @param shift the shift of each feature, or null for 0
     * @return the result
     * @throws ShapeException if there are no axes of instances and features, the features do not divide into groups or
     *     do not fit scale and shift, or a group of an instance is a single element
     */
    public static Tensor of(Tensor x, int groups, float epsilon, @Nullable Tensor scale, @Nullable Tensor shift) {
        Shape shape = x.shape();
        if (shape.rank() < 2) {
            throw new ShapeException("groupNorm: needs an axis of instances and one of features: " + shape);
        }
        int c = shape.dim(-1);
        Normalize.requireFeatures(x, Normalize.features(x, scale, shift));
        if (groups < 1 || c % groups != 0) {
            throw new ShapeException(
                    "groupNorm: " + c + " features do not divide into " + groups + " groups: " + shape);
        }
        int n = x.size() == 0 ? 0 : shape.dim(0);
        int p = shape.size(1, shape.rank() - 1);
        if (x.size() > 0 && p * (c / groups) < 2) {
            throw new ShapeException("groupNorm: statistics of a group need at least two elements: " + shape + " in "
                    + groups + " groups");
        }
        Tensor[] inputs = Normalize.inputs(x, scale, shift);
        Pass pass = Pass.of(inputs);
        float[] mean = pass.array(n * groups);
        float[] factor = pass.array(n * groups);
        float[] y = pass.array(x.size());
        Kernels.active()
                .normalizeGroups(
                        n,
                        p,
                        c,
                        groups,
                        x.data(),
                        x.offset(),
                        epsilon,
                        Normalize.row(scale, 1, c),
                        Normalize.row(shift, 0, c),
                        y,
                        0,
                        mean,
                        factor);
        return pass.record(new GroupNorm(x, groups, mean, factor, scale, shift), shape, y, inputs);
    }

    @Override
    public void backward(Tensor y) {
        Shape shape = x.shape();
        int c = shape.dim(-1);
        double[] sums = Normalize.zeroSums(2 * c);
        Kernels.active()
                .normalizeGroupsBackward(
                        mean.length / groups,
                        shape.size(1, shape.rank() - 1),
                        c,
                        groups,
                        x.data(),
                        x.offset(),
                        mean,
                        factor,
                        Normalize.row(scale, 1, c),
                        y.grad(),
                        y.offset(),
                        x.tracked() ? x.grad() : new float[0],
                        true,
                        sums);
        Normalize.addAffineGradients(c, sums, scale, shift);
    }

    @Override
    public long savedFloats() {
        return 2L * mean.length;
    }
}
