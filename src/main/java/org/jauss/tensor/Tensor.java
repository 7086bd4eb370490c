package org.jauss.tensor;

import java.util.Arrays;
import org.jauss.kernels.Binary;
import org.jauss.kernels.Unary;
import org.jspecify.annotations.Nullable;

/**
 * An n-dimensional array of floats that takes part in a {@link Pass}: row-major and contiguous, of any rank, possibly
 * empty. Its elements do not change; every op makes a new tensor, or a view where no element has to move.
 *
 * <p>Axes count from 0, or negative from the end. Two operands are broadcast by the rules of NumPy. Shapes that do not
 * fit throw a {@link ShapeException}, tensors of two training passes or of a closed one an
 * {@link IllegalStateException}.
 */
public final class Tensor implements Sliceable<Tensor> {
    private final Shape shape;
    /** Null until it is computed, and after it was recycled. */
    private float @Nullable [] data;

    private @Nullable Deferred deferred;
    private final int offset;
    private final Pass pass;
    private final boolean tracked;
    private @Nullable Op op;
    /** For a view, the tensor whose data and gradient it shares. */
    private final @Nullable Tensor base;

    /** Whether the first axis counts instances of the pass: it descends from an input rather than from weights alone. */
    private boolean ofInstances;

    private float @Nullable [] grad;
    /** Whether the gradient's array holds nothing of meaning yet. */
    private boolean gradArbitrary;
    /** Whether the gradient's array has become that of the input. */
    private boolean gradPassedOn;

    Tensor(Shape shape, float[] data, int offset, Pass pass, boolean tracked, @Nullable Op op) {
        this(shape, data, offset, pass, tracked, op, null);
    }

    /** A result that is computed when it is read. */
    Tensor(Shape shape, Deferred deferred, Pass pass, boolean tracked, @Nullable Op op) {
        this(shape, null, 0, pass, tracked, op, null);
        this.deferred = deferred;
    }

    private Tensor(
            Shape shape,
            float @Nullable [] data,
            int offset,
            Pass pass,
            boolean tracked,
            @Nullable Op op,
            @Nullable Tensor base) {
        this.shape = shape;
        this.data = data;
        this.offset = offset;
        this.pass = pass;
        this.tracked = tracked;
        this.op = op;
        this.base = base;
    }

    // ---- Making tensors (outside any pass) ----

    /**
     * A tensor of the given elements.
     *
     * @param shape the shape
     * @param data the elements, row-major; used, not copied
     * @return the tensor
     * @throws ShapeException if their number does not fit
     */
    public static Tensor of(Shape shape, float... data) {
        if (data.length != shape.size()) {
            throw new ShapeException(
                    "tensor: " + data.length + " values for shape " + shape + " (" + shape.size() + " elements)");
        }
        return new Tensor(shape, data, 0, Pass.OUTSIDE, false, null);
    }

    /**
     * A vector.
     *
     * @param data the elements; used, not copied
     * @return a tensor of rank 1
     */
    public static Tensor of(float... data) {
        return of(Shape.of(data.length), data);
    }

    /**
     * A matrix.
     *
     * @param rows its rows, of equal length; copied
     * @return a tensor of rank 2
     * @throws ShapeException if the rows differ in length
     */
    public static Tensor of(float[][] rows) {
        int columns = rows.length == 0 ? 0 : rows[0].length;
        float[] data = new float[rows.length * columns];
        for (int i = 0; i < rows.length; i++) {
            if (rows[i].length != columns) {
                throw new ShapeException("tensor: rows differ in length: row " + i + " has " + rows[i].length
                        + " elements, row 0 has " + columns);
            }
            System.arraycopy(rows[i], 0, data, i * columns, columns);
        }
        return of(Shape.of(rows.length, columns), data);
    }

    /**
     * A scalar.
     *
     * @param value its value
     * @return a tensor of rank 0
     */
    public static Tensor scalar(float value) {
        return of(Shape.SCALAR, value);
    }

    /**
     * Zeros.
     *
     * @param dims the lengths of the dimensions
     * @return the tensor
     */
    public static Tensor zeros(int... dims) {
        return full(0, dims);
    }

    /**
     * Ones.
     *
     * @param dims the lengths of the dimensions
     * @return the tensor
     */
    public static Tensor ones(int... dims) {
        return full(1, dims);
    }

    /**
     * One value everywhere.
     *
     * @param value the value
     * @param dims the lengths of the dimensions
     * @return the tensor
     */
    public static Tensor full(float value, int... dims) {
        Shape shape = Shape.of(dims);
        float[] data = new float[shape.size()];
        Arrays.fill(data, value);
        return of(shape, data);
    }

    // ---- Looking at them ----

    /**
     * The shape.
     *
     * @return the shape
     */
    public Shape shape() {
        return shape;
    }

    /**
     * The number of elements.
     *
     * @return the size
     */
    public int size() {
        return shape.size();
    }

