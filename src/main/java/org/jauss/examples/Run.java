package org.jauss.examples;

import java.util.List;
import org.jauss.data.Dataset;
import org.jauss.layers.GaussianNormLayer;
import org.jauss.layers.Sequential;
import org.jauss.losses.CrossEntropyLoss;
import org.jauss.metrics.Accuracy;
import org.jauss.optimizers.Optimizer;
import org.jauss.optimizers.Sgd;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.train.GradientAccumulation;
import org.jauss.train.Trainer;
import org.jauss.train.Training;
import org.jauss.train.TrainingListener;
import org.jauss.train.TrainingStep;

/**
 * One training by plain SGD.
 *
 * @param normalization how the network normalises
 * @param batch the number of instances in a step
 * @param microBatch how many of them go through the network at once
 * @param rate the learning rate
 */
record Run(Contender normalization, int batch, int microBatch, float rate) {
    /**
     * What came of a run.
     *
     * @param run the run
     * @param model the trained network
     * @param trainingLoss the mean task loss in the last epoch
     * @param likelihood the mean likelihood term in the last epoch
     * @param testLoss the task loss over the held-out instances
     * @param accuracy the accuracy over the held-out instances
     */
    record Result(
            Run run, Sequential model, double trainingLoss, double likelihood, double testLoss, double accuracy) {}

    /** Batch statistics of a single instance say nothing: its distance to their mean is 0. */
    boolean isDefined() {
        return normalization != Contender.BATCH || microBatch > 1;
    }

    /** The same with instances that go through one by one. */
    Run inParts() {
        return new Run(normalization, batch, 1, rate);
    }

    String label() {
        return normalization.label() + ", batch " + batchLabel();
    }

    String batchLabel() {
        return microBatch < batch ? batch + " x " + microBatch : Integer.toString(batch);
    }

    /**
     * Trains a new network; an incomplete last batch of an epoch is left out.
     *
     * @throws ArithmeticException if the training diverges
     */
    Result train(Dataset.Split<IntTensor> data, int epochs, long seed, Runnable onStep) {
        var rng = Rng.of(seed);
        Sequential model = Network.of(normalization).build(rng.split());
        GaussianNormLayer.initialize(model, List.of(data.training().x()));
        var history = Trainer.of(model, CrossEntropyLoss.of(), Optimizer.of(model.parameters(), Sgd.of(rate)))
                .withAccumulation(GradientAccumulation.of(CrossEntropyLoss.of(), microBatch))
                .withValidation(data.heldOut().batches(data.heldOut().instances()), new Accuracy())
                .with(new TrainingListener() {
                    @Override
                    public void stepped(Training training, TrainingStep step) {
                        onStep.run();
                    }
                })
                .fit(data.training().shuffle(rng).fullBatches(batch), epochs, rng)
                .history();
        return new Result(
                this,
                model,
                history.last("loss").orElseThrow(),
                history.last("auxiliaryLoss").orElseThrow(),
                history.last("validation.loss").orElseThrow(),
                history.last("validation.accuracy").orElseThrow());
    }

    int stepsPerEpoch(Dataset.Split<IntTensor> data) {
        return data.training().instances() / batch;
    }
}
