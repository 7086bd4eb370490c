package org.jauss.train;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import org.jauss.layers.Layer;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Tensor;

/** Sees the layers of a model at work, by their paths. */
@FunctionalInterface
public interface LayerObserver {
    /**
     * Looks at a layer; the tensors are gone when the run is over.
     *
     * @param path its path in the model; from its second use on with the number of the use: {@code block.conv (2)}
     * @param layer the layer
     * @param x its input
     * @param y its output
     */
    void see(String path, Object layer, Tensor x, Tensor y);

    /**
     * Runs a model in inference and shows each layer in order of execution.
     *
     * @param model the model
     * @param probe inputs
     * @param observer sees the layers
     */
    static void run(Layer model, Tensor probe, LayerObserver observer) {
        var paths = new IdentityHashMap<Object, String>();
        model.layersByPath().forEach((path, layer) -> paths.putIfAbsent(layer, path));
        Map<String, Integer> uses = new HashMap<>();
        try (var pass = Pass.observing((layer, x, y) -> {
            String path = paths.getOrDefault(layer, layer.toString());
            int use = uses.merge(path, 1, Integer::sum);
            observer.see(use == 1 ? path : path + " (" + use + ")", layer, x, y);
        })) {
            model.forward(pass.input(probe));
        }
    }
}
