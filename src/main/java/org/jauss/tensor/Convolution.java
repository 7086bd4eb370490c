package org.jauss.tensor;

import java.util.Arrays;
import org.jauss.kernels.Epilogue;
import org.jauss.kernels.Kernels;
import org.jauss.kernels.Window;
import org.jspecify.annotations.Nullable;

/**
 * {@code y[n, o, f] = sum over k and c of x[n, o stride + k dilation - before, c] weight[k, c, f] + bias[f]} over one to
 * three axes o; the group of a filter sees the channels of that group only.
 */
record Convolution(Tensor x, Tensor weight, @Nullable Tensor bias, Window window)
        implements Deferred.Source, WeightedSum {
    static final float[] NO_BIAS = {};

    static Tensor of(Tensor x, Tensor weight, @Nullable Tensor bias, Sliding sliding, int groups) {
        String op = name("conv", x, weight);
        String shapes = x.shape() + " with kernel " + weight.shape();
        int filters = weight.shape().dim(-1);
        requireGroups(op, filters, groups, weight);
        requireChannels(op, x.shape().dim(-1), weight.shape().dim(-2), groups, shapes);
        requireBias(op, bias, filters);
        Window.Axis[] axes = sliding.over(op, x.shape(), kernel(weight), shapes);
        Window window = Sliding.window(x.shape().dim(0), x.shape().dim(-1), filters, groups, axes);
        Shape shape = shape(x, Arrays.stream(axes).mapToInt(Window.Axis::output).toArray(), filters);
        Tensor[] inputs = inputs(x, weight, bias);
        x.data(); // is read later, so it must be there
        var result = new Convolution(x, weight, bias, window);
        return Pass.of(inputs).record(result, shape, Deferred.of(result), inputs);
    }

    @Override
    public int features() {
        return window.filters();
    }

    @Override
    public void compute(float[] y, Epilogue epilogue) {
        Kernels.active()
                .convolve(
                        window,
                        x.data(),
                        x.offset(),
                        weight.data(),
                        weight.offset(),
                        bias == null ? NO_BIAS : bias.data(),
                        bias == null ? 0 : bias.offset(),
                        y,
                        0,
                        false,
                        epilogue);
    }

    @Override
    public long multiplyAdds() {
        long results = (long) window.depth().output()
                * window.height().output()
                * window.width().output();
        return window.batch() * results * weight.size();
    }

    @Override
    public void backward(Tensor y) {
        addWeightGradient(y.grad(), y.offset());
        addBiasGradient(y, bias);
        addInputGradient(y.grad(), y.offset());
    }

    @Override
    public void addInputGradient(float[] dy, int yo) {
        if (x.tracked()) {
            boolean add = x.prepareGrad();
            Kernels.active()
                    .convolveBackwardInput(window, dy, yo, weight.data(), weight.offset(), x.grad(), x.offset(), add);
        }
    }

    @Override
    public int groups() {
        return window.groups();
    }

    @Override
    public void weightGradient(float[] dy, int yo, float[] dWeight, int wo, boolean add) {
        Kernels.active().convolveBackwardWeight(window, x.data(), x.offset(), dy, yo, dWeight, wo, add);
    }

    @Override
    public void addInputSums(float[] sums) { // a filter for each group stands for all, the sum of all images for each
        int groups = window.groups();
        var one = new Window(1, window.channels(), groups, groups, window.depth(), window.height(), window.width());
        int image = x.size() / window.batch();
        float[] sum = x.pass().allocate(image);
        Kernels.active().addColumnSums(window.batch(), image, x.data(), x.offset(), sum, 0);
        float[] ones = x.pass().array(one.positions() * groups);
        Arrays.fill(ones, 1);
        Kernels.active().convolveBackwardWeight(one, sum, 0, ones, 0, sums, 0, true);
        x.pass().recycle(ones);
        x.pass().recycle(sum);
    }

    // ---- Shared with the transposed convolution ----

    static void addBiasGradient(Tensor y, @Nullable Tensor bias) {
        if (bias != null && bias.tracked() && bias.size() > 0) {
            int c = bias.size();
            Kernels.active().addColumnSums(y.size() / c, c, y.grad(), y.offset(), bias.grad(), bias.offset());
        }
    }

    /** The name of the op, once it is clear over how many axes it goes. */
    static String name(String op, Tensor x, Tensor weight) {
        int axes = weight.shape().rank() - 2;
        if (axes < 1 || axes > 3) {
            throw new ShapeException(op + ": the kernel must have 3 to 5 axes: " + weight.shape() + " ("
                    + weight.shape().rank() + ")");
        }
        String name = op + axes + "d";
        requireRank(name, x, axes);
        return name;
    }

    static void requireRank(String op, Tensor x, int axes) {
        if (x.shape().rank() != axes + 2) {
            throw new ShapeException(op + ": the input must have " + (axes + 2) + " axes: " + x.shape() + " ("
                    + x.shape().rank() + " != " + (axes + 2) + ")");
        }
    }

    static void requireGroups(String op, int filters, int groups, Tensor weight) {
        if (groups < 1 || filters % groups != 0) {
            throw new ShapeException(op + ": the last axis of the kernel is no multiple of the groups: "
                    + weight.shape() + " (" + filters + " and " + groups + ")");
        }
    }

    static void requireChannels(String op, int channels, int perGroup, int groups, String shapes) {
        if (channels != (long) perGroup * groups) {
            throw new ShapeException(op + ": channels differ: " + shapes + " (" + channels + " != "
                    + (groups == 1 ? "" : groups + " groups x ") + perGroup + ")");
        }
    }

    static void requireBias(String op, @Nullable Tensor bias, int filters) {
        if (bias != null && !bias.shape().equals(Shape.of(filters))) {
            throw new ShapeException(
                    op + ": the bias does not fit the kernel: " + bias.shape() + " != " + Shape.of(filters));
        }
    }

    static int[] kernel(Tensor weight) {
        return Arrays.copyOf(weight.shape().dims(), weight.shape().rank() - 2);
    }

    static Tensor[] inputs(Tensor x, Tensor weight, @Nullable Tensor bias) {
        return bias == null ? new Tensor[] {x, weight} : new Tensor[] {x, weight, bias};
    }

    /** The shape of x with other lengths between the first axis and the last, and other features. */
    static Shape shape(Tensor x, int[] lengths, int features) {
        int[] dims = x.shape().dims();
        System.arraycopy(lengths, 0, dims, 1, lengths.length);
        dims[dims.length - 1] = features;
        return Shape.of(dims);
    }
}
