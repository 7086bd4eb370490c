package org.jauss.kernels;

import java.util.Arrays;

/**
 * What a row of output positions is made of: for each the input positions it depends on, in order, and their weights.
 * The taps of output {@code o} are {@code starts()[o]} to {@code starts()[o + 1] - 1}.
 */
public final class Taps {
    private int[] starts = {0};
    private int[] positions = {};
    private float[] weights = {};
    private int outputs;
    private int end;

    /** No outputs as yet. */
    Taps() {}

    /**
     * The number of output positions.
     *
     * @return at least 0
     */
    public int outputs() {
        return outputs;
    }

    /**
     * Where the taps of each output start and, behind the last output, where they end.
     *
     * @return for more outputs than there are, perhaps
     */
    public int[] starts() {
        return starts;
    }

    /**
     * The input position of each tap: the number of its first element.
     *
     * @return for more taps than there are, perhaps
     */
    public int[] positions() {
        return positions;
    }

    /**
     * The weight of each tap.
     *
     * @return for more taps than there are, perhaps
     */
    public float[] weights() {
        return weights;
    }

    /** Begins a new row. */
    void clear() {
        outputs = 0;
        end = 0;
    }

    /** Adds a tap to the output that is not finished yet. */
    void add(int position, float weight) {
        if (end == positions.length) {
            positions = Arrays.copyOf(positions, 2 * end + 16);
            weights = Arrays.copyOf(weights, positions.length);
        }
        positions[end] = position;
        weights[end] = weight;
        end++;
    }

    /** The output has all its taps. */
    void finish() {
        outputs++;
        if (outputs == starts.length) {
            starts = Arrays.copyOf(starts, 2 * outputs);
        }
        starts[outputs] = end;
    }
}
