package org.jauss.kernels;

import java.util.Arrays;

/**
 * Normalisation and column sums as sweeps over rows: what the calls of {@link Kernels} about rows times features have
 * in common, whatever the {@link RowLoops}.
 *
 * <p><b>Threads.</b> Rows are cut into chunks whose size depends on the shape alone. Each chunk has sums of its own,
 * added in the order of the rows, so a result has the same bits for any number of threads.
 *
 * <p><b>Precision.</b> Sums run in single precision over a few dozen rows, then go into double precision.
 *
 * <p><b>Short rows.</b> A few rows with all their features are one long row if the arrays that go with the features are
 * repeated as often: loops then run at length, and vectors fill up, for any number of features.
 */
public final class RowSweeps {
    /** Rows, once short ones are merged, whose sums may be in single precision. */
    private static final int BLOCK = 32;

    /** Elements that are worth a task. */
    private static final int TASK = 1 << 17;

    /** Fewest rows of a task, so that its sums are small beside its rows. */
    private static final int TASK_ROWS = 64;

    private static final double[] NONE = {};
    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    private final RowLoops loops;

    /**
     * Sweeps.
     *
     * @param loops the inner loops
     */
    public RowSweeps(RowLoops loops) {
        this.loops = loops;
    }

    /**
     * See {@link Kernels#addRow}.
     *
     * @param m the number of rows
     * @param c the number of features
     * @param row the row
     * @param ro its offset
     * @param y the rows it is added to
     * @param yo their offset
     */
    public void addRow(int m, int c, float[] row, int ro, float[] y, int yo) {
        overRows(m, c, 0, NONE, (from, to, sums, at) -> {
            var blocks = new Blocks(to - from, c);
            float[] rows = blocks.repeat(0, row, ro);
            blocks.forEach(from, to, 0, sums, at, (n, w, i) -> loops.add(n, w, rows, y, yo + i * c));
        });
    }

    /**
     * See {@link Kernels#addColumnSums}.
     *
     * @param m the number of rows
     * @param c the number of features
     * @param x the rows
     * @param xo their offset
     * @param sums the sums
     * @param so their offset
     */
    public void addColumnSums(int m, int c, float[] x, int xo, float[] sums, int so) {
        double[] totals = SCRATCH.get().totals.get(c);
        overRows(m, c, c, totals, (from, to, part, at) -> {
            var blocks = new Blocks(to - from, c);
            blocks.forEach(from, to, 1, part, at, (n, w, i) -> loops.sums(n, w, x, xo + i * c, blocks.first));
        });
        for (int j = 0; j < c; j++) {
            sums[so + j] += (float) totals[j];
        }
    }

    /**
     * See {@link Kernels#columnMoments}.
     *
     * @param m the number of rows, at least 1
     * @param c the number of features
     * @param x the rows
     * @param xo their offset
     * @param mean the means
     * @param variance the variances
     */
    public void columnMoments(int m, int c, float[] x, int xo, double[] mean, double[] variance) {
        if (c == 0) {
            return;
        }
        int chunk = chunk(c);
        int chunks = (m - 1) / chunk + 1;
        double[] moments = SCRATCH.get().chunks.get(chunks * 2 * c);
        Parallel.forChunks(m, chunk, (from, to) -> chunkMoments(from, to, c, x, xo, moments, from / chunk * 2 * c));
        Arrays.fill(mean, 0, c, 0);
        Arrays.fill(variance, 0, c, 0);
        double count = 0;
        for (int i = 0; i < chunks; i++) { // Chan et al. (1983)
            double more = Math.min(chunk, m - i * chunk);
            double total = count + more;
            int at = i * 2 * c;
            for (int j = 0; j < c; j++) {
                double d = moments[at + j] - mean[j];
                mean[j] += d * (more / total);
                variance[j] += moments[at + c + j] + d * d * (count / total * more);
            }
            count = total;
        }
        for (int j = 0; j < c; j++) {
            variance[j] /= m;
        }
    }

