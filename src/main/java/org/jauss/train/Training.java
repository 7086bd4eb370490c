package org.jauss.train;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jauss.io.Checkpoint;
import org.jauss.layers.Layer;
import org.jauss.optimizers.Optimizer;
import org.jauss.optimizers.State;
import org.jauss.tensor.Rng;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where a training is: what listeners look at, and what a checkpoint keeps. */
public final class Training {
    private static final Logger LOGGER = LoggerFactory.getLogger(Training.class);
    private static final String GROUP = "training";

    private final Trainer<?> trainer;
    private final History history = new History();
    private final long epochs;
    private final long steps;
    private final OptionalInt stepsPerEpoch;

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
    private volatile boolean interrupted;

    Training(Trainer<?> trainer, long epochs, long steps, OptionalInt stepsPerEpoch, Rng rng) {
        this.trainer = trainer;
        this.epochs = epochs;
        this.steps = steps;
        this.stepsPerEpoch = stepsPerEpoch;
        this.rng = rng;
    }

    /**
     * Whose training it is.
     *
     * @return the trainer, with all settings
     */
    public Trainer<?> trainer() {
        return trainer;
    }

    /**
     * The random source of the training.
     *
     * @return its state at the start, that of the source given to the trainer after a split
     */
    public Rng.State random() {
        return rng.state();
    }

    /**
     * The model that learns.
     *
     * @return the model
     */
    public Layer model() {
        return trainer.model();
    }

