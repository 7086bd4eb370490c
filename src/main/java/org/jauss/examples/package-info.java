/** Short programs that show how the library is used. */
@NullMarked
package org.jauss.examples;

import org.jspecify.annotations.NullMarked;
