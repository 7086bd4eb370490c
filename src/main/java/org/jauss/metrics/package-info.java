/** Metrics: numbers about predictions that are reported but not trained on. */
@NullMarked
package org.jauss.metrics;

import org.jspecify.annotations.NullMarked;
