package org.jauss.report;

/**
 * Text in lines, each letter of one width, such as the summary of a model.
 *
 * @param text the text
 */
public record Listing(String text) implements Block {
    @Override
    public String markup() {
        return new Xml()
                .within("div", xml -> xml.element("pre", text), "class", "wide")
                .toString();
    }
}
