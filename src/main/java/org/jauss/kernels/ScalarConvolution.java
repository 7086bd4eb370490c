package org.jauss.kernels;

import java.util.Arrays;

/**
 * Convolution in plain Java: blocks of windows, copied side by side, times the weight by {@link ScalarMatmul}. A window
 * of one element needs no copy. With one channel in each group, copies would be most of the work: such convolutions run
 * over the features directly.
 *
 * <p>Blocks depend on shapes alone. Those of the result and of the gradient of the input write to elements of their own;
 * the gradient of the weight is summed in parts, which are added in order. So the number of threads changes no bit.
 */
final class ScalarConvolution {
    /** Rows of a block times taps: the copies of a block, 400 KB, share the L2 cache with the matrix product's. */
    private static final int BLOCK = 512 * 192;

    /** Rows of a block of the result; the matrix product works on vectors of that length. */
    private static final int LONG = 512;

    /** Most inner elements that the matrix product works on at once. */
    private static final int DEPTH = 192;

    /** Most columns that the matrix product works on at once. */
    private static final int WIDTH = 768;

    /** From this number of filters on, vectors run along them; below, along the positions. */
    private static final int WIDE = 128;

    /** Most parts in which the gradient of the weight is summed, and fewest positions that make one. */
    private static final int PARTS = 8;

    private static final int PART = 1024;

    /** Most elements that a thread keeps for the parts of a gradient, or for a transposed weight. */
    private static final int KEPT = 1 << 20;

    /** Elements to compute that are worth a task. */
    private static final int TASK = 1 << 15;

    /** For products within a task. */
    private static final Parallel.Pool ALONE = new Parallel.Pool(1);

    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    /** Arrays that each thread keeps: they grow to what the largest call needed. */
    private static final class Scratch {
        private float[] columns = {};
        private float[] product = {};
        private float[] weight = {};
        private float[][] parts = {};

        float[] columns(int size) {
            if (columns.length < size) {
                columns = new float[size];
            }
            return columns;
        }

        float[] product(int size) {
            if (product.length < size) {
                product = new float[size];
            }
            return product;
        }

        float[] weight(int size) {
            if (weight.length < size) {
                weight = new float[size];
            }
            return weight;
        }

        float[][] parts(int count, int size) {
            if (parts.length < count || parts[0].length < size) {
                parts = new float[count][size];
            }
            return parts;
        }
    }

    private ScalarConvolution() {}

    // ---- y (+)= x * weight + bias ----

    static void forward(
            Parallel.Pool pool,
            Window w,
            float[] x,
            int xo,
            float[] weight,
            int wo,
            float[] bias,
            int bo,
            float[] y,
            int yo,
            boolean accumulate) {
        int filters = w.filters();
        if (w.isPointwise()) {
            int c = w.groupChannels();
            int f = w.groupFilters();
            for (int g = 0; g < w.groups(); g++) {
                ScalarMatmul.matmul(
                        pool,
                        false,
                        false,
                        w.positions(),
                        f,
                        c,
                        x,
                        xo + g * c,
                        w.channels(),
                        weight,
                        wo + g * f,
                        filters,
                        y,
                        yo + g * f,
                        filters,
                        accumulate);
            }
            addBias(w.positions(), filters, bias, bo, y, yo);
        } else if (w.isDepthwise()) {
            float[][] taps = taps(w, weight, wo);
            int chunk = chunk((long) w.taps() * filters);
            pool.forChunks(
                    w.positions(),
                    chunk,
                    (from, to) -> depthwise(w, x, xo, taps, bias, bo, y, yo, accumulate, from, to));
        } else {
            pool.forChunks(w.positions(), LONG, (from, to) -> {
                for (int g = 0; g < w.groups(); g++) {
                    block(w, g, x, xo, weight, wo, bias, bo, y, yo, accumulate, from, to);
                }
            });
        }
    }

