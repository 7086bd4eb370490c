package org.jauss.examples;

import java.util.List;
import org.jauss.layers.ActivationLayer;
import org.jauss.layers.Initializer;
import org.jauss.layers.Layer;
import org.jauss.layers.LinearLayer;
import org.jauss.layers.Normalization;
import org.jauss.tensor.Rng;

/** The ways to normalise that are compared, each at its usual place. */
enum Contender {
    NONE("none", Normalization.none()),
    BATCH("batch norm", Normalization.batch()),
    GAUSSIAN("Gaussian norm", Normalization.gaussian());

    private final String label;
    private final Normalization way;

    Contender(String label, Normalization way) {
        this.label = label;
        this.way = way;
    }

    String label() {
        return label;
    }

    /** What comes before the first hidden layer. */
    List<Layer> input(int width) {
        return way.input(width);
    }

    /** A hidden layer with new weights. */
    List<Layer> hidden(int in, int width, Rng rng) {
        return way.hidden(LinearLayer.of(in, width, Initializer.heNormal(), rng), ActivationLayer.relu());
    }
}
