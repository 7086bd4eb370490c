package org.jauss.layers;

import java.util.List;
import org.jauss.tensor.Cell;
import org.jauss.tensor.Rng;

/**
 * Long short-term memory (Hochreiter &amp; Schmidhuber, 1997): with {@code a = x . weight + bias + h . recurrentWeight +
 * recurrentBias} cut into the gates i, f, g, o, {@code c = s(f) c + s(i) tanh(g)} and {@code h = s(o) tanh(c)}, s being the
 * logistic function.
 *
 * <p><b>Shape:</b> {@code [..., T, C] -> [..., T, H]}, or {@code [..., T, 2 H]} if bidirectional. Defaults as in
 * Keras: weight Glorot uniform, recurrent weight orthogonal, biases zero, but 1 for the forget gate; one layer, one direction, no dropout.
 *
 * @param layers the weights of each layer
 * @param reverseLayers those of the other direction; empty unless bidirectional
 * @param dropout the probability with which an element between two layers is dropped in training
 */
public record LstmLayer(List<RecurrentWeights> layers, List<RecurrentWeights> reverseLayers, float dropout)
        implements RecurrentLayer {
    /**
     * Checks that the layers fit one another.
     *
     * @param layers the weights of each layer; copied
     * @param reverseLayers those of the other direction; copied
     * @param dropout the probability with which an element between two layers is dropped in training
     * @throws IllegalArgumentException if there is no layer, the directions differ, or the rate is outside its range
     */
    public LstmLayer {
        layers = List.copyOf(layers);
        reverseLayers = List.copyOf(reverseLayers);
        RecurrentWeights.require("lstm", layers, reverseLayers, dropout);
    }

    /**
     * One layer, one direction.
     *
     * @param in the number of features that come in
     * @param hidden the number of features of the state
     * @param rng the source of the weights
     * @return the layer
     */
    public static LstmLayer of(int in, int hidden, Rng rng) {
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
    public static LstmLayer of(int in, int hidden, RecurrentOptions options, Rng rng) {
        return new LstmLayer(
                RecurrentWeights.draw(Cell.LSTM, in, hidden, options, rng),
                options.bidirectional() ? RecurrentWeights.draw(Cell.LSTM, in, hidden, options, rng) : List.of(),
                options.dropout());
    }

    @Override
    public Cell cell() {
        return Cell.LSTM;
    }

    @Override
    public String toString() {
        return RecurrentWeights.describe("LstmLayer", this, "");
    }
}
