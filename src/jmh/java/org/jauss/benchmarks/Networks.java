package org.jauss.benchmarks;

import java.util.ArrayList;
import java.util.List;
import org.jauss.layers.ActivationLayer;
import org.jauss.layers.BatchNormLayer;
import org.jauss.layers.Conv2dLayer;
import org.jauss.layers.DropoutLayer;
import org.jauss.layers.EmbeddingLayer;
import org.jauss.layers.FlattenLayer;
import org.jauss.layers.GaussianNormLayer;
import org.jauss.layers.GaussianNormOptions;
import org.jauss.layers.Layer;
import org.jauss.layers.LayerNormLayer;
import org.jauss.layers.LearnedPositionLayer;
import org.jauss.layers.LinearLayer;
import org.jauss.layers.LstmLayer;
import org.jauss.layers.MaxPool2dLayer;
import org.jauss.layers.Sequential;
import org.jauss.layers.TransformerEncoderLayer;
import org.jauss.tensor.Padding;
import org.jauss.tensor.Rng;

/** The networks that are measured, layer by layer those of {@code src/jmh/peers/torch_steps.py}. */
final class Networks {
    /** Images for {@link #cnn} have this height and width, and three channels. */
    static final int IMAGE = 32;

    /** The number of features of an input of {@link #mlp}. */
    static final int FEATURES = 784;

    /** The number of classes of {@link #mlp} and {@link #cnn}. */
    static final int CLASSES = 10;

    /** The number of different tokens of {@link #lstm} and {@link #gpt}. */
    static final int TOKENS = 96;

    /** The number of tokens in a sequence. */
    static final int LENGTH = 64;

    private Networks() {}

    /** What normalises; but for the last at the same place in a network, so that times differ by the layer alone. */
    enum Norm {
        NONE {
            @Override
            List<Layer> of(int channels) {
                return List.of();
            }
        },
        /** Batch norm. */
        BN {
            @Override
            List<Layer> of(int channels) {
                return List.of(BatchNormLayer.of(channels));
            }
        },
        /** Gaussian norm with the recommended options. */
        GN {
            @Override
            List<Layer> of(int channels) {
                return List.of(GaussianNormLayer.robust(channels));
            }
        },
        /** The same with the step projection, which has its place right behind a weight without bias. */
        PROJECTED {
            @Override
            List<Layer> of(int channels) {
                return List.of(GaussianNormLayer.of(
                        channels, GaussianNormOptions.robust().withProjection(true)));
            }
        };

        abstract List<Layer> of(int channels);
    }

    /** 784-512-256-10 with ReLU: {@code [N, 784] -> [N, 10]}. */
    static Sequential mlp(Norm norm, Rng rng) {
        int[] widths = {FEATURES, 512, 256};
        var layers = new ArrayList<Layer>();
        for (int i = 1; i < widths.length; i++) {
            var linear = LinearLayer.of(widths[i - 1], widths[i], rng);
            layers.add(norm == Norm.PROJECTED ? linear.withoutBias() : linear);
            layers.addAll(norm.of(widths[i]));
            layers.add(ActivationLayer.relu());
        }
        layers.add(LinearLayer.of(widths[widths.length - 1], CLASSES, rng));
        return new Sequential(layers);
    }

    /**
     * The CIFAR-10 network of the paper on Batchless Normalization, three convolutions and three linear layers:
     * {@code [N, 32, 32, 3] -> [N, 10]}.
     */
    static Sequential cnn(Norm norm, Rng rng) {
        var layers = new ArrayList<Layer>();
        for (CnnConvolution shape : CnnConvolution.values()) {
            var convolution = Conv2dLayer.of(shape.channels(), CnnConvolution.FILTERS, shape.kernel(), rng);
            convolution = convolution.withPadding(Padding.same());
            addHidden(layers, convolution, convolution.withoutBias(), norm, CnnConvolution.FILTERS);
            layers.add(MaxPool2dLayer.of(2));
        }
        layers.add(new FlattenLayer());
        for (int in : new int[] {4 * 4 * CnnConvolution.FILTERS, 50}) {
            var linear = LinearLayer.of(in, 50, rng);
            addHidden(layers, linear, linear.withoutBias(), norm, 50);
        }
        layers.add(LinearLayer.of(50, CLASSES, rng));
        return new Sequential(layers);
    }

    private static void addHidden(List<Layer> layers, Layer linear, Layer withoutBias, Norm norm, int width) {
        if (norm == Norm.PROJECTED) {
            layers.add(withoutBias);
            layers.addAll(norm.of(width));
            layers.add(ActivationLayer.leakyRelu(.3f));
        } else {
            layers.add(linear);
            layers.add(ActivationLayer.leakyRelu(.3f));
            layers.addAll(norm.of(width));
        }
        layers.add(new DropoutLayer(.25f));
    }

    /** A character model with one recurrent layer: {@code [N, T] -> [N, T, 96]}. */
    static Sequential lstm(Rng rng) {
        return Sequential.of(
                EmbeddingLayer.of(TOKENS, 128, rng), LstmLayer.of(128, 256, rng), LinearLayer.of(256, TOKENS, rng));
    }

    /** A character model with four transformer blocks: {@code [N, T] -> [N, T, 96]}. */
    static Sequential gpt(Rng rng) {
        int width = 128;
        var layers = new ArrayList<Layer>();
        layers.add(EmbeddingLayer.of(TOKENS, width, rng));
        layers.add(LearnedPositionLayer.of(LENGTH, width, rng));
        for (int i = 0; i < 4; i++) {
            layers.add(TransformerEncoderLayer.of(width, 4, 4 * width, rng)
                    .withCausal()
                    .withPreNorm()
                    .withActivation(ActivationLayer.gelu())
                    .withDropout(0));
        }
        layers.add(LayerNormLayer.of(width));
        layers.add(LinearLayer.of(width, TOKENS, rng));
        return new Sequential(layers);
    }
}
