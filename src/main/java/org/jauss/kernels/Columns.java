package org.jauss.kernels;

import java.util.Arrays;

/**
 * The windows of a convolution as rows of a matrix, and back. Row {@code i} belongs to output position {@code i},
 * counted over all instances; its columns are the elements {@code [tap, channel of the group]} that the window sees.
 * Only some rows and some taps are made at a time, so that the matrix stays in the cache.
 */
final class Columns {
    private final Window window;
    private final int group;
    private final int firstTap;
    private final int endTap;
    /** Channels of the group. */
    private final int c;
    /** Whether neighbouring taps are neighbours in memory. */
    private final boolean contiguous;

    Columns(Window window, int group, int firstTap, int endTap) {
        this.window = window;
        this.group = group;
        this.firstTap = firstTap;
        this.endTap = endTap;
        this.c = window.groupChannels();
        this.contiguous = window.groups() == 1 && window.width().dilation() == 1;
    }

    /** The length of a row. */
    int length() {
        return (endTap - firstTap) * c;
    }

    /** {@code columns[to - from, length]} from {@code x}. */
    void gather(float[] x, int xo, int from, int to, float[] columns) {
        walk(x, xo, from, to, columns, true);
    }

    /** {@code x += columns}, each element where it came from. */
    void scatter(float[] columns, int from, int to, float[] x, int xo) {
        walk(x, xo, from, to, columns, false);
    }

    private void walk(float[] x, int xo, int from, int to, float[] columns, boolean gather) {
        Window.Axis depth = window.depth();
        Window.Axis height = window.height();
        Window.Axis width = window.width();
        int ow = width.output();
        int oh = height.output();
        int od = depth.output();
        int kw = width.kernel();
        int kh = height.kernel();
        int channels = window.channels();
        int length = length();
        for (int i = from; i < to; i++) {
            int w0 = i % ow * width.stride() - width.before();
            int h0 = i / ow % oh * height.stride() - height.before();
            int d0 = i / ow / oh % od * depth.stride() - depth.before();
            int plane = i / ow / oh / od * depth.input();
            int target = (i - from) * length;
            for (int tap = firstTap; tap < endTap; ) {
                int k = tap % kw;
                int count = Math.min(kw - k, endTap - tap);
                int h = h0 + tap / kw % kh * height.dilation();
                int d = d0 + tap / kw / kh * depth.dilation();
                boolean inside = h >= 0 && h < height.input() && d >= 0 && d < depth.input();
                int row = ((plane + d) * height.input() + h) * width.input();
                int w = w0 + k * width.dilation();
                int skip = Math.max(0, -w); // taps in front of the input, if neighbours are neighbours
                int seen = Math.min(count, width.input() - w) - skip;
                if (!inside || (contiguous && seen <= 0)) {
                    if (gather) {
                        Arrays.fill(columns, target, target + count * c, 0);
                    }
                } else if (contiguous) {
                    int source = xo + (row + w + skip) * c;
                    int start = target + skip * c;
                    int end = start + seen * c;
                    if (gather) {
                        Arrays.fill(columns, target, start, 0);
                        copy(x, source, columns, start, seen * c);
                        Arrays.fill(columns, end, target + count * c, 0);
                    } else {
                        add(columns, start, x, source, seen * c);
                    }
                } else {
                    for (int q = 0; q < count; q++, w += width.dilation()) {
                        int at = target + q * c;
                        int source = xo + (row + w) * channels + group * c;
                        if (w >= 0 && w < width.input()) {
                            if (gather) {
                                copy(x, source, columns, at, c);
                            } else {
                                add(columns, at, x, source, c);
                            }
                        } else if (gather) {
                            Arrays.fill(columns, at, at + c, 0);
                        }
                    }
                }
                target += count * c;
                tap += count;
            }
        }
    }

    private static void copy(float[] x, int xo, float[] y, int yo, int n) {
        System.arraycopy(x, xo, y, yo, n);
    }

    private static void add(float[] x, int xo, float[] y, int yo, int n) {
        for (int j = 0; j < n; j++) {
            y[yo + j] += x[xo + j];
        }
    }
}
