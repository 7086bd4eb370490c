package org.jauss.tensor;

import org.jauss.kernels.Kernels;

/**
 * Cross entropy of each row of logits with its right class,
 * {@code -((1 - s) w[right] log p[right] + s / C sum over c of w[c] log p[c])} with {@code p = softmax(logits)}, from the
 * logits in one sweep each way. A class of weight 0 costs nothing, however unlikely.
 *
 * <p><b>Shape:</b> logits {@code [..., C]} to terms {@code [...]}.
 *
 * @param logits the scores of the classes
 * @param right the right class of each row, or -1 where the term is 0
 * @param weights a weight for each class, or empty for 1 each
 * @param smoothing the share s that is spread over all classes
 * @param sums what the forward pass found of each row: the greatest logit, and the logarithm of the sum of
 *     {@code e^(logit - greatest)}
 */
public record CrossEntropy(Tensor logits, int[] right, float[] weights, float smoothing, float[] sums) implements Op {
    /**
     * The terms.
     *
     * @param logits the scores of the classes, {@code [..., C]}
     * @param right the right class of each row, from 0 to C - 1, or -1 where the term is 0; used, not copied
     * @param weights C weights, or none for 1 each; used, not copied
     * @param smoothing the share that is spread over all classes, in {@code [0, 1]}
     * @return the terms, {@code [...]}
     * @throws ShapeException if the number of rows or of weights does not fit the logits
     */
    public static Tensor of(Tensor logits, int[] right, float[] weights, float smoothing) {
        int rank = logits.shape().rank();
        int classes = rank == 0 ? 1 : logits.shape().dim(-1);
        int rows = rank == 0 ? 1 : logits.shape().size(0, rank - 1);
        if (rows != right.length || (weights.length > 0 && weights.length != classes)) {
            throw new ShapeException("cross entropy: " + right.length + " right classes and " + weights.length
                    + " class weights for logits " + logits.shape());
        }
        Pass pass = Pass.of(logits);
        var op = new CrossEntropy(logits, right, weights, smoothing, pass.array(2 * rows));
        float[] y = pass.array(rows);
        Kernels.active()
                .crossEntropy(rows, classes, smoothing, weights, right, logits.data(), logits.offset(), y, 0, op.sums);
        return pass.record(op, logits.shape().reduce(false, lastOf(rank)), y, logits);
    }

    private static boolean[] lastOf(int rank) {
        boolean[] last = new boolean[rank];
        if (rank > 0) {
            last[rank - 1] = true;
        }
        return last;
    }

    @Override
    public void backward(Tensor y) {
        boolean add = logits.prepareGrad();
        Kernels.active()
                .crossEntropyBackward(
                        right.length,
                        right.length == 0 ? 0 : logits.size() / right.length,
                        smoothing,
                        weights,
                        right,
                        logits.data(),
                        logits.offset(),
                        sums,
                        y.grad(),
                        y.offset(),
                        logits.grad(),
                        add);
    }

    @Override
    public long savedFloats() {
        return sums.length;
    }
}
