package org.jauss.kernels;

/**
 * The numerical work of the library as coarse calls on row-major {@code float[]}: one call per op. Forward calls
 * overwrite their result. Backward calls add to theirs, or, told not to accumulate, overwrite it as if it had been
 * zero. Arguments are trusted: shapes are checked by the callers.
 *
 * <p>Rows times features is the common view: {@code m} rows of {@code c} features.
 */
public interface Kernels {
    /**
     * The implementation that this JVM uses, chosen once: on the Vector API if the JVM was started with
     * {@code --add-modules jdk.incubator.vector}, else in plain Java. The system property {@code jauss.kernels}
     * ({@code simd} or {@code scalar}) overrides the choice, and a line of the log tells it.
     *
     * @return the kernels
     * @throws IllegalArgumentException if the property has another value, or asks for kernels that this JVM cannot run
     */
    static Kernels active() {
        return Provider.active();
    }

    /**
     * Matrix product {@code c[m,n] (+)= op(a)[m,k] . op(b)[k,n]}, where op is the identity or the transpose.
     *
     * @param transposeA whether {@code a} is stored as {@code [k,m]}
     * @param transposeB whether {@code b} is stored as {@code [n,k]}
     * @param m rows of the result
     * @param n columns of the result
     * @param k the inner dimension
     * @param a the first factor
     * @param aOffset where it starts
     * @param lda distance between its rows as stored
     * @param b the second factor
     * @param bOffset where it starts
     * @param ldb distance between its rows as stored
     * @param c the result
     * @param cOffset where it starts
     * @param ldc distance between its rows
     * @param accumulate whether the product is added to {@code c} or overwrites it
     */
    void matmul(
            boolean transposeA,
            boolean transposeB,
            int m,
            int n,
            int k,
            float[] a,
            int aOffset,
            int lda,
            float[] b,
            int bOffset,
            int ldb,
            float[] c,
            int cOffset,
            int ldc,
            boolean accumulate);

    /**
     * {@code y[m,n] = x[m,k] . weight[k,n] + bias[n]}, all rows contiguous.
     *
     * @param m the number of rows
     * @param n the number of features of {@code y}
     * @param k the number of features of {@code x}
     * @param x the rows
     * @param xo their offset
     * @param weight the weight
     * @param wo its offset
     * @param bias the bias; if of length 0, none
     * @param bo its offset
     * @param y the result
     * @param yo its offset
     * @param epilogue what is done to each row of {@code y} once it is complete
     */
    void linear(
            int m,
            int n,
            int k,
            float[] x,
            int xo,
            float[] weight,
            int wo,
            float[] bias,
            int bo,
            float[] y,
            int yo,
            Epilogue epilogue);

    /**
     * {@code y = op(x)} over {@code n} elements.
     *
     * @param op the function
     * @param p its first constant
     * @param q its second constant
     * @param n the number of elements
     * @param x the argument
     * @param xo its offset
     * @param y the result
     * @param yo its offset
     */
    void unary(Unary op, float p, float q, int n, float[] x, int xo, float[] y, int yo);

    /**
     * {@code dx (+)= dy op'(x)} over {@code n} elements; {@code dx} has the offset of {@code x}, {@code dy} that of
     * {@code y}. Without accumulation and with equal offsets {@code dx} may be {@code dy}.
     *
     * @param op the function
     * @param p its first constant
     * @param q its second constant
     * @param n the number of elements
     * @param x the argument
     * @param xo its offset
     * @param y the result
     * @param yo its offset
     * @param dy the gradient of the result
     * @param dx the gradient of the argument
     * @param accumulate whether to add to {@code dx} or to overwrite it
     */
    void unaryBackward(
            Unary op,
            float p,
            float q,
            int n,
            float[] x,
            int xo,
            float[] y,
            int yo,
            float[] dy,
            float[] dx,
            boolean accumulate);