    /**
     * The pass that the tensor belongs to.
     *
     * @return the pass; for a tensor outside any pass, one that records nothing
     */
    public Pass pass() {
        return pass;
    }

    /**
     * Whether gradients flow through this tensor: it depends on a trainable parameter in a training pass.
     *
     * @return whether it is tracked
     */
    public boolean tracked() {
        return tracked;
    }

    /**
     * The array that holds the elements, for the authors of ops: element i is at {@code offset() + i}.
     *
     * @return the array itself; not to be changed
     */
    public float[] data() {
        if (base != null) {
            return base.data();
        }
        pass.requireOpen();
        float[] array = data;
        return array == null ? compute() : array;
    }

    /**
     * Where the first element is in {@link #data()}, and its gradient in {@link #grad()}.
     *
     * @return the offset
     */
    public int offset() {
        return offset;
    }

    /**
     * The gradient of a tracked tensor during the backward pass, for the authors of ops: they read that of their
     * result and add to those of their inputs, element i at {@code offset() + i}.
     *
     * @return the array itself
     */
    public float[] grad() {
        if (base != null) {
            return base.grad();
        }
        float[] array = grad;
        if (array == null || gradArbitrary) {
            array = ownGrad();
            Arrays.fill(array, 0);
        }
        return array;
    }

    /** The gradient's array, of arbitrary contents if it is new. */
    private float[] ownGrad() {
        if (grad == null) {
            grad = isLeaf() ? pass.parameterArray(size()) : pass.array(offset + size());
        }
        gradArbitrary = false;
        return grad;
    }

    /**
     * Prepares the gradient for a kernel that can overwrite it: without zeros if nothing has arrived yet.
     *
     * @return whether the kernel has to add
     */
    boolean prepareGrad() {
        Tensor root = root();
        if (root.size() != size() || (root.grad != null && !root.gradArbitrary)) {
            grad();
            return true;
        }
        root.ownGrad();
        return false;
    }

    /**
     * Prepares the gradient for a kernel that takes the gradient of the result element by element and can work in
     * place: if nothing has arrived yet, the array of the result becomes that of this tensor.
     *
     * @param y the result, whose gradient is complete and used for the last time
     * @return whether the kernel has to add
     */
    boolean inheritGrad(Tensor y) {
        Tensor root = root();
        boolean taken = root.grad != null || root.isLeaf() || y.gradPassedOn;
        if (taken || root.size() != y.size() || root.offset != y.offset) {
            return prepareGrad();
        }
        root.grad = y.grad();
        y.gradPassedOn = true;
        return false;
    }

    private Tensor root() {
        return base == null ? this : base;
    }

    /** What this is the result of, if it is tracked and no leaf or view. */
    @Nullable
    Op op() {
        return op;
    }

    /** Whether this stands for a parameter. */
    private boolean isLeaf() {
        return tracked && op == null && base == null;
    }

    boolean isOfInstances() {
        return root().ofInstances;
    }

    Tensor ofInstances(boolean value) {
        ofInstances = value;
        return this;
    }

    /** Whether any gradient has arrived. */
    boolean hasGrad() {
        return grad != null && !gradArbitrary;
    }

    /** Lets the gradient of a leaf gather in an array that exists already, or overwrite it. */
    void gatherIn(float[] array, boolean overwrite) {
        grad = array;
        gradArbitrary = overwrite;
    }

    /** Runs the op backward if any gradient has arrived, then drops both, and with the op all that it holds. */
    void propagate() {
        if (grad != null && op != null) {
            op.backward(this);
            pass.observePropagated(this);
            if (!gradPassedOn) {
                pass.recycle(grad);
            }
        }
        forget();
    }

    void forget() {
        grad = null;
        op = null;
    }

    // ---- Results that wait for what comes behind them ----

    /** The plan of a result that has not been computed yet, else null. */
    @Nullable
    Deferred deferred() {
        return deferred;
    }

    private float[] compute() {
        if (deferred == null) {
            throw new IllegalStateException("this tensor " + shape + " was recycled: within Sequential, what the next"
                    + " layer has taken is gone in inference; copy it with keep() inside of a layer");
        }
        pass.requireComputable();
        float[] y = pass.array(size());
        deferred.compute(y);
        data = y;
        deferred.recycleConsumed();
        deferred = null;
        return y;
    }

    /** See {@link Pass#consumed}. */
    void consumedBy(Tensor y, Tensor given) {
        Tensor from = root();
        Tensor to = y.root();
        if (from == to || from == given.root() || (from.data != null && from.data == to.data)) {
            return;
        }
        if (to.deferred != null) {
            to.deferred.addConsumed(from);
        } else {
            from.recycle();
        }
    }

    void recycle() {
        deferred = null;
        if (data != null && pass.recycle(data)) {
            data = null;
        }
    }

