package org.jauss.losses;

import java.util.Arrays;
import java.util.List;
import org.jauss.tensor.Op;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;

/**
 * Cross entropy between softmax probabilities and a target distribution t over the classes:
 * {@code -sum t log softmax(logits)}, computed from the logits without overflow. For one right class each see
 * {@link CrossEntropyLoss}.
 *
 * <p>With label smoothing s over C classes the target is {@code (1 - s) t + s / C} (Szegedy et al., 2016).
 *
 * <p>With class weights w the terms are {@code -sum w t log softmax(logits)}; a mean still divides by the number of
 * distributions, as in PyTorch.
 *
 * <p><b>Shape:</b> logits and target {@code [..., C]}, never broadcast; the terms are {@code [...]}.
 *
 * @param reduction what becomes of the terms
 * @param labelSmoothing the share s that is spread over all classes, in {@code [0, 1]}
 * @param classWeights a weight for each class, at least 0; empty for 1 each
 */
public record SoftCrossEntropyLoss(Reduction reduction, float labelSmoothing, List<Float> classWeights)
        implements Loss<Tensor> {
    /**
     * Checks the options.
     *
     * @param reduction what becomes of the terms
     * @param labelSmoothing the share s that is spread over all classes, in {@code [0, 1]}
     * @param classWeights a weight for each class, at least 0; empty for 1 each
     * @throws IllegalArgumentException if the label smoothing or a weight is outside its range
     */
    public SoftCrossEntropyLoss {
        Checks.requireShare("SoftCrossEntropyLoss", "labelSmoothing", labelSmoothing);
        classWeights = Checks.requireWeights("SoftCrossEntropyLoss", "classWeights", classWeights);
    }

    /**
     * The loss without smoothing or weights and with the mean over all distributions.
     *
     * @return the loss
     */
    public static SoftCrossEntropyLoss of() {
        return new SoftCrossEntropyLoss(Reduction.MEAN, 0, List.of());
    }

    /**
     * The same loss with another reduction.
     *
     * @param other the reduction
     * @return the changed loss
     */
    public SoftCrossEntropyLoss withReduction(Reduction other) {
        return new SoftCrossEntropyLoss(other, labelSmoothing, classWeights);
    }

    /**
     * The same loss with another label smoothing.
     *
     * @param share the share that is spread over all classes, in {@code [0, 1]}
     * @return the changed loss
     * @throws IllegalArgumentException if the share is outside its range
     */
    public SoftCrossEntropyLoss withLabelSmoothing(float share) {
        return new SoftCrossEntropyLoss(reduction, share, classWeights);
    }

    /**
     * The same loss with class weights: weight in PyTorch, class_weight in Keras.
     *
     * @param weights a weight for each class, at least 0
     * @return the changed loss
     * @throws IllegalArgumentException if there are none, or one is outside its range
     */
    public SoftCrossEntropyLoss withClassWeights(float... weights) {
        return new SoftCrossEntropyLoss(
                reduction, labelSmoothing, Checks.list("SoftCrossEntropyLoss", "classWeights", weights));
    }

    @Override
    public Tensor terms(Tensor logits, Tensor target) {
        return Terms.of(this, logits, target);
    }

    /**
     * The number of distributions, by which {@link Reduction#MEAN} divides.
     *
     * @param target the target distributions
     * @return the number of rows of classes
     * @throws org.jauss.tensor.ShapeException if the target has no axis of classes
     */
    @Override
    public double count(Tensor target) {
        Checks.requireClasses("soft cross entropy", target.shape());
        return target.shape().size(0, target.shape().rank() - 1);
    }

    /** One term for each row of classes. */
    private record Terms(Tensor logits, Tensor logProbabilities, Tensor target, float[] weights, float smoothing)
            implements Op {
        static Tensor of(SoftCrossEntropyLoss loss, Tensor logits, Tensor target) {
            Checks.requireClasses("soft cross entropy", logits.shape());
            Checks.requireEqual("soft cross entropy", logits.shape(), target.shape());
            int rank = logits.shape().rank();
            Shape shape = Shape.of(Arrays.copyOf(logits.shape().dims(), rank - 1));
            Pass pass = Pass.of(logits, target);
            int classes = logits.shape().dim(-1);
            float[] weights = Checks.weights("soft cross entropy", "classWeights", loss.classWeights, classes);
            var op = new Terms(logits, logits.detach().logSoftmax(-1), target, weights, loss.labelSmoothing);
            float[] logP = op.logProbabilities.data();
            float[] y = pass.allocate(shape.size());
            for (int row = 0; row < y.length; row++) {
                int first = op.logProbabilities.offset() + row * classes;
                double sum = 0;
                for (int c = 0; c < classes; c++) {
                    float t = op.wanted(row, c);
                    sum += t == 0 ? 0 : t * logP[first + c]; // an impossible class costs nothing where none is wanted
                }
                y[row] = (float) -sum;
            }
            return pass.record(op, shape, y, logits, target);
        }

        /** The target after smoothing and weighting. */
        private float wanted(int row, int c) {
            int classes = weights.length;
            float t = target.data()[target.offset() + row * classes + c];
            return weights[c] * ((1 - smoothing) * t + smoothing / classes);
        }

        @Override
        public void backward(Tensor y) {
            if (logits.tracked()) {
                logitsBackward(y);
            }
            if (target.tracked()) {
                targetBackward(y);
            }
        }

        private void logitsBackward(Tensor y) {
            int classes = weights.length;
            Tensor probabilities = logProbabilities.exp();
            float[] p = probabilities.data();
            float[] dx = logits.grad();
            for (int row = 0; row < y.size(); row++) {
                float dy = y.grad()[y.offset() + row];
                double total = 0; // 1 for a distribution without weights, but nothing makes sure of that
                for (int c = 0; c < classes; c++) {
                    total += wanted(row, c);
                }
                int pFirst = probabilities.offset() + row * classes;
                int xFirst = logits.offset() + row * classes;
                for (int c = 0; c < classes; c++) {
                    dx[xFirst + c] += ((float) total * p[pFirst + c] - wanted(row, c)) * dy;
                }
            }
        }

        private void targetBackward(Tensor y) {
            int classes = weights.length;
            float[] logP = logProbabilities.data();
            float[] dt = target.grad();
            for (int row = 0; row < y.size(); row++) {
                float dy = y.grad()[y.offset() + row];
                int pFirst = logProbabilities.offset() + row * classes;
                int tFirst = target.offset() + row * classes;
                for (int c = 0; c < classes; c++) {
                    dt[tFirst + c] -= (1 - smoothing) * weights[c] * logP[pFirst + c] * dy;
                }
            }
        }
    }
}
