package org.jauss.train;

import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.jauss.data.Batch;
import org.jauss.data.BatchIterator;
import org.jauss.data.Batches;
import org.jauss.io.Checkpoint;
import org.jauss.io.CheckpointWriter;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.Sliceable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of a {@link Trainer}. */
final class TrainingLoop<T extends Sliceable<T>> {
    private static final Logger LOGGER = LoggerFactory.getLogger(TrainingLoop.class);

    private final Trainer<T> trainer;
    private final Batches<T> batches;
    private final Training training;
    private final @Nullable CheckpointWriter writer;

    /** One for all steps, so that their memory is used again. */
    private final Gradients gradients = new Gradients();

    private boolean interrupted;

    TrainingLoop(Trainer<T> trainer, Batches<T> batches, Training training, @Nullable CheckpointWriter writer) {
        this.trainer = trainer;
        this.batches = batches;
        this.training = training;
        this.writer = writer;
    }

    /** Begins, or goes on from a checkpoint. */
    void run(Optional<Checkpoint> from) {
        var endOfJvm = EndOfJvm.watch(training);
        try {
            runWatched(from);
        } finally {
            endOfJvm.trainingHasEnded();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void runWatched(Optional<Checkpoint> from) {
        from.ifPresent(training::restore);
        Checkpoint state = from.orElse(Checkpoint.empty());
        trainer.listeners().forEach(listener -> listener.started(training, state));
        try {
            boolean more = true;
            while (more && training.hasEpoch()) {
                more = runEpoch();
            }
            training.complete();
            training.stopped().ifPresent(why -> LOGGER.info("ends at step {}: {}", training.step(), why));
        } finally {
            trainer.listeners().forEach(listener -> listener.ended(training));
        }
    }

    /** From the next batch to the end of the epoch or of the training; whether there may be another epoch. */
    private boolean runEpoch() {
        boolean over = runSteps();
        if (!over) {
            save(); // Who goes on from here makes the next step of the epoch, or ends it if there is none.
        }
        if (training.stopped().isPresent() || !endEpoch()) {
            return false;
        }
        if (over) {
            training.epochMade();
            save();
        }
        return over;
    }

    /** Whether the epoch has no more batches; the training may be at its end before. */
    private boolean runSteps() {
        try (BatchIterator<T> rest =
                batches.epoch(training.epoch()).from(training.batch()).iterator()) {
            while (training.goesOn() && hasNext(rest) && validateWithin()) {
                TrainingStep step = step(rest.next());
                training.stepMade(step);
                trainer.listeners().forEach(listener -> listener.stepped(training, step));
                stopIfInterrupted();
                long every = trainer.checkpointSteps();
                if (every > 0 && training.step() % every == 0 && training.goesOn()) {
                    save();
                }
            }
            if (training.batch() == 0 && training.stopped().isEmpty()) {
                throw new IllegalArgumentException("trainer: epoch " + training.epoch() + " has no batches");
            }
            return training.stopped().isEmpty() && !hasNext(rest);
        }
    }

    /**
     * The validation of the step that was made last, if it is due; false if the thread is interrupted in it. As it comes
     * before the next step, a training that goes on from a checkpoint has it, too.
     */
    private boolean validateWithin() {
        long every = trainer.validationSteps();
        if (every > 0 && training.batch() > 0 && training.step() % every == 0) {
            Optional<Map<String, Double>> validation = validate();
            validation.ifPresent(training::noteValidation);
            return validation.isPresent();
        }
        return true;
    }

    /** What the validation gives; nothing if the thread is interrupted in it. */
    private Optional<Map<String, Double>> validate() {
        try {
            return Optional.of(trainer.validate());
        } catch (CancellationException e) {
            if (!stopIfInterrupted()) {
                throw e;
            }
            return Optional.empty();
        }
    }

    private boolean hasNext(BatchIterator<T> rest) {
        try {
            return rest.hasNext();
        } catch (CancellationException e) {
            if (!stopIfInterrupted()) {
                throw e;
            }
            return false;
        }
    }

    /** Turns an interrupt into a stop; files cannot be written while the thread counts as interrupted. */
    private boolean stopIfInterrupted() {
        boolean now = Thread.interrupted();
        if (now) {
            interrupted = true;
            training.interrupt("the thread was interrupted");
        }
        return now;
    }

    private TrainingStep step(Batch<T> batch) {
        var optimizer = trainer.optimizer();
        float rate = optimizer.rule().learningRate().at(optimizer.steps());
        try {
            var result = trainer.accumulation()
                    .run(training.stepRng(), trainer.model(), batch.x(), batch.labels(), gradients);
            double norm = gradients.clipNorm(trainer.clipNorm());
            if (!Double.isFinite(norm)) {
                throw new ArithmeticException("the norm of the gradients is " + norm);
            }
            optimizer.step(gradients);
            return new TrainingStep(result.loss(), result.auxiliaryLoss(), norm, rate, batch.instances());
        } catch (ArithmeticException e) {
            String where = NonFinite.find(trainer.accumulation(), trainer.model(), training.stepRng(), batch);
            var failure = new ArithmeticException("training: step " + training.step() + " (epoch " + training.epoch()
                    + ", batch " + training.batch() + ") is not finite, nothing was updated: first in " + where);
            failure.initCause(e);
            throw failure;
        }
    }

    /** Validation, history, listeners; false if the thread is interrupted in the validation. */
    private boolean endEpoch() {
        Optional<Map<String, Double>> validation = validate();
        if (validation.isEmpty()) {
            save();
            return false;
        }
        training.noteEpoch(validation.get());
        trainer.listeners().forEach(listener -> listener.epochEnded(training));
        stopIfInterrupted();
        return true;
    }

    private void save() {
        if (writer == null) {
            return;
        }
        Checkpoint checkpoint = training.save();
        for (TrainingListener listener : trainer.listeners()) {
            checkpoint = listener.save(checkpoint);
        }
        try {
            writer.save(training.step(), checkpoint);
        } catch (UncheckedIOException e) {
            if (!stopIfInterrupted()) {
                throw e;
            }
            writer.save(training.step(), checkpoint);
        }
    }
}
