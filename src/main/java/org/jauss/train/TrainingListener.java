package org.jauss.train;

import org.jauss.io.Checkpoint;

/**
 * Sees a training while it runs, and may stop it. Called from the thread of the training, in the order in which the
 * listeners were given.
 */
public interface TrainingListener {
    /**
     * The training begins, or goes on from a checkpoint.
     *
     * @param training where it is
     */
    default void started(Training training) {}

    /**
     * A step has been made.
     *
     * @param training where it is
     * @param step what the step gave
     */
    default void stepped(Training training, TrainingStep step) {}

    /**
     * An epoch is over, and what there is for validation has been run.
     *
     * @param training where it is
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

    /**
     * Goes on from a checkpoint.
     *
     * @param checkpoint what {@link #save} added to, in another run of the same training
     */
    default void restore(Checkpoint checkpoint) {}
}