    /**
     * {@code y (+)= x / (1 - rate)} where an element stays, else 0 (+ y): element i stays if
     * {@code half(key, first + i) >= rate 2^31}, a function of key and position alone. With the finaliser of SplitMix64
     * as in {@link Mix}, {@code half(key, j)} is the upper 31 bits of the lower (j even) or upper (j odd) half of
     * {@code Mix.bits(key, j / 2)}. {@code x} may be {@code y} with an equal offset.
     *
     * @param key the key
     * @param first the position of the first element, at least 0
     * @param rate the share that goes, in {@code [0, 1)}
     * @param n the number of elements
     * @param x the elements
     * @param xo their offset
     * @param y the result
     * @param yo its offset
     * @param accumulate whether to add to {@code y} or to overwrite it
     */
    void dropout(long key, long first, float rate, int n, float[] x, int xo, float[] y, int yo, boolean accumulate);

    /**
     * {@code y = op(a, b)} over a broadcast index space; {@code y} is contiguous.
     *
     * @param op the function
     * @param loop the walk with the strides of {@code a} and {@code b}
     * @param a the first argument
     * @param ao its offset
     * @param b the second argument
     * @param bo its offset
     * @param y the result
     * @param yo its offset
     */
    void binary(Binary op, Loop loop, float[] a, int ao, float[] b, int bo, float[] y, int yo);

    /**
     * {@code da += dy d op / d a}, summed over broadcast dimensions; {@code da} has the layout and offset of {@code a},
     * {@code dy} is contiguous.
     *
     * @param op the function
     * @param loop the walk with the strides of {@code a} and {@code b}
     * @param a the first argument
     * @param ao its offset
     * @param b the second argument
     * @param bo its offset
     * @param dy the gradient of the result
     * @param yo its offset
     * @param da the gradient of the first argument
     */
    void binaryBackwardFirst(
            Binary op, Loop loop, float[] a, int ao, float[] b, int bo, float[] dy, int yo, float[] da);

    /**
     * {@code db += dy d op / d b}, summed over broadcast dimensions; {@code db} has the layout and offset of {@code b},
     * {@code dy} is contiguous.
     *
     * @param op the function
     * @param loop the walk with the strides of {@code a} and {@code b}
     * @param a the first argument
     * @param ao its offset
     * @param b the second argument
     * @param bo its offset
     * @param dy the gradient of the result
     * @param yo its offset
     * @param db the gradient of the second argument
     */
    void binaryBackwardSecond(
            Binary op, Loop loop, float[] a, int ao, float[] b, int bo, float[] dy, int yo, float[] db);

    /**
     * {@code y (+)= x} over strided operands, the first operand of the walk being {@code x}, the second {@code y}.
     *
     * @param loop the walk
     * @param x the source
     * @param xo its offset
     * @param y the target
     * @param yo its offset
     * @param accumulate whether to add or to overwrite
     */
    void copy(Loop loop, float[] x, int xo, float[] y, int yo, boolean accumulate);

    /**
     * Sums the contiguous {@code x} into {@code y}: {@code y[o] = factor sum of the x that map to o}, accumulated in
     * double precision.
     *
     * @param loop the walk over {@code x}, its first operand being {@code y}
     * @param factor a factor on each sum
     * @param x the terms
     * @param xo their offset
     * @param y the sums
     * @param n the number of sums
     */
    void sum(Loop loop, double factor, float[] x, int xo, float[] y, int n);

    /**
     * Greatest (or smallest) element of each group: {@code y[o] = max of the x that map to o}; NaN wins.
     *
     * @param loop the walk over {@code x}, its first operand being {@code y}
     * @param largest whether to look for the greatest or for the smallest
     * @param x the elements
     * @param xo their offset
     * @param y the result, of {@code n} elements
     * @param n the number of groups
     */
    void extremum(Loop loop, boolean largest, float[] x, int xo, float[] y, int n);

    /**
     * Softmax, or its logarithm, along the middle of {@code [outer, n, inner]}.
     *
     * @param log whether to return logarithms
     * @param outer the number of slices before the axis
     * @param n the length of the axis
     * @param inner the number of elements after the axis
     * @param x the logits
     * @param xo their offset
     * @param y the result
     * @param yo its offset
     */
    void softmax(boolean log, int outer, int n, int inner, float[] x, int xo, float[] y, int yo);

