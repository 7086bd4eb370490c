/**
 * Data: instances with their labels, cut, shuffled and put into batches, and the data sets that come with the library.
 */
@NullMarked
package org.jauss.data;

import org.jspecify.annotations.NullMarked;
