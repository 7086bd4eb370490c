package org.jauss.layers;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jauss.tensor.Observer;
import org.jauss.tensor.Op;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One training pass over a number of instances, cut into the work of each layer. The ops up to the one that made a
 * layer's input are not its own: they come from containers and lambdas and form an entry without a layer.
 */
final class SummaryTrace implements Observer {
    /**
     * The work of a layer, or of what lies between two layers.
     *
     * @param layer the layer, or null
     * @param output the shape of its output
     * @param multiplyAdds the multiply-adds of its ops
     * @param floats the floats that its ops keep for the backward pass
     */
    record Entry(@Nullable Object layer, Shape output, long multiplyAdds, long floats) {}

    private record Work(float[] result, long multiplyAdds, long floats) {}

    private final List<Entry> entries = new ArrayList<>();
    private final List<Work> pending = new ArrayList<>();
    /** Arrays that need not be counted (any more), told apart by identity: views share one. */
    private final Set<float[]> counted = Collections.newSetFromMap(new IdentityHashMap<>());

    private SummaryTrace() {}

    static List<Entry> of(Layer model, Shape instance, int instances) {
        int[] dims = new int[instance.rank() + 1];
        dims[0] = instances;
        System.arraycopy(instance.dims(), 0, dims, 1, instance.rank());
        var trace = new SummaryTrace();
        Tensor x = Tensor.zeros(dims);
        trace.counted.add(x.data());
        for (Parameter parameter : model.parameters().values()) {
            trace.counted.add(parameter.data());
        }
        try (var pass = Pass.training(Rng.of(0), trace)) {
            trace.rest(model.forward(pass.input(x)).shape());
        }
        return trace.entries;
    }

    @Override
    public void recorded(Op op, Tensor result, Tensor... inputs) {
        long floats = 0;
        if (result.tracked()) {
            floats = op.savedFloats() + count(result);
            for (Tensor input : inputs) {
                floats += count(input);
            }
        }
        pending.add(new Work(result.data(), op.multiplyAdds(), floats));
    }

    private long count(Tensor kept) {
        return counted.add(kept.data()) ? kept.data().length : 0;
    }

    @Override
    public void see(Object layer, Tensor x, Tensor y) {
        int own = pending.size();
        while (own > 0 && pending.get(own - 1).result() != x.data()) {
            own--;
        }
        if (own > 0) {
            entries.add(entry(null, x.shape(), pending.subList(0, own)));
        }
        entries.add(entry(layer, y.shape(), pending.subList(own, pending.size())));
        pending.clear();
    }

    private void rest(Shape output) {
        if (!pending.isEmpty()) {
            entries.add(entry(null, output, pending));
        }
    }

    private static Entry entry(@Nullable Object layer, Shape output, List<Work> work) {
        return new Entry(
                layer,
                output,
                work.stream().mapToLong(Work::multiplyAdds).sum(),
                work.stream().mapToLong(Work::floats).sum());
    }
}
