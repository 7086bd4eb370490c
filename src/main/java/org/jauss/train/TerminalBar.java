package org.jauss.train;

import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.Duration;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar over the steps of an epoch; the library writes it to the terminal. */
final class TerminalBar implements AutoCloseable {
    private final ProgressBar bar;

    TerminalBar(ProgressBar bar) {
        this.bar = bar;
    }

    /** Whether the library is there: it is an optional dependency. */
    static boolean isAvailable() {
        try {
            Class.forName("me.tongfei.progressbar.ProgressBar", false, TerminalBar.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    static ProgressBarBuilder builder(String name, Training training) {
        return new ProgressBarBuilder()
                .setTaskName(name)
                .setInitialMax(training.stepsPerEpoch().orElse(-1)) // below 0: not known
                .startsFrom(training.batch() - 1L, Duration.ZERO)
                .setUnit(" steps", 1)
                .showSpeed(new DecimalFormat("0.0", DecimalFormatSymbols.getInstance(Locale.ROOT)))
                .setStyle(ProgressBarStyle.ASCII)
                .clearDisplayOnFinish();
    }

    void show(long step, String message) {
        bar.stepTo(step).setExtraMessage(" " + message);
    }

    @Override
    public void close() {
        bar.close();
    }
}
