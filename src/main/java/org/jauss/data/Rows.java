package org.jauss.data;

import java.util.List;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * How labels of one type are put together.
 *
 * @param <T> the type
 */
interface Rows<T> {
    /** For classes. */
    Rows<IntTensor> INTS = new Rows<>() {
        @Override
        public IntTensor select(IntTensor all, int... positions) {
            int row = all.size() / Math.max(1, all.instances());
            int[] chosen = new int[positions.length * row];
            for (int i = 0; i < chosen.length; i++) {
                chosen[i] = all.at(positions[i / row] * row + i % row);
            }
            return IntTensor.of(all.shape().with(0, positions.length), chosen);
        }

        @Override
        public IntTensor concat(List<IntTensor> parts) {
            Shape shape = parts.get(0).shape();
            int instances = 0;
            for (IntTensor part : parts) {
                if (!part.shape().with(0, 0).equals(shape.with(0, 0))) {
                    throw new ShapeException("concat: labels differ in shape: " + shape + " and " + part.shape());
                }
                instances += part.instances();
            }
            int[] all = new int[shape.with(0, instances).size()];
            int next = 0;
            for (IntTensor part : parts) {
                for (int i = 0; i < part.size(); i++) {
                    all[next++] = part.at(i);
                }
            }
            return IntTensor.of(shape.with(0, instances), all);
        }
    };

    /** For numbers and distributions. */
    Rows<Tensor> FLOATS = new Rows<>() {
        @Override
        public Tensor select(Tensor all, int... positions) {
            int row = all.size() / Math.max(1, all.instances());
            float[] chosen = new float[positions.length * row];
            for (int i = 0; i < positions.length; i++) {
                System.arraycopy(all.data(), all.offset() + positions[i] * row, chosen, i * row, row);
            }
            return Tensor.of(all.shape().with(0, positions.length), chosen);
        }

        @Override
        public Tensor concat(List<Tensor> parts) {
            return parts.size() == 1 ? parts.get(0) : Tensor.concat(0, parts.toArray(Tensor[]::new));
        }
    };

    /** A copy of the rows at some positions, which are within their range. */
    T select(T all, int... positions);

    /** All rows of one or more parts, one part after the other. */
    T concat(List<T> parts);

    /** Checks positions. */
    static void check(int instances, int... positions) {
        for (int position : positions) {
            if (position < 0 || position >= instances) {
                throw new ShapeException("read: no instance " + position + " in " + instances);
            }
        }
    }

    /** Whether each position follows the one before. */
    static boolean contiguous(int... positions) {
        for (int i = 1; i < positions.length; i++) {
            if (positions[i] != positions[i - 1] + 1) {
                return false;
            }
        }
        return positions.length > 0;
    }

    /** One instance, without the axis that counts them. */
    static Tensor instance(Tensor x, int i) {
        return x.rows(i, i + 1).squeeze(0);
    }
}
