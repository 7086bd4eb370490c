package org.jauss.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.ToDoubleFunction;

/**
 * A naive array in double precision, the opposite of the engine: every element is a function of its index, every access
 * walks the whole index. What the ops are compared with.
 */
record Nd(int[] dims, double[] data) {
    static Nd of(Tensor x) {
        float[] values = x.toArray();
        double[] data = new double[values.length];
        Arrays.setAll(data, i -> values[i]);
        return new Nd(x.shape().dims(), data);
    }

    /** An array whose element at each index is the value of a function. */
    static Nd fill(int[] dims, ToDoubleFunction<int[]> element) {
        double[] data = new double[Arrays.stream(dims).reduce(1, Math::multiplyExact)];
        for (int i = 0; i < data.length; i++) {
            data[i] = element.applyAsDouble(index(dims, i));
        }
        return new Nd(dims, data);
    }

    /** The index of the element at a row-major position. */
    static int[] index(int[] dims, int position) {
        int[] index = new int[dims.length];
        int rest = position;
        for (int d = dims.length - 1; d >= 0; d--) {
            index[d] = rest % dims[d];
            rest /= dims[d];
        }
        return index;
    }

    int rank() {
        return dims.length;
    }

    /** An axis counted from 0. */
    int axis(int axis) {
        return Math.floorMod(axis, dims.length);
    }

    /** The element at an index, aligned at the last axis; axes of length 1 repeat. */
    double at(int... index) {
        int position = 0;
        for (int d = 0; d < dims.length; d++) {
            int i = index[index.length - dims.length + d];
            position = position * dims[d] + (dims[d] == 1 ? 0 : i);
        }
        return data[position];
    }

    Nd map(DoubleUnaryOperator f) {
        return fill(dims, index -> f.applyAsDouble(at(index)));
    }

    Nd with(Nd other, DoubleBinaryOperator f) {
        return fill(broadcast(dims, other.dims), index -> f.applyAsDouble(at(index), other.at(index)));
    }

    static int[] broadcast(int[] a, int[] b) {
        int[] dims = new int[Math.max(a.length, b.length)];
        for (int d = 0; d < dims.length; d++) {
            int fromEnd = dims.length - d;
            int da = fromEnd > a.length ? 1 : a[a.length - fromEnd];
            int db = fromEnd > b.length ? 1 : b[b.length - fromEnd];
            dims[d] = da == 1 ? db : da;
        }
        return dims;
    }

    Nd reshape(int... newDims) {
        return new Nd(newDims, data);
    }

    /** Gathers the elements that differ only along the given axes (none for all) and reduces each group to a number. */
    Nd reduce(boolean keepDims, int[] axes, ToDoubleFunction<double[]> f) {
        boolean[] reduced = new boolean[dims.length];
        Arrays.fill(reduced, axes.length == 0);
        for (int axis : axes) {
            reduced[axis(axis)] = true;
        }
        int[] kept = dims.clone();
        List<Integer> dropped = new ArrayList<>();
        for (int d = 0; d < dims.length; d++) {
            kept[d] = reduced[d] ? 1 : dims[d];
            if (!reduced[d]) {
                dropped.add(dims[d]);
            }
        }
        Nd result = fill(kept, at -> {
            List<Double> group = new ArrayList<>();
            for (int i = 0; i < data.length; i++) {
                int[] index = index(dims, i);
                boolean inside = true;
                for (int d = 0; d < dims.length; d++) {
                    inside &= reduced[d] || index[d] == at[d];
                }
                if (inside) {
                    group.add(data[i]);
                }
            }
            return f.applyAsDouble(group.stream().mapToDouble(v -> v).toArray());
        });
        return keepDims
                ? result
                : result.reshape(dropped.stream().mapToInt(v -> v).toArray());
    }

    /** Replaces each line along an axis by a function of the line and the position in it. */
    Nd alongAxis(int axis, LineFunction f) {
        int a = axis(axis);
        return fill(dims, index -> {
            double[] line = new double[dims[a]];
            int[] walk = index.clone();
            for (int j = 0; j < line.length; j++) {
                walk[a] = j;
                line[j] = at(walk);
            }
            return f.apply(line, index[a]);
        });
    }

    @FunctionalInterface
    interface LineFunction {
        double apply(double[] line, int position);
    }

    Nd permute(int... axes) {
        int[] result = new int[dims.length];
        Arrays.setAll(result, d -> dims[axis(axes[d])]);
        return fill(result, index -> {
            int[] from = new int[dims.length];
            for (int d = 0; d < dims.length; d++) {
                from[axis(axes[d])] = index[d];
            }
            return at(from);
        });
    }

    Nd transposeIf(boolean transpose) {
        if (!transpose || rank() < 2) {
            return this;
        }
        int[] axes = new int[rank()];
        Arrays.setAll(axes, d -> d);
        axes[rank() - 1] = rank() - 2;
        axes[rank() - 2] = rank() - 1;
        return permute(axes);
    }

    /** Matrix product by the rules of NumPy. */
    Nd matmul(Nd b) {
        if (rank() == 1) {
            Nd y = reshape(1, dims[0]).matmul(b);
            return y.reshape(without(y.dims, b.rank() == 1 ? y.rank() - 1 : y.rank() - 2));
        }
        if (b.rank() == 1) {
            Nd y = matmul(b.reshape(b.dims[0], 1));
            return y.reshape(without(y.dims, y.rank() - 1));
        }
        int[] batch = broadcast(Arrays.copyOf(dims, rank() - 2), Arrays.copyOf(b.dims, b.rank() - 2));
        int r = batch.length + 2;
        int[] result = Arrays.copyOf(batch, r);
        result[r - 2] = dims[rank() - 2];
        result[r - 1] = b.dims[b.rank() - 1];
        return fill(result, index -> {
            double sum = 0;
            int[] left = index.clone();
            int[] right = index.clone();
            for (int k = 0; k < dims[rank() - 1]; k++) {
                left[r - 1] = k;
                right[r - 2] = k;
                sum += at(left) * b.at(right);
            }
            return sum;
        });
    }

    private static int[] without(int[] dims, int axis) {
        int[] result = new int[dims.length - 1];
        Arrays.setAll(result, d -> dims[d < axis ? d : d + 1]);
        return result;
    }
}
