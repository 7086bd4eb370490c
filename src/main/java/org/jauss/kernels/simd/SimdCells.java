package org.jauss.kernels.simd;

import jdk.incubator.vector.FloatVector;
import org.jauss.kernels.Parallel;
import org.jauss.kernels.Scratch;
import org.jauss.kernels.Unary;

/**
 * The element-wise part of recurrent cells on the Vector API. The functions of a row of gates are computed in place, one
 * after the other, and then put together; the row stays in the L1 cache meanwhile.
 */
final class SimdCells {
    /** Features of a task: some 50 us of work. */
    private static final int TASK = 1 << 14;

    private static final Scratch SCRATCH = new Scratch();

    private SimdCells() {}

    static void lstm(int m, int h, float[] gates, int go, float[] cells, float[] states, int before, int after) {
        Parallel.forChunks(m, rows(h), (from, to) -> {
            for (int row = from; row < to; row++) {
                int i = go + row * 4 * h;
                int old = before + row * h;
                int now = after + row * h;
                SimdUnary.forward(Unary.SIGMOID, 0, 0, 2 * h, gates, i, gates, i);
                SimdUnary.forward(Unary.TANH, 0, 0, h, gates, i + 2 * h, gates, i + 2 * h);
                SimdUnary.forward(Unary.SIGMOID, 0, 0, h, gates, i + 3 * h, gates, i + 3 * h);
                mix(h, gates, i, cells, old, now);
                SimdUnary.forward(Unary.TANH, 0, 0, h, cells, now, states, now);
                multiply(h, gates, i + 3 * h, states, now);
            }
        });
    }

    /** c' = f c + i g. */
    private static void mix(int h, float[] gates, int i, float[] cells, int old, int now) {
        int f = i + h;
        int g = i + 2 * h;
        int bound = Lanes.FLOATS.loopBound(h);
        for (int j = 0; j < bound; j += Lanes.COUNT) {
            FloatVector fresh = FloatVector.fromArray(Lanes.FLOATS, gates, i + j)
                    .mul(FloatVector.fromArray(Lanes.FLOATS, gates, g + j));
            FloatVector.fromArray(Lanes.FLOATS, gates, f + j)
                    .fma(FloatVector.fromArray(Lanes.FLOATS, cells, old + j), fresh)
                    .intoArray(cells, now + j);
        }
        for (int j = bound; j < h; j++) {
            cells[now + j] = Math.fma(gates[f + j], cells[old + j], gates[i + j] * gates[g + j]);
        }
    }

    /** y = y x. */
    private static void multiply(int h, float[] x, int xo, float[] y, int yo) {
        int bound = Lanes.FLOATS.loopBound(h);
        for (int j = 0; j < bound; j += Lanes.COUNT) {
            FloatVector.fromArray(Lanes.FLOATS, y, yo + j)
                    .mul(FloatVector.fromArray(Lanes.FLOATS, x, xo + j))
                    .intoArray(y, yo + j);
        }
        for (int j = bound; j < h; j++) {
            y[yo + j] *= x[xo + j];
        }
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
        Parallel.forChunks(m, rows(h), (from, to) -> {
            float[] tanh = SCRATCH.atLeast(h);
            for (int row = from; row < to; row++) {
                int old = before + row * h;
                int now = after + row * h;
                SimdUnary.forward(Unary.TANH, 0, 0, h, cells, now, tanh, 0);
                lstmRowBackward(h, gates, go + row * 4 * h, cells, old, tanh, dStates, now, dCells, co + row * h);
            }
        });
    }

