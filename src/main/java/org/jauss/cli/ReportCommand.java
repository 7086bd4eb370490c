package org.jauss.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;

/** Writes the report of a run again. */
@Command(
        name = "report",
        description =
                "Writes the report of a run and its metrics again, from its settings, data and newest checkpoint.")
final class ReportCommand extends RunProgram {
    @Mixin
    private MovedData moved = new MovedData();

    @Override
    int run() {
        TrainCommand command = folder().command(this);
        moved.applyTo(command);
        out().println(folder().fromSettings(this, () -> command.report(folder())));
        return ExitCode.OK;
    }
}