    /**
     * The gradient of {@link #softmax}: {@code dx (+)= y (dy - sum dy y)}, or of its logarithm
     * {@code dx (+)= dy - e^y sum dy}.
     *
     * @param log whether the forward call returned logarithms
     * @param outer the number of slices before the axis
     * @param n the length of the axis
     * @param inner the number of elements after the axis
     * @param y the result of the forward call
     * @param yo its offset
     * @param dy the gradient of the result
     * @param dx the gradient of the logits
     * @param xo its offset
     * @param accumulate whether to add to {@code dx} or to overwrite it
     */
    void softmaxBackward(
            boolean log,
            int outer,
            int n,
            int inner,
            float[] y,
            int yo,
            float[] dy,
            float[] dx,
            int xo,
            boolean accumulate);

    /**
     * Cross entropy of {@code m} rows of {@code c} logits with a right class each, from the logits without overflow:
     * {@code y = -((1 - s) w[label] log p[label] + s / c sum over j of w[j] log p[j])} with {@code p = softmax(x)} and
     * label smoothing {@code s}; a class of weight 0 costs nothing, however unlikely; a row with label -1 gives 0.
     *
     * @param m the number of rows
     * @param c the number of classes, at least 1
     * @param smoothing the share that is spread over all classes, in {@code [0, 1]}
     * @param weights a weight for each class; if of length 0, 1 each
     * @param labels the right class of each row, or -1
     * @param x the logits
     * @param xo their offset
     * @param y the terms, of length {@code m}
     * @param yo their offset
     * @param sums receives the greatest logit of each row, then, from {@code m} on, the logarithm of the sum of
     *     {@code e^(x - greatest)} of each row; of length {@code 2 m}
     */
    void crossEntropy(
            int m,
            int c,
            float smoothing,
            float[] weights,
            int[] labels,
            float[] x,
            int xo,
            float[] y,
            int yo,
            float[] sums);

    /**
     * The gradient of {@link #crossEntropy}:
     * {@code dx[j] (+)= dy (t p[j] - s / c w[j] - (j == label ? (1 - s) w[label] : 0))} with
     * {@code t = (1 - s) w[label] + s / c sum of w}.
     *
     * @param m the number of rows
     * @param c the number of classes
     * @param smoothing the share that is spread over all classes
     * @param weights a weight for each class; if of length 0, 1 each
     * @param labels the right class of each row, or -1
     * @param x the logits
     * @param xo their offset
     * @param sums what the forward call gave
     * @param dy the gradient of the terms
     * @param yo its offset
     * @param dx the gradient of the logits, with the offset of {@code x}
     * @param accumulate whether to add to {@code dx} or to overwrite it
     */
    void crossEntropyBackward(
            int m,
            int c,
            float smoothing,
            float[] weights,
            int[] labels,
            float[] x,
            int xo,
            float[] sums,
            float[] dy,
            int yo,
            float[] dx,
            boolean accumulate);

    /**
     * {@code y = x + row} for each of {@code m} rows.
     *
     * @param m the number of rows
     * @param c the number of features
     * @param row what to add to each row
     * @param ro its offset
     * @param y the rows, changed in place
     * @param yo their offset
     */
    void addRow(int m, int c, float[] row, int ro, float[] y, int yo);

    /**
     * {@code sums[c] += sum over the m rows of x}.
     *
     * @param m the number of rows
     * @param c the number of features
     * @param x the rows
     * @param xo their offset
     * @param sums the sums
     * @param so their offset
     */
    void addColumnSums(int m, int c, float[] x, int xo, float[] sums, int so);

    /**
     * Mean and biased variance of each column, in one sweep through memory, to single precision of the deviations from
     * the mean however large that is. Their magnitudes may be 1e-18 to 1e18, as their squares are of single precision.
     *
     * @param m the number of rows, at least 1
     * @param c the number of features
     * @param x the rows
     * @param xo their offset
     * @param mean the means, of length {@code c}
     * @param variance the variances, of length {@code c}
     */
    void columnMoments(int m, int c, float[] x, int xo, double[] mean, double[] variance);

