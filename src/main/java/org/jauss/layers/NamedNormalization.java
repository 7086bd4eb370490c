package org.jauss.layers;

import java.util.function.IntFunction;

/** A normalisation that knows its name and its place. */
record NamedNormalization(String name, IntFunction<Layer> layer, boolean isAfterActivation, boolean removesBias)
        implements Normalization {
    @Override
    public Layer of(int channels) {
        return layer.apply(channels);
    }

    @Override
    public String toString() {
        return name;
    }
}
