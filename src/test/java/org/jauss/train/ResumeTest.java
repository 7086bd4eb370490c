package org.jauss.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.function.Supplier;
import org.jauss.io.Checkpoints;
import org.jauss.io.JavaProcess;
import org.jauss.optimizers.Adadelta;
import org.jauss.optimizers.Adagrad;
import org.jauss.optimizers.Adam;
import org.jauss.optimizers.AdamW;
import org.jauss.optimizers.Adamax;
import org.jauss.optimizers.Lamb;
import org.jauss.optimizers.Lion;
import org.jauss.optimizers.Nadam;
import org.jauss.optimizers.Radam;
import org.jauss.optimizers.ReduceOnPlateau;
import org.jauss.optimizers.RmsProp;
import org.jauss.optimizers.Rule;
import org.jauss.optimizers.Schedule;
import org.jauss.optimizers.Sgd;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A training that is interrupted and goes on ends with the bits of one that is not. */
final class ResumeTest {
    private static final int EPOCHS = 10;

    @SuppressWarnings("UnusedVariable") // Named by @FieldSource.
    private static final List<Supplier<Rule>> RULES = List.of(
            () -> Sgd.of(.1f).withMomentum(.9f),
            () -> Adam.of(.01f),
            () -> Adam.of(Schedule.cosine(.01f, 0, 50).withWarmUp(7, .1f)).withAmsgrad(),
            () -> AdamW.of(.01f),
            () -> Adamax.of(.01f),
            () -> Adagrad.of(.01f),
            () -> Adadelta.of(1),
            () -> Lamb.of(.01f),
            () -> Lion.of(.001f),
            () -> Nadam.of(.01f),
            () -> Radam.of(.01f),
            () -> RmsProp.of(.01f));

    @TempDir
    private Path folder;

    private static SmallTraining adam() {
        return new SmallTraining(Adam.of(.01f));
    }

    private static Map<String, List<History.Point>> numbers(Training training) {
        Map<String, List<History.Point>> numbers = new LinkedHashMap<>();
        training.history()
                .names()
                .forEach(name -> numbers.put(name, training.history().of(name)));
        return numbers;
    }

