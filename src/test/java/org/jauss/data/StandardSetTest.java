package org.jauss.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jauss.data.StandardSet.StandardFile;
import org.jauss.tensor.IntTensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sets by name, from small files with checksums of their own. */
final class StandardSetTest {
    @TempDir
    private Path folder;

    /** Writes a file, perhaps compressed, and gives what is known of it. */
    private StandardFile write(String name, byte[] bytes, boolean compressed) throws IOException {
        Files.write(folder.resolve(compressed ? name + ".gz" : name), compressed ? Bytes.gzip(bytes) : bytes);
        try {
            byte[] sum = MessageDigest.getInstance("SHA-256").digest(bytes);
            return new StandardFile(name, bytes.length, HexFormat.of().formatHex(sum));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<StandardFile> mnist() throws IOException {
        return List.of(
                write("train-images-idx3-ubyte", Bytes.idx(0x803, new int[] {2, 1, 1}, 0, 255), true),
                write("train-labels-idx1-ubyte", Bytes.idx(0x801, new int[] {2}, 3, 4), false),
                write("t10k-images-idx3-ubyte", Bytes.idx(0x803, new int[] {1, 1, 1}, 51), false),
                write("t10k-labels-idx1-ubyte", Bytes.idx(0x801, new int[] {1}, 5), true));
    }

    @Test
    void filesWithTheRightChecksumsAreRead() throws IOException {
        Dataset.Split<IntTensor> parts = StandardSet.FASHION_MNIST.load(folder, mnist());
        assertArrayEquals(new float[] {0, 1}, parts.training().x().toArray());
        assertArrayEquals(new int[] {3, 4}, parts.training().labels().toArray());
        assertArrayEquals(new float[] {.2f}, parts.heldOut().x().toArray());
        assertEquals("Sandal", parts.heldOut().classNames().get(5));
    }

    @Test
    void cifarIsFoundWhereItsArchiveUnpacksItself() throws IOException {
        for (StandardSet set : List.of(StandardSet.CIFAR_10, StandardSet.CIFAR_100)) {
            boolean ten = set == StandardSet.CIFAR_10;
            Path inner = Files.createDirectory(folder.resolve(ten ? "cifar-10-batches-bin" : "cifar-100-binary"));
            var files = new ArrayList<StandardFile>();
            for (String name : ten
                    ? List.of("data_batch_1.bin", "data_batch_2.bin", "test_batch.bin")
                    : List.of("train.bin", "test.bin")) {
                byte[] bytes = ten ? Bytes.cifar(2, 1, 10) : Bytes.cifar(3, 2, 100);
                Files.write(inner.resolve(name), bytes);
                files.add(new StandardFile(name, bytes.length, ""));
            }
            var parts = set.load(folder, files);
            assertEquals(ten ? 4 : 3, parts.training().instances());
            assertEquals(ten ? 2 : 3, parts.heldOut().instances());
            assertEquals(ten ? 10 : 100, parts.training().classNames().size());
        }
    }

    @Test
    void whatIsMissingIsNamedWithThePageThatHasIt() throws IOException {
        List<StandardFile> files = mnist();
        Files.delete(folder.resolve("train-images-idx3-ubyte.gz"));
        Files.delete(folder.resolve("t10k-images-idx3-ubyte"));
        var thrown = assertThrows(DataException.class, () -> StandardSet.MNIST.load(folder, files));
        assertEquals(
                folder + ": files of MNIST are missing: train-images-idx3-ubyte, t10k-images-idx3-ubyte. They come from"
                        + " http://yann.lecun.com/exdb/mnist; put them into this folder, or name another root with"
                        + " -Djauss.data. Nothing is downloaded",
                thrown.getMessage());
    }

    @ParameterizedTest
    @EnumSource
    void everySetSaysWhatItNeeds(StandardSet set) {
        var thrown = assertThrows(DataException.class, () -> set.load(folder.resolve("none")));
        assertTrue(thrown.getMessage().contains("files of " + set + " are missing: "), thrown.getMessage());
        assertEquals(set == StandardSet.CIFAR_100 ? 100 : 10, set.classNames().size());
    }

    @Test
    void otherFilesAreRefused() throws IOException {
        List<StandardFile> files = mnist();
        Path labels = folder.resolve("train-labels-idx1-ubyte");
        Files.write(labels, Bytes.idx(0x801, new int[] {2}, 3, 5));
        var thrown = assertThrows(DataException.class, () -> StandardSet.MNIST.load(folder, files));
        assertTrue(
                thrown.getMessage()
                        .startsWith(labels + ": the file of MNIST has the SHA-256 "
                                + files.get(1).sha256() + ", but this one "),
                thrown.getMessage());
        Files.write(labels, new byte[3]);
        thrown = assertThrows(DataException.class, () -> StandardSet.MNIST.load(folder, files));
        assertEquals(labels + ": the file of MNIST has 10 bytes, but this one 3", thrown.getMessage());
        Files.write(folder.resolve("train-images-idx3-ubyte.gz"), new byte[] {0x1f, (byte) 0x8b, 8, 0, 0});
        assertThrows(DataException.class, () -> StandardSet.MNIST.load(folder, files));
        for (int i = 1; i <= 5; i++) {
            Files.write(folder.resolve("data_batch_" + i + ".bin"), new byte[3073]);
        }
        Files.write(folder.resolve("test_batch.bin"), new byte[3073]);
        thrown = assertThrows(DataException.class, () -> StandardSet.CIFAR_10.load(folder));
        assertEquals(
                folder.resolve("data_batch_1.bin") + ": the file of CIFAR_10 has 30730000 bytes, but this one 3073",
                thrown.getMessage());
    }

    @Test
    void thePropertyNamesTheRootOfTheFolders() {
        String before = System.getProperty("jauss.data");
        try {
            System.setProperty("jauss.data", folder.toString());
            assertEquals(folder.resolve("fashion-mnist"), StandardSet.FASHION_MNIST.folder());
            var thrown = assertThrows(DataException.class, StandardSet.CIFAR_10::load);
            assertTrue(thrown.getMessage().startsWith(folder.resolve("cifar-10") + ": "), thrown.getMessage());
            System.clearProperty("jauss.data");
            assertEquals(
                    Path.of(System.getProperty("user.home"), ".cache", "jauss", "mnist"), StandardSet.MNIST.folder());
        } finally {
            if (before != null) {
                System.setProperty("jauss.data", before);
            }
        }
    }
}
