package org.jauss.examples;

import java.util.List;
import org.jauss.data.Digits;
import org.jauss.layers.GaussianNormLayer;
import org.jauss.layers.Initializer;
import org.jauss.layers.LinearLayer;
import org.jauss.layers.Sequential;
import org.jauss.losses.CrossEntropyLoss;
import org.jauss.metrics.Accuracy;
import org.jauss.optimizers.Optimizer;
import org.jauss.optimizers.Sgd;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Tensor;

/** The training loop of the README: handwritten digits, one instance at a time, by plain SGD. */
public final class FirstSteps {
    private FirstSteps() {}

    /**
     * Trains for three epochs and prints the accuracy on the digits held out.
     *
     * @param args none
     */
    public static void main(String[] args) {
        var rng = Rng.of(1);
        var data = Digits.load().split(.2, rng);
        var model = Sequential.of(
                GaussianNormLayer.robust(64),
                LinearLayer.of(64, 48, Initializer.heNormal(), rng),
                Tensor::relu,
                GaussianNormLayer.robust(48),
                LinearLayer.of(48, 10, rng));
        GaussianNormLayer.initialize(model, List.of(data.training().x()));

        var crossEntropy = CrossEntropyLoss.of();
        var optimizer = Optimizer.of(model.parameters(), Sgd.of(.01f));
        for (int epoch = 0; epoch < 3; epoch++) {
            for (var batch : data.training().shuffle(rng).batches(1)) {
                try (var pass = Pass.training(rng)) {
                    var loss = crossEntropy.of(model.forward(pass.input(batch.x())), batch.labels());
                    optimizer.step(pass.backward(loss)); // the likelihoods of the norm layers are included
                }
            }
        }
        var logits = model.forward(data.heldOut().x()); // outside a pass nothing is recorded
        System.out.printf("accuracy %.3f%n", Accuracy.of(logits, data.heldOut().labels()));
    }
}
