package org.jauss.train;

import java.io.Console;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Tells whether somebody looks on. */
public final class Terminal {
    private Terminal() {}

    /**
     * Whether standard input and output are a terminal that can move its cursor, and this is no job of CI.
     *
     * @return false also if the environment variable {@code CI} is set or {@code TERM} is {@code dumb}
     */
    public static boolean isPresent() {
        return System.getenv("CI") == null && isTerminal(System.console());
    }

    /** Up to JDK 21 there is a console only on a terminal; from JDK 22 on it has to be asked. */
    private static boolean isTerminal(@Nullable Console console) {
        if (console == null || Objects.equals(System.getenv("TERM"), "dumb")) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (NoSuchMethodException e) {
            return true;
        } catch (ReflectiveOperationException e) {
            return false;
        }
    }
}
