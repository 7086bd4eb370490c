package org.jauss.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.jauss.data.Batch;
import org.jauss.data.BatchIterator;
import org.jauss.io.Checkpoint;
import org.jauss.io.Png;
import org.jauss.layers.Layer;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.jauss.train.History;
import org.jauss.train.LayerStatistics;
import org.jauss.train.Training;
import org.jauss.train.TrainingListener;
import org.jauss.train.TrainingStep;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a report of a training, behind each epoch and at the end, so that it can be looked at while the training runs:
 * {@code report.html}, one file that needs nothing else, and its numbers as {@code metrics.csv} and, with a probe,
 * {@code statistics.csv}.
 *
 * <pre>{@code
 * trainer.with(RunReport.in(Path.of("runs/first"))
 *         .withProbe(training.rows(0, 500).x(), 50)
 *         .withPredictions(heldOut.batches(256), List.of("cat", "dog")))
 * }</pre>
 *
 * <p>The report has the curves of all numbers of the history, and of losses, gradients and learning rate by steps; the
 * speed; with a probe, {@link LayerStatistics} over time and the distributions of weights and activations; with
 * predictions, a confusion matrix and single instances, the wrong ones first; the settings, the model and the machine.
 *
 * <p>What the report has of earlier epochs is in the checkpoints of the training: that of a training that was resumed is
 * the same as of one that never stopped, but for times. A report that cannot be written is a warning in the log and no
 * reason to end a training.
 */
public final class RunReport implements TrainingListener {
    private static final Logger LOGGER = LoggerFactory.getLogger(RunReport.class);
    private static final String KEY = "runReport";

    /** More steps with statistics no chart shows. */
    private static final int MOST_PROBES = 256;

    private final Settings settings;
    private History statistics = new History();
    private StepCurves curves = new StepCurves();
    private Speed speed = new Speed();
    private int instances;

    /** What does not change while a training runs. */
    record Settings(
            Path folder,
            String title,
            @Nullable Tensor probe,
            long probeSteps,
            @Nullable Iterable<Batch<IntTensor>> predictions,
            List<String> classNames,
            @Nullable Shape imageShape,
            Map<String, String> notes) {
        Settings withTitle(String changed) {
            return new Settings(folder, changed, probe, probeSteps, predictions, classNames, imageShape, notes);
        }

        Settings withProbe(Tensor changed, long steps) {
            return new Settings(folder, title, changed, steps, predictions, classNames, imageShape, notes);
        }

        Settings withPredictions(Iterable<Batch<IntTensor>> changed, List<String> names) {
            return new Settings(folder, title, probe, probeSteps, changed, names, imageShape, notes);
        }

        Settings withImageShape(Shape changed) {
            return new Settings(folder, title, probe, probeSteps, predictions, classNames, changed, notes);
        }

        Settings withNotes(Map<String, String> changed) {
            return new Settings(folder, title, probe, probeSteps, predictions, classNames, imageShape, changed);
        }
    }

    private RunReport(Settings settings) {
        this.settings = settings;
    }

    /**
     * A report of curves, settings, model and machine.
     *
     * @param folder where the files are written; made if it is not there
     * @return the listener, for one training at a time
     */
    public static RunReport in(Path folder) {
        Path name = folder.getFileName();
        return new RunReport(new Settings(
                folder, name == null ? "Training" : name.toString(), null, 0, null, List.of(), null, Map.of()));
    }

    /**
     * The same with another title than the name of the folder.
     *
     * @param title the title
     * @return a new listener
     */
    public RunReport withTitle(String title) {
        return new RunReport(settings.withTitle(title));
    }

    /**
     * The same with statistics of the layers over time, and the distributions of weights and activations.
     *
     * @param probe inputs of the model, some hundred instances, always the same
     * @param steps after how many steps the model is run on them; each time it takes as long as an evaluation of them. The
     *     number doubles, and every second result is dropped, whenever there are 256 of them
     * @return a new listener
     * @throws IllegalArgumentException if the number of steps is less than 1
     */
    public RunReport withProbe(Tensor probe, long steps) {
        if (steps < 1) {
            throw new IllegalArgumentException("run report: steps between probes must be at least 1, but are " + steps);
        }
        return new RunReport(settings.withProbe(probe, steps));
    }

    /**
     * The same with a confusion matrix and single predictions, of a model whose output is {@code [N, C]} logits.
     *
     * @param batches the data, run over behind each epoch, and its first batch once before the first step, to see whether
     *     everything fits; often that of the validation
     * @param classNames the names of all classes, or none: then their numbers stand for them
     * @return a new listener; {@link #started} throws an {@link IllegalArgumentException} if the model has another number
     *     of classes
     */
    public RunReport withPredictions(Iterable<Batch<IntTensor>> batches, List<String> classNames) {
        return new RunReport(settings.withPredictions(batches, List.copyOf(classNames)));
    }

