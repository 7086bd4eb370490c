package org.jauss.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jauss.io.Checkpoints;
import org.jauss.layers.LinearLayer;
import org.jauss.losses.CrossEntropyLoss;
import org.jauss.optimizers.Adam;
import org.jauss.optimizers.Optimizer;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.jauss.train.GradientAccumulation;
import org.jauss.train.History;
import org.jauss.train.LayerStatistics;
import org.jauss.train.SmallTraining;
import org.jauss.train.Trainer;
import org.jauss.train.Training;
import org.jauss.train.TrainingListener;
import org.jauss.train.TrainingStep;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a report of a run says is what the run was. */
final class RunReportTest {
    private static final int EPOCHS = 3;

    @TempDir
    Path folder;

    private static SmallTraining small() {
        return new SmallTraining(Adam.of(.01f));
    }

    private RunReport report(String name) {
        var data = SmallTraining.data(20);
        return RunReport.in(folder.resolve(name))
                .withTitle("Small")
                .withProbe(data.rows(0, 10).x(), 4)
                .withPredictions(data.batches(7), List.of("plus", "minus", "none"))
                .withImageShape(Shape.of(2, 2))
                .withNote("seed", 3);
    }

    private Page page(String name) throws IOException {
        return Page.parse(Files.readString(folder.resolve(name).resolve("report.html")));
    }

    /** The rows of a CSV file, of which no field is quoted. */
    private List<String[]> csv(String name, String file) throws IOException {
        return Files.readAllLines(folder.resolve(name).resolve(file)).stream()
                .map(line -> line.split(",", -1))
                .toList();
    }

    @Test
    void numbersAreThoseOfTheHistory() throws IOException {
        Training training = small().with(report("run")).fit(EPOCHS);
        History history = training.history();
        Map<String, List<History.Point>> read = new TreeMap<>();
        List<String[]> rows = csv("run", "metrics.csv");
        assertEquals(List.of("step", "epoch", "name", "value"), List.of(rows.get(0)));
        for (String[] row : rows.subList(1, rows.size())) {
            long step = Long.parseLong(row[0]);
            assertEquals((step + SmallTraining.BATCHES - 1) / SmallTraining.BATCHES, Long.parseLong(row[1]));
            read.computeIfAbsent(row[2], key -> new ArrayList<>())
                    .add(new History.Point(step, Double.parseDouble(row[3])));
        }
        history.names().forEach(name -> assertEquals(history.of(name), read.get(name), name));
        assertEquals(EPOCHS * SmallTraining.BATCHES, read.get("steps.loss").size());
        assertEquals(EPOCHS, read.get("speed.instancesPerSecond").size());
        List<String> titles = page("run").texts("title");
        for (String name : List.of("loss", "accuracy")) {
            for (History.Point point : history.of("validation." + name)) {
                String text = "step " + point.step() + ": " + Numbers.brief(point.value());
                assertTrue(titles.contains(name.equals("loss") ? "validation, " + text : text), text + titles);
            }
        }
    }

    @Test
    void stepsAreThoseOfTheTraining() throws IOException {
        List<Double> losses = new ArrayList<>();
        small().with(report("run"))
                .with(new TrainingListener() {
                    @Override
                    public void stepped(Training training, TrainingStep step) {
                        losses.add(step.loss());
                    }
                })
                .fit(EPOCHS);
        assertEquals(
                losses,
                csv("run", "metrics.csv").stream()
                        .filter(row -> row[2].equals("steps.loss"))
                        .map(row -> Double.parseDouble(row[3]))
                        .toList());
    }

    @Test
    void statisticsAreThoseOfTheProbe() throws IOException {
        var small = small().with(report("run"));
        small.fit(4);
        List<String[]> rows = csv("run", "statistics.csv");
        assertEquals(List.of("step", "epoch", "layer", "name", "value"), List.of(rows.get(0)));
        List<String> steps = rows.stream()
                .filter(row -> row[2].equals("layers.1") && row[3].equals("excess"))
                .map(row -> row[0])
                .toList();
        assertEquals(List.of("0", "4", "8", "12", "16", "20"), steps);
        Map<String, String> last = rows.stream()
                .filter(row -> row[0].equals("20"))
                .collect(Collectors.toMap(row -> row[2] + "/" + row[3], row -> row[4]));
        Tensor probe = SmallTraining.data(20).rows(0, 10).x();
        for (LayerStatistics layer : LayerStatistics.of(small.model(), probe)) {
            layer.numbers()
                    .forEach((name, value) -> assertEquals(value.toString(), last.get(layer.path() + "/" + name)));
        }
    }

