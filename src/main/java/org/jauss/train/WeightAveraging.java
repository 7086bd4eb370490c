package org.jauss.train;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jauss.io.Checkpoint;
import org.jauss.optimizers.State;
import org.jauss.optimizers.WeightAverage;
import org.jauss.tensor.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * Keeps an average of the weights of a training, and gives it to the model when the training is over: exponential, of the
 * weights behind each step, or uniform, of those behind each epoch (stochastic weight averaging). Behind each epoch the
 * validation, if there is one, is run once more with the average; its numbers are {@code average.loss} and
 * {@code average.NAME} in the history. Checkpoints have both, the weights and their average.
 *
 * <pre>{@code
 * trainer.with(WeightAveraging.exponential(.999f))
 * }</pre>
 *
 * @see WeightAverage
 */
public final class WeightAveraging implements TrainingListener {
    private static final String GROUP = "weightAveraging";
    private static final String COUNTED = "weightAveragingCounted";

    private final Function<Map<String, Parameter>, WeightAverage> kind;
    private final boolean eachStep;
    private final long firstEpoch;
    private @Nullable WeightAverage average;

    /** How many epochs are in a uniform average or before it: a validation that is made up for counts none twice. */
    private long counted;

    private WeightAveraging(Function<Map<String, Parameter>, WeightAverage> kind, boolean eachStep, long firstEpoch) {
        this.kind = kind;
        this.eachStep = eachStep;
        this.firstEpoch = firstEpoch;
    }

    /**
     * An exponential average over the steps.
     *
     * @param decay how much of the average is kept at each step, in {@code [0, 1)}, often 0.999
     * @return the listener, for one training at a time
     * @throws IllegalArgumentException if the decay is outside its range
     */
    public static WeightAveraging exponential(float decay) {
        WeightAverage.exponential(Map.of(), decay); // says so at once if the decay is none
        return new WeightAveraging(parameters -> WeightAverage.exponential(parameters, decay), true, 0);
    }

    /**
     * A uniform average over the ends of the epochs.
     *
     * @param firstEpoch the first epoch that counts, from 0
     * @return the listener, for one training at a time
     * @throws IllegalArgumentException if the epoch is negative
     */
    public static WeightAveraging uniform(long firstEpoch) {
        if (firstEpoch < 0) {
            throw new IllegalArgumentException(
                    "weight averaging: the first epoch must be at least 0, but is " + firstEpoch);
        }
        return new WeightAveraging(WeightAverage::uniform, false, firstEpoch);
    }

    @Override
    public void started(Training training, Checkpoint from) {
        average = kind.apply(training.model().parameters());
        counted = firstEpoch;
        if (!from.counts(GROUP).isEmpty()) {
            counted = from.count(COUNTED);
            average.resume(new State(from.arrays(GROUP), from.counts(GROUP)));
        }
    }

    private WeightAverage average() {
        return Objects.requireNonNull(average);
    }

    @Override
    public void stepped(Training training, TrainingStep step) {
        if (eachStep) {
            average().update();
        }
    }

    @Override
    public Map<String, Double> evaluate(Training training) {
        if (!eachStep && training.epoch() >= counted) {
            average().update();
            counted = training.epoch() + 1;
        }
        Map<String, Double> numbers = new LinkedHashMap<>();
        if (average().updates() > 0) {
            average().swap();
            try {
                training.trainer().validate().forEach((name, value) -> numbers.put("average." + name, value));
            } finally {
                average().swap();
            }
        }
        return numbers;
    }

    @Override
    public void ended(Training training) {
        if (training.isComplete() && average().updates() > 0) {
            average().apply();
        }
    }

    @Override
    public Checkpoint save(Checkpoint checkpoint) {
        State state = average().state();
        return checkpoint
                .withArrays(GROUP, state.arrays())
                .withCounts(GROUP, state.counts())
                .with(COUNTED, counted);
    }

    @Override
    public String toString() {
        return average == null ? "WeightAveraging" : "WeightAveraging[" + average + "]";
    }
}