    /**
     * {@code y = z scale + shift} with {@code z = clip((x - mean) factor, +-limit)} for each feature. {@code y} may be
     * {@code x} with an equal offset.
     *
     * @param m the number of rows
     * @param c the number of features
     * @param x the rows
     * @param xo their offset
     * @param mean the mean of each feature
     * @param factor one over the standard deviation of each feature
     * @param limit the largest magnitude of {@code z}; infinite for none
     * @param scale the scale of each feature
     * @param shift the shift of each feature
     * @param y the result
     * @param yo its offset
     * @param sums of length {@code 2 c} or more: the sums of {@code z} and then of {@code z^2} are added here; of length 0: none
     */
    void normalize(
            int m,
            int c,
            float[] x,
            int xo,
            float[] mean,
            float[] factor,
            float limit,
            float[] scale,
            float[] shift,
            float[] y,
            int yo,
            double[] sums);

    /**
     * The column sums that the backward pass of a normalisation needs: {@code sums[j] += sum dy} and
     * {@code sums[c + j] += sum dy z}, with {@code z} as in {@link #normalize}.
     *
     * @param m the number of rows
     * @param c the number of features
     * @param x the rows
     * @param xo their offset
     * @param mean the mean of each feature
     * @param factor one over the standard deviation of each feature
     * @param limit the largest magnitude of {@code z}; infinite for none
     * @param dy the gradient of the result
     * @param yo its offset
     * @param sums the sums, of length {@code 2 c} or more
     */
    void normalizeSums(
            int m,
            int c,
            float[] x,
            int xo,
            float[] mean,
            float[] factor,
            float limit,
            float[] dy,
            int yo,
            double[] sums);

    /**
     * {@code dx (+)= dy g - u - v z}, and 0 where {@code z} is clipped, with {@code z} as in {@link #normalize}: the
     * gradient through a normalisation whose statistics are constants ({@code u = v = 0}) or depend on the rows. Without
     * accumulation and with equal offsets {@code dx} may be {@code dy}.
     *
     * <p>With constant statistics one sweep gives the gradient and the sums of {@link #normalizeSums}; for others
     * {@code u} and {@code v} depend on these sums, so they come first.
     *
     * @param m the number of rows
     * @param c the number of features
     * @param x the rows
     * @param xo their offset
     * @param mean the mean of each feature
     * @param factor one over the standard deviation of each feature
     * @param limit the largest magnitude of {@code z}; infinite for none
     * @param dy the gradient of the result
     * @param yo its offset
     * @param g the factor of {@code dy}, for each feature
     * @param u the constant, for each feature
     * @param v the factor of {@code z}, for each feature
     * @param dx the gradient of the argument, with the offset of {@code x}
     * @param accumulate whether to add to {@code dx} or to overwrite it
     * @param sums of length {@code 2 c} or more: the sums of {@link #normalizeSums} are added here; of length 0: none
     */
    void normalizeBackward(
            int m,
            int c,
            float[] x,
            int xo,
            float[] mean,
            float[] factor,
            float limit,
            float[] dy,
            int yo,
            float[] g,
            float[] u,
            float[] v,
            float[] dx,
            boolean accumulate,
            double[] sums);

    /**
     * {@code y = z scale + shift} with {@code z} the features of a row less their mean, over their standard deviation.
     *
     * @param m the number of rows
     * @param c the number of features
     * @param x the rows
     * @param xo their offset
     * @param epsilon added to the variance
     * @param scale the scale of each feature
     * @param shift the shift of each feature
     * @param y the result
     * @param yo its offset
     * @param mean receives the mean of each row
     * @param factor receives one over the standard deviation of each row
     */
    void normalizeRows(
            int m,
            int c,
            float[] x,
            int xo,
            float epsilon,
            float[] scale,
            float[] shift,
            float[] y,
            int yo,
            float[] mean,
            float[] factor);

    /**
     * The gradients of {@link #normalizeRows}: {@code dx (+)= factor (g - mean g - z mean (g z))} with
     * {@code g = dy scale}, and the column sums of {@code dy} and {@code dy z}. Without accumulation and with equal
     * offsets {@code dx} may be {@code dy}.
     *
     * @param m the number of rows
     * @param c the number of features
     * @param x the rows
     * @param xo their offset
     * @param mean the mean of each row
     * @param factor one over the standard deviation of each row
     * @param scale the scale of each feature
     * @param dy the gradient of the result
     * @param yo its offset
     * @param dx the gradient of the rows, with the offset of {@code x}; if of length 0, not computed
     * @param accumulate whether to add to {@code dx} or to overwrite it
     * @param sums the sums are added here: {@code dy} first, then {@code dy z}; of length {@code 2 c} or more
     */
    void normalizeRowsBackward(
            int m,
            int c,
            float[] x,
            int xo,
            float[] mean,
            float[] factor,
            float[] scale,
            float[] dy,
            int yo,
            float[] dx,
            boolean accumulate,
            double[] sums);

