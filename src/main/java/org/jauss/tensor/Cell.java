package org.jauss.tensor;

/**
 * The formulas of one step of a recurrent network, with {@code a = x . W + b} and {@code u = h . U + ub}, cut into gates
 * of H features each; {@code s} is the logistic function.
 */
public enum Cell {
    /** {@code h = tanh(a + u)} (Elman, 1990). */
    TANH("rnn", 1),

    /** {@code h = max(a + u, 0)} (Le et al., 2015). */
    RELU("rnn", 1),

    /**
     * Gates in the order i, f, g, o: {@code c = s(f) c + s(i) tanh(g)}, {@code h = s(o) tanh(c)}, each of {@code a + u}
     * (Hochreiter &amp; Schmidhuber, 1997; Gers et al., 2000).
     */
    LSTM("lstm", 4),

    /**
     * Gates in the order r, z, n: {@code h = (1 - s(z)) tanh(a_n + s(r) u_n) + s(z) h}, where r and z are of
     * {@code a + u} (Cho et al., 2014, with the reset after the product, as in PyTorch and in Keras by default).
     */
    GRU("gru", 3);

    private final String label;
    private final int gates;

    Cell(String label, int gates) {
        this.label = label;
        this.gates = gates;
    }

    /**
     * The number of gates: how many times H features its weights have.
     *
     * @return the number
     */
    public int gates() {
        return gates;
    }

    /**
     * Whether the state has a cell beside the output.
     *
     * @return whether it is an LSTM
     */
    public boolean hasCell() {
        return this == LSTM;
    }

    /** Whether u has to stay apart from a, instead of being added to it. */
    boolean apart() {
        return this == GRU;
    }

    /** What it is called in messages. */
    String label() {
        return label;
    }
}
