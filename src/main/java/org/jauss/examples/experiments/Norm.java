package org.jauss.examples.experiments;

import java.util.List;
import org.jauss.experiments.UndefinedException;
import org.jauss.layers.GaussianNormOptions;
import org.jauss.layers.GaussianNormOptions.Parametrization;
import org.jauss.layers.Layer;
import org.jauss.layers.Normalization;

/**
 * A way to normalise that is compared, at its usual place.
 *
 * @param name what it is called in tables and on the command line
 * @param way the layers
 * @param learnsFromData whether its statistics are first measured on some of the data
 * @param needsRows whether it takes its statistics from the rows that go through at once: then a batch cannot be divided,
 *     and a single row cannot be trained on
 */
record Norm(String name, Normalization way, boolean learnsFromData, boolean needsRows) {
    static final Norm NONE = alone("none", Normalization.none());
    static final Norm LAYER = alone("layer", Normalization.layer());
    /** Layer norm at the place of Gaussian norm. */
    static final Norm LAYER_AFTER = alone("layer-after", new AfterActivation(Normalization.layer(), true));

    static final Norm BATCH = new Norm("batch", Normalization.batch(), false, true);
    static final Norm BATCH_RENORM = new Norm("batch-renorm", Normalization.batchRenorm(), false, true);

    /**
     * As published, by the three ways in which a parameter can stand for sigma, and as the program of its authors runs:
     * behind the activations, but not on the input.
     */
    static final Norm PAPER_ABS = paper("paper-abs", Parametrization.ABS);

    static final Norm PAPER_LOG = paper("paper-log", Parametrization.LOG);
    static final Norm PAPER_INV = paper("paper-inv", Parametrization.INV);
    static final Norm PAPER_NOT_INITIALIZED = new Norm("paper-not-initialized", PAPER_LOG.way(), false, false);
    /** The same on the input, too. */
    static final Norm PAPER_ON_INPUT = gaussian("paper-on-input", GaussianNormOptions.paper());

    static final Norm ROBUST = gaussian("robust", GaussianNormOptions.robust());
    static final Norm PROJECTED =
            gaussian("projected", GaussianNormOptions.robust().withProjection(true));
    /** Statistics stay what they were at first. */
    static final Norm FROZEN = gaussian("frozen", GaussianNormOptions.robust().withWeight(0));

    private static Norm alone(String name, Normalization way) {
        return new Norm(name, way, false, false);
    }

    private static Norm paper(String name, Parametrization parametrization) {
        var options = GaussianNormOptions.paper().withParametrization(parametrization);
        return new Norm(name, new AfterActivation(Normalization.gaussian(options), false), true, false);
    }

    static Norm gaussian(String name, GaussianNormOptions options) {
        return new Norm(name, Normalization.gaussian(options), true, false);
    }

    /** The layers, the weights of the hidden ones standardised or not. */
    Normalization way(boolean standardized) {
        return standardized ? way.withWeightStandardization() : way;
    }

    /**
     * Requires that there is something to take statistics from.
     *
     * @throws UndefinedException if it normalises over rows and there is one only
     */
    void requireRows(int rows) {
        if (needsRows && rows == 1) {
            throw new UndefinedException(name + " norm of a single row is not defined");
        }
    }

    /**
     * Requires that a batch goes through as it can.
     *
     * @throws UndefinedException if it normalises over rows and they do not all go through at once
     */
    void requireWhole(int part, int batch) {
        if (needsRows && part < batch) {
            throw new UndefinedException(name + " norm of a batch is not defined for its parts");
        }
    }

    @Override
    public String toString() {
        return name;
    }

    /** A norm behind each activation, and on the input or not. */
    private record AfterActivation(Normalization inner, boolean onInput) implements Normalization {
        @Override
        public Layer of(int channels) {
            return inner.of(channels);
        }

        @Override
        public boolean isAfterActivation() {
            return true;
        }

        @Override
        public List<Layer> input(int channels) {
            return onInput ? List.of(of(channels)) : List.of();
        }
    }
}
