/** Training: what puts layers, losses and optimisers together. */
@NullMarked
package org.jauss.train;

import org.jspecify.annotations.NullMarked;
