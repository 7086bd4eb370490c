package org.jauss.kernels;

/**
 * The geometry of a change of resolution over up to two axes, features last: {@code x[batch, H, W, channels]} to
 * {@code y[batch, OH, OW, channels]}, where each output position lies between two input positions of each axis.
 *
 * <p>The numbers are trusted: they are checked where shapes are.
 *
 * @param batch the number of instances
 * @param channels the number of features
 * @param height the first axis
 * @param width the second axis
 */
public record Resampling(int batch, int channels, Axis height, Axis width) {
    /**
     * One axis: output position {@code o} is {@code (1 - share[o]) x[low[o]] + share[o] x[high[o]]}; where
     * {@code low[o] == high[o]} it is that element, whatever its value.
     *
     * @param input the length of the input
     * @param low the input position before
     * @param high the input position behind
     * @param share the weight of the position behind
     */
    public record Axis(int input, int[] low, int[] high, float[] share) {
        int output() {
            return low.length;
        }
    }

    int outputs() {
        return height.output() * width.output();
    }

    int inputs() {
        return height.input * width.input;
    }

    /** What the outputs of a row, counted over all instances, lie between. */
    void row(int row, Taps taps) {
        int oh = row % height.output();
        int plane = row / height.output() * height.input;
        int low = (plane + height.low[oh]) * width.input;
        int high = (plane + height.high[oh]) * width.input;
        float share = height.share[oh];
        for (int ow = 0; ow < width.output(); ow++) {
            if (low == high) {
                line(low, ow, 1, taps);
            } else {
                line(low, ow, 1 - share, taps);
                line(high, ow, share, taps);
            }
            taps.finish();
        }
    }

    private void line(int line, int ow, float weight, Taps taps) {
        int low = width.low[ow];
        int high = width.high[ow];
        if (low == high) {
            taps.add((line + low) * channels, weight);
        } else {
            taps.add((line + low) * channels, weight * (1 - width.share[ow]));
            taps.add((line + high) * channels, weight * width.share[ow]);
        }
    }
}
