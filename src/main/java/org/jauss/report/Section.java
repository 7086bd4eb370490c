package org.jauss.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A part of a report. Figures that follow one another stand side by side where there is room.
 *
 * @param heading its heading
 * @param note what the reader should know, in a sentence or two; may be empty
 * @param folded whether it is opened by a click only
 * @param blocks what stands in it
 */
public record Section(String heading, String note, boolean folded, List<Block> blocks) {
    /**
     * A part of a report.
     *
     * @param heading its heading
     * @param note what the reader should know, in a sentence or two; may be empty
     * @param folded whether it is opened by a click only
     * @param blocks what stands in it; copied
     */
    public Section {
        blocks = List.copyOf(blocks);
    }

    /**
     * A section without blocks.
     *
     * @param heading its heading
     * @param note what the reader should know; may be empty
     * @return the section
     */
    public static Section of(String heading, String note) {
        return new Section(heading, note, false, List.of());
    }

    /**
     * The same with one more block.
     *
     * @param block the block
     * @return the section
     */
    public Section with(Block block) {
        List<Block> more = new ArrayList<>(blocks);
        more.add(block);
        return new Section(heading, note, folded, more);
    }

    /**
     * The same, opened by a click only.
     *
     * @return the section
     */
    public Section withFold() {
        return new Section(heading, note, true, blocks);
    }

    /** The section as XHTML. */
    String markup() {
        var xml = new Xml();
        xml.open("section");
        if (folded) {
            xml.open("details").open("summary").element("h2", heading).close();
        } else {
            xml.element("h2", heading);
        }
        if (!note.isEmpty()) {
            xml.element("p", note, "class", "note");
        }
        boolean inGrid = false;
        for (Block block : blocks) {
            boolean figure = block instanceof Figure;
            if (inGrid && !figure) {
                xml.close();
            } else if (!inGrid && figure) {
                xml.open("div", "class", block instanceof Histogram ? "grid small" : "grid");
            }
            inGrid = figure;
            if (figure) {
                xml.open("figure").raw(block.markup()).close();
            } else {
                xml.raw(block.markup());
            }
        }
        if (inGrid) {
            xml.close();
        }
        if (folded) {
            xml.close();
        }
        return xml.close().toString();
    }
}
