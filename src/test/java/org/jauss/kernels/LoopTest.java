package org.jauss.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LoopTest {
    private static int[] ints(int... values) {
        return values;
    }

    /** All elements in the order of the walk: position and offsets. */
    private static List<List<Integer>> elements(Loop loop) {
        List<List<Integer>> visited = new ArrayList<>();
        loop.forEachRun((position, first, second, third) -> {
            for (int i = 0; i < loop.length(); i++) {
                visited.add(List.of(
                        position + i, first + i * loop.step(0), second + i * loop.step(1), third + i * loop.step(2)));
            }
        });
        return visited;
    }

    private static int runs(Loop loop) {
        int[] count = new int[1];
        loop.forEachRun((position, first, second, third) -> count[0]++);
        return count[0];
    }

    /** Each element by its index, from the definition. */
    private static List<List<Integer>> naive(int[] dims, int[]... strides) {
        List<List<Integer>> all = new ArrayList<>();
        int size = Arrays.stream(dims).reduce(1, (a, b) -> a * b);
        for (int position = 0; position < size; position++) {
            int[] offsets = new int[3];
            int rest = position;
            for (int d = dims.length - 1; d >= 0; d--) {
                for (int o = 0; o < strides.length; o++) {
                    offsets[o] += rest % dims[d] * strides[o][d];
                }
                rest /= dims[d];
            }
            all.add(List.of(position, offsets[0], offsets[1], offsets[2]));
        }
        return all;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void anyWalkVisitsEachIndexInOrder(int operands) {
        Random random = new Random(5);
        for (int trial = 0; trial < 300; trial++) {
            int[] dims = random.ints(random.nextInt(6), 0, 5).toArray();
            int[][] strides = new int[operands][];
            Arrays.setAll(strides, o -> random.ints(dims.length, -7, 8).toArray());
            for (int[] stride : strides) {
                if (random.nextBoolean()) { // contiguous, so that there is something to merge
                    int step = 1;
                    for (int d = dims.length - 1; d >= 0; d--) {
                        stride[d] = step;
                        step *= dims[d];
                    }
                }
            }
            assertEquals(naive(dims, strides), elements(Loop.of(dims, strides)), Arrays.deepToString(strides));
        }
    }

    @Test
    void contiguousOperandsNeedOneRun() {
        Loop loop = Loop.of(ints(2, 3, 4), ints(12, 4, 1), ints(12, 4, 1), ints(12, 4, 1));
        assertEquals(24, loop.length());
        assertEquals(1, runs(loop));
        assertEquals(1, loop.step(2));
    }

    @Test
    void onlyDimensionsThatAllOperandsCrossInOneStepAreMerged() {
        Loop row = Loop.of(ints(2, 3, 4), ints(12, 4, 1), ints(0, 0, 1));
        assertEquals(4, row.length());
        assertEquals(6, runs(row));
        Loop inner = Loop.of(ints(2, 3, 4), ints(12, 4, 1), ints(0, 4, 1));
        assertEquals(12, inner.length());
        assertEquals(2, runs(inner));
    }

    @Test
    void aRepeatedOperandIsMergedToo() {
        Loop loop = Loop.of(ints(2, 3, 4), ints(12, 4, 1), ints(0, 0, 0));
        assertEquals(1, runs(loop));
        assertEquals(0, loop.step(1));
    }

    @Test
    void dimensionsOfLengthOneDoNotCount() {
        Loop loop = Loop.of(ints(1, 6, 1, 1), ints(99, 2, 77, 55));
        assertEquals(6, loop.length());
        assertEquals(2, loop.step(0));
        assertEquals(1, runs(loop));
    }

    @Test
    void backwards() {
        Loop loop = Loop.of(ints(2, 3), ints(-3, -1));
        assertEquals(1, runs(loop));
        assertEquals(-1, loop.step(0));
        assertEquals(2, runs(Loop.of(ints(2, 3), ints(3, -1))));
    }

    @Test
    void aScalarIsOneElement() {
        for (int[] dims : new int[][] {{}, {1}, {1, 1}}) {
            Loop loop = Loop.of(dims, new int[dims.length]);
            assertEquals(1, loop.length());
            assertEquals(1, runs(loop));
        }
    }

    @Test
    void anEmptySpaceHasNoRunsAndNoLength() {
        for (int[] dims : new int[][] {{0}, {0, 3}, {3, 0}, {2, 0, 3}, {0, 0}}) {
            for (int stride : new int[] {0, 5}) {
                int[] strides = new int[dims.length];
                Arrays.fill(strides, stride);
                Loop loop = Loop.of(dims, strides);
                assertEquals(0, loop.length(), Arrays.toString(dims));
                assertEquals(0, runs(loop), Arrays.toString(dims));
            }
        }
    }

    @Test
    void laterChangesOfTheArgumentsHaveNoEffect() {
        int[] dims = {2, 3};
        int[] strides = {5, 1};
        Loop loop = Loop.of(dims, strides);
        List<List<Integer>> before = elements(loop);
        dims[0] = 9;
        strides[1] = 9;
        assertEquals(before, elements(loop));
    }

    @Test
    void fourOperandsAreTooMany() {
        int[] one = {1};
        assertThrows(IndexOutOfBoundsException.class, () -> Loop.of(ints(3), one, one, one, one));
    }

    @Test
    void piecesOfARangeAreThoseOfTheWalk() {
        Random random = new Random(6);
        for (int trial = 0; trial < 300; trial++) {
            int[] dims = random.ints(random.nextInt(5), 1, 6).toArray();
            int[][] strides = new int[2][];
            for (int o = 0; o < 2; o++) {
                strides[o] = random.ints(dims.length, -3, 7).toArray();
            }
            Loop loop = Loop.of(dims, strides);
            int from = random.nextInt(loop.size() + 1);
            int to = from + random.nextInt(loop.size() - from + 1);
            int longest = 1 + random.nextInt(4);
            List<List<Integer>> visited = new ArrayList<>();
            loop.forEachPiece(from, to, longest, (position, count, first, second) -> {
                assertTrue(count >= 1 && count <= longest, "length " + count);
                for (int i = 0; i < count; i++) {
                    visited.add(List.of(position + i, first + i * loop.step(0), second + i * loop.step(1), 0));
                }
            });
            assertEquals(naive(dims, strides).subList(from, to), visited, Arrays.toString(dims));
        }
    }

    @Test
    void anEmptyWalkHasNoPieces() {
        Loop loop = Loop.of(ints(2, 0), ints(0, 1));
        assertEquals(0, loop.size());
        assertEquals(0, loop.extent(0));
        loop.forEachPiece(0, 0, 5, (position, count, first, second) -> {
            throw new AssertionError("piece at " + position);
        });
    }

    @Test
    void whereAnOperandLies() {
        Loop loop = Loop.of(ints(2, 3, 4), ints(0, -4, 1), ints(12, 4, 1));
        assertEquals(3, loop.rank());
        assertEquals(List.of(2, 3, 4), List.of(loop.dim(0), loop.dim(1), loop.dim(2)));
        assertEquals(-4, loop.stride(0, 1));
        assertEquals(24, loop.size());
        assertEquals(-8, loop.low(0));
        assertEquals(12, loop.extent(0));
        assertEquals(0, loop.low(1));
        assertEquals(24, loop.extent(1));
        assertEquals(List.of(true, false), List.of(loop.repeats(0), loop.repeats(1)));
    }
}