    /**
     * The same with a shape in which instances are images. Without, they are shown as images if they have the shape
     * {@code [H, W]} or {@code [H, W, C]} with 1, 3 or 4 channels.
     *
     * @param shape {@code [H, W]} or {@code [H, W, C]}, of as many elements as an instance has
     * @return a new listener; {@link #started} throws a {@link ShapeException} if an instance of the predictions has another
     *     number of elements
     * @throws ShapeException if images do not have such a shape
     */
    public RunReport withImageShape(Shape shape) {
        if (!Png.isImage(shape)) {
            throw new ShapeException(
                    "run report: the shape of images must be [H, W], or [H, W, C] with 1, 3 or 4 channels," + " but is "
                            + shape);
        }
        return new RunReport(settings.withImageShape(shape));
    }

    /**
     * The same with one more line among the settings, such as the seed or the version of the data.
     *
     * @param name its name
     * @param value its value
     * @return a new listener
     */
    public RunReport withNote(String name, Object value) {
        Map<String, String> notes = new LinkedHashMap<>(settings.notes());
        notes.put(name, value.toString());
        return new RunReport(settings.withNotes(notes));
    }

    @Override
    public void started(Training training, Checkpoint from) {
        statistics = new History();
        curves = new StepCurves();
        speed = new Speed();
        instances = 0;
        unlessInterrupted(() -> check(training.model()));
        boolean goesOn = from.has(KEY + ".statistics");
        if (goesOn) {
            statistics.restore(from, KEY + ".statistics");
            curves.restore(from, KEY + ".curves");
            instances = (int) from.count(KEY + ".instances");
        }
        speed.started(from, KEY + ".speed");
        if (!goesOn) {
            probe(training);
        }
        speed.goesOn();
    }

    /** Finds out now what would not fit behind the first epoch. */
    private void check(Layer model) {
        var batches =
                settings.predictions() == null ? null : settings.predictions().iterator();
        if (batches == null || !batches.hasNext()) {
            return;
        }
        Batch<IntTensor> first = batches.next();
        if (batches instanceof BatchIterator<?> open) {
            open.close();
        }
        Shape instance = first.x().shape().withoutFirst();
        Shape image = settings.imageShape();
        if (image != null && image.size() != instance.size()) {
            throw new ShapeException(
                    "run report: the shape of images must have as many elements as an instance, but it is " + image
                            + " for " + instance + " (" + image.size() + " != " + instance.size() + ")");
        }
        try (var pass = Pass.inference()) {
            int classes =
                    model.forward(pass.input(first.x().rows(0, 1))).shape().dim(-1);
            int names = settings.classNames().size();
            if (names != 0 && names != classes) {
                throw new IllegalArgumentException(
                        "run report: there must be a name for each class, or none, but there are " + names
                                + " names for " + classes + " classes: " + settings.classNames());
            }
        }
    }

    @Override
    public void stepped(Training training, TrainingStep step) {
        speed.stepped(step);
        curves.add(training.step(), step);
        instances = Math.max(instances, step.instances());
        if (settings.probe() != null) {
            long every = settings.probeSteps();
            while (training.step() / every >= MOST_PROBES) {
                every *= 2;
            }
            if (training.step() % every == 0) {
                if (training.step() / every == MOST_PROBES / 2) { // it has just doubled, or this is an early step
                    keepEvery(every);
                }
                probe(training);
            }
        }
        speed.goesOn();
    }

    private void keepEvery(long steps) {
        var kept = new History();
        for (String name : statistics.names()) {
            for (History.Point point : statistics.of(name)) {
                if (point.step() % steps == 0) {
                    kept.add(name, point.step(), point.value());
                }
            }
        }
        statistics = kept;
    }

    private void probe(Training training) {
        if (settings.probe() != null) {
            LayerStatistics.of(training.model(), settings.probe())
                    .forEach(layer -> layer.addTo(statistics, training.step()));
        }
    }

    @Override
    public void epochEnded(Training training) {
        speed.epochEnded(training.step());
        unlessInterrupted(() -> write(training, false));
        speed.goesOn();
    }

    @Override
    public void ended(Training training) {
        unlessInterrupted(() -> write(training, true));
    }

    @Override
    public Checkpoint save(Checkpoint checkpoint) {
        Checkpoint more = statistics.save(checkpoint, KEY + ".statistics");
        more = curves.save(more, KEY + ".curves");
        more = speed.save(more, KEY + ".speed");
        return more.with(KEY + ".instances", instances);
    }

    private void write(Training training, boolean over) {
        try {
            Files.createDirectories(settings.folder());
            var page = new RunPage(settings, training, statistics, curves.history(), speed, instances, over);
            page.metrics().write(settings.folder().resolve("metrics.csv"));
            if (settings.probe() != null) {
                page.statistics().write(settings.folder().resolve("statistics.csv"));
            }
            page.report().write(settings.folder().resolve("report.html"));
        } catch (IOException | UncheckedIOException e) {
            LOGGER.warn("the report in {} cannot be written: {}", settings.folder(), e.toString());
        }
    }

    /** Does something with data, which reading ahead cancels when the thread is interrupted. */
    private void unlessInterrupted(Runnable what) {
        try {
            what.run();
        } catch (CancellationException e) {
            if (!Thread.currentThread().isInterrupted()) {
                throw e;
            }
            // The training is about to be stopped, and then the report is written.
            LOGGER.info("no report in {} now: the thread was interrupted", settings.folder());
        }
    }

    @Override
    public String toString() {
        return "RunReport[" + settings.folder() + "]";
    }
}
