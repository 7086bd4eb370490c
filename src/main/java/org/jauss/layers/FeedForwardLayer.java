package org.jauss.layers;

import org.jauss.tensor.Rng;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * The second half of a transformer layer: {@code y = output(dropout(activation(hidden(x))))}, for each step alone.
 *
 * <p><b>Shape:</b> {@code [..., D]}, unchanged.
 *
 * @param hidden {@code [D, width]}
 * @param output {@code [width, D]}
 * @param activation an element-wise function
 * @param dropout the probability with which an element of the hidden features is dropped in training
 */
public record FeedForwardLayer(LinearLayer hidden, LinearLayer output, ActivationLayer activation, float dropout)
        implements Layer {
    /**
     * Checks the options.
     *
     * @param hidden {@code [D, width]}
     * @param output {@code [width, D]}
     * @param activation an element-wise function
     * @param dropout the probability with which an element of the hidden features is dropped in training
     * @throws IllegalArgumentException if the rate is outside its range
     */
    public FeedForwardLayer {
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("feed-forward: the dropout rate must be in [0, 1), but is " + dropout);
        }
    }

    /**
     * A layer with ReLU and dropout .1, as in PyTorch's transformer; weights Glorot uniform, biases zero.
     *
     * @param features the number D of features
     * @param width the number of hidden features
     * @param rng the source of the weights
     * @return the layer
     */
    public static FeedForwardLayer of(int features, int width, Rng rng) {
        return new FeedForwardLayer(
                LinearLayer.of(features, width, rng),
                LinearLayer.of(width, features, rng),
                ActivationLayer.relu(),
                TransformerEncoderLayer.DROPOUT);
    }

    @Override
    public Tensor forward(Tensor x) {
        try {
            return output.forward(activation.forward(hidden.forward(x)).dropout(dropout));
        } catch (ShapeException e) {
            throw e.at("", this);
        }
    }

    @Override
    public String toString() {
        return "FeedForwardLayer[" + hidden.weight().shape().dim(0) + " -> "
                + hidden.weight().shape().dim(1) + " -> "
                + output.weight().shape().dim(1) + ", " + activation.name()
                + "]";
    }
}
