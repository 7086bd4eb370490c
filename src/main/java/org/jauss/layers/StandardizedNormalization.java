package org.jauss.layers;

import java.util.List;

/** A normalisation together with weight standardisation of the hidden layers. */
record StandardizedNormalization(Normalization norm) implements Normalization {
    @Override
    public Layer of(int channels) {
        return norm.of(channels);
    }

    @Override
    public boolean isAfterActivation() {
        return norm.isAfterActivation();
    }

    @Override
    public boolean removesBias() {
        return norm.removesBias();
    }

    @Override
    public List<Layer> input(int channels) {
        return norm.input(channels);
    }

    @Override
    public List<Layer> hidden(LinearLayer linear, Layer activation) {
        return norm.hidden(linear.withWeightStandardization(), activation);
    }

    @Override
    public List<Layer> hidden(ConvLayer<?> convolution, Layer activation) {
        return norm.hidden(convolution.withWeightStandardization(), activation);
    }

    @Override
    public String toString() {
        return norm + " with weight standardization";
    }
}