    /**
     * Convolution {@code y (+)= x * weight + bias}, in the sense of deep learning: the weight is not flipped. Kernels may
     * round by 1e-6 of the standard deviation of the result instead of that of each sum, and spread what is not finite to
     * neighbours in the image; what an instance gives does not depend on the others.
     *
     * @param window the geometry
     * @param x the input, {@code [batch, D, H, W, channels]}
     * @param xo its offset
     * @param weight the weight, {@code [KD, KH, KW, channels / groups, filters]}
     * @param wo its offset
     * @param bias the bias of each filter; if of length 0, none
     * @param bo its offset
     * @param y the result, {@code [batch, OD, OH, OW, filters]}
     * @param yo its offset
     * @param accumulate whether the result is added to {@code y}, then without bias, or overwrites it
     * @param epilogue what is done to each row of {@code filters} elements of {@code y} once it is complete
     */
    void convolve(
            Window window,
            float[] x,
            int xo,
            float[] weight,
            int wo,
            float[] bias,
            int bo,
            float[] y,
            int yo,
            boolean accumulate,
            Epilogue epilogue);

    /**
     * The gradient of {@link #convolve} to its input, {@code dx (+)= dy * weight^T}; also a transposed convolution.
     *
     * @param window the geometry
     * @param dy the gradient of the result
     * @param yo its offset
     * @param weight the weight
     * @param wo its offset
     * @param dx the gradient of the input
     * @param xo its offset
     * @param accumulate whether to add to {@code dx} or to overwrite it
     */
    void convolveBackwardInput(
            Window window, float[] dy, int yo, float[] weight, int wo, float[] dx, int xo, boolean accumulate);

    /**
     * The gradient of {@link #convolve} to its weight, {@code dweight (+)= x^T * dy}.
     *
     * @param window the geometry
     * @param x the input
     * @param xo its offset
     * @param dy the gradient of the result
     * @param yo its offset
     * @param dWeight the gradient of the weight
     * @param wo its offset
     * @param accumulate whether to add to {@code dWeight} or to overwrite it
     */
    void convolveBackwardWeight(
            Window window, float[] x, int xo, float[] dy, int yo, float[] dWeight, int wo, boolean accumulate);

    /**
     * The greatest element of each box and feature; minus infinity for an empty box, NaN if one is NaN.
     *
     * @param regions the boxes
     * @param x the input
     * @param xo its offset
     * @param y the result
     * @param yo its offset
     */
    void maxPool(Regions regions, float[] x, int xo, float[] y, int yo);

    /**
     * The gradient of {@link #maxPool}: that of each result goes to the first element that equals it.
     *
     * @param regions the boxes
     * @param x the input
     * @param xo its offset
     * @param y the result
     * @param dy its gradient
     * @param yo the offset of both
     * @param dx the gradient of the input, with the offset of {@code x}
     * @param accumulate whether to add to {@code dx} or to overwrite it
     */
    void maxPoolBackward(
            Regions regions, float[] x, int xo, float[] y, float[] dy, int yo, float[] dx, boolean accumulate);

    /**
     * The sum of each box and feature over a divisor.
     *
     * @param regions the boxes
     * @param divisor the divisor; 0 for the number of elements of the box
     * @param x the input
     * @param xo its offset
     * @param y the result
     * @param yo its offset
     */
    void averagePool(Regions regions, int divisor, float[] x, int xo, float[] y, int yo);

    /**
     * The gradient of {@link #averagePool}.
     *
     * @param regions the boxes
     * @param divisor the divisor; 0 for the number of elements of the box
     * @param dy the gradient of the result
     * @param yo its offset
     * @param dx the gradient of the input
     * @param xo its offset
     * @param accumulate whether to add to {@code dx} or to overwrite it
     */
    void averagePoolBackward(Regions regions, int divisor, float[] dy, int yo, float[] dx, int xo, boolean accumulate);

