/**
 * Data: labelled instances with random access ({@link org.jauss.data.Dataset}) or from front to back
 * ({@link org.jauss.data.DataStream}), their way into batches, changes at random, and readers of files.
 *
 * <p>All of it is described by values that never change. What a batch holds is a function of the keys that were split
 * off, the epoch and the number of the batch, whoever makes it and when.
 */
@NullMarked
package org.jauss.data;

import org.jspecify.annotations.NullMarked;
