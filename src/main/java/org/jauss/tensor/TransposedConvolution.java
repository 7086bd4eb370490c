package org.jauss.tensor;

import java.util.Arrays;
import org.jauss.kernels.Epilogue;
import org.jauss.kernels.Kernels;
import org.jauss.kernels.Window;
import org.jspecify.annotations.Nullable;

/** A {@link Convolution} turned around: what leads from y to x there leads from x to y here, plus a bias. */
record TransposedConvolution(
        Tensor x, Tensor weight, @Nullable Tensor bias, Window window) implements Op {
    static Tensor of(
            Tensor x, Tensor weight, @Nullable Tensor bias, Sliding sliding, int groups, int... outputPadding) {
        String op = Convolution.name("convTranspose", x, weight);
        String shapes = x.shape() + " with kernel " + weight.shape();
        int channels = x.shape().dim(-1);
        if (channels != weight.shape().dim(-1)) {
            throw new ShapeException(op + ": channels differ: " + shapes + " (" + channels + " != "
                    + weight.shape().dim(-1) + ")");
        }
        Convolution.requireGroups(op, channels, groups, weight);
        int features = weight.shape().dim(-2) * groups;
        Convolution.requireBias(op, bias, features);
        Window.Axis[] axes = sliding.under(
                op,
                x.shape(),
                Convolution.kernel(weight),
                outputPadding.length == 0 ? new int[1] : outputPadding,
                shapes);
        Window window = Sliding.window(x.shape().dim(0), features, channels, groups, axes);
        Shape shape = Convolution.shape(
                x, Arrays.stream(axes).mapToInt(Window.Axis::input).toArray(), features);
        Tensor[] inputs = Convolution.inputs(x, weight, bias);
        Pass pass = Pass.of(inputs);
        float[] y = pass.allocate(shape.size());
        Kernels.active()
                .convolveBackwardInput(window, x.data(), x.offset(), weight.data(), weight.offset(), y, 0, false);
        if (bias != null && features > 0) {
            Kernels.active().addRow(shape.size() / features, features, bias.data(), bias.offset(), y, 0);
        }
        return pass.record(new TransposedConvolution(x, weight, bias, window), shape, y, inputs);
    }

    @Override
    public long multiplyAdds() {
        return (long) (x.size() / x.shape().dim(-1)) * weight.size();
    }

    @Override
    public void backward(Tensor y) {
        float[] dy = y.grad();
        if (x.tracked()) {
            Kernels.active()
                    .convolve(
                            window,
                            dy,
                            y.offset(),
                            weight.data(),
                            weight.offset(),
                            new float[0],
                            0,
                            x.grad(),
                            x.offset(),
                            true,
                            Epilogue.NONE);
        }
        if (weight.tracked()) {
            Kernels.active()
                    .convolveBackwardWeight(
                            window, dy, y.offset(), x.data(), x.offset(), weight.grad(), weight.offset(), true);
        }
        Convolution.addBiasGradient(y, bias);
    }
}
