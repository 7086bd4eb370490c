/** The command line: training, evaluation and use of image classifiers without a line of Java. */
@NullMarked
package org.jauss.cli;

import org.jspecify.annotations.NullMarked;
