package org.jauss.losses;

import static java.util.Collections.nCopies;

import java.util.List;
import java.util.OptionalInt;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Op;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Tensor;

/**
 * Cross entropy in which what is easily told counts less: {@code -alpha[label] (1 - q)^gamma log q} with
 * {@code q = softmax(logits)[label]} (Lin et al., 2017, with several classes as in Keras's
 * {@code CategoricalFocalCrossentropy}). For independent yes-or-no decisions see {@link BinaryFocalLoss}.
 *
 * <p>A mean divides by the number of labels, whatever their alpha, as in Keras.
 *
 * <p><b>Shape:</b> logits {@code [..., C]}, labels {@code [...]} in {@code [0, C)}; the terms have the shape of the
 * labels.
 *
 * @param reduction what becomes of the terms
 * @param alpha a factor for each class, or one for all, at least 0; empty for 1
 * @param gamma how much less easy terms count, at least 0; 0 is plain cross entropy
 * @param ignoredLabel a label, such as that of padding, whose terms are 0 and do not count in a mean
 */
public record FocalLoss(Reduction reduction, List<Float> alpha, float gamma, OptionalInt ignoredLabel)
        implements Loss<IntTensor> {
    /**
     * Checks the options.
     *
     * @param reduction what becomes of the terms
     * @param alpha a factor for each class, or one for all, at least 0; empty for 1
     * @param gamma how much less easy terms count, at least 0; 0 is plain cross entropy
     * @param ignoredLabel a label, such as that of padding, whose terms are 0 and do not count in a mean
     * @throws IllegalArgumentException if an option is outside its range
     */
    public FocalLoss {
        alpha = Checks.requireWeights("FocalLoss", "alpha", alpha);
        Checks.requireAtLeast0("FocalLoss", "gamma", gamma);
    }

    /**
     * The loss with gamma 2, no alpha and the mean over all labels. Keras's default multiplies that by an alpha of
     * 0.25.
     *
     * @return the loss
     */
    public static FocalLoss of() {
        return new FocalLoss(Reduction.MEAN, List.of(), 2, OptionalInt.empty());
    }

    /**
     * The same loss with another reduction.
     *
     * @param other the reduction
     * @return the changed loss
     */
    public FocalLoss withReduction(Reduction other) {
        return new FocalLoss(other, alpha, gamma, ignoredLabel);
    }

    /**
     * The same loss with other factors.
     *
     * @param factors one for each class, or one for all, at least 0
     * @return the changed loss
     * @throws IllegalArgumentException if there are none, or one is outside its range
     */
    public FocalLoss withAlpha(float... factors) {
        return new FocalLoss(reduction, Checks.list("FocalLoss", "alpha", factors), gamma, ignoredLabel);
    }

    /**
     * The same loss with another gamma.
     *
     * @param other how much less easy terms count, at least 0
     * @return the changed loss
     * @throws IllegalArgumentException if it is outside its range
     */
    public FocalLoss withGamma(float other) {
        return new FocalLoss(reduction, alpha, other, ignoredLabel);
    }

    /**
     * The same loss with a label that does not count.
     *
     * @param label the label, in or out of the range of the classes
     * @return the changed loss
     */
    public FocalLoss withIgnoredLabel(int label) {
        return new FocalLoss(reduction, alpha, gamma, OptionalInt.of(label));
    }

    /**
     * The terms, not reduced yet.
     *
     * @param logits scores of the classes, any real numbers
     * @param labels the right classes
     * @return a term for each label
     * @throws org.jauss.tensor.ShapeException if the shapes do not fit each other
     * @throws IllegalArgumentException if a label is outside the range of the classes
     */
    @Override
    public Tensor terms(Tensor logits, IntTensor labels) {
        return Terms.of(this, logits, labels);
    }

    @Override
    public double count(IntTensor labels) {
        long count = 0;
        for (int i = 0; i < labels.size(); i++) {
            count += isIgnored(labels.at(i)) ? 0 : 1;
        }
        return count;
    }

    private boolean isIgnored(int label) {
        return ignoredLabel.isPresent() && ignoredLabel.getAsInt() == label;
    }

    /** One term for each row of logits; {@code right} holds the right class of each row, -1 where it is ignored. */
    private record Terms(Tensor logits, int[] right, float[] alpha, double gamma) implements Op {
        static Tensor of(FocalLoss loss, Tensor logits, IntTensor labels) {
            Checks.requireLabels("focal", logits.shape(), labels.shape());
            int classes = logits.shape().dim(-1);
            int[] right = labels.toArray();
            for (int row = 0; row < right.length; row++) {
                if (loss.isIgnored(right[row])) {
                    right[row] = -1;
                } else {
                    Checks.requireClass("focal", labels.shape(), row, right[row], classes);
                }
            }
            Pass pass = Pass.of(logits);
            var op = new Terms(logits, right, alphas(loss.alpha, classes), loss.gamma);
            float[] y = pass.allocate(right.length);
            double[] p = new double[classes];
            for (int row = 0; row < y.length; row++) {
                if (right[row] >= 0) {
                    double logQ = op.softmax(row, p);
                    y[row] = (float) (-op.alpha[right[row]] * Math.pow(miss(p, right[row]), op.gamma) * logQ);
                }
            }
            return pass.record(op, labels.shape(), y, logits);
        }

        private static float[] alphas(List<Float> alpha, int classes) {
            boolean oneForAll = alpha.size() == 1;
            return Checks.weights("focal", "alpha", oneForAll ? nCopies(classes, alpha.get(0)) : alpha, classes);
        }

        /** Fills in the probabilities of a row and gives the logarithm of that of the right class. */
        private double softmax(int row, double[] p) {
            float[] xs = logits.data();
            int first = logits.offset() + row * p.length;
            double greatest = Double.NEGATIVE_INFINITY;
            for (int c = 0; c < p.length; c++) {
                greatest = Math.max(greatest, xs[first + c]);
            }
            double sum = 0;
            for (int c = 0; c < p.length; c++) {
                p[c] = Math.exp(xs[first + c] - greatest);
                sum += p[c];
            }
            for (int c = 0; c < p.length; c++) {
                p[c] /= sum;
            }
            return xs[first + right[row]] - greatest - Math.log(sum);
        }

        /** 1 - q, as the sum of the others: without cancellation. */
        private static double miss(double[] p, int right) {
            double miss = 0;
            for (int c = 0; c < p.length; c++) {
                miss += c == right ? 0 : p[c];
            }
            return miss;
        }

        @Override
        public void backward(Tensor y) {
            double[] p = new double[alpha.length];
            float[] dx = logits.grad();
            for (int row = 0; row < right.length; row++) {
                if (right[row] >= 0) {
                    double logQ = softmax(row, p);
                    double miss = miss(p, right[row]);
                    // Where nothing is missing, log q is 0, too, and takes the place of the limit.
                    double bend =
                            gamma == 0 || miss == 0 ? 0 : gamma * Math.pow(miss, gamma - 1) * p[right[row]] * logQ;
                    double ofLogQ = alpha[right[row]] * (bend - Math.pow(miss, gamma)) * y.grad()[y.offset() + row];
                    int first = logits.offset() + row * p.length;
                    for (int c = 0; c < p.length; c++) {
                        dx[first + c] += (float) (ofLogQ * (c == right[row] ? miss : -p[c]));
                    }
                }
            }
        }
    }
}
