package org.jauss.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jauss.data.Dataset;
import org.jauss.data.Digits;
import org.jauss.data.ImageFolder;
import org.jauss.data.StandardSet;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which data, and where it is. */
final class DataOptions {
    private static final int RGB = 3;
    private static final double TEST = .2;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "DATA",
            description = "${COMPLETION-CANDIDATES}. Digits come with the library; images are folders, one for each"
                    + " class, perhaps within folders named train and test.")
    private @Nullable DataSource source;

    @Option(
            names = "--data",
            order = 1,
            paramLabel = "FOLDER",
            description = "Where the files are (default: the folder of that name in .cache/jauss of your home).")
    private @Nullable Path folder;

    @Option(
            names = "--size",
            order = 2,
            defaultValue = "32",
            paramLabel = "N",
            description = "Side in pixels to which images are cropped and scaled; for DATA images.")
    private int size;

    @Option(
            names = "--grey",
            order = 3,
            fallbackValue = "true",
            description = "Images without colours; for DATA images.")
    private boolean grey;

    @Option(
            names = "--validation",
            order = 4,
            defaultValue = "0.1",
            paramLabel = "SHARE",
            description = "Share of the training part that is held out to find the best epoch.")
    private double validation;

    @Option(
            names = "--limit",
            order = 5,
            defaultValue = "2147483647",
            showDefaultValue = Visibility.NEVER,
            paramLabel = "N",
            description = "Most images to learn from (default: all).")
    private int limit;

    void check(Program program) {
        program.require(source != null, "DATA must be named: one of " + List.of(DataSource.values()));
        program.require(
                source != DataSource.IMAGES || folder != null,
                "images needs --data, the folder of the folders of classes");
        program.requireAtLeast("--size", size, 1);
        program.requireAtLeast("--limit", limit, 1);
        program.require(
                validation >= 0 && validation < 1, "--validation must be at least 0 and below 1, but is " + validation);
    }

    /** The same data in another folder, unless that is null. */
    void moveTo(@Nullable Path other) {
        folder = other == null ? folder : other;
    }

    /** The shape of an image. */
    Shape shape() {
        Shape shape = source().shape();
        return shape != null ? shape : Shape.of(size, size, grey ? 1 : RGB);
    }

    /** Whether its images come in one size, so that none is scaled. */
    boolean isOfOneSize() {
        return source().shape() != null;
    }

    /** The names of the classes; for images, those of the folders. */
    List<String> classNames() {
        return source() == DataSource.IMAGES ? images(trainingFolder()).classNames() : source().classNames();
    }

    /** Reads it; how it is divided is always the same. */
    Parts load() {
        Dataset.Split<IntTensor> parts = trainingAndTest();
        // Also without validation: the split puts the classes of folders, which come one after the other, in random
        // order.
        var split = parts.training().split(validation, parts.training().labels(), Rng.of(0));
        Dataset<IntTensor> training = split.training();
        return new Parts(
                training.rows(0, Math.min(limit, training.instances())),
                split.heldOut(),
                parts.heldOut(),
                shape(),
                parts.heldOut().classNames());
    }

    private Dataset.Split<IntTensor> trainingAndTest() {
        StandardSet set = source().set();
        if (set != null) {
            return folder == null ? set.load() : set.load(folder);
        }
        if (source() == DataSource.DIGITS) {
            Shape shape = shape();
            return Digits.load()
                    .map(x -> x.reshape(shape.dims()))
                    .withClassNames(source().classNames())
                    .split(TEST, Rng.of(0));
        }
        Path trained = trainingFolder();
        Dataset<IntTensor> images = images(trained);
        if (trained.equals(folder)) {
            return images.split(TEST, images.labels(), Rng.of(0));
        }
        Dataset<IntTensor> test = images(trained.resolveSibling("test"));
        if (!test.classNames().equals(images.classNames())) {
            throw new IllegalArgumentException(folder + ": train and test must have the same classes, but they are "
                    + images.classNames() + " and " + test.classNames());
        }
        return new Dataset.Split<>(images, test);
    }

    /** The folder of the classes to learn from: train, if there is also test. */
    private Path trainingFolder() {
        Path root = Objects.requireNonNull(folder);
        Path train = root.resolve("train");
        return Files.isDirectory(train) && Files.isDirectory(root.resolve("test")) ? train : root;
    }

    private ImageFolder images(Path root) {
        var images = ImageFolder.of(root, size, size);
        return grey ? images.grey() : images;
    }

    private DataSource source() {
        return Objects.requireNonNull(source);
    }
}
