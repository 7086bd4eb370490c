package org.jauss.tensor;

/** Attention of several heads that lie side by side in the features, without moving them apart. */
public final class MultiHeadAttention {
    private MultiHeadAttention() {}

    /**
     * Self-attention on fused projections.
     *
     * @param qkv {@code [N, T, 3 D]}: queries, keys and values
     * @param heads the number of heads, a divisor of D
     * @param options the options; a mask broadcasts to {@code [N, heads, T, T]}
     * @return {@code [N, T, D]}
     */
    public static Tensor self(Tensor qkv, int heads, AttentionOptions options) {
        int features = features("self", qkv, 3);
        return Attend.ofHeads(qkv, qkv, features, qkv.shape().dim(1), heads, width(features, heads), 0, options);
    }

    /**
     * Attention to other rows.
     *
     * @param q {@code [N, L, D]}: queries
     * @param kv {@code [N, S, 2 D]}: keys and values, of which the first ones count
     * @param keys how many of them count
     * @param heads the number of heads, a divisor of D
     * @param position where the first query stands among the keys; it matters to causal attention
     * @param options the options; a mask broadcasts to {@code [N, heads, L, keys]}
     * @return {@code [N, L, D]}
     */
    public static Tensor cross(Tensor q, Tensor kv, int keys, int heads, int position, AttentionOptions options) {
        int features = features("cross", q, 1);
        if (kv.shape().rank() != 3
                || kv.shape().dim(0) != q.shape().dim(0)
                || kv.shape().dim(2) != 2 * features
                || keys < 0
                || keys > kv.shape().dim(1)) {
            throw new ShapeException("attention: " + keys + " keys and values do not fit: " + q.shape() + " and "
                    + kv.shape() + " != [N, S, 2 D]");
        }
        return Attend.ofHeads(q, kv, 0, keys, heads, width(features, heads), position, options);
    }

    private static int features(String name, Tensor x, int parts) {
        if (x.shape().rank() != 3 || x.shape().dim(2) % parts != 0) {
            throw new ShapeException(
                    "attention: " + name + " needs [N, T, " + (parts == 1 ? "D" : parts + " D") + "]: " + x.shape());
        }
        return x.shape().dim(2) / parts;
    }

    private static int width(int features, int heads) {
        if (heads < 1 || features % heads != 0) {
            throw new ShapeException("attention: " + heads + " heads do not divide " + features + " features");
        }
        return features / heads;
    }
}
