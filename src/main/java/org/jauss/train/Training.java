package org.jauss.train;

import java.util.Optional;
import org.jauss.io.Checkpoint;
import org.jauss.layers.Layer;
import org.jauss.optimizers.Optimizer;
import org.jauss.optimizers.State;
import org.jauss.tensor.Rng;
import org.jspecify.annotations.Nullable;

/** Where a training is: what listeners look at, and what a checkpoint keeps besides model and optimiser. */
public final class Training {
    private final Layer model;
    private final Optimizer optimizer;
    private final History history = new History();
    private final long epochs;
    private final long stepsPerEpoch;
    private Rng rng;
    private long epoch;
    private int batch;
    private long step;
    private boolean complete;

    // Of the present epoch so far.
    private long instances;
    private double loss;
    private double auxiliaryLoss;
    private double learningRate;

    private volatile @Nullable String stopped;

    Training(Layer model, Optimizer optimizer, long epochs, long stepsPerEpoch, Rng rng) {
        this.model = model;
        this.optimizer = optimizer;
        this.epochs = epochs;
        this.stepsPerEpoch = stepsPerEpoch;
        this.rng = rng;
    }

    /**
     * The model that learns.
     *
     * @return the model
     */
    public Layer model() {
        return model;
    }

    /**
     * What lets it learn.
     *
     * @return the optimiser
     */
    public Optimizer optimizer() {
        return optimizer;
    }

    /**
     * The numbers so far.
     *
     * @return the history, which listeners may add to
     */
    public History history() {
        return history;
    }

    /**
     * The epoch that is being run, or the number of epochs once the training is over.
     *
     * @return counted from 0
     */
    public long epoch() {
        return epoch;
    }

    /**
     * How many epochs the training has in all.
     *
     * @return the number
     */
    public long epochs() {
        return epochs;
    }

    /**
     * The batch of the epoch that comes next.
     *
     * @return counted from 0
     */
    public int batch() {
        return batch;
    }

    /**
     * How many steps have been made, in all runs of this training together.
     *
     * @return the number
     */
    public long step() {
        return step;
    }

    /**
     * How many steps an epoch has.
     *
     * @return the number, or 0 if the data does not tell
     */
    public long stepsPerEpoch() {
        return stepsPerEpoch;
    }

    /**
     * Ends the training after the present step or epoch; from any thread.
     *
     * @param reason why, for logs and the result
     */
    public void stop(String reason) {
        if (stopped == null) {
            stopped = reason;
        }
    }

    /**
     * Why the training ends before its last epoch.
     *
     * @return the reason, or nothing as long as it goes on
     */
    public Optional<String> stopped() {
        return Optional.ofNullable(stopped);
    }

    /** The random source of the present step, a function of the source of the training and the step. */
    Rng stepRng() {
        return Rng.of(rng.bits(step));
    }

    /**
     * Whether the training is over, by its last epoch or as it was stopped, and not by an exception.
     *
     * @return false while it goes on
     */
    public boolean isComplete() {
        return complete;
    }

    void complete() {
        complete = true;
    }

    void stepMade(TrainingStep made) {
        step++;
        batch++;
        instances += made.instances();
        loss += made.loss() * made.instances();
        auxiliaryLoss += made.auxiliaryLoss() * made.instances();
        learningRate = made.learningRate();
    }

    /** Notes the means over the epoch. */
    void noteEpoch() {
        if (instances > 0) {
            history.add("loss", step, loss / instances);
            history.add("auxiliaryLoss", step, auxiliaryLoss / instances);
            history.add("learningRate", step, learningRate);
        }
    }

    void epochMade() {
        epoch++;
        batch = 0;
        instances = 0;
        loss = 0;
        auxiliaryLoss = 0;
    }

    Checkpoint save() {
        State state = optimizer.state();
        return history.save(Checkpoint.empty()
                .withParameters("model", model.parameters())
                .withArrays("optimizer", state.arrays())
                .withCounts("optimizer", state.counts())
                .with("rule", optimizer.toString().replaceAll(", step \\d+$", ""))
                .with("random", rng)
                .with("epoch", epoch)
                .with("batch", batch)
                .with("step", step)
                .with("soFar", (double) instances, loss, auxiliaryLoss, learningRate));
    }

    void restore(Checkpoint checkpoint) {
        checkpoint.requireFit("model", model.parameters());
        optimizer.resume(new State(checkpoint.arrays("optimizer"), checkpoint.counts("optimizer")));
        checkpoint.restore("model", model.parameters());
        history.restore(checkpoint);
        rng = checkpoint.rng("random");
        epoch = checkpoint.count("epoch");
        batch = Math.toIntExact(checkpoint.count("batch"));
        step = checkpoint.count("step");
        double[] soFar = checkpoint.numbers("soFar");
        instances = (long) soFar[0];
        loss = soFar[1];
        auxiliaryLoss = soFar[2];
        learningRate = soFar[3];
    }
}
