package org.jauss.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** A file that breaks a rule of its format, other than one that cannot be read at all. */
public final class MalformedFileException extends IOException {
    private static final long serialVersionUID = 1;

    private MalformedFileException(String rule) {
        super(rule);
    }

    static UncheckedIOException of(Path file, String format, String rule) {
        return new UncheckedIOException(
                file + ": is no valid " + format + ": " + rule, new MalformedFileException(rule));
    }

    /**
     * Whether a file was damaged, or never of its format: then it can be written again without any loss.
     *
     * @param e what a reader of files has thrown
     * @return false if the file could not be read at all, so that it may be whole
     */
    public static boolean isCauseOf(UncheckedIOException e) {
        return e.getCause() instanceof MalformedFileException;
    }
}
