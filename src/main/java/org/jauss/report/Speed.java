package org.jauss.report;

import org.jauss.io.Checkpoint;
import org.jauss.train.History;
import org.jauss.train.TrainingStep;

/**
 * How fast a training is: the time of a step is that from the end of the one before, without what the report does. All
 * earlier runs of the training count.
 */
final class Speed {
    static final String TIME = "millisecondsPerStep";
    static final String RATE = "instancesPerSecond";

    private static final double NANOS = 1e9;

    private final History history = new History();
    private long started;
    private double secondsBefore;
    private long from;

    // Of the present epoch.
    private long nanos;
    private long steps;
    private long instances;

    void started(Checkpoint checkpoint, String key) {
        started = System.nanoTime();
        if (checkpoint.has(key)) {
            history.restore(checkpoint, key);
            secondsBefore = checkpoint.number(key + "Seconds");
        }
    }

    /** From here on the time counts again. */
    void goesOn() {
        from = System.nanoTime();
    }

    void stepped(TrainingStep step) {
        nanos += System.nanoTime() - from;
        steps++;
        instances += step.instances();
    }

    void epochEnded(long step) {
        if (steps > 0) {
            history.add(TIME, step, nanos / (NANOS / 1e3) / steps);
            history.add(RATE, step, instances / (nanos / NANOS));
        }
        nanos = 0;
        steps = 0;
        instances = 0;
    }

    History history() {
        return history;
    }

    /** Of all runs together, with validation, checkpoints and reports. */
    double seconds() {
        return secondsBefore + (System.nanoTime() - started) / NANOS;
    }

    Checkpoint save(Checkpoint checkpoint, String key) {
        return history.save(checkpoint, key).with(key + "Seconds", seconds());
    }
}