    /**
     * The elements in row-major order.
     *
     * @return a copy
     */
    public float[] toArray() {
        return Arrays.copyOfRange(data(), offset, offset + size());
    }

    /**
     * The value of a tensor of one element.
     *
     * @return the value
     * @throws ShapeException if it has not exactly one element
     */
    public float item() {
        if (size() != 1) {
            throw new ShapeException("item: not a single element: " + shape);
        }
        return data()[offset];
    }

    /**
     * One element.
     *
     * @param index its position along each dimension, from 0
     * @return the element
     * @throws ShapeException if the index does not fit the shape
     */
    public float get(int... index) {
        int position = 0;
        boolean inside = index.length == shape.rank();
        for (int d = 0; inside && d < index.length; d++) {
            inside = index[d] >= 0 && index[d] < shape.dim(d);
            position = position * shape.dim(d) + index[d];
        }
        if (!inside) {
            throw new ShapeException("get: no element " + Arrays.toString(index) + " in shape " + shape);
        }
        return data()[offset + position];
    }

    /**
     * A copy outside any pass, which outlives this tensor's pass.
     *
     * @return the copy
     */
    public Tensor keep() {
        return of(shape, toArray());
    }

    /**
     * The same elements as a constant: the gradient stops here.
     *
     * @return a view of this pass that is not tracked
     */
    public Tensor detach() {
        return new Tensor(shape, data(), offset, pass, false, null).ofInstances(isOfInstances());
    }

    // ---- Element-wise, one operand ----

    private Tensor unary(Unary op, float p, float q) {
        return UnaryOp.of(op, p, q, this);
    }

    /**
     * {@code -x}.
     *
     * @return the result
     */
    public Tensor neg() {
        return unary(Unary.AFFINE, -1, 0);
    }

    /**
     * {@code |x|}; the derivative at 0 is 0.
     *
     * @return the result
     */
    public Tensor abs() {
        return unary(Unary.ABS, 0, 0);
    }

    /**
     * {@code x^2}.
     *
     * @return the result
     */
    public Tensor square() {
        return unary(Unary.SQUARE, 0, 0);
    }

    /**
     * Square root.
     *
     * @return the result
     */
    public Tensor sqrt() {
        return unary(Unary.SQRT, 0, 0);
    }

    /**
     * {@code 1 / sqrt(x)}.
     *
     * @return the result
     */
    public Tensor rsqrt() {
        return unary(Unary.RSQRT, 0, 0);
    }

    /**
     * {@code 1 / x}.
     *
     * @return the result
     */
    public Tensor reciprocal() {
        return unary(Unary.RECIPROCAL, 0, 0);
    }

    /**
     * {@code x^exponent}.
     *
     * @param exponent the exponent
     * @return the result
     */
    public Tensor pow(float exponent) {
        return unary(Unary.POW, exponent, 0);
    }

    /**
     * {@code e^x}.
     *
     * @return the result
     */
    public Tensor exp() {
        return unary(Unary.EXP, 0, 0);
    }

    /**
     * {@code e^x - 1}, accurate near 0.
     *
     * @return the result
     */
    public Tensor expm1() {
        return unary(Unary.EXPM1, 0, 0);
    }

    /**
     * Natural logarithm.
     *
     * @return the result
     */
    public Tensor log() {
        return unary(Unary.LOG, 0, 0);
    }

    /**
     * {@code log(1 + x)}, accurate near 0.
     *
     * @return the result
     */
    public Tensor log1p() {
        return unary(Unary.LOG1P, 0, 0);
    }

    /**
     * Sine; radians.
     *
     * @return the result
     */
    public Tensor sin() {
        return unary(Unary.SIN, 0, 0);
    }

    /**
     * Cosine; radians.
     *
     * @return the result
     */
    public Tensor cos() {
        return unary(Unary.COS, 0, 0);
    }

    /**
     * Gauss error function.
     *
     * @return the result
     */
    public Tensor erf() {
        return unary(Unary.ERF, 0, 0);
    }

    /**
     * {@code min(max(x, min), max)}; the gradient passes within {@code [min, max]}.
     *
     * @param min the lower limit
     * @param max the upper limit
     * @return the result
     */
    public Tensor clamp(float min, float max) {
        return unary(Unary.CLAMP, min, max);
    }

    // ---- Activations ----

    /**
     * Hyperbolic tangent.
     *
     * @return the result
     */
    public Tensor tanh() {
        return unary(Unary.TANH, 0, 0);
    }

    /**
     * {@code 1 / (1 + e^-x)}.
     *
     * @return the result
     */
    public Tensor sigmoid() {
        return unary(Unary.SIGMOID, 0, 0);
    }

    /**
     * {@code max(x, 0)}.
     *
     * @return the result
     */
    public Tensor relu() {
        return unary(Unary.RELU, 0, 0);
    }

