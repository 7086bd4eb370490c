package org.jauss.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DigitsTest {
    private static final String ROW = "0,16,8,".concat("0,".repeat(61));

    @Test
    void theDigitsOfTheLibraryAreComplete() {
        LabeledData digits = Digits.load();
        assertEquals(Shape.of(1797, 64), digits.x().shape());
        int[] classes = new int[10];
        Arrays.stream(digits.labels().toArray()).forEach(label -> classes[label]++);
        assertArrayEquals(new int[] {178, 182, 177, 183, 181, 182, 181, 179, 174, 180}, classes);
        assertEquals(5f / 16, digits.x().get(0, 2));
        assertEquals(1f, digits.x().max(false).item());
        assertEquals(0f, digits.x().min(false).item());
    }

    @Test
    void rowsAreReadInOrderWhateverEndsALine() {
        LabeledData read = parse(ROW + "7\r\n" + ROW.replace(",8,", ", 4 ,") + "0");
        assertArrayEquals(new int[] {7, 0}, read.labels().toArray());
        assertEquals(1f, read.x().get(0, 1));
        assertEquals(.5f, read.x().get(0, 2));
        assertEquals(.25f, read.x().get(1, 2));
    }

    @Test
    void plainAndCompressedFilesAreReadAlike(@TempDir Path folder) throws IOException {
        byte[] text = (ROW + "3\n").getBytes(StandardCharsets.UTF_8);
        Path plain = Files.write(folder.resolve("plain"), text);
        Path compressed = Files.write(folder.resolve("compressed"), gzip(text));
        assertEquals(3, Digits.read(plain).labels().at(0));
        assertArrayEquals(
                Digits.read(plain).x().toArray(), Digits.read(compressed).x().toArray());
    }

    @Test
    void badRowsAreNamedWithTheRuleTheyBreak() {
        assertFails("f: there are no rows", "");
        assertFails("f, line 2: a row has 65 columns, 64 pixels and the digit, but this one has 1", ROW + "1\n\n");
        assertFails("f, line 1: a row has 65 columns, 64 pixels and the digit, but this one has 66", ROW + "1,2");
        assertFails("f, line 1: column 65 must be a whole number from 0 to 9, but is \"10\"", ROW + "10");
        assertFails("f, line 1: column 65 must be a whole number from 0 to 9, but is \"-1\"", ROW + "-1");
        assertFails("f, line 1: column 65 must be a whole number from 0 to 9, but is \"\"", ROW);
        assertFails(
                "f, line 3: column 2 must be a whole number from 0 to 16, but is \"17\"",
                ROW + "1\n" + ROW + "2\n" + ROW.replace("16", "17") + "1");
        assertFails(
                "f, line 1: column 2 must be a whole number from 0 to 16, but is \"99999999999999999999...\"",
                ROW.replace("16", "9".repeat(30)) + "1");
        assertFails(
                "f, line 1: column 2 must be a whole number from 0 to 16, but is \"?[31mNaN\"",
                ROW.replace("16", "\u001b[31mNaN") + "1");
        assertFails("f, line 1: a line has at most 1000 characters", "0".repeat(5000));
    }

    @Test
    void endlessFilesEnd() {
        assertEquals(
                "f, line 1: a line has at most 1000 characters",
                assertThrows(UncheckedIOException.class, () -> Digits.parse("f", new Endless("0,")))
                        .getMessage());
        assertEquals(
                "f, line 100001: more than 100000 rows",
                assertThrows(UncheckedIOException.class, () -> Digits.parse("f", new Endless(ROW + "1\n")))
                        .getMessage());
    }

    @Test
    void damagedCompressedFilesAreSaidToBe() throws IOException {
        byte[] whole = gzip((ROW + "3\n").repeat(50).getBytes(StandardCharsets.UTF_8));
        for (int length = 2; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            var e = assertThrows(
                    UncheckedIOException.class, () -> Digits.parse("f", new ByteArrayInputStream(part)), "" + length);
            assertTrue(e.getMessage().matches("f, line \\d+: the compressed data end too early"), e.getMessage());
        }
        byte[] wrong = whole.clone();
        wrong[wrong.length - 6] ^= 1;
        var e = assertThrows(UncheckedIOException.class, () -> Digits.parse("f", new ByteArrayInputStream(wrong)));
        assertEquals("f, line 51: cannot be read: Corrupt GZIP trailer", e.getMessage());
    }

    @Test
    void missingFilesAreSaidToBe(@TempDir Path folder) {
        Path file = folder.resolve("none");
        var e = assertThrows(UncheckedIOException.class, () -> Digits.read(file));
        assertEquals(file + ": there is no such file", e.getMessage());
    }

    @Test
    void aSplitIsAPartitionAndRepeatable() {
        LabeledData data = counted(11);
        LabeledData.Split split = data.split(.2, Rng.of(5));
        assertEquals(8, split.training().instances());
        assertEquals(3, split.heldOut().instances());
        int[] all = IntStream.concat(
                        Arrays.stream(split.training().labels().toArray()),
                        Arrays.stream(split.heldOut().labels().toArray()))
                .sorted()
                .toArray();
        assertArrayEquals(IntStream.range(0, 11).toArray(), all);
        for (int i = 0; i < 8; i++) {
            assertEquals(
                    split.training().labels().at(i) * 10f, split.training().x().get(i, 1), "stays with its label");
        }
        int[] again = data.split(.2, Rng.of(5)).training().labels().toArray();
        assertArrayEquals(split.training().labels().toArray(), again);
        int[] other = data.split(.2, Rng.of(6)).training().labels().toArray();
        assertNotEquals(Arrays.toString(again), Arrays.toString(other));
        assertEquals(0, data.split(0, Rng.of(5)).heldOut().instances());
        assertEquals(0, data.split(1, Rng.of(5)).training().instances());
    }

    @Test
    void batchesCoverAllInstancesInOrder() {
        var batches = counted(7).batches(3);
        assertEquals(3, batches.size());
        assertArrayEquals(new int[] {3, 4, 5}, batches.get(1).labels().toArray());
        assertArrayEquals(new int[] {6}, batches.get(2).labels().toArray());
        assertEquals(1, counted(7).batches(Integer.MAX_VALUE).size());
        assertEquals(0, counted(0).batches(3).size());
    }

    @Test
    void selectionMayRepeatAndStartFromAView() {
        LabeledData chosen = counted(9).rows(3, 9).select(5, 0, 5);
        assertArrayEquals(new int[] {8, 3, 8}, chosen.labels().toArray());
        assertArrayEquals(new float[] {8, 80, 3, 30, 8, 80}, chosen.x().toArray());
    }

    @Test
    void wrongArgumentsAreRejected() {
        var shape = assertThrows(ShapeException.class, () -> new LabeledData(Tensor.zeros(3, 2), IntTensor.of(1, 2)));
        assertEquals(
                "labeled data: needs one label for each instance along the first axis: [3, 2] and labels [2]",
                shape.getMessage());
        var share =
                assertThrows(IllegalArgumentException.class, () -> counted(3).split(1.5, Rng.of(0)));
        assertEquals("split: the share held out must be in [0, 1], but is 1.5", share.getMessage());
        var size = assertThrows(IllegalArgumentException.class, () -> counted(3).batches(0));
        assertEquals("batches: the size must be at least 1, but is 0", size.getMessage());
        assertThrows(ShapeException.class, () -> counted(3).select(3));
        assertThrows(ShapeException.class, () -> counted(3).select(-1));
        assertThrows(ShapeException.class, () -> counted(3).rows(2, 4));
    }

    private static LabeledData counted(int n) {
        float[] x = new float[2 * n];
        for (int i = 0; i < n; i++) {
            x[2 * i] = i;
            x[2 * i + 1] = 10 * i;
        }
        return new LabeledData(
                Tensor.of(Shape.of(n, 2), x), IntTensor.of(IntStream.range(0, n).toArray()));
    }

    private static LabeledData parse(String text) {
        return Digits.parse("f", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    private static void assertFails(String message, String text) {
        assertEquals(
                message,
                assertThrows(UncheckedIOException.class, () -> parse(text)).getMessage());
    }

    private static byte[] gzip(byte[] content) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            gzip.write(content);
        }
        return bytes.toByteArray();
    }

    /** The same text again and again. */
    private static final class Endless extends InputStream {
        private final byte[] text;
        private int at;

        Endless(String text) {
            this.text = text.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public int read() {
            return text[at++ % text.length];
        }

        @Override
        public int read(byte[] into, int offset, int length) {
            for (int i = 0; i < length; i++) {
                into[offset + i] = (byte) read();
            }
            return length;
        }
    }
}
