/**
 * The experiments on Batchless Normalization and its rivals, each one command of
 * {@link org.jauss.examples.experiments.PaperExperiments}.
 */
@NullMarked
package org.jauss.examples.experiments;

import org.jspecify.annotations.NullMarked;
