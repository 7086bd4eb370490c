/**
 * How fast the library is: {@link org.jauss.benchmarks.Steps} times whole steps of training and inference, the classes
 * that end in {@code Benchmark} single kernels and layers by JMH.
 */
@NullMarked
package org.jauss.benchmarks;

import org.jspecify.annotations.NullMarked;
