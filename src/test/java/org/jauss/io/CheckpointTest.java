package org.jauss.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CheckpointTest {
    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("run.safetensors");
    }

    private static Map<String, Parameter> parameters() {
        var parameters = new LinkedHashMap<String, Parameter>();
        parameters.put("layers.0.weight", Parameter.of(Shape.of(2, 3), 1, -2, 3, 1e-40f, Float.MAX_VALUE, -0f));
        parameters.put("scalar", Parameter.of(Shape.SCALAR, Float.NaN));
        parameters.put("none", Parameter.full(Shape.of(4, 0), 0));
        return parameters;
    }

    private static Checkpoint checkpoint() {
        Rng rng = Rng.of(4);
        rng.split();
        return Checkpoint.empty()
                .withParameters("model", parameters())
                .withArrays("optimizer", Map.of("layers.0.weight.velocity", new float[] {.5f, -0f, 7, 8, 9, 10}))
                .withCounts("optimizer", Map.of("steps", Long.MAX_VALUE, "layers.0.weight.steps", (1L << 24) + 1))
                .withTexts("settings", Map.of("rule", "Sgd, \"quoted\"\n\u00e9\u6f22\ud83d\ude00", "empty", ""))
                .with("random", rng)
                .with("epoch", 4)
                .with("metrics.loss", .1 + .2)
                .with("metrics.history", Double.MIN_VALUE, -0., 1e300, Double.NEGATIVE_INFINITY, Double.NaN);
    }

    @Test
    void anInterruptIsNamedAsTheReason() {
        Thread.currentThread().interrupt();
        var thrown = assertThrows(UncheckedIOException.class, () -> checkpoint().write(file));
        assertTrue(Thread.interrupted());
        assertEquals(file + ": cannot be written: the thread was interrupted", thrown.getMessage());
    }

    @Test
    void whatIsWrittenIsReadBackToTheBit() {
        checkpoint().write(file);
        Checkpoint read = Checkpoint.read(file);
        Map<String, Parameter> into = parameters();
        into.values().forEach(parameter -> Arrays.fill(parameter.data(), 9));
        read.requireFit("model", into);
        assertEquals(9, into.get("scalar").data()[0], "a check changes nothing");
        read.restore("model", into);
        parameters()
                .forEach((name, p) -> assertArrayEquals(
                        p.data(),
                        into.get(name).data(),
                        name)); // assertArrayEquals tells -0 from 0 and takes NaN for NaN
        assertEquals(
                List.of("layers.0.weight.velocity"),
                List.copyOf(read.arrays("optimizer").keySet()));
        assertArrayEquals(
                new float[] {.5f, -0f, 7, 8, 9, 10}, read.arrays("optimizer").get("layers.0.weight.velocity"));
        assertEquals(
                Map.of("steps", Long.MAX_VALUE, "layers.0.weight.steps", (1L << 24) + 1), read.counts("optimizer"));
        assertEquals(Map.of("rule", "Sgd, \"quoted\"\n\u00e9\u6f22\ud83d\ude00", "empty", ""), read.texts("settings"));
        assertEquals(4, read.count("epoch"));
        assertEquals(.1 + .2, read.number("metrics.loss"));
        assertArrayEquals(
                new double[] {Double.MIN_VALUE, -0., 1e300, Double.NEGATIVE_INFINITY, Double.NaN},
                read.numbers("metrics.history"));
        Rng rng = Rng.of(4);
        rng.split();
        assertEquals(rng.split().bits(3), read.rng("random").split().bits(3));
        assertTrue(read.has("epoch"));
        assertFalse(read.has("jauss.checkpoint"));
        assertEquals(Map.of(), read.arrays("average"));
        assertEquals(Map.of(), read.counts("average"));
        Path again = folder.resolve("again");
        read.write(again);
        assertTrue(same(file, again));
    }

    private static boolean same(Path one, Path other) {
        try {
            return Files.mismatch(one, other) < 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void theFileIsASafetensorsFileWithTheEntriesAsMetadata() {
        checkpoint().write(file);
        assertEquals(
                List.of("model.layers.0.weight", "model.scalar", "model.none", "optimizer.layers.0.weight.velocity"),
                List.copyOf(Safetensors.read(file).keySet()));
        Map<String, String> metadata = new LinkedHashMap<>(Safetensors.metadata(file));
        assertTrue(metadata.remove("jauss.checksum").matches("[0-9a-f]{8}"));
        assertEquals("1", metadata.get("jauss.checkpoint"));
        assertEquals("4", metadata.get("epoch"));
        assertEquals("16777217", metadata.get("optimizer.layers.0.weight.steps"));
        assertEquals("0.30000000000000004", metadata.get("metrics.loss"));
    }

    /** By the polynomial of Castagnoli, bit by bit. */
    @Test
    void theChecksumIsTheCrc32cOfTheFileWithZerosInItsPlace() throws IOException {
        checkpoint().write(file);
        String said = Safetensors.metadata(file).get("jauss.checksum");
        byte[] bytes = Files.readAllBytes(file);
        int place = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(said);
        Arrays.fill(bytes, place, place + 8, (byte) '0');
        int sum = -1;
        for (byte b : bytes) {
            sum ^= b & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                sum = (sum & 1) == 0 ? sum >>> 1 : sum >>> 1 ^ 0x82F63B78;
            }
        }
        assertEquals(String.format("%08x", ~sum), said);
    }

    @Test
    void aModelThatDoesNotFitIsToldAllThatIsWrongAndStaysAsItIs() {
        checkpoint().write(file);
        Checkpoint read = Checkpoint.read(file);
        Map<String, Parameter> other = new LinkedHashMap<>();
        other.put("layers.0.weight", Parameter.full(Shape.of(3, 2), 7));
        other.put("layers.0.bias", Parameter.full(Shape.of(2), 7));
        other.put("scalar", Parameter.full(Shape.SCALAR, 7));
        String message = file + ": model: does not fit the parameters: \"layers.0.weight\" has shape [2, 3] instead of"
                + " [3, 2], \"layers.0.bias\" is missing, \"none\" is unexpected";
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> read.requireFit("model", other))
                        .getMessage());
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, () -> read.restore("model", other))
                        .getMessage());
        assertEquals(7, other.get("scalar").data()[0]);
    }

    @Test
    void entriesThatAreMissingOrOfAnotherKindAreNamed() {
        Checkpoint made =
                Checkpoint.empty().with("text", "a b").with("one", "1").with("kept.x", "1.5");
        assertMessage("checkpoint: there is no entry \"epoch\" among [kept.x, one, text]", () -> made.count("epoch"));
        assertMessage("checkpoint: entry \"text\" must be a whole number, but is \"a b\"", () -> made.count("text"));
        assertMessage("checkpoint: entry \"text\" must be a number, but is \"a b\"", () -> made.number("text"));
        assertMessage(
                "checkpoint: entry \"text\" must be numbers with spaces between them, but is \"a b\"",
                () -> made.numbers("text"));
        for (String key : List.of("text", "one")) {
            assertMessage(
                    "checkpoint: entry \"" + key + "\" must be the state of a random source, but is \"" + made.text(key)
                            + "\"",
                    () -> made.rng(key));
        }
        assertMessage("checkpoint: entry \"kept.x\" must be a whole number, but is \"1.5\"", () -> made.counts("kept"));
        assertMessage("checkpoint: keys that begin with jauss. are reserved: jauss.x", () -> made.with("jauss.x", "1"));
        for (String group : List.of("", "a.b")) {
            assertMessage(
                    "checkpoint: the name of a group must have a letter and no dot, but is \"" + group + "\"",
                    () -> made.withArrays(group, Map.of()));
        }
        assertArrayEquals(new double[0], made.with("none", new double[0]).numbers("none"));
        assertEquals("checkpoint of 0 arrays and the entries {kept.x=1.5, one=1, text=a b}", made.toString());
        made.write(file);
        assertMessage(
                file + ": entry \"text\" must be a whole number, but is \"a b\"",
                () -> Checkpoint.read(file).count("text"));
    }

    private static void assertMessage(String message, org.junit.jupiter.api.function.Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @Test
    void aFileThatIsNoCheckpointIsRefused() {
        Safetensors.write(file, parameters(), Map.of());
        var plain = assertThrows(UncheckedIOException.class, () -> Checkpoint.read(file));
        assertEquals(file + ": is no valid checkpoint: it has no jauss.checksum", plain.getMessage());
        Safetensors.write(file, parameters(), Map.of("jauss.checksum", "", "jauss.checkpoint", "2"));
        var newer = assertThrows(UncheckedIOException.class, () -> Checkpoint.read(file));
        assertEquals(
                file + ": cannot be read: it is a checkpoint of version 2, but this library reads version 1",
                newer.getMessage());
        Path missing = folder.resolve("missing");
        var none = assertThrows(UncheckedIOException.class, () -> Checkpoint.read(missing));
        assertEquals(missing + ": cannot be read: there is no such file or folder", none.getMessage());
    }

    // ---- Damage ----

    @Test
    void everyFlippedBitIsFound() throws IOException {
        Checkpoint.empty()
                .withArrays("a", Map.of("x", new float[] {1, 2, 3}))
                .with("epoch", 4)
                .write(file);
        assertFoundEverywhere(8 * (int) Files.size(file), (bytes, bit) -> bytes[bit / 8] ^= (byte) (1 << bit % 8));
    }

    @FunctionalInterface
    private interface Change {
        void apply(byte[] bytes, int position);
    }

    private void assertFoundEverywhere(int positions, Change change) throws IOException {
        byte[] whole = Files.readAllBytes(file);
        for (int position = 0; position < positions; position++) {
            byte[] damaged = whole.clone();
            change.apply(damaged, position);
            assertFound(damaged);
        }
    }

    private void assertFound(byte[] damaged) throws IOException {
        Files.write(file, damaged);
        var e = assertThrows(UncheckedIOException.class, () -> Checkpoint.read(file));
        assertTrue(e.getMessage().startsWith(file + ": is no valid "), e.getMessage());
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    }

    @Test
    void aFlippedBitAmongTheElementsIsSaidToBeDamage() throws IOException {
        checkpoint().write(file);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
        String said = Safetensors.metadata(file).get("jauss.checksum");
        int place = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(said);
        var e = assertThrows(UncheckedIOException.class, () -> Checkpoint.read(file));
        assertTrue(
                e.getMessage()
                        .matches(java.util.regex.Pattern.quote(file
                                        + ": is no valid checkpoint: it is damaged: at byte "
                                        + place + " its checksum is \"" + said + "\", but that of its " + bytes.length
                                        + " bytes is \"")
                                + "[0-9a-f]{8}\""),
                e.getMessage());
    }

    @Test
    void everyTruncationIsFound() throws IOException {
        checkpoint().write(file);
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            assertFound(Arrays.copyOf(whole, length));
        }
    }

    @Test
    void aThousandDamagedFilesAreAllFound() throws IOException {
        checkpoint().write(file);
        var damage = new Damage(Files.readAllBytes(file), (int) Files.size(file));
        for (int round = 0; round < 1000; round++) {
            assertFound(damage.next());
        }
    }
}
