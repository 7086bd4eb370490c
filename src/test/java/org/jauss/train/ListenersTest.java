package org.jauss.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jauss.io.Checkpoint;
import org.jauss.io.EventFile;
import org.jauss.losses.CrossEntropyLoss;
import org.jauss.metrics.Accuracy;
import org.jauss.optimizers.Sgd;
import org.jauss.optimizers.WeightAverage;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Weight averages, validation within epochs, and events for TensorBoard. */
final class ListenersTest {
    @TempDir
    Path folder;

    private static SmallTraining small() {
        return new SmallTraining(Sgd.of(.1f));
    }

    private static Map<String, List<History.Point>> numbers(Training training) {
        Map<String, List<History.Point>> numbers = new TreeMap<>();
        training.history()
                .names()
                .forEach(name -> numbers.put(name, training.history().of(name)));
        return numbers;
    }

    // ---- Weight averages ----

    @Test
    void theExponentialAverageIsThatOfTheSteps() {
        var plain = small();
        var average = WeightAverage.exponential(plain.model.parameters(), .9f);
        plain.with(new TrainingListener() {
                    @Override
                    public void stepped(Training training, TrainingStep step) {
                        average.update();
                    }
                })
                .fit(3);
        average.apply();
        var averaged = small().with(WeightAveraging.exponential(.9f));
        Training training = averaged.fit(3);
        assertEquals(plain.bits(), averaged.bits());
        var evaluation = new Evaluation<>(SmallTraining.data(20).batches(7), List.of(new Accuracy()));
        Map<String, Double> values = evaluation.of(averaged.model, CrossEntropyLoss.of());
        values.forEach((name, value) ->
                assertEquals(value, training.history().last("average." + name).orElseThrow(), name));
        assertNotEquals(
                training.history().last("validation.loss"), training.history().last("average.loss"));
    }

    @Test
    void theUniformAverageIsThatOfTheEpochsFromTheFirstOn() {
        var plain = small();
        var average = WeightAverage.uniform(plain.model.parameters());
        Training without = plain.with(new TrainingListener() {
                    @Override
                    public void epochEnded(Training training) {
                        if (training.epoch() >= 2) {
                            average.update();
                        }
                    }
                })
                .fit(5);
        average.apply();
        var averaged = small().with(WeightAveraging.uniform(2));
        Training training = averaged.fit(5);
        assertEquals(plain.bits(), averaged.bits());
        assertEquals(3, training.history().of("average.loss").size());
        assertEquals(without.history().of("validation.loss"), training.history().of("validation.loss"));
    }

    static Stream<Supplier<WeightAveraging>> averages() {
        return Stream.of(
                () -> WeightAveraging.exponential(.8f),
                () -> WeightAveraging.uniform(0),
                () -> WeightAveraging.uniform(9));
    }

    @ParameterizedTest
    @MethodSource("averages")
    void averagesGoOnExactly(Supplier<WeightAveraging> averaging) {
        var whole = small().with(averaging.get());
        Training wholeTraining = whole.fit(4);
        for (long step : new long[] {3, 5, 13}) {
            small().in(folder, 0)
                    .behind(step, training -> training.stop("enough"))
                    .with(averaging.get())
                    .fit(4);
        }
        var rest = small().in(folder, 0).with(averaging.get());
        assertEquals(numbers(wholeTraining), numbers(rest.fit(4)));
        assertEquals(whole.bits(), rest.bits());
    }

    @ParameterizedTest
    @MethodSource("averages")
    void anInterruptWithinTheValidationOfTheAverageIsMadeUpFor(Supplier<WeightAveraging> averaging) {
        var whole = small().with(averaging.get());
        Training wholeTraining = whole.fit(3);
        int ofAnEpoch = wholeTraining.history().names().contains("average.loss") ? 2 : 1;
        var data = SmallTraining.data(20).batches(7);
        int[] runs = {0};
        var stopped = small().in(folder, 0).with(averaging.get());
        Training training = stopped.trainer()
                .withValidation(
                        () -> {
                            if (++runs[0] == 2 * ofAnEpoch) { // the last one of the second epoch
                                Thread.currentThread().interrupt();
                                throw new CancellationException(); // as reading ahead does
                            }
                            return data.iterator();
                        },
                        new Accuracy())
                .fit(stopped.batches, 3, stopped.rng);
        assertTrue(Thread.interrupted(), "the caller sees the interrupt");
        assertEquals(
                "the thread was interrupted, step 10, epoch 1",
                training.stopped().orElse("") + ", step " + training.step() + ", epoch " + training.epoch());
        assertEquals(1, training.history().of("loss").size(), "nothing of the epoch is noted");
        var rest = small().in(folder, 0).with(averaging.get());
        assertEquals(numbers(wholeTraining), numbers(rest.fit(3)));
        assertEquals(whole.bits(), rest.bits());
    }

