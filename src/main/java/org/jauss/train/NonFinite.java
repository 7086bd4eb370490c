package org.jauss.train;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jauss.data.Batch;
import org.jauss.layers.Layer;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.Observer;
import org.jauss.tensor.Op;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Sliceable;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Finds where a step left the finite numbers: it runs the step once more, with the same random key, and looks at every
 * op, forward and backward.
 *
 * <p>Ops show themselves before the layer that they belong to, and a layer that is a lambda does not show itself at all.
 * So an op waits for its place until a layer shows itself: what led to the input of that layer came before it.
 */
final class NonFinite implements Observer {
    private final Map<String, Layer> layers;
    private final IdentityHashMap<Layer, String> paths = new IdentityHashMap<>();
    private final IdentityHashMap<Layer, Boolean> seen = new IdentityHashMap<>();
    private final String loss;

    // Of the present micro-batch.
    private final List<Made> withoutPlace = new ArrayList<>();
    private final IdentityHashMap<Tensor, Made> made = new IdentityHashMap<>();

    private @Nullable Made first;
    private @Nullable String problem;

    /** An op that was carried out. */
    private static final class Made {
        final Op op;
        final Tensor result;
        final Tensor[] inputs;
        String place = "";

        Made(Op op, Tensor result, Tensor... inputs) {
            this.op = op;
            this.result = result;
            this.inputs = inputs;
        }
    }

    private NonFinite(Layer model, Object loss) {
        this.layers = model.layersByPath();
        layers.forEach((path, layer) -> paths.putIfAbsent(layer, path));
        this.loss = "the loss " + loss;
    }

    /**
     * Where the first number that is not finite is: in a parameter, in the input, in the result of an op of a layer or
     * the loss, or in the gradient that an op led back.
     */
    static <T extends Sliceable<T>> String find(
            GradientAccumulation<T> accumulation, Layer model, Rng rng, Batch<T> batch) {
        for (var entry : model.parameters().entrySet()) {
            Parameter parameter = entry.getValue();
            int at = firstIn(parameter.data(), 0, parameter.data().length);
            if (at >= 0) {
                return "parameter " + entry.getKey() + " has " + parameter.data()[at] + " at " + at;
            }
        }
        String input = describe("the input", batch.x());
        return input != null ? input : new NonFinite(model, accumulation.loss()).run(accumulation, model, rng, batch);
    }

    private <T extends Sliceable<T>> String run(
            GradientAccumulation<T> accumulation, Layer model, Rng rng, Batch<T> batch) {
        var gradients = new Gradients();
        GradientAccumulation.Prediction prediction = (pass, from, to) -> {
            made.clear();
            seen.clear();
            Tensor output = model.forward(pass.input(batch.x().rows(from, to)));
            place(withoutPlace, before(null));
            return output;
        };
        try {
            accumulation.withShards(1).run(rng, batch.labels(), prediction, gradients, this);
        } catch (ArithmeticException e) {
            place(withoutPlace, loss); // The loss is what is not finite.
        }
        if (first != null) {
            return first.place + ": " + problem;
        }
        for (var entry : model.parameters().entrySet()) {
            if (gradients.contains(entry.getValue())) {
                float[] gradient = gradients.of(entry.getValue());
                int at = firstIn(gradient, 0, gradient.length);
                if (at >= 0) {
                    return "the gradient of " + entry.getKey() + " has " + gradient[at] + " at " + at;
                }
            }
        }
        return loss + ": no op by itself";
    }

    @Override
    public void recorded(Op op, Tensor result, Tensor... inputs) {
        var next = new Made(op, result, inputs);
        withoutPlace.add(next);
        made.put(result, next);
        String found = first == null ? describe("the result of " + op.name(), result) : null;
        if (found != null) {
            first = next;
            problem = found;
        }
    }

    @Override
    public void see(Object source, Tensor x, Tensor y) {
        if (source instanceof Layer layer) {
            int own = 0;
            for (int i = 0; i < withoutPlace.size(); i++) {
                own = withoutPlace.get(i).result == x ? i + 1 : own;
            }
            place(withoutPlace.subList(0, own), before(layer));
            place(withoutPlace, name(layer));
            seen.put(layer, true);
        }
    }

    @Override
    public void propagated(Tensor result) {
        place(withoutPlace, loss);
        Made of = made.get(result);
        for (int i = 0; first == null && of != null && i < of.inputs.length; i++) {
            Tensor input = of.inputs[i];
            int at = input.tracked() ? firstIn(input.grad(), input.offset(), input.size()) : -1;
            if (at >= 0) {
                first = of;
                problem = "backward of " + of.op.name() + ", whose result is finite, has " + input.grad()[at] + " at "
                        + (at - input.offset()) + " in the gradient of its input " + input.shape();
            }
        }
    }

    private static void place(List<Made> ops, String place) {
        ops.forEach(op -> op.place = place);
        ops.clear();
    }

    private String name(Layer layer) {
        String path = paths.getOrDefault(layer, "");
        String kind =
                layer.getClass().isHidden() ? "(a lambda)" : layer.getClass().getSimpleName();
        return "layer " + (path.isEmpty() ? "" : path + " ") + kind;
    }

    /** The layers that have not shown themselves before another one or before the end, those that hold it left out. */
    private String before(@Nullable Layer layer) {
        String path = layer == null ? "" : paths.getOrDefault(layer, "");
        List<String> hidden = new ArrayList<>();
        for (var entry : layers.entrySet()) {
            if (entry.getValue() == layer) {
                break;
            }
            if (!isWithin(path, entry.getKey()) && seen.put(entry.getValue(), true) == null) {
                hidden.add(name(entry.getValue()));
            }
        }
        String unknown = layer == null ? "the model" : "before " + name(layer);
        return hidden.isEmpty() ? unknown : String.join(" or ", hidden);
    }

    private static boolean isWithin(String path, String outer) {
        return outer.isEmpty() || path.startsWith(outer + ".");
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
}
