package org.jauss.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small files in the binary form of CIFAR. */
final class CifarTest {
    @TempDir
    private Path folder;

    private Path file(String name, byte[] bytes) throws IOException {
        return Files.write(folder.resolve(name), bytes);
    }

    @Test
    void recordsOfSeveralFilesFollowOneAnother() throws IOException {
        List<Path> files =
                List.of(file("a", Bytes.cifar(3, 1, 10)), file("none", new byte[0]), file("b", Bytes.cifar(2, 1, 10)));
        Dataset<IntTensor> data = Cifar.read10(files);
        assertArrayEquals(new int[] {0, 1, 2, 0, 1}, data.labels().toArray());
        Batch<IntTensor> batch = data.read(0, 4, 0, 2);
        assertEquals(Shape.of(3, 32, 32, 3), batch.x().shape());
        assertArrayEquals(new int[] {1, 0, 2}, batch.labels().toArray());
        int[] records = {1, 0, 2}; // within their files
        for (int n = 0; n < 3; n++) {
            for (int h = 0; h < 32; h += 5) {
                for (int w = 0; w < 32; w += 5) {
                    for (int c = 0; c < 3; c++) {
                        int stored = (records[n] + c * 1024 + h * 32 + w) & 0xff;
                        assertEquals(stored / 255f, batch.x().get(n, h, w, c));
                    }
                }
            }
        }
    }

    @Test
    void ofTwoLabelsTheFineOneCounts() throws IOException {
        byte[] bytes = Bytes.cifar(2, 2, 100);
        bytes[0] = 19;
        Dataset<IntTensor> data = Cifar.read100(List.of(file("a", bytes)));
        assertArrayEquals(new int[] {0, 1}, data.labels().toArray());
        assertEquals(1 / 255f, data.read(0, 1).x().get(0, 0, 0, 0));
    }

    @Test
    void manyRecordsAreCheckedInParts() throws IOException {
        byte[] bytes = Bytes.cifar(600, 1, 10);
        assertEquals(9, Cifar.read10(List.of(file("a", bytes))).labels().at(599));
        bytes[599 * 3073] = 10;
        broken(bytes, "a", "at byte 1840727: a label must be from 0 to 9, but is 10");
    }

    @Test
    void brokenFilesSayWhereAndWhy() throws IOException {
        byte[] bytes = Bytes.cifar(2, 1, 10);
        broken(
                Arrays.copyOf(bytes, bytes.length - 1),
                "short",
                "at byte 3073: must consist of records of 3073 bytes, but the last one has 3072");
        bytes[3073] = (byte) 200;
        broken(bytes, "label", "at byte 3073: a label must be from 0 to 9, but is 200");
        var thrown = assertThrows(DataException.class, () -> Cifar.read10(List.of(folder.resolve("missing"))));
        assertEquals(folder.resolve("missing") + ": there is no such file or folder", thrown.getMessage());
    }

    private void broken(byte[] bytes, String name, String problem) throws IOException {
        Path file = file(name, bytes);
        var thrown = assertThrows(DataException.class, () -> Cifar.read10(List.of(file)));
        assertEquals(file + ": " + problem, thrown.getMessage());
    }

    @Test
    void aFileThatShrinksLaterIsNamed() throws IOException {
        Path file = file("a", Bytes.cifar(2, 1, 10));
        Dataset<IntTensor> data = Cifar.read10(List.of(file));
        file("a", Bytes.cifar(1, 1, 10));
        var thrown = assertThrows(DataException.class, () -> data.read(0, 1));
        assertEquals(file + ": at byte 3074: ends too early: it was longer when it was opened", thrown.getMessage());
        Files.delete(file);
        thrown = assertThrows(DataException.class, () -> data.read(0, 1));
        assertEquals(file + ": there is no such file or folder", thrown.getMessage());
    }
}
