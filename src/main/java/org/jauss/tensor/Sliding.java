package org.jauss.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jauss.kernels.Window;

/**
 * How a window slides over the axes between the first, that of the instances, and the last, that of the features. Each
 * option is one number for all axes or one for each. The result is
 * {@code (before + input + after - (kernel - 1) dilation - 1) / stride + 1} long, rounded down.
 *
 * @param stride the distance from one window to the next
 * @param padding what is added around the input
 * @param dilation the distance from one element of the window to the next
 */
public record Sliding(List<Integer> stride, Padding padding, List<Integer> dilation) {
    private static final Sliding DEFAULT = new Sliding(List.of(1), Padding.valid(), List.of(1));

    /**
     * How a window slides.
     *
     * @param stride the distance from one window to the next
     * @param padding what is added around the input
     * @param dilation the distance from one element of the window to the next
     * @throws IllegalArgumentException if stride or dilation have no numbers or one below 1
     */
    public Sliding {
        stride = checked("stride", 1, stride);
        dilation = checked("dilation", 1, dilation);
    }

    /**
     * Stride 1, no padding, dilation 1: the defaults of PyTorch and Keras.
     *
     * @return the options
     */
    public static Sliding of() {
        return DEFAULT;
    }

    /**
     * Stride, no padding, dilation 1.
     *
     * @param stride one number for all axes, or one for each
     * @return the options
     */
    public static Sliding by(int... stride) {
        return DEFAULT.withStride(stride);
    }

    /**
     * The same with another stride.
     *
     * @param numbers one number for all axes, or one for each
     * @return the options
     */
    public Sliding withStride(int... numbers) {
        return new Sliding(Arrays.stream(numbers).boxed().toList(), padding, dilation);
    }

    /**
     * The same with another padding.
     *
     * @param next the padding
     * @return the options
     */
    public Sliding withPadding(Padding next) {
        return new Sliding(stride, next, dilation);
    }