    /**
     * What lets it learn.
     *
     * @return the optimiser
     */
    public Optimizer optimizer() {
        return trainer.optimizer();
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
     * The epoch that is being run, or the number of epochs once the last one is over.
     *
     * @return counted from 0
     */
    public long epoch() {
        return epoch;
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
     * @return the number, or nothing if the data does not tell
     */
    public OptionalInt stepsPerEpoch() {
        return stepsPerEpoch;
    }

    /**
     * How many epochs the training has in all.
     *
     * @return the number, or nothing if it has a number of steps
     */
    public OptionalLong epochs() {
        return epochs == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(epochs);
    }

    /**
     * How many steps the training has in all.
     *
     * @return the number, or nothing if it has a number of epochs and the data does not tell their length
     */
    public OptionalLong steps() {
        if (epochs == Long.MAX_VALUE) {
            return OptionalLong.of(steps);
        }
        return stepsPerEpoch.isPresent() ? OptionalLong.of(epochs * stepsPerEpoch.getAsInt()) : OptionalLong.empty();
    }

    /**
     * The mean task loss over the instances of the present epoch so far.
     *
     * @return the mean; NaN before the first step of an epoch
     */
    public double meanLoss() {
        return loss / instances;
    }

    /**
     * Ends the training behind the present step; from any thread. Only the first reason counts.
     *
     * @param reason why, for logs and the result
     */
    public synchronized void stop(String reason) {
        if (stopped == null) {
            stopped = reason;
        }
    }

    /** Ends the training from outside. */
    void interrupt(String reason) {
        interrupted = true;
        stop(reason);
    }

    /**
     * Whether the training was ended from outside, by an interrupt of its thread or the end of the JVM, or is about to be;
     * asked in its thread. Whoever goes on with what it gave asks this first.
     *
     * @return false as long as nothing speaks against going on
     */
    public boolean isInterrupted() {
        return interrupted || Interruption.isPending();
    }

    /**
     * Why the training ends before its last step.
     *
     * @return the reason, or nothing as long as it goes on
     */
    public Optional<String> stopped() {
        return Optional.ofNullable(stopped);
    }

    /**
     * Whether the training is over, by its last step or as it was stopped, and not by an exception.
     *
     * @return false while it goes on
     */
    public boolean isComplete() {
        return complete;
    }

    void complete() {
        complete = true;
    }

    /** Whether another step is to be made in this epoch, if it has another batch. */
    boolean goesOn() {
        return stopped == null && step < steps;
    }

    /** Whether an epoch is to be run, or at least to be ended. */
    boolean hasEpoch() {
        return stopped == null && epoch < epochs && (step < steps || batch > 0);
    }

    /** The random source of the present step, a function of the source of the training and the step. */
    Rng stepRng() {
        return Rng.of(rng.bits(step));
    }

    void stepMade(TrainingStep made) {
        step++;
        batch++;
        instances += made.instances();
        loss += made.loss() * made.instances();
        auxiliaryLoss += made.auxiliaryLoss() * made.instances();
        learningRate = made.learningRate();
    }

    /** Notes the means over the epoch, and what its evaluations gave, by the names of their series. */
    void noteEpoch(Map<String, Double> numbers) {
        history.add("loss", step, loss / instances);
        history.add("auxiliaryLoss", step, auxiliaryLoss / instances);
        history.add("learningRate", step, learningRate);
        note(numbers);
    }

    /** Whether the history has the validation of the present step. */
    boolean isValidated() {
        return history.at(step).containsKey("validation.loss");
    }

    void note(Map<String, Double> numbers) {
        numbers.forEach((name, value) -> history.add(name, step, value));
    }

    /**
     * The number of a series at the end of an epoch, for a listener that needs one from each epoch: an old one, from
     * before a checkpoint, would look like a number that no longer changes.
     */
    double needed(String series, TrainingListener listener) {
        Map<String, Double> numbers = history.at(step);
        Double number = numbers.get(series);
        if (number == null) {
            throw new IllegalStateException(listener + ": nothing reports the series " + series
                    + " at the end of an epoch; after epoch " + epoch + " there are " + numbers.keySet());
        }
        return number;
    }

    void epochMade() {
        epoch++;
        batch = 0;
        instances = 0;
        loss = 0;
        auxiliaryLoss = 0;
    }

    /** What a training that goes on has to have in common with this one. */
    private Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("rule", optimizer().rule().toString());
        settings.put("clipNorm", "" + trainer.clipNorm());
        settings.put("microBatch", "" + trainer.accumulation().microBatch());
        settings.put("shards", "" + trainer.accumulation().shards());
        settings.put("instanceClipNorm", "" + trainer.accumulation().instanceClipNorm());
        settings.put("stepsPerEpoch", stepsPerEpoch.isPresent() ? "" + stepsPerEpoch.getAsInt() : "unknown");
        settings.put("random", rng.state().toString());
        return settings;
    }

    Checkpoint save() {
        State state = optimizer().state();
        Checkpoint numbers = history.save(Checkpoint.empty(), History.KEY);
        for (var entry : history.at(step).entrySet()) { // also by name alone, for Checkpoints.withLowest
            numbers = numbers.with(entry.getKey(), entry.getValue());
        }
        return numbers.withParameters("model", model().parameters())
                .withArrays("optimizer", state.arrays())
                .withCounts("optimizer", state.counts())
                .withTexts("settings", settings())
                .withCounts(GROUP, Map.of("epoch", epoch, "batch", (long) batch, "step", step, "instances", instances))
                .with(GROUP + ".sums", loss, auxiliaryLoss, learningRate)
                .with(GROUP + ".random", rng);
    }

    /** Goes on from a checkpoint. If anything does not fit, neither model nor optimiser is changed. */
    void restore(Checkpoint checkpoint) {
        checkpoint.requireFit("model", model().parameters());
        settings().forEach((name, now) -> {
            String then = checkpoint.has("settings." + name) ? checkpoint.text("settings." + name) : "unknown";
            Change.between(name, then, now)
                    .forEach(change -> LOGGER.warn("this training does not go on as it would have: {}", change));
        });
        history.restore(checkpoint, History.KEY);
        epoch = checkpoint.count(GROUP + ".epoch");
        batch = Math.toIntExact(checkpoint.count(GROUP + ".batch"));
        step = checkpoint.count(GROUP + ".step");
        instances = checkpoint.count(GROUP + ".instances");
        double[] sums = checkpoint.numbers(GROUP + ".sums");
        loss = sums[0];
        auxiliaryLoss = sums[1];
        learningRate = sums[2];
        rng = checkpoint.rng(GROUP + ".random");
        optimizer().resume(new State(checkpoint.arrays("optimizer"), checkpoint.counts("optimizer")));
        checkpoint.restore("model", model().parameters());
        if (step >= steps || epoch >= epochs) {
            LOGGER.info("is complete already: {} steps, {} epochs", step, epoch);
        } else {
            LOGGER.info("goes on after {} steps, in epoch {}", step, epoch + 1);
        }
    }
}
