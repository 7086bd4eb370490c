package org.jauss.examples;

import java.io.Console;
import java.util.Objects;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

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
                        isTerminal(System.console())
                                ? new ConsoleProgressBarConsumer(System.out, WIDTH)
                                : new DelegatingProgressBarConsumer(line -> {}, WIDTH))
                .build();
    }

    /** Up to JDK 21 there is a console only on a terminal; from JDK 22 on it has to be asked. */
    private static boolean isTerminal(@Nullable Console console) {
        if (console == null || Objects.equals(System.getenv("TERM"), "dumb")) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}