    /**
     * The same with another dilation.
     *
     * @param numbers one number for all axes, or one for each
     * @return the options
     */
    public Sliding withDilation(int... numbers) {
        return new Sliding(stride, padding, Arrays.stream(numbers).boxed().toList());
    }

    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        if (!stride.stream().allMatch(s -> s == 1)) {
            parts.add("stride " + Padding.text(stride));
        }
        if (!padding.equals(Padding.valid())) {
            parts.add("padding " + padding);
        }
        if (!dilation.stream().allMatch(d -> d == 1)) {
            parts.add("dilation " + Padding.text(dilation));
        }
        return parts.isEmpty() ? "stride 1" : String.join(", ", parts);
    }

    /** The numbers of an option, or the complaint about them. */
    static List<Integer> checked(String name, int least, List<Integer> numbers) {
        if (numbers.isEmpty() || numbers.stream().anyMatch(n -> n < least)) {
            throw new IllegalArgumentException(name + ": needs numbers of at least " + least + ", but is " + numbers);
        }
        return List.copyOf(numbers);
    }

    /**
     * The numbers of an option, one for each axis.
     *
     * @param op the name of the op, for the message
     * @param name the name of the option, for the message
     * @param numbers one number for all axes, or one for each
     * @param axes the number of axes
     * @return as many numbers as axes
     * @throws ShapeException if there are neither one nor as many
     */
    public static int[] each(String op, String name, List<Integer> numbers, int axes) {
        if (numbers.size() != 1 && numbers.size() != axes) {
            throw new ShapeException(op + ": " + name + " has " + numbers.size() + " numbers for " + axes
                    + (axes == 1 ? " axis: " : " axes: ") + numbers);
        }
        int[] each = new int[axes];
        Arrays.setAll(each, d -> numbers.get(numbers.size() == 1 ? 0 : d));
        return each;
    }

    /**
     * The window on each axis between the first and the last.
     *
     * @param shapes what a complaint shows
     */
    Window.Axis[] over(String op, Shape x, int[] kernel, String shapes) {
        int rank = kernel.length;
        int[] strides = each(op, "stride", stride, rank);
        int[] dilations = each(op, "dilation", dilation, rank);
        int[] before = each(op, "padding", padding.before(), rank);
        int[] after = each(op, "padding", padding.after(), rank);
        Window.Axis[] axes = new Window.Axis[rank];
        for (int d = 0; d < rank; d++) {
            int input = x.dim(d + 1);
            long extent = extent(kernel[d], dilations[d]);
            if (padding.isSame()) {
                long outputs = (input + strides[d] - 1L) / strides[d];
                int total = (int) Math.max(0, Math.min(Integer.MAX_VALUE, (outputs - 1) * strides[d] + extent - input));
                before[d] = total / 2;
                after[d] = total - before[d];
            }
            long padded = (long) before[d] + input + after[d];
            if (kernel[d] < 1 || input < 1 || extent > padded || padded > Integer.MAX_VALUE) {
                throw new ShapeException(
                        op + ": the window does not fit: " + shapes + " (" + extent + " > " + padded + ")");
            }
            axes[d] = new Window.Axis(input, kernel[d], strides[d], dilations[d], before[d], after[d]);
        }
        return axes;
    }

    /**
     * The windows of which the given shape is the result: those of the convolution that a transposed one turns around.
     *
     * @param shapes what a complaint shows
     */
    Window.Axis[] under(String op, Shape y, int[] kernel, int[] outputPadding, String shapes) {
        int rank = kernel.length;
        int[] strides = each(op, "stride", stride, rank);
        int[] dilations = each(op, "dilation", dilation, rank);
        int[] before = each(op, "padding", padding.before(), rank);
        int[] after = each(op, "padding", padding.after(), rank);
        int[] more =
                each(op, "output padding", Arrays.stream(outputPadding).boxed().toList(), rank);
        Window.Axis[] axes = new Window.Axis[rank];
        for (int d = 0; d < rank; d++) {
            int limit = Math.max(strides[d], dilations[d]);
            if (more[d] < 0 || more[d] >= limit) {
                throw new ShapeException(op + ": the output padding must be from 0 to below stride or dilation: "
                        + more[d] + " (" + limit + ")");
            }
            long extent = extent(kernel[d], dilations[d]);
            if (padding.isSame()) {
                int total = (int) Math.max(0, Math.min(Integer.MAX_VALUE, extent - strides[d]));
                before[d] = total / 2;
                after[d] = total - before[d];
            }
            long length = (y.dim(d + 1) - 1L) * strides[d] + extent - before[d] - after[d] + more[d];
            if (padding.isSame()) { // a window shorter than the stride leaves a gap behind the last one as well
                length += Math.max(0, strides[d] - extent);
            }
            if (kernel[d] < 1 || y.dim(d + 1) < 1 || length < 1 || length > Integer.MAX_VALUE) {
                throw new ShapeException(op + ": the result would be empty: " + shapes + " (" + length + " < 1 on axis "
                        + (d + 1) + ")");
            }
            // The length behind the last window counts as more input, less padding: the number of windows stays.
            long end = (y.dim(d + 1) - 1L) * strides[d] + extent - before[d] - length;
            axes[d] = new Window.Axis((int) length, kernel[d], strides[d], dilations[d], before[d], (int) end);
        }
        return axes;
    }

    private static long extent(int kernel, int dilation) {
        return (kernel - 1L) * dilation + 1;
    }

    /** A window over all three axes, those in front being none. */
    static Window window(int batch, int channels, int filters, int groups, Window.Axis[] axes) {
        int n = axes.length;
        return new Window(
                batch,
                channels,
                filters,
                groups,
                n < 3 ? Window.Axis.NONE : axes[0],
                n < 2 ? Window.Axis.NONE : axes[n - 2],
                axes[n - 1]);
    }
}
