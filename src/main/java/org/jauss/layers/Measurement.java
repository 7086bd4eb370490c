package org.jauss.layers;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Predicate;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/** Sets the statistics of layers to those of given instances, layer by layer in order of execution. */
final class Measurement {
    private final Predicate<Object> which;
    private final Set<Layer> done = new LinkedHashSet<>();

    /** The first layer of a run over all batches that is not done yet, and what it has seen. */
    private @Nullable Layer layer;

    private ColumnMoments moments = new ColumnMoments();

    private Measurement(Predicate<Object> which) {
        this.which = which;
    }

    /**
     * Measures, in one run over all batches for each layer.
     *
     * @param name what to call this in messages
     * @param which the layers, all of which {@link #set} knows
     * @return the number of layers that were set
     */
    static int of(String name, Layer model, Iterable<Tensor> batches, Predicate<Object> which) {
        var measurement = new Measurement(which);
        while (measurement.run(name, model, batches)) {}
        return measurement.done.size();
    }

    /** Sets the next layer, or returns false if there is none. */
    private boolean run(String name, Layer model, Iterable<Tensor> batches) {
        layer = null;
        moments = new ColumnMoments();
        boolean empty = true;
        for (Tensor batch : batches) {
            empty = false;
            try (var pass = Pass.observing((source, x, y) -> see(source, x))) {
                model.forward(pass.input(batch));
            }
        }
        if (empty && !done.isEmpty()) {
            throw new IllegalArgumentException(name + ": the batches can be walked through only once, but it takes one"
                    + " walk for each layer: keep them in a list, or say how many instances to keep");
        }
        if (layer == null) {
            if (done.isEmpty() && model.layersByPath().values().stream().anyMatch(which)) {
                throw new IllegalArgumentException(name + ": there are no instances");
            }
            return false;
        }
        set(layer, moments);
        done.add(layer);
        return true;
    }

    private void see(Object source, Tensor x) {
        if (which.test(source) && source instanceof Layer candidate && x.size() > 0 && !done.contains(candidate)) {
            if (layer == null) {
                layer = candidate;
            }
            if (layer.equals(candidate)) {
                moments.add(candidate instanceof GaussianNormLayer norm ? norm.rows(x) : x);
            }
        }
    }

    private static void set(Layer layer, ColumnMoments moments) {
        if (layer instanceof GaussianNormLayer norm) {
            norm.initialize(moments);
        } else if (layer instanceof BatchNormLayer norm) {
            new RunningMoments(norm.runningMean(), norm.runningVariance()).set(moments);
        } else if (layer instanceof BatchRenormLayer norm) {
            new RunningMoments(norm.runningMean(), norm.runningVariance()).set(moments);
        }
    }

    /** Whether a layer normalises by statistics of its own that it has learned or averaged. */
    static boolean hasStatistics(Object layer) {
        return layer instanceof GaussianNormLayer
                || layer instanceof BatchNormLayer
                || layer instanceof BatchRenormLayer;
    }
}
