/**
 * Float maths on plain arrays, the layer beneath the tensors: {@link org.jauss.kernels.Kernels} is the set of coarse
 * calls (one per op, never one per element), {@link org.jauss.kernels.ScalarKernels} the implementation that needs no
 * JVM flag, {@link org.jauss.kernels.Unary} and {@link org.jauss.kernels.Binary} the tables of element-wise formulas,
 * {@link org.jauss.kernels.Loop} the walk over broadcast and strided operands, {@link org.jauss.kernels.Parallel} the
 * parallel-for.
 *
 * <p>Arrays are row-major; {@code xo} is the offset of the first element of {@code x}. Forward kernels overwrite their
 * result, backward kernels add to theirs.
 */
@NullMarked
package org.jauss.kernels;

import org.jspecify.annotations.NullMarked;