    private static void lstmRowBackward(
            int h,
            float[] gates,
            int row,
            float[] cells,
            int old,
            float[] tanh,
            float[] dStates,
            int now,
            float[] dCells,
            int co) {
        int bound = Lanes.FLOATS.loopBound(h);
        FloatVector one = FloatVector.broadcast(Lanes.FLOATS, 1f);
        for (int j = 0; j < bound; j += Lanes.COUNT) {
            int at = row + j;
            FloatVector i = FloatVector.fromArray(Lanes.FLOATS, gates, at);
            FloatVector f = FloatVector.fromArray(Lanes.FLOATS, gates, at + h);
            FloatVector g = FloatVector.fromArray(Lanes.FLOATS, gates, at + 2 * h);
            FloatVector o = FloatVector.fromArray(Lanes.FLOATS, gates, at + 3 * h);
            FloatVector t = FloatVector.fromArray(Lanes.FLOATS, tanh, j);
            FloatVector dy = FloatVector.fromArray(Lanes.FLOATS, dStates, now + j);
            FloatVector c = FloatVector.fromArray(Lanes.FLOATS, cells, old + j);
            FloatVector dyo = dy.mul(o);
            FloatVector dc = dyo.mul(one.sub(t.mul(t))).add(FloatVector.fromArray(Lanes.FLOATS, dCells, co + j));
            FloatVector dci = dc.mul(i);
            FloatVector dcf = dc.mul(f);
            dci.mul(g).mul(one.sub(i)).intoArray(gates, at);
            dcf.mul(c).mul(one.sub(f)).intoArray(gates, at + h);
            dci.mul(one.sub(g.mul(g))).intoArray(gates, at + 2 * h);
            dyo.mul(t).mul(one.sub(o)).intoArray(gates, at + 3 * h);
            dcf.intoArray(dCells, co + j);
        }
        for (int j = bound; j < h; j++) {
            int at = row + j;
            float i = gates[at];
            float f = gates[at + h];
            float g = gates[at + 2 * h];
            float o = gates[at + 3 * h];
            float t = tanh[j];
            float dyo = dStates[now + j] * o;
            float dc = dyo * (1 - t * t) + dCells[co + j];
            float dci = dc * i;
            float dcf = dc * f;
            gates[at] = dci * g * (1 - i);
            gates[at + h] = dcf * cells[old + j] * (1 - f);
            gates[at + 2 * h] = dci * (1 - g * g);
            gates[at + 3 * h] = dyo * t * (1 - o);
            dCells[co + j] = dcf;
        }
    }

    static void gru(
            int m, int h, float[] gates, int go, float[] products, int po, float[] states, int before, int after) {
        Parallel.forChunks(m, rows(h), (from, to) -> {
            for (int row = from; row < to; row++) {
                int r = go + row * 3 * h;
                int n = r + 2 * h;
                int u = po + row * 3 * h;
                add(2 * h, products, u, gates, r);
                SimdUnary.forward(Unary.SIGMOID, 0, 0, 2 * h, gates, r, gates, r);
                addProduct(h, gates, r, products, u + 2 * h, n);
                SimdUnary.forward(Unary.TANH, 0, 0, h, gates, n, gates, n);
                blend(h, gates, r + h, n, states, before + row * h, after + row * h);
            }
        });
    }

    /** y = y + x. */
    private static void add(int n, float[] x, int xo, float[] y, int yo) {
        int bound = Lanes.FLOATS.loopBound(n);
        for (int j = 0; j < bound; j += Lanes.COUNT) {
            FloatVector.fromArray(Lanes.FLOATS, y, yo + j)
                    .add(FloatVector.fromArray(Lanes.FLOATS, x, xo + j))
                    .intoArray(y, yo + j);
        }
        for (int j = bound; j < n; j++) {
            y[yo + j] += x[xo + j];
        }
    }

    /** n = n + r u. */
    private static void addProduct(int h, float[] gates, int r, float[] products, int u, int n) {
        int bound = Lanes.FLOATS.loopBound(h);
        for (int j = 0; j < bound; j += Lanes.COUNT) {
            FloatVector.fromArray(Lanes.FLOATS, gates, r + j)
                    .fma(
                            FloatVector.fromArray(Lanes.FLOATS, products, u + j),
                            FloatVector.fromArray(Lanes.FLOATS, gates, n + j))
                    .intoArray(gates, n + j);
        }
        for (int j = bound; j < h; j++) {
            gates[n + j] = Math.fma(gates[r + j], products[u + j], gates[n + j]);
        }
    }

