package org.jauss.layers;

import java.util.ArrayList;
import java.util.List;
import org.jauss.tensor.Cell;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.KeyValueCache;
import org.jauss.tensor.Recurrence;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One or several recurrent layers, in one or both directions. {@link #forward} gives the outputs of all steps of the
 * last layer; {@link #run(Tensor, List, IntTensor)} also takes and gives states, and sequences of different lengths.
 *
 * <p>Parameters are named {@code layers.0.weight}, {@code layers.0.recurrentWeight}, {@code layers.0.bias},
 * {@code layers.0.recurrentBias}, those of the other direction {@code reverseLayers.0.weight} and so on. States are
 * listed as in PyTorch: layer 0 forward, layer 0 reverse, layer 1 forward and so on.
 */
public sealed interface RecurrentLayer extends Layer permits RnnLayer, LstmLayer, GruLayer {
    /**
     * What a run gave.
     *
     * @param output {@code [..., T, H]} or, bidirectional, {@code [..., T, 2 H]}; 0 beyond the length of a sequence
     * @param states of each layer and direction the state after its last valid step
     */
    record Result(Tensor output, List<Recurrence.State> states) {}

    /**
     * The weights from first to last step.
     *
     * @return those of each layer
     */
    List<RecurrentWeights> layers();

    /**
     * The weights from last to first step.
     *
     * @return those of each layer; empty unless bidirectional
     */
    List<RecurrentWeights> reverseLayers();

    /**
     * The probability with which an element between two layers is dropped in training.
     *
     * @return the rate
     */
    float dropout();

    /**
     * The formula of a step.
     *
     * @return the formula
     */
    Cell cell();

    /**
     * Whether each layer also runs from the last step to the first.
     *
     * @return whether it is bidirectional
     */
    default boolean isBidirectional() {
        return !reverseLayers().isEmpty();
    }

    /**
     * The outputs of all steps, from states of zeros, or in a pass that {@link org.jauss.tensor.Pass#generating
     * generates} from those after the steps before.
     *
     * @param x {@code [..., T, C]}
     * @return {@code [..., T, H]} or, bidirectional, {@code [..., T, 2 H]}
     * @throws IllegalStateException if a bidirectional layer should generate: its outputs depend on steps to come
     */
    @Override
    default Tensor forward(Tensor x) {
        KeyValueCache.Slot slot = x.pass().nextSlot();
        if (slot == null) {
            return run(x, List.of(), null).output();
        }
        if (isBidirectional()) {
            throw new IllegalStateException(this + " cannot generate step by step: it is bidirectional");
        }
        Result result = run(x, slot.states(), null);
        slot.remember(result.states());
        return result.output();
    }

    /**
     * Runs over all steps from states of zeros.
     *
     * @param x {@code [..., T, C]}
     * @return outputs and final states
     */
    default Result run(Tensor x) {
        return run(x, List.of(), null);
    }

    /**
     * Runs over sequences.
     *
     * @param x {@code [..., T, C]}
     * @param initial of each layer and direction the state before its first step; empty for zeros
     * @param lengths the number of valid steps of each sequence, {@code [...]}, or a mask that is not 0 for valid steps,
     *     which come first, {@code [..., T]}; null if all are valid. The other direction starts at the last valid step.
     * @return outputs and final states
     * @throws ShapeException if shapes, lengths or the number of states do not fit
     */
    default Result run(Tensor x, List<Recurrence.State> initial, @Nullable IntTensor lengths) {
        int directions = isBidirectional() ? 2 : 1;
        int count = directions * layers().size();
        if (!initial.isEmpty() && initial.size() != count) {
            throw new ShapeException(
                            "recurrent: " + initial.size() + " initial states for " + count + " layers and directions")
                    .at("", this);
        }
        var states = new ArrayList<Recurrence.State>();
        Tensor y = x;
        try {
            for (int i = 0; i < layers().size(); i++) {
                Tensor in = i == 0 ? y : y.dropout(dropout());
                var outputs = new Tensor[directions];
                for (int d = 0; d < directions; d++) {
                    RecurrentWeights weights =
                            d == 0 ? layers().get(i) : reverseLayers().get(i);
                    Recurrence recurrence = Recurrence.of(
                            cell(),
                            in,
                            weights.in(x.pass()),
                            initial.isEmpty() ? null : initial.get(states.size()),
                            lengths,
                            d == 1);
                    outputs[d] = recurrence.output();
                    states.add(recurrence.state());
                }
                y = directions == 1 ? outputs[0] : Tensor.concat(-1, outputs);
            }
        } catch (ShapeException e) {
            throw e.at("", this);
        }
        return new Result(x.pass().observe(this, x, y), List.copyOf(states));
    }

    @Override
    default void visit(Visitor visitor) {
        for (int i = 0; i < layers().size(); i++) {
            layers().get(i).visit("layers." + i, visitor);
            if (isBidirectional()) {
                reverseLayers().get(i).visit("reverseLayers." + i, visitor);
            }
        }
    }
}
