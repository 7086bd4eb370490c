package org.jauss.tensor;

import org.jspecify.annotations.Nullable;

/**
 * What attention leaves open. By default every query sees every key, the scale is one over the root of the width, and
 * nothing is dropped.
 *
 * @param causal whether query i sees the keys 0 to i only
 * @param mask not 0 where a query may see a key, broadcast to {@code [..., L, S]}; null for everywhere
 * @param scale the factor on the products; 0 for one over the root of the width
 * @param dropout the probability with which a weight is dropped in training, in {@code [0, 1)}
 */
public record AttentionOptions(boolean causal, @Nullable IntTensor mask, float scale, float dropout) {
    /**
     * Checks the options.
     *
     * @param causal whether query i sees the keys 0 to i only
     * @param mask not 0 where a query may see a key, broadcast to {@code [..., L, S]}; null for everywhere
     * @param scale the factor on the products; 0 for one over the root of the width
     * @param dropout the probability with which a weight is dropped in training, in {@code [0, 1)}
     * @throws IllegalArgumentException if the rate of dropout is outside its range
     */
    public AttentionOptions {
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("attention: the dropout rate must be in [0, 1), but is " + dropout);
        }
    }

    /**
     * The defaults.
     *
     * @return the options
     */
    public static AttentionOptions defaults() {
        return new AttentionOptions(false, null, 0, 0);
    }

    /**
     * The same options, in which query i sees the keys 0 to i only.
     *
     * @return the options
     */
    public AttentionOptions withCausal() {
        return new AttentionOptions(true, mask, scale, dropout);
    }

    /**
     * The same options with a mask.
     *
     * @param other not 0 where a query may see a key, broadcast to {@code [..., L, S]}; null for everywhere
     * @return the options
     */
    public AttentionOptions withMask(@Nullable IntTensor other) {
        return new AttentionOptions(causal, other, scale, dropout);
    }

    /**
     * The same options with another scale.
     *
     * @param other the factor on the products; 0 for one over the root of the width
     * @return the options
     */
    public AttentionOptions withScale(float other) {
        return new AttentionOptions(causal, mask, other, dropout);
    }

    /**
     * The same options with dropout.
     *
     * @param rate the probability with which a weight is dropped in training, in {@code [0, 1)}
     * @return the options
     * @throws IllegalArgumentException if the rate is outside its range
     */
    public AttentionOptions withDropout(float rate) {
        return new AttentionOptions(causal, mask, scale, rate);
    }
}
