package org.jauss.data;

import org.ejml.data.DMatrix;
import org.ejml.data.FMatrix;
import org.ejml.data.FMatrixRMaj;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/** Matrices of <a href="https://ejml.org">EJML</a> as tensors and back. */
public final class Matrices {
    private Matrices() {}

    /**
     * A matrix of floats as a tensor.
     *
     * @param matrix a dense or sparse matrix
     * @return a copy, {@code [rows, columns]}
     */
    public static Tensor tensor(FMatrix matrix) {
        int columns = matrix.getNumCols();
        float[] data = new float[Shape.of(matrix.getNumRows(), columns).size()];
        for (int i = 0; i < data.length; i++) {
            data[i] = matrix.get(i / columns, i % columns);
        }
        return Tensor.of(Shape.of(matrix.getNumRows(), columns), data);
    }

    /**
     * A matrix of doubles as a tensor, each rounded to the nearest float.
     *
     * @param matrix a dense or sparse matrix
     * @return a copy, {@code [rows, columns]}
     */
    public static Tensor tensor(DMatrix matrix) {
        int columns = matrix.getNumCols();
        float[] data = new float[Shape.of(matrix.getNumRows(), columns).size()];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) matrix.get(i / columns, i % columns);
        }
        return Tensor.of(Shape.of(matrix.getNumRows(), columns), data);
    }

    /**
     * A tensor as a matrix.
     *
     * @param tensor {@code [rows, columns]}
     * @return a copy
     * @throws ShapeException if it has another rank
     */
    public static FMatrixRMaj matrix(Tensor tensor) {
        if (tensor.shape().rank() != 2) {
            throw new ShapeException("matrix: needs rank 2: " + tensor.shape() + " (rank "
                    + tensor.shape().rank() + ")");
        }
        return new FMatrixRMaj(tensor.shape().dim(0), tensor.shape().dim(1), true, tensor.toArray());
    }
}