    @Test
    void anEpochThatIsCutOffCountsForNoAverageThatGoesOn() {
        var whole = small().with(WeightAveraging.uniform(0));
        whole.fit(2);
        var cut = small().in(folder, 0).with(WeightAveraging.uniform(0));
        var data = SmallTraining.data(20).batches(7);
        int[] runs = {0};
        cut.trainer()
                .withValidation(() -> {
                    if (++runs[0] == 4) { // that of the average
                        Thread.currentThread().interrupt();
                        throw new CancellationException(); // as reading ahead does
                    }
                    return data.iterator();
                })
                .fitSteps(cut.batches, 7, cut.rng);
        assertTrue(Thread.interrupted());
        var rest = small().in(folder, 0).with(WeightAveraging.uniform(0));
        rest.fit(2);
        assertEquals(whole.bits(), rest.bits());
    }

    @Test
    void averagesOutsideTheirRangeAreErrors() {
        var epoch = assertThrows(IllegalArgumentException.class, () -> WeightAveraging.uniform(-1));
        assertEquals("weight averaging: the first epoch must be at least 0, but is -1", epoch.getMessage());
        assertThrows(IllegalArgumentException.class, () -> WeightAveraging.exponential(1));
    }

    // ---- Validation within epochs ----

    private static Training fit(SmallTraining small, long every, long epochs) {
        return small.trainer().withValidationSteps(every).fit(small.batches, epochs, small.rng);
    }

    @Test
    void validationRunsEverySoManyStepsAndBehindEachEpochOnce() {
        Training training = fit(small(), 3, 3);
        assertEquals(
                List.of(3L, 5L, 6L, 9L, 10L, 12L, 15L),
                training.history().of("validation.accuracy").stream()
                        .map(History.Point::step)
                        .toList());
        Training behindEpochs = small().fit(3);
        assertTrue(training.history()
                .of("validation.loss")
                .containsAll(behindEpochs.history().of("validation.loss")));
        Training one = small().fitSteps(3);
        assertEquals(
                one.history().of("validation.loss"),
                training.history().of("validation.loss").subList(0, 1));
    }

    @Test
    void validationWithinEpochsGoesOnExactly() {
        Training whole = fit(small(), 3, 3);
        for (long step : new long[] {3, 4, 9, 10}) {
            fit(small().in(folder, 1).behind(step, training -> training.stop("enough")), 3, 3);
        }
        assertEquals(numbers(whole), numbers(fit(small().in(folder, 1), 3, 3)));
    }

    @Test
    void anInterruptWithinTheValidationIsMadeUpFor() {
        Training whole = fit(small(), 3, 2);
        var stopped = small().in(folder, 0);
        var data = SmallTraining.data(20).batches(7);
        int[] runs = {0};
        Training training = stopped.trainer()
                .withValidation(
                        () -> {
                            if (++runs[0] == 1) {
                                Thread.currentThread().interrupt();
                                throw new CancellationException(); // as reading ahead does
                            }
                            return data.iterator();
                        },
                        new Accuracy())
                .withValidationSteps(3)
                .fit(stopped.batches, 2, stopped.rng);
        assertTrue(Thread.interrupted());
        assertEquals(3, training.step());
        assertEquals(numbers(whole), numbers(fit(small().in(folder, 0), 3, 2)));
    }

    @Test
    void aCheckpointWithinAnEpochHasTheValidationOfItsStep() throws IOException {
        Training training = fit(small().in(folder, 1).behind(7, now -> now.stop("enough")), 3, 3);
        History.Point validation = training.history().of("validation.loss").get(2);
        assertEquals(6, validation.step());
        try (var files = Files.list(folder)) {
            var checkpoint = files.filter(file -> file.toString().endsWith(".safetensors"))
                    .map(Checkpoint::read)
                    .filter(read -> read.count("training.step") == 6)
                    .findFirst()
                    .orElseThrow();
            assertEquals(validation.value(), checkpoint.number("validation.loss"));
        }
    }

