package org.jauss.layers;

import java.util.Arrays;
import java.util.List;
import org.jauss.tensor.Padding;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Sliding;
import org.jspecify.annotations.Nullable;

/**
 * {@code y = factor x + offset} for each feature of the last axis: what a normalisation by constants is, and how it becomes
 * part of the weight and bias of a neighbour. Computed in double.
 */
record ChannelAffine(double[] factor, double[] offset) {
    /** {@code (x - mean) inverseStd scale + shift}. */
    static ChannelAffine of(float[] mean, double[] inverseStd, @Nullable Parameter scale, @Nullable Parameter shift) {
        double[] factor = inverseStd.clone();
        double[] offset = new double[factor.length];
        for (int j = 0; j < factor.length; j++) {
            factor[j] *= scale == null ? 1 : scale.data()[j];
            offset[j] = (shift == null ? 0 : shift.data()[j]) - mean[j] * factor[j];
        }
        return new ChannelAffine(factor, offset);
    }

    private int channels() {
        return factor.length;
    }

    private boolean isIncreasing() {
        return Arrays.stream(factor).allMatch(f -> f > 0);
    }

    // ---- Behind a layer ----

    /** The layer with this behind it, as one layer; null if it has no weight. */
    @Nullable
    Layer behind(Layer layer) {
        if (layer instanceof LinearLayer linear && linear.weight().shape().dim(-1) == channels()) {
            float[] weight = weight(linear.weight(), linear.weightNorm());
            return new LinearLayer(scaled(linear.weight(), weight, 1), bias(linear.bias()));
        }
        if (layer instanceof ConvLayer<?> conv && conv.weight().shape().dim(-1) == channels()) {
            float[] weight = weight(conv.weight(), conv.weightNorm());
            return conv.with(scaled(conv.weight(), weight, 1), bias(conv.bias()), conv.sliding(), null);
        }
        if (layer instanceof ConvTranspose2dLayer conv && conv.weight().shape().dim(-2) == channels()) {
            float[] weight = conv.filters(conv.weight().value()).toArray();
            Parameter scaled =
                    scaled(conv.weight(), weight, conv.weight().shape().dim(-1));
            return new ConvTranspose2dLayer(scaled, bias(conv.bias()), conv.sliding(), conv.outputPadding());
        }
        if (layer instanceof SeparableConv2dLayer conv && behind(conv.pointwise()) instanceof Conv2dLayer pointwise) {
            return new SeparableConv2dLayer(conv.depthwise(), pointwise);
        }
        return null;
    }

    private static float[] weight(Parameter weight, @Nullable Parameter norm) {
        return ConvParameters.filters(weight.value(), norm).toArray();
    }

    /** The weight times the factor of its filter; filters change every {@code inner} elements. */
    private Parameter scaled(Parameter like, float[] weight, int inner) {
        float[] scaled = new float[weight.length];
        for (int i = 0; i < weight.length; i++) {
            scaled[i] = (float) (weight[i] * factor[i / inner % channels()]);
        }
        return Parameter.of(like.shape(), scaled);
    }

    private Parameter bias(@Nullable Parameter bias) {
        float[] b = new float[channels()];
        for (int j = 0; j < b.length; j++) {
            b[j] = (float) ((bias == null ? 0 : bias.data()[j] * factor[j]) + offset[j]);
        }
        return Parameter.of(Shape.of(b.length), b);
    }

    // ---- Before a layer ----

    /** Whether a layer does the same to the values before this as to those behind it. */
    boolean commutesWith(Layer layer) {
        if (layer instanceof FlattenLayer
                || layer instanceof IdentityLayer
                || layer instanceof DropoutLayer // nothing in use
                || layer instanceof ChannelDropoutLayer
                || layer instanceof GlobalAvgPoolLayer
                || layer instanceof AdaptiveAvgPool1dLayer
                || layer instanceof AdaptiveAvgPool2dLayer) {
            return true;
        }
        if (layer instanceof AvgPool1dLayer pool) {
            return !pool.countPadding() || pool.sliding().padding().equals(Padding.valid());
        }
        if (layer instanceof AvgPool2dLayer pool) {
            return !pool.countPadding() || pool.sliding().padding().equals(Padding.valid());
        }
        return isIncreasing()
                && (layer instanceof MaxPool1dLayer
                        || layer instanceof MaxPool2dLayer
                        || layer instanceof GlobalMaxPoolLayer
                        || layer instanceof AdaptiveMaxPool1dLayer
                        || layer instanceof AdaptiveMaxPool2dLayer);
    }