    /**
     * Changes the resolution.
     *
     * @param resampling the positions and weights
     * @param x the input
     * @param xo its offset
     * @param y the result
     * @param yo its offset
     */
    void resample(Resampling resampling, float[] x, int xo, float[] y, int yo);

    /**
     * The gradient of {@link #resample}.
     *
     * @param resampling the positions and weights
     * @param dy the gradient of the result
     * @param yo its offset
     * @param dx the gradient of the input
     * @param xo its offset
     */
    void resampleBackward(Resampling resampling, float[] dy, int yo, float[] dx, int xo);

    // ---- Normalisation by groups and by root mean square ----

    /**
     * {@code y = z scale + shift} with {@code z} the elements of each instance and group of features less their mean,
     * over their standard deviation. Each instance has {@code p} rows of {@code c} features.
     *
     * @param n the number of instances
     * @param p the number of rows of an instance
     * @param c the number of features
     * @param groups the number of groups, a divisor of {@code c}
     * @param x the rows
     * @param xo their offset
     * @param epsilon added to the variance
     * @param scale the scale of each feature
     * @param shift the shift of each feature
     * @param y the result
     * @param yo its offset
     * @param mean receives the mean of each instance and group
     * @param factor receives one over the standard deviation of each instance and group
     */
    void normalizeGroups(
            int n,
            int p,
            int c,
            int groups,
            float[] x,
            int xo,
            float epsilon,
            float[] scale,
            float[] shift,
            float[] y,
            int yo,
            float[] mean,
            float[] factor);

    /**
     * The gradients of {@link #normalizeGroups}: {@code dx (+)= factor (g - mean g - z mean (g z))} with
     * {@code g = dy scale} and means over an instance and group, and the column sums of {@code dy} and {@code dy z}.
     *
     * @param n the number of instances
     * @param p the number of rows of an instance
     * @param c the number of features
     * @param groups the number of groups
     * @param x the rows
     * @param xo their offset
     * @param mean the mean of each instance and group
     * @param factor one over the standard deviation of each instance and group
     * @param scale the scale of each feature
     * @param dy the gradient of the result
     * @param yo its offset
     * @param dx the gradient of the rows, with the offset of {@code x}; if of length 0, not computed
     * @param accumulate whether to add to {@code dx} or to overwrite it
     * @param sums the sums are added here: {@code dy} first, then {@code dy z}; of length {@code 2 c} or more
     */
    void normalizeGroupsBackward(
            int n,
            int p,
            int c,
            int groups,
            float[] x,
            int xo,
            float[] mean,
            float[] factor,
            float[] scale,
            float[] dy,
            int yo,
            float[] dx,
            boolean accumulate,
            double[] sums);

    /**
     * {@code y = x factor scale} with {@code factor} one over the root mean square of each row.
     *
     * @param m the number of rows
     * @param c the number of features
     * @param x the rows
     * @param xo their offset
     * @param epsilon added to the mean square
     * @param scale the scale of each feature
     * @param y the result
     * @param yo its offset
     * @param factor receives one over the root mean square of each row
     */
    void rmsRows(int m, int c, float[] x, int xo, float epsilon, float[] scale, float[] y, int yo, float[] factor);

    /**
     * The gradients of {@link #rmsRows}: {@code dx (+)= factor (g - z mean (g z))} with {@code g = dy scale} and
     * {@code z = x factor}, and the column sums of {@code dy z}.
     *
     * @param m the number of rows
     * @param c the number of features
     * @param x the rows
     * @param xo their offset
     * @param factor one over the root mean square of each row
     * @param scale the scale of each feature
     * @param dy the gradient of the result
     * @param yo its offset
     * @param dx the gradient of the rows, with the offset of {@code x}; if of length 0, not computed
     * @param accumulate whether to add to {@code dx} or to overwrite it
     * @param sums the sums of {@code dy z} are added here; of length {@code c} or more
     */
    void rmsRowsBackward(
            int m,
            int c,
            float[] x,
            int xo,
            float[] factor,
            float[] scale,
            float[] dy,
            int yo,
            float[] dx,
            boolean accumulate,
            double[] sums);

