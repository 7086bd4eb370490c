package org.jauss.cli;

import org.jauss.data.Dataset;
import org.jauss.data.Standardize;
import org.jauss.layers.Layer;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;

/**
 * Shifts and scales each channel by fixed numbers, which are kept with the weights: a file of weights is all that is
 * needed to predict.
 *
 * @param mean what is subtracted, {@code [C]}
 * @param std what is divided by, {@code [C]}
 */
record StandardizeLayer(Parameter mean, Parameter std) implements Layer {
    /** A layer that changes nothing yet. */
    static StandardizeLayer of(int channels) {
        var layer = new StandardizeLayer(Parameter.full(Shape.of(channels), 0), Parameter.full(Shape.of(channels), 1));
        layer.mean.freeze();
        layer.std.freeze();
        return layer;
    }

    /** Takes the mean and standard deviation of the channels of a data set. */
    void learn(Dataset<?> data) {
        var learned = Standardize.of(data);
        mean.set(learned.mean().toArray());
        std.set(learned.std().toArray());
    }

    @Override
    public Tensor forward(Tensor x) {
        return x.pass().observe(this, x, x.sub(mean.value()).div(std.value()));
    }

    @Override
    public String toString() {
        return "StandardizeLayer[" + mean.shape().dim(0) + "]";
    }
}
