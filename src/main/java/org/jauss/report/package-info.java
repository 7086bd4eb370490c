/**
 * What a person looks at: figures as SVG and PNG, and reports of trainings as a single HTML file. Start at
 * {@link org.jauss.report.RunReport}.
 */
@NullMarked
package org.jauss.report;

import org.jspecify.annotations.NullMarked;
