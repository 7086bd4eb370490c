package org.jauss.train;

import org.jauss.io.Checkpoint;

/**
 * Sees a training while it runs, and may stop it. Called from the thread of the training, in the order in which the
 * listeners were given.
 */
public interface TrainingListener {
    /**
     * The training begins, or goes on.
     *
     * @param training where it is
     * @param from the checkpoint from which it goes on, empty if it begins; what {@link #save} adds is missing if this
     *     listener was not there when the checkpoint was written: then it begins here
     */
    default void started(Training training, Checkpoint from) {}

    /**
     * A step has been made.
     *
     * @param training where it is
     * @param step what the step gave
     */
    default void stepped(Training training, TrainingStep step) {}

    /**
     * An epoch is over, or the last one is cut off by the number of steps, and what there is for validation has been run.
     *
     * @param training where it is; {@link Training#epoch} is still the epoch that is over
     */
    default void epochEnded(Training training) {}

    /**
     * The training has ended, also if by an exception.
     *
     * @param training where it is
     */
    default void ended(Training training) {}

    /**
     * Adds to a checkpoint what this listener has to remember so that a training can go on exactly.
     *
     * @param checkpoint the checkpoint so far
     * @return the checkpoint with more entries
     */
    default Checkpoint save(Checkpoint checkpoint) {
        return checkpoint;
    }
}