    /**
     * Means and sums of squared deviations of some rows, in one sweep through memory: deviations are taken from the
     * means of the first block. These are at most {@code sqrt(rows / BLOCK)} standard deviations off, as their rows
     * alone would otherwise make that larger, so hardly a digit is lost when it is put right at the end.
     */
    private void chunkMoments(int from, int to, int c, float[] x, int xo, double[] moments, int at) {
        var blocks = new Blocks(to - from, c);
        int few = Math.min(to, from + BLOCK * blocks.merged);
        blocks.forEach(from, few, 1, moments, at, (n, w, i) -> loops.sums(n, w, x, xo + i * c, blocks.first));
        float[] near = blocks.scratch.origin.get(c);
        for (int j = 0; j < c; j++) {
            near[j] = (float) (moments[at + j] / (few - from));
            moments[at + j] = 0;
        }
        float[] origin = blocks.repeat(0, near, 0);
        blocks.forEach(
                from,
                to,
                2,
                moments,
                at,
                (n, w, i) -> loops.moments(n, w, x, xo + i * c, origin, blocks.first, blocks.second));
        double count = to - from;
        for (int j = 0; j < c; j++) {
            double sum = moments[at + j];
            moments[at + j] = near[j] + sum / count;
            moments[at + c + j] = Math.max(0, moments[at + c + j] - sum * (sum / count));
        }
    }

    /**
     * See {@link Kernels#normalize}.
     *
     * @param m the number of rows
     * @param c the number of features
     * @param x the rows
     * @param xo their offset
     * @param mean the mean of each feature
     * @param factor one over the standard deviation of each feature
     * @param limit the largest magnitude of {@code z}
     * @param scale the scale of each feature
     * @param shift the shift of each feature
     * @param y the result
     * @param yo its offset
     * @param sums the sums, or none
     */
    public void normalize(
            int m,
            int c,
            float[] x,
            int xo,
            float[] mean,
            float[] factor,
            float limit,
            float[] scale,
            float[] shift,
            float[] y,
            int yo,
            double[] sums) {
        boolean collect = sums.length > 0;
        overRows(m, c, collect ? 2 * c : 0, sums, (from, to, part, at) -> {
            var blocks = new Blocks(to - from, c);
            float[] means = blocks.repeat(0, mean, 0);
            float[] factors = blocks.repeat(1, factor, 0);
            float[] scales = blocks.repeat(2, scale, 0);
            float[] shifts = blocks.repeat(3, shift, 0);
            blocks.forEach(
                    from,
                    to,
                    collect ? 2 : 0,
                    part,
                    at,
                    (n, w, i) -> loops.normalize(
                            n,
                            w,
                            x,
                            xo + i * c,
                            means,
                            factors,
                            limit,
                            scales,
                            shifts,
                            y,
                            yo + i * c,
                            collect,
                            blocks.first,
                            blocks.second));
        });
    }

    /**
     * See {@link Kernels#normalizeSums}.
     *
     * @param m the number of rows
     * @param c the number of features
     * @param x the rows
     * @param xo their offset
     * @param mean the mean of each feature
     * @param factor one over the standard deviation of each feature
     * @param limit the largest magnitude of {@code z}
     * @param dy the gradient of the result
     * @param yo its offset
     * @param sums the sums
     */
    public void normalizeSums(
            int m,
            int c,
            float[] x,
            int xo,
            float[] mean,
            float[] factor,
            float limit,
            float[] dy,
            int yo,
            double[] sums) {
        overRows(m, c, 2 * c, sums, (from, to, part, at) -> {
            var blocks = new Blocks(to - from, c);
            float[] means = blocks.repeat(0, mean, 0);
            float[] factors = blocks.repeat(1, factor, 0);
            blocks.forEach(
                    from,
                    to,
                    2,
                    part,
                    at,
                    (n, w, i) -> loops.gradientSums(
                            n, w, x, xo + i * c, means, factors, limit, dy, yo + i * c, blocks.first, blocks.second));
        });
    }