    /**
     * {@code x} above 0, else {@code slope x}.
     *
     * @param slope the slope below 0
     * @return the result
     */
    public Tensor leakyRelu(float slope) {
        return unary(Unary.LEAKY_RELU, slope, 0);
    }

    /**
     * {@code x} above 0, else {@code alpha (e^x - 1)}.
     *
     * @param alpha minus the limit for small x
     * @return the result
     */
    public Tensor elu(float alpha) {
        return unary(Unary.ELU, alpha, 0);
    }

    /**
     * {@code log(1 + e^x)}.
     *
     * @return the result
     */
    public Tensor softplus() {
        return unary(Unary.SOFTPLUS, 0, 0);
    }

    /**
     * {@code x sigmoid(x)}, also known as swish.
     *
     * @return the result
     */
    public Tensor silu() {
        return unary(Unary.SILU, 0, 0);
    }

    /**
     * {@code x Phi(x)} with the normal distribution function Phi.
     *
     * @return the result
     */
    public Tensor gelu() {
        return unary(Unary.GELU, 0, 0);
    }

    /**
     * The tanh approximation of {@link #gelu()}.
     *
     * @return the result
     */
    public Tensor geluTanh() {
        return unary(Unary.GELU_TANH, 0, 0);
    }

    /**
     * {@code x tanh(softplus(x))}.
     *
     * @return the result
     */
    public Tensor mish() {
        return unary(Unary.MISH, 0, 0);
    }

    /**
     * {@code x clamp(x + 3, 0, 6) / 6}.
     *
     * @return the result
     */
    public Tensor hardswish() {
        return unary(Unary.HARDSWISH, 0, 0);
    }

    /**
     * In training zeroes each element with probability {@code rate} and scales the others by {@code 1 / (1 - rate)};
     * else returns this tensor.
     *
     * @param rate the probability, in {@code [0, 1)}
     * @return the result
     * @throws IllegalArgumentException if the rate is outside its range
     */
    public Tensor dropout(float rate) {
        return Dropout.of(this, rate);
    }

    // ---- Element-wise, two operands ----

    /**
     * {@code this + b}, broadcast.
     *
     * @param b the second operand
     * @return the result
     */
    public Tensor add(Tensor b) {
        return BinaryOp.of(Binary.ADD, this, b);
    }

    /**
     * {@code this + b}.
     *
     * @param b a number
     * @return the result
     */
    public Tensor add(float b) {
        return unary(Unary.AFFINE, 1, b);
    }

    /**
     * {@code this - b}, broadcast.
     *
     * @param b the second operand
     * @return the result
     */
    public Tensor sub(Tensor b) {
        return BinaryOp.of(Binary.SUB, this, b);
    }

    /**
     * {@code this - b}.
     *
     * @param b a number
     * @return the result
     */
    public Tensor sub(float b) {
        return unary(Unary.AFFINE, 1, -b);
    }

    /**
     * {@code this b}, element by element, broadcast.
     *
     * @param b the second operand
     * @return the result
     */
    public Tensor mul(Tensor b) {
        return BinaryOp.of(Binary.MUL, this, b);
    }

    /**
     * {@code this b}.
     *
     * @param b a number
     * @return the result
     */
    public Tensor mul(float b) {
        return unary(Unary.AFFINE, b, 0);
    }

    /**
     * {@code this / b}, element by element, broadcast.
     *
     * @param b the second operand
     * @return the result
     */
    public Tensor div(Tensor b) {
        return BinaryOp.of(Binary.DIV, this, b);
    }

    /**
     * {@code this / b}, as a product with {@code 1 / b}.
     *
     * @param b a number
     * @return the result
     */
    public Tensor div(float b) {
        return unary(Unary.AFFINE, 1 / b, 0);
    }

    /**
     * The greater of both, broadcast; at a tie each gets half of the gradient.
     *
     * @param b the second operand
     * @return the result
     */
    public Tensor maximum(Tensor b) {
        return BinaryOp.of(Binary.MAXIMUM, this, b);
    }

    /**
     * The smaller of both, broadcast; at a tie each gets half of the gradient.
     *
     * @param b the second operand
     * @return the result
     */
    public Tensor minimum(Tensor b) {
        return BinaryOp.of(Binary.MINIMUM, this, b);
    }

    /**
     * Takes {@code a} where the condition is not 0, else {@code b}; all three are broadcast.
     *
     * @param condition the condition
     * @param a the elements where it holds
     * @param b the elements where it does not
     * @return the result
     */
    public static Tensor where(IntTensor condition, Tensor a, Tensor b) {
        return Where.of(condition, a, b);
    }

    /**
     * Replaces elements by a value where the mask is not 0.
     *
     * @param mask the mask, broadcast to this shape
     * @param value the value
     * @return the result
     */
    public Tensor maskedFill(IntTensor mask, float value) {
        if (!Shape.broadcast("maskedFill", mask.shape(), shape).equals(shape)) {
            throw new ShapeException("maskedFill: " + mask.shape() + " does not broadcast to " + shape);
        }
        return Where.of(mask, scalar(value), this);
    }

