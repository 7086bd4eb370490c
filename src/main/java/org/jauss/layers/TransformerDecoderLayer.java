package org.jauss.layers;

import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A layer of a transformer's decoder (Vaswani et al., 2017): causal self-attention, attention to the encoder's result and a feed-forward
 * network, each added to its input and normalised, {@code y = norm(x + dropout(part(x)))}, or with pre-norm
 * {@code y = x + dropout(part(norm(x)))} (Xiong et al., 2020), after which a stack needs one more norm at its end.
 *
 * <p><b>Shape:</b> {@code [..., T, D]}, unchanged. Defaults as in PyTorch: post-norm, ReLU, dropout .1 on attention weights,
 * hidden features and what is added.
 *
 * @param attention each step attends to those before
 * @param attentionNorm its normalisation
 * @param crossAttention each step attends to the encoder's result
 * @param crossAttentionNorm its normalisation
 * @param feedForward what follows for each step alone
 * @param feedForwardNorm its normalisation
 * @param dropout the probability with which an element of what is added is dropped in training
 * @param preNorm whether the input of a part is normalised instead of the sum
 */
public record TransformerDecoderLayer(
        MultiHeadAttentionLayer attention,
        LayerNormLayer attentionNorm,
        MultiHeadAttentionLayer crossAttention,
        LayerNormLayer crossAttentionNorm,
        FeedForwardLayer feedForward,
        LayerNormLayer feedForwardNorm,
        float dropout,
        boolean preNorm)
        implements Layer {
    /**
     * Checks the options.
     *
     * @param attention each step attends to those before
     * @param attentionNorm its normalisation
     * @param crossAttention each step attends to the encoder's result
     * @param crossAttentionNorm its normalisation
     * @param feedForward what follows for each step alone
     * @param feedForwardNorm its normalisation
     * @param dropout the probability with which an element of what is added is dropped in training
     * @param preNorm whether the input of a part is normalised instead of the sum
     * @throws IllegalArgumentException if the rate is outside its range
     */
    public TransformerDecoderLayer {
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
    public static TransformerDecoderLayer of(int features, int heads, int width, Rng rng) {
        float rate = TransformerEncoderLayer.DROPOUT;
        return new TransformerDecoderLayer(
                MultiHeadAttentionLayer.of(features, heads, rng)
                        .withDropout(rate)
                        .withCausal(),
                LayerNormLayer.of(features),
                MultiHeadAttentionLayer.of(features, heads, rng).withDropout(rate),
                LayerNormLayer.of(features),
                FeedForwardLayer.of(features, width, rng),
                LayerNormLayer.of(features),
                rate,
                false);
    }

    /**
     * The layer with the same weights, which normalises the input of each part instead of the sum.
     *
     * @return the layer
     */
    public TransformerDecoderLayer withPreNorm() {
        return new TransformerDecoderLayer(
                attention,
                attentionNorm,
                crossAttention,
                crossAttentionNorm,
                feedForward,
                feedForwardNorm,
                dropout,
                true);
    }

    /**
     * The layer with the same weights and another activation.
     *
     * @param activation that of the feed-forward network
     * @return the layer
     */
    public TransformerDecoderLayer withActivation(ActivationLayer activation) {
        return new TransformerDecoderLayer(
                attention,
                attentionNorm,
                crossAttention,
                crossAttentionNorm,
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
    public TransformerDecoderLayer withDropout(float rate) {
        return new TransformerDecoderLayer(
                attention.withDropout(rate),
                attentionNorm,
                crossAttention.withDropout(rate),
                crossAttentionNorm,
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
    public TransformerDecoderLayer withRotary(float base) {
        return new TransformerDecoderLayer(
                attention.withRotary(base),
                attentionNorm,
                crossAttention,
                crossAttentionNorm,
                feedForward,
                feedForwardNorm,
                dropout,
                preNorm);
    }

    /**
     * Not to be used: a decoder needs something to decode. Without an encoder, take {@link TransformerEncoderLayer} with
     * {@link TransformerEncoderLayer#withCausal}.
     *
     * @param x {@code [..., T, D]}
     * @return nothing
     * @throws UnsupportedOperationException always
     */
    @Override
    public Tensor forward(Tensor x) {
        throw new UnsupportedOperationException(this + " needs the encoder's result: forward(x, memory); without an"
                + " encoder, take TransformerEncoderLayer with withCausal()");
    }

    /**
     * Decodes.
     *
     * @param x {@code [..., L, D]}
     * @param memory {@code [..., S, D]}, the encoder's result
     * @return {@code [..., L, D]}
     */
    public Tensor forward(Tensor x, Tensor memory) {
        return forward(x, null, memory, null);
    }

    /**
     * Decodes and leaves out padding.
     *
     * @param x {@code [..., L, D]}
     * @param mask {@code [..., L]}, not 0 where there is a token; null if everywhere
     * @param memory {@code [..., S, D]}, the encoder's result
     * @param memoryMask {@code [..., S]}, not 0 where there is a token; null if everywhere
     * @return {@code [..., L, D]}
     */
    public Tensor forward(Tensor x, @Nullable IntTensor mask, Tensor memory, @Nullable IntTensor memoryMask) {
        Tensor y = part("attention", attentionNorm, x, in -> attention.forward(in, mask));
        y = part("crossAttention", crossAttentionNorm, y, in -> crossAttention.forward(in, memory, memoryMask));
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
        return "TransformerDecoderLayer["
                + feedForward.output().weight().shape().dim(1) + ", " + attention.heads()
                + (attention.heads() == 1 ? " head" : " heads") + ", feed-forward "
                + feedForward.hidden().weight().shape().dim(1) + ", "
                + feedForward.activation().name()
                + (preNorm ? ", pre-norm" : ", post-norm")
                + (attention.rotaryBase() > 0 ? ", rotary" : "")
                + (dropout > 0 ? ", dropout " + dropout : "") + "]";
    }
}
