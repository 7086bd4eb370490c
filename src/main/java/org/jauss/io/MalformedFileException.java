package org.jauss.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** A file that breaks a rule of its format, other than one that cannot be read at all. */
final class MalformedFileException extends IOException {
    private static final long serialVersionUID = 1;

    private MalformedFileException(String rule) {
        super(rule);
    }

    static UncheckedIOException of(Path file, String format, String rule) {
        return new UncheckedIOException(
                file + ": is no valid " + format + ": " + rule, new MalformedFileException(rule));
    }

    static boolean isCauseOf(UncheckedIOException e) {
        return e.getCause() instanceof MalformedFileException;
    }
}
