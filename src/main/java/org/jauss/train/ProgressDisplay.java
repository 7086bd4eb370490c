package org.jauss.train;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jauss.io.Checkpoint;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Shows how a training gets on. On a terminal each epoch has a progress bar with the rate of steps, the remaining time
 * and the loss, provided that the library {@code me.tongfei:progressbar} is there. In a log file or in CI there is a line
 * of the log (SLF4J, INFO) every ten seconds instead. In both cases a line of the log ends each epoch: its numbers, the
 * rate, and the remaining time of the whole training.
 *
 * <pre>{@code
 * epoch 3 of 20, step 1200 of 8000: loss 0.1234; 5321 instances/s, 1:23 left
 * epoch 3 of 20 ended: loss 0.1201, learningRate 0.001, validation.loss 0.1422; 5312 instances/s, 1:15 left
 * }</pre>
 *
 * <p>The remaining time is that of the steps that are left, at the rate since the start, validation included.
 */
public final class ProgressDisplay implements TrainingListener {
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final long NANOS_BETWEEN_LINES = 10 * NANOS_PER_SECOND;

    private final Consumer<String> log;
    private final LongSupplier clock;
    private final @Nullable BiFunction<String, Training, TerminalBar> bars;

    private @Nullable TerminalBar bar;
    private long startTime;
    private long startStep;
    private long epochTime;
    private long epochInstances;
    private long lineTime;

    /** A display for one training at a time. */
    public ProgressDisplay() {
        this(
                LoggerFactory.getLogger(ProgressDisplay.class)::info,
                System::nanoTime,
                Terminal.isPresent() && TerminalBar.isAvailable()
                        ? (name, training) -> new TerminalBar(
                                TerminalBar.builder(name, training).build())
                        : null);
    }

    ProgressDisplay(
            Consumer<String> log, LongSupplier clock, @Nullable BiFunction<String, Training, TerminalBar> bars) {
        this.log = log;
        this.clock = clock;
        this.bars = bars;
    }

    @Override
    public void started(Training training, Checkpoint from) {
        startTime = clock.getAsLong();
        startStep = training.step();
        lineTime = startTime;
        epochStarts(startTime);
    }

    private void epochStarts(long now) {
        epochTime = now;
        epochInstances = 0;
    }

    @Override
    public void stepped(Training training, TrainingStep step) {
        epochInstances += step.instances();
        if (bars != null) {
            if (bar == null) {
                bar = bars.apply(epoch(training), training);
            }
            bar.show(training.batch(), number("loss", training.meanLoss()));
            return;
        }
        long now = clock.getAsLong();
        if (now - lineTime >= NANOS_BETWEEN_LINES) {
            lineTime = now;
            log.accept(epoch(training) + ", step " + of(training.step(), training.steps()) + ": "
                    + number("loss", training.meanLoss()) + rest(training, now));
        }
    }

    @Override
    public void epochEnded(Training training) {
        closeBar();
        var line = new StringBuilder();
        for (Map.Entry<String, Double> entry :
                training.history().at(training.step()).entrySet()) {
            line.append(line.length() == 0 ? "" : ", ").append(number(entry.getKey(), entry.getValue()));
        }
        long now = clock.getAsLong();
        log.accept(epoch(training) + " ended: " + line + rest(training, now));
        lineTime = now;
        epochStarts(now);
    }

    @Override
    public void ended(Training training) {
        closeBar();
    }

    private void closeBar() {
        if (bar != null) {
            bar.close();
            bar = null;
        }
    }

    private static String epoch(Training training) {
        return "epoch " + of(training.epoch() + 1, training.epochs());
    }

    private static String of(long number, OptionalLong all) {
        return all.isPresent() ? number + " of " + all.getAsLong() : Long.toString(number);
    }

    private static String number(String name, double value) {
        return String.format(Locale.ROOT, "%s %.4g", name, value);
    }

    /** Rate and remaining time. */
    private String rest(Training training, long now) {
        double seconds = (double) (now - epochTime) / NANOS_PER_SECOND;
        String rate = String.format(Locale.ROOT, "; %.0f instances/s", epochInstances / seconds);
        OptionalLong all = training.steps();
        if (all.isEmpty() || training.step() == startStep) {
            return rate;
        }
        double secondsPerStep = (double) (now - startTime) / NANOS_PER_SECOND / (training.step() - startStep);
        return rate + ", " + duration(Math.round(secondsPerStep * (all.getAsLong() - training.step()))) + " left";
    }

    private static String duration(long seconds) {
        long hours = seconds / 3600;
        return hours > 0
                ? String.format(Locale.ROOT, "%d:%02d:%02d", hours, seconds / 60 % 60, seconds % 60)
                : String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60);
    }
}
