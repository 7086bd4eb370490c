package org.jauss.layers;

import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A layer of a transformer's encoder (Vaswani et al., 2017): self-attention and a feed-forward
 * network, each added to its input and normalised, {@code y = norm(x + dropout(part(x)))}, or with pre-norm
 * {@code y = x + dropout(part(norm(x)))} (Xiong et al., 2020), after which a stack needs one more norm at its end.
 *
 * <p><b>Shape:</b> {@code [..., T, D]}, unchanged. Defaults as in PyTorch: post-norm, ReLU, dropout .1 on attention weights,
 * hidden features and what is added. With {@link #withCausal} it is a layer of a language model without encoder.
 *
 * @param attention each step attends to the others
 * @param attentionNorm its normalisation
 * @param feedForward what follows for each step alone
 * @param feedForwardNorm its normalisation
 * @param dropout the probability with which an element of what is added is dropped in training
 * @param preNorm whether the input of a part is normalised instead of the sum
 */
public record TransformerEncoderLayer(
        MultiHeadAttentionLayer attention,
        LayerNormLayer attentionNorm,
        FeedForwardLayer feedForward,
        LayerNormLayer feedForwardNorm,
        float dropout,
        boolean preNorm)
        implements Layer {
    /** The default rate of dropout, that of PyTorch. */
    static final float DROPOUT = .1f;

    /**
     * Checks the options.
     *
     * @param attention each step attends to the others
     * @param attentionNorm its normalisation
     * @param feedForward what follows for each step alone
     * @param feedForwardNorm its normalisation
     * @param dropout the probability with which an element of what is added is dropped in training
     * @param preNorm whether the input of a part is normalised instead of the sum
     * @throws IllegalArgumentException if the rate is outside its range
     */
    public TransformerEncoderLayer {
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("transformer: the dropout rate must be in [0, 1), but is " + dropout);
        }
    }

    /**
     * A layer with the defaults.
     *
     * @param features the number D of features
     * @param heads the number of heads, a divisor of D
     * @param width the number of hidden features of the feed-forward network
     * @param rng the source of the weights
     * @return the layer
     */
    public static TransformerEncoderLayer of(int features, int heads, int width, Rng rng) {
        float rate = TransformerEncoderLayer.DROPOUT;
        return new TransformerEncoderLayer(
                MultiHeadAttentionLayer.of(features, heads, rng).withDropout(rate),
                LayerNormLayer.of(features),
                FeedForwardLayer.of(features, width, rng),
                LayerNormLayer.of(features),
                rate,
                false);
    }

    /**
     * The layer with the same weights, in which a step sees itself and those before only.
     *
     * @return the layer
     */
    public TransformerEncoderLayer withCausal() {
        return new TransformerEncoderLayer(
                attention.withCausal(), attentionNorm, feedForward, feedForwardNorm, dropout, preNorm);
    }

    /**
     * The layer with the same weights, which normalises the input of each part instead of the sum.
     *
     * @return the layer
     */
    public TransformerEncoderLayer withPreNorm() {
        return new TransformerEncoderLayer(attention, attentionNorm, feedForward, feedForwardNorm, dropout, true);
    }

    /**
     * The layer with the same weights and another activation.
     *
     * @param activation that of the feed-forward network
     * @return the layer
     */
    public TransformerEncoderLayer withActivation(ActivationLayer activation) {
        return new TransformerEncoderLayer(
                attention,
                attentionNorm,
                new FeedForwardLayer(feedForward.hidden(), feedForward.output(), activation, feedForward.dropout()),
                feedForwardNorm,
                dropout,
                preNorm);
    }

    /**
     * The layer with the same weights and another dropout, of attention weights, hidden features and what is added.
     *
     * @param rate the probability, in {@code [0, 1)}
     * @return the layer
     * @throws IllegalArgumentException if the rate is outside its range
     */
    public TransformerEncoderLayer withDropout(float rate) {
        return new TransformerEncoderLayer(
                attention.withDropout(rate),
                attentionNorm,
                new FeedForwardLayer(feedForward.hidden(), feedForward.output(), feedForward.activation(), rate),
                feedForwardNorm,
                rate,
                preNorm);
    }

    /**
     * The layer with the same weights and rotary positions in self-attention.
     *
     * @param base the base of the wave lengths, above 1; 10000 in the paper
     * @return the layer
     * @throws IllegalArgumentException if the base is not above 1, or the heads have an odd width
     */
    public TransformerEncoderLayer withRotary(float base) {
        return new TransformerEncoderLayer(
                attention.withRotary(base), attentionNorm, feedForward, feedForwardNorm, dropout, preNorm);
    }

    @Override
    public Tensor forward(Tensor x) {
        return forward(x, (IntTensor) null);
    }

    /**
     * Leaves out padding.
     *
     * @param x {@code [..., T, D]}
     * @param mask {@code [..., T]}, not 0 where there is a token; null if everywhere
     * @return {@code [..., T, D]}
     */
    public Tensor forward(Tensor x, @Nullable IntTensor mask) {
        Tensor y = part("attention", attentionNorm, x, in -> attention.forward(in, mask));
        return part("feedForward", feedForwardNorm, y, feedForward);
    }

    private Tensor part(String name, LayerNormLayer norm, Tensor x, Layer part) {
        try {
            return preNorm
                    ? x.add(part.forward(norm.forward(x)).dropout(dropout))
                    : norm.forward(x.add(part.forward(x).dropout(dropout)));
        } catch (ShapeException e) {
            throw e.at(name, this);
        }
    }

    @Override
    public String toString() {
        return "TransformerEncoderLayer["
                + feedForward.output().weight().shape().dim(1) + ", " + attention.heads()
                + (attention.heads() == 1 ? " head" : " heads") + ", feed-forward "
                + feedForward.hidden().weight().shape().dim(1) + ", "
                + feedForward.activation().name()
                + (preNorm ? ", pre-norm" : ", post-norm")
                + (attention.causal() ? ", causal" : "")
                + (attention.rotaryBase() > 0 ? ", rotary" : "")
                + (dropout > 0 ? ", dropout " + dropout : "") + "]";
    }
}
