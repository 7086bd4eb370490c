package org.jauss.tensor;

import org.jspecify.annotations.Nullable;

/**
 * What a recurrent network makes of sequences: the output of every step and the state after the last one.
 *
 * <p>All steps are one op: their inputs are multiplied in one product, each step adds one product with the state, and the
 * gradient is taken back through time by hand.
 *
 * @param output {@code [..., T, H]}, 0 beyond the length of a sequence
 * @param state the state after the last valid step
 */
public record Recurrence(Tensor output, State state) {
    /**
     * The weights, with {@code G} gates (1 for a plain network, 3 for GRU, 4 for LSTM).
     *
     * @param weight {@code [C, G H]}
     * @param recurrentWeight {@code [H, G H]}
     * @param bias {@code [G H]}, or null for none
     * @param recurrentBias {@code [G H]}, or null for none
     */
    public record Weights(
            Tensor weight,
            Tensor recurrentWeight,
            @Nullable Tensor bias,
            @Nullable Tensor recurrentBias) {}

    /**
     * What is handed from step to step.
     *
     * @param hidden {@code [..., H]}, the output of the step
     * @param cell {@code [..., H]}, the cell of an LSTM; null for the others
     */
    public record State(Tensor hidden, @Nullable Tensor cell) {
        /**
         * The state of a network without cell.
         *
         * @param hidden {@code [..., H]}
         * @return the state
         */
        public static State of(Tensor hidden) {
            return new State(hidden, null);
        }

        /**
         * The state of an LSTM.
         *
         * @param hidden {@code [..., H]}
         * @param cell {@code [..., H]}
         * @return the state
         */
        public static State of(Tensor hidden, Tensor cell) {
            return new State(hidden, cell);
        }

        /**
         * A copy outside any pass: the next part of a long sequence starts from it, without a gradient.
         *
         * @return the copy
         */
        public State keep() {
            return new State(hidden.keep(), cell == null ? null : cell.keep());
        }
    }

    /**
     * Runs over sequences.
     *
     * @param cell the formula of a step
     * @param x {@code [..., T, C]}
     * @param weights the weights
     * @param initial the state before the first step; null for zeros
     * @param lengths {@code [...]}, the number of valid steps of each sequence, or {@code [..., T]}, a mask that is not 0
     *     for valid steps, which come first; null if all steps are valid
     * @param reverse whether to run from the last valid step to the first
     * @return outputs and final state
     * @throws ShapeException if shapes do not fit, a length is not within 0 to T, or a mask has a gap
     */
    public static Recurrence of(
            Cell cell,
            Tensor x,
            Weights weights,
            @Nullable State initial,
            @Nullable IntTensor lengths,
            boolean reverse) {
        return Recurrent.of(cell, x, weights, initial, lengths, reverse);
    }
}
