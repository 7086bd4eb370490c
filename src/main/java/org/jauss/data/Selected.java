package org.jauss.data;

import java.util.Arrays;
import java.util.List;
import org.jauss.tensor.Sliceable;

/**
 * Some instances of a data set.
 *
 * @param source the data set
 * @param chosen their positions in it
 * @param <T> the type of the labels
 */
record Selected<T extends Sliceable<T>>(Dataset<T> source, int[] chosen) implements Dataset<T> {
    Selected {
        Rows.check(source.instances(), chosen);
    }

    @Override
    public int instances() {
        return chosen.length;
    }

    @Override
    public Batch<T> read(long epoch, int... positions) {
        return source.read(epoch, inSource(positions));
    }

    @Override
    public T labelsOf(int... positions) {
        return source.labelsOf(inSource(positions));
    }

    @Override
    public List<String> classNames() {
        return source.classNames();
    }

    private int[] inSource(int... positions) {
        Rows.check(chosen.length, positions);
        return Arrays.stream(positions).map(i -> chosen[i]).toArray();
    }

    @Override
    public String toString() {
        return chosen.length + " of " + source;
    }
}
