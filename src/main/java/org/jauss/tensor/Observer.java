package org.jauss.tensor;

/** Sees what goes in and out of each layer of a pass, and if it wants to, every op. */
@FunctionalInterface
public interface Observer {
    /**
     * Looks at a layer at work; the tensors are gone when the pass closes.
     *
     * @param layer the layer
     * @param x its input
     * @param y its output
     */
    void see(Object layer, Tensor x, Tensor y);

    /**
     * Looks at an op that was carried out, before the layer that it belongs to shows itself; by default does nothing.
     *
     * @param op the op
     * @param result its result; the pass keeps both only if the result is {@link Tensor#tracked tracked}
     * @param inputs its inputs
     */
    default void recorded(Op op, Tensor result, Tensor... inputs) {}

    /**
     * Looks at an op that has just led the gradient of its result back to its inputs; by default does nothing.
     *
     * @param result the result of the op; {@link Tensor#grad} of its tracked inputs holds what has arrived there so far
     */
    default void propagated(Tensor result) {}
}
