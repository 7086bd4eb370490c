package org.jauss.kernels;

/**
 * The geometry of a convolution over up to three axes, features last: {@code x[batch, D, H, W, channels]}, weight
 * {@code [KD, KH, KW, channels / groups, filters]}, {@code y[batch, OD, OH, OW, filters]}. An axis that is not there is
 * {@link Axis#NONE}. Group {@code g} leads from the g-th part of the channels to the g-th part of the filters.
 *
 * <p>The numbers are trusted: they are checked where shapes are.
 *
 * @param batch the number of instances
 * @param channels the number of features of {@code x}, a multiple of the groups
 * @param filters the number of features of {@code y}, a multiple of the groups
 * @param groups the number of groups
 * @param depth the first axis of three
 * @param height the last axis but one
 * @param width the last axis
 */
public record Window(int batch, int channels, int filters, int groups, Axis depth, Axis height, Axis width) {
    /**
     * How a window slides along one axis. Element {@code k} of the window at output position {@code o} sees input
     * position {@code o stride + k dilation - before}, or zero outside the input.
     *
     * @param input the length of the input
     * @param kernel the number of elements of the window
     * @param stride the distance from one window to the next
     * @param dilation the distance from one element of the window to the next
     * @param before the number of zeros in front of the input
     * @param after the number of zeros behind the input
     */
    public record Axis(int input, int kernel, int stride, int dilation, int before, int after) {
        /** An axis of length 1 with a window of one element: it changes nothing. */
        public static final Axis NONE = new Axis(1, 1, 1, 1, 0, 0);

        /**
         * The number of windows.
         *
         * @return {@code (before + input + after - extent) / stride + 1}, rounded down
         */
        public int output() {
            return Math.floorDiv(before + input + after - extent(), stride) + 1;
        }

        /**
         * The number of positions from the first element of a window to its last.
         *
         * @return {@code (kernel - 1) dilation + 1}
         */
        public int extent() {
            return (kernel - 1) * dilation + 1;
        }

        boolean isPointwise() {
            return kernel == 1 && stride == 1 && before == 0 && after == 0;
        }
    }

    /**
     * The number of output positions of one instance.
     *
     * @return the product of the outputs of the axes
     */
    public int outputs() {
        return depth.output() * height.output() * width.output();
    }

    /**
     * The number of input positions of one instance.
     *
     * @return the product of the inputs of the axes
     */
    public int inputs() {
        return depth.input * height.input * width.input;
    }

    /**
     * The number of output positions of all instances.
     *
     * @return {@code batch outputs()}
     */
    public int positions() {
        return batch * outputs();
    }

    /**
     * The number of positions in the window.
     *
     * @return the product of the kernels of the axes
     */
    public int taps() {
        return depth.kernel * height.kernel * width.kernel;
    }

    /**
     * The number of channels of a group.
     *
     * @return {@code channels / groups}
     */
    public int groupChannels() {
        return channels / groups;
    }

    /**
     * The number of filters of a group.
     *
     * @return {@code filters / groups}
     */
    public int groupFilters() {
        return filters / groups;
    }

    /**
     * Whether y is a matrix product of x as it lies in memory.
     *
     * @return whether the window has one position, which walks over all of the input
     */
    public boolean isPointwise() {
        return depth.isPointwise() && height.isPointwise() && width.isPointwise();
    }

    /**
     * Whether each of several groups has one channel.
     *
     * @return whether there are as many groups as channels, but not one
     */
    public boolean isDepthwise() {
        return groups > 1 && groups == channels;
    }
}
