package org.jauss;

import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jauss.layers.Conv1dLayer;
import org.jauss.layers.Conv2dLayer;
import org.jauss.layers.Conv3dLayer;
import org.jauss.layers.ConvTranspose2dLayer;
import org.jauss.layers.DepthwiseConv2dLayer;
import org.jauss.layers.GlobalAvgPoolLayer;
import org.jauss.layers.GlobalMaxPoolLayer;
import org.jauss.layers.Layer;
import org.jauss.layers.SeparableConv2dLayer;
import org.jauss.tensor.Interpolation;
import org.jauss.tensor.Padding;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Sliding;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** How the golden cases of convolution, pooling and resampling are run: options as numbers or lists, by PyTorch's names. */
final class ConvolutionCases {
    private ConvolutionCases() {}

    static Tensor conv(ConformanceCase c, int axes) {
        Parameter kernel = c.parameter("kernel");
        Parameter bias = bias(c);
        Sliding sliding = sliding(c, 1);
        int groups = c.integer("groups", 1);
        Layer layer = switch (axes) {
            case 1 -> new Conv1dLayer(kernel, bias, sliding, groups);
            case 2 ->
                groups > 1 && kernel.shape().dim(-2) == 1
                        ? new DepthwiseConv2dLayer(kernel, bias, sliding, groups)
                        : new Conv2dLayer(kernel, bias, sliding, groups);
            default -> new Conv3dLayer(kernel, bias, sliding, groups);
        };
        return layer.forward(c.tensor("x"));
    }

    static Tensor separable(ConformanceCase c) {
        Parameter depthwise = c.parameter("depthwise_kernel");
        Tensor x = c.tensor("x");
        return new SeparableConv2dLayer(
                        new DepthwiseConv2dLayer(
                                depthwise, null, sliding(c, 1), x.shape().dim(-1)),
                        new Conv2dLayer(c.parameter("pointwise_kernel"), bias(c), Sliding.of(), 1))
                .forward(x);
    }

    static Tensor convTranspose(ConformanceCase c, int axes) {
        Parameter kernel = c.parameter("kernel");
        Parameter bias = bias(c);
        Sliding sliding = sliding(c, 1);
        int groups = c.integer("groups", 1);
        int[] outputPadding = c.integers("output_padding");
        if (axes == 2 && groups == 1) {
            var layer = new ConvTranspose2dLayer(
                    kernel,
                    bias,
                    sliding,
                    Arrays.stream(outputPadding.length == 0 ? new int[1] : outputPadding)
                            .boxed()
                            .toList());
            return layer.forward(c.tensor("x"));
        }
        return c.tensor("x")
                .convTranspose(
                        c.pass().use(kernel), bias == null ? null : c.pass().use(bias), sliding, groups, outputPadding);
    }

    private static @Nullable Parameter bias(ConformanceCase c) {
        return c.has("bias") ? c.parameter("bias") : null;
    }

    private static Sliding sliding(ConformanceCase c, int... stride) {
        int[] found = c.integers("stride");
        int[] dilation = c.integers("dilation");
        return Sliding.by(found.length == 0 ? stride : found)
                .withPadding(padding(c))
                .withDilation(dilation.length == 0 ? new int[] {1} : dilation);
    }

    /** A number, a list with one for each axis or a list of pairs, or a word. */
    private static Padding padding(ConformanceCase c) {
        if (c.hasAttribute("padding_before") || c.hasAttribute("padding_after")) {
            return Padding.of(c.integers("padding_before"), c.integers("padding_after"));
        }
        if (!c.hasAttribute("padding")) {
            return Padding.valid();
        }
        if (!c.hasNumbers("padding")) {
            String word = c.text("padding");
            return switch (word) {
                case "same" -> Padding.same();
                case "valid" -> Padding.valid();
                default -> throw c.unsupported("padding " + word);
            };
        }
        int[][] pairs = c.pairs("padding");
        return pairs.length > 0
                ? Padding.of(
                        Arrays.stream(pairs).mapToInt(pair -> pair[0]).toArray(),
                        Arrays.stream(pairs).mapToInt(pair -> pair[1]).toArray())
                : Padding.of(c.integers("padding"));
    }