    @Test
    void aNegativeNumberOfStepsIsAnError() {
        var thrown = assertThrows(
                IllegalArgumentException.class, () -> small().trainer().withValidationSteps(-1));
        assertEquals("trainer: steps between validations must be at least 0, but are -1", thrown.getMessage());
    }

    // ---- TensorBoard ----

    /** The events of all files: tag and step, and the number of a scalar, the count of a histogram, or 0. */
    private static Map<String, Double> events(Path run) throws IOException {
        List<Path> files;
        try (var listed = Files.list(run)) {
            files = listed.sorted().toList();
        }
        Map<String, Double> events = new TreeMap<>();
        for (Path file : files) {
            for (EventFile.Message event : EventFile.read(file)) {
                if (event.get(5) != null) {
                    EventFile.Message value = event.message(5).message(1);
                    Object scalar = value.get(2);
                    double number = scalar != null
                            ? (float) scalar
                            : value.get(5) != null ? (double) value.message(5).get(3) : 0;
                    Object step = event.get(2);
                    events.put(value.text(1) + " " + (step == null ? 0 : step), number);
                } else if (event.get(7) != null) {
                    events.put("resume " + event.get(2), 0.);
                }
            }
        }
        return events;
    }

    private TensorBoardListener board() {
        Tensor probe = SmallTraining.data(10).rows(0, 10).x();
        return TensorBoardListener.in(folder.resolve("run"))
                .withSteps(2)
                .withProbe(probe)
                .withImages(probe.reshape(10, 2, 2).rows(0, 3));
    }

    @Test
    void tensorBoardHasTheNumbersOfTheHistory() throws IOException {
        List<Double> losses = new ArrayList<>();
        var small = small().with(new TrainingListener() {
                    @Override
                    public void stepped(Training now, TrainingStep step) {
                        losses.add(step.loss());
                    }

                    @Override
                    public void ended(Training now) {
                        now.history().add("test.loss", now.step(), 7);
                    }
                })
                .with(board());
        Training training = fit(small, 3, 2);
        assertEquals(5, training.history().of("validation.loss").size(), "behind steps 3, 5, 6, 9 and 10");
        Map<String, Double> events = events(folder.resolve("run"));
        for (String name : training.history().names()) {
            for (History.Point point : training.history().of(name)) {
                assertEquals(
                        (double) (float) point.value(), events.get(name.replace('.', '/') + " " + point.step()), name);
            }
        }
        for (int step = 2; step <= 10; step += 2) {
            assertEquals((double) losses.get(step - 1).floatValue(), events.get("steps/loss " + step));
        }
        assertFalse(events.containsKey("steps/loss 3"));
        assertEquals(32., events.get("parameters/layers.0.weight 10"));
        assertEquals(80., events.get("outputs/layers.1 0"));
        assertTrue(events.containsKey("excess/layers.1 5"));
        assertTrue(events.containsKey("inputs/2 0"));
        assertTrue(events.containsKey("settings 0"));
    }

    @Test
    void aTrainingThatGoesOnWritesAnotherFile() throws IOException {
        small().in(folder.resolve("checkpoints"), 0)
                .behind(7, training -> training.stop("enough"))
                .with(board())
                .fit(2);
        Training training =
                small().in(folder.resolve("checkpoints"), 0).with(board()).fit(2);
        try (var files = Files.list(folder.resolve("run"))) {
            assertEquals(2, files.count());
        }
        Map<String, Double> events = events(folder.resolve("run"));
        assertTrue(events.containsKey("resume 8"), events::toString);
        assertEquals(
                (double) (float) training.history().last("validation.loss").orElseThrow(),
                events.get("validation/loss 10"));
    }

    @Test
    void tensorBoardRefusesWhatItCannotShow() {
        var board = TensorBoardListener.in(folder);
        var steps = assertThrows(IllegalArgumentException.class, () -> board.withSteps(0));
        assertEquals("TensorBoard: steps between numbers must be at least 1, but are 0", steps.getMessage());
        var images = assertThrows(ShapeException.class, () -> board.withImages(Tensor.zeros(3, 4)));
        assertEquals(
                "TensorBoard: images must be [N, H, W] or [N, H, W, C] with 1, 3 or 4 channels, but are [3, 4]",
                images.getMessage());
    }
}
