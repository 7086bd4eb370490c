package org.jauss.layers;

/**
 * The structure of a recurrent layer. By default one layer, one direction, both biases, no dropout.
 *
 * @param layers how many layers are stacked, at least 1
 * @param bidirectional whether each layer also runs from the last step to the first
 * @param bias whether there are biases
 * @param dropout the probability with which an element between two layers is dropped in training, in {@code [0, 1)}
 */
public record RecurrentOptions(int layers, boolean bidirectional, boolean bias, float dropout) {
    /**
     * Checks the options.
     *
     * @param layers how many layers are stacked, at least 1
     * @param bidirectional whether each layer also runs from the last step to the first
     * @param bias whether there are biases
     * @param dropout the probability with which an element between two layers is dropped in training, in
     *     {@code [0, 1)}
     * @throws IllegalArgumentException if there is no layer, or the rate is outside its range
     */
    public RecurrentOptions {
        if (layers < 1) {
            throw new IllegalArgumentException("recurrent: the number of layers must be at least 1, but is " + layers);
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("recurrent: the dropout rate must be in [0, 1), but is " + dropout);
        }
    }

    /**
     * The defaults.
     *
     * @return the options
     */
    public static RecurrentOptions defaults() {
        return new RecurrentOptions(1, false, true, 0);
    }

    /**
     * The same options with several layers, each of which takes the outputs of the one before.
     *
     * @param other how many, at least 1
     * @return the options
     * @throws IllegalArgumentException if there is none
     */
    public RecurrentOptions withLayers(int other) {
        return new RecurrentOptions(other, bidirectional, bias, dropout);
    }

    /**
     * The same options with a second direction in each layer, whose features come after those of the first.
     *
     * @return the options
     */
    public RecurrentOptions withBidirectional() {
        return new RecurrentOptions(layers, true, bias, dropout);
    }

    /**
     * The same options without biases.
     *
     * @return the options
     */
    public RecurrentOptions withoutBias() {
        return new RecurrentOptions(layers, bidirectional, false, dropout);
    }

    /**
     * The same options with dropout between layers.
     *
     * @param rate the probability with which an element is dropped in training, in {@code [0, 1)}
     * @return the options
     * @throws IllegalArgumentException if the rate is outside its range
     */
    public RecurrentOptions withDropout(float rate) {
        return new RecurrentOptions(layers, bidirectional, bias, rate);
    }
}
