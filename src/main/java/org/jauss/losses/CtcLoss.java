package org.jauss.losses;

import org.jauss.tensor.Op;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * Connectionist temporal classification: {@code -log} of the probability that the steps spell the labels, summed over
 * all ways to spell them with repetitions, which count once, and blanks, which count nothing (Graves et al., 2006). Two
 * equal labels in a row need a blank between them.
 *
 * <p>The prediction is taken through a softmax over the classes. Log-probabilities, which PyTorch's {@code CTCLoss}
 * wants, are left as they are by that, so they may be given as well.
 *
 * <p>A {@link Reduction#MEAN} divides each term by its number of labels, or by 1 if it has none, before the mean over
 * the instances, as in PyTorch; {@link Reduction#BATCH_MEAN} divides by the number of instances only.
 *
 * <p>Too few steps to spell the labels have probability 0: the term is infinite and its gradient not a number, unless
 * such terms are taken as 0, without a gradient.
 *
 * <p><b>Shape:</b> prediction {@code [N, T, C]} (in PyTorch {@code [T, N, C]}), target with labels {@code [N, S]}; the
 * terms are {@code [N]}.
 *
 * @param reduction what becomes of the terms
 * @param blank the class that counts nothing, at least 0
 * @param zeroInfinity whether infinite terms are taken as 0
 */
public record CtcLoss(Reduction reduction, int blank, boolean zeroInfinity) implements Loss<CtcTarget> {
    /**
     * Checks the options.
     *
     * @param reduction what becomes of the terms
     * @param blank the class that counts nothing, at least 0
     * @param zeroInfinity whether infinite terms are taken as 0
     * @throws IllegalArgumentException if the blank is negative
     */
    public CtcLoss {
        if (blank < 0) {
            throw new IllegalArgumentException("CtcLoss: blank must be at least 0, but is " + blank);
        }
    }

    /**
     * The loss with blank 0, infinite terms kept, and the mean over labels and instances, as in PyTorch.
     *
     * @return the loss
     */
    public static CtcLoss of() {
        return new CtcLoss(Reduction.MEAN, 0, false);
    }

    /**
     * The same loss with another reduction.
     *
     * @param other the reduction
     * @return the changed loss
     */
    public CtcLoss withReduction(Reduction other) {
        return new CtcLoss(other, blank, zeroInfinity);
    }

    /**
     * The same loss with another blank.
     *
     * @param other the class that counts nothing, at least 0
     * @return the changed loss
     * @throws IllegalArgumentException if it is negative
     */
    public CtcLoss withBlank(int other) {
        return new CtcLoss(reduction, other, zeroInfinity);
    }

    /**
     * The same loss with 0 in place of infinite terms.
     *
     * @return the changed loss
     */
    public CtcLoss withZeroInfinity() {
        return new CtcLoss(reduction, blank, true);
    }

    /**
     * The terms, not reduced yet and not divided by the number of labels.
     *
     * @param prediction scores of the classes at each step
     * @param target the labels and the lengths
     * @return a term for each instance
     * @throws ShapeException if the shapes do not fit each other
     * @throws IllegalArgumentException if a label is blank or outside the range of the classes, or if an input length
     *     is greater than the number of steps
     */
    @Override
    public Tensor terms(Tensor prediction, CtcTarget target) {
        return Terms.of(this, prediction, target);
    }

    @Override
    public Tensor sum(Tensor prediction, CtcTarget target) {
        if (reduction != Reduction.MEAN) {
            return Loss.super.sum(prediction, target);
        }
        float[] shares = new float[target.instances()];
        for (int n = 0; n < shares.length; n++) {
            shares[n] = 1f / Math.max(1, target.labelLengths().at(n));
        }
        return terms(prediction, target).mul(Tensor.of(shares)).sum();
    }

    @Override
    public double count(CtcTarget target) {
        return target.instances();
    }

    private record Terms(Tensor prediction, Tensor logProbabilities, Lattice[] lattices, boolean zeroInfinity)
            implements Op {
        static Tensor of(CtcLoss loss, Tensor prediction, CtcTarget target) {
            Shape shape = prediction.shape();
            if (shape.rank() != 3 || shape.dim(0) != target.instances()) {
                throw new ShapeException("ctc: needs steps of classes for each instance, [N, T, C]: " + shape
                        + " for labels " + target.labels().shape());
            }
            int steps = shape.dim(1);
            int classes = shape.dim(2);
            if (loss.blank >= classes) {
                throw new IllegalArgumentException("ctc: blank " + loss.blank + " is outside [0, " + classes + ")");
            }
            Pass pass = Pass.of(prediction);
            Tensor logProbabilities = prediction.detach().logSoftmax(-1);
            var lattices = new Lattice[target.instances()];
            float[] y = pass.allocate(lattices.length);
            for (int n = 0; n < y.length; n++) {
                CtcTarget.requireLength("input", n, target.inputLengths().at(n), steps);
                int first = logProbabilities.offset() + n * steps * classes;
                lattices[n] = new Lattice(
                        logProbabilities.data(),
                        first,
                        classes,
                        target.inputLengths().at(n),
                        spelling(loss.blank, classes, target, n));
                double term = lattices[n].loss();
                y[n] = (float) (loss.zeroInfinity && Double.isInfinite(term) ? 0 : term);
            }
            var op = new Terms(prediction, logProbabilities, lattices, loss.zeroInfinity);
            return pass.record(op, Shape.of(y.length), y, prediction);
        }

        /** The labels with a blank before, between and after them. */
        private static int[] spelling(int blank, int classes, CtcTarget target, int n) {
            int columns = target.labels().shape().dim(1);
            int[] spelling = new int[2 * target.labelLengths().at(n) + 1];
            for (int s = 0; s < spelling.length; s++) {
                int position = n * columns + s / 2;
                spelling[s] = s % 2 == 0 ? blank : target.labels().at(position);
                if (s % 2 == 1) {
                    Checks.requireClass("ctc", target.labels().shape(), position, spelling[s], classes);
                    if (spelling[s] == blank) {
                        throw new IllegalArgumentException("ctc: label " + blank + " at "
                                + Checks.index(target.labels().shape(), position) + " is the blank");
                    }
                }
            }
            return spelling;
        }

        @Override
        public void backward(Tensor y) {
            int steps = prediction.shape().dim(1);
            int classes = prediction.shape().dim(2);
            for (int n = 0; n < lattices.length; n++) {
                if (zeroInfinity && Double.isInfinite(lattices[n].loss())) {
                    continue;
                }
                int first = prediction.offset() + n * steps * classes;
                lattices[n].backward(y.grad()[y.offset() + n], prediction.grad(), first);
            }
        }
    }

    /**
     * All ways to go through a spelling, one state at each step: from a state to itself, to the next, or over a blank
     * between two labels that differ. In logarithms and in double precision throughout.
     */
    private static final class Lattice {
        private final float[] logP;
        private final int first;
        private final int classes;
        private final int steps;
        private final int[] spelling;
        /** {@code [t, s]}: the probability of the steps up to t on all ways that are in state s then. */
        private final double[] alpha;

        private final double loss;

        Lattice(float[] logP, int first, int classes, int steps, int[] spelling) {
            this.logP = logP;
            this.first = first;
            this.classes = classes;
            this.steps = steps;
            this.spelling = spelling;
            this.alpha = new double[steps * spelling.length];
            int states = spelling.length;
            for (int t = 0; t < steps; t++) {
                for (int s = 0; s < states; s++) {
                    double before;
                    if (t == 0) {
                        before = s < 2 ? 0 : Double.NEGATIVE_INFINITY;
                    } else {
                        int row = (t - 1) * states;
                        before = add(
                                alpha[row + s],
                                s > 0 ? alpha[row + s - 1] : Double.NEGATIVE_INFINITY,
                                skips(s) ? alpha[row + s - 2] : Double.NEGATIVE_INFINITY);
                    }
                    alpha[t * states + s] = before + logP(t, s);
                }
            }
            this.loss = steps == 0 ? (states == 1 ? 0 : Double.POSITIVE_INFINITY) : -end();
        }

        double loss() {
            return loss;
        }

        /** The probability of all ways, which end in the last label or in the blank after it. */
        private double end() {
            int last = alpha.length - 1;
            return add(
                    alpha[last],
                    spelling.length > 1 ? alpha[last - 1] : Double.NEGATIVE_INFINITY,
                    Double.NEGATIVE_INFINITY);
        }

        private double logP(int t, int s) {
            return logP[first + t * classes + spelling[s]];
        }

        /** Whether a way may come to a state from the one before the last. */
        private boolean skips(int s) {
            return s > 1 && s % 2 == 1 && spelling[s] != spelling[s - 2];
        }

        /**
         * Adds the gradient of the scores: the probability of each class less its share in all ways through it,
         * {@code sum alpha beta / P} over the states of that class.
         */
        void backward(double dy, float[] dx, int offset) {
            int states = spelling.length;
            double[] beta = new double[states]; // the probability of the steps after t on all ways from a state
            double[] next = new double[states];
            double[] share = new double[classes];
            for (int t = steps - 1; t >= 0; t--) {
                for (int s = 0; s < states; s++) {
                    if (t == steps - 1) {
                        beta[s] = s >= states - 2 ? 0 : Double.NEGATIVE_INFINITY;
                    } else {
                        beta[s] = add(
                                next[s] + logP(t + 1, s),
                                s + 1 < states ? next[s + 1] + logP(t + 1, s + 1) : Double.NEGATIVE_INFINITY,
                                s + 2 < states && skips(s + 2)
                                        ? next[s + 2] + logP(t + 1, s + 2)
                                        : Double.NEGATIVE_INFINITY);
                    }
                    share[spelling[s]] += Math.exp(alpha[t * states + s] + beta[s] + loss);
                }
                for (int c = 0; c < classes; c++) {
                    dx[offset + t * classes + c] += (float) (dy * (Math.exp(logP[first + t * classes + c]) - share[c]));
                    share[c] = 0;
                }
                double[] swap = next;
                next = beta;
                beta = swap;
            }
        }

        /** {@code log(e^a + e^b + e^c)}. */
        private static double add(double a, double b, double c) {
            double greatest = Math.max(a, Math.max(b, c));
            return greatest == Double.NEGATIVE_INFINITY
                    ? greatest
                    : greatest + Math.log(Math.exp(a - greatest) + Math.exp(b - greatest) + Math.exp(c - greatest));
        }
    }
}
