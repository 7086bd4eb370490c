package org.jauss.train;

import java.util.ArrayList;
import java.util.List;
import org.jauss.data.Batch;
import org.jauss.data.BatchIterator;
import org.jauss.data.Batches;
import org.jauss.io.CheckpointWriter;
import org.jauss.io.Checkpoints;
import org.jauss.layers.Layer;
import org.jauss.losses.Loss;
import org.jauss.optimizers.Optimizer;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Sliceable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The training loop: epochs of batches, each a step, with validation behind every epoch, listeners, and checkpoints from
 * which a training that was killed goes on as if nothing had happened.
 *
 * <pre>{@code
 * var outcome = Trainer.of(model, CrossEntropyLoss.of(), Optimizer.of(model.parameters(), Adam.of(1e-3f)))
 *         .withValidation(heldOut.batches(256), new Accuracy())
 *         .withClipNorm(1)
 *         .withCheckpoints(Checkpoints.in(folder))
 *         .with(EarlyStopping.lowest("validation.loss", 5))
 *         .fit(training.shuffle(rng).batches(64), 20, rng);
 * }</pre>
 *
 * <p><b>History.</b> {@code loss}, {@code auxiliaryLoss} (means over an epoch), {@code learningRate}, and behind each
 * epoch {@code validation.loss} and {@code validation.NAME} of each metric.
 *
 * <p><b>Going on.</b> What happens in a step is a function of the random source, the data and the number of the step. A
 * training with a folder of checkpoints begins with the newest one there: a model built in the same way, with the same
 * data, optimiser and listeners, then ends with the same bits as if it had never been interrupted. Behind each epoch, and
 * if wished every so many steps, a checkpoint is written.
 *
 * <p><b>Ending early.</b> {@link Training#stop}, an interrupt of the thread, and the end of the JVM by SIGINT or SIGTERM
 * end the training behind the step that is being made, with a checkpoint. A loss or gradient that is not finite ends it
 * before the step changes anything, with an {@link ArithmeticException} that names the layer and op where it appeared.
 *
 * @param model the model
 * @param optimizer what lets it learn
 * @param accumulation how a batch becomes gradients
 * @param clipNorm the largest norm of the gradients; infinite for no limit
 * @param validation what is run behind each epoch, or null
 * @param checkpoints where checkpoints are kept, or null
 * @param checkpointSteps after how many steps a checkpoint is written within an epoch; 0 for never
 * @param listeners who looks on
 * @param <T> the type of the targets
 */
public record Trainer<T extends Sliceable<T>>(
        Layer model,
        Optimizer optimizer,
        GradientAccumulation<T> accumulation,
        double clipNorm,
        @Nullable Evaluation<T> validation,
        @Nullable Checkpoints checkpoints,
        long checkpointSteps,
        List<TrainingListener> listeners) {
    private static final Logger LOGGER = LoggerFactory.getLogger(Trainer.class);

    /**
     * Checks the settings.
     *
     * @param model the model
     * @param optimizer what lets it learn
     * @param accumulation how a batch becomes gradients
     * @param clipNorm the largest norm of the gradients; infinite for no limit
     * @param validation what is run behind each epoch, or null
     * @param checkpoints where checkpoints are kept, or null
     * @param checkpointSteps after how many steps a checkpoint is written within an epoch; 0 for never
     * @param listeners who looks on; copied
     * @throws IllegalArgumentException if the norm is not above 0 or the number of steps is negative
     */
    public Trainer {
        listeners = List.copyOf(listeners);
        if (!(clipNorm > 0)) {
            throw new IllegalArgumentException("trainer: the clipping norm must be above 0, but is " + clipNorm);
        }
        if (checkpointSteps < 0) {
            throw new IllegalArgumentException(
                    "trainer: steps between checkpoints must be at least 0, but are " + checkpointSteps);
        }
    }

    /**
     * A trainer that runs each batch as a whole.
     *
     * @param model the model
     * @param loss the loss
     * @param optimizer what lets the model learn
     * @param <T> the type of the targets
     * @return the trainer
     */
    public static <T extends Sliceable<T>> Trainer<T> of(Layer model, Loss<T> loss, Optimizer optimizer) {
        return new Trainer<>(
                model, optimizer, GradientAccumulation.of(loss), Double.POSITIVE_INFINITY, null, null, 0, List.of());
    }

    /**
     * The same with another way from a batch to gradients: micro-batches, shards.
     *
     * @param other the way
     * @return the changed trainer
     */
    public Trainer<T> withAccumulation(GradientAccumulation<T> other) {
        return new Trainer<>(model, optimizer, other, clipNorm, validation, checkpoints, checkpointSteps, listeners);
    }

    /**
     * The same with gradients that are clipped by norm, statistics left out.
     *
     * @param norm the largest norm, above 0
     * @return the changed trainer
     * @throws IllegalArgumentException if it is not above 0
     */
    public Trainer<T> withClipNorm(double norm) {
        return new Trainer<>(model, optimizer, accumulation, norm, validation, checkpoints, checkpointSteps, listeners);
    }

    /**
     * The same with loss and metrics on other data behind each epoch.
     *
     * @param evaluation the data and the metrics
     * @return the changed trainer
     */
    public Trainer<T> withValidation(Evaluation<T> evaluation) {
        return new Trainer<>(
                model, optimizer, accumulation, clipNorm, evaluation, checkpoints, checkpointSteps, listeners);
    }

    /**
     * The same with checkpoints behind each epoch and when the training is stopped; it begins with the newest one.
     *
     * @param folder where they are kept
     * @return the changed trainer
     */
    public Trainer<T> withCheckpoints(Checkpoints folder) {
        return withCheckpoints(folder, 0);
    }

    /**
     * As {@link #withCheckpoints(Checkpoints)}, and also within an epoch.
     *
     * @param folder where they are kept
     * @param steps after how many steps one is written; 0 for only behind an epoch
     * @return the changed trainer
     * @throws IllegalArgumentException if the number of steps is negative
     */
    public Trainer<T> withCheckpoints(Checkpoints folder, long steps) {
        return new Trainer<>(model, optimizer, accumulation, clipNorm, validation, folder, steps, listeners);
    }

    /**
     * The same with one more listener.
     *
     * @param listener who looks on
     * @return the changed trainer
     */
    public Trainer<T> with(TrainingListener listener) {
        List<TrainingListener> more = new ArrayList<>(listeners);
        more.add(listener);
        return new Trainer<>(model, optimizer, accumulation, clipNorm, validation, checkpoints, checkpointSteps, more);
    }

    /**
     * Trains.
     *
     * @param batches the data
     * @param epochs the number of epochs, those before the newest checkpoint included
     * @param rng the source of what is random in the model, from which a key is split
     * @return where the training ended, with its history
     * @throws ArithmeticException if a loss or gradient is not finite
     * @throws IllegalArgumentException if the newest checkpoint is of another model or optimiser
     * @throws IllegalStateException if another process trains in the same folder of checkpoints
     */
    public Training fit(Batches<T> batches, long epochs, Rng rng) {
        var training =
                new Training(model, optimizer, epochs, batches.knownSize().orElse(0), rng.split());
        if (checkpoints == null) {
            run(batches, training, null);
        } else {
            try (CheckpointWriter writer = checkpoints.open()) {
                checkpoints.latest().ifPresent(checkpoint -> {
                    training.restore(checkpoint);
                    listeners.forEach(listener -> listener.restore(checkpoint));
                    LOGGER.info("goes on from epoch {}, step {}", training.epoch(), training.step());
                });
                run(batches, training, writer);
            }
        }
        return training;
    }

    private void run(Batches<T> batches, Training training, @Nullable CheckpointWriter writer) {
        listeners.forEach(listener -> listener.started(training));
        var endOfJvm = EndOfJvm.watch(training);
        try {
            while (training.epoch() < training.epochs() && training.stopped().isEmpty()) {
                runEpoch(batches, training, writer);
            }
            training.complete();
        } finally {
            listeners.forEach(listener -> listener.ended(training));
            endOfJvm.trainingHasEnded();
        }
    }

    private void runEpoch(Batches<T> batches, Training training, @Nullable CheckpointWriter writer) {
        var gradients = new Gradients();
        try (BatchIterator<T> rest =
                batches.epoch(training.epoch()).from(training.batch()).iterator()) {
            while (rest.hasNext()) {
                TrainingStep step = step(training, rest.next(), gradients);
                training.stepMade(step);
                listeners.forEach(listener -> listener.stepped(training, step));
                if (Thread.currentThread().isInterrupted()) {
                    training.stop("the thread was interrupted");
                }
                boolean last = !rest.hasNext();
                if (!last && training.stopped().isPresent()) {
                    save(training, writer);
                    return;
                }
                if (!last && checkpointSteps > 0 && training.step() % checkpointSteps == 0) {
                    save(training, writer);
                }
            }
        }
        training.noteEpoch();
        if (validation != null) {
            validation
                    .of(model, accumulation.loss())
                    .forEach((name, value) -> training.history().add("validation." + name, training.step(), value));
        }
        listeners.forEach(listener -> listener.epochEnded(training));
        training.epochMade();
        save(training, writer);
    }

    private TrainingStep step(Training training, Batch<T> batch, Gradients gradients) {
        float rate = optimizer.rule().learningRate().at(optimizer.steps());
        GradientAccumulation.Result result;
        try {
            result = accumulation.run(training.stepRng(), model, batch.x(), batch.labels(), gradients);
        } catch (ArithmeticException e) {
            throw notFinite(training, NonFinite.find(model, training.stepRng(), batch.x()), e);
        }
        double norm = gradients.norm();
        if (!Double.isFinite(norm)) {
            throw notFinite(training, NonFinite.find(model, gradients), null);
        }
        if (norm > clipNorm) {
            gradients.clipNorm(clipNorm);
        }
        optimizer.step(gradients);
        return new TrainingStep(result.loss(), result.auxiliaryLoss(), norm, rate, batch.instances());
    }

    private static ArithmeticException notFinite(Training training, String where, @Nullable ArithmeticException cause) {
        var e = new ArithmeticException("training: step " + training.step() + " (epoch " + training.epoch() + ", batch "
                + training.batch() + ") is not finite, nothing was updated: first in " + where);
        if (cause != null) {
            e.initCause(cause);
        }
        return e;
    }

    private void save(Training training, @Nullable CheckpointWriter writer) {
        if (writer != null) {
            var checkpoint = training.save();
            for (TrainingListener listener : listeners) {
                checkpoint = listener.save(checkpoint);
            }
            writer.save(training.step(), checkpoint);
        }
    }
}
