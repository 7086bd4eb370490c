package org.jauss.cli;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.List;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/**
 * The program {@code jauss}: trains image classifiers, evaluates them, and asks them about images.
 *
 * <p>Exit codes: 0 if all went well, 1 if a run failed, 2 for options that are wrong, 130 if a training was interrupted.
 */
@Command(
        name = "jauss",
        mixinStandardHelpOptions = true,
        versionProvider = Jauss.Version.class,
        usageHelpWidth = Jauss.WIDTH,
        description = "Trains image classifiers, evaluates them, and asks them about images.",
        footer = {
            "",
            "Exit codes: 0 if all went well, 1 if a run failed, 2 for wrong options, 130 if interrupted.",
            "For completion of options in bash and zsh: source <(java -jar jauss-cli.jar generate-completion)"
        },
        subcommands = {
            TrainCommand.class,
            EvaluateCommand.class,
            PredictCommand.class,
            SummaryCommand.class,
            ReportCommand.class,
            AutoComplete.GenerateCompletion.class
        })
public final class Jauss {
    static final int WIDTH = 100;
    static final int INTERRUPTED = 130;

    /** Lines of the log as a person reads them, unless somebody wants them otherwise. */
    private static final List<String> PLAIN_LOG =
            List.of("org.slf4j.simpleLogger.showThreadName", "org.slf4j.simpleLogger.showLogName");

    /** The program, before it has read its options. */
    public Jauss() {}

    /** Tells the version in the manifest of the jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Jauss.class.getPackage().getImplementationVersion();
            return new String[] {"jauss " + (version == null ? "(not from a jar)" : version)};
        }
    }

    /**
     * Runs the program and ends the JVM.
     *
     * @param args the subcommand and its options; {@code --help} lists them
     */
    public static void main(String[] args) {
        for (String property : PLAIN_LOG) {
            if (System.getProperty(property) == null) {
                System.setProperty(property, "false");
            }
        }
        var charset = Charset.defaultCharset();
        System.exit(commandLine(new PrintWriter(System.out, true, charset), new PrintWriter(System.err, true, charset))
                .execute(args));
    }

    /** The program with its streams. */
    static CommandLine commandLine(PrintWriter out, PrintWriter err) {
        return new CommandLine(new Jauss())
                .registerConverter(DataSource.class, OptionValue.converter(DataSource.class))
                .registerConverter(ModelOptions.Kind.class, OptionValue.converter(ModelOptions.Kind.class))
                .registerConverter(NormalizationName.class, OptionValue.converter(NormalizationName.class))
                .registerConverter(OptimizerName.class, OptionValue.converter(OptimizerName.class))
                .registerConverter(ScheduleName.class, OptionValue.converter(ScheduleName.class))
                .registerConverter(EvaluateCommand.Part.class, OptionValue.converter(EvaluateCommand.Part.class))
                .setOut(out)
                .setErr(err)
                .setParameterExceptionHandler((e, args) -> {
                    err.println(e.getMessage() + "; --help lists the options");
                    return CommandLine.ExitCode.USAGE;
                })
                .setExecutionExceptionHandler((e, commandLine, parsed) -> {
                    err.println("Failed: " + (e.getMessage() == null ? e : e.getMessage()));
                    if (commandLine.getCommand() instanceof Program program && program.debug()) {
                        e.printStackTrace(err);
                    }
                    return CommandLine.ExitCode.SOFTWARE;
                });
    }
}
