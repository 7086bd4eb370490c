package org.jauss.data;

import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;

/** What mixup and cutmix share. */
final class Mixing {
    private Mixing() {}

    static void requireOptions(String what, double alpha, int classes) {
        if (!(alpha > 0 && alpha < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(what + ": alpha must be finite and above 0, but is " + alpha);
        }
        if (classes < 1) {
            throw new IllegalArgumentException(what + ": classes must be at least 1, but is " + classes);
        }
    }

    /** Each instance's class with the given share, and the class of its partner with the rest. */
    static Tensor targets(String what, IntTensor labels, int[] partners, int classes, double share) {
        int n = partners.length;
        float[] targets = new float[n * classes];
        for (int i = 0; i < n; i++) {
            int own = labels.at(i);
            if (own < 0 || own >= classes) {
                throw new IllegalArgumentException(
                        what + ": label " + own + " at [" + i + "] is outside [0, " + classes + ")");
            }
            targets[i * classes + own] += (float) share;
        }
        for (int i = 0; i < n; i++) {
            targets[i * classes + labels.at(partners[i])] += (float) (1 - share);
        }
        return Tensor.of(Shape.of(n, classes), targets);
    }

    /** A share from the distribution Beta(alpha, alpha): of two gamma variates, what the first is of their sum. */
    static double beta(double alpha, Rng rng) {
        double first = logGamma(alpha, rng.split());
        double second = logGamma(alpha, rng.split());
        return 1 / (1 + Math.exp(second - first));
    }

    /**
     * The logarithm of a gamma variate (Marsaglia and Tsang, 2000). A small alpha makes numbers that underflow, but for
     * their logarithms.
     */
    private static double logGamma(double alpha, Rng rng) {
        if (alpha < 1) {
            return logGamma(alpha + 1, rng.split()) + Math.log(open(rng, 0)) / alpha;
        }
        double d = alpha - 1 / 3.0;
        double c = 1 / Math.sqrt(9 * d);
        for (long i = 0; ; i += 2) {
            double z = rng.normal(i);
            double v = Math.pow(1 + c * z, 3);
            if (v > 0 && Math.log(open(rng, i + 1)) < z * z / 2 + d - d * v + d * Math.log(v)) {
                return Math.log(d) + Math.log(v);
            }
        }
    }

    /** Uniform between 0 and 1, but never either. */
    private static double open(Rng rng, long i) {
        return ((rng.bits(i) >>> 12) + .5) * 0x1p-52;
    }
}
