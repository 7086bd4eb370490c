package org.jauss.tensor;

import org.jauss.kernels.Epilogue;
import org.jauss.kernels.Kernels;
import org.jspecify.annotations.Nullable;

/** {@code y[..., out] = x[..., in] . weight[in, out] + bias[out]}, with all axes but the last seen as m rows. */
record Linear(Tensor x, Tensor weight, @Nullable Tensor bias, int m, int in, int out)
        implements Deferred.Source, WeightedSum {
    static Tensor of(Tensor x, Tensor weight, @Nullable Tensor bias) {
        if (weight.shape().rank() != 2) {
            throw new ShapeException("linear: the weight is not a matrix: " + weight.shape());
        }
        int in = weight.shape().dim(0);
        int out = weight.shape().dim(1);
        if (x.shape().rank() == 0 || x.shape().dim(-1) != in) {
            throw new ShapeException("matmul: inner dimensions differ: " + x.shape() + " x " + weight.shape() + " ("
                    + (x.shape().rank() == 0 ? "a scalar" : x.shape().dim(-1)) + " != " + in + ")");
        }
        if (bias != null && !bias.shape().equals(Shape.of(out))) {
            throw new ShapeException(
                    "linear: the bias does not fit the weight: " + bias.shape() + " != " + Shape.of(out));
        }
        int m = x.shape().size(0, x.shape().rank() - 1);
        Tensor[] inputs = bias == null ? new Tensor[] {x, weight} : new Tensor[] {x, weight, bias};
        x.data(); // is read later, so it must be there
        var op = new Linear(x, weight, bias, m, in, out);
        return Pass.of(inputs).record(op, x.shape().with(-1, out), Deferred.of(op), inputs);
    }

    @Override
    public int features() {
        return out;
    }

    @Override
    public void compute(float[] y, Epilogue epilogue) {
        Kernels.active()
                .linear(
                        m,
                        out,
                        in,
                        x.data(),
                        x.offset(),
                        weight.data(),
                        weight.offset(),
                        bias == null ? Convolution.NO_BIAS : bias.data(),
                        bias == null ? 0 : bias.offset(),
                        y,
                        0,
                        epilogue);
    }

    @Override
    public void backward(Tensor y) {
        float[] dy = y.grad();
        int yo = y.offset();
        addWeightGradient(dy, yo);
        if (bias != null && bias.tracked()) {
            Kernels.active().addColumnSums(m, out, dy, yo, bias.grad(), bias.offset());
        }
        addInputGradient(dy, yo);
    }

    @Override
    public void addInputGradient(float[] dy, int yo) {
        if (x.tracked()) { // dx[m,in] (+)= dy[m,out] . weight[in,out]^T
            boolean add = x.prepareGrad();
            MatMul.product(false, true, m, in, out, dy, yo, weight.data(), weight.offset(), x.grad(), x.offset(), add);
        }
    }

    @Override
    public int groups() {
        return 1;
    }

    @Override
    public void weightGradient(float[] dy, int yo, float[] dWeight, int wo, boolean add) {
        // dweight[in,out] (+)= x[m,in]^T . dy[m,out]
        MatMul.product(true, false, in, out, m, x.data(), x.offset(), dy, yo, dWeight, wo, add);
    }

    @Override
    public void addInputSums(float[] sums) {
        Kernels.active().addColumnSums(m, in, x.data(), x.offset(), sums, 0);
    }

    @Override
    public long multiplyAdds() {
        return (long) m * in * out;
    }
}
