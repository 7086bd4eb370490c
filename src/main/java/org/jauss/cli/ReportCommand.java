package org.jauss.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;

/** Writes the report of a run again. */
@Command(name = "report", description = "Writes the report of a run again, from its settings and metrics.")
final class ReportCommand extends RunProgram {
    @Override
    int run() {
        TrainCommand command = folder().command(this);
        out().println(folder().report() + " " + command.spec().name() + " "
                + folder().history().names());
        return ExitCode.OK;
    }
}
