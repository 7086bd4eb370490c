package org.jauss.layers;

import java.util.List;

/** {@link GaussianNormLayer} at the place that its options ask for. */
record GaussianNormalization(GaussianNormOptions options) implements Normalization {
    @Override
    public Layer of(int channels) {
        return GaussianNormLayer.of(channels, options);
    }

    @Override
    public boolean isAfterActivation() {
        return !options.projection();
    }

    @Override
    public boolean removesBias() {
        return options.projection();
    }

    @Override
    public List<Layer> input(int channels) { // no weight comes before it
        return List.of(GaussianNormLayer.of(channels, options.withProjection(false)));
    }

    @Override
    public String toString() {
        return options.equals(GaussianNormOptions.robust())
                ? "gaussian"
                : options.equals(GaussianNormOptions.paper()) ? "gaussian(paper)" : "gaussian(" + options + ")";
    }
}
