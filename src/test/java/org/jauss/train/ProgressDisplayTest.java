package org.jauss.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import org.jauss.data.DataStream;
import org.jauss.optimizers.Sgd;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a reader of the log sees. */
final class ProgressDisplayTest {
    private final List<String> lines = new ArrayList<>();
    private long now;

    /** A display whose clock goes on by so many seconds with each step. */
    private SmallTraining training(double seconds, @Nullable BiFunction<String, Training, TerminalBar> bars) {
        var display = new ProgressDisplay(lines::add, () -> now, bars);
        return new SmallTraining(Sgd.of(.125f))
                .with(new TrainingListener() {
                    @Override
                    public void stepped(Training training, TrainingStep step) {
                        now += (long) (seconds * 1e9);
                    }
                })
                .with(display);
    }

    private static void assertLine(String pattern, String line) {
        assertTrue(Pattern.matches(pattern, line), line);
    }

    private static final String NUMBER = "[0-9.]+";
    private static final String NUMBERS = "loss " + NUMBER + ", auxiliaryLoss -?" + NUMBER
            + ", learningRate 0\\.1250, validation\\.loss " + NUMBER + ", validation\\.accuracy " + NUMBER;

    @Test
    void aLineEveryTenSecondsAndOneForEachEpoch() {
        training(4, null).fit(2);
        assertEquals(4, lines.size(), lines::toString);
        assertLine("epoch 1 of 2, step 3 of 10: loss " + NUMBER + "; 2 instances/s, 0:28 left", lines.get(0));
        // 37 instances in 5 steps of 4 s
        assertLine("epoch 1 of 2 ended: " + NUMBERS + "; 2 instances/s, 0:20 left", lines.get(1));
        assertLine("epoch 2 of 2, step 8 of 10: loss " + NUMBER + "; 2 instances/s, 0:08 left", lines.get(2));
        assertLine("epoch 2 of 2 ended: " + NUMBERS + "; 2 instances/s, 0:00 left", lines.get(3));
    }

    @Test
    void aNumberOfStepsAndHours() {
        training(3600, null).fitSteps(7);
        assertLine("epoch 1, step 1 of 7: loss " + NUMBER + "; 0 instances/s, 6:00:00 left", lines.get(0));
    }

    @Test
    void aBarForEachEpochAndALineAtItsEnd() {
        List<String> shown = new ArrayList<>();
        training(
                        4,
                        (name, training) -> new TerminalBar(TerminalBar.builder(name, training)
                                .setConsumer(new DelegatingProgressBarConsumer(shown::add, 100))
                                .build()))
                .fit(2);
        String all = String.join("\n", shown);
        assertTrue(
                Pattern.compile("epoch 1 of 2 +100% .* 5/5 steps .* steps/s loss " + NUMBER)
                        .matcher(all)
                        .find(),
                all);
        assertTrue(all.contains("epoch 2 of 2"), all);
        assertEquals(2, lines.size(), lines::toString);
        assertTrue(TerminalBar.isAvailable());
    }

    @Test
    void aStreamTellsNoRemainingTime() {
        var small = training(4, null);
        var batch = SmallTraining.data(8).batches(8).iterator().next();
        small.trainer()
                .fit(
                        DataStream.ofClasses(epoch -> Stream.of(batch, batch, batch))
                                .batches(8),
                        1,
                        small.rng);
        assertLine("epoch 1 of 1, step 3: loss " + NUMBER + "; 2 instances/s", lines.get(0));
    }

    @Test
    void byItselfItWritesToTheLog() {
        var small = new SmallTraining(Sgd.of(.1f)).with(new ProgressDisplay());
        assertEquals(1, small.fit(1).epoch());
    }
}