    // ---- Reductions: over the given axes, or over all if none is given ----

    /**
     * Sum.
     *
     * @param axes the axes to sum over; none for all
     * @return the sums, without those axes
     */
    public Tensor sum(int... axes) {
        return sum(false, axes);
    }

    /**
     * Sum.
     *
     * @param keepDims whether the axes stay, with length 1
     * @param axes the axes to sum over; none for all
     * @return the sums
     */
    public Tensor sum(boolean keepDims, int... axes) {
        return Sum.of(this, Reduction.of(shape, keepDims, axes), 1);
    }

    /**
     * Mean; NaN over no elements.
     *
     * @param axes the axes to average over; none for all
     * @return the means, without those axes
     */
    public Tensor mean(int... axes) {
        return mean(false, axes);
    }

    /**
     * Mean; NaN over no elements.
     *
     * @param keepDims whether the axes stay, with length 1
     * @param axes the axes to average over; none for all
     * @return the means
     */
    public Tensor mean(boolean keepDims, int... axes) {
        Reduction reduction = Reduction.of(shape, keepDims, axes);
        return Sum.of(this, reduction, 1.0 / reduction.count());
    }

    /**
     * Variance {@code sum (x - mean)^2 / (n - correction)}.
     *
     * @param correction 0 for the biased, 1 for the unbiased variance
     * @param keepDims whether the axes stay, with length 1
     * @param axes the axes to reduce; none for all
     * @return the variances
     */
    public Tensor var(int correction, boolean keepDims, int... axes) {
        return Variance.of(this, Reduction.of(shape, keepDims, axes), correction);
    }

    /**
     * Greatest element; elements that tie share the gradient.
     *
     * @param keepDims whether the axes stay, with length 1
     * @param axes the axes to reduce, not empty; none for all
     * @return the greatest elements
     * @throws ShapeException if there are no elements to choose from
     */
    public Tensor max(boolean keepDims, int... axes) {
        return Extremum.of(this, Reduction.of(shape, keepDims, axes), true);
    }

    /**
     * Smallest element; elements that tie share the gradient.
     *
     * @param keepDims whether the axes stay, with length 1
     * @param axes the axes to reduce, not empty; none for all
     * @return the smallest elements
     * @throws ShapeException if there are no elements to choose from
     */
    public Tensor min(boolean keepDims, int... axes) {
        return Extremum.of(this, Reduction.of(shape, keepDims, axes), false);
    }

    /**
     * {@code log(sum(e^x))}, without overflow.
     *
     * @param keepDims whether the axes stay, with length 1
     * @param axes the axes to reduce, not empty; none for all
     * @return the result
     * @throws ShapeException if there are no elements to reduce
     */
    public Tensor logSumExp(boolean keepDims, int... axes) {
        return LogSumExp.of(this, Reduction.of(shape, keepDims, axes));
    }

    /**
     * {@code e^x / sum(e^x)} along an axis.
     *
     * @param axis the axis
     * @return a tensor of the same shape
     */
    public Tensor softmax(int axis) {
        return Softmax.of(this, axis, false);
    }

    /**
     * Logarithm of {@link #softmax}, accurate where that is close to 0.
     *
     * @param axis the axis
     * @return a tensor of the same shape
     */
    public Tensor logSoftmax(int axis) {
        return Softmax.of(this, axis, true);
    }

    /**
     * Running sums along an axis.
     *
     * @param axis the axis
     * @return a tensor of the same shape
     */
    public Tensor cumsum(int axis) {
        return CumulativeSum.of(this, axis);
    }

    /**
     * Position of the greatest element along an axis, the first at a tie; NaN counts as the greatest.
     *
     * @param axis the axis, not empty
     * @return the positions, without that axis
     * @throws ShapeException if the axis is empty
     */
    public IntTensor argmax(int axis) {
        int a = shape.axis(axis);
        int n = shape.dim(a);
        if (n == 0) {
            throw new ShapeException("argmax: axis " + axis + " is empty: " + shape);
        }
        int inner = shape.size(a + 1, shape.rank());
        boolean[] reduced = new boolean[shape.rank()];
        reduced[a] = true;
        Shape result = shape.reduce(false, reduced);
        int[] positions = new int[result.size()];
        float[] x = data();
        for (int i = 0; i < positions.length; i++) {
            int first = offset + i / inner * n * inner + i % inner;
            for (int j = 1; j < n; j++) {
                float candidate = x[first + j * inner];
                float greatest = x[first + positions[i] * inner];
                if (candidate > greatest || (Float.isNaN(candidate) && !Float.isNaN(greatest))) {
                    positions[i] = j;
                }
            }
        }
        return IntTensor.of(result, positions);
    }