    /**
     * See {@link Kernels#normalizeBackward}.
     *
     * @param m the number of rows
     * @param c the number of features
     * @param x the rows
     * @param xo their offset
     * @param mean the mean of each feature
     * @param factor one over the standard deviation of each feature
     * @param limit the largest magnitude of {@code z}
     * @param dy the gradient of the result
     * @param yo its offset
     * @param g the factor of {@code dy}, for each feature
     * @param u the constant, for each feature
     * @param v the factor of {@code z}, for each feature
     * @param dx the gradient of the argument
     * @param accumulate whether to add to {@code dx} or to overwrite it
     * @param sums the sums, or none
     */
    public void normalizeBackward(
            int m,
            int c,
            float[] x,
            int xo,
            float[] mean,
            float[] factor,
            float limit,
            float[] dy,
            int yo,
            float[] g,
            float[] u,
            float[] v,
            float[] dx,
            boolean accumulate,
            double[] sums) {
        boolean collect = sums.length > 0;
        overRows(m, c, collect ? 2 * c : 0, sums, (from, to, part, at) -> {
            var blocks = new Blocks(to - from, c);
            float[] means = blocks.repeat(0, mean, 0);
            float[] factors = blocks.repeat(1, factor, 0);
            float[] gs = blocks.repeat(2, g, 0);
            float[] us = blocks.repeat(3, u, 0);
            float[] vs = blocks.repeat(4, v, 0);
            blocks.forEach(
                    from,
                    to,
                    collect ? 2 : 0,
                    part,
                    at,
                    (n, w, i) -> loops.backward(
                            n,
                            w,
                            x,
                            xo + i * c,
                            means,
                            factors,
                            limit,
                            dy,
                            yo + i * c,
                            gs,
                            us,
                            vs,
                            dx,
                            accumulate,
                            collect,
                            blocks.first,
                            blocks.second));
        });
    }

    /**
     * See {@link Kernels#normalizeRows} and, not centered, {@link Kernels#rmsRows}.
     *
     * @param m the number of rows
     * @param c the number of features
     * @param x the rows
     * @param xo their offset
     * @param centered whether the mean is taken away
     * @param epsilon added to the variance
     * @param scale the scale of each feature
     * @param shift the shift of each feature, if centered
     * @param y the result
     * @param yo its offset
     * @param mean receives the mean of each row, if centered
     * @param factor receives the factor of each row
     */
    public void normalizeRows(
            int m,
            int c,
            float[] x,
            int xo,
            boolean centered,
            float epsilon,
            float[] scale,
            float[] shift,
            float[] y,
            int yo,
            float[] mean,
            float[] factor) {
        overRows(
                m,
                c,
                0,
                NONE,
                (from, to, sums, at) -> loops.rows(
                        to - from,
                        c,
                        x,
                        xo + from * c,
                        centered,
                        epsilon,
                        scale,
                        shift,
                        y,
                        yo + from * c,
                        mean,
                        factor,
                        from));
    }

    /**
     * See {@link Kernels#normalizeRowsBackward} and, not centered, {@link Kernels#rmsRowsBackward}.
     *
     * @param m the number of rows
     * @param c the number of features
     * @param x the rows
     * @param xo their offset
     * @param centered whether the mean was taken away
     * @param mean the mean of each row, if centered
     * @param factor the factor of each row
     * @param scale the scale of each feature
     * @param dy the gradient of the result
     * @param yo its offset
     * @param dx the gradient of the rows; if of length 0, not computed
     * @param accumulate whether to add to {@code dx} or to overwrite it
     * @param sums the sums are added here: {@code dy}, if centered, and then {@code dy z}
     */
    public void normalizeRowsBackward(
            int m,
            int c,
            float[] x,
            int xo,
            boolean centered,
            float[] mean,
            float[] factor,
            float[] scale,
            float[] dy,
            int yo,
            float[] dx,
            boolean accumulate,
            double[] sums) {
        double[] both = centered ? sums : SCRATCH.get().totals.get(2 * c);
        overRows(m, c, 2 * c, both, (from, to, part, at) -> {
            var blocks = new Blocks(1, c);
            blocks.forEach(
                    from,
                    to,
                    2,
                    part,
                    at,
                    (n, w, i) -> loops.rowsBackward(
                            n,
                            c,
                            x,
                            xo + i * c,
                            centered,
                            mean,
                            factor,
                            i,
                            scale,
                            dy,
                            yo + i * c,
                            dx,
                            accumulate,
                            blocks.first,
                            blocks.second));
        });
        for (int j = 0; !centered && j < c; j++) {
            sums[j] += both[c + j];
        }
    }

