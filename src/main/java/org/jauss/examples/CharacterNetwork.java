package org.jauss.examples;

import java.util.Arrays;
import org.jauss.layers.ActivationLayer;
import org.jauss.layers.EmbeddingLayer;
import org.jauss.layers.GruLayer;
import org.jauss.layers.Layer;
import org.jauss.layers.LayerNormLayer;
import org.jauss.layers.LinearLayer;
import org.jauss.layers.Sequential;
import org.jauss.layers.TransformerEncoderLayer;
import org.jauss.losses.CrossEntropyLoss;
import org.jauss.optimizers.AdamW;
import org.jauss.optimizers.Optimizer;
import org.jauss.optimizers.Schedule;
import org.jauss.tensor.Index;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Tensor;

/** Networks that foretell the next character at each step: tokens {@code [N, T]} to logits {@code [N, T, V]}. */
enum CharacterNetwork {
    GRU {
        @Override
        Layer build(int tokens, int width, Rng rng) {
            return Sequential.of(
                    EmbeddingLayer.of(tokens, width, rng),
                    GruLayer.of(width, width, rng),
                    LinearLayer.of(width, tokens, rng));
        }
    },
    TRANSFORMER {
        @Override
        Layer build(int tokens, int width, Rng rng) {
            return Sequential.of(
                    EmbeddingLayer.of(tokens, width, rng),
                    block(width, rng),
                    block(width, rng),
                    LayerNormLayer.of(width),
                    LinearLayer.of(width, tokens, rng));
        }
    };

    private static final int BATCH = 32;
    private static final float RATE = .004f;

    abstract Layer build(int tokens, int width, Rng rng);

    private static Layer block(int width, Rng rng) {
        return TransformerEncoderLayer.of(width, 4, 4 * width, rng)
                .withCausal()
                .withPreNorm()
                .withActivation(ActivationLayer.gelu())
                .withDropout(0)
                .withRotary(10_000);
    }

    /** Trains on random pieces of the text. */
    static void train(Layer model, CharacterText text, int length, int steps, Rng rng) {
        var optimizer = Optimizer.of(model.parameters(), AdamW.of(Schedule.oneCycle(RATE, steps, .1f, 25, 100)));
        for (int step = 0; step < steps; step++) {
            try (var pass = Pass.training(rng)) {
                var gradients = pass.backward(loss(model, pass, text.pieces(BATCH, length, rng.split())));
                gradients.clipNorm(1);
                optimizer.step(gradients);
            }
        }
    }

    /** Bits per held-out character; each piece of the text starts from nothing. */
    static double bits(Layer model, CharacterText text, int length) {
        try (var pass = Pass.inference()) {
            return loss(model, pass, text.heldOutPieces(length)).item() / Math.log(2);
        }
    }

    /** The mean loss over pieces {@code [N, T + 1]}: each character but the first, given those before. */
    private static Tensor loss(Layer model, Pass pass, IntTensor pieces) {
        int end = pieces.shape().dim(1);
        int[] next = new int[pieces.shape().dim(0) * (end - 1)];
        Arrays.setAll(next, i -> pieces.at(i / (end - 1) * end + i % (end - 1) + 1));
        Tensor x = pieces.toTensor().index(Index.all(), Index.range(0, end - 1));
        return CrossEntropyLoss.of().of(model.forward(pass.input(x)), IntTensor.of(x.shape(), next));
    }
}
