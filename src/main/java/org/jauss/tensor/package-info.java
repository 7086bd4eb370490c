/**
 * Tensors with automatic differentiation: {@link org.jauss.tensor.Tensor} and its ops, {@link org.jauss.tensor.Pass},
 * which carries the mode, the random key, the tape and the auxiliary losses of one run through a network,
 * {@link org.jauss.tensor.Parameter} and {@link org.jauss.tensor.Gradients}.
 *
 * <p>A training step:
 *
 * <pre>{@code
 * try (var pass = Pass.training(rng)) {
 *     var loss = crossEntropy.of(model.forward(pass.input(x)), labels);
 *     optimizer.step(pass.backward(loss));
 * }
 * }</pre>
 *
 * <p>Tensors outside a pass belong to inference: nothing is recorded. An op that is missing here can be added from any
 * package, see {@link org.jauss.tensor.Op}.
 */
@NullMarked
package org.jauss.tensor;

import org.jspecify.annotations.NullMarked;
