package org.jauss.layers;

import java.util.Arrays;
import org.jauss.tensor.Embedding;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * A vector for each token: row t of the weight for token t. Tokens are whole numbers in a float tensor, see
 * {@link org.jauss.tensor.IntTensor#toTensor}. Only the rows of tokens that occur get a gradient.
 *
 * <p><b>Shape:</b> {@code [...] -> [..., D]}. Default as in PyTorch: weight normal with deviation 1.
 *
 * @param weight {@code [V, D]}
 * @param padding the token whose row gets no gradient, or -1 for none
 */
public record EmbeddingLayer(Parameter weight, int padding) implements Layer {
    /**
     * Checks the padding.
     *
     * @param weight {@code [V, D]}
     * @param padding the token whose row gets no gradient, or -1 for none
     * @throws IllegalArgumentException if the padding is no token
     */
    public EmbeddingLayer {
        if (padding < -1
                || (weight.shape().rank() == 2 && padding >= weight.shape().dim(0))) {
            throw new IllegalArgumentException(
                    "embedding: the padding must be a token or -1, but is " + padding + " for " + weight.shape());
        }
    }

    /**
     * A layer with the default initialisation.
     *
     * @param tokens the number V of tokens
     * @param features the number D of features
     * @param rng the source of the weight
     * @return the layer
     */
    public static EmbeddingLayer of(int tokens, int features, Rng rng) {
        return of(tokens, features, Initializer.normal(1), rng);
    }

    /**
     * A layer whose weight is drawn by the given initialiser.
     *
     * @param tokens the number V of tokens
     * @param features the number D of features
     * @param initializer draws the weight
     * @param rng the source of the weight
     * @return the layer
     */
    public static EmbeddingLayer of(int tokens, int features, Initializer initializer, Rng rng) {
        return new EmbeddingLayer(initializer.parameter(Shape.of(tokens, features), rng), -1);
    }

    /**
     * The layer with the same weight, in which a token stands for no token: its row becomes zeros and stays as it is.
     *
     * @param token the token
     * @return the layer
     * @throws IllegalArgumentException if it is no token
     */
    public EmbeddingLayer withPadding(int token) {
        var layer = new EmbeddingLayer(weight, token);
        if (token >= 0) {
            int d = weight.shape().dim(1);
            Arrays.fill(weight.data(), token * d, (token + 1) * d, 0);
        }
        return layer;
    }

    @Override
    public Tensor forward(Tensor x) {
        try {
            return x.pass().observe(this, x, Embedding.of(x, x.pass().use(weight), padding));
        } catch (ShapeException e) {
            throw e.at("", this);
        }
    }

    @Override
    public String toString() {
        return "EmbeddingLayer[" + weight.shape().dim(0) + " tokens -> "
                + weight.shape().dim(1) + (padding < 0 ? "]" : ", padding " + padding + "]");
    }
}
