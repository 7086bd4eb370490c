package org.jauss.benchmarks;

import org.jauss.layers.Layer;
import org.jauss.losses.CrossEntropyLoss;
import org.jauss.optimizers.Optimizer;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Pass;
import org.jauss.tensor.PassMemory;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Tensor;

/** What a workload repeats: always on the same batch, as only the time matters. */
sealed interface Step {
    /** Runs one pass, and tells what memory it had. */
    PassMemory run();

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
        public PassMemory run() {
            try (var pass = Pass.training(rng)) {
                var loss = CROSS_ENTROPY.of(model.forward(pass.input(x)), labels);
                optimizer.step(pass.backward(loss));
                return pass.memory();
            }
        }
    }

    /**
     * A run of the network in use. The result is copied out: what nobody reads need not be computed.
     *
     * @param model the network
     * @param x the batch
     */
    record Inference(Layer model, Tensor x) implements Step {
        @Override
        public PassMemory run() {
            try (var pass = Pass.inference()) {
                model.forward(pass.input(x)).toArray();
                return pass.memory();
            }
        }
    }
}
