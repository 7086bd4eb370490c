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
import org.jauss.io.Checkpoint;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Shape;
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
            Map<String, String> notes) {}

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
        return new RunReport(new Settings(
                settings.folder(),
                title,
                settings.probe(),
                settings.probeSteps(),
                settings.predictions(),
                settings.classNames(),
                settings.imageShape(),
                settings.notes()));
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
        return new RunReport(new Settings(
                settings.folder(),
                settings.title(),
                probe,
                steps,
                settings.predictions(),
                settings.classNames(),
                settings.imageShape(),
                settings.notes()));
    }

    /**
     * The same with a confusion matrix and single predictions, of a model whose output is {@code [N, C]} logits.
     *
     * @param batches the data, run over behind each epoch; often that of the validation
     * @param classNames the names of the classes; where there is none, its number stands for it
     * @return a new listener
     */
    public RunReport withPredictions(Iterable<Batch<IntTensor>> batches, List<String> classNames) {
        return new RunReport(new Settings(
                settings.folder(),
                settings.title(),
                settings.probe(),
                settings.probeSteps(),
                batches,
                List.copyOf(classNames),
                settings.imageShape(),
                settings.notes()));
    }

    /**
     * The same with a shape in which instances are images. Without, they are shown as images if they have the shape
     * {@code [H, W]} or {@code [H, W, C]} with 1, 3 or 4 channels.
     *
     * @param shape {@code [H, W]} or {@code [H, W, C]}, of as many elements as an instance has
     * @return a new listener
     */
    public RunReport withImageShape(Shape shape) {
        return new RunReport(new Settings(
                settings.folder(),
                settings.title(),
                settings.probe(),
                settings.probeSteps(),
                settings.predictions(),
                settings.classNames(),
                shape,
                settings.notes()));
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
        return new RunReport(new Settings(
                settings.folder(),
                settings.title(),
                settings.probe(),
                settings.probeSteps(),
                settings.predictions(),
                settings.classNames(),
                settings.imageShape(),
                notes));
    }

    @Override
    public void started(Training training, Checkpoint from) {
        statistics = new History();
        curves = new StepCurves();
        speed = new Speed();
        instances = 0;
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
        write(training, false);
        speed.goesOn();
    }

    @Override
    public void ended(Training training) {
        write(training, true);
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