    @Test
    void everythingIsThereAndTheWrongPredictionsComeFirst() throws IOException {
        Training training = small().with(report("run")).fit(EPOCHS);
        Page page = page("run");
        assertEquals("Small", page.texts("h1").get(0));
        assertEquals("epoch 3 of 3, step 15, complete", page.texts("p").get(0));
        assertEquals(
                List.of(
                        "Results",
                        "Curves",
                        "Confusion",
                        "Predictions",
                        "Layers over time",
                        "Activations",
                        "Weights",
                        "Settings",
                        "Model",
                        "Time and machine"),
                page.texts("h2"));
        String text = page.root().getTextContent();
        double accuracy = training.history().last("validation.accuracy").orElseThrow();
        assertTrue(text.contains("20 instances, accuracy " + Numbers.share(accuracy)));
        assertTrue(text.contains(training.optimizer().toString()));
        assertTrue(text.contains(training.trainer().accumulation().loss().toString()));
        assertTrue(text.contains(
                training.model().summary(Shape.of(4)).withBatch(8, 8).toString()));
        assertTrue(text.contains("3 epochs, 5 steps each"));
        assertTrue(text.contains("8 instances"));
        assertTrue(text.contains(System.getProperty("java.vm.name")));
        long wrong = Math.round(20 * (1 - accuracy));
        var kinds = page.elements("figure").stream()
                .map(figure -> figure.getAttribute("class"))
                .filter(kind -> !kind.isEmpty())
                .toList();
        assertEquals(wrong, kinds.stream().filter("wrong"::equals).count());
        assertTrue(kinds.subList(0, (int) wrong).stream().allMatch("wrong"::equals));
        assertEquals(kinds.size(), page.elements("img").size());
    }

    @Test
    void withoutProbeAndPredictionsThereAreCurves() throws IOException {
        small().with(RunReport.in(folder.resolve("plain"))).fitSteps(7);
        Page page = page("plain");
        assertEquals(List.of("Results", "Curves", "Settings", "Model", "Time and machine"), page.texts("h2"));
        assertEquals("plain", page.texts("h1").get(0));
        assertFalse(Files.exists(folder.resolve("plain").resolve("statistics.csv")));
        assertTrue(page.root().getTextContent().contains("layers.0.weight"));
    }

    /** All sections but that of times, with one name for the folder of checkpoints. */
    private String withoutTimes(String name) throws IOException {
        Page page = page(name);
        for (var section : page.elements("section")) {
            if (section.getTextContent().startsWith("Time and machine")) {
                section.getParentNode().removeChild(section);
            }
        }
        var attributes = new StringBuilder(page.root().getTextContent().replace("checkpoints-" + name, "checkpoints"));
        for (var element : page.elements("*")) {
            for (int i = 0; i < element.getAttributes().getLength(); i++) {
                attributes.append(element.getAttributes().item(i)).append('\n');
            }
        }
        return attributes.toString();
    }

    private List<String> lines(String name, String file) throws IOException {
        return Files.readAllLines(folder.resolve(name).resolve(file)).stream()
                .filter(line -> !line.contains("speed."))
                .toList();
    }

    @Test
    void theReportOfAResumedRunIsThatOfAWholeRunButForTimes() throws IOException {
        small().in(folder.resolve("checkpoints-whole"), 0)
                .behind(99, training -> {})
                .with(report("whole"))
                .fit(EPOCHS);
        for (long step : new long[] {2, 8, 10}) {
            small().in(folder.resolve("checkpoints-parts"), 0)
                    .behind(step, training -> training.stop("enough"))
                    .with(report("parts"))
                    .fit(EPOCHS);
            assertEquals(
                    "epoch " + (step == 10 ? 2 : step / 5 + 1) + " of 3, step " + step + ", stopped: enough",
                    page("parts").texts("p").get(0));
        }
        small().in(folder.resolve("checkpoints-parts"), 0)
                .behind(99, training -> {})
                .with(report("parts"))
                .fit(EPOCHS);
        assertEquals(lines("whole", "metrics.csv"), lines("parts", "metrics.csv"));
        assertEquals(lines("whole", "statistics.csv"), lines("parts", "statistics.csv"));
        assertEquals(withoutTimes("whole"), withoutTimes("parts"));
    }