    /** y = n + z (x - n). */
    private static void blend(int h, float[] gates, int z, int n, float[] states, int old, int now) {
        int bound = Lanes.FLOATS.loopBound(h);
        for (int j = 0; j < bound; j += Lanes.COUNT) {
            FloatVector fresh = FloatVector.fromArray(Lanes.FLOATS, gates, n + j);
            FloatVector.fromArray(Lanes.FLOATS, states, old + j)
                    .sub(fresh)
                    .fma(FloatVector.fromArray(Lanes.FLOATS, gates, z + j), fresh)
                    .intoArray(states, now + j);
        }
        for (int j = bound; j < h; j++) {
            states[now + j] = Math.fma(states[old + j] - gates[n + j], gates[z + j], gates[n + j]);
        }
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
        Parallel.forChunks(m, rows(h), (from, to) -> {
            for (int row = from; row < to; row++) {
                int old = before + row * h;
                int now = after + row * h;
                gruRowBackward(h, gates, go + row * 3 * h, products, po + row * 3 * h, states, dStates, old, now);
            }
        });
    }

    private static void gruRowBackward(
            int h, float[] gates, int a, float[] products, int u, float[] states, float[] dStates, int old, int now) {
        int bound = Lanes.FLOATS.loopBound(h);
        FloatVector one = FloatVector.broadcast(Lanes.FLOATS, 1f);
        for (int j = 0; j < bound; j += Lanes.COUNT) {
            FloatVector r = FloatVector.fromArray(Lanes.FLOATS, gates, a + j);
            FloatVector z = FloatVector.fromArray(Lanes.FLOATS, gates, a + h + j);
            FloatVector n = FloatVector.fromArray(Lanes.FLOATS, gates, a + 2 * h + j);
            FloatVector un = FloatVector.fromArray(Lanes.FLOATS, products, u + 2 * h + j);
            FloatVector dy = FloatVector.fromArray(Lanes.FLOATS, dStates, now + j);
            FloatVector dyz = dy.mul(z);
            FloatVector dn = dy.mul(one.sub(z)).mul(one.sub(n.mul(n)));
            FloatVector dnr = dn.mul(r);
            FloatVector dr = dnr.mul(un).mul(one.sub(r));
            FloatVector dz = FloatVector.fromArray(Lanes.FLOATS, states, old + j)
                    .sub(n)
                    .mul(dyz)
                    .mul(one.sub(z));
            dr.intoArray(gates, a + j);
            dz.intoArray(gates, a + h + j);
            dn.intoArray(gates, a + 2 * h + j);
            dr.intoArray(products, u + j);
            dz.intoArray(products, u + h + j);
            dnr.intoArray(products, u + 2 * h + j);
            FloatVector.fromArray(Lanes.FLOATS, dStates, old + j).add(dyz).intoArray(dStates, old + j);
        }
        for (int j = bound; j < h; j++) {
            float r = gates[a + j];
            float z = gates[a + h + j];
            float n = gates[a + 2 * h + j];
            float dy = dStates[now + j];
            float dyz = dy * z;
            float dn = dy * (1 - z) * (1 - n * n);
            float dnr = dn * r;
            float dr = dnr * products[u + 2 * h + j] * (1 - r);
            float dz = (states[old + j] - n) * dyz * (1 - z);
            gates[a + j] = dr;
            gates[a + h + j] = dz;
            gates[a + 2 * h + j] = dn;
            products[u + j] = dr;
            products[u + h + j] = dz;
            products[u + 2 * h + j] = dnr;
            dStates[old + j] += dyz;
        }
    }

    private static int rows(int h) {
        return Math.max(1, TASK / Math.max(1, h));
    }
}
