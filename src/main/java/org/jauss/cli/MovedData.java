package org.jauss.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the data of a run are by now. */
final class MovedData {
    @Option(
            names = "--data",
            order = 2,
            paramLabel = "FOLDER",
            description = "Where the files are now (default: where they were).")
    private @Nullable Path folder;

    /** Tells the command that made the run. */
    void applyTo(TrainCommand command) {
        command.data().moveTo(folder);
    }
}