    // ---- Matrix products ----

    /**
     * Matrix product over the last two axes; the axes before them are broadcast. A vector counts as a row on the left
     * and as a column on the right, as in NumPy.
     *
     * @param b the second factor
     * @return the product: {@code [..., m, k] x [..., k, n] -> [..., m, n]}
     */
    public Tensor matmul(Tensor b) {
        return MatMul.of(this, false, b, false);
    }

    /**
     * Matrix product of matrices that may be stored transposed.
     *
     * @param transposeThis whether this tensor is {@code [..., k, m]}
     * @param b the second factor
     * @param transposeB whether it is {@code [..., n, k]}
     * @return the product, {@code [..., m, n]}
     */
    public Tensor matmul(boolean transposeThis, Tensor b, boolean transposeB) {
        return MatMul.of(this, transposeThis, b, transposeB);
    }

    /**
     * {@code this . weight + bias} on the last axis.
     *
     * @param weight {@code [in, out]}
     * @param bias {@code [out]}, or null for none
     * @return {@code [..., in] -> [..., out]}
     */
    public Tensor linear(Tensor weight, @Nullable Tensor bias) {
        return Linear.of(this, weight, bias);
    }

    /**
     * Scaled dot-product attention (Vaswani et al., 2017): {@code softmax(q . k^T scale) . v}, where a query takes part
     * only in the keys that it may see; one that may see none gives zeros.
     *
     * @param q the queries, {@code [..., L, D]}
     * @param k the keys, {@code [..., S, D]}
     * @param v the values, {@code [..., S, E]}
     * @param options what a query may see, scale and dropout
     * @return {@code [..., L, E]}
     */
    public static Tensor scaledDotProductAttention(Tensor q, Tensor k, Tensor v, AttentionOptions options) {
        return Attend.of(q, k, v, options);
    }

    // ---- Windows: over the axes between the first, of the instances, and the last, of the features ----

    /**
     * Convolution over one to three axes, as many as the weight has besides its last two:
     * {@code y[n, o, f] = sum over k and c of x[n, o stride + k dilation - before, c] weight[k, c, f] + bias[f]}. The
     * channels and the filters are divided into groups of equal size, and each group of filters sees its group of
     * channels; as many groups as channels make a depthwise convolution.
     *
     * @param weight {@code [KW, channels / groups, filters]}, {@code [KH, KW, ...]} or {@code [KD, KH, KW, ...]}
     * @param bias {@code [filters]}, or null for none
     * @param sliding stride, padding and dilation
     * @param groups the number of groups, 1 by default elsewhere
     * @return {@code [N, ..., channels] -> [N, ..., filters]}
     */
    public Tensor conv(Tensor weight, @Nullable Tensor bias, Sliding sliding, int groups) {
        return Convolution.of(this, weight, bias, sliding, groups);
    }

    /**
     * Transposed convolution: what the gradient of {@link #conv} does to that of its result, plus a bias. The result is
     * {@code (input - 1) stride - before - after + (kernel - 1) dilation + 1 + outputPadding} long, or
     * {@code input stride + outputPadding} with padding "same".
     *
     * @param weight {@code [..., filters / groups, channels]}, that is, with the axes of the convolution turned around
     * @param bias {@code [filters]}, or null for none
     * @param sliding stride, padding and dilation of the convolution
     * @param groups the number of groups
     * @param outputPadding how much longer the result is at its end: one number for all axes or one for each, none for 0
     * @return {@code [N, ..., channels] -> [N, ..., filters]}
     */
    public Tensor convTranspose(
            Tensor weight, @Nullable Tensor bias, Sliding sliding, int groups, int... outputPadding) {
        return TransposedConvolution.of(this, weight, bias, sliding, groups, outputPadding);
    }

    /**
     * The greatest element in each window and feature, over one to three axes; at a tie the first gets the gradient.
     *
     * @param kernel the lengths of the window
     * @param sliding stride, padding (less than the window) and dilation
     * @return {@code [N, ..., C]}
     */
    public Tensor maxPool(int[] kernel, Sliding sliding) {
        return Pooling.sliding(this, true, kernel, sliding, false);
    }

    /**
     * The mean in each window and feature, over one to three axes.
     *
     * @param kernel the lengths of the window
     * @param sliding stride, padding (less than the window) and dilation
     * @param countPadding whether padding counts as zeros; else the mean is over elements of the input alone
     * @return {@code [N, ..., C]}
     */
    public Tensor avgPool(int[] kernel, Sliding sliding, boolean countPadding) {
        return Pooling.sliding(this, false, kernel, sliding, countPadding);
    }

    /**
     * The greatest element of each feature in boxes that cover the input: box {@code o} reaches from
     * {@code floor(o input / output)} to {@code ceil((o + 1) input / output)}, exclusive.
     *
     * @param lengths the lengths of the result, for one to three axes
     * @return {@code [N, ..., C]}
     */
    public Tensor adaptiveMaxPool(int... lengths) {
        return Pooling.adaptive(this, true, lengths);
    }

