package org.jauss.kernels;

/**
 * The geometry of a pooling over up to three axes, features last: {@code x[batch, D, H, W, channels]} to
 * {@code y[batch, OD, OH, OW, channels]}, where each output position stands for a box of input positions. The boxes may
 * overlap, differ in size and have gaps; an axis that is not there is {@link Axis#NONE}.
 *
 * <p>The numbers are trusted: they are checked where shapes are.
 *
 * @param batch the number of instances
 * @param channels the number of features
 * @param depth the first axis of three
 * @param height the last axis but one
 * @param width the last axis
 */
public record Regions(int batch, int channels, Axis depth, Axis height, Axis width) {
    /**
     * The boxes along one axis: output position {@code o} stands for the input positions {@code from[o]},
     * {@code from[o] + step}, and so on below {@code to[o]}.
     *
     * @param input the length of the input
     * @param step the distance between the positions of a box
     * @param from the first position of each box, at least 0
     * @param to a position behind the last one of each box, at most {@code input}
     */
    public record Axis(int input, int step, int[] from, int[] to) {
        /** An axis of length 1. */
        public static final Axis NONE = new Axis(1, 1, new int[] {0}, new int[] {1});

        int output() {
            return from.length;
        }

        /** Whether each position of the input lies in exactly one box. */
        private boolean tiled() {
            int next = 0;
            for (int o = 0; o < from.length; o++) {
                if (from[o] != next || (step > 1 && to[o] - from[o] > 1)) {
                    return false;
                }
                next = Math.max(next, to[o]);
            }
            return next == input;
        }

        /** How many positions a box has. */
        int count(int o) {
            return Math.max(0, (to[o] - from[o] + step - 1) / step);
        }
    }

    int outputs() {
        return depth.output() * height.output() * width.output();
    }

    int inputs() {
        return depth.input * height.input * width.input;
    }

    /** The number of rows of output positions of an instance. */
    int rows() {
        return depth.output() * height.output();
    }

    /** Whether each input position lies in exactly one box. */
    boolean tile() {
        return depth.tiled() && height.tiled() && width.tiled();
    }

    /**
     * The boxes of a row, counted over all instances, each tap with a weight of one over the divisor; 0 stands for the
     * number of positions in the box.
     */
    void row(int row, int divisor, Taps taps) {
        int oh = row % height.output();
        int od = row / height.output() % depth.output();
        int n = row / rows();
        int area = depth.count(od) * height.count(oh);
        for (int ow = 0; ow < width.output(); ow++) {
            float weight = 1f / (divisor > 0 ? divisor : area * width.count(ow));
            for (int d = depth.from[od]; d < depth.to[od]; d += depth.step) {
                for (int h = height.from[oh]; h < height.to[oh]; h += height.step) {
                    int line = ((n * depth.input + d) * height.input + h) * width.input;
                    for (int w = width.from[ow]; w < width.to[ow]; w += width.step) {
                        taps.add((line + w) * channels, weight);
                    }
                }
            }
            taps.finish();
        }
    }
}
