package org.jauss.examples.experiments;

import java.nio.file.Path;
import java.util.Locale;
import org.jauss.data.Dataset;
import org.jauss.data.Digits;
import org.jauss.data.StandardSet;
import org.jauss.data.Standardize;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jspecify.annotations.Nullable;

/** Where the images come from. */
enum Source {
    DIGITS(null),
    MNIST(StandardSet.MNIST),
    FASHION_MNIST(StandardSet.FASHION_MNIST),
    CIFAR_10(StandardSet.CIFAR_10);

    private static final double HELD_OUT = .2;
    private static final int VALIDATION = 5000;
    private static final int MEASURED = 2000;

    private final @Nullable StandardSet set;

    Source(@Nullable StandardSet set) {
        this.set = set;
    }

    /**
     * The images, always divided in the same way.
     *
     * @param training those to learn from
     * @param validation those that choose a learning rate
     * @param test those on which is reported
     */
    record Parts(Dataset<IntTensor> training, Dataset<IntTensor> validation, Dataset<IntTensor> test) {
        /** The inputs of some images to measure statistics on. */
        Dataset<IntTensor> some() {
            return training.rows(0, Math.min(MEASURED, training.instances()));
        }

        /** The shape of an image. */
        Shape image() {
            int[] dims = training.read(0, 0).x().shape().dims();
            return Shape.of(dims[1], dims[2], dims[3]);
        }
    }

    /**
     * Loads the images: {@code [N, H, W, C]} from 0 to 1, those of CIFAR-10 standardised by channel.
     *
     * @param folder where the files are, or null for the place where the library looks for them
     * @param images the most images to learn from
     */
    Parts load(@Nullable Path folder, int images) {
        if (set == null) {
            var all = Digits.load().map(x -> x.reshape(8, 8, 1)).split(HELD_OUT, Rng.of(0));
            var learning = all.training().split(HELD_OUT, Rng.of(1));
            return new Parts(first(learning.training(), images), learning.heldOut(), all.heldOut());
        }
        Dataset.Split<IntTensor> all = folder == null ? set.load() : set.load(folder);
        int rest = all.training().instances() - VALIDATION;
        var parts = new Parts(
                first(all.training().rows(0, rest), images),
                all.training().rows(rest, rest + VALIDATION),
                all.heldOut());
        return this == CIFAR_10 ? standardized(parts) : parts;
    }

    private static Dataset<IntTensor> first(Dataset<IntTensor> data, int images) {
        return data.rows(0, Math.min(images, data.instances()));
    }

    private static Parts standardized(Parts parts) {
        var standardize = Standardize.of(parts.some());
        return new Parts(
                parts.training.map(standardize::apply),
                parts.validation.map(standardize::apply),
                parts.test.map(standardize::apply));
    }

    /** The name on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
