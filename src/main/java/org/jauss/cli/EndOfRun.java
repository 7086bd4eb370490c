package org.jauss.cli;

import java.util.Optional;
import org.jauss.io.Checkpoint;
import org.jauss.train.Training;
import org.jauss.train.TrainingListener;
import org.jspecify.annotations.Nullable;

/** Judges the network by the test part when its training has come to its end, or does not let it go on at all. */
final class EndOfRun implements TrainingListener {
    private final Parts parts;
    private final boolean standsStill;
    private boolean unfinished;
    private @Nullable Judgement judgement;

    /**
     * An end.
     *
     * @param parts the data
     * @param standsStill whether the training makes no step
     */
    EndOfRun(Parts parts, boolean standsStill) {
        this.parts = parts;
        this.standsStill = standsStill;
    }

    Parts parts() {
        return parts;
    }

    /** What the test part says of the network; nothing before the end. */
    Optional<Judgement> judgement() {
        return Optional.ofNullable(judgement);
    }

    @Override
    public void started(Training training, Checkpoint from) {
        unfinished = standsStill
                && training.stopped().isEmpty()
                && training.epoch() < training.epochs().orElse(Long.MAX_VALUE);
        if (unfinished) {
            training.stop("it has not come to its end");
        }
    }

    @Override
    public void ended(Training training) {
        if (training.isComplete() && !unfinished && !training.isInterrupted()) {
            judgement = Judgement.of(
                    training.model(), parts.test(), parts.classNames().size());
            training.history().add("test.loss", training.step(), judgement.loss());
            training.history()
                    .add("test.accuracy", training.step(), judgement.confusion().accuracy());
        }
    }
}
