package org.jauss.cli;

import java.util.List;
import java.util.stream.IntStream;
import org.jauss.data.StandardSet;
import org.jauss.tensor.Shape;
import org.jspecify.annotations.Nullable;

/** The data sets that have a name. */
enum DataSource {
    DIGITS(null, Shape.of(8, 8, 1)),
    MNIST(StandardSet.MNIST, Shape.of(28, 28, 1)),
    FASHION_MNIST(StandardSet.FASHION_MNIST, Shape.of(28, 28, 1)),
    CIFAR_10(StandardSet.CIFAR_10, Shape.of(32, 32, 3)),
    CIFAR_100(StandardSet.CIFAR_100, Shape.of(32, 32, 3)),
    /** Folders of images, one for each class. */
    IMAGES(null, null);

    private final @Nullable StandardSet set;
    private final @Nullable Shape shape;

    DataSource(@Nullable StandardSet set, @Nullable Shape shape) {
        this.set = set;
        this.shape = shape;
    }

    /** The set whose files are looked for in a folder. */
    @Nullable
    StandardSet set() {
        return set;
    }

    /** The shape of its images, {@code [H, W, C]}; null where the options say it. */
    @Nullable
    Shape shape() {
        return shape;
    }

    /** The names of its classes; those of folders are found in the folder. */
    List<String> classNames() {
        return set != null
                ? set.classNames()
                : IntStream.range(0, 10).mapToObj(Integer::toString).toList();
    }

    /** The name on the command line. */
    @Override
    public String toString() {
        return OptionValue.of(this);
    }
}
