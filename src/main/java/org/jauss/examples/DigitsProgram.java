package org.jauss.examples;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jauss.data.Csv;
import org.jauss.data.CsvFormat;
import org.jauss.data.Dataset;
import org.jauss.data.Digits;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the programs about digits have in common: data, start and exit codes, 1 if it failed, 2 for bad options. */
@Command(sortOptions = false, usageHelpWidth = 100)
abstract class DigitsProgram implements Callable<Integer> {
    private static final double HELD_OUT = .2;

    @Option(
            names = "--data",
            order = 7,
            paramLabel = "FILE",
            description = "Rows of 64 pixels (0 to 16) and a digit: CSV, plain or gzip (default: the UCI digits).")
    private @Nullable Path data;

    @Option(names = "--debug", order = 8, description = "Show where a failure came from.")
    private boolean debug;

    @Option(names = "--help", order = 9, usageHelp = true, description = "Show this text.")
    @SuppressWarnings("UnusedVariable") // picocli reads it.
    private boolean help;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it.
    private CommandSpec spec;

    /** Does the work; the message of an exception is what the user sees of a failure. */
    abstract void run();

    @Override
    public final Integer call() {
        run();
        return CommandLine.ExitCode.OK;
    }

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    /** The digits, always divided in the same way. */
    final Dataset.Split<IntTensor> digits() {
        return (data == null ? Digits.load() : read(data)).split(HELD_OUT, Rng.of(0));
    }

    private static Dataset<IntTensor> read(Path file) {
        List<String> classes =
                IntStream.range(0, Digits.CLASSES).mapToObj(Integer::toString).toList();
        return Csv.ofClasses(Integer.toString(Digits.PIXELS + 1), classes)
                .withFormat(CsvFormat.of().withoutHeader())
                .learn(file)
                .read(file)
                .map(x -> x.div(Digits.INK));
    }

    /** Requires something of the options. */
    final void require(boolean condition, String rule) {
        if (!condition) {
            throw new ParameterException(spec.commandLine(), rule);
        }
    }

    /** Runs the program and gives its exit code. */
    final int execute(PrintWriter out, PrintWriter err, String... args) {
        return new CommandLine(this)
                .setOut(out)
                .setErr(err)
                .setParameterExceptionHandler((e, unused) -> {
                    err.println(e.getMessage() + "; --help lists the options");
                    return CommandLine.ExitCode.USAGE;
                })
                .setExecutionExceptionHandler((e, commandLine, parsed) -> {
                    err.println("Failed: " + (e.getMessage() == null ? e : e.getMessage()));
                    if (debug) {
                        e.printStackTrace(err);
                    }
                    return CommandLine.ExitCode.SOFTWARE;
                })
                .execute(args);
    }

    /** Runs the program on the standard streams and ends the JVM if it failed. */
    final void start(String... args) {
        var charset = Charset.defaultCharset();
        var out = new PrintWriter(System.out, true, charset);
        var err = new PrintWriter(System.err, true, charset);
        int code = execute(out, err, args);
        if (code != CommandLine.ExitCode.OK) {
            System.exit(code);
        }
    }
}
