package org.jauss.cli;

import java.util.List;
import org.jauss.io.Checkpoint;
import org.jauss.train.Training;
import org.jauss.train.TrainingListener;

/**
 * Keeps the names of the classes in the checkpoints of a training, which goes on only with the same: in folders of other
 * names the same number would mean another class.
 *
 * @param names the names of the classes of the data
 */
record SameClasses(List<String> names) implements TrainingListener {
    private static final String KEY = "classes";

    /**
     * Requires that the data has these classes.
     *
     * @param learned the names of the classes that a network has learned
     * @throws IllegalStateException if they are not the same
     */
    void require(List<String> learned) {
        if (!learned.equals(names)) {
            throw new IllegalStateException(
                    "the network has learned the classes " + learned + ", but those of the data are " + names);
        }
    }

    @Override
    public void started(Training training, Checkpoint from) {
        if (from.has(KEY)) {
            require(split(from.text(KEY)));
        }
    }

    @Override
    public Checkpoint save(Checkpoint checkpoint) {
        return checkpoint.with(KEY, joined());
    }

    /** The names as one text. */
    String joined() {
        return String.join("\n", names);
    }

    /** The names in such a text. */
    static List<String> split(String joined) {
        return List.of(joined.split("\n", -1));
    }
}
