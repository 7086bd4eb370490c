package org.jauss.train;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.jauss.io.Checkpoint;

/**
 * Keeps the parameters of the epoch in which a number of the history was best, and gives them back to the model when the
 * training is over.
 */
public final class BestModel implements TrainingListener {
    private final String series;
    private final boolean highest;
    private double best = Double.NaN;
    private long epoch = -1;
    private Map<String, float[]> parameters = Map.of();

    private BestModel(String series, boolean highest) {
        this.series = series;
        this.highest = highest;
    }

    /**
     * The model with the lowest number.
     *
     * @param series the series of the history, such as {@code validation.loss}
     * @return the listener, for one training
     */
    public static BestModel lowest(String series) {
        return new BestModel(series, false);
    }

    /**
     * The model with the highest number.
     *
     * @param series the series of the history, such as {@code validation.accuracy}
     * @return the listener, for one training
     */
    public static BestModel highest(String series) {
        return new BestModel(series, true);
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
    public void epochEnded(Training training) {
        OptionalDouble value = training.history().last(series);
        if (value.isEmpty()) {
            throw new IllegalStateException("best model: there is no series " + series + " among "
                    + training.history().names());
        }
        double now = value.getAsDouble();
        if (!Double.isNaN(now) && (Double.isNaN(best) || (highest ? now > best : now < best))) {
            best = now;
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
            parameters.forEach((name, values) -> {
                var parameter = own.get(name);
                if (parameter != null) {
                    parameter.set(values);
                }
            });
        }
    }

    @Override
    public Checkpoint save(Checkpoint checkpoint) {
        return checkpoint
                .withArrays("best", parameters)
                .with("bestModel.number", best)
                .with("bestModel.epoch", epoch);
    }

    @Override
    public void restore(Checkpoint checkpoint) {
        parameters = checkpoint.arrays("best");
        best = checkpoint.number("bestModel.number");
        epoch = checkpoint.count("bestModel.epoch");
    }

    @Override
    public String toString() {
        return "BestModel[" + (highest ? "highest " : "lowest ") + series + "]";
    }
}