    /**
     * One step of an LSTM for {@code m} rows of {@code h} features, all but its products: from the gates i, f, g, o, which
     * lie side by side in rows of {@code 4 h}, {@code c' = s(f) c + s(i) tanh(g)} and {@code y = s(o) tanh(c')}, s being
     * the logistic function. The gates are replaced by s(i), s(f), tanh(g), s(o).
     *
     * @param m the number of rows
     * @param h the number of features
     * @param gates the gates
     * @param go their offset
     * @param cells holds c, and c' apart from it
     * @param states receives y at the offset of c'
     * @param before the offset of c
     * @param after the offset of c'
     */
    void lstm(int m, int h, float[] gates, int go, float[] cells, float[] states, int before, int after);

    /**
     * The gradient of {@link #lstm}: the gates that it left are replaced by their gradients, and the gradient of c' by
     * that of c.
     *
     * @param m the number of rows
     * @param h the number of features
     * @param gates s(i), s(f), tanh(g), s(o); becomes the gradients of i, f, g, o
     * @param go their offset
     * @param cells the cells of the forward call
     * @param dStates the gradient of y at the offset of c'
     * @param before the offset of c
     * @param after the offset of c'
     * @param dCells the gradient of c' but for what y adds to it; becomes that of c
     * @param co its offset
     */
    void lstmBackward(
            int m,
            int h,
            float[] gates,
            int go,
            float[] cells,
            float[] dStates,
            int before,
            int after,
            float[] dCells,
            int co);

    /**
     * One step of a GRU for {@code m} rows of {@code h} features, all but its products: from the gates r, z, n of the
     * input, a, and of the state, u, which lie side by side in rows of {@code 3 h}, {@code r = s(a_r + u_r)},
     * {@code z = s(a_z + u_z)}, {@code n = tanh(a_n + r u_n)} and {@code y = (1 - z) n + z x}, s being the logistic
     * function. a is replaced by r, z, n.
     *
     * @param m the number of rows
     * @param h the number of features
     * @param gates a
     * @param go its offset
     * @param products u
     * @param po its offset
     * @param states holds the state x, and receives y apart from it
     * @param before the offset of x
     * @param after the offset of y
     */
    void gru(int m, int h, float[] gates, int go, float[] products, int po, float[] states, int before, int after);

    /**
     * The gradient of {@link #gru}: r, z, n are replaced by the gradient of a, and u by its gradient; that of x grows by
     * what flows past the products.
     *
     * @param m the number of rows
     * @param h the number of features
     * @param gates r, z, n; becomes the gradient of a
     * @param go its offset
     * @param products u; becomes its gradient
     * @param po its offset
     * @param states the states of the forward call
     * @param dStates the gradients of x and y, at their offsets
     * @param before the offset of x
     * @param after the offset of y
     */
    void gruBackward(
            int m,
            int h,
            float[] gates,
            int go,
            float[] products,
            int po,
            float[] states,
            float[] dStates,
            int before,
            int after);

    /**
     * Softmax of {@code m} rows of {@code n} products, in place, in which row i has only its first {@code visible[i]}
     * elements: {@code x[j] = e^(scale x[j]) / sum over visible k of e^(scale x[k])}, and 0 for the others. Where
     * {@code scale x[j]} is negative infinity the result is 0.
     *
     * @param m the number of rows
     * @param n the number of elements of a row
     * @param scale the factor, not 0
     * @param visible how many elements of each row count, from 0 to {@code n}
     * @param vo the offset of the first row's number
     * @param x the rows, replaced by the result
     * @param xo their offset
     */
    void maskedSoftmax(int m, int n, float scale, int[] visible, int vo, float[] x, int xo);

    /**
     * The gradient of {@link #maskedSoftmax}, in place: {@code dy[j] = scale y[j] (dy[j] - sum dy y)} for visible
     * elements, and 0 for the others.
     *
     * @param m the number of rows
     * @param n the number of elements of a row
     * @param scale the factor
     * @param visible how many elements of each row count
     * @param vo the offset of the first row's number
     * @param y the result of the forward call
     * @param yo its offset
     * @param dy the gradient of the result, replaced by that of the products
     * @param dyo its offset
     */
    void maskedSoftmaxBackward(
            int m, int n, float scale, int[] visible, int vo, float[] y, int yo, float[] dy, int dyo);
}
