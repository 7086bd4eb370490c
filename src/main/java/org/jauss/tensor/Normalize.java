package org.jauss.tensor;

import java.util.Arrays;
import org.jauss.kernels.Kernels;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = z scale + shift} with {@code z = clip((x - mean) factor, +-limit)} for each feature, where mean and factor
 * are constants: the gradient of each instance depends on that instance alone, {@code dx = dy scale factor}, and is 0
 * where z is clipped.
 *
 * <p><b>Shape:</b> {@code [..., C]}, unchanged.
 *
 * @param x the input
 * @param mean the mean of each feature
 * @param factor one over the standard deviation of each feature
 * @param limit the largest magnitude of z; infinite for none
 * @param scale the scale of each feature, or null for 1
 * @param shift the shift of each feature, or null for 0
 */
public record Normalize(
        Tensor x,
        float[] mean,
        float[] factor,
        float limit,
        @Nullable Tensor scale,
        @Nullable Tensor shift) implements Op {
    private static final double[] NO_SUMS = {};

    private static final ThreadLocal<double[]> SUMS = ThreadLocal.withInitial(() -> NO_SUMS);

    /**
     * Normalises.
     *
     * @param x the input
     * @param mean the mean of each feature
     * @param factor one over the standard deviation of each feature
     * @param limit the largest magnitude of z; infinite for none
     * @param scale the scale of each feature, or null for 1
     * @param shift the shift of each feature, or null for 0
     * @param sums of length {@code 2 C} to receive the sums of z and of z^2 over all rows, or empty
     * @return the result
     * @throws ShapeException if the last axis of {@code x} has another length than the statistics
     */
    public static Tensor of(
            Tensor x,
            float[] mean,
            float[] factor,
            float limit,
            @Nullable Tensor scale,
            @Nullable Tensor shift,
            double... sums) {
        int c = mean.length;
        requireFeatures(x, c);
        Tensor[] inputs = inputs(x, scale, shift);
        Pass pass = Pass.of(inputs);
        float[] scales = row(scale, 1, c);
        float[] shifts = row(shift, 0, c);
        var op = new Normalize(x, mean, factor, limit, scale, shift);
        Deferred plan = x.deferred();
        if (plan != null
                && plan.features() == c
                && !x.tracked()
                && !isTracked(scale)
                && !isTracked(shift)
                && sums.length == 0) {
            return pass.record(
                    op,
                    x.shape(),
                    plan.then((y, yo, rows) -> Kernels.active()
                            .normalize(rows, c, y, yo, mean, factor, limit, scales, shifts, y, yo, sums)),
                    inputs);
        }
        float[] y = pass.array(x.size());
        Kernels.active()
                .normalize(rows(x, c), c, x.data(), x.offset(), mean, factor, limit, scales, shifts, y, 0, sums);
        return pass.record(op, x.shape(), y, inputs);
    }

    @Override
    public void backward(Tensor y) {
        int c = mean.length;
        int m = rows(x, c);
        float[] dy = y.grad();
        double[] sums = NO_SUMS;
        if (x.op() instanceof StepProjection projection) { // which has use for them, too
            sums = projection.gradientSums();
        } else if (isTracked(scale) || isTracked(shift)) {
            sums = zeroSums(2 * c);
        }
        if (x.tracked()) { // in the same sweep
            float[] g = factor.clone();
            float[] scales = row(scale, 1, c);
            for (int j = 0; j < c; j++) {
                g[j] *= scales[j];
            }
            float[] none = new float[c];
            boolean add = x.inheritGrad(y);
            Kernels.active()
                    .normalizeBackward(
                            m,
                            c,
                            x.data(),
                            x.offset(),
                            mean,
                            factor,
                            limit,
                            dy,
                            y.offset(),
                            g,
                            none,
                            none,
                            x.grad(),
                            add,
                            sums);
        } else if (sums.length > 0) {
            Kernels.active().normalizeSums(m, c, x.data(), x.offset(), mean, factor, limit, dy, y.offset(), sums);
        }
        if (sums.length > 0) {
            addAffineGradients(c, sums, scale, shift);
        }
    }

    static void requireFeatures(Tensor x, int c) {
        if (x.shape().rank() == 0 || x.shape().dim(-1) != c) {
            throw new ShapeException("normalize: the last axis is not the number of features: " + x.shape() + " ("
                    + (x.shape().rank() == 0 ? "a scalar" : x.shape().dim(-1)) + " != " + c + ")");
        }
    }

    /** How many features scale and shift ask for; those of the input if there is neither. */
    static int features(Tensor x, @Nullable Tensor scale, @Nullable Tensor shift) {
        return scale != null
                ? scale.size()
                : shift != null
                        ? shift.size()
                        : x.shape().rank() == 0 ? 1 : x.shape().dim(-1);
    }

    /** The length of the rows that scale and shift span: the last axis, or as many as they have. */
    static int rowLength(Tensor x, @Nullable Tensor scale, @Nullable Tensor shift) {
        Tensor known = scale == null ? shift : scale;
        if (known == null || known.shape().rank() < 2) {
            int c = features(x, scale, shift);
            requireFeatures(x, c);
            return c;
        }
        Shape wanted = known.shape();
        int first = x.shape().rank() - wanted.rank();
        for (int d = 0; d < wanted.rank(); d++) {
            if (first < 0 || x.shape().dim(first + d) != wanted.dim(d)) {
                throw new ShapeException("normalize: the last axes are not those of the scale: " + x.shape() + " and "
                        + wanted + " ("
                        + (first < 0
                                ? "rank " + x.shape().rank() + " < " + wanted.rank()
                                : x.shape().dim(first + d) + " != " + wanted.dim(d))
                        + ")");
            }
        }
        return wanted.size();
    }

    static int rows(Tensor x, int c) {
        return c == 0 ? 0 : x.size() / c;
    }

    static Tensor[] inputs(Tensor x, @Nullable Tensor scale, @Nullable Tensor shift) {
        return scale == null
                ? shift == null ? new Tensor[] {x} : new Tensor[] {x, shift}
                : shift == null ? new Tensor[] {x, scale} : new Tensor[] {x, scale, shift};
    }

    /** The elements of a vector as an array of its own, with a default. */
    static float[] row(@Nullable Tensor vector, float otherwise, int c) {
        if (vector == null) {
            float[] row = new float[c];
            Arrays.fill(row, otherwise);
            return row;
        }
        if (vector.size() != c) {
            throw new ShapeException(
                    "normalize: scale or shift does not fit the features: " + vector.shape() + " != [" + c + "]");
        }
        return vector.offset() == 0 ? vector.data() : vector.toArray();
    }

    static boolean isTracked(@Nullable Tensor tensor) {
        return tensor != null && tensor.tracked();
    }

    /** Zeros for the sums of a backward pass: {@code n} or more, this thread's until its next call. */
    static double[] zeroSums(int n) {
        double[] sums = SUMS.get();
        if (sums.length < n) {
            sums = new double[n];
            SUMS.set(sums);
        }
        Arrays.fill(sums, 0, n, 0);
        return sums;
    }

    /** Adds the sums of dy to the gradient of the shift and those of dy z to that of the scale. */
    static void addAffineGradients(int c, double[] sums, @Nullable Tensor scale, @Nullable Tensor shift) {
        for (int j = 0; j < c; j++) {
            if (shift != null && shift.tracked()) {
                shift.grad()[shift.offset() + j] += (float) sums[j];
            }
            if (scale != null && scale.tracked()) {
                scale.grad()[scale.offset() + j] += (float) sums[c + j];
            }
        }
    }
}