    /**
     * See {@link Kernels#normalizeGroups}: the moments of a group follow from those of its features.
     *
     * @param n the number of instances
     * @param p the number of rows of an instance
     * @param c the number of features
     * @param groups the number of groups
     * @param x the rows
     * @param xo their offset
     * @param epsilon added to the variance
     * @param scale the scale of each feature
     * @param shift the shift of each feature
     * @param y the result
     * @param yo its offset
     * @param mean receives the mean of each instance and group
     * @param factor receives one over the standard deviation of each instance and group
     */
    public void normalizeGroups(
            int n,
            int p,
            int c,
            int groups,
            float[] x,
            int xo,
            float epsilon,
            float[] scale,
            float[] shift,
            float[] y,
            int yo,
            float[] mean,
            float[] factor) {
        if (p == 0 || c == 0) {
            return;
        }
        int width = c / groups;
        Parallel.forChunks(n, Math.max(1, TASK / (p * c)), (from, to) -> {
            Scratch scratch = SCRATCH.get();
            double[] means = scratch.means.get(c);
            double[] variances = scratch.variances.get(c);
            float[] centers = scratch.centers.get(c);
            float[] factors = scratch.factors.get(c);
            for (int i = from; i < to; i++) {
                int at = i * p * c;
                columnMoments(p, c, x, xo + at, means, variances);
                for (int j = 0; j < c; j += width) {
                    double center = 0;
                    for (int k = j; k < j + width; k++) {
                        center += means[k] / width;
                    }
                    double variance = 0;
                    for (int k = j; k < j + width; k++) {
                        double d = means[k] - center;
                        variance += (variances[k] + d * d) / width;
                    }
                    int group = i * groups + j / width;
                    mean[group] = (float) center;
                    factor[group] = (float) (1 / Math.sqrt(variance + epsilon));
                    Arrays.fill(centers, j, j + width, mean[group]);
                    Arrays.fill(factors, j, j + width, factor[group]);
                }
                normalize(p, c, x, xo + at, centers, factors, Float.POSITIVE_INFINITY, scale, shift, y, yo + at, NONE);
            }
        });
    }

    /**
     * See {@link Kernels#normalizeGroupsBackward}.
     *
     * @param n the number of instances
     * @param p the number of rows of an instance
     * @param c the number of features
     * @param groups the number of groups
     * @param x the rows
     * @param xo their offset
     * @param mean the mean of each instance and group
     * @param factor one over the standard deviation of each instance and group
     * @param scale the scale of each feature
     * @param dy the gradient of the result
     * @param yo its offset
     * @param dx the gradient of the rows; if of length 0, not computed
     * @param accumulate whether to add to {@code dx} or to overwrite it
     * @param sums the sums are added here: {@code dy} first, then {@code dy z}
     */
    public void normalizeGroupsBackward(
            int n,
            int p,
            int c,
            int groups,
            float[] x,
            int xo,
            float[] mean,
            float[] factor,
            float[] scale,
            float[] dy,
            int yo,
            float[] dx,
            boolean accumulate,
            double[] sums) {
        if (p == 0 || c == 0) {
            return;
        }
        int width = c / groups;
        double count = (double) p * width;
        float infinite = Float.POSITIVE_INFINITY;
        reduce(SCRATCH.get().instances, n, Math.max(1, TASK / (p * c)), 2 * c, sums, (from, to, part, start) -> {
            Scratch scratch = SCRATCH.get();
            float[] centers = scratch.centers.get(c);
            float[] factors = scratch.factors.get(c);
            float[] g = scratch.g.get(c);
            float[] u = scratch.u.get(c);
            float[] v = scratch.v.get(c);
            for (int i = from; i < to; i++) {
                int at = i * p * c;
                for (int j = 0; j < c; j += width) {
                    Arrays.fill(centers, j, j + width, mean[i * groups + j / width]);
                    Arrays.fill(factors, j, j + width, factor[i * groups + j / width]);
                }
                double[] own = scratch.means.get(2 * c);
                normalizeSums(p, c, x, xo + at, centers, factors, infinite, dy, yo + at, own);
                for (int j = 0; j < c; j += width) {
                    double meanG = 0;
                    double meanGz = 0;
                    for (int k = j; k < j + width; k++) {
                        part[start + k] += own[k];
                        part[start + c + k] += own[c + k];
                        meanG += own[k] * scale[k] / count;
                        meanGz += own[c + k] * scale[k] / count;
                    }
                    for (int k = j; k < j + width; k++) {
                        g[k] = factors[k] * scale[k];
                        u[k] = (float) (factors[k] * meanG);
                        v[k] = (float) (factors[k] * meanGz);
                    }
                }
                if (dx.length > 0) {
                    normalizeBackward(
                            p, c, x, xo + at, centers, factors, infinite, dy, yo + at, g, u, v, dx, accumulate, NONE);
                }
            }
        });
    }

