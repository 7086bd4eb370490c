package org.jauss.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What pooling has to do, each geometry against a naive walk over its boxes in double precision. */
abstract class PoolingContract {
    /** Features, around the widths of vector registers. */
    private static final int[] FEATURES = {0, 1, 3, 4, 8, 15, 16, 17, 33, 64};

    private static final int BATCH = 2;
    private static final int OFFSET = 3;

    abstract Kernels kernels();

    /** Windows over an axis, as a user states them. */
    enum Geometry {
        TILES(6, 2, 2, 0, 1, false),
        OVERLAPPING(7, 3, 2, 0, 1, false),
        PADDED(7, 3, 2, 1, 1, false),
        EACH_POSITION(5, 3, 1, 1, 1, false),
        GAPS(9, 2, 3, 0, 1, false),
        CEIL(6, 3, 2, 0, 1, true),
        DILATED(9, 3, 2, 1, 2, false),
        WHOLE(5, 5, 5, 0, 1, false);

        final int input;
        final Regions.Axis axis;

        Geometry(int input, int kernel, int stride, int padding, int dilation, boolean ceil) {
            this.input = input;
            int extent = (kernel - 1) * dilation + 1;
            int room = input + 2 * padding - extent;
            int[] from = new int[(ceil ? (room + stride - 1) / stride : room / stride) + 1];
            int[] to = new int[from.length];
            for (int o = 0; o < from.length; o++) {
                int start = o * stride - padding;
                from[o] = start < 0 ? Math.floorMod(start, dilation) : start;
                to[o] = Math.min(input, start + extent);
            }
            axis = new Regions.Axis(input, dilation, from, to);
        }

        /** The same windows along two axes. */
        Regions over(int channels) {
            return new Regions(BATCH, channels, Regions.Axis.NONE, axis, axis);
        }

        /** The elements of the input that each of the result stands for, in order. */
        List<List<Integer>> boxes(int channels) {
            var boxes = new ArrayList<List<Integer>>();
            for (int n = 0; n < BATCH; n++) {
                for (int oh = 0; oh < axis.output(); oh++) {
                    for (int ow = 0; ow < axis.output(); ow++) {
                        for (int j = 0; j < channels; j++) {
                            var box = new ArrayList<Integer>();
                            for (int h = axis.from()[oh]; h < axis.to()[oh]; h += axis.step()) {
                                for (int w = axis.from()[ow]; w < axis.to()[ow]; w += axis.step()) {
                                    box.add(OFFSET + ((n * input + h) * input + w) * channels + j);
                                }
                            }
                            boxes.add(box);
                        }
                    }
                }
            }
            return boxes;
        }

        int inputs(int channels) {
            return OFFSET + BATCH * input * input * channels + OFFSET;
        }
    }

    /** Multiples of 1/2 in [-4, 4], with many ties, both zeros among them. */
    private static float[] halves(Random random, int length) {
        float[] x = new float[length];
        for (int i = 0; i < length; i++) {
            x[i] = (random.nextInt(17) - 8) / 2f;
            x[i] = x[i] == 0 && random.nextBoolean() ? -0f : x[i];
        }
        return x;
    }

    private static float[] notANumber(int length) {
        float[] x = new float[length];
        Arrays.fill(x, Float.NaN);
        return x;
    }

    /** Equal, whatever the sign of a zero. */
    private static void check(float[] expected, float[] found, String what) {
        for (int i = 0; i < expected.length; i++) {
            boolean equal = expected[i] == found[i] || (Float.isNaN(expected[i]) && Float.isNaN(found[i]));
            assertTrue(equal, what + ", element " + i + ": " + expected[i] + " but is " + found[i]);
        }
    }

    @ParameterizedTest
    @EnumSource
    void greatest(Geometry geometry) {
        for (int c : FEATURES) {
            var random = new Random(c);
            float[] x = halves(random, geometry.inputs(c));
            if (c > 1) {
                x[OFFSET + c + 1] = Float.NaN; // in the second position
            }
            var boxes = geometry.boxes(c);
            float[] expected = new float[OFFSET + boxes.size() + OFFSET];
            Arrays.fill(expected, 7);
            float[] y = expected.clone();
            float[] dy = halves(random, y.length);
            float[] dx = new float[x.length];
            for (int o = 0; o < boxes.size(); o++) {
                float top = Float.NEGATIVE_INFINITY;
                for (int i : boxes.get(o)) {
                    top = Math.max(top, x[i]);
                }
                expected[OFFSET + o] = top;
                for (int i : boxes.get(o)) {
                    if (x[i] == top || Float.isNaN(x[i])) {
                        dx[i] += dy[OFFSET + o]; // halves: exact
                        break;
                    }
                }
            }
            kernels().maxPool(geometry.over(c), x, OFFSET, y, OFFSET);
            check(expected, y, c + " features, result");
            float[] added = halves(random, x.length);
            float[] sum = added.clone();
            for (int i = 0; i < sum.length; i++) {
                sum[i] += dx[i];
            }
            kernels().maxPoolBackward(geometry.over(c), x, OFFSET, y, dy, OFFSET, added, true);
            check(sum, added, c + " features, gradient added");
            float[] over = notANumber(x.length);
            kernels().maxPoolBackward(geometry.over(c), x, OFFSET, y, dy, OFFSET, over, false);
            check(around(dx), over, c + " features, gradient");
        }
    }

