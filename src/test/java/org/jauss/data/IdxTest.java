package org.jauss.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.jauss.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** IDX files made on the spot, sound and broken ones. */
final class IdxTest {
    private static final int IMAGES = 0x803;
    private static final int LABELS = 0x801;

    @TempDir
    private Path folder;

    private static byte[] idx(int magic, int[] dims, int... body) {
        var bytes = ByteBuffer.allocate(4 + 4 * dims.length + body.length).putInt(magic);
        Arrays.stream(dims).forEach(bytes::putInt);
        for (int value : body) {
            bytes.put((byte) value);
        }
        return bytes.array();
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        var compressed = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(compressed)) {
            out.write(bytes);
        }
        return compressed.toByteArray();
    }

    private Path file(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    private static int[] dims(int... dims) {
        return dims;
    }

    @Test
    void imagesAndLabelsPlainOrCompressed() throws IOException {
        byte[] images = idx(IMAGES, dims(2, 1, 3), 0, 255, 51, 1, 2, 128);
        file("train-images-idx3-ubyte", images);
        file("train-labels-idx1-ubyte.gz", gzip(idx(LABELS, dims(2), 7, 200)));
        LabeledData data = Idx.read(folder, "train");
        assertEquals(Shape.of(2, 1, 3, 1), data.x().shape());
        assertArrayEquals(
                new float[] {0, 1, .2f, 1 / 255f, 2 / 255f, 128 / 255f},
                data.x().toArray());
        assertArrayEquals(dims(7, 200), data.labels().toArray());
        assertArrayEquals(
                data.x().toArray(), Idx.images(file("i.gz", gzip(images))).toArray());
        assertEquals(
                Shape.of(0, 28, 28, 1),
                Idx.images(file("none", idx(IMAGES, dims(0, 28, 28)))).shape());
    }

    @Test
    void theirNumbersMustAgree() throws IOException {
        Path images = file("images", idx(IMAGES, dims(2, 1, 1), 1, 2));
        Path labels = file("labels", idx(LABELS, dims(3), 1, 2, 3));
        var thrown = assertThrows(UncheckedIOException.class, () -> Idx.read(images, labels));
        assertTrue(
                thrown.getMessage()
                        .contains(labels + ", offset 4: there must be one label for each of the 2 images of " + images
                                + ", but there are 3"),
                thrown.getMessage());
    }

    @Test
    void brokenFilesSayWhereAndWhy() throws IOException {
        broken(
                idx(LABELS, dims(2), 1, 2),
                ", offset 0: must begin with 00000803, unsigned bytes with rank 3, but begins" + " with 00000801");
        broken(new byte[0], ", offset 0: ends too early");
        broken(new byte[] {0, 0, 8}, ", offset 3: ends too early");
        broken(idx(IMAGES, dims(2, 1)), ", offset 12: ends too early");
        broken(idx(IMAGES, dims(2, 1, 3), 1, 2), ", offset 4: announces 6 elements, more than the file can hold");
        broken(idx(IMAGES, dims(1, 1, 2), 1, 2, 3), ", offset 18: must end here, after 2 elements, but goes on");
        broken(idx(IMAGES, dims(1, -1, 2), 1), ", offset 8: a length must be below 2^31, but is 4294967295");
        int most = Integer.MAX_VALUE;
        broken(idx(IMAGES, dims(most, most, most), 1), "more than the file can hold");
        broken(gzip(idx(IMAGES, dims(most, 1, 1), 1)), "announces 2147483647 elements, more than the file can hold");
        broken(gzip(idx(IMAGES, dims(2, 1, 3), 1, 2)), ", offset 18: ends too early");
        byte[] compressed = gzip(idx(IMAGES, dims(2, 1, 3), 1, 2, 3, 4, 5, 6));
        broken(Arrays.copyOf(compressed, compressed.length - 12), "ends too early");
        broken(new byte[] {0x1f, (byte) 0x8b, 9, 9, 9, 9, 9, 9, 9, 9, 9}, ": cannot be read: ");
    }

    private void broken(byte[] bytes, String problem) throws IOException {
        Path file = file("broken", bytes);
        var thrown = assertThrows(UncheckedIOException.class, () -> Idx.images(file));
        assertTrue(thrown.getMessage().startsWith(file.toString()), thrown.getMessage());
        assertTrue(thrown.getMessage().contains(problem), thrown.getMessage());
    }

    @Test
    void moreThanMemoryHoldsIsRefusedAtOnce() throws IOException {
        // A file with holes takes no room on the disk, and is as long as it says.
        Path file = file("huge", idx(IMAGES, dims(1 << 10, 1 << 10, 2047)));
        try (var channel = java.nio.channels.FileChannel.open(file, java.nio.file.StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[1]), 16 + (1L << 20) * 2047 - 1);
        }
        if (Runtime.getRuntime().maxMemory() / 2 < (1L << 22) * 2047) {
            var thrown = assertThrows(UncheckedIOException.class, () -> Idx.images(file));
            assertTrue(thrown.getMessage().contains("more than half of the memory of this JVM"), thrown.getMessage());
        }
    }

    @Test
    void aMissingFileIsNamed() {
        var thrown = assertThrows(UncheckedIOException.class, () -> Idx.read(folder, "t10k"));
        assertEquals(folder.resolve("t10k-images-idx3-ubyte") + ": there is no such file", thrown.getMessage());
    }
}
