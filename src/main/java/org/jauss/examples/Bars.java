package org.jauss.examples;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jauss.train.Terminal;

/** Progress bars on a terminal. */
final class Bars {
    private static final int WIDTH = 79;

    private Bars() {}

    /** A bar that shows nothing unless the standard output is a terminal. */
    static ProgressBar of(String name, long steps) {
        return new ProgressBarBuilder()
                .setTaskName(name)
                .setInitialMax(steps)
                .setStyle(ProgressBarStyle.ASCII)
                .clearDisplayOnFinish()
                .setConsumer(
                        Terminal.isPresent()
                                ? new ConsoleProgressBarConsumer(System.out, WIDTH)
                                : new DelegatingProgressBarConsumer(line -> {}, WIDTH))
                .build();
    }
}
