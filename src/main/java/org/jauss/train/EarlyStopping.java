package org.jauss.train;

import java.util.Locale;
import java.util.OptionalDouble;
import org.jauss.io.Checkpoint;

/**
 * Ends a training when a number of its history has not improved for some epochs.
 *
 * <pre>{@code
 * trainer.with(EarlyStopping.lowest("validation.loss", 5))
 * }</pre>
 */
public final class EarlyStopping implements TrainingListener {
    private final String series;
    private final boolean highest;
    private final int patience;
    private double best = Double.NaN;
    private long since;

    private EarlyStopping(String series, boolean highest, int patience) {
        if (patience < 1) {
            throw new IllegalArgumentException("early stopping: the patience must be at least 1, but is " + patience);
        }
        this.series = series;
        this.highest = highest;
        this.patience = patience;
    }

    /**
     * Waits for a lower number.
     *
     * @param series the series of the history, such as {@code validation.loss}
     * @param patience the number of epochs without a lower one after which the training ends, at least 1
     * @return the listener, for one training
     * @throws IllegalArgumentException if the patience is less than 1
     */
    public static EarlyStopping lowest(String series, int patience) {
        return new EarlyStopping(series, false, patience);
    }

    /**
     * Waits for a higher number.
     *
     * @param series the series of the history, such as {@code validation.accuracy}
     * @param patience the number of epochs without a higher one after which the training ends, at least 1
     * @return the listener, for one training
     * @throws IllegalArgumentException if the patience is less than 1
     */
    public static EarlyStopping highest(String series, int patience) {
        return new EarlyStopping(series, true, patience);
    }

    @Override
    public void epochEnded(Training training) {
        OptionalDouble value = training.history().last(series);
        if (value.isEmpty()) {
            throw new IllegalStateException("early stopping: there is no series " + series + " among "
                    + training.history().names());
        }
        double now = value.getAsDouble();
        if (Double.isNaN(best) || (highest ? now > best : now < best)) {
            best = now;
            since = 0;
        } else if (++since >= patience) {
            training.stop(
                    String.format(Locale.ROOT, "%s has not improved on %.6g for %d epochs", series, best, patience));
        }
    }

    @Override
    public Checkpoint save(Checkpoint checkpoint) {
        return checkpoint.with(key("best"), best).with(key("since"), since);
    }

    @Override
    public void restore(Checkpoint checkpoint) {
        best = checkpoint.number(key("best"));
        since = checkpoint.count(key("since"));
    }

    private String key(String name) {
        return "earlyStopping." + series + "." + name;
    }

    @Override
    public String toString() {
        return "EarlyStopping[" + (highest ? "highest " : "lowest ") + series + ", patience " + patience + "]";
    }
}
