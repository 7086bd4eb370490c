package org.jauss.kernels;

/**
 * Loops over contiguous elements in plain Java. C2 vectorises a loop whose arrays share one index; where offsets differ,
 * elements are copied into a {@link Block} first.
 */
final class ScalarRuns implements RunLoops {
    @Override
    public void binary(Binary op, int n, float[] a, int ao, float[] b, int bo, float[] y, int yo) {
        if (ao == bo && bo == yo) {
            binary(op, ao, ao + n, a, b, y);
            return;
        }
        Block block = Block.get();
        for (int i = 0; i < n; i += Block.SIZE) {
            int length = Math.min(Block.SIZE, n - i);
            System.arraycopy(a, ao + i, block.first, 0, length);
            System.arraycopy(b, bo + i, block.second, 0, length);
            binary(op, 0, length, block.first, block.second, block.y);
            System.arraycopy(block.y, 0, y, yo + i, length);
        }
    }

    private static void binary(Binary op, int from, int to, float[] a, float[] b, float[] y) {
        switch (op) {
            case ADD -> {
                for (int i = from; i < to; i++) {
                    y[i] = a[i] + b[i];
                }
            }
            case SUB -> {
                for (int i = from; i < to; i++) {
                    y[i] = a[i] - b[i];
                }
            }
            case MUL -> {
                for (int i = from; i < to; i++) {
                    y[i] = a[i] * b[i];
                }
            }
            case DIV -> {
                for (int i = from; i < to; i++) {
                    y[i] = a[i] / b[i];
                }
            }
            case MAXIMUM -> {
                for (int i = from; i < to; i++) {
                    y[i] = Math.max(a[i], b[i]);
                }
            }
            case MINIMUM -> {
                for (int i = from; i < to; i++) {
                    y[i] = Math.min(a[i], b[i]);
                }
            }
        }
    }

    @Override
    public void whereGreater(int n, float[] a, int ao, float[] b, int bo, float[] x, int xo, float[] y) {
        for (int i = 0; i < n; i++) {
            float share = .5f + .5f * ScalarMath.sign(a[ao + i] - b[bo + i]);
            y[i] = x[xo + i] * (a[ao + i] == b[bo + i] ? .5f : share); // infinities have no difference
        }
    }

    @Override
    public double sum(int n, float[] x, int xo) {
        double even = 0; // four sums, since each waits for itself only
        double odd = 0;
        double third = 0;
        double fourth = 0;
        int i = 0;
        for (; i + 3 < n; i += 4) {
            even += x[xo + i];
            odd += x[xo + i + 1];
            third += x[xo + i + 2];
            fourth += x[xo + i + 3];
        }
        for (; i < n; i++) {
            even += x[xo + i];
        }
        return even + odd + (third + fourth);
    }

    @Override
    public void addTo(int n, float[] x, int xo, double[] sums, int so) {
        for (int i = 0; i < n; i++) {
            sums[so + i] += x[xo + i];
        }
    }

    @Override
    public float extremum(boolean largest, int n, float[] x, int xo) {
        float extremum = x[xo];
        if (largest) {
            for (int i = 1; i < n; i++) {
                extremum = Math.max(extremum, x[xo + i]);
            }
        } else {
            for (int i = 1; i < n; i++) {
                extremum = Math.min(extremum, x[xo + i]);
            }
        }
        return extremum;
    }
}