    /**
     * The mean of each feature in boxes that cover the input, as in {@link #adaptiveMaxPool}.
     *
     * @param lengths the lengths of the result, for one to three axes
     * @return {@code [N, ..., C]}
     */
    public Tensor adaptiveAvgPool(int... lengths) {
        return Pooling.adaptive(this, false, lengths);
    }

    /**
     * The same image in another resolution, over one or two axes.
     *
     * @param interpolation where its elements come from
     * @param lengths the lengths of the result
     * @return {@code [N, ..., C]}
     */
    public Tensor upsample(Interpolation interpolation, int... lengths) {
        return Upsampling.of(this, interpolation, lengths);
    }

    /**
     * Surrounds the tensor with its mirror image; the outermost elements are not repeated.
     *
     * @param before for each axis how many to add in front, fewer than its length
     * @param after for each axis how many to add behind, fewer than its length
     * @return the larger tensor
     */
    public Tensor reflectionPad(int[] before, int[] after) {
        return Reflection.pad(this, before, after);
    }

    // ---- Shape ----

    /**
     * The same elements in another shape.
     *
     * @param dims the lengths; one of them may be -1, to be found from the others
     * @return a view
     */
    public Tensor reshape(int... dims) {
        int[] target = dims.clone();
        int known = 1;
        int open = -1;
        for (int d = 0; d < dims.length; d++) {
            if (dims[d] != -1) {
                known *= dims[d];
            } else if (open < 0) {
                open = d;
            } else {
                throw new ShapeException("reshape: more than one -1: " + Arrays.toString(dims));
            }
        }
        if (open >= 0 && known != 0) {
            target[open] = size() / known;
        }
        if (open >= 0 && (known == 0 || size() % known != 0)) {
            throw new ShapeException("reshape: " + shape + " does not fit " + Arrays.toString(dims) + " (" + size()
                    + " elements, not a multiple of " + known + ")");
        }
        Shape result = Shape.of(target);
        if (result.size() != size()) {
            throw new ShapeException("reshape: element counts differ: " + shape + " to " + result + " (" + size()
                    + " != " + result.size() + ")");
        }
        return view(result, 0);
    }

    /** Elements of this tensor in one piece, the first of them {@code skip} after its own first. */
    private Tensor view(Shape target, int skip) {
        data(); // must be there, and is computed now if it was not yet
        return new Tensor(target, null, offset + skip, pass, tracked, null, root());
    }

    /**
     * Merges all axes from the given one on.
     *
     * @param from the first axis to merge
     * @return a view of rank {@code from + 1}
     */
    public Tensor flatten(int from) {
        int axis = shape.rank() == 0 ? 0 : shape.axis(from);
        int[] dims = Arrays.copyOf(shape.dims(), axis + 1);
        dims[axis] = shape.size(axis, shape.rank());
        return view(Shape.of(dims), 0);
    }

    /**
     * Drops an axis of length 1.
     *
     * @param axis the axis
     * @return a view
     * @throws ShapeException if its length is not 1
     */
    public Tensor squeeze(int axis) {
        if (shape.dim(axis) != 1) {
            throw new ShapeException(
                    "squeeze: axis " + axis + " of " + shape + " has not length 1 (" + shape.dim(axis) + " != 1)");
        }
        boolean[] dropped = new boolean[shape.rank()];
        dropped[shape.axis(axis)] = true;
        return view(shape.reduce(false, dropped), 0);
    }

    /**
     * Inserts an axis of length 1.
     *
     * @param axis its position in the result
     * @return a view
     */
    public Tensor unsqueeze(int axis) {
        int[] dims = new int[shape.rank() + 1];
        int at = axis < 0 ? axis + dims.length : axis;
        if (at < 0 || at >= dims.length) {
            throw new ShapeException("unsqueeze: no place " + axis + " for an axis in shape " + shape);
        }
        for (int d = 0; d < dims.length; d++) {
            dims[d] = d == at ? 1 : shape.dim(d < at ? d : d - 1);
        }
        return view(Shape.of(dims), 0);
    }

    @Override
    public int instances() {
        return shape.dim(0);
    }

    /**
     * Some slices along the first axis.
     *
     * @param from the first, inclusive
     * @param to the last, exclusive
     * @return a view
     */
    @Override
    public Tensor rows(int from, int to) {
        Sliceable.checkRange(from, to, instances());
        return view(shape.with(0, to - from), from * shape.size(1, shape.rank()));
    }

    /**
     * Reorders the axes.
     *
     * @param axes for each axis of the result the axis it comes from
     * @return the reordered tensor
     */
    public Tensor permute(int... axes) {
        return Strided.permute(this, axes);
    }

