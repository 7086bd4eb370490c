package org.jauss.layers;

import java.util.List;
import org.jauss.tensor.Cell;
import org.jauss.tensor.Rng;

/**
 * A plain recurrent network (Elman, 1990): {@code h = tanh(x . weight + bias + h . recurrentWeight + recurrentBias)} of the
 * state {@code h} of the step before; also known as simple RNN.
 *
 * <p><b>Shape:</b> {@code [..., T, C] -> [..., T, H]}, or {@code [..., T, 2 H]} if bidirectional. Defaults as in
 * Keras: weight Glorot uniform, recurrent weight orthogonal, biases zero; one layer, one direction, no dropout.
 *
 * @param layers the weights of each layer
 * @param reverseLayers those of the other direction; empty unless bidirectional
 * @param dropout the probability with which an element between two layers is dropped in training
 * @param relu whether the activation is ReLU instead of tanh
 */
public record RnnLayer(List<RecurrentWeights> layers, List<RecurrentWeights> reverseLayers, float dropout, boolean relu)
        implements RecurrentLayer {
    /**
     * Checks that the layers fit one another.
     *
     * @param layers the weights of each layer; copied
     * @param reverseLayers those of the other direction; copied
     * @param dropout the probability with which an element between two layers is dropped in training
     * @param relu whether the activation is ReLU instead of tanh
     * @throws IllegalArgumentException if there is no layer, the directions differ, or the rate is outside its range
     */
    public RnnLayer {
        layers = List.copyOf(layers);
        reverseLayers = List.copyOf(reverseLayers);
        RecurrentWeights.require("rnn", layers, reverseLayers, dropout);
    }

    /**
     * One layer, one direction.
     *
     * @param in the number of features that come in
     * @param hidden the number of features of the state
     * @param rng the source of the weights
     * @return the layer
     */
    public static RnnLayer of(int in, int hidden, Rng rng) {
        return of(in, hidden, RecurrentOptions.defaults(), rng);
    }

    /**
     * Layers by options.
     *
     * @param in the number of features that come in
     * @param hidden the number of features of the state, for each direction
     * @param options number of layers, directions, bias, dropout
     * @param rng the source of the weights
     * @return the layer
     */
    public static RnnLayer of(int in, int hidden, RecurrentOptions options, Rng rng) {
        return new RnnLayer(
                RecurrentWeights.draw(Cell.TANH, in, hidden, options, rng),
                options.bidirectional() ? RecurrentWeights.draw(Cell.TANH, in, hidden, options, rng) : List.of(),
                options.dropout(),
                false);
    }

    /**
     * The layer with the same weights and the activation ReLU.
     *
     * @return the layer
     */
    public RnnLayer withRelu() {
        return new RnnLayer(layers, reverseLayers, dropout, true);
    }

    @Override
    public Cell cell() {
        return relu ? Cell.RELU : Cell.TANH;
    }

    @Override
    public String toString() {
        return RecurrentWeights.describe("RnnLayer", this, relu ? ", relu" : "");
    }
}
