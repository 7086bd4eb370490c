package org.jauss.examples;

import java.util.ArrayList;
import java.util.List;
import org.jauss.layers.ActivationLayer;
import org.jauss.layers.Conv2dLayer;
import org.jauss.layers.FlattenLayer;
import org.jauss.layers.Initializer;
import org.jauss.layers.Layer;
import org.jauss.layers.LinearLayer;
import org.jauss.layers.MaxPool2dLayer;
import org.jauss.layers.Sequential;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;

/**
 * A small network for small images: two convolutions with 5 x 5 windows, each halved by max pooling, and two linear
 * layers.
 *
 * @param normalization how it normalises
 * @param filters the number of filters of the first convolution; the second has twice as many
 * @param hidden the width of the hidden linear layer
 */
record ConvolutionalNetwork(Contender normalization, int filters, int hidden) {
    /** The network with new weights, for images of one channel: He normal for hidden layers. */
    Sequential build(Shape images, int classes, Rng rng) {
        int channels = images.dim(-1);
        var layers = new ArrayList<>(normalization.input(channels));
        layers.addAll(hidden(channels, filters, rng));
        layers.add(MaxPool2dLayer.of(2));
        layers.addAll(hidden(filters, 2 * filters, rng));
        layers.add(MaxPool2dLayer.of(2));
        layers.add(new FlattenLayer());
        int features = new Sequential(layers)
                .forward(Tensor.zeros(images.with(0, 0).dims()))
                .shape()
                .dim(-1);
        layers.addAll(normalization.hidden(features, hidden, rng));
        layers.add(LinearLayer.of(hidden, classes, Initializer.lecunNormal(), rng));
        return new Sequential(layers);
    }

    private List<Layer> hidden(int in, int out, Rng rng) {
        var convolution = Conv2dLayer.of(in, out, new int[] {5, 5}, 1, Initializer.heNormal(), rng);
        return normalization.way().hidden(convolution, ActivationLayer.relu());
    }
}
