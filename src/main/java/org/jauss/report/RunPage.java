package org.jauss.report;

import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jauss.data.Batch;
import org.jauss.io.Png;
import org.jauss.metrics.ConfusionMatrix;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.jauss.train.Evaluation;
import org.jauss.train.GradientAccumulation;
import org.jauss.train.History;
import org.jauss.train.LayerObserver;
import org.jauss.train.Trainer;
import org.jauss.train.Training;
import org.jspecify.annotations.Nullable;

/** What a {@link RunReport} shows of a training at one moment. */
record RunPage(
        RunReport.Settings settings,
        Training training,
        History layers,
        History steps,
        Speed speed,
        int batch,
        boolean over) {
    private static final int WRONG = 24;
    private static final int RIGHT = 8;
    private static final int MOST_HISTOGRAMS = 48;
    private static final int MOST_LAYERS = 8;

    /** Beyond this a histogram looks the same with a part of the values. */
    private static final int MOST_VALUES = 1 << 18;

    private static final Map<String, String> STATISTICS = new LinkedHashMap<>();

    static {
        STATISTICS.put("z.mean", "z: mean of |mean| (0: means fit)");
        STATISTICS.put("z.std", "z: mean standard deviation (1: sigmas fit)");
        STATISTICS.put("excess", "Excess likelihood (0: matched)");
        STATISTICS.put("sigma.least", "Smallest sigma");
        STATISTICS.put("z.clipped", "Share of z beyond the limit");
        STATISTICS.put("output.std", "Outputs: standard deviation");
        STATISTICS.put("output.mean", "Outputs: mean");
        STATISTICS.put("output.zeros", "Outputs: share of zeros");
    }

    // ---- The report ----

    Report report() {
        Report report = Report.of(settings.title(), state()).with(results()).with(Curves.of(training.history(), steps));
        if (settings.predictions() != null) {
            report = withPredictions(report, settings.predictions());
        }
        if (settings.probe() != null) {
            report = report.with(layerSection())
                    .with(activations(settings.probe()))
                    .with(weights());
        }
        return report.with(settingsSection()).with(model()).with(time());
    }

    private String state() {
        long epoch = training.epoch() + (training.batch() > 0 ? 1 : 0);
        String all = training.epochs().isPresent() ? " of " + training.epochs().getAsLong() : "";
        String place = "epoch " + epoch + all + ", step " + training.step();
        if (training.stopped().isPresent()) {
            return place + ", stopped: " + training.stopped().get();
        }
        return place + (training.isComplete() ? ", complete" : over ? ", ended by an exception" : "");
    }

    /** Each number at its first, last, lowest and highest. */
    private Section results() {
        Table table = Table.of("number", "first", "last", "lowest", "at step", "highest", "at step");
        History history = training.history();
        for (String name : history.names()) {
            List<History.Point> points = history.of(name);
            History.Point lowest = points.get(0);
            History.Point highest = points.get(0);
            for (History.Point point : points) {
                lowest = Double.isNaN(lowest.value()) || point.value() < lowest.value() ? point : lowest;
                highest = Double.isNaN(highest.value()) || point.value() > highest.value() ? point : highest;
            }
            table = table.with(
                    name,
                    Numbers.brief(points.get(0).value()),
                    Numbers.brief(points.get(points.size() - 1).value()),
                    Numbers.brief(lowest.value()),
                    Long.toString(lowest.step()),
                    Numbers.brief(highest.value()),
                    Long.toString(highest.step()));
        }
        return Section.of("Results", "").with(table);
    }

    private Report withPredictions(Report report, Iterable<Batch<IntTensor>> batches) {
        ConfusionMatrix matrix = null;
        List<Predictions.Sample> samples = new ArrayList<>();
        int position = 0;
        for (Batch<IntTensor> one : batches) {
            try (var pass = Pass.inference()) {
                Tensor logits = training.model().forward(pass.input(one.x()));
                matrix = matrix == null ? new ConfusionMatrix(logits.shape().dim(-1)) : matrix;
                matrix.add(logits, one.labels());
                if (logits.shape().rank() == 2) {
                    addSamples(samples, one, logits.softmax(-1), position);
                    samples = new ArrayList<>(
                            Predictions.select(samples, WRONG, RIGHT).samples());
                }
            }
            position += one.instances();
        }
        if (matrix == null) {
            return report;
        }
        Section confusion = Section.of(
                        "Confusion",
                        position + " instances, accuracy " + Numbers.share(matrix.accuracy()) + ", F1 "
                                + Numbers.of(matrix.meanF1(), 4) + ". A row has the instances of one class.")
                .with(new Confusion(matrix, settings.classNames()));
        Section single = Section.of(
                        "Predictions",
                        "The most likely class and its probability: first those that are wrong and most sure of it, then"
                                + " those that are right and least sure. Numbers are positions in the data.")
                .with(new Predictions(samples));
        return samples.isEmpty()
                ? report.with(confusion)
                : report.with(confusion).with(single);
    }

    private void addSamples(
            List<Predictions.Sample> samples, Batch<IntTensor> one, Tensor probabilities, int position) {
        IntTensor predicted = probabilities.argmax(-1);
        for (int i = 0; i < one.instances(); i++) {
            samples.add(new Predictions.Sample(
                    image(one.x().rows(i, i + 1)),
                    "#" + (position + i),
                    className(one.labels().at(i)),
                    className(predicted.at(i)),
                    probabilities.get(i, predicted.at(i))));
        }
    }

    private String className(int c) {
        return c < settings.classNames().size() ? settings.classNames().get(c) : Integer.toString(c);
    }

    /** An instance as an image, or null if it is none. */
    private @Nullable Tensor image(Tensor instance) {
        Shape shape = settings.imageShape() == null ? instance.shape().withoutFirst() : settings.imageShape();
        return Png.isImage(shape) ? instance.reshape(shape.dims()).keep() : null;
    }

    // ---- Layers ----

    private Section layerSection() {
        Map<String, List<String>> series = new LinkedHashMap<>();
        STATISTICS.keySet().forEach(name -> series.put(name, new ArrayList<>()));
        for (String name : layers.names()) {
            series.computeIfAbsent(statistic(name), key -> new ArrayList<>()).add(name);
        }
        Section section = Section.of(
                "Layers over time",
                "On the probe, always the same instances. Likelihood and z are those of the Gaussian norm layers: above 1"
                        + " in a hidden layer the excess tells that the statistics lag behind the weights. Of more than "
                        + MOST_LAYERS + " layers some are drawn; statistics.csv has all.");
        for (var entry : series.entrySet()) {
            LineChart chart = LineChart.of(STATISTICS.getOrDefault(entry.getKey(), entry.getKey()), "step", "");
            List<String> names = entry.getValue();
            int shown = Math.min(MOST_LAYERS, names.size());
            for (int i = 0; i < shown; i++) {
                String name = names.get(shown == 1 ? 0 : i * (names.size() - 1) / (shown - 1));
                chart = chart.with(path(name), layers.of(name));
            }
            if (!names.isEmpty()) {
                section = section.with(entry.getKey().equals("sigma.least") ? chart.withLogScale() : chart);
            }
        }
        return section;
    }

    private static String statistic(String series) {
        return series.substring(series.lastIndexOf('/') + 1);
    }

    private static String path(String series) {
        String path = series.substring(0, series.lastIndexOf('/'));
        return path.isEmpty() ? "model" : path;
    }

    private Section activations(Tensor probe) {
        List<Histogram> histograms = new ArrayList<>();
        LayerObserver.run(training.model(), probe, (path, layer, x, y) -> {
            if (histograms.size() < MOST_HISTOGRAMS) {
                histograms.add(Histogram.of(path + " " + layer, some(y.toArray())));
            }
        });
        return histograms(Section.of("Activations", "The output of each layer on the probe, now."), histograms);
    }

    private Section weights() {
        List<Histogram> histograms = new ArrayList<>();
        for (var entry : training.model().parameters().entrySet()) {
            if (histograms.size() < MOST_HISTOGRAMS && entry.getValue().shape().size() > 1) {
                histograms.add(
                        Histogram.of(entry.getKey(), some(entry.getValue().data())));
            }
        }
        return histograms(Section.of("Weights", "Parameters and statistics, now."), histograms);
    }

    private static Section histograms(Section section, List<Histogram> histograms) {
        Section all = section.withFold();
        for (Histogram histogram : histograms) {
            all = all.with(histogram);
        }
        return all;
    }

    private static float[] some(float... values) {
        int step = values.length / MOST_VALUES + 1;
        float[] some = new float[(values.length + step - 1) / step];
        for (int i = 0; i < some.length; i++) {
            some[i] = values[i * step];
        }
        return some;
    }

    // ---- What it is made of ----

    private Section settingsSection() {
        Trainer<?> trainer = training.trainer();
        GradientAccumulation<?> accumulation = trainer.accumulation();
        Table table = Table.of("", "");
        for (var note : settings.notes().entrySet()) {
            table = table.with(note.getKey(), note.getValue());
        }
        String length = training.epochs().isPresent()
                ? training.epochs().getAsLong() + " epochs"
                : training.steps().getAsLong() + " steps";
        String perEpoch = training.stepsPerEpoch().isPresent()
                ? ", " + training.stepsPerEpoch().getAsInt() + " steps each"
                : "";
        String parts =
                accumulation.microBatch() == Integer.MAX_VALUE ? "" : " in parts of " + accumulation.microBatch();
        String single = Double.isInfinite(accumulation.instanceClipNorm())
                ? ""
                : ", of each instance norm " + accumulation.instanceClipNorm();
        String shards = accumulation.shards() == 1 ? "" : ", " + accumulation.shards() + " shards";
        Evaluation<?> validation = trainer.validation();
        table = table.with("length", length + perEpoch)
                .with("batch", batch + " instances" + parts + shards)
                .with("loss", accumulation.loss().toString())
                .with("optimiser", trainer.optimizer().toString())
                .with(
                        "clipping",
                        (Double.isInfinite(trainer.clipNorm()) ? "none" : "norm " + trainer.clipNorm()) + single)
                .with(
                        "validation",
                        validation == null
                                ? "none"
                                : "loss"
                                        + validation.metrics().stream()
                                                .map(metric -> ", " + metric.name())
                                                .collect(Collectors.joining()))
                .with("checkpoints", trainer.checkpoints() == null ? "none" : checkpoints(trainer))
                .with(
                        "listeners",
                        trainer.listeners().stream()
                                .map(listener -> listener.getClass().getSimpleName())
                                .collect(Collectors.joining(", ")))
                .with("random source", training.random().toString());
        return Section.of("Settings", "").with(table);
    }

    private static String checkpoints(Trainer<?> trainer) {
        return trainer.checkpoints()
                + (trainer.checkpointSteps() > 0
                        ? ", behind each epoch and every " + trainer.checkpointSteps() + " steps"
                        : ", behind each epoch");
    }

    private Section model() {
        Section section = Section.of("Model", "");
        Tensor probe = settings.probe();
        if (probe != null) {
            return section.with(new Listing(training.model()
                    .summary(probe.shape().withoutFirst())
                    .withBatch(Math.max(1, batch), Math.max(1, Math.min(batch, microBatch())))
                    .toString()));
        }
        Table table = Table.of("parameter", "shape", "numbers");
        for (var entry : training.model().parameters().entrySet()) {
            Shape shape = entry.getValue().shape();
            table = table.with(entry.getKey(), shape.toString(), Integer.toString(shape.size()));
        }
        return section.with(table);
    }

    private int microBatch() {
        return training.trainer().accumulation().microBatch();
    }

    /** All that differs between two runs of one program. */
    private Section time() {
        Section section = Section.of(
                "Time and machine",
                "Written "
                        + ZonedDateTime.now(ZoneId.systemDefault())
                                .truncatedTo(ChronoUnit.SECONDS)
                                .format(DateTimeFormatter.ISO_OFFSET_DATE_TIME)
                        + ", after " + Numbers.duration(speed.seconds())
                        + " of training in all. The speed is that of the"
                        + " steps alone.");
        History speeds = speed.history();
        if (!speeds.names().isEmpty()) {
            section = section.with(
                            LineChart.of("Milliseconds per step", "step", "").with("training", speeds.of(Speed.TIME)))
                    .with(LineChart.of("Instances per second", "step", "").with("training", speeds.of(Speed.RATE)));
        }
        return section.with(Machine.table());
    }

    // ---- The numbers ----

    CsvLines metrics() {
        var lines = new CsvLines().add("step", "epoch", "name", "value");
        add(lines, training.history(), "");
        add(lines, steps, "steps.");
        add(lines, speed.history(), "speed.");
        return lines;
    }

    private void add(CsvLines lines, History history, String prefix) {
        long[] ends = epochEnds();
        for (String name : history.names()) {
            for (History.Point point : history.of(name)) {
                lines.add(point.step(), epoch(point.step(), ends), prefix + name, point.value());
            }
        }
    }

    CsvLines statistics() {
        var lines = new CsvLines().add("step", "epoch", "layer", "name", "value");
        long[] ends = epochEnds();
        for (String name : layers.names()) {
            for (History.Point point : layers.of(name)) {
                lines.add(point.step(), epoch(point.step(), ends), path(name), statistic(name), point.value());
            }
        }
        return lines;
    }

    /** The last step of each epoch, which ends with a number of the loss. */
    private long[] epochEnds() {
        return training.history().of("loss").stream()
                .mapToLong(History.Point::step)
                .toArray();
    }

    /** The epoch of a step, counted from 1; 0 before the first step. */
    private static long epoch(long step, long... ends) {
        int found = Arrays.binarySearch(ends, step);
        return step == 0 ? 0 : found >= 0 ? found + 1 : -found;
    }
}