    static Tensor maxPool(ConformanceCase c, int axes) {
        requireFloor(c);
        int[] kernel = kernel(c, axes);
        return c.tensor("x").maxPool(kernel, sliding(c, kernel));
    }

    static Tensor avgPool(ConformanceCase c, int axes) {
        requireFloor(c);
        int[] kernel = kernel(c, axes);
        boolean counted = !c.hasAttribute("count_include_pad") || c.flag("count_include_pad");
        return c.tensor("x").avgPool(kernel, sliding(c, kernel), counted);
    }

    private static void requireFloor(ConformanceCase c) {
        if (c.hasAttribute("ceil_mode") && c.flag("ceil_mode")) {
            throw c.unsupported("ceil_mode");
        }
    }

    private static int[] kernel(ConformanceCase c, int axes) {
        return each(c.integers(c.hasAttribute("kernel_size") ? "kernel_size" : "kernel"), axes);
    }

    private static int[] each(int[] numbers, int axes) {
        return numbers.length == 1
                ? IntStream.range(0, axes).map(d -> numbers[0]).toArray()
                : numbers;
    }

    static Tensor globalAvgPool(ConformanceCase c) {
        return kept(c, new GlobalAvgPoolLayer().forward(c.tensor("x")));
    }

    static Tensor globalMaxPool(ConformanceCase c) {
        return kept(c, new GlobalMaxPoolLayer().forward(c.tensor("x")));
    }

    private static Tensor kept(ConformanceCase c, Tensor y) {
        Tensor result = y;
        if (c.hasAttribute("keepdims") && c.flag("keepdims")) {
            for (int d = 2; d < c.tensor("x").shape().rank(); d++) {
                result = result.unsqueeze(1);
            }
        }
        return result;
    }

    static Tensor adaptiveAvgPool(ConformanceCase c, int axes) {
        return c.tensor("x").adaptiveAvgPool(outputSize(c, axes));
    }

    static Tensor adaptiveMaxPool(ConformanceCase c, int axes) {
        return c.tensor("x").adaptiveMaxPool(outputSize(c, axes));
    }

    private static int[] outputSize(ConformanceCase c, int axes) {
        return each(c.integers(c.hasAttribute("output_size") ? "output_size" : "size"), axes);
    }

    static Tensor upsample(ConformanceCase c, Interpolation interpolation, int axes) {
        if (c.hasAttribute("align_corners") && c.flag("align_corners")) {
            throw c.unsupported("align_corners");
        }
        Tensor x = c.tensor("x");
        for (String name : new String[] {"size", "output_size"}) {
            if (c.hasAttribute(name)) {
                return x.upsample(interpolation, each(c.integers(name), axes));
            }
        }
        int[] scale = each(c.integers(c.hasAttribute("scale_factor") ? "scale_factor" : "scale"), axes);
        return x.upsample(
                interpolation,
                IntStream.range(0, axes)
                        .map(d -> x.shape().dim(d + 1) * scale[d])
                        .toArray());
    }

    static Tensor pad(ConformanceCase c, Function<Padding, Layer> layer, int axes) {
        int[] all = c.hasAttribute("padding") ? c.integers("padding") : new int[0];
        if (axes > 1 && all.length == 2 * axes) { // PyTorch's order: the last axis first, each in front and behind
            int[] before = new int[axes];
            int[] after = new int[axes];
            for (int d = 0; d < axes; d++) {
                before[d] = all[2 * (axes - 1 - d)];
                after[d] = all[2 * (axes - 1 - d) + 1];
            }
            return layer.apply(Padding.of(before, after)).forward(c.tensor("x"));
        }
        if (axes == 1 && all.length == 2) {
            return layer.apply(Padding.of(new int[] {all[0]}, new int[] {all[1]}))
                    .forward(c.tensor("x"));
        }
        if (c.hasAttribute("before")) {
            return layer.apply(Padding.of(c.integers("before"), c.integers("after")))
                    .forward(c.tensor("x"));
        }
        return layer.apply(padding(c)).forward(c.tensor("x"));
    }
}