    /** Why this before the layer cannot become part of it; null if it can. */
    @Nullable
    String obstacle(Layer layer) {
        if (layer instanceof SeparableConv2dLayer conv) {
            return obstacle(conv.depthwise());
        }
        if (layer instanceof LinearLayer linear) {
            int in = linear.weight().shape().dim(0);
            return in % channels() == 0
                    ? null
                    : "the layer behind it takes " + in + " features, no multiple of its own";
        }
        if (!(layer instanceof ConvLayer<?> conv)) {
            return layer instanceof ConvTranspose2dLayer
                    ? "a transposed convolution sees fewer inputs at its border"
                    : "there is no linear layer or convolution right before or behind it";
        }
        if (conv.sliding().padding().isSame() && !isStrideOne(conv)) {
            return "the padding of the convolution behind it depends on the size of the input";
        }
        if (isPadded(conv) && Arrays.stream(factor).anyMatch(f -> f == 0)) {
            return "no value of a feature normalises to the padding's zero, as its scale is 0";
        }
        return null;
    }

    /**
     * This and the layer behind it as one, after a padding by the values that this turns to zero if there is one.
     */
    List<Layer> before(Layer layer) {
        if (layer instanceof SeparableConv2dLayer conv) {
            List<Layer> depthwise = before(conv.depthwise());
            var last = (DepthwiseConv2dLayer) depthwise.get(depthwise.size() - 1);
            var joined = new SeparableConv2dLayer(last, conv.pointwise());
            return depthwise.size() == 1 ? List.of(joined) : List.of(depthwise.get(0), joined);
        }
        if (layer instanceof LinearLayer linear) {
            float[] weight = weight(linear.weight(), linear.weightNorm());
            int out = linear.weight().shape().dim(-1);
            return List.of(new LinearLayer(
                    scaledInputs(linear.weight(), weight, 1, channels()),
                    biasBehind(weight, linear.bias(), out, 1, channels())));
        }
        var conv = (ConvLayer<?>) layer;
        float[] weight = weight(conv.weight(), conv.weightNorm());
        int perGroup = conv.weight().shape().dim(-2);
        Parameter scaled = scaledInputs(conv.weight(), weight, conv.groups(), perGroup);
        int out = conv.weight().shape().dim(-1);
        Parameter bias = biasBehind(weight, conv.bias(), out, conv.groups(), perGroup);
        if (!isPadded(conv)) {
            return List.of(conv.with(scaled, bias, conv.sliding(), null));
        }
        float[] zeros = new float[channels()];
        for (int j = 0; j < zeros.length; j++) {
            zeros[j] = (float) (-offset[j] / factor[j]);
        }
        return List.of(
                new ChannelPadLayer(Parameter.of(Shape.of(zeros.length), zeros), widths(conv)),
                conv.with(scaled, bias, conv.sliding().withPadding(Padding.valid()), null));
    }

    /** Which feature the element of a weight {@code [..., perGroup, out]} is multiplied by. */
    private int feature(int element, int out, int groups, int perGroup) {
        int group = element % out / (out / groups);
        return (group * perGroup + element / out % perGroup) % channels();
    }

    private Parameter scaledInputs(Parameter like, float[] weight, int groups, int perGroup) {
        int out = like.shape().dim(-1);
        float[] scaled = new float[weight.length];
        for (int i = 0; i < weight.length; i++) {
            scaled[i] = (float) (weight[i] * factor[feature(i, out, groups, perGroup)]);
        }
        return Parameter.of(like.shape(), scaled);
    }

    /** What the offset becomes behind the weight, and the bias. */
    private Parameter biasBehind(float[] weight, @Nullable Parameter bias, int out, int groups, int perGroup) {
        double[] sums = new double[out];
        for (int i = 0; i < weight.length; i++) {
            sums[i % out] += weight[i] * offset[feature(i, out, groups, perGroup)];
        }
        float[] b = new float[out];
        for (int j = 0; j < out; j++) {
            b[j] = (float) (sums[j] + (bias == null ? 0 : bias.data()[j]));
        }
        return Parameter.of(Shape.of(out), b);
    }

    private static boolean isStrideOne(ConvLayer<?> conv) {
        return conv.sliding().stride().stream().allMatch(s -> s == 1);
    }

    private static boolean isPadded(ConvLayer<?> conv) {
        Padding padding = conv.sliding().padding();
        return padding.isSame()
                || padding.before().stream().anyMatch(p -> p > 0)
                || padding.after().stream().anyMatch(p -> p > 0);
    }

    /** The numbers of a padding; "same" with stride 1 adds the extent of the window less one. */
    private static Padding widths(ConvLayer<?> conv) {
        Sliding sliding = conv.sliding();
        if (!sliding.padding().isSame()) {
            return sliding.padding();
        }
        int[] dims = conv.weight().shape().dims();
        int axes = dims.length - 2;
        int[] dilation = Sliding.each("fold", "dilation", sliding.dilation(), axes);
        int[] before = new int[axes];
        int[] after = new int[axes];
        for (int d = 0; d < axes; d++) {
            int total = (dims[d] - 1) * dilation[d];
            before[d] = total / 2;
            after[d] = total - before[d];
        }
        return Padding.of(before, after);
    }
}
