package org.jauss.kernels.simd;

import java.util.Arrays;
import org.jauss.kernels.Window;

/**
 * The output positions of a convolution in blocks of some {@code 64}, and for each block a copy of the input that its
 * windows see, with zeros where they leave the input. In the copy all windows are alike: the element that window
 * {@code i} of a block has at place {@code e} is {@code copy[positions[i] + elements[e]]}.
 *
 * <p>A <i>plane</i> is one output depth of one instance. A block has several planes, or several rows of one, or a part
 * of one row: neighbours in the output, in any case.
 */
final class Blocks {
    private final Window w;
    private final Window.Axis depth;
    private final Window.Axis height;
    private final Window.Axis width;
    private final int oh;
    private final int ow;
    private final int od;

    /** Planes, rows and columns of a block; the last ones may have fewer. */
    private final int planes;

    private final int rows;
    private final int columns;

    /** Blocks in a row, and in a plane unless it has several planes. */
    private final int rowParts;

    private final int planeParts;

    /** Rows of the copy of a plane, and the length of one. */
    private final int copyRows;

    private final int copyRow;

    /** Where the window at each position of a block starts in the copy. */
    final int[] positions;

    /** Where the elements {@code [tap, channel of the group]} of a window lie, from its start. */
    final int[] elements;

    /** The same in parts, once they were asked for. */
    private int[][] elementParts = {};

    /** The number of blocks. */
    final int count;

    /** Elements of the copy. */
    final int copySize;

    /**
     * Cuts the positions into blocks.
     *
     * @param w the geometry
     * @param size about how many positions a block should have
     */
    Blocks(Window w, int size) {
        this.w = w;
        this.depth = w.depth();
        this.height = w.height();
        this.width = w.width();
        this.od = depth.output();
        this.oh = height.output();
        this.ow = width.output();
        int allPlanes = w.batch() * od;
        this.planes = Math.min(Math.max(1, allPlanes), parts(size, (long) oh * ow));
        this.rows = Math.min(oh, Math.max(1, size / ow));
        this.columns = planes > 1 || rows > 1 ? ow : Math.min(ow, parts(parts(ow, parts(ow, size)), 4) * 4);
        this.rowParts = parts(ow, columns);
        this.planeParts = rowParts * parts(oh, rows);
        this.count = planes > 1 ? parts(allPlanes, planes) : allPlanes * planeParts;
        this.copyRows = (rows - 1) * height.stride() + height.extent();
        this.copyRow = ((columns - 1) * width.stride() + width.extent()) * w.channels();
        this.copySize = planes * depth.kernel() * copyRows * copyRow;
        this.positions = positions();
        this.elements = elements();
    }

    /** The parts of a given size that make up n, the last one being perhaps smaller. */
    static int parts(long n, long size) {
        return (int) ((n + size - 1) / size);
    }

    private int[] positions() {
        int[] result = new int[planes * rows * columns];
        int i = 0;
        for (int p = 0; p < planes; p++) {
            for (int r = 0; r < rows; r++) {
                int row = (p * depth.kernel() * copyRows + r * height.stride()) * copyRow;
                for (int c = 0; c < columns; c++) {
                    result[i++] = row + c * width.stride() * w.channels();
                }
            }
        }
        return result;
    }

    private int[] elements() {
        int channels = w.channels() / w.groups();
        int[] result = new int[depth.kernel() * height.kernel() * width.kernel() * channels];
        int i = 0;
        for (int d = 0; d < depth.kernel(); d++) {
            for (int h = 0; h < height.kernel(); h++) {
                int row = (d * copyRows + h * height.dilation()) * copyRow;
                for (int x = 0; x < width.kernel(); x++) {
                    for (int c = 0; c < channels; c++) {
                        result[i++] = row + x * width.dilation() * w.channels() + c;
                    }
                }
            }
        }
        return result;
    }

    /** So many elements of a window, one after the other, are neighbours in the copy. */
    static int run(Window w) {
        boolean wholeRow = w.groups() == 1 && w.width().dilation() == 1;
        return wholeRow ? w.width().kernel() * w.channels() : w.groupChannels();
    }

    int run() {
        return run(w);
    }

    /** {@link #elements} in parts of so many, the last one having fewer; the caller does not change them. */
    int[][] elementsInParts(int size) {
        int count = parts(elements.length, size);
        if (elementParts.length != count || elementParts[0].length != Math.min(size, elements.length)) {
            elementParts = new int[count][];
            for (int part = 0; part < count; part++) {
                elementParts[part] =
                        Arrays.copyOfRange(elements, part * size, Math.min(elements.length, (part + 1) * size));
            }
        }
        return elementParts;
    }

    /** The first position of a block, counted over all instances. */
    int first(int block) {
        if (planes > 1) {
            return block * planes * oh * ow;
        }
        int part = block % planeParts;
        return (block / planeParts * oh + part / rowParts * rows) * ow + part % rowParts * columns;
    }

    /** The number of positions of a block. */
    int length(int block) {
        if (planes > 1) {
            return Math.min(planes, w.batch() * od - block * planes) * oh * ow;
        }
        int part = block % planeParts;
        return Math.min(rows, oh - part / rowParts * rows) * Math.min(columns, ow - part % rowParts * columns);
    }

    /** Makes the copy for a block of the input {@code x[batch, D, H, W, channels]}. */
    void copy(int block, float[] x, int xo, float[] copy) {
        int part = planes > 1 ? 0 : block % planeParts;
        int plane = planes > 1 ? block * planes : block / planeParts;
        int planeEnd = Math.min(plane + planes, w.batch() * od);
        int top = part / rowParts * rows * height.stride() - height.before();
        int left = part % rowParts * columns * width.stride() - width.before();
        int before = Math.min(Math.max(0, -left) * w.channels(), copyRow);
        int end = Math.max(before, Math.min(copyRow, (width.input() - left) * w.channels()));
        int target = 0;
        for (; plane < planeEnd; plane++) {
            for (int k = 0; k < depth.kernel(); k++) {
                int d = plane % od * depth.stride() - depth.before() + k * depth.dilation();
                for (int h = top; h < top + copyRows; h++, target += copyRow) {
                    if (d < 0 || d >= depth.input() || h < 0 || h >= height.input()) {
                        Arrays.fill(copy, target, target + copyRow, 0);
                        continue;
                    }
                    int row = (plane / od * depth.input() + d) * height.input() + h;
                    int source = xo + (row * width.input() + left) * w.channels();
                    Arrays.fill(copy, target, target + before, 0);
                    if (before < end) {
                        System.arraycopy(x, source + before, copy, target + before, end - before);
                    }
                    Arrays.fill(copy, target + end, target + copyRow, 0);
                }
            }
        }
    }
}
