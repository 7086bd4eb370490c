package org.jauss.optimizers;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jauss.tensor.Parameter;

/**
 * An average of the weights over the course of training, which often does better than the last weights: exponential
 * (Polyak and Juditsky, 1992) or uniform, known as stochastic weight averaging (Izmailov et al., 2018).
 *
 * <pre>{@code
 * var average = WeightAverage.exponential(model.parameters(), .999f);
 * // after each step:
 * average.update();
 * // to evaluate, and back again to go on:
 * average.swap();
 * }</pre>
 *
 * <p>The first update copies the weights, as PyTorch's {@code AveragedModel} does. Statistics, such as batch norm's
 * running averages, are averaged like weights. For an exponential average that is what fits the averaged weights best.
 * For a uniform one, let a pass over the data renew them once the weights are in the model.
 */
public final class WeightAverage {
    private static final String SUFFIX = ".weightAverage";
    private static final String UPDATES = "weightAverage.updates";

    private final Entry[] entries;
    /** What is kept of the average at each update, or NaN for a uniform one. */
    private final double decay;

    private final boolean corrects;
    private long updates;
    private boolean swapped;

    private record Entry(String name, Parameter parameter, float[] average) {}

    private WeightAverage(Entry[] entries, double decay, boolean corrects) {
        this.entries = entries;
        this.decay = decay;
        this.corrects = corrects;
    }

    /**
     * An exponential average: {@code average = decay average + (1 - decay) weight}.
     *
     * @param parameters the parameters by name; one under several names counts once, under the first
     * @param decay how much of the average is kept at each update, in {@code [0, 1)}, often 0.999
     * @return the average, without any update yet
     * @throws IllegalArgumentException if the decay is outside its range
     */
    public static WeightAverage exponential(Map<String, Parameter> parameters, float decay) {
        Options.requireBelow1("WeightAverage", "decay", decay);
        return new WeightAverage(entries(parameters), decay, false);
    }

    /**
     * A uniform average over all updates.
     *
     * @param parameters the parameters by name; one under several names counts once, under the first
     * @return the average, without any update yet
     */
    public static WeightAverage uniform(Map<String, Parameter> parameters) {
        return new WeightAverage(entries(parameters), Double.NaN, false);
    }

    private static Entry[] entries(Map<String, Parameter> parameters) {
        Map<Parameter, Entry> entries = new LinkedHashMap<>();
        parameters.forEach((name, parameter) -> entries.putIfAbsent(
                parameter,
                new Entry(name, parameter, new float[parameter.shape().size()])));
        return entries.values().toArray(Entry[]::new);
    }

    /**
     * The same average with bias correction: that of an average which starts at 0 and is divided by
     * {@code 1 - decay^updates}, so that the first weights count no more than later ones do, as in {@link Adam}.
     * Without, they count {@code 1 / (1 - decay)} times as much.
     *
     * @return an average without any update yet
     * @throws IllegalStateException if this average is uniform, or has been updated
     */
    public WeightAverage withBiasCorrection() {
        if (Double.isNaN(decay)) {
            throw new IllegalStateException("weight average: a uniform average has no bias to correct");
        }
        if (updates > 0) {
            throw new IllegalStateException(
                    "weight average: bias correction must come before the first update, but " + updates + " were made");
        }
        return new WeightAverage(entries, decay, true);
    }

    /**
     * Takes the weights of the parameters into the average: after each step for an exponential average, at the end of
     * each epoch or cycle for a uniform one.
     *
     * @throws IllegalStateException if the parameters hold the average
     */
    public void update() {
        requireWeights("update");
        updates++;
        float share = (float) share();
        for (Entry entry : entries) {
            float[] average = entry.average();
            float[] weight = entry.parameter().data();
            if (updates == 1) {
                System.arraycopy(weight, 0, average, 0, average.length);
            } else {
                for (int i = 0; i < average.length; i++) {
                    average[i] += share * (weight[i] - average[i]);
                }
            }
        }
    }

    /** How much the weights count in the average that they are taken into. */
    private double share() {
        if (Double.isNaN(decay)) {
            return 1.0 / updates;
        }
        return corrects ? (1 - decay) / (1 - Math.pow(decay, (double) updates)) : 1 - decay;
    }

    /**
     * Exchanges the average and the weights of the parameters: once to evaluate or save the averaged model, and once
     * more to go on with training.
     *
     * @throws IllegalStateException if there was no update yet
     */
    public void swap() {
        requireUpdate("swap");
        for (Entry entry : entries) {
            float[] weight = entry.parameter().data();
            float[] average = entry.average();
            for (int i = 0; i < average.length; i++) {
                float w = weight[i];
                weight[i] = average[i];
                average[i] = w;
            }
        }
        swapped = !swapped;
    }

    /**
     * Replaces the weights of the parameters by the average for good: at the end of training.
     *
     * @throws IllegalStateException if there was no update yet, or the parameters hold the average already
     */
    public void apply() {
        requireUpdate("apply");
        requireWeights("apply");
        for (Entry entry : entries) {
            entry.parameter().set(entry.average());
        }
    }

    /**
     * The number of updates.
     *
     * @return the number
     */
    public long updates() {
        return updates;
    }

    /**
     * What a checkpoint has to keep: the averages, named such as {@code layers.1.weight.weightAverage}, and the number
     * of updates.
     *
     * @return the state, with the arrays that are in use, not copies
     * @throws IllegalStateException if the parameters hold the average
     */
    public State state() {
        requireWeights("state");
        Map<String, float[]> averages = new LinkedHashMap<>();
        for (Entry entry : entries) {
            averages.put(entry.name() + SUFFIX, entry.average());
        }
        return new State(averages, Map.of(UPDATES, updates));
    }

    /**
     * Goes on from a checkpoint. If anything is wrong, nothing is changed.
     *
     * @param state what {@link #state} returned then; copied
     * @throws IllegalArgumentException if an array is missing, has another length or belongs to none of the parameters;
     *     the message lists them
     * @throws IllegalStateException if the parameters hold the average
     */
    public void resume(State state) {
        requireWeights("resume");
        var reader = new StateReader(state);
        long thenUpdates = reader.count(UPDATES);
        float[][] averages = new float[entries.length][];
        for (int e = 0; e < entries.length; e++) {
            averages[e] = reader.array(entries[e].name() + SUFFIX, entries[e].average().length);
        }
        reader.requireFitAndEnd();
        for (int e = 0; e < entries.length; e++) {
            System.arraycopy(averages[e], 0, entries[e].average(), 0, averages[e].length);
        }
        updates = thenUpdates;
    }

    private void requireUpdate(String what) {
        if (updates == 0) {
            throw new IllegalStateException("weight average: " + what + " needs an update first");
        }
    }

    private void requireWeights(String what) {
        if (swapped) {
            throw new IllegalStateException(
                    "weight average: " + what + ": the parameters hold the average: swap back first");
        }
    }

    @Override
    public String toString() {
        String kind = Double.isNaN(decay) ? "uniform" : "exponential, decay " + (float) decay;
        return "WeightAverage of "
                + Arrays.stream(entries)
                        .mapToInt(entry -> entry.average().length)
                        .sum() + " weights, " + kind + (corrects ? ", bias corrected" : "") + ", " + updates
                + " updates";
    }
}
