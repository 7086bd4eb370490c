package org.jauss.examples.experiments;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The experiments on Batchless Normalization (Berger &amp; Uc Cetina, 2022) and its rivals, each a subcommand that trains a grid of
 * networks, goes on where an earlier run was ended, and writes a page with tables and figures.
 */
@Command(
        name = "PaperExperiments",
        description = "Experiments on Batchless Normalization. Each trains a grid of networks and writes a page.",
        synopsisSubcommandLabel = "EXPERIMENT",
        subcommands = {
            MicroBatches.class,
            ScaledPixels.class,
            BatchSizes.class,
            HalfHe.class,
            Memory.class,
            LargeBatch.class,
            DriftingStream.class,
            Depths.class,
            PaperNetwork.class,
            Shifts.class
        })
public final class PaperExperiments {
    private PaperExperiments() {}

    /**
     * Runs an experiment.
     *
     * @param args its name and its options; {@code --help} behind the name lists them
     */
    public static void main(String[] args) {
        var err = new PrintWriter(System.err, true, Charset.defaultCharset());
        int code = execute(err, args);
        if (code != CommandLine.ExitCode.OK) {
            System.exit(code);
        }
    }

    /** Runs an experiment and gives the exit code: 1 if it failed, 2 for bad options. */
    static int execute(PrintWriter err, String... args) {
        var commandLine = new CommandLine(new PaperExperiments());
        for (Rivals.Kind kind : Rivals.Kind.values()) {
            commandLine.addSubcommand("rivals-" + kind.name().toLowerCase(Locale.ROOT), new Rivals(kind));
        }
        return commandLine
                .setErr(err)
                .registerConverter(Source.class, PaperExperiments::source)
                .setExecutionExceptionHandler((e, failed, parsed) -> {
                    err.println("Failed: " + e.getMessage());
                    return CommandLine.ExitCode.SOFTWARE;
                })
                .execute(args);
    }

    private static Source source(String name) {
        for (Source source : Source.values()) {
            if (source.toString().equals(name)) {
                return source;
            }
        }
        throw new CommandLine.TypeConversionException("'" + name + "' is no set of images");
    }
}
