package org.jauss.train;

/** Tells whether a training was ended from outside rather than by itself. */
public final class Interruption {
    private Interruption() {}

    /**
     * Whether a training in this thread may have been stopped from outside: the thread is interrupted, or the JVM is
     * ending. Whoever goes on with what a training gave asks this first.
     *
     * @return false as long as nothing speaks against going on
     */
    public static boolean isPending() {
        return Thread.currentThread().isInterrupted() || isJvmEnding();
    }

    /** Hooks can be added until the JVM begins to run them, and it is one of them that stops a training. */
    private static boolean isJvmEnding() {
        var hook = new Thread();
        try {
            Runtime.getRuntime().addShutdownHook(hook);
            return !Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return true;
        }
    }
}
