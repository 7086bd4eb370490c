package org.jauss.tensor;

/**
 * The formulas of one step of a recurrent network, with {@code a = x . W + b} and {@code u = h . U + ub}, cut into gates
 * of H features each; {@code s} is the logistic function.
 */
public enum Cell {
    /** {@code h = tanh(a + u)} (Elman, 1990). */
    TANH("rnn", 1) {
        @Override
        void forward(
                int h,
                float[] gates,
                int go,
                float[] u,
                int uo,
                float[] hidden,
                float[] cell,
                int so,
                float[] saved,
                int s0) {
            for (int j = 0; j < h; j++) {
                gates[go + j] = (float) tanh(gates[go + j]);
                hidden[so + j] = gates[go + j];
            }
        }

        @Override
        void backward(Step s) {
            for (int j = 0; j < s.h; j++) {
                float y = s.gates[s.go + j];
                s.da[s.go + j] = s.dh[s.so + j] * (1 - y * y);
                s.dh[s.so + j] = 0;
            }
        }
    },

    /** {@code h = max(a + u, 0)} (Le et al., 2015). */
    RELU("rnn", 1) {
        @Override
        void forward(
                int h,
                float[] gates,
                int go,
                float[] u,
                int uo,
                float[] hidden,
                float[] cell,
                int so,
                float[] saved,
                int s0) {
            for (int j = 0; j < h; j++) {
                gates[go + j] = Math.max(gates[go + j], 0);
                hidden[so + j] = gates[go + j];
            }
        }

        @Override
        void backward(Step s) {
            for (int j = 0; j < s.h; j++) {
                s.da[s.go + j] = s.gates[s.go + j] > 0 ? s.dh[s.so + j] : 0;
                s.dh[s.so + j] = 0;
            }
        }
    },

    /**
     * Gates in the order i, f, g, o: {@code c = s(f) c + s(i) tanh(g)}, {@code h = s(o) tanh(c)}, each of {@code a + u}
     * (Hochreiter &amp; Schmidhuber, 1997; Gers et al., 2000).
     */
    LSTM("lstm", 4) {
        @Override
        void forward(
                int h,
                float[] gates,
                int go,
                float[] u,
                int uo,
                float[] hidden,
                float[] cell,
                int so,
                float[] saved,
                int s0) {
            for (int j = 0; j < h; j++) {
                double i = sigmoid(gates[go + j]);
                double f = sigmoid(gates[go + h + j]);
                double g = tanh(gates[go + 2 * h + j]);
                double o = sigmoid(gates[go + 3 * h + j]);
                gates[go + j] = (float) i;
                gates[go + h + j] = (float) f;
                gates[go + 2 * h + j] = (float) g;
                gates[go + 3 * h + j] = (float) o;
                float c = (float) (f * cell[so + j] + i * g);
                cell[so + j] = c;
                saved[s0 + j] = c;
                hidden[so + j] = (float) (o * tanh(c));
            }
        }

        @Override
        void backward(Step s) {
            int h = s.h;
            for (int j = 0; j < h; j++) {
                float i = s.gates[s.go + j];
                float f = s.gates[s.go + h + j];
                float g = s.gates[s.go + 2 * h + j];
                float o = s.gates[s.go + 3 * h + j];
                float t = (float) tanh(s.saved[s.s0 + j]);
                float dh = s.dh[s.so + j];
                float dc = s.dc[s.so + j] + dh * o * (1 - t * t);
                s.da[s.go + j] = dc * g * i * (1 - i);
                s.da[s.go + h + j] = dc * s.cellBefore[s.cb + j] * f * (1 - f);
                s.da[s.go + 2 * h + j] = dc * i * (1 - g * g);
                s.da[s.go + 3 * h + j] = dh * t * o * (1 - o);
                s.dc[s.so + j] = dc * f;
                s.dh[s.so + j] = 0;
            }
        }
    },

