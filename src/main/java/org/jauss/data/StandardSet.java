package org.jauss.data;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jauss.tensor.IntTensor;
import org.jspecify.annotations.Nullable;

/**
 * Data sets that everybody compares with, by name. Their files are looked for in a folder of your machine; nothing is
 * ever downloaded. What is missing is named, with the page that has it and the place where it belongs.
 *
 * <p>That place is the folder {@code NAME} ({@code mnist}, {@code fashion-mnist}, {@code cifar-10}, {@code cifar-100})
 * in the folder that the system property {@code jauss.data} names, or else in {@code .cache/jauss} of your home.
 *
 * <p>The files of MNIST and Fashion-MNIST are checked by their SHA-256. For the unpacked files of CIFAR none is known to
 * us: sizes and labels alone are checked.
 */
public enum StandardSet {
    /** Handwritten digits, 28 x 28 x 1, 60,000 and 10,000 (LeCun, Cortes &amp; Burges, 1998). */
    MNIST(
            "http://yann.lecun.com/exdb/mnist",
            "",
            "0 1 2 3 4 5 6 7 8 9",
            new StandardFile(
                    "train-images-idx3-ubyte",
                    47_040_016,
                    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
            new StandardFile(
                    "train-labels-idx1-ubyte",
                    60_008,
                    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
            new StandardFile(
                    "t10k-images-idx3-ubyte",
                    7_840_016,
                    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
            new StandardFile(
                    "t10k-labels-idx1-ubyte",
                    10_008,
                    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2")),
    /** Articles of clothing, 28 x 28 x 1, 60,000 and 10,000 (Xiao, Rasul &amp; Vollgraf, 2017). */
    FASHION_MNIST(
            "https://github.com/zalandoresearch/fashion-mnist",
            "",
            "T-shirt/top Trouser Pullover Dress Coat Sandal Shirt Sneaker Bag Ankle_boot",
            new StandardFile(
                    "train-images-idx3-ubyte",
                    47_040_016,
                    "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
            new StandardFile(
                    "train-labels-idx1-ubyte",
                    60_008,
                    "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
            new StandardFile(
                    "t10k-images-idx3-ubyte",
                    7_840_016,
                    "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
            new StandardFile(
                    "t10k-labels-idx1-ubyte",
                    10_008,
                    "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34")),
    /** Photographs of ten kinds of things, 32 x 32 x 3, 50,000 and 10,000 (Krizhevsky, 2009). */
    CIFAR_10(
            "https://www.cs.toronto.edu/~kriz/cifar.html (cifar-10-binary.tar.gz, unpacked)",
            "cifar-10-batches-bin",
            "airplane automobile bird cat deer dog frog horse ship truck",
            new StandardFile("data_batch_1.bin", 30_730_000, ""),
            new StandardFile("data_batch_2.bin", 30_730_000, ""),
            new StandardFile("data_batch_3.bin", 30_730_000, ""),
            new StandardFile("data_batch_4.bin", 30_730_000, ""),
            new StandardFile("data_batch_5.bin", 30_730_000, ""),
            new StandardFile("test_batch.bin", 30_730_000, "")),
    /** Photographs of a hundred kinds of things, 32 x 32 x 3, 50,000 and 10,000 (Krizhevsky, 2009). */
    CIFAR_100(
            "https://www.cs.toronto.edu/~kriz/cifar.html (cifar-100-binary.tar.gz, unpacked)",
            "cifar-100-binary",
            """
            apple aquarium_fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly
            camel can castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup
            dinosaur dolphin elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn_mower
            leopard lion lizard lobster man maple_tree motorcycle mountain mouse mushroom oak_tree orange orchid
            otter palm_tree pear pickup_truck pine_tree plain plate poppy porcupine possum rabbit raccoon ray
            road rocket rose sea seal shark shrew skunk skyscraper snail snake spider squirrel streetcar
            sunflower sweet_pepper table tank telephone television tiger tractor train trout tulip turtle
            wardrobe whale willow_tree wolf woman worm""",
            new StandardFile("train.bin", 153_700_000, ""),
            new StandardFile("test.bin", 30_740_000, ""));

    private static final String ROOT = "jauss.data";

    private final String page;
    private final String subfolder;
    private final List<String> classNames;
    private final List<StandardFile> files;

    /**
     * A file that belongs to a set.
     *
     * @param name its name, which may have {@code .gz} behind it if the checksum is known
     * @param size the number of its bytes, expanded
     * @param sha256 the SHA-256 of its bytes, expanded; empty if it is not known
     */
    record StandardFile(String name, long size, String sha256) {
        /** Its place in a folder. */
        Path in(Path folder) {
            return sha256.isEmpty() ? folder.resolve(name) : Idx.find(folder, name);
        }
    }

    StandardSet(String page, String subfolder, String classNames, StandardFile... files) {
        this.page = page;
        this.subfolder = subfolder;
        this.classNames = List.of(classNames.split("\\s+"));
        this.files = List.of(files);
    }

    /**
     * The names of the classes.
     *
     * @return the name of class 0, of class 1 and so on
     */
    public List<String> classNames() {
        return classNames;
    }

    /**
     * Where the files are looked for.
     *
     * @return the folder, which need not exist
     */
    public Path folder() {
        @Nullable String root = System.getProperty(ROOT);
        return (root == null ? Path.of(System.getProperty("user.home"), ".cache", "jauss") : Path.of(root))
                .resolve(name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }

    /**
     * Opens the set in {@link #folder()}.
     *
     * @return its training part and, held out, its test part: images from 0 to 1
     * @throws DataException if files are missing, broken or not those of this set; the message says what to do
     */
    public Dataset.Split<IntTensor> load() {
        return load(folder());
    }

    /**
     * Opens the set in another folder.
     *
     * @param folder where the files are
     * @return its training part and, held out, its test part: images from 0 to 1
     * @throws DataException if files are missing, broken or not those of this set; the message says what to do
     */
    public Dataset.Split<IntTensor> load(Path folder) {
        return load(folder, files);
    }

    /** Opens the set from files that may have other sizes and checksums. */
    Dataset.Split<IntTensor> load(Path folder, List<StandardFile> expected) {
        Path inner = folder.resolve(subfolder);
        Path place = Files.isDirectory(inner) ? inner : folder;
        List<String> missing = expected.stream()
                .filter(file -> !Files.exists(file.in(place)))
                .map(StandardFile::name)
                .toList();
        if (!missing.isEmpty()) {
            throw DataException.of(
                    folder.toString(),
                    "files of " + this + " are missing: " + String.join(", ", missing) + ". They come from " + page
                            + "; put them into this folder, or name another root with -D" + ROOT
                            + ". Nothing is downloaded");
        }
        for (StandardFile file : expected) {
            verify(file.in(place), file);
        }
        return switch (this) {
            case MNIST, FASHION_MNIST -> named(Idx.read(place, "train"), Idx.read(place, "t10k"));
            case CIFAR_10 ->
                named(Cifar.read10(paths(place, expected, true)), Cifar.read10(paths(place, expected, false)));
            case CIFAR_100 ->
                named(Cifar.read100(paths(place, expected, true)), Cifar.read100(paths(place, expected, false)));
        };
    }

    private Dataset.Split<IntTensor> named(Dataset<IntTensor> training, Dataset<IntTensor> test) {
        return new Dataset.Split<>(training.withClassNames(classNames), test.withClassNames(classNames));
    }

    /** The files of the training part or of the test part. */
    private static List<Path> paths(Path folder, List<StandardFile> files, boolean training) {
        return files.stream()
                .map(StandardFile::name)
                .filter(name -> training != name.startsWith("test"))
                .map(folder::resolve)
                .toList();
    }

    private void verify(Path path, StandardFile expected) {
        try (var source = ByteSource.open(path)) {
            var digest = new DigestInputStream(source.stream(), sha256());
            boolean sized = expected.sha256().isEmpty();
            long size = sized ? Files.size(path) : digest.transferTo(OutputStream.nullOutputStream());
            if (size != expected.size()) {
                throw DataException.of(
                        path.toString(),
                        "the file of " + this + " has " + expected.size() + " bytes, but this one " + size);
            }
            String sum = HexFormat.of().formatHex(digest.getMessageDigest().digest());
            if (!sized && !sum.equals(expected.sha256())) {
                throw DataException.of(
                        path.toString(),
                        "the file of " + this + " has the SHA-256 " + expected.sha256() + ", but this one " + sum);
            }
        } catch (IOException e) {
            throw DataException.unreadable(path.toString(), e);
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }
}
