package org.jauss.io;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Reads JSON strictly and from left to right; the caller says what has to come next. What it does not ask for cannot be
 * in the text, so that neither depth nor size of the text can do harm.
 */
public final class JsonScanner {
    private static final Pattern WHOLE = Pattern.compile("0|[1-9][0-9]{0,15}");

    private final Path file;
    private final long offset;
    private final String text;
    private int at;

    /**
     * A scanner at the start of a text.
     *
     * @param file the file, for messages
     * @param offset where the text begins in the file
     * @param text the text
     */
    JsonScanner(Path file, long offset, String text) {
        this.file = file;
        this.offset = offset;
        this.text = text;
    }

    /** Reads an object; {@code member} reads the value for a key. */
    void object(Consumer<String> member) {
        expect('{');
        var keys = new HashSet<String>();
        if (accept('}')) {
            return;
        }
        do {
            String key = string();
            if (!keys.add(key)) {
                throw error("the key " + quote(key) + " occurs twice");
            }
            expect(':');
            member.accept(key);
        } while (accept(','));
        expect('}');
    }

    /** Reads an array; {@code element} reads one element. */
    void array(Runnable element) {
        expect('[');
        if (accept(']')) {
            return;
        }
        do {
            element.run();
        } while (accept(','));
        expect(']');
    }

    /** Reads a whole number from 0 to 2^53 - 1, up to which all readers of JSON agree. */
    long integer() {
        skipSpace();
        int end = at;
        while (end < text.length() && text.charAt(end) >= '0' && text.charAt(end) <= '9') {
            end++;
        }
        String digits = text.substring(at, end);
        boolean whole = end == text.length() || ".eE".indexOf(text.charAt(end)) < 0;
        if (!whole || !WHOLE.matcher(digits).matches() || Long.parseLong(digits) >= 1L << 53) {
            throw error("expected a whole number from 0 to 2^53 - 1");
        }
        at = end;
        return Long.parseLong(digits);
    }

    /** Reads a string. */
    String string() {
        expect('"');
        var result = new StringBuilder();
        while (peek() != '"') {
            if (at == text.length() || peek() < ' ') {
                throw error(at == text.length() ? "a string does not end" : "a control character in a string");
            }
            result.append(peek() == '\\' ? escaped() : text.charAt(at++));
        }
        at++;
        return result.toString();
    }

    private char escaped() {
        at++;
        int kind = "\"\\/bfnrt".indexOf(peek());
        if (kind >= 0 && at < text.length()) {
            at++;
            return "\"\\/\b\f\n\r\t".charAt(kind);
        }
        if (peek() == 'u' && text.length() - at > 4) {
            int code = 0;
            for (int i = 1; i <= 4; i++) {
                int digit = text.charAt(at + i) < 0x80 ? Character.digit(text.charAt(at + i), 16) : -1;
                code = digit < 0 || code < 0 ? -1 : code * 16 + digit;
            }
            if (code >= 0) {
                at += 5;
                return (char) code;
            }
        }
        throw error("no such escape in a string");
    }

    /** Requires that nothing but white space follows. */
    void end() {
        skipSpace();
        if (at < text.length()) {
            throw error("expected nothing more");
        }
    }

    private boolean accept(char c) {
        skipSpace();
        boolean here = at < text.length() && text.charAt(at) == c;
        at += here ? 1 : 0;
        return here;
    }

    private void expect(char c) {
        if (!accept(c)) {
            throw error("expected '" + c + "'");
        }
    }

    private void skipSpace() {
        while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    /** The next character; at the end of the text U+FFFF, which is no character. */
    private char peek() {
        return at < text.length() ? text.charAt(at) : '\uFFFF';
    }

    /** A broken rule at the present place of the file. */
    UncheckedIOException error(String rule) {
        long bytes = text.substring(0, at).getBytes(StandardCharsets.UTF_8).length;
        return SafetensorsHeader.malformed(file, "at byte " + (offset + bytes) + ": " + rule);
    }

    /**
     * A string as JSON has it, all on one line.
     *
     * @param string any text
     * @return the text in quotation marks
     */
    public static String quote(String string) {
        var quoted = new StringBuilder("\"");
        for (int i = 0; i < string.length(); i++) {
            char c = string.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < ' ' || (c >= 0x7f && c < 0xa0) || c == '\u2028' || c == '\u2029') {
                quoted.append("\\u").append(Integer.toHexString(c | 0x10000), 1, 5);
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }
}
