package org.jauss.cli;

import java.nio.file.Path;
import picocli.CommandLine.Parameters;

/** A subcommand that looks at a run. */
abstract class RunProgram extends Program {
    @Parameters(index = "0", paramLabel = "RUN", description = "The folder that train made.")
    private Path run = Path.of("");

    final RunFolder folder() {
        return new RunFolder(run);
    }
}
