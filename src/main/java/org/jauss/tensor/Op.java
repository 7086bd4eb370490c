package org.jauss.tensor;

/**
 * One recorded step of a computation: what the backward pass needs to turn the gradient of the result into gradients of
 * the inputs. Usually a record whose components are exactly the saved tensors and constants.
 *
 * <p>An op may live in any package. Its creator computes the result, then hands it to {@link Pass#record}:
 *
 * <pre>{@code
 * record Cube(Tensor x) implements Op {
 *     static Tensor of(Tensor x) {
 *         Pass pass = Pass.of(x);
 *         float[] y = pass.allocate(x.size());
 *         for (int i = 0; i < y.length; i++) {
 *             float v = x.data()[x.offset() + i];
 *             y[i] = v * v * v;
 *         }
 *         return pass.record(new Cube(x), x.shape(), y, x);
 *     }
 *
 *     public void backward(Tensor y) {
 *         if (x.tracked()) {
 *             float[] dx = x.grad();
 *             for (int i = 0; i < x.size(); i++) {
 *                 float v = x.data()[x.offset() + i];
 *                 dx[x.offset() + i] += 3 * v * v * y.grad()[y.offset() + i];
 *             }
 *         }
 *     }
 * }
 * }</pre>
 */
@FunctionalInterface
public interface Op {
    /**
     * Adds to the gradient of every tracked input what flows into it from the result.
     *
     * @param y the result; {@link Tensor#grad} holds its complete gradient
     */
    void backward(Tensor y);

    /**
     * What it is called in messages.
     *
     * @return the name of its class by default
     */
    default String name() {
        return getClass().getSimpleName();
    }

    /**
     * The multiplications with an addition that the forward pass took, for summaries of models: those of products of
     * matrices and the like. Element-wise work does not count.
     *
     * @return the number, 0 by default
     */
    default long multiplyAdds() {
        return 0;
    }

    /**
     * The floats that this op keeps for the backward pass besides its inputs and its result, for summaries of models.
     *
     * @return the number, 0 by default
     */
    default long savedFloats() {
        return 0;
    }
}
