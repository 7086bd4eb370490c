package org.jauss.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** IDX files made on the spot, sound and broken ones. */
final class IdxTest {
    private static final int IMAGES = 0x803;
    private static final int LABELS = 0x801;

    @TempDir
    private Path folder;

    private Path file(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    private static int[] dims(int... dims) {
        return dims;
    }

    @Test
    void imagesAndLabelsPlainOrCompressed() throws IOException {
        byte[] images = Bytes.idx(IMAGES, dims(2, 1, 3), 0, 255, 51, 1, 2, 128);
        file("train-images-idx3-ubyte", images);
        Path labels = file("train-labels-idx1-ubyte.gz", Bytes.gzip(Bytes.idx(LABELS, dims(2), 7, 200)));
        Dataset<IntTensor> data = Idx.read(folder, "train");
        assertEquals(Shape.of(2, 1, 3, 1), data.x().shape());
        assertArrayEquals(
                new float[] {0, 1, .2f, 1 / 255f, 2 / 255f, 128 / 255f},
                data.x().toArray());
        assertArrayEquals(dims(7, 200), data.labels().toArray());
        assertArrayEquals(
                data.x().toArray(),
                Idx.read(file("i.gz", Bytes.gzip(images)), labels).x().toArray());
        Path none = file("none", Bytes.idx(IMAGES, dims(0, 28, 28)));
        assertEquals(
                Shape.of(0, 28, 28, 1),
                Idx.read(none, file("l", Bytes.idx(LABELS, dims(0)))).x().shape());
    }

    @Test
    void theirNumbersMustAgree() throws IOException {
        Path images = file("images", Bytes.idx(IMAGES, dims(2, 1, 1), 1, 2));
        Path labels = file("labels", Bytes.idx(LABELS, dims(3), 1, 2, 3));
        var thrown = assertThrows(DataException.class, () -> Idx.read(images, labels));
        assertEquals(
                labels + ": at byte 4: must have a label for each of the 2 images of " + images + ", but announces 3",
                thrown.getMessage());
    }

    @Test
    void brokenFilesSayWhereAndWhy() throws IOException {
        broken(
                Bytes.idx(LABELS, dims(2), 1, 2),
                ": at byte 0: must begin with 00000803, unsigned bytes with rank 3: begins with 00000801");
        broken(new byte[0], ": at byte 0: ends too early");
        broken(new byte[] {0, 0, 8}, ": at byte 3: ends too early");
        broken(Bytes.idx(IMAGES, dims(2, 1)), ": at byte 12: ends too early");
        broken(Bytes.idx(IMAGES, dims(2, 1, 3), 1, 2), ": at byte 4: announces more than the file can hold: 6 bytes");
        broken(Bytes.idx(IMAGES, dims(1, 1, 2), 1, 2, 3), ": at byte 18: must end here, but goes on");
        broken(Bytes.idx(IMAGES, dims(1, -1, 2), 1), ": at byte 8: a length must be below 2^31, but is 4294967295");
        int most = Integer.MAX_VALUE;
        broken(
                Bytes.idx(IMAGES, dims(1 << 20, 1 << 10, 1 << 10), 1),
                ": at byte 4: announces more than the file can hold");
        broken(Bytes.idx(IMAGES, dims(0, most, most)), ": at byte 8: needs more than the ");
        broken(
                Bytes.gzip(Bytes.idx(IMAGES, dims(1 << 20, 1, 1), 1)),
                ": at byte 4: announces more than the file can hold: 1048576 bytes");
        broken(Bytes.gzip(Bytes.idx(IMAGES, dims(2, 1, 3), 1, 2)), ": at byte 18: ends too early");
        byte[] compressed = Bytes.gzip(Bytes.idx(IMAGES, dims(2, 1, 3), 1, 2, 3, 4, 5, 6));
        broken(
                Arrays.copyOf(compressed, compressed.length - 12),
                ": the compressed data are damaged or cut off: java.io.EOFException");
        broken(
                new byte[] {0x1f, (byte) 0x8b, 9, 9, 9, 9, 9, 9, 9, 9, 9},
                ": at byte 0: begins like gzip, but is none: java.util.zip.ZipException");
        byte[] flipped = compressed.clone();
        flipped[compressed.length - 6] ^= 1;
        broken(flipped, "Corrupt GZIP trailer");
    }

    private void broken(byte[] bytes, String problem) throws IOException {
        Path file = file("broken", bytes);
        Path labels = file("labels", Bytes.idx(LABELS, dims(2), 1, 2));
        var thrown = assertThrows(DataException.class, () -> Idx.read(file, labels));
        assertTrue(thrown.getMessage().startsWith(file.toString()), thrown.getMessage());
        assertTrue(thrown.getMessage().contains(problem), thrown.getMessage());
    }

    @Test
    void moreThanMemoryHoldsIsRefusedAtOnce() throws IOException {
        // A file with holes takes no room on the disk, and is as long as it says.
        Path file = file("huge", Bytes.idx(IMAGES, dims(1 << 10, 1 << 10, 2047)));
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[1]), 16 + (1L << 20) * 2047 - 1);
        }
        if (Runtime.getRuntime().maxMemory() / 2 < (1L << 20) * 2047) {
            var thrown = assertThrows(DataException.class, () -> Idx.read(file, file));
            assertEquals(
                    file + ": at byte 4: needs more than the "
                            + Runtime.getRuntime().maxMemory() / 2
                            + " bytes of memory that a file may take (more with -Xmx): 2146435072",
                    thrown.getMessage());
        }
    }

    @Test
    void aMissingFileIsNamed() {
        var thrown = assertThrows(DataException.class, () -> Idx.read(folder, "t10k"));
        assertEquals(
                folder.resolve("t10k-images-idx3-ubyte") + ": there is no such file or folder", thrown.getMessage());
    }
}
