package org.jauss.losses;

import java.util.List;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Op;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Tensor;

/**
 * Hinge loss of several classes: the sum over the wrong classes c of
 * {@code w[label] max(0, margin - x[label] + x[c]) / C}, or of the squares of the maxima (Crammer and Singer, 2001,
 * with a sum in place of the greatest, as in PyTorch's {@code MultiMarginLoss}). For yes or no see {@link HingeLoss}.
 *
 * <p>A mean divides by the number of labels, whatever their weights, as in PyTorch.
 *
 * <p><b>Shape:</b> scores {@code [..., C]}, labels {@code [...]} in {@code [0, C)}; the terms have the shape of the
 * labels.
 *
 * @param reduction what becomes of the terms
 * @param margin by how much the right class has to lead, above 0
 * @param squared whether the maxima are squared: {@code p} of 2 in PyTorch
 * @param classWeights a weight for each class, at least 0; empty for 1 each
 */
public record MultiMarginLoss(Reduction reduction, float margin, boolean squared, List<Float> classWeights)
        implements Loss<IntTensor> {
    /**
     * Checks the options.
     *
     * @param reduction what becomes of the terms
     * @param margin by how much the right class has to lead, above 0
     * @param squared whether the maxima are squared: {@code p} of 2 in PyTorch
     * @param classWeights a weight for each class, at least 0; empty for 1 each
     * @throws IllegalArgumentException if an option is outside its range
     */
    public MultiMarginLoss {
        Checks.requirePositive("MultiMarginLoss", "margin", margin);
        classWeights = Checks.requireWeights("MultiMarginLoss", "classWeights", classWeights);
    }

    /**
     * The loss with margin 1, no squares, no weights and the mean over all labels, as in PyTorch.
     *
     * @return the loss
     */
    public static MultiMarginLoss of() {
        return new MultiMarginLoss(Reduction.MEAN, 1, false, List.of());
    }

    /**
     * The same loss with another reduction.
     *
     * @param other the reduction
     * @return the changed loss
     */
    public MultiMarginLoss withReduction(Reduction other) {
        return new MultiMarginLoss(other, margin, squared, classWeights);
    }

    /**
     * The same loss with another margin.
     *
     * @param other by how much the right class has to lead, above 0
     * @return the changed loss
     * @throws IllegalArgumentException if it is not finite and above 0
     */
    public MultiMarginLoss withMargin(float other) {
        return new MultiMarginLoss(reduction, other, squared, classWeights);
    }

    /**
     * The same loss with squared maxima.
     *
     * @return the changed loss
     */
    public MultiMarginLoss withSquared() {
        return new MultiMarginLoss(reduction, margin, true, classWeights);
    }

    /**
     * The same loss with class weights: weight in PyTorch.
     *
     * @param weights a weight for each class, at least 0
     * @return the changed loss
     * @throws IllegalArgumentException if there are none, or one is outside its range
     */
    public MultiMarginLoss withClassWeights(float... weights) {
        return new MultiMarginLoss(reduction, margin, squared, Checks.list("MultiMarginLoss", "classWeights", weights));
    }

    /**
     * The terms, not reduced yet.
     *
     * @param scores scores of the classes, any real numbers
     * @param labels the right classes
     * @return a term for each label
     * @throws org.jauss.tensor.ShapeException if the shapes do not fit each other
     * @throws IllegalArgumentException if a label is outside the range of the classes
     */
    @Override
    public Tensor terms(Tensor scores, IntTensor labels) {
        return Terms.of(this, scores, labels);
    }

    @Override
    public double count(IntTensor labels) {
        return labels.size();
    }

    private record Terms(Tensor scores, int[] right, float[] weights, float margin, boolean squared) implements Op {
        static Tensor of(MultiMarginLoss loss, Tensor scores, IntTensor labels) {
            Checks.requireLabels("multi margin", scores.shape(), labels.shape());
            int classes = scores.shape().dim(-1);
            float[] weights = Checks.weights("multi margin", "classWeights", loss.classWeights, classes);
            int[] right = labels.toArray();
            for (int row = 0; row < right.length; row++) {
                Checks.requireClass("multi margin", labels.shape(), row, right[row], classes);
            }
            Pass pass = Pass.of(scores);
            var op = new Terms(scores, right, weights, loss.margin, loss.squared);
            float[] y = pass.allocate(right.length);
            for (int row = 0; row < y.length; row++) {
                double sum = 0;
                for (int c = 0; c < classes; c++) {
                    double lack = op.lack(row, c);
                    sum += loss.squared ? lack * lack : lack;
                }
                y[row] = (float) (weights[right[row]] * sum / classes);
            }
            return pass.record(op, labels.shape(), y, scores);
        }

        /** What the right class lacks in its lead over another one. */
        private double lack(int row, int c) {
            float[] xs = scores.data();
            int first = scores.offset() + row * weights.length;
            return c == right[row] ? 0 : Math.max(0, (double) margin - xs[first + right[row]] + xs[first + c]);
        }

        @Override
        public void backward(Tensor y) {
            float[] dx = scores.grad();
            for (int row = 0; row < right.length; row++) {
                double dy = (double) y.grad()[y.offset() + row] * weights[right[row]] / weights.length;
                int first = scores.offset() + row * weights.length;
                double sum = 0;
                for (int c = 0; c < weights.length; c++) {
                    double lack = lack(row, c);
                    double slope = squared ? 2 * lack : Math.signum(lack);
                    dx[first + c] += (float) (slope * dy);
                    sum += slope;
                }
                dx[first + right[row]] -= (float) (sum * dy);
            }
        }
    }
}
