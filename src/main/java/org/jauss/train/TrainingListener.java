package org.jauss.train;

import java.util.Map;
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
     * Numbers of this listener that belong to the end of an epoch, such as those of an evaluation of its own: called when
     * the validation has been run, before anything of it is in the history. If it ends with a
     * {@link java.util.concurrent.CancellationException} as the thread is interrupted, the training is stopped before the
     * end of the epoch, and this is called again when it goes on from there.
     *
     * @param training where it is
     * @return the numbers by the names of their series in the history
     */
    default Map<String, Double> evaluate(Training training) {
        return Map.of();
    }

    /**
     * An epoch is over, or the last one is cut off by the number of steps, and what there is for validation has been run.
     *
     * @param training where it is; {@link Training#epoch} is still the epoch that is over
     */
    default void epochEnded(Training training) {}

    /**
     * The training has ended, also if by an exception, be it one of {@link #started} of this listener. Each listener that
     * was started is told, also if one before it throws: the first exception is thrown, later ones are suppressed in it.
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
