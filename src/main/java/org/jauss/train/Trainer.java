package org.jauss.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jauss.data.Batch;
import org.jauss.data.Batches;
import org.jauss.io.CheckpointWriter;
import org.jauss.io.Checkpoints;
import org.jauss.layers.Layer;
import org.jauss.losses.Loss;
import org.jauss.metrics.Metric;
import org.jauss.optimizers.Optimizer;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Sliceable;
import org.jspecify.annotations.Nullable;

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
 *         .with(BestModel.lowest("validation.loss"))
 *         .with(new ProgressDisplay())
 *         .fit(training.shuffle(rng).batches(64), 20, rng);
 * }</pre>
 *
 * <p><b>History.</b> Behind each epoch {@code loss} and {@code auxiliaryLoss}, means over its instances;
 * {@code learningRate}, that of the last step; with validation {@code validation.loss} and {@code validation.NAME} of
 * each metric, these also within an epoch if wished. A checkpoint is written behind the validation of its step, if that
 * is due and the training is not being stopped, and has the numbers of the step also as entries of these names, so that
 * {@code Checkpoints.in(folder).withLowest("validation.loss")} keeps the best one on the disk.
 *
 * <p><b>Going on.</b> What happens in a step is a function of the random source, the data and the number of the step. A
 * training with a folder of checkpoints begins with the newest one there: a model built in the same way, with the same
 * data, optimiser, seeds and listeners, then ends with the same bits as if it had never been interrupted, also if it is
 * to be longer than it was to be then. A checkpoint is written behind each epoch, when the training is stopped, and if
 * wished every so many steps.
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
 * @param validationSteps after how many steps it is run within an epoch; 0 for never
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
        long validationSteps,
        @Nullable Checkpoints checkpoints,
        long checkpointSteps,
        List<TrainingListener> listeners) {
    /**
     * Checks the settings.
     *
     * @param model the model
     * @param optimizer what lets it learn
     * @param accumulation how a batch becomes gradients
     * @param clipNorm the largest norm of the gradients; infinite for no limit
     * @param validation what is run behind each epoch, or null
     * @param validationSteps after how many steps it is run within an epoch; 0 for never
     * @param checkpoints where checkpoints are kept, or null
     * @param checkpointSteps after how many steps a checkpoint is written within an epoch; 0 for never
     * @param listeners who looks on; copied
     * @throws IllegalArgumentException if the norm is not above 0 or a number of steps is negative
     */
    public Trainer {
        listeners = List.copyOf(listeners);
        if (!(clipNorm > 0)) {
            throw new IllegalArgumentException("trainer: the clipping norm must be above 0, but is " + clipNorm);
        }
        if (validationSteps < 0) {
            throw new IllegalArgumentException(
                    "trainer: steps between validations must be at least 0, but are " + validationSteps);
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
                model, optimizer, GradientAccumulation.of(loss), Double.POSITIVE_INFINITY, null, 0, null, 0, List.of());
    }

    /**
     * The same with another way from a batch to gradients: micro-batches, shards.
     *
     * @param other the way
     * @return the changed trainer
     */
    public Trainer<T> withAccumulation(GradientAccumulation<T> other) {
        return new Trainer<>(
                model,
                optimizer,
                other,
                clipNorm,
                validation,
                validationSteps,
                checkpoints,
                checkpointSteps,
                listeners);
    }

    /**
     * The same with gradients that are clipped by norm, statistics left out.
     *
     * @param norm the largest norm, above 0
     * @return the changed trainer
     * @throws IllegalArgumentException if it is not above 0
     */
    public Trainer<T> withClipNorm(double norm) {
        return new Trainer<>(
                model,
                optimizer,
                accumulation,
                norm,
                validation,
                validationSteps,
                checkpoints,
                checkpointSteps,
                listeners);
    }

    /**
     * The same with loss and metrics on other data behind each epoch.
     *
     * @param batches the data, run over each time
     * @param metrics the metrics
     * @return the changed trainer
     */
    @SafeVarargs
    public final Trainer<T> withValidation(Iterable<Batch<T>> batches, Metric<T>... metrics) {
        List<Metric<T>> list = new ArrayList<>();
        for (Metric<T> metric : metrics) {
            list.add(metric);
        }
        var evaluation = new Evaluation<>(batches, list);
        return new Trainer<>(
                model,
                optimizer,
                accumulation,
                clipNorm,
                evaluation,
                validationSteps,
                checkpoints,
                checkpointSteps,
                listeners);
    }

    /**
     * The same with its validation also within an epoch.
     *
     * @param steps after how many steps of the training it is run; 0 for only behind an epoch
     * @return the changed trainer
     * @throws IllegalArgumentException if the number of steps is negative
     */
    public Trainer<T> withValidationSteps(long steps) {
        return new Trainer<>(
                model, optimizer, accumulation, clipNorm, validation, steps, checkpoints, checkpointSteps, listeners);
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
        return new Trainer<>(
                model, optimizer, accumulation, clipNorm, validation, validationSteps, folder, steps, listeners);
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
        return new Trainer<>(
                model,
                optimizer,
                accumulation,
                clipNorm,
                validation,
                validationSteps,
                checkpoints,
                checkpointSteps,
                more);
    }

    /**
     * Trains for some epochs.
     *
     * @param batches the data
     * @param epochs the number of epochs, those before the newest checkpoint included
     * @param rng the source of what is random in the model, from which a key is split
     * @return where the training ended, with its history
     * @throws ArithmeticException if a loss or gradient is not finite
     * @throws IllegalArgumentException if the newest checkpoint is of another model or optimiser, or there are no batches
     * @throws IllegalStateException if another training has the folder of checkpoints, or a listener needs a number
     *     that an epoch does not give
     */
    public Training fit(Batches<T> batches, long epochs, Rng rng) {
        return fit(batches, new Training(this, epochs, Long.MAX_VALUE, batches.knownSize(), rng.split()));
    }

    /**
     * Trains for some steps, in as many epochs as it takes. If the last epoch is cut off, it ends like the others, with
     * validation; the checkpoint is from before that, so that a training for more steps goes on within the epoch.
     *
     * @param batches the data
     * @param steps the number of steps, those before the newest checkpoint included
     * @param rng the source of what is random in the model, from which a key is split
     * @return where the training ended, with its history
     * @throws ArithmeticException if a loss or gradient is not finite
     * @throws IllegalArgumentException if the newest checkpoint is of another model or optimiser, or there are no batches
     * @throws IllegalStateException if another training has the folder of checkpoints, or a listener needs a number
     *     that an epoch does not give
     */
    public Training fitSteps(Batches<T> batches, long steps, Rng rng) {
        return fit(batches, new Training(this, Long.MAX_VALUE, steps, batches.knownSize(), rng.split()));
    }

    /** What the validation gives now, by name; nothing if there is none. */
    Map<String, Double> validate() {
        return validation == null ? Map.of() : validation.of(model, accumulation.loss());
    }

    private Training fit(Batches<T> batches, Training training) {
        if (checkpoints == null) {
            new TrainingLoop<>(this, batches, training, null).run(Optional.empty());
        } else {
            try (CheckpointWriter writer = checkpoints.open()) {
                new TrainingLoop<>(this, batches, training, writer).run(checkpoints.latest());
            }
        }
        return training;
    }
}
