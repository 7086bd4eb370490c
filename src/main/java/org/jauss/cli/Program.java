package org.jauss.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jauss.kernels.Parallel;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the subcommands have in common. */
@Command(sortOptions = false, showDefaultValues = true, usageHelpWidth = Jauss.WIDTH)
abstract class Program implements Callable<Integer> {
    @Option(
            names = "--threads",
            order = 90,
            paramLabel = "N",
            description = "Threads of the kernels; results do not depend on it (default: all processors).")
    private @Nullable Integer threads;

    @Option(names = "--debug", order = 91, description = "Show where a failure came from.")
    private boolean debug;

    @Option(names = "--help", order = 92, usageHelp = true, description = "Show this text.")
    @SuppressWarnings("UnusedVariable") // picocli reads it.
    private boolean help;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it.
    private CommandSpec spec;

    /** Does the work and gives the exit code; the message of an exception is what the user sees of a failure. */
    abstract int run();

    @Override
    public final Integer call() {
        if (threads != null) {
            requireAtLeast("--threads", threads, 1);
            System.setProperty(Parallel.PROPERTY, threads.toString()); // read at the first use of the kernels
        }
        return run();
    }

    final boolean debug() {
        return debug;
    }

    final CommandSpec spec() {
        return spec;
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    /** Requires something of the options. */
    final void require(boolean condition, String rule) {
        if (!condition) {
            throw new ParameterException(spec.commandLine(), rule);
        }
    }

    final void requireAtLeast(String option, int value, int least) {
        require(value >= least, option + " must be at least " + least + ", but is " + value);
    }

    /** Makes something of the options; what it does not like about them is shown as a wrong option. */
    final <T> T fromOptions(Supplier<T> maker) {
        try {
            return maker.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }
}
