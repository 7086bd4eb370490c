package org.jauss.layers;

import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;

/** Distributions whose variance follows from the number of inputs and outputs of a weight. */
enum VarianceScaling {
    GLOROT {
        @Override
        double variance(double fanIn, double fanOut) {
            return 2 / (fanIn + fanOut);
        }
    },
    HE {
        @Override
        double variance(double fanIn, double fanOut) {
            return 2 / fanIn;
        }
    },
    LECUN {
        @Override
        double variance(double fanIn, double fanOut) {
            return 1 / fanIn;
        }
    };

    /** The standard deviation of a standard normal variable cut off at two. */
    private static final double TRUNCATED_STD = 0.8796256610342398;

    private static final int TRUNCATION = 2;

    abstract double variance(double fanIn, double fanOut);

    Initializer uniform() {
        return (shape, rng) -> fill(shape, Math.sqrt(3) * std(shape), i -> 2 * rng.uniform(i) - 1);
    }

    Initializer normal() {
        return (shape, rng) -> fill(shape, std(shape), rng::normal);
    }

    Initializer truncatedNormal() {
        return (shape, rng) -> fill(shape, std(shape) / TRUNCATED_STD, i -> truncated(rng, i, shape.size()));
    }

    private static double truncated(Rng rng, long i, long next) {
        float value = rng.normal(i);
        for (long j = i + next; Math.abs(value) > TRUNCATION; j += next) { // indices that no other element uses
            value = rng.normal(j);
        }
        return value;
    }

    private double std(Shape shape) {
        int rank = shape.rank();
        double out = rank == 0 ? 1 : shape.dim(-1);
        double in = rank < 2 ? out : shape.dim(-2);
        double window = rank < 2 ? 1 : shape.size(0, rank - 2);
        return Math.sqrt(variance(window * in, window * out));
    }

    private static float[] fill(Shape shape, double factor, Draw draw) {
        float[] values = new float[shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (factor * draw.at(i));
        }
        return values;
    }

    @FunctionalInterface
    private interface Draw {
        double at(long i);
    }
}
