package org.jauss.layers;

import java.util.List;
import org.jauss.layers.LayerCasesTest.Case;
import org.jauss.tensor.Padding;
import org.jauss.tensor.Rng;

/** The rows of {@link LayerCasesTest} about layers with windows. */
final class WindowLayerCases {
    private WindowLayerCases() {}

    private static int[] dims(int... dims) {
        return dims;
    }

    static List<Case> all() {
        Rng rng = Rng.of(12);
        return List.of(
                new Case(
                        "Conv1dLayer[3 -> 4, 3, padding 1 to 0]",
                        () -> Conv1dLayer.of(3, 4, 3, rng).withPadding(Padding.of(dims(1), dims(0))),
                        dims(2, 5, 3),
                        dims(2, 4, 4),
                        true,
                        dims(2, 1, 3),
                        "Conv1dLayer[3 -> 4, 3, padding 1 to 0]: conv1d: the window does not fit: [2, 1, 3] with kernel"
                                + " [3, 3, 4] (3 > 2)",
                        "weight",
                        "bias"),
                new Case(
                        "Conv2dLayer[3 -> 4, 5x5, stride 2]",
                        () -> Conv2dLayer.of(3, 4, 5, rng).withStride(2),
                        dims(2, 7, 6, 3),
                        dims(2, 2, 1, 4),
                        true,
                        dims(2, 7, 7, 2),
                        "Conv2dLayer[3 -> 4, 5x5, stride 2]: conv2d: channels differ: [2, 7, 7, 2] with kernel"
                                + " [5, 5, 3, 4] (2 != 3)",
                        "weight",
                        "bias"),
                new Case(
                        "Conv2dLayer[4 -> 6, 2x3, stride 1x2, padding same, dilation 2x1, no bias, 2 groups]",
                        () -> Conv2dLayer.of(4, 6, dims(2, 3), 2, Initializer.heNormal(), rng)
                                .withStride(1, 2)
                                .withPadding(Padding.same())
                                .withDilation(2, 1)
                                .withoutBias(),
                        dims(2, 3, 5, 4),
                        dims(2, 3, 3, 6),
                        true,
                        dims(3, 5, 4),
                        "Conv2dLayer[4 -> 6, 2x3, stride 1x2, padding same, dilation 2x1, no bias, 2 groups]: conv2d: the"
                                + " input must have 4 axes: [3, 5, 4] (3 != 4)",
                        "weight"),
                new Case(
                        "Conv3dLayer[2 -> 3, 2x2x2]",
                        () -> Conv3dLayer.of(2, 3, 2, rng),
                        dims(1, 3, 2, 3, 2),
                        dims(1, 2, 1, 2, 3),
                        true,
                        dims(1, 3, 2, 1, 2),
                        "Conv3dLayer[2 -> 3, 2x2x2]: conv3d: the window does not fit: [1, 3, 2, 1, 2] with kernel"
                                + " [2, 2, 2, 2, 3] (2 > 1)",
                        "weight",
                        "bias"),
                new Case(
                        "DepthwiseConv2dLayer[3 -> 6, 3x2]",
                        () -> DepthwiseConv2dLayer.of(3, 2, dims(3, 2), Initializer.glorotUniform(), rng),
                        dims(2, 4, 3, 3),
                        dims(2, 2, 2, 6),
                        true,
                        dims(2, 4, 3, 4),
                        "DepthwiseConv2dLayer[3 -> 6, 3x2]: conv2d: channels differ: [2, 4, 3, 4] with kernel"
                                + " [3, 2, 1, 6] (4 != 3 groups x 1)",
                        "weight",
                        "bias"),
                new Case(
                        "SeparableConv2dLayer[DepthwiseConv2dLayer[3 -> 3, 3x3, stride 2, padding same, no bias],"
                                + " Conv2dLayer[3 -> 5, 1x1]]",
                        () -> SeparableConv2dLayer.of(3, 5, 3, rng)
                                .withStride(2)
                                .withPadding(Padding.same()),
                        dims(2, 4, 3, 3),
                        dims(2, 2, 2, 5),
                        true,
                        dims(2, 4, 3, 4),
                        "depthwise DepthwiseConv2dLayer[3 -> 3, 3x3, stride 2, padding same, no bias]: conv2d: channels"
                                + " differ: [2, 4, 3, 4] with kernel [3, 3, 1, 3] (4 != 3 groups x 1)",
                        "depthwise.weight",
                        "pointwise.weight",
                        "pointwise.bias"),
                new Case(
                        "SeparableConv2dLayer[DepthwiseConv2dLayer[3 -> 3, 2x2, dilation 2, no bias],"
                                + " Conv2dLayer[3 -> 5, 1x1, no bias]]",
                        () -> SeparableConv2dLayer.of(3, 5, 2, rng)
                                .withDilation(2)
                                .withoutBias(),
                        dims(2, 4, 3, 3),
                        dims(2, 2, 1, 5),
                        true,
                        dims(),
                        "",
                        "depthwise.weight",
                        "pointwise.weight"),
                new Case(
                        "ConvTranspose2dLayer[3 -> 4, 3x3, stride 2, padding 1]",
                        () -> ConvTranspose2dLayer.of(3, 4, 3, rng)
                                .withStride(2)
                                .withPadding(Padding.of(1))
                                .withOutputPadding(1),
                        dims(2, 3, 2, 3),
                        dims(2, 6, 4, 4),
                        true,
                        dims(2, 3, 2, 4),
                        "ConvTranspose2dLayer[3 -> 4, 3x3, stride 2, padding 1]: convTranspose2d: channels differ:"
                                + " [2, 3, 2, 4] with kernel [3, 3, 4, 3] (4 != 3)",
                        "weight",
                        "bias"),
                new Case(
                        "ConvTranspose2dLayer[3 -> 2, 2x2, no bias, weight standardization]",
                        () -> ConvTranspose2dLayer.of(3, 2, 2, rng)
                                .withWeightStandardization()
                                .withoutBias(),
                        dims(1, 3, 2, 3),
                        dims(1, 4, 3, 2),
                        true,
                        dims(),
                        "",
                        "weight",
                        "weightNorm"),
                new Case(
                        "Conv2dLayer[4 -> 6, 2x2, stride 2, no bias, 2 groups, weight standardization]",
                        () -> Conv2dLayer.of(4, 6, dims(2, 2), 2, Initializer.heNormal(), rng)
                                .withWeightStandardization()
                                .withStride(2)
                                .withoutBias(),
                        dims(2, 4, 4, 4),
                        dims(2, 2, 2, 6),
                        true,
                        dims(),
                        "",
                        "weight",
                        "weightNorm"),
                new Case(
                        "DepthwiseConv2dLayer[3 -> 3, 2x2, weight standardization]",
                        () -> DepthwiseConv2dLayer.of(3, 2, rng).withWeightStandardization(),
                        dims(2, 3, 3, 3),
                        dims(2, 2, 2, 3),
                        true,
                        dims(),
                        "",
                        "weight",
                        "bias",
                        "weightNorm"),
                new Case(
                        "ConvTranspose2dLayer[3 -> 2, 2x2, padding same, dilation 2, no bias]",
                        () -> ConvTranspose2dLayer.of(3, 2, 2, rng)
                                .withDilation(2)
                                .withPadding(Padding.same())
                                .withoutBias(),
                        dims(1, 3, 2, 3),
                        dims(1, 3, 2, 2),
                        true,
                        dims(),
                        "",
                        "weight"),
                pool("MaxPool1dLayer[2, stride 2]", MaxPool1dLayer.of(2), dims(2, 5, 3), dims(2, 2, 3)),
                pool(
                        "MaxPool2dLayer[3x3, stride 2, padding 1]",
                        MaxPool2dLayer.of(3).withStride(2).withPadding(Padding.of(1)),
                        dims(1, 5, 4, 2),
                        dims(1, 3, 2, 2)),
                pool(
                        "MaxPool2dLayer[2x1, dilation 2]",
                        MaxPool2dLayer.of(2, 1).withStride(1).withDilation(2),
                        dims(1, 3, 3, 2),
                        dims(1, 1, 3, 2)),
                pool("AvgPool1dLayer[2, stride 2]", AvgPool1dLayer.of(2), dims(2, 5, 3), dims(2, 2, 3)),
                pool(
                        "AvgPool2dLayer[3x3, stride 1, padding not counted]",
                        AvgPool2dLayer.of(3).withStride(1).withoutCountingPadding(),
                        dims(1, 5, 4, 2),
                        dims(1, 3, 2, 2)),
                pool("AvgPool2dLayer[1x2, stride 1x2]", AvgPool2dLayer.of(1, 2), dims(1, 5, 4, 2), dims(1, 5, 2, 2)),
                pool("AdaptiveAvgPool1dLayer[3]", new AdaptiveAvgPool1dLayer(3), dims(2, 5, 3), dims(2, 3, 3)),
                pool(
                        "AdaptiveAvgPool2dLayer[3x2]",
                        new AdaptiveAvgPool2dLayer(3, 2),
                        dims(2, 5, 3, 3),
                        dims(2, 3, 2, 3)),
                pool("AdaptiveMaxPool1dLayer[3]", new AdaptiveMaxPool1dLayer(3), dims(2, 5, 3), dims(2, 3, 3)),
                pool(
                        "AdaptiveMaxPool2dLayer[3x2]",
                        new AdaptiveMaxPool2dLayer(3, 2),
                        dims(1, 4, 3, 2),
                        dims(1, 3, 2, 2)),
                new Case(
                        "GlobalAvgPoolLayer[]",
                        GlobalAvgPoolLayer::new,
                        dims(2, 3, 2, 3),
                        dims(2, 3),
                        true,
                        dims(2, 3),
                        "GlobalAvgPoolLayer[]: globalAvgPool: needs an axis between instances and features: [2, 3]"
                                + " (rank 2 < 3)"),
                pool("GlobalAvgPoolLayer[]", new GlobalAvgPoolLayer(), dims(2, 2, 3, 2, 3), dims(2, 3)),
                pool("GlobalMaxPoolLayer[]", new GlobalMaxPoolLayer(), dims(2, 5, 3), dims(2, 3)),
                new Case(
                        "UpsampleLayer[nearest, scale 2]",
                        () -> UpsampleLayer.nearest(2),
                        dims(2, 3, 2, 3),
                        dims(2, 6, 4, 3),
                        true,
                        dims(2, 0, 2, 3),
                        "UpsampleLayer[nearest, scale 2]: upsample2d: lengths must be at least 1: [2, 0, 2, 3] to [0, 4]"
                                + " (0 < 1)"),
                pool(
                        "UpsampleLayer[bilinear, scale 2x3]",
                        UpsampleLayer.bilinear(2, 3),
                        dims(1, 3, 2, 2),
                        dims(1, 6, 6, 2)),
                new Case(
                        "ZeroPadLayer[1x2]",
                        () -> ZeroPadLayer.of(1, 2),
                        dims(2, 3, 2, 3),
                        dims(2, 5, 6, 3),
                        true,
                        dims(2, 3, 3),
                        "ZeroPadLayer[1x2]: zeroPad: padding has 2 numbers for 1 axis: [1, 2]"),
                new Case(
                        "ReflectionPadLayer[1 to 2]",
                        () -> new ReflectionPadLayer(Padding.of(dims(1), dims(2))),
                        dims(2, 3, 3),
                        dims(2, 6, 3),
                        true,
                        dims(2, 2, 3),
                        "ReflectionPadLayer[1 to 2]: reflectionPad: widths must be from 0 to below the length: [2, 2, 3] by"
                                + " [0, 1, 0] and [0, 2, 0] (2 >= 2)"));
    }

    private static Case pool(String text, Layer layer, int[] input, int[] output) {
        return new Case(text, () -> layer, input, output, true, new int[0], "");
    }
}
