/**
 * Optimisers: {@link org.jauss.optimizers.Optimizer} applies a {@link org.jauss.optimizers.Rule} to every parameter,
 * with a learning rate that follows a {@link org.jauss.optimizers.Schedule}.
 *
 * <pre>{@code
 * var optimizer = Optimizer.of(parameters, Adam.of(Schedule.cosine(1e-3f, 1e-5f, 10_000)));
 * optimizer.step(pass.backward(loss));
 * }</pre>
 */
@NullMarked
package org.jauss.optimizers;

import org.jspecify.annotations.NullMarked;
