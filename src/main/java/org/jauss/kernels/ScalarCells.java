package org.jauss.kernels;

/** The element-wise part of recurrent cells in plain Java, in double precision where a function is evaluated. */
final class ScalarCells {
    /** Features of a task: enough of exp to be worth waking a thread. */
    private static final int TASK = 1 << 11;

    private ScalarCells() {}

    static void lstm(int m, int h, float[] gates, int go, float[] cells, float[] states, int before, int after) {
        forRows(m, h, row -> {
            int ig = go + row * 4 * h;
            int old = before + row * h;
            int now = after + row * h;
            for (int j = 0; j < h; j++) {
                double i = sigmoid(gates[ig + j]);
                double f = sigmoid(gates[ig + h + j]);
                double g = tanh(gates[ig + 2 * h + j]);
                double o = sigmoid(gates[ig + 3 * h + j]);
                gates[ig + j] = (float) i;
                gates[ig + h + j] = (float) f;
                gates[ig + 2 * h + j] = (float) g;
                gates[ig + 3 * h + j] = (float) o;
                float c = (float) (f * cells[old + j] + i * g);
                cells[now + j] = c;
                states[now + j] = (float) (o * tanh(c));
            }
        });
    }

    static void lstmBackward(
            int m,
            int h,
            float[] gates,
            int go,
            float[] cells,
            float[] dStates,
            int before,
            int after,
            float[] dCells,
            int co) {
        forRows(m, h, row -> {
            int ig = go + row * 4 * h;
            int old = before + row * h;
            int now = after + row * h;
            int dco = co + row * h;
            for (int j = 0; j < h; j++) {
                float i = gates[ig + j];
                float f = gates[ig + h + j];
                float g = gates[ig + 2 * h + j];
                float o = gates[ig + 3 * h + j];
                float t = (float) tanh(cells[now + j]);
                float dy = dStates[now + j];
                float dc = dCells[dco + j] + dy * o * (1 - t * t);
                gates[ig + j] = dc * g * i * (1 - i);
                gates[ig + h + j] = dc * cells[old + j] * f * (1 - f);
                gates[ig + 2 * h + j] = dc * i * (1 - g * g);
                gates[ig + 3 * h + j] = dy * t * o * (1 - o);
                dCells[dco + j] = dc * f;
            }
        });
    }

    static void gru(
            int m, int h, float[] gates, int go, float[] products, int po, float[] states, int before, int after) {
        forRows(m, h, row -> {
            int a = go + row * 3 * h;
            int u = po + row * 3 * h;
            int old = before + row * h;
            int now = after + row * h;
            for (int j = 0; j < h; j++) {
                double r = sigmoid(gates[a + j] + products[u + j]);
                double z = sigmoid(gates[a + h + j] + products[u + h + j]);
                double n = tanh(gates[a + 2 * h + j] + r * products[u + 2 * h + j]);
                gates[a + j] = (float) r;
                gates[a + h + j] = (float) z;
                gates[a + 2 * h + j] = (float) n;
                states[now + j] = (float) ((1 - z) * n + z * states[old + j]);
            }
        });
    }

    static void gruBackward(
            int m,
            int h,
            float[] gates,
            int go,
            float[] products,
            int po,
            float[] states,
            float[] dStates,
            int before,
            int after) {
        forRows(m, h, row -> {
            int a = go + row * 3 * h;
            int u = po + row * 3 * h;
            int old = before + row * h;
            int now = after + row * h;
            for (int j = 0; j < h; j++) {
                float r = gates[a + j];
                float z = gates[a + h + j];
                float n = gates[a + 2 * h + j];
                float dy = dStates[now + j];
                float dn = dy * (1 - z) * (1 - n * n);
                float dr = dn * products[u + 2 * h + j] * r * (1 - r);
                float dz = dy * (states[old + j] - n) * z * (1 - z);
                gates[a + j] = dr;
                gates[a + h + j] = dz;
                gates[a + 2 * h + j] = dn;
                products[u + j] = dr;
                products[u + h + j] = dz;
                products[u + 2 * h + j] = dn * r;
                dStates[old + j] += dy * z;
            }
        });
    }

    private static void forRows(int m, int h, Row body) {
        Parallel.forChunks(m, Math.max(1, TASK / Math.max(1, h)), (from, to) -> {
            for (int row = from; row < to; row++) {
                body.run(row);
            }
        });
    }

    @FunctionalInterface
    private interface Row {
        void run(int row);
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** In double precision good to 1e-16, and several times as fast as Math.tanh. */
    private static double tanh(double x) {
        return 1 - 2 / (Math.exp(2 * x) + 1);
    }
}
