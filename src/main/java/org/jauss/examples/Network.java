package org.jauss.examples;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jauss.data.Digits;
import org.jauss.io.Safetensors;
import org.jauss.layers.Initializer;
import org.jauss.layers.Layer;
import org.jauss.layers.LinearLayer;
import org.jauss.layers.Sequential;
import org.jauss.tensor.Rng;

/**
 * What a network for digits consists of: enough to build it, and to build it again for a file of its parameters.
 *
 * @param normalization how it normalises
 * @param hidden the widths of its hidden layers
 */
record Network(Contender normalization, List<Integer> hidden) {
    private static final String NORMALIZATION = "normalization";
    private static final String HIDDEN = "hidden";

    /** Three hidden layers. */
    static Network of(Contender normalization) {
        return new Network(normalization, List.of(64, 48, 32));
    }

    /** The network with new weights: He normal for hidden layers, LeCun normal for the last one. */
    Sequential build(Rng rng) {
        var layers = new ArrayList<Layer>(normalization.input(Digits.PIXELS));
        int in = Digits.PIXELS;
        for (int width : hidden) {
            layers.addAll(normalization.hidden(in, width, rng));
            in = width;
        }
        layers.add(LinearLayer.of(in, Digits.CLASSES, Initializer.lecunNormal(), rng));
        return new Sequential(layers);
    }

    void save(Path file, Sequential model) {
        String widths = hidden.stream().map(Object::toString).collect(Collectors.joining(","));
        Safetensors.write(file, model.parameters(), Map.of(NORMALIZATION, normalization.name(), HIDDEN, widths));
    }

    static Sequential load(Path file) {
        Map<String, String> metadata = Safetensors.metadata(file);
        String name = metadata.getOrDefault(NORMALIZATION, "");
        String widths = metadata.getOrDefault(HIDDEN, "");
        if (Arrays.stream(Contender.values()).noneMatch(known -> known.name().equals(name))
                || !widths.matches("[1-9][0-9]{0,2}(,[1-9][0-9]{0,2}){0,9}")) {
            throw new IllegalArgumentException(file + ": is no network for digits: its metadata has to name the"
                    + " normalization and the widths of the hidden layers");
        }
        List<Integer> hidden =
                Arrays.stream(widths.split(",")).map(Integer::valueOf).toList();
        Sequential model = new Network(Contender.valueOf(name), hidden).build(Rng.of(0));
        Safetensors.read(file, model.parameters());
        return model;
    }
}