    /**
     * Gates in the order r, z, n: {@code h = (1 - s(z)) tanh(a_n + s(r) u_n) + s(z) h}, where r and z are of
     * {@code a + u} (Cho et al., 2014, with the reset after the product, as in PyTorch and in Keras by default).
     */
    GRU("gru", 3) {
        @Override
        void forward(
                int h,
                float[] gates,
                int go,
                float[] u,
                int uo,
                float[] hidden,
                float[] cell,
                int so,
                float[] saved,
                int s0) {
            for (int j = 0; j < h; j++) {
                double r = sigmoid(gates[go + j] + u[uo + j]);
                double z = sigmoid(gates[go + h + j] + u[uo + h + j]);
                float un = u[uo + 2 * h + j];
                double n = tanh(gates[go + 2 * h + j] + r * un);
                gates[go + j] = (float) r;
                gates[go + h + j] = (float) z;
                gates[go + 2 * h + j] = (float) n;
                saved[s0 + j] = un;
                hidden[so + j] = (float) ((1 - z) * n + z * hidden[so + j]);
            }
        }

        @Override
        void backward(Step s) {
            int h = s.h;
            for (int j = 0; j < h; j++) {
                float r = s.gates[s.go + j];
                float z = s.gates[s.go + h + j];
                float n = s.gates[s.go + 2 * h + j];
                float dh = s.dh[s.so + j];
                float dn = dh * (1 - z) * (1 - n * n);
                float dr = dn * s.saved[s.s0 + j] * r * (1 - r);
                float dz = dh * (s.hiddenBefore[s.hb + j] - n) * z * (1 - z);
                s.da[s.go + j] = dr;
                s.da[s.go + h + j] = dz;
                s.da[s.go + 2 * h + j] = dn;
                s.du[s.go + j] = dr;
                s.du[s.go + h + j] = dz;
                s.du[s.go + 2 * h + j] = dn * r;
                s.dh[s.so + j] = dh * z;
            }
        }
    };

    private final String label;
    private final int gates;

    Cell(String label, int gates) {
        this.label = label;
        this.gates = gates;
    }

    /**
     * The number of gates: how many times H features its weights have.
     *
     * @return the number
     */
    public int gates() {
        return gates;
    }

    /**
     * Whether the state has a cell beside the output.
     *
     * @return whether it is an LSTM
     */
    public boolean hasCell() {
        return this == LSTM;
    }

    /** Whether u has to stay apart from a, instead of being added to it. */
    boolean apart() {
        return this == GRU;
    }

    /** What it is called in messages. */
    String label() {
        return label;
    }

    /**
     * One step of one sequence. {@code gates} holds a (with u added unless {@link #apart}) and receives the values of the
     * gates; {@code hidden} and {@code cell} are replaced; {@code saved} receives what backward needs besides.
     */
    abstract void forward(
            int h,
            float[] gates,
            int go,
            float[] u,
            int uo,
            float[] hidden,
            float[] cell,
            int so,
            float[] saved,
            int s0);

    /** The derivative: sets da, and du where it differs, and replaces dh and dc by what flows on beside the product with U. */
    abstract void backward(Step s);

    /** The arrays of a backward pass, and where one step of one sequence is in them. */
    static final class Step {
        final int h;
        final float[] gates;
        final float[] saved;
        final float[] da;
        final float[] du;
        final float[] dh;
        final float[] dc;
        float[] hiddenBefore;
        float[] cellBefore;
        int go;
        int s0;
        int so;
        int hb;
        int cb;

        Step(int h, float[] gates, float[] saved, float[] da, float[] du, float[] dh, float[] dc) {
            this.h = h;
            this.gates = gates;
            this.saved = saved;
            this.da = da;
            this.du = du;
            this.dh = dh;
            this.dc = dc;
            this.hiddenBefore = gates;
            this.cellBefore = gates;
        }
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    /** In double precision good to 1e-16, and several times as fast as Math.tanh. */
    private static double tanh(double x) {
        return 1 - 2 / (Math.exp(2 * x) + 1);
    }
}
