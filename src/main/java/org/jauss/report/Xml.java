package org.jauss.report;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/**
 * Writes well-formed XML, of which SVG and XHTML are made: all text is escaped, and what is opened is closed. What XML
 * cannot hold, such as control characters, is shown as U+FFFD.
 */
final class Xml {
    private final StringBuilder text = new StringBuilder();
    private final Deque<String> open = new ArrayDeque<>();

    /** Opens an element; attributes are given as name, value, name, value. */
    Xml open(String name, Object... attributes) {
        start(name, attributes);
        text.append('>');
        open.push(name);
        return this;
    }

    /** Closes the element that was opened last. */
    Xml close() {
        text.append("</").append(open.pop()).append('>');
        return this;
    }

    /** An element without content. */
    Xml empty(String name, Object... attributes) {
        start(name, attributes);
        text.append("/>");
        return this;
    }

    /** An element with nothing but text. */
    Xml element(String name, String content, Object... attributes) {
        return open(name, attributes).text(content).close();
    }

    /** An element with what the body writes. */
    Xml within(String name, Consumer<Xml> body, Object... attributes) {
        open(name, attributes);
        body.accept(this);
        return close();
    }

    Xml text(String content) {
        escape(content);
        return this;
    }

    /** Markup that was made by another writer. */
    Xml raw(String markup) {
        text.append(markup);
        return this;
    }

    private void start(String name, Object... attributes) {
        text.append('<').append(name);
        for (int i = 0; i < attributes.length; i += 2) {
            text.append(' ').append(attributes[i]).append("=\"");
            Object value = attributes[i + 1];
            escape(value instanceof Double number ? Numbers.coordinate(number) : value.toString());
            text.append('"');
        }
    }

    private void escape(String content) {
        content.codePoints().forEach(c -> {
            switch (c) {
                case '&' -> text.append("&amp;");
                case '<' -> text.append("&lt;");
                case '>' -> text.append("&gt;");
                case '"' -> text.append("&quot;");
                default -> text.appendCodePoint(isXml(c) ? c : 0xFFFD);
            }
        });
    }

    private static boolean isXml(int c) {
        boolean control = c < ' ' && c != '\t' && c != '\n';
        boolean surrogate = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
        return !control && !surrogate && c != 0xFFFE && c != 0xFFFF;
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
