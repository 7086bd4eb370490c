package org.jauss.train;

import java.util.Locale;
import org.jauss.io.Checkpoint;

/**
 * Ends a training when a number of its history has not improved for some epochs. If an epoch ends without such a
 * number, the training ends with an {@link IllegalStateException} that names the series there are.
 *
 * <pre>{@code
 * trainer.with(EarlyStopping.lowest("validation.loss", 5))
 * }</pre>
 */
public final class EarlyStopping implements TrainingListener {
    private final BestNumber best;
    private final int patience;
    private long since;

    private EarlyStopping(BestNumber best, int patience) {
        if (patience < 1) {
            throw new IllegalArgumentException("early stopping: the patience must be at least 1, but is " + patience);
        }
        this.best = best;
        this.patience = patience;
    }

    /**
     * Waits for a lower number.
     *
     * @param series a series that has a number behind each epoch, such as {@code validation.loss}
     * @param patience the number of epochs without a lower one after which the training ends, at least 1
     * @return the listener, for one training at a time
     * @throws IllegalArgumentException if the patience is less than 1
     */
    public static EarlyStopping lowest(String series, int patience) {
        return new EarlyStopping(new BestNumber(series, false), patience);
    }

    /**
     * Waits for a higher number.
     *
     * @param series a series that has a number behind each epoch, such as {@code validation.accuracy}
     * @param patience the number of epochs without a higher one after which the training ends, at least 1
     * @return the listener, for one training at a time
     * @throws IllegalArgumentException if the patience is less than 1
     */
    public static EarlyStopping highest(String series, int patience) {
        return new EarlyStopping(new BestNumber(series, true), patience);
    }

    /** A training that had been ended by this listener ends at once. */
    @Override
    public void started(Training training, Checkpoint from) {
        best.start(from, key("best"));
        since = from.has(key("since")) ? from.count(key("since")) : 0;
        stopIfDue(training);
    }

    @Override
    public void epochEnded(Training training) {
        since = best.improves(training, this) ? 0 : since + 1;
        stopIfDue(training);
    }

    private void stopIfDue(Training training) {
        if (since >= patience) {
            training.stop(String.format(
                    Locale.ROOT, "%s has not improved on %.6g for %d epochs", best.series(), best.value(), since));
        }
    }

    @Override
    public Checkpoint save(Checkpoint checkpoint) {
        return checkpoint.with(key("best"), best.value()).with(key("since"), since);
    }

    private String key(String name) {
        return "earlyStopping." + best + "." + name;
    }

    @Override
    public String toString() {
        return "EarlyStopping[" + best + ", patience " + patience + "]";
    }
}