    /** The filters of one group at the positions [from, to). */
    private static void block(
            Window w,
            int g,
            float[] x,
            int xo,
            float[] weight,
            int wo,
            float[] bias,
            int bo,
            float[] y,
            int yo,
            boolean accumulate,
            int from,
            int to) {
        int c = w.groupChannels();
        int f = w.groupFilters();
        int filters = w.filters();
        int step = Math.max(1, DEPTH / Math.max(1, c));
        Scratch scratch = SCRATCH.get();
        int most = Math.max(1, Math.min(LONG, BLOCK / Math.max(1, Math.min(step, w.taps()) * c)));
        float[] columns = scratch.columns(most * Math.min(step, w.taps()) * c);
        for (int i = from; i < to; i += most) {
            int m = Math.min(most, to - i);
            int yi = yo + i * filters + g * f;
            float[] product = f < WIDE ? scratch.product(f * m) : y;
            for (int tap = 0; tap < w.taps(); tap += step) {
                Columns window = new Columns(w, g, tap, Math.min(w.taps(), tap + step));
                int k = window.length();
                int wi = wo + tap * c * filters + g * f;
                window.gather(x, xo, i, i + m, columns);
                if (f < WIDE) { // product[f,m] = weight[k,f]^T . columns[m,k]^T
                    ScalarMatmul.matmul(
                            ALONE, true, true, f, m, k, weight, wi, filters, columns, 0, k, product, 0, m, tap > 0);
                } else { // y[m,f] (+)= columns[m,k] . weight[k,f]
                    ScalarMatmul.matmul(
                            ALONE,
                            false,
                            false,
                            m,
                            f,
                            k,
                            columns,
                            0,
                            k,
                            weight,
                            wi,
                            filters,
                            y,
                            yi,
                            filters,
                            accumulate || tap > 0);
                }
            }
            if (f < WIDE) {
                addTransposed(product, f, m, y, yi, filters, bias, bo + g * f, accumulate);
            } else if (bias.length > 0) {
                for (int r = 0; r < m; r++) {
                    for (int j = 0; j < f; j++) {
                        y[yi + r * filters + j] += bias[bo + g * f + j];
                    }
                }
            }
        }
    }

    /** {@code y[m,f] (+)= product[f,m]^T + bias[f]}, whose rows lie {@code step} apart. */
    private static void addTransposed(
            float[] product, int f, int m, float[] y, int yo, int step, float[] bias, int bo, boolean accumulate) {
        // Sixteen rows of y at a time: each cache line of the product is used up while it is there.
        for (int r0 = 0; r0 < m; r0 += 16) {
            int r1 = Math.min(m, r0 + 16);
            for (int j = 0; j < f; j++) {
                float b = bias.length > 0 ? bias[bo + j] : 0;
                for (int r = r0, at = yo + r0 * step + j; r < r1; r++, at += step) {
                    y[at] = product[j * m + r] + (accumulate ? y[at] : b);
                }
            }
        }
    }

