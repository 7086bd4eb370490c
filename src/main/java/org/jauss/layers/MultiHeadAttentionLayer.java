package org.jauss.layers;

import org.jauss.tensor.AttentionOptions;
import org.jauss.tensor.Index;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.KeyValueCache;
import org.jauss.tensor.MultiHeadAttention;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Rotary;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Multi-head attention (Vaswani et al., 2017): {@code y = [head 1, head 2, ...] . output} where each head is
 * {@code softmax(q . k^T / sqrt(width)) . v} of its share of the features of {@code x . qkv = [q, k, v]}. In
 * cross-attention keys and values come from other rows.
 *
 * <p><b>Shape:</b> {@code [..., T, D]}, unchanged. Defaults as in PyTorch: weights Glorot uniform, that of {@code qkv} for
 * the fused shape, biases zero, no dropout, every step sees every step.
 *
 * <p>Masks are not 0 where there is a token, as in Keras (PyTorch's {@code key_padding_mask} has it the other way round).
 * A step that may see nothing attends to zeros. In a pass that {@link org.jauss.tensor.Pass#generating generates}, steps
 * attend to those of earlier passes, too.
 *
 * @param qkv the projections to queries, keys and values, {@code [D, 3 D]}
 * @param output the projection of the heads, {@code [D, D]}
 * @param heads the number of heads, a divisor of D
 * @param causal whether a step sees itself and those before only
 * @param dropout the probability with which an attention weight is dropped in training
 * @param rotaryBase the base of rotary positions, or 0 for none
 */
public record MultiHeadAttentionLayer(
        LinearLayer qkv, LinearLayer output, int heads, boolean causal, float dropout, float rotaryBase)
        implements Layer {
    /**
     * Checks the options.
     *
     * @param qkv the projections to queries, keys and values, {@code [D, 3 D]}
     * @param output the projection of the heads, {@code [D, D]}
     * @param heads the number of heads, a divisor of D
     * @param causal whether a step sees itself and those before only
     * @param dropout the probability with which an attention weight is dropped in training
     * @param rotaryBase the base of rotary positions, or 0 for none
     * @throws IllegalArgumentException if the heads do not divide the features, a rate is outside its range, or rotary
     *     positions meet heads of odd width
     */
    public MultiHeadAttentionLayer {
        int width = qkv.weight().shape().dim(1);
        if (heads < 1 || width % (3 * heads) != 0) {
            throw new IllegalArgumentException(
                    "attention: " + heads + " heads do not divide " + width + " / 3 features");
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("attention: the dropout rate must be in [0, 1), but is " + dropout);
        }
        if (!(rotaryBase == 0 || rotaryBase > 1)) {
            throw new IllegalArgumentException(
                    "attention: the base of rotary positions must be above 1, or 0 for none, but is " + rotaryBase);
        }
        if (rotaryBase > 0 && width / 3 / heads % 2 != 0) {
            throw new IllegalArgumentException(
                    "attention: rotary positions need heads of even width, but it is " + width / 3 / heads);
        }
    }

    /**
     * A layer with the default initialisation.
     *
     * @param features the number D of features
     * @param heads the number of heads, a divisor of D
     * @param rng the source of the weights
     * @return the layer
     * @throws IllegalArgumentException if the heads do not divide the features
     */
    public static MultiHeadAttentionLayer of(int features, int heads, Rng rng) {
        return new MultiHeadAttentionLayer(
                LinearLayer.of(features, 3 * features, rng),
                LinearLayer.of(features, features, rng),
                heads,
                false,
                0,
                0);
    }

    /**
     * The layer with the same weights, in which a step sees itself and those before only.
     *
     * @return the layer
     */
    public MultiHeadAttentionLayer withCausal() {
        return new MultiHeadAttentionLayer(qkv, output, heads, true, dropout, rotaryBase);
    }

    /**
     * The layer with the same weights and dropout on the attention weights.
     *
     * @param rate the probability with which one is dropped in training, in {@code [0, 1)}
     * @return the layer
     * @throws IllegalArgumentException if the rate is outside its range
     */
    public MultiHeadAttentionLayer withDropout(float rate) {
        return new MultiHeadAttentionLayer(qkv, output, heads, causal, rate, rotaryBase);
    }

    /**
     * The layer with the same weights and rotary positions in self-attention (Su et al., 2021), which turn the pairs of
     * neighbouring features as in the paper.
     *
     * @param base the base of the wave lengths, above 1; 10000 in the paper
     * @return the layer
     * @throws IllegalArgumentException if the base is not above 1, or the heads have an odd width
     */
    public MultiHeadAttentionLayer withRotary(float base) {
        return new MultiHeadAttentionLayer(qkv, output, heads, causal, dropout, base);
    }

    /**
     * The layer with the same weights and no biases.
     *
     * @return the layer
     */
    public MultiHeadAttentionLayer withoutBias() {
        return new MultiHeadAttentionLayer(qkv.withoutBias(), output.withoutBias(), heads, causal, dropout, rotaryBase);
    }

    @Override
    public Tensor forward(Tensor x) {
        return forward(x, (IntTensor) null);
    }

    /**
     * Self-attention that leaves out padding.
     *
     * @param x {@code [..., T, D]}
     * @param mask {@code [..., T]}, not 0 where there is a token; null if everywhere
     * @return {@code [..., T, D]}
     * @throws IllegalStateException if the pass generates, but the layer is not causal or there is a mask
     */
    public Tensor forward(Tensor x, @Nullable IntTensor mask) {
        try {
            Tensor rows = sequences(x);
            KeyValueCache.Slot slot = x.pass().nextSlot();
            Tensor attended = slot == null
                    ? MultiHeadAttention.self(rotated(qkv.forward(rows), 0), heads, options(causal, mask, rows))
                    : continued(qkv.forward(rows), mask, slot);
            Tensor y = output.forward(
                    attended.reshape(x.shape().with(-1, features()).dims()));
            return x.pass().observe(this, x, y);
        } catch (ShapeException e) {
            throw e.at("", this);
        }
    }

    /**
     * Cross-attention: the steps of one sequence attend to those of another.
     *
     * @param x {@code [..., L, D]}, the steps that attend
     * @param memory {@code [..., S, D]}, what they attend to
     * @return {@code [..., L, D]}
     */
    public Tensor forward(Tensor x, Tensor memory) {
        return forward(x, memory, null);
    }

    /**
     * Cross-attention that leaves out padding.
     *
     * @param x {@code [..., L, D]}, the steps that attend
     * @param memory {@code [..., S, D]}, what they attend to
     * @param memoryMask {@code [..., S]}, not 0 where there is a token; null if everywhere
     * @return {@code [..., L, D]}
     * @throws IllegalStateException if the layer is causal or has rotary positions: steps of two sequences have no order
     */
    public Tensor forward(Tensor x, Tensor memory, @Nullable IntTensor memoryMask) {
        if (causal || rotaryBase > 0) {
            throw new IllegalStateException(this
                    + " cannot attend to another sequence: causal and rotary attention need one order of all steps");
        }
        try {
            Tensor queries = sequences(x);
            Tensor others = sequences(memory);
            int d = features();
            Tensor q = project(queries, 0, d);
            Tensor kv = project(others, d, 3 * d);
            Tensor attended = MultiHeadAttention.cross(
                    q, kv, others.shape().dim(1), heads, 0, options(false, memoryMask, others));
            Tensor y = output.forward(attended.reshape(x.shape().with(-1, d).dims()));
            return x.pass().observe(this, x, y);
        } catch (ShapeException e) {
            throw e.at("", this);
        }
    }

    private Tensor continued(Tensor projected, @Nullable IntTensor mask, KeyValueCache.Slot slot) {
        if (!causal || mask != null) {
            throw new IllegalStateException(this + " cannot generate step by step: "
                    + (causal ? "there is a padding mask" : "it is not causal; use withCausal()"));
        }
        int d = features();
        int steps = projected.shape().dim(1);
        int first = slot.length();
        Tensor rotated = rotated(projected, first);
        Tensor q = rotated.index(Index.ellipsis(), Index.range(0, d));
        Tensor kv = slot.append(rotated.index(Index.ellipsis(), Index.range(d, 3 * d)));
        return MultiHeadAttention.cross(
                q, kv, first + steps, heads, first, AttentionOptions.defaults().withCausal());
    }

    private Tensor rotated(Tensor projected, int position) {
        return rotaryBase == 0
                ? projected
                : Rotary.of(projected, 2 * features(), features() / heads, rotaryBase, position);
    }

    private AttentionOptions options(boolean ordered, @Nullable IntTensor mask, Tensor keys) {
        AttentionOptions options = new AttentionOptions(ordered, null, 0, dropout);
        if (mask == null) {
            return options;
        }
        int n = keys.shape().dim(0);
        int steps = keys.shape().dim(1);
        if (mask.size() != n * steps || mask.shape().rank() == 0 || mask.shape().dim(-1) != steps) {
            throw new ShapeException(
                    "attention: the padding mask does not fit: " + mask.shape() + " != " + Shape.of(n, steps));
        }
        return options.withMask(IntTensor.of(Shape.of(n, 1, 1, steps), mask.toArray()));
    }

    /** {@code x} times some columns of the fused projection. */
    private Tensor project(Tensor x, int from, int to) {
        Tensor weight = x.pass().use(qkv.weight());
        Parameter bias = qkv.bias();
        return x.linear(
                weight.index(Index.all(), Index.range(from, to)),
                bias == null ? null : x.pass().use(bias).rows(from, to));
    }

    private int features() {
        return qkv.weight().shape().dim(1) / 3;
    }

    /** {@code [..., T, C]} as {@code [N, T, C]}. */
    private static Tensor sequences(Tensor x) {
        int rank = x.shape().rank();
        if (rank < 2) {
            throw new ShapeException("attention: the input needs the axes [..., T, D]: " + x.shape());
        }
        return x.reshape(
                x.shape().size(0, rank - 2), x.shape().dim(-2), x.shape().dim(-1));
    }

    @Override
    public String toString() {
        return "MultiHeadAttentionLayer[" + features() + ", " + heads + (heads == 1 ? " head" : " heads")
                + (causal ? ", causal" : "")
                + (rotaryBase > 0 ? ", rotary" : "")
                + (dropout > 0 ? ", dropout " + dropout : "")
                + (qkv.bias() == null ? ", no bias]" : "]");
    }
}
