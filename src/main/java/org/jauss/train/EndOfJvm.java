package org.jauss.train;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Lets a JVM that is told to end (SIGINT, SIGTERM) wait until the training has made its step and saved it. */
final class EndOfJvm {
    /** A step and a checkpoint take less; whoever asks the JVM to end should not wait for ever. */
    private static final long MOST_SECONDS = 60;

    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread hook;

    private EndOfJvm(Training training) {
        hook = new Thread(
                () -> {
                    training.interrupt("the JVM is ending");
                    try {
                        boolean unused = ended.await(MOST_SECONDS, TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "jauss-end-of-jvm");
    }

    static EndOfJvm watch(Training training) {
        var endOfJvm = new EndOfJvm(training);
        Runtime.getRuntime().addShutdownHook(endOfJvm.hook);
        return endOfJvm;
    }

    void trainingHasEnded() {
        ended.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The JVM is ending: the hook runs, and has just been told that it need not wait any longer.
        }
    }
}
