package org.jauss.train;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jauss.io.Checkpoint;

/**
 * Keeps the parameters of the epoch in which a number of the history was best, and gives them back to the model when the
 * training is over. Checkpoints have both, the newest parameters and the best ones: a training for more epochs goes on
 * from the newest.
 *
 * <pre>{@code
 * trainer.with(BestModel.lowest("validation.loss"))
 * }</pre>
 */
public final class BestModel implements TrainingListener {
    private final BestNumber best;
    private long epoch = -1;
    private Map<String, float[]> parameters = Map.of();

    private BestModel(BestNumber best) {
        this.best = best;
    }

    /**
     * The model with the lowest number.
     *
     * @param series a series that has a number behind each epoch, such as {@code validation.loss}
     * @return the listener, for one training at a time
     */
    public static BestModel lowest(String series) {
        return new BestModel(new BestNumber(series, false));
    }

    /**
     * The model with the highest number.
     *
     * @param series a series that has a number behind each epoch, such as {@code validation.accuracy}
     * @return the listener, for one training at a time
     */
    public static BestModel highest(String series) {
        return new BestModel(new BestNumber(series, true));
    }

    /**
     * The epoch that was best so far.
     *
     * @return counted from 0, or -1 before the first one
     */
    public long epoch() {
        return epoch;
    }

    @Override
    public void started(Training training, Checkpoint from) {
        best.start(from, key("best"));
        epoch = from.has(key("epoch")) ? from.count(key("epoch")) : -1;
        parameters = from.arrays(group());
    }

    @Override
    public void epochEnded(Training training) {
        if (best.improves(training, this)) {
            epoch = training.epoch();
            Map<String, float[]> copies = new LinkedHashMap<>();
            training.model()
                    .parameters()
                    .forEach((name, parameter) ->
                            copies.put(name, parameter.data().clone()));
            parameters = copies;
        }
    }

    @Override
    public void ended(Training training) {
        if (training.isComplete()) {
            var own = training.model().parameters();
            parameters.forEach(
                    (name, values) -> Objects.requireNonNull(own.get(name)).set(values));
        }
    }

    @Override
    public Checkpoint save(Checkpoint checkpoint) {
        return checkpoint
                .withArrays(group(), parameters)
                .with(key("best"), best.value())
                .with(key("epoch"), epoch);
    }

    private String key(String name) {
        return "bestModel." + best + "." + name;
    }

    /** Names of groups have no dots. */
    private String group() {
        return "bestModel " + best.toString().replace('.', ' ');
    }

    @Override
    public String toString() {
        return "BestModel[" + best + "]";
    }
}
