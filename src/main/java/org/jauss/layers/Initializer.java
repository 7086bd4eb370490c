package org.jauss.layers;

import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_FDRM;
import org.ejml.dense.row.factory.DecompositionFactory_FDRM;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;

/**
 * Draws the first values of a weight. The last axis of a weight is its output, the one before it its input, any further
 * ones the window of a convolution: {@code fan in} is the number of elements per output, {@code fan out} the number of
 * outputs times the size of the window.
 */
@FunctionalInterface
public interface Initializer {
    /**
     * The values of a weight.
     *
     * @param shape the shape of the weight
     * @param rng a source for this weight alone
     * @return the values, row-major
     */
    float[] draw(Shape shape, Rng rng);

    /**
     * A new parameter.
     *
     * @param shape its shape
     * @param rng the source from which a key for this parameter is split
     * @return the parameter
     */
    default Parameter parameter(Shape shape, Rng rng) {
        return Parameter.of(shape, draw(shape, rng.split()));
    }

    /**
     * Zeros.
     *
     * @return the initialiser
     */
    static Initializer zeros() {
        return (shape, rng) -> new float[shape.size()];
    }

    /**
     * Ones.
     *
     * @return the initialiser
     */
    static Initializer ones() {
        return (shape, rng) -> Parameter.full(shape, 1).data();
    }

    /**
     * Uniform with variance {@code 2 / (fan in + fan out)} (Glorot &amp; Bengio, 2010): for tanh and linear layers.
     *
     * @return the initialiser
     */
    static Initializer glorotUniform() {
        return VarianceScaling.GLOROT.uniform();
    }

    /**
     * Normal with variance {@code 2 / (fan in + fan out)} (Glorot &amp; Bengio, 2010).
     *
     * @return the initialiser
     */
    static Initializer glorotNormal() {
        return VarianceScaling.GLOROT.normal();
    }

    /**
     * As {@link #glorotNormal()}, redrawn beyond two standard deviations, with the same variance.
     *
     * @return the initialiser
     */
    static Initializer glorotTruncatedNormal() {
        return VarianceScaling.GLOROT.truncatedNormal();
    }

    /**
     * Uniform with variance {@code 2 / fan in} (He et al., 2015): for layers before a ReLU.
     *
     * @return the initialiser
     */
    static Initializer heUniform() {
        return VarianceScaling.HE.uniform();
    }

    /**
     * Normal with variance {@code 2 / fan in} (He et al., 2015).
     *
     * @return the initialiser
     */
    static Initializer heNormal() {
        return VarianceScaling.HE.normal();
    }

    /**
     * As {@link #heNormal()}, redrawn beyond two standard deviations, with the same variance.
     *
     * @return the initialiser
     */
    static Initializer heTruncatedNormal() {
        return VarianceScaling.HE.truncatedNormal();
    }

    /**
     * Uniform with variance {@code 1 / fan in} (LeCun et al., 1998): for self-normalising and output layers.
     *
     * @return the initialiser
     */
    static Initializer lecunUniform() {
        return VarianceScaling.LECUN.uniform();
    }

    /**
     * Normal with variance {@code 1 / fan in} (LeCun et al., 1998).
     *
     * @return the initialiser
     */
    static Initializer lecunNormal() {
        return VarianceScaling.LECUN.normal();
    }

    /**
     * As {@link #lecunNormal()}, redrawn beyond two standard deviations, with the same variance.
     *
     * @return the initialiser
     */
    static Initializer lecunTruncatedNormal() {
        return VarianceScaling.LECUN.truncatedNormal();
    }

    /**
     * Normal with mean 0: for embeddings.
     *
     * @param deviation the standard deviation
     * @return the initialiser
     */
    static Initializer normal(float deviation) {
        return (shape, rng) -> {
            float[] values = new float[shape.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = deviation * rng.normal(i);
            }
            return values;
        };
    }

    /**
     * A random matrix with orthonormal columns, or rows if those are fewer (Saxe et al., 2014): the QR decomposition of
     * a normal matrix, all axes but the last seen as rows.
     *
     * @return the initialiser
     */
    static Initializer orthogonal() {
        return (shape, rng) -> {
            int columns = shape.rank() == 0 ? 1 : shape.dim(-1);
            int rows = columns == 0 ? 0 : shape.size() / columns;
            int longer = Math.max(rows, columns);
            int shorter = Math.min(rows, columns);
            if (shorter == 0) {
                return new float[shape.size()];
            }
            var normal = new FMatrixRMaj(longer, shorter);
            for (int i = 0; i < normal.data.length; i++) {
                normal.data[i] = rng.normal(i);
            }
            var qr = DecompositionFactory_FDRM.qr(longer, shorter);
            qr.decompose(normal);
            FMatrixRMaj q = qr.getQ(null, true);
            FMatrixRMaj r = qr.getR(null, true);
            for (int j = 0; j < shorter; j++) { // with a positive diagonal of R the distribution is uniform
                if (r.get(j, j) < 0) {
                    for (int i = 0; i < longer; i++) {
                        q.set(i, j, -q.get(i, j));
                    }
                }
            }
            return rows >= columns ? q.data : CommonOps_FDRM.transpose(q, null).data;
        };
    }

    /**
     * The values of this initialiser times a factor.
     *
     * @param gain the factor
     * @return the scaled initialiser
     */
    default Initializer times(float gain) {
        return (shape, rng) -> {
            float[] values = draw(shape, rng);
            for (int i = 0; i < values.length; i++) {
                values[i] *= gain;
            }
            return values;
        };
    }
}
