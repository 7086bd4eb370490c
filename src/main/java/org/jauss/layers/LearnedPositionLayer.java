package org.jauss.layers;

import org.jauss.tensor.KeyValueCache;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * Adds to step t row t of a learned table (Gehring et al., 2017); in a pass that generates, steps count on from those
 * before.
 *
 * <p><b>Shape:</b> {@code [..., T, D]}, unchanged. Default as in GPT-2: weight normal with deviation .02.
 *
 * @param weight {@code [maximum length, D]}
 */
public record LearnedPositionLayer(Parameter weight) implements Layer {
    /**
     * A layer with the default initialisation.
     *
     * @param maxLength the most steps of a sequence
     * @param features the number D of features
     * @param rng the source of the weight
     * @return the layer
     */
    public static LearnedPositionLayer of(int maxLength, int features, Rng rng) {
        return new LearnedPositionLayer(Initializer.normal(.02f).parameter(Shape.of(maxLength, features), rng));
    }

    @Override
    public Tensor forward(Tensor x) {
        KeyValueCache.Slot slot = x.pass().nextSlot();
        int steps = PositionShape.steps(this, x, weight.shape().dim(1));
        int first = slot == null ? 0 : slot.advance(steps);
        if (first + steps > weight.shape().dim(0)) {
            throw new ShapeException("positions: " + (first + steps) + " steps are more than the table has ("
                            + weight.shape().dim(0) + ")")
                    .at("", this);
        }
        Tensor y = x.add(x.pass().use(weight).rows(first, first + steps));
        return x.pass().observe(this, x, y);
    }

    @Override
    public String toString() {
        return "LearnedPositionLayer[" + weight.shape().dim(0) + " x "
                + weight.shape().dim(1) + "]";
    }
}
