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

    /** Shown an output position and an input position of its box, each counted over all instances. */
    @FunctionalInterface
    interface Visitor {
        void at(int output, int input);
    }

    /** Walks over the boxes of some instances in order. */
    void forEach(int first, int end, Visitor visitor) {
        for (int n = first; n < end; n++) {
            int output = n * outputs();
            for (int od = 0; od < depth.output(); od++) {
                for (int oh = 0; oh < height.output(); oh++) {
                    for (int ow = 0; ow < width.output(); ow++, output++) {
                        box(n, od, oh, ow, output, visitor);
                    }
                }
            }
        }
    }

    private void box(int n, int od, int oh, int ow, int output, Visitor visitor) {
        for (int d = depth.from[od]; d < depth.to[od]; d += depth.step) {
            for (int h = height.from[oh]; h < height.to[oh]; h += height.step) {
                int row = ((n * depth.input + d) * height.input + h) * width.input;
                for (int w = width.from[ow]; w < width.to[ow]; w += width.step) {
                    visitor.at(output, row + w);
                }
            }
        }
    }

    /** How many positions the box of an output position has, counted within its instance. */
    int count(int output) {
        int ow = output % width.output();
        int oh = output / width.output() % height.output();
        return depth.count(output / width.output() / height.output()) * height.count(oh) * width.count(ow);
    }
}
