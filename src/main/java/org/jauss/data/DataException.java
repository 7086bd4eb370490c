package org.jauss.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/**
 * A file of data that cannot be read or is broken. The message is one line that names the file, where in it, the rule
 * and what is there instead: {@code train-images-idx3-ubyte: at byte 4: announces more elements than the file can hold:
 * 4294967295}.
 */
public final class DataException extends UncheckedIOException {
    private static final long serialVersionUID = 1;

    private static final int LONGEST_TEXT = 40;

    private DataException(String message, @Nullable Throwable cause) {
        super(message, cause instanceof IOException e ? e : new IOException(message, cause));
    }

    /** A rule that a file breaks at a byte. */
    static DataException at(String file, long offset, String problem) {
        return new DataException(file + ": at byte " + offset + ": " + problem, null);
    }

    /** A rule that a file breaks at a byte, found by somebody else. */
    static DataException at(String file, long offset, String problem, Throwable cause) {
        return new DataException(file + ": at byte " + offset + ": " + problem + ": " + cause, cause);
    }

    /** A rule that a text file breaks in a line. */
    static DataException atLine(String file, long line, String problem) {
        return new DataException(file + ": at line " + line + ": " + problem, null);
    }

    /** A rule that a file or folder breaks as a whole. */
    static DataException of(String file, String problem) {
        return new DataException(file + ": " + problem, null);
    }

    /** A file that cannot be read. */
    static DataException unreadable(String file, IOException e) {
        return failed(file, "read", e);
    }

    /** A file that cannot be written. */
    static DataException unwritable(String file, IOException e) {
        return failed(file, "written", e);
    }

    private static DataException failed(String file, String verb, IOException e) {
        String reason = e instanceof NoSuchFileException
                ? "there is no such file or folder"
                : e instanceof AccessDeniedException ? "access is denied" : "cannot be " + verb + ": " + e;
        return new DataException(file + ": " + reason, e);
    }

    /** A text from a file as a message may show it. */
    static String show(String text) {
        String shown = text.codePoints()
                .limit(LONGEST_TEXT + 1)
                .map(c -> Character.isISOControl(c) ? '?' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return '"' + (text.length() > LONGEST_TEXT ? shown.substring(0, LONGEST_TEXT) + "..." : shown) + '"';
    }
}
