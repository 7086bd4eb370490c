package org.jauss.tensor;

import java.util.Arrays;

/**
 * The rows of a table that tokens name; only those get a gradient, and the padding row never does.
 *
 * @param table {@code [V, D]}
 * @param rows the row of each token
 * @param padding the row without gradient, or -1
 */
public record Embedding(Tensor table, int[] rows, int padding) implements Op {
    /**
     * Looks tokens up.
     *
     * @param tokens whole numbers below V, of any shape
     * @param table {@code [V, D]}
     * @param padding the row that gets no gradient, or -1 for none
     * @return {@code [..., D]}
     * @throws ShapeException if a token is no whole number from 0 to V - 1, or the table no matrix
     */
    public static Tensor of(Tensor tokens, Tensor table, int padding) {
        if (table.shape().rank() != 2) {
            throw new ShapeException("embedding: the table is not a matrix: " + table.shape());
        }
        int v = table.shape().dim(0);
        int d = table.shape().dim(1);
        int[] rows = new int[tokens.size()];
        for (int i = 0; i < rows.length; i++) {
            float token = tokens.data()[tokens.offset() + i];
            if (!(token >= 0 && token < v) || token != (int) token) {
                throw new ShapeException("embedding: the token at position " + i + " of " + tokens.shape()
                        + " is no whole number from 0 to " + (v - 1) + ": " + token);
            }
            rows[i] = (int) token;
        }
        Pass pass = Pass.of(tokens, table);
        int[] dims = Arrays.copyOf(tokens.shape().dims(), tokens.shape().rank() + 1);
        dims[dims.length - 1] = d;
        Shape shape = Shape.of(dims);
        float[] y = pass.array(shape.size());
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(table.data(), table.offset() + rows[i] * d, y, i * d, d);
        }
        return pass.record(new Embedding(table, rows, padding), shape, y, table, tokens);
    }

    @Override
    public void backward(Tensor y) {
        int d = table.shape().dim(1);
        float[] dy = y.grad();
        float[] dt = table.grad();
        for (int i = 0; i < rows.length; i++) {
            if (rows[i] != padding) {
                Gradients.add(d, dy, y.offset() + i * d, dt, table.offset() + rows[i] * d);
            }
        }
    }
}