    @Test
    void whoeverReadsWhileItIsWrittenHasAWholeReport() throws IOException {
        var states = new ArrayList<String>();
        Path file = folder.resolve("run").resolve("report.html");
        small().with(report("run"))
                .with(new TrainingListener() {
                    @Override
                    public void epochEnded(Training training) {
                        try (var open = Files.newInputStream(file)) {
                            report("run").epochEnded(training); // replaces the file that is being read
                            String old = new String(open.readAllBytes(), StandardCharsets.UTF_8);
                            states.add(Page.parse(old).texts("p").get(0));
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    }
                })
                .fit(2);
        assertEquals(List.of("epoch 1 of 2, step 5", "epoch 2 of 2, step 10"), states);
        try (var files = Files.list(folder.resolve("run"))) {
            assertEquals(
                    List.of("metrics.csv", "report.html", "statistics.csv"),
                    files.map(path -> path.getFileName().toString()).sorted().toList());
        }
    }

    @Test
    void aReportThatIsUsedAgainBeginsAnew() throws IOException {
        RunReport report = report("again");
        small().with(report).fit(2);
        small().with(report).fit(1);
        small().with(report("once")).fit(1);
        assertEquals(lines("once", "metrics.csv"), lines("again", "metrics.csv"));
        assertEquals(lines("once", "statistics.csv"), lines("again", "statistics.csv"));
        assertEquals(withoutTimes("once"), withoutTimes("again"));
        assertEquals(
                1,
                csv("again", "metrics.csv").stream()
                        .filter(row -> row[2].equals("speed.instancesPerSecond"))
                        .count());
    }

    @Test
    void anInterruptWhileTheReportIsMadeIsAStop() throws IOException {
        var data = SmallTraining.data(20).batches(7);
        int[] runs = {0};
        var report = RunReport.in(folder.resolve("run"))
                .withPredictions(
                        () -> {
                            if (++runs[0] == 2) { // the first one is a look before the first step
                                Thread.currentThread().interrupt();
                                throw new CancellationException(); // as reading ahead does
                            }
                            return data.iterator();
                        },
                        List.of());
        Training training =
                small().in(folder.resolve("checkpoints"), 0).with(report).fit(EPOCHS);
        assertTrue(Thread.interrupted(), "the caller sees the interrupt");
        assertEquals(5, training.step());
        assertEquals(
                "epoch 1 of 3, step 5, stopped: the thread was interrupted",
                page("run").texts("p").get(0));
        assertEquals(
                1,
                Checkpoints.in(folder.resolve("checkpoints"))
                        .latest()
                        .orElseThrow()
                        .count("training.epoch"));
    }

    @Test
    void aCancellationWithoutAnInterruptIsAnException() {
        var report = RunReport.in(folder.resolve("run"))
                .withPredictions(
                        () -> {
                            throw new CancellationException("no more");
                        },
                        List.of());
        var small = small().with(report);
        assertThrows(CancellationException.class, () -> small.fit(1));
    }

    @Test
    void clippingIsShown() throws IOException {
        var model = LinearLayer.of(4, 3, Rng.of(1));
        var loss = CrossEntropyLoss.of();
        Trainer.of(model, loss, Optimizer.of(model.parameters(), Adam.of(.01f)))
                .withAccumulation(GradientAccumulation.of(loss, 1).withInstanceClipNorm(3))
                .with(RunReport.in(folder.resolve("run")))
                .fit(SmallTraining.data(16).batches(8), 1, Rng.of(0));
        assertTrue(page("run").texts("td").contains("none, of each instance norm 3.0"));
    }

    @Test
    void statisticsOfLongRunsAreThinned() throws IOException {
        var small = small().with(RunReport.in(folder.resolve("run"))
                .withProbe(SmallTraining.data(20).rows(0, 10).x(), 1));
        // At step 256 there are 0, 1, ... 255: from then on every second step counts.
        small.trainer().fit(SmallTraining.data(8 * 270).batches(8), 1, small.rng());
        assertEquals(
                LongStream.rangeClosed(0, 135).map(i -> 2 * i).boxed().toList(),
                csv("run", "statistics.csv").stream()
                        .filter(row -> row[2].equals("layers.1") && row[3].equals("excess"))
                        .map(row -> Long.parseLong(row[0]))
                        .toList());
    }

    @Test
    void anExceptionThatEndsTheTrainingIsToldOf() throws IOException {
        var small = small().with(report("run")).behind(7, training -> {
            throw new IllegalStateException("no more");
        });
        assertThrows(IllegalStateException.class, () -> small.fit(EPOCHS));
        assertEquals(
                "epoch 2 of 3, step 7, ended by an exception",
                page("run").texts("p").get(0));
    }

    @Test
    void anImageShapeThatDoesNotFitIsAnErrorBeforeTheFirstStep() {
        var small = small().with(report("run").withImageShape(Shape.of(3, 3))).behind(1, training -> {
            throw new AssertionError("a step was made");
        });
        var thrown = assertThrows(ShapeException.class, () -> small.fit(EPOCHS));
        assertEquals(
                "run report: the shape of images must have as many elements as an instance, but it is [3, 3] for [4]"
                        + " (9 != 4)",
                thrown.getMessage());
        thrown = assertThrows(ShapeException.class, () -> report("run").withImageShape(Shape.of(2, 1, 2)));
        assertEquals(
                "run report: the shape of images must be [H, W], or [H, W, C] with 1, 3 or 4 channels, but is [2, 1, 2]",
                thrown.getMessage());
    }

    @Test
    void namesOfSomeClassesAreAnErrorBeforeTheFirstStep() {
        var data = SmallTraining.data(20).batches(7).prefetch(1, 1);
        var small = small().with(RunReport.in(folder.resolve("run")).withPredictions(data, List.of("plus", "minus")))
                .behind(1, training -> {
                    throw new AssertionError("a step was made");
                });
        var thrown = assertThrows(IllegalArgumentException.class, () -> small.fit(EPOCHS));
        assertEquals(
                "run report: there must be a name for each class, or none, but there are 2 names for 3 classes:"
                        + " [plus, minus]",
                thrown.getMessage());
    }

    @Test
    void aReportThatCannotBeWrittenEndsNoTraining() throws IOException {
        Files.writeString(folder.resolve("taken"), "a file where the folder should be");
        assertTrue(small().with(report("taken")).fit(1).isComplete());
    }

    @Test
    void textsOfTheUserAreShownAndNeverObeyed() throws IOException {
        String hostile = "</style><script>alert(1)</script>\"'&";
        var data = SmallTraining.data(20);
        small().with(RunReport.in(folder.resolve("run"))
                        .withTitle(hostile)
                        .withPredictions(data.batches(7), List.of(hostile, hostile + "2", hostile + "3"))
                        .withNote(hostile, hostile))
                .fit(1);
        Page page = page("run");
        assertTrue(page.elements("script").isEmpty());
        assertEquals(hostile, page.texts("h1").get(0));
        assertTrue(page.texts("td").contains(hostile));
        assertTrue(page.elements("img").isEmpty(), "four features are no image");
    }

    @Test
    void longRunsAreThinned() {
        var curves = new StepCurves();
        int steps = 2000;
        for (int step = 1; step <= steps; step++) {
            curves.add(step, new TrainingStep(step, 0, 2 * step, .5, 8));
        }
        List<History.Point> losses = curves.history().of("loss");
        // Blocks of 8 steps, once 256, 512, 1024 steps have been made.
        assertEquals(steps / 8, losses.size());
        assertEquals(new History.Point(8, 4.5), losses.get(0));
        assertEquals(new History.Point(16, 12.5), losses.get(1));
        assertEquals(new History.Point(steps, steps - 3.5), losses.get(losses.size() - 1));
        assertEquals(9, curves.history().of("gradientNorm").get(0).value());
        assertEquals(.5, curves.history().of("learningRate").get(9).value());
    }

    @Test
    void stepsBetweenProbesAreAtLeastOne() {
        var thrown = assertThrows(
                IllegalArgumentException.class, () -> RunReport.in(folder).withProbe(Tensor.zeros(1, 4), 0));
        assertEquals("run report: steps between probes must be at least 1, but are 0", thrown.getMessage());
    }
}
