package org.jauss.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class CheckpointsTest {
    @TempDir
    private Path temporary;

    private Path folder;

    @BeforeEach
    void nameAFolderThatIsNotThereYet() {
        folder = temporary.resolve("run/checkpoints");
    }

    private static Checkpoint of(long step) {
        return Checkpoint.empty().with("step", step);
    }

    private static Checkpoint of(long step, double loss) {
        return of(step).with("loss", loss);
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !name.equals(".checkpoints.lock"))
                    .sorted()
                    .toList();
        }
    }

    private void assertLatest(long step) {
        assertEquals(step, Checkpoints.in(folder).latest().orElseThrow().count("step"));
    }

    // ---- Which are kept ----

    @Test
    void theLastOnesAreKept() throws IOException {
        var checkpoints = Checkpoints.in(folder).withLast(2);
        assertEquals(Optional.empty(), checkpoints.latest());
        try (var writer = checkpoints.open()) {
            assertEquals(Optional.empty(), checkpoints.latest());
            for (long step : new long[] {0, 9, 10, 12, 1_000_000, 999_999_999_999_999_999L}) {
                writer.save(step, of(step));
                assertLatest(step);
            }
        }
        assertEquals(List.of("checkpoint-1000000.safetensors", "checkpoint-999999999999999999.safetensors"), names());
        assertEquals("Checkpoints in " + folder + ", keeping the last 2", checkpoints.toString());
    }

    @Test
    void theBestOneIsKeptAsLongAsItIsTheBest() throws IOException {
        var lowest = Checkpoints.in(folder).withLast(1).withLowest("loss");
        try (var writer = lowest.open()) {
            writer.save(1, of(1)); // no loss yet
            assertEquals(Optional.empty(), lowest.best());
            double[] losses = {3, Double.NaN, 2, 2, 2.5, 1, 4};
            long[] best = {2, 2, 4, 4, 4, 7, 7};
            for (int i = 0; i < losses.length; i++) {
                writer.save(2 + i, of(2 + i, losses[i]));
                assertEquals(best[i], lowest.best().orElseThrow().count("step"), "after loss " + losses[i]);
                assertLatest(2 + i);
            }
        }
        assertEquals(List.of("checkpoint-000007.safetensors", "checkpoint-000008.safetensors"), names());
        var highest = Checkpoints.in(folder).withHighest("loss");
        assertEquals(8, highest.best().orElseThrow().count("step"));
        assertEquals(
                "Checkpoints in " + folder + ", keeping the last 3 and the one with the highest loss",
                highest.toString());
        assertEquals(
                "checkpoints: which is the best needs withLowest or withHighest",
                assertThrows(
                                IllegalStateException.class,
                                () -> Checkpoints.in(folder).best())
                        .getMessage());
        assertEquals(
                "checkpoints: at least 1 must be kept, but is 0",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Checkpoints.in(folder).withLast(0))
                        .getMessage());
    }

    @Test
    void aScoreThatIsNoNumberIsNamed() {
        try (var writer = Checkpoints.in(folder).withLowest("loss").open()) {
            var e = assertThrows(IllegalArgumentException.class, () -> writer.save(1, of(1).with("loss", "low")));
            assertEquals(
                    folder.resolve("checkpoint-000001.safetensors") + ": entry \"loss\" must be a number",
                    e.getMessage());
        }
    }

    @Test
    void aCheckpointOfTheSameStepIsReplaced() throws IOException {
        try (var writer = Checkpoints.in(folder).open()) {
            writer.save(1, of(1));
            Path file = writer.save(1, of(7));
            assertEquals(folder.resolve("checkpoint-000001.safetensors"), file);
        }
        assertLatest(7);
        assertEquals(List.of("checkpoint-000001.safetensors"), names());
    }

    // ---- Damage ----

    private Path damage(long step) throws IOException {
        Path file = folder.resolve("checkpoint-00000" + step + ".safetensors");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        return Files.write(file, bytes);
    }

    private void saveThree() {
        try (var writer = Checkpoints.in(folder).withLowest("loss").open()) {
            for (long step = 1; step <= 3; step++) {
                writer.save(step, of(step, (double) step).withArrays("a", Map.of("x", new float[100])));
            }
        }
    }

    /** What is written to the log during a call. */
    private static String log(Runnable call) {
        PrintStream before = System.err;
        var bytes = new ByteArrayOutputStream();
        System.setErr(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            call.run();
        } finally {
            System.setErr(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aDamagedCheckpointIsSaidToBeAndTheOneBeforeIsUsed() throws IOException {
        saveThree();
        Path last = damage(3);
        String log = log(() -> assertLatest(2));
        assertTrue(log.contains(last + ": is no valid checkpoint: it is damaged: at byte "), log);
        assertTrue(log.contains("; the next best checkpoint is used, if there is one"), log);
        Files.write(damage(2), new byte[5]);
        log(() -> assertLatest(1));
        assertEquals(
                "",
                log(() -> assertEquals(
                        1,
                        Checkpoints.in(folder)
                                .withLowest("loss")
                                .best()
                                .orElseThrow()
                                .count("step"))));
        damage(1);
        log(() -> {
            var e = assertThrows(
                    UncheckedIOException.class, () -> Checkpoints.in(folder).latest());
            assertTrue(
                    e.getMessage()
                            .startsWith(folder + ": none of 3 checkpoints is whole: " + last
                                    + ": is no valid checkpoint: "),
                    e.getMessage());
        });
    }

    @Test
    void theBestOneMayBeDamagedToo() throws IOException {
        saveThree();
        damage(1);
        log(() -> assertEquals(
                2,
                Checkpoints.in(folder).withLowest("loss").best().orElseThrow().count("step")));
    }

    @Test
    void aCheckpointThatCannotBeReadIsNotPassedOver() throws IOException {
        saveThree();
        Path newer = folder.resolve("checkpoint-000004.safetensors");
        Safetensors.write(newer, Map.of(), Map.of("jauss.checksum", "", "jauss.checkpoint", "2"));
        var e = assertThrows(
                UncheckedIOException.class, () -> Checkpoints.in(folder).latest());
        assertEquals(
                newer + ": cannot be read: it is a checkpoint of version 2, but this library reads version 1",
                e.getMessage());
    }

    @Test
    void aRunGoesOnFromTheOneBeforeADamagedOne() throws IOException {
        saveThree();
        damage(3);
        try (var writer = Checkpoints.in(folder).open()) {
            assertTrue(
                    log(() -> writer.save(2, of(20))).contains("; renamed to checkpoint-000003.safetensors.damaged"));
        }
        assertLatest(20);
        assertEquals(
                List.of(
                        "checkpoint-000001.safetensors",
                        "checkpoint-000002.safetensors",
                        "checkpoint-000003.safetensors.damaged"),
                names());
    }

    // ---- Other writers ----

    @Test
    void theCheckpointsOfAnotherRunAreNotTouched() throws IOException {
        saveThree();
        try (var writer = Checkpoints.in(folder).withLast(1).open()) {
            var e = assertThrows(IllegalStateException.class, () -> writer.save(2, of(20)));
            assertEquals(
                    folder.resolve("checkpoint-000003.safetensors")
                            + ": is of a later step than the 2 that is to be saved: give each run a folder of its own,"
                            + " or go on from the latest checkpoint",
                    e.getMessage());
        }
        assertEquals(3, names().size());
    }

    @Test
    void oneWriterHasAFolderAtATime() {
        String message = folder + ": another writer, of this process or another one, writes checkpoints here: give each"
                + " run a folder of its own";
        var checkpoints = Checkpoints.in(folder);
        try (var first = checkpoints.open()) {
            for (int i = 0; i < 2; i++) { // the failure must not release the lock
                var e = assertThrows(IllegalStateException.class, checkpoints::open);
                assertEquals(message, e.getMessage());
            }
            first.save(1, of(1));
        }
        var writer = checkpoints.open();
        writer.close();
        writer.close();
        assertEquals(
                folder + ": the writer of checkpoints is closed",
                assertThrows(IllegalStateException.class, () -> writer.save(2, of(2)))
                        .getMessage());
        for (long step : new long[] {-1, 1_000_000_000_000_000_000L}) {
            assertEquals(
                    "checkpoint: the step must be from 0 to 10^18 - 1, but is " + step,
                    assertThrows(IllegalArgumentException.class, () -> writer.save(step, of(step)))
                            .getMessage());
        }
    }

    @Test
    void onlyWhatAWriterOfThisFolderLeftBehindIsDeleted() throws IOException {
        saveThree();
        String random = ".01234567-89ab-cdef-0123-456789abcdef.tmp";
        Files.write(folder.resolve(".checkpoint-000004.safetensors" + random), new byte[9]);
        String other = ".model.safetensors" + random; // somebody may be writing it now
        Files.write(folder.resolve(other), new byte[9]);
        Files.createDirectories(folder.resolve("checkpoint-000009.safetensors.d"));
        assertLatest(3);
        Checkpoints.in(folder).open().close();
        assertEquals(
                List.of(
                        other,
                        "checkpoint-000001.safetensors",
                        "checkpoint-000002.safetensors",
                        "checkpoint-000003.safetensors",
                        "checkpoint-000009.safetensors.d"),
                names());
    }

    @Test
    void aFileInThePlaceOfTheFolderIsNamed() throws IOException {
        Path file = Files.write(temporary.resolve("file"), new byte[1]);
        var checkpoints = Checkpoints.in(file);
        var e = assertThrows(UncheckedIOException.class, checkpoints::open);
        assertTrue(e.getMessage().startsWith(file + ": cannot be opened for checkpoints: "), e.getMessage());
    }

    // ---- Other processes ----

    /** Some 2 MB that follow from the step, so that most of the time goes into writing. */
    static final class Contents {
        private static final int SIZE = 500_000;

        private Contents() {}

        static Checkpoint of(long step) {
            float[] x = new float[SIZE];
            Arrays.fill(x, (float) step);
            return Checkpoint.empty().withArrays("a", Map.of("x", x)).with("step", step);
        }

        static void assertThoseOfItsStep(Checkpoint checkpoint) {
            float[] expected = new float[SIZE];
            Arrays.fill(expected, (float) checkpoint.count("step"));
            assertArrayEquals(expected, checkpoint.arrays("a").get("x"));
        }
    }

    /** Goes on from the latest checkpoint until it is killed, and tells which ones it has saved. */
    static final class Writing {
        private Writing() {}

        public static void main(String[] arguments) {
            var checkpoints = Checkpoints.in(Path.of(arguments[0])).withLast(2);
            try (var writer = checkpoints.open()) {
                long step = checkpoints.latest().map(last -> last.count("step")).orElse(0L);
                while (true) {
                    step++;
                    writer.save(step, Contents.of(step));
                    System.out.println(step);
                }
            }
        }
    }

    /** Opens a folder and tells what came of it. */
    static final class Opening {
        private Opening() {}

        public static void main(String[] arguments) {
            try (var writer = Checkpoints.in(Path.of(arguments[0])).open()) {
                System.out.println(writer.save(1, of(1)));
            } catch (IllegalStateException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    /**
     * The writer is killed as soon as it has told of some checkpoint: it is within one of the next ones then. What it told
     * of must be there, and whole.
     */
    @Test
    @Timeout(60)
    void killedAtAnyMomentAWriterLeavesAWholeCheckpoint() throws IOException, InterruptedException {
        long latest = 0;
        for (int kills = 1; kills <= 10; kills++) {
            long told = 0;
            try (var process = JavaProcess.start(Writing.class, folder.toString())) {
                for (int lines = 0; lines < 1 + kills * 7 % 5; lines++) {
                    told = Long.parseLong(process.line());
                }
                process.kill();
            }
            Checkpoint read = Checkpoints.in(folder).latest().orElseThrow();
            assertTrue(read.count("step") >= told, read.count("step") + " after " + told);
            assertTrue(told > latest, "each writer goes on from the latest");
            latest = read.count("step");
            Contents.assertThoseOfItsStep(read);
        }
        Checkpoints.in(folder).open().close();
        assertFalse(names().stream().anyMatch(name -> name.endsWith(".tmp")), () -> "left behind in " + folder);
    }

    @Test
    @Timeout(60)
    void anotherProcessDoesNotGetTheFolder() throws IOException, InterruptedException {
        var checkpoints = Checkpoints.in(folder);
        try (var writer = checkpoints.open()) {
            assertThrows(IllegalStateException.class, checkpoints::open);
            try (var process = JavaProcess.start(Opening.class, folder.toString())) {
                assertEquals(
                        folder + ": another writer, of this process or another one, writes checkpoints here: give each"
                                + " run a folder of its own",
                        process.line());
            }
            writer.save(1, of(1));
        }
    }
}
