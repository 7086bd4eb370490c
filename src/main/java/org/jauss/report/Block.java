package org.jauss.report;

/** Something that stands in a {@link Section} of a report. */
public sealed interface Block permits Figure, Table, Listing, Confusion, Predictions {
    /**
     * The block as XHTML, all text in it escaped.
     *
     * @return one element, which needs the styles of a report
     */
    String markup();
}