    @ParameterizedTest
    @FieldSource("RULES")
    void tenEpochsAreFourAndSix(Supplier<Rule> rule) {
        var whole = new SmallTraining(rule.get());
        Training wholeTraining = whole.fit(EPOCHS);
        var first = new SmallTraining(rule.get()).in(folder, 0);
        first.fit(4);
        assertNotEquals(whole.bits(), first.bits());
        var second = new SmallTraining(rule.get()).in(folder, 0);
        Training secondTraining = second.fit(EPOCHS);
        assertEquals(whole.bits(), second.bits());
        assertEquals(numbers(wholeTraining), numbers(secondTraining));
        assertEquals(EPOCHS * SmallTraining.BATCHES, secondTraining.step());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 13, 15, 49, 50})
    void stopsBehindAnyStepAndGoesOn(long step) {
        var whole = adam();
        Training wholeTraining = whole.fit(EPOCHS);
        Training stopped = adam().in(folder, 0)
                .behind(step, training -> training.stop("enough"))
                .fit(EPOCHS);
        assertEquals(step, stopped.step());
        assertEquals("enough", stopped.stopped().orElseThrow());
        var rest = adam().in(folder, 0);
        assertEquals(numbers(wholeTraining), numbers(rest.fit(EPOCHS)));
        assertEquals(whole.bits(), rest.bits());
    }

    @ParameterizedTest
    @ValueSource(longs = {2, 13, 15})
    void anInterruptIsAStopWithACheckpoint(long step) {
        var whole = adam();
        whole.fit(EPOCHS);
        Training stopped = adam().in(folder, 0)
                .behind(step, training -> Thread.currentThread().interrupt())
                .fit(EPOCHS);
        assertTrue(Thread.interrupted(), "the caller sees the interrupt");
        assertEquals(step, stopped.step());
        assertEquals("the thread was interrupted", stopped.stopped().orElseThrow());
        var rest = adam().in(folder, 0);
        rest.fit(EPOCHS);
        assertEquals(whole.bits(), rest.bits());
    }

    @Test
    void anInterruptWithinTheValidationIsAStopBeforeTheEndOfTheEpoch() {
        var whole = adam();
        Training wholeTraining = whole.fit(3);
        var stopped = adam().in(folder, 0);
        var data = SmallTraining.data(20).batches(7);
        int[] runs = {0};
        var trainer = stopped.trainer().withValidation(() -> {
            if (++runs[0] == 2) {
                Thread.currentThread().interrupt();
                throw new CancellationException(); // as reading ahead does
            }
            return data.iterator();
        });
        Training training = trainer.fit(stopped.batches, 3, stopped.rng);
        boolean interrupted = Thread.interrupted();
        assertTrue(interrupted);
        assertTrue(training.stopped().isPresent());
        var rest = adam().in(folder, 0);
        assertEquals(wholeTraining.history().of("loss"), rest.fit(3).history().of("loss"));
        assertEquals(whole.bits(), rest.bits());
    }

    @Test
    void stepsWithinAnEpochAreCutOffAndGoOn() {
        var whole = adam();
        Training wholeTraining = whole.fitSteps(23);
        assertEquals(23, wholeTraining.step());
        assertEquals(4, wholeTraining.epoch());
        assertEquals(5, wholeTraining.history().of("validation.accuracy").size(), "the cut epoch is validated");
        assertTrue(wholeTraining.stopped().isEmpty());
        var first = adam().in(folder, 0);
        assertEquals(2, first.fitSteps(7).history().of("loss").size());
        var again = adam().in(folder, 0);
        assertEquals(2, again.fitSteps(7).history().of("loss").size());
        assertEquals(first.bits(), again.bits());
        var second = adam().in(folder, 0);
        assertEquals(numbers(wholeTraining), numbers(second.fitSteps(23)));
        assertEquals(whole.bits(), second.bits());
    }

    @Test
    void listenersGoOn() {
        Supplier<SmallTraining> build = () -> {
            var plateau = ReduceOnPlateau.of(.1f).withPatience(0).withThreshold(.3f);
            return new SmallTraining(Sgd.of(plateau).withMomentum(.9f))
                    .with(new PlateauListener(plateau, "validation.loss"))
                    .with(EarlyStopping.lowest("validation.loss", 4))
                    .with(BestModel.highest("validation.accuracy"))
                    .with(BestModel.lowest("validation.loss"));
        };
        var whole = build.get();
        Training wholeTraining = whole.fit(40);
        assertTrue(wholeTraining.stopped().orElseThrow().startsWith("validation.loss has not improved on"));
        assertTrue(wholeTraining.history().last("learningRate").orElseThrow() < .1, "the plateau is seen");
        long epochs = wholeTraining.epoch();
        for (int step = 3; step < epochs * SmallTraining.BATCHES; step += 11) {
            build.get()
                    .in(folder, 0)
                    .behind(step, training -> training.stop("enough"))
                    .fit(40);
        }
        var last = build.get().in(folder, 0);
        Training lastTraining = last.fit(40);
        assertEquals(numbers(wholeTraining), numbers(lastTraining));
        assertEquals(whole.bits(), last.bits());
        assertEquals(epochs, lastTraining.epoch());

        var over = build.get().in(folder, 0);
        Training overTraining = over.fit(40);
        assertEquals(lastTraining.step(), overTraining.step(), "a training that was ended early does not go on");
        assertEquals(whole.bits(), over.bits());
    }

    // ---- Another process ----

    /** Trains in a folder, tells each step, and then the bits. */
    static final class Program {
        private Program() {}

        public static void main(String[] args) {
            var small = adam().in(Path.of(args[0]), Long.parseLong(args[1]));
            small.with(new TrainingListener() {
                        @Override
                        public void stepped(Training now, TrainingStep made) {
                            System.out.println(now.step());
                        }

                        @Override
                        public void ended(Training now) {
                            now.stopped().ifPresent(why -> System.out.println("stopped: " + why));
                        }
                    })
                    .fit(Long.parseLong(args[2]));
            System.out.println("end " + small.bits());
        }
    }

    @Test
    @Timeout(60)
    void aProcessThatIsKilledAtRandomPointsEndsWithTheSameBits() throws IOException, InterruptedException {
        int epochs = 40;
        var whole = adam();
        whole.fit(epochs);
        var random = new Random(7);
        String line = "";
        int kills = 0;
        while (!line.startsWith("end ")) {
            try (var process = JavaProcess.start(Program.class, folder.toString(), "3", Integer.toString(epochs))) {
                int lines = 20 + random.nextInt(40);
                for (int i = 0; i < lines && !line.startsWith("end "); i++) {
                    line = process.line();
                }
                if (!line.startsWith("end ")) {
                    process.kill();
                    kills++;
                }
            }
        }
        assertTrue(kills >= 3, "killed only " + kills + " times");
        assertEquals("end " + whole.bits(), line);
    }

    @Test
    @Timeout(60)
    void aProcessThatIsAskedToEndWritesACheckpointOfItsLastStep() throws IOException, InterruptedException {
        long told;
        try (var process = JavaProcess.start(Program.class, folder.toString(), "0", "1000000")) {
            do {
                told = Long.parseLong(process.line());
            } while (told < 12);
            assertEquals(143, process.end(), "128 + SIGTERM");
            String line = process.line();
            while (!line.startsWith("stopped: ")) {
                told = Long.parseLong(line);
                line = process.line();
            }
            assertEquals("stopped: the JVM is ending", line);
        }
        var checkpoint = Checkpoints.in(folder).latest().orElseThrow();
        assertEquals(told, checkpoint.count("training.step"));
    }
}
