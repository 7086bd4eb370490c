package org.jauss.train;

import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.jauss.data.Batch;
import org.jauss.data.BatchIterator;
import org.jauss.data.Batches;
import org.jauss.io.Checkpoint;
import org.jauss.io.CheckpointWriter;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.ShapeException;
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

    /** The step of the newest checkpoint. */
    private long saved = -1;

    /** How many listeners know of the training. */
    private int told;

    /** What is done at the end, also behind an exception. */
    private interface Ending extends AutoCloseable {
        @Override
        void close();
    }

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
        saved = from.isPresent() ? training.step() : -1;
        Ending ending = () -> end(0);
        try (ending) {
            for (TrainingListener listener : trainer.listeners()) {
                told++;
                listener.started(training, state);
            }
            boolean more = true;
            while (more && training.hasEpoch()) {
                more = runEpoch();
            }
            training.complete();
            training.stopped().ifPresent(why -> LOGGER.info("ends at step {}: {}", training.step(), why));
        }
    }

    /** Tells the listeners from one on of the end, those behind one that throws as well. */
    private void end(int listener) {
        if (listener < told) {
            Ending others = () -> end(listener + 1);
            try (others) {
                trainer.listeners().get(listener).ended(training);
            }
        }
    }

    /** From the next batch to the end of the epoch or of the training; whether there may be another epoch. */
    private boolean runEpoch() {
        boolean over = runSteps();
        if (!over) {
            save(); // Who goes on from here makes the next step of the epoch, or ends it if there is none.
        }
        if (training.stopped().isPresent()) {
            return false;
        }
        boolean ended = endEpoch();
        if (over) {
            if (ended) {
                training.epochMade();
            }
            save();
        }
        return over && ended;
    }

    /** Whether the epoch has no more batches; the training may be at its end before. */
    private boolean runSteps() {
        try (BatchIterator<T> rest =
                batches.epoch(training.epoch()).from(training.batch()).iterator()) {
            while (training.goesOn() && hasNext(rest) && validateWithin()) {
                saveWithin();
                TrainingStep step = step(rest.next());
                training.stepMade(step);
                trainer.listeners().forEach(listener -> listener.stepped(training, step));
                stopIfInterrupted();
            }
            if (training.batch() == 0 && training.stopped().isEmpty()) {
                throw new IllegalArgumentException("trainer: epoch " + training.epoch() + " has no batches");
            }
            return training.stopped().isEmpty() && !hasNext(rest);
        }
    }

    /**
     * The validation of the step that was made last, if it is due and not in the history yet; false if the thread is
     * interrupted in it. As it comes before the next step, a training that goes on from a checkpoint has it, too.
     */
    private boolean validateWithin() {
        if (isDue(trainer.validationSteps()) && !training.isValidated()) {
            Optional<Map<String, Double>> numbers = unlessInterrupted(this::validate);
            numbers.ifPresent(training::note);
            return numbers.isPresent();
        }
        return true;
    }

    /** The checkpoint of the step that was made last, if it is due. */
    private void saveWithin() {
        if (isDue(trainer.checkpointSteps()) && training.step() > saved) {
            save();
        }
    }

    /** Whether what is done every so many steps is to be done before the next step of this epoch. */
    private boolean isDue(long every) {
        return every > 0 && training.batch() > 0 && training.step() % every == 0;
    }

    /** What the validation gives, by the names of its series. */
    private Map<String, Double> validate() {
        Map<String, Double> numbers = new LinkedHashMap<>();
        trainer.validate().forEach((name, value) -> numbers.put("validation." + name, value));
        return numbers;
    }

    /** What the validation gives behind an epoch, and what the listeners have to add to it. */
    private Map<String, Double> evaluate() {
        Map<String, Double> numbers = validate();
        trainer.listeners().forEach(listener -> numbers.putAll(listener.evaluate(training)));
        return numbers;
    }

    /** What an evaluation gives; nothing if the thread is interrupted in it. */
    private Optional<Map<String, Double>> unlessInterrupted(Supplier<Map<String, Double>> evaluation) {
        try {
            return Optional.of(evaluation.get());
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
            var failure = new ArithmeticException(place() + " is not finite, nothing was updated: first in " + where);
            failure.initCause(e);
            throw failure;
        } catch (ShapeException e) {
            throw e; // of the model, whatever the batch
        } catch (IllegalArgumentException e) {
            String again = "batches.epoch(" + training.epoch() + ").from(" + training.batch() + ")";
            throw new IllegalArgumentException(
                    place() + ", of " + batch.instances() + " instances, the first of " + again + ": " + e.getMessage(),
                    e);
        }
    }

    private String place() {
        return "training: step " + training.step() + " (epoch " + training.epoch() + ", batch " + training.batch()
                + ")";
    }

    /** Validation, history, listeners; false if the thread is interrupted in an evaluation. */
    private boolean endEpoch() {
        Optional<Map<String, Double>> numbers = unlessInterrupted(this::evaluate);
        if (numbers.isEmpty()) {
            return false;
        }
        training.noteEpoch(numbers.get());
        trainer.listeners().forEach(listener -> listener.epochEnded(training));
        stopIfInterrupted();
        return true;
    }

    private void save() {
        if (writer == null) {
            return;
        }
        saved = training.step();
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
