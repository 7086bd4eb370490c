package org.jauss.layers;

import java.util.List;
import java.util.stream.Collectors;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * Layers one after the other. Parameters are named {@code layers.0.weight}, {@code layers.1.mean} and so on.
 *
 * @param layers the layers, in order
 */
public record Sequential(List<Layer> layers) implements Layer {
    /**
     * Layers one after the other.
     *
     * @param layers the layers, in order; copied
     */
    public Sequential {
        layers = List.copyOf(layers);
    }

    /**
     * Layers one after the other.
     *
     * @param layers the layers, in order
     * @return the model
     */
    public static Sequential of(Layer... layers) {
        return new Sequential(List.of(layers));
    }

    @Override
    public Tensor forward(Tensor x) {
        Tensor given = x;
        for (int i = 0; i < layers.size(); i++) {
            try {
                Tensor y = layers.get(i).forward(x);
                x.pass().consumed(x, y, given);
                x = y;
            } catch (ShapeException e) {
                throw e.at("layers." + i, layers.get(i));
            }
        }
        return x;
    }

    @Override
    public String toString() {
        return layers.stream().map(Layer::toString).collect(Collectors.joining(", ", "Sequential[", "]"));
    }
}
