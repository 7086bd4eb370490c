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

    /** Shown an output position, an input position, each counted over all instances, and the weight of the latter. */
    @FunctionalInterface
    interface Visitor {
        void at(int output, int input, float weight);
    }

    /** Walks over the output positions of some instances in order, and for each over what it consists of. */
    void forEach(int first, int end, Visitor visitor) {
        for (int n = first; n < end; n++) {
            int output = n * outputs();
            for (int oh = 0; oh < height.output(); oh++) {
                int low = (n * height.input + height.low[oh]) * width.input;
                int high = (n * height.input + height.high[oh]) * width.input;
                float share = height.share[oh];
                for (int ow = 0; ow < width.output(); ow++, output++) {
                    if (low == high) {
                        row(output, low, ow, 1, visitor);
                    } else {
                        row(output, low, ow, 1 - share, visitor);
                        row(output, high, ow, share, visitor);
                    }
                }
            }
        }
    }

    private void row(int output, int row, int ow, float weight, Visitor visitor) {
        int low = width.low[ow];
        int high = width.high[ow];
        if (low == high) {
            visitor.at(output, row + low, weight);
        } else {
            visitor.at(output, row + low, weight * (1 - width.share[ow]));
            visitor.at(output, row + high, weight * width.share[ow]);
        }
    }
}
