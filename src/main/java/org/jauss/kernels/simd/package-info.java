/**
 * The kernels on the Vector API: the only code that names {@code jdk.incubator.vector}, loaded by name.
 */
@NullMarked
package org.jauss.kernels.simd;

import org.jspecify.annotations.NullMarked;
