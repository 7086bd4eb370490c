package org.jauss.train;

import java.util.IdentityHashMap;
import java.util.Map;
import org.jauss.layers.Layer;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.Observer;
import org.jauss.tensor.Op;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Finds where a step left the finite numbers: it runs the model once more, with the same random key, and looks. */
final class NonFinite {
    private NonFinite() {}

    /** Where the first number that is not finite is: a parameter, the input, or the result of an op within a layer. */
    static String find(Layer model, Rng rng, Tensor x) {
        for (var entry : model.parameters().entrySet()) {
            Parameter parameter = entry.getValue();
            int at = firstIn(parameter.data(), 0, parameter.data().length);
            if (at >= 0) {
                return "parameter " + entry.getKey() + " has " + parameter.data()[at] + " at " + at;
            }
        }
        String input = describe("the input", x);
        if (input != null) {
            return input;
        }
        var look = new Look(model);
        try (var pass = Pass.training(rng, look)) {
            String output = describe("the output of the model", model.forward(pass.input(x)));
            String found = look.found;
            return found != null ? found : output != null ? output : "the loss, from finite predictions";
        }
    }

    /** The first parameter, in the order of the model, whose gradient is not finite. */
    static String find(Layer model, Gradients gradients) {
        for (var entry : model.parameters().entrySet()) {
            if (gradients.contains(entry.getValue())) {
                float[] gradient = gradients.of(entry.getValue());
                int at = firstIn(gradient, 0, gradient.length);
                if (at >= 0) {
                    return "the gradient of " + entry.getKey() + " has " + gradient[at] + " at " + at;
                }
            }
        }
        return "the gradients, whose squares overflow";
    }

    private static @Nullable String describe(String what, Tensor x) {
        int at = firstIn(x.data(), x.offset(), x.size());
        return at < 0 ? null : what + " " + x.shape() + " has " + x.data()[at] + " at " + (at - x.offset());
    }

    private static int firstIn(float[] array, int offset, int size) {
        for (int i = offset; i < offset + size; i++) {
            if (!Float.isFinite(array[i])) {
                return i;
            }
        }
        return -1;
    }

    /** Remembers the first op whose result is not finite, and the layer that it turns out to belong to. */
    private static final class Look implements Observer {
        private final Map<Object, String> paths = new IdentityHashMap<>();
        private @Nullable String op;
        private @Nullable String found;

        Look(Layer model) {
            model.layersByPath().forEach((path, layer) -> paths.putIfAbsent(layer, path));
        }

        @Override
        public void recorded(Op next, Tensor result, Tensor... inputs) {
            if (op == null && found == null) {
                op = describe("the result of " + next.getClass().getSimpleName(), result);
            }
        }

        @Override
        public void see(Object layer, Tensor x, Tensor y) {
            if (found == null) {
                String result = op != null ? op : describe("the result", y);
                if (result != null) {
                    String path = paths.getOrDefault(layer, "");
                    found = "layer " + (path.isEmpty() ? "" : path + " ") + layer + ": " + result;
                }
            }
        }
    }
}
