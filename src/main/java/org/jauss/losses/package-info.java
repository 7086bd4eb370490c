/**
 * Losses: small records that turn a prediction and its target into terms and those into one value. Each has a factory
 * {@code of()} with the usual options and a wither for every option.
 *
 * <p>{@link org.jauss.losses.Loss} keeps the sum of the terms apart from what it is divided by, so that the gradients
 * of the parts of a batch add up to those of the whole.
 */
@NullMarked
package org.jauss.losses;

import org.jspecify.annotations.NullMarked;
