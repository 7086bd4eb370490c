package org.jauss.kernels;

import java.util.Arrays;

/**
 * A walk over an index space in row-major order with up to three strided operands, cut into runs along its innermost
 * dimension. Neighbouring dimensions that every operand crosses with one step are merged first, so that operands of
 * equal layout need a single run.
 *
 * <p>A stride of 0 repeats an operand (broadcasting), a negative one walks it backwards. Besides the operands a run
 * knows its position in the index space itself, which is the offset of a contiguous array of that shape.
 */
public final class Loop {
    private static final int OPERANDS = 3;

    private final int[] dims;
    private final int[][] strides;

    private Loop(int[] dims, int[][] strides) {
        this.dims = dims;
        this.strides = strides;
    }

    /**
     * A walk over all indices below {@code dims}.
     *
     * @param dims the length of each dimension
     * @param strides for each operand (at most three) its step in every dimension
     * @return the walk
     */
    public static Loop of(int[] dims, int[]... strides) {
        if (Arrays.stream(dims).anyMatch(dim -> dim == 0)) {
            return new Loop(new int[1], new int[OPERANDS][1]);
        }
        int[] mergedDims = new int[Math.max(dims.length, 1)];
        int[][] mergedStrides = new int[OPERANDS][mergedDims.length];
        int last = mergedDims.length;
        for (int d = dims.length - 1; d >= 0; d--) {
            if (dims[d] == 1) {
                continue;
            }
            if (last < mergedDims.length && continues(last, d, mergedDims, mergedStrides, strides)) {
                mergedDims[last] *= dims[d];
                continue;
            }
            last--;
            mergedDims[last] = dims[d];
            for (int o = 0; o < strides.length; o++) {
                mergedStrides[o][last] = strides[o][d];
            }
        }
        if (last == mergedDims.length) { // a single element
            mergedDims[--last] = 1;
        }
        int[][] trimmed = new int[OPERANDS][];
        for (int o = 0; o < OPERANDS; o++) {
            trimmed[o] = Arrays.copyOfRange(mergedStrides[o], last, mergedDims.length);
        }
        return new Loop(Arrays.copyOfRange(mergedDims, last, mergedDims.length), trimmed);
    }

    private static boolean continues(int inner, int outer, int[] dims, int[][] merged, int[][] strides) {
        for (int o = 0; o < strides.length; o++) {
            if (strides[o][outer] != merged[o][inner] * dims[inner]) {
                return false;
            }
        }
        return true;
    }

    /**
     * The number of elements of one run.
     *
     * @return the length, which is 0 in an empty index space
     */
    public int length() {
        return dims[dims.length - 1];
    }

    /**
     * The step of an operand within a run.
     *
     * @param operand the operand's number, from 0
     * @return the step
     */
    public int step(int operand) {
        return strides[operand][dims.length - 1];
    }

    /**
     * The number of dimensions, neighbours merged.
     *
     * @return at least 1
     */
    public int rank() {
        return dims.length;
    }

    /**
     * The length of a dimension.
     *
     * @param d the dimension
     * @return the length
     */
    public int dim(int d) {
        return dims[d];
    }

    /**
     * The step of an operand in a dimension.
     *
     * @param operand the operand's number, from 0
     * @param d the dimension
     * @return the step
     */
    public int stride(int operand, int d) {
        return strides[operand][d];
    }

    /**
     * The number of positions in the index space.
     *
     * @return the product of the dimensions
     */
    public int size() {
        int size = 1;
        for (int dim : dims) {
            size *= dim;
        }
        return size;
    }

    /**
     * Whether an operand has elements that the walk meets more than once.
     *
     * @param operand the operand's number, from 0
     * @return whether one of its steps is 0 in a dimension that is longer than 1
     */
    public boolean repeats(int operand) {
        for (int d = 0; d < dims.length; d++) {
            if (strides[operand][d] == 0 && dims[d] > 1) {
                return true;
            }
        }
        return false;
    }

    /**
     * How far the lowest and the highest element of an operand lie apart, both counted.
     *
     * @param operand the operand's number, from 0
     * @return the extent, 0 in an empty index space
     */
    public int extent(int operand) {
        int extent = length() == 0 ? 0 : 1;
        for (int d = 0; d < dims.length; d++) {
            extent += Math.max(dims[d] - 1, 0) * Math.abs(strides[operand][d]);
        }
        return extent;
    }

    /**
     * The offset of the lowest element of an operand, counted from that of the first position.
     *
     * @param operand the operand's number, from 0
     * @return the offset, not above 0
     */
    public int low(int operand) {
        int low = 0;
        for (int d = 0; d < dims.length; d++) {
            low += Math.max(dims[d] - 1, 0) * Math.min(strides[operand][d], 0);
        }
        return low;
    }

    /**
     * Calls {@code piece} for the positions of a range in row-major order, cut at the ends of runs.
     *
     * @param from the first position
     * @param to the position after the last
     * @param longest the most elements of a piece
     * @param piece what to do with a piece
     */
    public void forEachPiece(int from, int to, int longest, Piece piece) {
        if (from >= to) {
            return;
        }
        int length = length();
        int[] index = new int[dims.length - 1];
        int first = 0;
        int second = 0;
        int rest = from / length;
        for (int d = index.length - 1; d >= 0; d--) {
            index[d] = rest % dims[d];
            rest /= dims[d];
            first += index[d] * strides[0][d];
            second += index[d] * strides[1][d];
        }
        int within = from % length;
        int position = from;
        while (true) {
            int end = Math.min(length, within + to - position);
            while (within < end) {
                int count = Math.min(longest, end - within);
                piece.at(position, count, first + within * step(0), second + within * step(1));
                position += count;
                within += count;
            }
            if (position == to) {
                return;
            }
            within = 0;
            int d = index.length - 1;
            while (++index[d] == dims[d]) {
                first -= strides[0][d] * (dims[d] - 1);
                second -= strides[1][d] * (dims[d] - 1);
                index[d--] = 0;
            }
            first += strides[0][d];
            second += strides[1][d];
        }
    }

    /**
     * Calls {@code run} for each run in row-major order; never in an empty index space.
     *
     * @param run what to do with a run
     */
    public void forEachRun(Run run) {
        if (length() == 0) {
            return;
        }
        int outer = dims.length - 1;
        int[] index = new int[outer];
        int[] offsets = new int[OPERANDS];
        int position = 0;
        while (true) {
            run.at(position, offsets[0], offsets[1], offsets[2]);
            position += length();
            int d = outer - 1;
            while (d >= 0 && ++index[d] == dims[d]) {
                for (int o = 0; o < OPERANDS; o++) {
                    offsets[o] -= strides[o][d] * (dims[d] - 1);
                }
                index[d--] = 0;
            }
            if (d < 0) {
                return;
            }
            for (int o = 0; o < OPERANDS; o++) {
                offsets[o] += strides[o][d];
            }
        }
    }

    /** A part of a run of a {@link Loop}. */
    @FunctionalInterface
    public interface Piece {
        /**
         * Handles the elements that start here.
         *
         * @param position where they start in the index space, counted in row-major order
         * @param count how many there are
         * @param first the offset of the first operand
         * @param second the offset of the second operand
         */
        void at(int position, int count, int first, int second);
    }

    /** One run of a {@link Loop}. */
    @FunctionalInterface
    public interface Run {
        /**
         * Handles the run that starts here.
         *
         * @param position where it starts in the index space, counted in row-major order
         * @param first the offset of the first operand
         * @param second the offset of the second operand
         * @param third the offset of the third operand
         */
        void at(int position, int first, int second, int third);
    }
}
