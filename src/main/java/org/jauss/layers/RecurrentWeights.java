package org.jauss.layers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jauss.tensor.Cell;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Recurrence;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * The weights of one direction of one recurrent layer, with {@code G} gates: 1 for {@link RnnLayer}, 3 for
 * {@link GruLayer} (r, z, n), 4 for {@link LstmLayer} (i, f, g, o).
 *
 * @param weight {@code [C, G H]}
 * @param recurrentWeight {@code [H, G H]}
 * @param bias {@code [G H]}, or null for none
 * @param recurrentBias {@code [G H]}, or null for none
 */
public record RecurrentWeights(
        Parameter weight,
        Parameter recurrentWeight,
        @Nullable Parameter bias,
        @Nullable Parameter recurrentBias) {
    /** The weights of a stack of layers. */
    static List<RecurrentWeights> draw(Cell cell, int in, int hidden, RecurrentOptions options, Rng rng) {
        var stack = new ArrayList<RecurrentWeights>();
        int width = cell.gates() * hidden;
        for (int i = 0; i < options.layers(); i++) {
            int features = i == 0 ? in : options.bidirectional() ? 2 * hidden : hidden;
            Parameter bias = options.bias() ? Parameter.full(Shape.of(width), 0) : null;
            if (bias != null && cell == Cell.LSTM) {
                Arrays.fill(bias.data(), hidden, 2 * hidden, 1); // a forget gate that is open at first
            }
            stack.add(new RecurrentWeights(
                    Initializer.glorotUniform().parameter(Shape.of(features, width), rng),
                    Initializer.orthogonal().parameter(Shape.of(hidden, width), rng),
                    bias,
                    options.bias() ? Parameter.full(Shape.of(width), 0) : null));
        }
        return stack;
    }

    static void require(String name, List<RecurrentWeights> layers, List<RecurrentWeights> reverse, float dropout) {
        if (layers.isEmpty() || (!reverse.isEmpty() && reverse.size() != layers.size())) {
            throw new IllegalArgumentException(name + ": needs at least one layer, and as many in both directions: "
                    + layers.size() + " and " + reverse.size());
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException(name + ": the dropout rate must be in [0, 1), but is " + dropout);
        }
    }

    static String describe(String name, RecurrentLayer layer, String more) {
        RecurrentWeights first = layer.layers().get(0);
        int n = layer.layers().size();
        return name + "[" + first.weight.shape().dim(0) + " -> "
                + first.hidden() * (layer.isBidirectional() ? 2 : 1)
                + (n > 1 ? ", " + n + " layers" : "")
                + (layer.isBidirectional() ? ", bidirectional" : "")
                + (first.bias == null && first.recurrentBias == null ? ", no bias" : "")
                + (layer.dropout() > 0 ? ", dropout " + layer.dropout() : "")
                + more + "]";
    }

    int hidden() {
        return recurrentWeight.shape().dim(0);
    }

    Recurrence.Weights in(Pass pass) {
        return new Recurrence.Weights(
                pass.use(weight),
                pass.use(recurrentWeight),
                bias == null ? null : pass.use(bias),
                recurrentBias == null ? null : pass.use(recurrentBias));
    }

    void visit(String name, Layer.Visitor visitor) {
        visitor.parameter(name + ".weight", weight);
        visitor.parameter(name + ".recurrentWeight", recurrentWeight);
        if (bias != null) {
            visitor.parameter(name + ".bias", bias);
        }
        if (recurrentBias != null) {
            visitor.parameter(name + ".recurrentBias", recurrentBias);
        }
    }
}