    /** What each thread keeps: an array that is in use is never asked for again by an inner call. */
    private static final class Scratch {
        final Floats first = new Floats();
        final Floats second = new Floats();
        final Floats origin = new Floats();
        final Floats centers = new Floats();
        final Floats factors = new Floats();
        final Floats g = new Floats();
        final Floats u = new Floats();
        final Floats v = new Floats();
        final Floats[] repeated = {new Floats(), new Floats(), new Floats(), new Floats(), new Floats()};
        final Doubles chunks = new Doubles();
        final Doubles instances = new Doubles();
        final Doubles totals = new Doubles();
        final Doubles means = new Doubles();
        final Doubles variances = new Doubles();
    }

    /** An array that grows to the largest call. */
    private static final class Floats {
        private float[] array = {};

        float[] get(int length) {
            if (array.length < length) {
                array = new float[length];
            }
            return array;
        }
    }

    /** An array that grows to the largest call and starts with zeros. */
    private static final class Doubles {
        private double[] array = {};

        double[] get(int length) {
            if (array.length < length) {
                array = new double[length];
            } else {
                Arrays.fill(array, 0, length, 0);
            }
            return array;
        }
    }

    /** Adds the sums of some rows to {@code sums}, from {@code at} on. */
    @FunctionalInterface
    private interface Part {
        void run(int from, int to, double[] sums, int at);
    }

    /** Rows of a task. */
    private int chunk(int c) {
        int block = BLOCK * loops.merge(c);
        int rows = Math.max(TASK_ROWS, TASK / c);
        return (rows + block - 1) / block * block;
    }

    private void overRows(int m, int c, int width, double[] sums, Part part) {
        if (c > 0) {
            reduce(SCRATCH.get().chunks, m, chunk(c), width, sums, part);
        }
    }

    /** Adds to the {@code width} sums those of all chunks, in order. */
    private static void reduce(Doubles partials, int m, int chunk, int width, double[] sums, Part part) {
        if (width == 0 || m <= chunk) {
            Parallel.forChunks(m, chunk, (from, to) -> part.run(from, to, sums, 0));
            return;
        }
        int chunks = (m - 1) / chunk + 1;
        double[] partial = partials.get(chunks * width);
        Parallel.forChunks(m, chunk, (from, to) -> part.run(from, to, partial, from / chunk * width));
        for (int i = 0; i < chunks; i++) {
            for (int j = 0; j < width; j++) {
                sums[j] += partial[i * width + j];
            }
        }
    }

    /** Handles {@code n} rows of {@code c} elements that start with a given row of the caller. */
    @FunctionalInterface
    private interface Block {
        void run(int n, int c, int row);
    }

    /** Some rows as blocks of merged ones, and the running sums of a block. */
    private final class Blocks {
        final int c;
        final int merged;
        final Scratch scratch = SCRATCH.get();
        final float[] first;
        final float[] second;

        Blocks(int rows, int c) {
            this.c = c;
            this.merged = Math.max(1, Math.min(rows, loops.merge(c)));
            this.first = scratch.first.get(merged * c);
            this.second = scratch.second.get(merged * c);
        }

        /** A row for each of those that are merged. */
        float[] repeat(int number, float[] row, int offset) {
            if (merged == 1 && offset == 0) {
                return row;
            }
            float[] rows = scratch.repeated[number].get(merged * c);
            for (int i = 0; i < merged; i++) {
                System.arraycopy(row, offset, rows, i * c, c);
            }
            return rows;
        }

        /** Calls with blocks of rows and adds the running sums, {@code kinds} of them, to {@code sums}. */
        void forEach(int from, int to, int kinds, double[] sums, int at, Block block) {
            int length = merged * c;
            for (int i = from; i < to; ) {
                int rows = Math.min(BLOCK * merged, to - i);
                int rest = rows % merged;
                if (kinds > 0) {
                    Arrays.fill(first, 0, length, 0);
                    Arrays.fill(second, 0, length, 0);
                }
                block.run(rows / merged, length, i);
                if (rest > 0) {
                    block.run(1, rest * c, i + rows - rest);
                }
                for (int r = 0; r < merged; r++) {
                    if (kinds > 0) {
                        flush(first, r * c, sums, at);
                    }
                    if (kinds > 1) {
                        flush(second, r * c, sums, at + c);
                    }
                }
                i += rows;
            }
        }

        private void flush(float[] running, int offset, double[] sums, int at) {
            for (int j = 0; j < c; j++) {
                sums[at + j] += running[offset + j];
            }
        }
    }
}
