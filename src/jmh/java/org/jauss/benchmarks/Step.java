package org.jauss.benchmarks;

import java.util.Arrays;
import org.jauss.layers.Layer;
import org.jauss.losses.CrossEntropyLoss;
import org.jauss.optimizers.Optimizer;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;

/** What a workload repeats: always on the same batch, as only the time matters. */
sealed interface Step extends Runnable {
    /**
     * A step of the training loop: forward, cross entropy, backward, update.
     *
     * @param model the network
     * @param optimizer updates it
     * @param x the batch
     * @param labels its labels
     * @param rng the source of dropout
     */
    record Training(Layer model, Optimizer optimizer, Tensor x, IntTensor labels, Rng rng) implements Step {
        private static final CrossEntropyLoss CROSS_ENTROPY = CrossEntropyLoss.of();

        @Override
        public void run() {
            try (var pass = Pass.training(rng)) {
                var loss = CROSS_ENTROPY.of(model.forward(pass.input(x)), labels);
                optimizer.step(pass.backward(loss));
            }
        }

        /** What the tape keeps for the backward pass, as the summary of the model tells. */
        long activationBytes() {
            int[] dims = x.shape().dims();
            Shape instance = Shape.of(Arrays.copyOfRange(dims, 1, dims.length));
            return Float.BYTES
                    * model.summary(instance)
                            .withBatch(x.instances(), x.instances())
                            .activations();
        }
    }

    /**
     * A run of the network in use.
     *
     * @param model the network
     * @param x the batch
     */
    record Inference(Layer model, Tensor x) implements Step {
        @Override
        public void run() {
            try (var pass = Pass.inference()) {
                model.forward(pass.input(x));
            }
        }
    }
}
