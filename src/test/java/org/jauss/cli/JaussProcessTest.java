package org.jauss.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jauss.io.JavaProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The command line as a process of its own. */
@Timeout(120)
final class JaussProcessTest {
    private static final String EPOCHS = "3000000";

    @TempDir
    private Path folder;

    private String run() {
        return folder.resolve("run").toString();
    }

    /** A training that does not end by itself, behind its first checkpoint. */
    private JavaProcess started() throws IOException, InterruptedException {
        var process = JavaProcess.start(
                Jauss.class,
                "train",
                "digits",
                "--limit",
                "64",
                "--hidden",
                "8",
                "--epochs",
                EPOCHS,
                "--schedule",
                "constant",
                "--out",
                run());
        assertTrue(process.line().contains("64 images to learn from"));
        Path metrics = folder.resolve("run/metrics.csv");
        while (Files.notExists(metrics)) {
            Thread.onSpinWait();
        }
        return process;
    }

    private long steps() throws IOException {
        return Files.readAllLines(folder.resolve("run/metrics.csv")).stream()
                .filter(line -> line.contains(",loss,"))
                .count();
    }

    private int resume(long epochs) throws IOException, InterruptedException {
        try (var process = JavaProcess.start(
                Jauss.class, "train", "--resume", "--out", run(), "--epochs", Long.toString(epochs))) {
            return process.exitCode();
        }
    }

    @Test
    void exitCodesTellWhatHappened() throws IOException, InterruptedException {
        try (var process = JavaProcess.start(Jauss.class, "summary", "digits")) {
            assertTrue(process.line().startsWith("path "));
            assertEquals(0, process.exitCode());
        }
        try (var process = JavaProcess.start(Jauss.class, "evaluate", run())) {
            assertEquals(2, process.exitCode());
        }
        try (var process = JavaProcess.start(Jauss.class, "train", "mnist", "--data", run())) {
            assertEquals(1, process.exitCode());
        }
    }

    @Test
    void aKilledRunGoesOn() throws IOException, InterruptedException {
        try (var process = started()) {
            process.kill();
        }
        assertFalse(Files.exists(folder.resolve("run/best.safetensors")));
        long made = steps();
        assertTrue(made >= 1);
        assertEquals(0, resume(made + 3));
        assertEquals(made + 3, steps());
        assertTrue(Files.exists(folder.resolve("run/best.safetensors")));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void sigintEndsARunWithACheckpointAndCode130() throws IOException, InterruptedException {
        assumeTrue(isInterruptible(), "whoever started this ignores SIGINT, and so do the processes that it starts");
        try (var process = started()) {
            new ProcessBuilder("kill", "-INT", Long.toString(process.pid()))
                    .start()
                    .waitFor();
            assertEquals(130, process.exitCode());
        }
        long made = steps();
        assertEquals(0, resume(made + 3));
        assertEquals(made + 3, steps());
    }

    /** Whether SIGINT, which is signal 2, is not among those that this process ignores. */
    private static boolean isInterruptible() throws IOException {
        String ignored = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .findFirst()
                .orElseThrow();
        return (Long.parseUnsignedLong(ignored.substring(7).strip(), 16) & 2) == 0;
    }
}