    /** NaN outside of the input, which is not to be written. */
    private static float[] around(float[] dx) {
        float[] all = dx.clone();
        Arrays.fill(all, 0, OFFSET, Float.NaN);
        Arrays.fill(all, all.length - OFFSET, all.length, Float.NaN);
        return all;
    }

    @ParameterizedTest
    @EnumSource
    void average(Geometry geometry) {
        for (int c : FEATURES) {
            for (int divisor : new int[] {0, 9}) {
                var random = new Random(c);
                float[] x = halves(random, geometry.inputs(c));
                var boxes = geometry.boxes(c);
                float[] y = notANumber(OFFSET + boxes.size() + OFFSET);
                float[] dy = halves(random, y.length);
                double[] dx = new double[x.length];
                kernels().averagePool(geometry.over(c), divisor, x, OFFSET, y, OFFSET);
                for (int o = 0; o < boxes.size(); o++) {
                    List<Integer> box = boxes.get(o);
                    double sum = 0;
                    for (int i : box) {
                        sum += x[i];
                        dx[i] += (double) dy[OFFSET + o] / (divisor > 0 ? divisor : box.size());
                    }
                    // up to 25 terms of up to 4, each rounded by 6e-8
                    assertEquals(sum / (divisor > 0 ? divisor : box.size()), y[OFFSET + o], 25 * 4 * 6e-8);
                }
                float[] added = halves(random, x.length);
                float[] before = added.clone();
                kernels().averagePoolBackward(geometry.over(c), divisor, dy, OFFSET, added, OFFSET, true);
                float[] over = notANumber(x.length);
                kernels().averagePoolBackward(geometry.over(c), divisor, dy, OFFSET, over, OFFSET, false);
                for (int i = OFFSET; i < x.length - OFFSET; i++) {
                    // up to 9 boxes, each adding up to 4 to up to 40
                    assertEquals(dx[i], over[i], 9 * 40 * 6e-8, "gradient");
                    assertEquals(before[i] + dx[i], added[i], 9 * 40 * 6e-8, "gradient added");
                }
                assertTrue(Float.isNaN(over[OFFSET - 1]) && Float.isNaN(over[x.length - OFFSET]), "outside");
            }
        }
    }

    @Test
    void averageShowsNotANumber() {
        float[] x = {1, Float.NaN, 3, 4};
        float[] y = new float[2];
        var axis = new Regions.Axis(4, 1, new int[] {0, 2}, new int[] {2, 4});
        var regions = new Regions(1, 1, Regions.Axis.NONE, Regions.Axis.NONE, axis);
        kernels().averagePool(regions, 0, x, 0, y, 0);
        assertTrue(Float.isNaN(y[0]));
        assertEquals(3.5f, y[1]);
    }

    /** A call within a worker stays on that thread; outside as many threads take part as there are processors. */
    @ParameterizedTest
    @EnumSource(names = {"TILES", "OVERLAPPING"})
    void bitsDoNotDependOnTheThreads(Geometry geometry) {
        int c = 3000; // some four chunks
        float[] expected = bits(geometry, c);
        float[][] found = new float[2][];
        var both = new CountDownLatch(2); // so that one of the two is a worker
        new Parallel.Pool(2).forChunks(2, 1, (from, to) -> {
            both.countDown();
            await(both);
            found[from] = bits(geometry, c);
        });
        assertArrayEquals(expected, found[0]);
        assertArrayEquals(expected, found[1]);
    }

    private float[] bits(Geometry geometry, int c) {
        var random = new Random(1);
        float[] x = halves(random, geometry.inputs(c));
        int outputs = BATCH * geometry.axis.output() * geometry.axis.output() * c;
        float[] y = new float[OFFSET + outputs];
        float[] dy = halves(random, y.length);
        float[] means = new float[y.length];
        float[] dx = new float[x.length];
        kernels().maxPool(geometry.over(c), x, OFFSET, y, OFFSET);
        kernels().averagePool(geometry.over(c), 9, x, OFFSET, means, OFFSET);
        kernels().averagePoolBackward(geometry.over(c), 9, dy, OFFSET, dx, OFFSET, false);
        kernels().maxPoolBackward(geometry.over(c), x, OFFSET, y, dy, OFFSET, dx, true);
        float[] all = Arrays.copyOf(y, y.length + means.length + dx.length);
        System.arraycopy(means, 0, all, y.length, means.length);
        System.arraycopy(dx, 0, all, y.length + means.length, dx.length);
        return all;
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
