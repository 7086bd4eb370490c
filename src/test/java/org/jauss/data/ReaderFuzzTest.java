package org.jauss.data;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * For each reader 1,000 files that were sound before bytes were changed, cut out, put in or cut off: each is read, or is
 * refused by our own exception, which names it. The timeout turns a hang into a failure.
 */
@Timeout(300)
final class ReaderFuzzTest {
    private static final int FILES = 1000;
    private static final int[] NUMBERS = {0, 1, -1, 0x7f, 0x80, 0xff, 0x7fffffff, 0x80000000, 0x7fff, 0x10000};

    @TempDir
    private Path folder;

    /** Reads a file whole. */
    @FunctionalInterface
    private interface Reader {
        void read(Path file) throws IOException;
    }

    private record Case(byte[] sound, Reader reader) {}

    private Map<String, Case> cases() throws IOException {
        var cases = new LinkedHashMap<String, Case>();
        byte[] images = Bytes.idx(0x803, new int[] {3, 4, 5}, new int[60]);
        byte[] labels = Bytes.idx(0x801, new int[] {3}, 1, 2, 3);
        Path ofImages = Files.write(folder.resolve("images"), images);
        Path ofLabels = Files.write(folder.resolve("labels"), labels);
        cases.put(
                "images.idx", new Case(images, file -> Idx.read(file, ofLabels).x()));
        cases.put(
                "labels.idx", new Case(labels, file -> Idx.read(ofImages, file).x()));
        cases.put(
                "images.idx.gz",
                new Case(Bytes.gzip(images), file -> Idx.read(file, ofLabels).x()));
        cases.put(
                "cifar10.bin",
                new Case(
                        Bytes.cifar(3, 1, 10),
                        file -> Cifar.read10(List.of(file)).x()));
        cases.put(
                "cifar100.bin",
                new Case(
                        Bytes.cifar(3, 2, 100),
                        file -> Cifar.read100(List.of(file)).x()));

        byte[] npy = NpyTest.npy(1, "{'descr': '<i4', 'fortran_order': True, 'shape': (2, 3), }\n", new byte[] {
            1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24
        });
        cases.put("a.npy", new Case(npy, file -> Npy.read(file).tensor()));
        cases.put("b.npy.gz", new Case(Bytes.gzip(npy), file -> Npy.read(file).intTensor()));
        Path npz = folder.resolve("sound.npz");
        Npz.write(npz, Map.of("x", Npy.of(Tensor.zeros(20, 3)), "y", Npy.of(IntTensor.of(1, 2, 3))));
        cases.put(
                "a.npz",
                new Case(
                        Files.readAllBytes(npz), file -> Npz.read(file).values().forEach(Npy::tensor)));

        String csv = "a,\"b\",c,y\n" + "1.5,red,3,p\n-2e3,\"bl\"\"ue\",4,q\n,green,5,p\n".repeat(3);
        Csv<IntTensor> description = Csv.ofClasses("y").withCategories("b").withMeanForMissing();
        byte[] text = csv.getBytes(StandardCharsets.UTF_8);
        LearnedCsv<IntTensor> learned = description.learn(Files.write(folder.resolve("sound.csv"), text));
        cases.put("a.csv", new Case(text, file -> description.learn(file).read(file)));
        cases.put("b.csv.gz", new Case(Bytes.gzip(text), learned::inputs));
        cases.put(
                "c.csv", new Case(text, file -> learned.stream(file).batches(4).forEach(Batch::instances)));

        for (String format : List.of("png", "jpg", "gif", "bmp", "tiff")) {
            var image = new BufferedImage(12, 9, BufferedImage.TYPE_INT_RGB);
            for (int i = 0; i < 108; i++) {
                image.setRGB(i % 12, i / 12, 37 * i * i);
            }
            cases.put(
                    "a/1." + format,
                    new Case(
                            ImageFolderTest.encode(image, format),
                            file -> ImageFolder.of(folder, 8, 8).x()));
        }
        return cases;
    }

    @TestFactory
    Stream<DynamicTest> everyReaderRefusesByItsOwnException() throws IOException {
        return cases().entrySet().stream()
                .map(each -> DynamicTest.dynamicTest(each.getKey(), () -> fuzz(each.getKey(), each.getValue())));
    }

    private void fuzz(String name, Case each) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.resolveSibling(""));
        Files.write(file, each.sound());
        each.reader().read(file); // it is sound
        int refused = 0;
        for (int seed = 0; seed < FILES; seed++) {
            byte[] mutated = mutate(each.sound(), Rng.of(seed));
            Files.delete(file); // some file systems flush a file that is written over
            Files.write(file, mutated);
            try {
                each.reader().read(file);
            } catch (DataException e) {
                refused++;
                assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
            } catch (Throwable e) { // whatever it is, it must not get out
                throw new AssertionError("seed " + seed + " of " + name + ": " + e, e);
            }
        }
        Files.delete(file);
        assertTrue(refused > FILES / 10, "few of the files are broken: " + refused);
    }

    /** Up to three changes at random, most of them near the start, where the headers are. */
    private static byte[] mutate(byte[] sound, Rng rng) {
        byte[] bytes = sound;
        for (int change = 0; change <= rng.below(0, 3); change++) {
            Rng choice = rng.split();
            int bound = choice.below(0, 2) == 0 ? Math.min(64, bytes.length) : bytes.length;
            if (bytes.length == 0) {
                return bytes;
            }
            int at = choice.below(1, bound);
            int length = Math.min(1 + choice.below(2, 8), bytes.length - at);
            bytes = switch (choice.below(3, 6)) {
                case 0 -> flip(bytes, at, choice.below(4, 8));
                case 1 -> splice(bytes, at, at + 1, (byte) choice.bits(5));
                case 2 -> Arrays.copyOf(bytes, at);
                case 3 -> splice(bytes, at, at + length);
                case 4 -> splice(bytes, at, at, (byte) choice.bits(5), (byte) choice.bits(6));
                default -> number(bytes, at, NUMBERS[choice.below(5, NUMBERS.length)], choice.below(6, 2) == 0);
            };
        }
        return bytes;
    }

    private static byte[] flip(byte[] bytes, int at, int bit) {
        byte[] changed = bytes.clone();
        changed[at] ^= (byte) (1 << bit);
        return changed;
    }

    private static byte[] number(byte[] bytes, int at, int number, boolean big) {
        int n = big ? number : Integer.reverseBytes(number);
        byte[] four = {(byte) (n >> 24), (byte) (n >> 16), (byte) (n >> 8), (byte) n};
        return splice(bytes, at, Math.min(bytes.length, at + 4), four);
    }

    private static byte[] splice(byte[] bytes, int from, int to, byte... middle) {
        byte[] changed = Arrays.copyOf(bytes, bytes.length - (to - from) + middle.length);
        System.arraycopy(middle, 0, changed, from, middle.length);
        System.arraycopy(bytes, to, changed, from + middle.length, bytes.length - to);
        return changed;
    }
}
