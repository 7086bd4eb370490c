/** Experiments: a grid of trainings, run side by side and resumed after a crash, and the tables that come of it. */
@NullMarked
package org.jauss.experiments;

import org.jspecify.annotations.NullMarked;