    private static void addBias(int m, int f, float[] bias, int bo, float[] y, int yo) {
        if (bias.length > 0) {
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < f; j++) {
                    y[yo + i * f + j] += bias[bo + j];
                }
            }
        }
    }

    // ---- dx += dy * weight^T ----

    static void backwardInput(
            Parallel.Pool pool, Window w, float[] dy, int yo, float[] weight, int wo, float[] dx, int xo) {
        int c = w.groupChannels();
        int f = w.groupFilters();
        if (w.isPointwise()) {
            for (int g = 0; g < w.groups(); g++) { // dx[m,c] += dy[m,f] . weight[c,f]^T
                ScalarMatmul.matmul(
                        pool,
                        false,
                        true,
                        w.positions(),
                        c,
                        f,
                        dy,
                        yo + g * f,
                        w.filters(),
                        weight,
                        wo + g * f,
                        w.filters(),
                        dx,
                        xo + g * c,
                        w.channels(),
                        true);
            }
            return;
        }
        int outputs = w.outputs();
        if (w.isDepthwise()) {
            float[][] taps = taps(w, weight, wo);
            int chunk = chunk((long) outputs * w.taps() * w.filters());
            pool.forChunks(
                    w.batch(),
                    chunk,
                    (from, to) -> depthwiseInput(w, dy, yo, taps, dx, xo, from * outputs, to * outputs));
            return;
        }
        // Windows overlap, so an instance is one task; small ones are taken together.
        int instances = Math.max(1, Math.min(256 / Math.max(1, outputs), (w.batch() + 1) / 2));
        int k = w.taps() * c;
        boolean turned = (long) k * w.filters() <= KEPT;
        float[] turnedWeight = turned ? transposed(w, weight, wo) : weight;
        pool.forChunks(w.batch(), instances, (first, end) -> {
            for (int g = 0; g < w.groups(); g++) {
                inputBlock(w, g, dy, yo, turnedWeight, turned, wo, dx, xo, first * outputs, end * outputs);
            }
        });
    }

    /** The weight as {@code [groups, f, k]}. */
    private static float[] transposed(Window w, float[] weight, int wo) {
        int filters = w.filters();
        int k = w.taps() * w.groupChannels();
        float[] result = SCRATCH.get().weight(k * filters);
        for (int p0 = 0; p0 < k; p0 += 16) {
            int p1 = Math.min(k, p0 + 16);
            for (int j = 0; j < filters; j++) {
                for (int p = p0; p < p1; p++) {
                    result[j * k + p] = weight[wo + p * filters + j];
                }
            }
        }
        return result;
    }

    private static void inputBlock(
            Window w,
            int g,
            float[] dy,
            int yo,
            float[] weight,
            boolean turned,
            int wo,
            float[] dx,
            int xo,
            int from,
            int to) {
        int c = w.groupChannels();
        int f = w.groupFilters();
        int filters = w.filters();
        int step = Math.min(w.taps(), Math.max(1, WIDTH / Math.max(1, c)));
        int most = Math.max(1, Math.min(LONG, BLOCK / Math.max(1, step * c)));
        float[] columns = SCRATCH.get().columns(most * step * c);
        for (int i = from; i < to; i += most) {
            int m = Math.min(most, to - i);
            for (int tap = 0; tap < w.taps(); tap += step) {
                Columns window = new Columns(w, g, tap, Math.min(w.taps(), tap + step));
                int k = window.length();
                int whole = w.taps() * c;
                // columns[m,k] = dy[m,f] . weight[f,k]
                ScalarMatmul.matmul(
                        ALONE,
                        false,
                        !turned,
                        m,
                        k,
                        f,
                        dy,
                        yo + i * filters + g * f,
                        filters,
                        weight,
                        turned ? g * f * whole + tap * c : wo + tap * c * filters + g * f,
                        turned ? whole : filters,
                        columns,
                        0,
                        k,
                        false);
                window.scatter(columns, i, i + m, dx, xo);
            }
        }
    }

    // ---- dweight += x^T * dy ----

    static void backwardWeight(
            Parallel.Pool pool, Window w, float[] x, int xo, float[] dy, int yo, float[] dWeight, int wo) {
        int c = w.groupChannels();
        int f = w.groupFilters();
        int filters = w.filters();
        if (w.isPointwise()) {
            for (int g = 0; g < w.groups(); g++) { // dweight[c,f] += x[m,c]^T . dy[m,f]
                ScalarMatmul.matmul(
                        pool,
                        true,
                        false,
                        c,
                        f,
                        w.positions(),
                        x,
                        xo + g * c,
                        w.channels(),
                        dy,
                        yo + g * f,
                        filters,
                        dWeight,
                        wo + g * f,
                        filters,
                        true);
            }
            return;
        }
        int k = w.taps() * c;
        int size = k * filters;
        int parts = Math.max(1, Math.min(Math.min(PARTS, KEPT / Math.max(1, size)), w.positions() / PART));
        int length = (w.positions() + parts - 1) / parts;
        float[][] sums = size <= KEPT ? SCRATCH.get().parts(parts, size) : new float[1][size];
        pool.forChunks(parts, 1, (part, end) -> {
            float[] sum = sums[part];
            int from = Math.min(w.positions(), part * length);
            int to = Math.min(w.positions(), from + length);
            Arrays.fill(sum, 0, size, 0);
            if (w.isDepthwise()) {
                depthwiseWeight(w, x, xo, dy, yo, sum, from, to);
            } else {
                for (int g = 0; g < w.groups(); g++) {
                    weightBlock(parts == 1 ? pool : ALONE, w, g, x, xo, dy, yo, sum, from, to);
                }
            }
        });
        for (int part = 1; part < parts; part++) {
            addTo(sums[0], sums[part], size);
        }
        addTransposed(sums[0], filters, k, dWeight, wo, filters, new float[0], 0, true);
    }

    private static void addTo(float[] sum, float[] part, int n) {
        for (int j = 0; j < n; j++) {
            sum[j] += part[j];
        }
    }

    /** {@code sum[f,k] += dy[m,f]^T . columns[m,k]} for one group over the positions [from, to). */
    private static void weightBlock(
            Parallel.Pool pool, Window w, int g, float[] x, int xo, float[] dy, int yo, float[] sum, int from, int to) {
        int c = w.groupChannels();
        int f = w.groupFilters();
        int filters = w.filters();
        int whole = w.taps() * c;
        int step = Math.min(w.taps(), Math.max(1, WIDTH / Math.max(1, c)));
        int most = Math.max(1, Math.min(LONG, BLOCK / Math.max(1, step * c)));
        float[] columns = SCRATCH.get().columns(most * step * c);
        for (int i = from; i < to; i += most) {
            int m = Math.min(most, to - i);
            for (int tap = 0; tap < w.taps(); tap += step) {
                Columns window = new Columns(w, g, tap, Math.min(w.taps(), tap + step));
                int k = window.length();
                window.gather(x, xo, i, i + m, columns);
                ScalarMatmul.matmul(
                        pool,
                        true,
                        false,
                        f,
                        k,
                        m,
                        dy,
                        yo + i * filters + g * f,
                        filters,
                        columns,
                        0,
                        k,
                        sum,
                        g * f * whole + tap * c,
                        whole,
                        true);
            }
        }
    }

    // ---- One channel in each group: features inside ----

    /** Each tap of the weight in an array of its own, as C2 needs it. */
    private static float[][] taps(Window w, float[] weight, int wo) {
        float[][] taps = new float[w.taps()][];
        for (int t = 0; t < taps.length; t++) {
            taps[t] = Arrays.copyOfRange(weight, wo + t * w.filters(), wo + (t + 1) * w.filters());
        }
        return taps;
    }

    private static int chunk(long work) {
        return (int) Math.max(1, TASK / Math.max(1, work));
    }

    /** Where a tap of the window at an output position sees the input, in positions over all instances; or -1. */
    private static int seen(Window w, int position, int tap) {
        Window.Axis depth = w.depth();
        Window.Axis height = w.height();
        Window.Axis width = w.width();
        int ow = width.output();
        int oh = height.output();
        int od = depth.output();
        int kw = width.kernel();
        int kh = height.kernel();
        int x = position % ow * width.stride() - width.before() + tap % kw * width.dilation();
        int y = position / ow % oh * height.stride() - height.before() + tap / kw % kh * height.dilation();
        int z = position / ow / oh % od * depth.stride() - depth.before() + tap / kw / kh * depth.dilation();
        boolean inside = x >= 0 && x < width.input() && y >= 0 && y < height.input() && z >= 0 && z < depth.input();
        int plane = position / ow / oh / od * depth.input() + z;
        return inside ? (plane * height.input() + y) * width.input() + x : -1;
    }

    /** The channels at an input position, each as often as it has filters. */
    private static void spread(float[] x, int from, int channels, int times, float[] row) {
        if (times == 1) {
            System.arraycopy(x, from, row, 0, channels);
            return;
        }
        for (int c = 0; c < channels; c++) {
            Arrays.fill(row, c * times, (c + 1) * times, x[from + c]);
        }
    }

    private static void depthwise(
            Window w,
            float[] x,
            int xo,
            float[][] taps,
            float[] bias,
            int bo,
            float[] y,
            int yo,
            boolean accumulate,
            int from,
            int to) {
        int filters = w.filters();
        Scratch scratch = SCRATCH.get();
        float[] row = scratch.columns(filters);
        float[] sum = scratch.product(filters);
        for (int i = from; i < to; i++) {
            int yi = yo + i * filters;
            if (accumulate) {
                System.arraycopy(y, yi, sum, 0, filters);
            } else if (bias.length > 0) {
                System.arraycopy(bias, bo, sum, 0, filters);
            } else {
                Arrays.fill(sum, 0, filters, 0);
            }
            for (int t = 0; t < taps.length; t++) {
                int at = seen(w, i, t);
                if (at >= 0) {
                    spread(x, xo + at * w.channels(), w.channels(), w.groupFilters(), row);
                    addProducts(sum, row, taps[t], filters);
                }
            }
            System.arraycopy(sum, 0, y, yi, filters);
        }
    }

    private static void addProducts(float[] sum, float[] a, float[] b, int n) {
        for (int j = 0; j < n; j++) {
            sum[j] += a[j] * b[j];
        }
    }

    private static void depthwiseInput(
            Window w, float[] dy, int yo, float[][] taps, float[] dx, int xo, int from, int to) {
        int filters = w.filters();
        int times = w.groupFilters();
        for (int i = from; i < to; i++) {
            int yi = yo + i * filters;
            for (int t = 0; t < taps.length; t++) {
                int at = seen(w, i, t);
                if (at < 0) {
                    continue;
                }
                float[] tap = taps[t];
                int xi = xo + at * w.channels();
                for (int c = 0; c < w.channels(); c++) {
                    float sum = dx[xi + c];
                    for (int j = c * times; j < (c + 1) * times; j++) {
                        sum += dy[yi + j] * tap[j];
                    }
                    dx[xi + c] = sum;
                }
            }
        }
    }

    /** {@code sum[f, tap] += x dy}. */
    private static void depthwiseWeight(
            Window w, float[] x, int xo, float[] dy, int yo, float[] sum, int from, int to) {
        int filters = w.filters();
        int count = w.taps();
        Scratch scratch = SCRATCH.get();
        float[] row = scratch.columns(filters);
        float[] gradient = scratch.product(filters);
        float[][] sums = new float[count][filters];
        for (int i = from; i < to; i++) {
            System.arraycopy(dy, yo + i * filters, gradient, 0, filters);
            for (int t = 0; t < count; t++) {
                int at = seen(w, i, t);
                if (at >= 0) {
                    spread(x, xo + at * w.channels(), w.channels(), w.groupFilters(), row);
                    addProducts(sums[t], row, gradient, filters);
                }
            }
        }
        for (int t = 0; t < count; t++) {
            for (int j = 0; j < filters; j++) {
                sum[j * count + t] += sums[t][j];
            }
        }
    }
}
