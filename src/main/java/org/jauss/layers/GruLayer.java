package org.jauss.layers;

import java.util.List;
import org.jauss.tensor.Cell;
import org.jauss.tensor.Rng;

/**
 * Gated recurrent unit (Cho et al., 2014): with {@code a = x . weight + bias} and {@code u = h . recurrentWeight +
 * recurrentBias} cut into the gates r, z, n, {@code n = tanh(a_n + s(a_r + u_r) u_n)} and {@code h = (1 - z) n + z h} with
 * {@code z = s(a_z + u_z)}, s being the logistic function. The reset comes after the product, as in PyTorch and in Keras.
 *
 * <p><b>Shape:</b> {@code [..., T, C] -> [..., T, H]}, or {@code [..., T, 2 H]} if bidirectional. Defaults as in
 * Keras: weight Glorot uniform, recurrent weight orthogonal, biases zero; one layer, one direction, no dropout.
 *
 * @param layers the weights of each layer
 * @param reverseLayers those of the other direction; empty unless bidirectional
 * @param dropout the probability with which an element between two layers is dropped in training
 */
public record GruLayer(List<RecurrentWeights> layers, List<RecurrentWeights> reverseLayers, float dropout)
        implements RecurrentLayer {
    /**
     * Checks that the layers fit one another.
     *
     * @param layers the weights of each layer; copied
     * @param reverseLayers those of the other direction; copied
     * @param dropout the probability with which an element between two layers is dropped in training
     * @throws IllegalArgumentException if there is no layer, the directions differ, or the rate is outside its range
     */
    public GruLayer {
        layers = List.copyOf(layers);
        reverseLayers = List.copyOf(reverseLayers);
        RecurrentWeights.require("gru", layers, reverseLayers, dropout);
    }

    /**
     * One layer, one direction.
     *
     * @param in the number of features that come in
     * @param hidden the number of features of the state
     * @param rng the source of the weights
     * @return the layer
     */
    public static GruLayer of(int in, int hidden, Rng rng) {
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
    public static GruLayer of(int in, int hidden, RecurrentOptions options, Rng rng) {
        return new GruLayer(
                RecurrentWeights.draw(Cell.GRU, in, hidden, options, rng),
                options.bidirectional() ? RecurrentWeights.draw(Cell.GRU, in, hidden, options, rng) : List.of(),
                options.dropout());
    }

    @Override
    public Cell cell() {
        return Cell.GRU;
    }

    @Override
    public String toString() {
        return RecurrentWeights.describe("GruLayer", this, "");
    }
}
