package org.jauss.layers;

import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * {@code y = x + body(x)} (He et al., 2016).
 *
 * <p><b>Shape:</b> that of {@code x}, which {@code body} has to keep.
 *
 * @param body what is added
 */
public record ResidualLayer(Layer body) implements Layer {
    @Override
    public Tensor forward(Tensor x) {
        Tensor added;
        try {
            added = body.forward(x);
        } catch (ShapeException e) {
            throw e.at("body", body);
        }
        if (!added.shape().equals(x.shape())) {
            throw new ShapeException("residual: the body changes the shape: " + x.shape() + " to " + added.shape())
                    .at("", this);
        }
        return x.add(added);
    }

    @Override
    public String toString() {
        return "ResidualLayer[" + body + "]";
    }
}