    /**
     * Swaps two axes.
     *
     * @param first one axis
     * @param second the other
     * @return the transposed tensor
     */
    public Tensor transpose(int first, int second) {
        int[] axes = new int[shape.rank()];
        Arrays.setAll(axes, i -> i);
        axes[shape.axis(first)] = shape.axis(second);
        axes[shape.axis(second)] = shape.axis(first);
        return permute(axes);
    }

    /**
     * A part of the tensor, axis by axis: positions, ranges, steps, new axes; see {@link Index}.
     *
     * @param indices what to take along each axis
     * @return the part: a view where its elements lie in one piece, else a copy
     */
    public Tensor index(Index... indices) {
        Selection selection = Selection.of(shape, indices);
        return selection.isContiguous() ? view(selection.result(), selection.start()) : Strided.select(this, selection);
    }

    /**
     * The slices along the leading axes where a mask holds: {@code x.select(x.greater(0))} are the positive elements of
     * {@code x} in order.
     *
     * @param mask a mask of the shape of the leading axes; what is not 0 holds
     * @return the slices along a single first axis, {@code [count, ...]}
     * @throws ShapeException if the mask does not have the lengths of the leading axes
     */
    public Tensor select(IntTensor mask) {
        int leading = mask.shape().rank();
        if (leading > shape.rank()
                || !mask.shape().equals(Shape.of(Arrays.copyOf(shape.dims(), Math.min(leading, shape.rank()))))) {
            throw new ShapeException(
                    "select: the mask does not have the leading axes: " + mask.shape() + " for shape " + shape);
        }
        int[] dims = Arrays.copyOfRange(shape.dims(), leading, shape.rank() + 1);
        System.arraycopy(dims, 0, dims, 1, dims.length - 1);
        dims[0] = mask.size();
        return view(Shape.of(dims), 0).take(mask.nonzero(), 0);
    }

    /**
     * Where an element is greater than a value.
     *
     * @param value the value
     * @return a mask of this shape, 1 where it holds; NaN is not greater
     */
    public IntTensor greater(float value) {
        return mask(x -> x > value);
    }

    /**
     * Where an element is less than a value.
     *
     * @param value the value
     * @return a mask of this shape, 1 where it holds; NaN is not less
     */
    public IntTensor less(float value) {
        return mask(x -> x < value);
    }

    private IntTensor mask(Condition condition) {
        int[] mask = new int[size()];
        float[] x = data();
        for (int i = 0; i < mask.length; i++) {
            mask[i] = condition.holds(x[offset + i]) ? 1 : 0;
        }
        return IntTensor.of(shape, mask);
    }

    @FunctionalInterface
    private interface Condition {
        boolean holds(float x);
    }

    /**
     * Repeats axes of length 1, and the whole tensor, until it has the given shape.
     *
     * @param dims the lengths of the result
     * @return the larger tensor
     */
    public Tensor broadcastTo(int... dims) {
        return Strided.broadcast(this, Shape.of(dims));
    }

    /**
     * Reverses the order along an axis.
     *
     * @param axis the axis
     * @return the reversed tensor
     */
    public Tensor flip(int axis) {
        return Strided.flip(this, axis);
    }

    /**
     * Surrounds the tensor with a value.
     *
     * @param before for each axis how many to add in front
     * @param after for each axis how many to add behind
     * @param value the value
     * @return the larger tensor
     */
    public Tensor pad(int[] before, int[] after, float value) {
        return Strided.pad(this, before, after, value);
    }

    /**
     * Joins tensors along an axis.
     *
     * @param axis the axis, along which lengths may differ
     * @param parts at least one tensor
     * @return the joined tensor
     */
    public static Tensor concat(int axis, Tensor... parts) {
        return Concat.of(axis, parts);
    }

    /**
     * Joins tensors of equal shape along a new axis.
     *
     * @param axis the position of the new axis in the result
     * @param parts at least one tensor
     * @return the joined tensor
     */
    public static Tensor stack(int axis, Tensor... parts) {
        return Concat.of(
                axis, Arrays.stream(parts).map(part -> part.unsqueeze(axis)).toArray(Tensor[]::new));
    }

    /**
     * Picks slices along an axis, in any order and number.
     *
     * @param indices positions along the axis, of any shape
     * @param axis the axis
     * @return a tensor with the axis replaced by the shape of the indices
     * @throws ShapeException if a position is outside the axis
     */
    public Tensor take(IntTensor indices, int axis) {
        return Take.of(this, indices, axis);
    }

    @Override
    public String toString() {
        float[] array = pass.isOpen() ? root().data : null;
        String elements = array == null
                ? "(no elements at hand)"
                : Arrays.toString(Arrays.copyOfRange(array, offset, offset + Math.min(size(), 8)))
                        + (size() > 8 ? "..." : "");
        return "Tensor" + shape + " " + elements + (tracked ? " (tracked)" : "");
    }
}
