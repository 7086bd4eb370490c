package org.jauss.optimizers;

import java.util.List;

/**
 * {@link AdamW} with steps in proportion to the parameter: {@code p -= rate trust u} with
 * {@code u = m' / (sqrt(v') + epsilon) + weightDecay p} and {@code trust = |p| / |u|}, the Euclidean norms being those
 * of the whole parameter; m' and v' are those of {@link Adam} (You et al., 2020). For very large batches.
 *
 * <p>Trust is 1 where either norm is 0, and for a parameter that is exempt from weight decay: a bias that starts at 0
 * could hardly leave it otherwise. TensorFlow Addons does the same.
 *
 * @param learningRate the learning rate over time
 * @param beta1 how much of the average gradient is kept, in {@code [0, 1)}
 * @param beta2 how much of the average squared gradient is kept, in {@code [0, 1)}
 * @param epsilon what is added to the denominator, above 0
 * @param weightDecay the factor of the parameter that is added to its change, at least 0
 */
public record Lamb(Schedule learningRate, float beta1, float beta2, float epsilon, float weightDecay) implements Rule {
    /**
     * Checks the options.
     *
     * @param learningRate the learning rate over time
     * @param beta1 how much of the average gradient is kept, in {@code [0, 1)}
     * @param beta2 how much of the average squared gradient is kept, in {@code [0, 1)}
     * @param epsilon what is added to the denominator, above 0
     * @param weightDecay the factor of the parameter that is added to its change, at least 0
     * @throws IllegalArgumentException if an option is outside its range
     */
    public Lamb {
        Options.requireBelow1("Lamb", "beta1", beta1);
        Options.requireBelow1("Lamb", "beta2", beta2);
        Options.requireAbove0("Lamb", "epsilon", epsilon);
        Options.requireAtLeast0("Lamb", "weightDecay", weightDecay);
    }

    /**
     * The rule with a constant learning rate and the usual options: betas 0.9 and 0.999,
     * epsilon 1e-6, no weight decay, as in TensorFlow Addons.
     *
     * @param learningRate the learning rate, at least 0, often 1e-3
     * @return the rule
     * @throws IllegalArgumentException if the rate is negative or not finite
     */
    public static Lamb of(float learningRate) {
        return of(Options.constant("Lamb", learningRate));
    }

    /**
     * The rule with a schedule and the usual options: betas 0.9 and 0.999,
     * epsilon 1e-6, no weight decay, as in TensorFlow Addons.
     *
     * @param learningRate the learning rate over time
     * @return the rule
     */
    public static Lamb of(Schedule learningRate) {
        return new Lamb(learningRate, .9f, .999f, 1e-6f, 0);
    }

    /**
     * The same rule with other averages.
     *
     * @param beta1 how much of the average gradient is kept, in {@code [0, 1)}
     * @param beta2 how much of the average squared gradient is kept, in {@code [0, 1)}
     * @return the changed rule
     * @throws IllegalArgumentException if an option is outside its range
     */
    public Lamb withBetas(float beta1, float beta2) {
        return new Lamb(learningRate, beta1, beta2, epsilon, weightDecay);
    }

    /**
     * The same rule with another epsilon.
     *
     * @param other what is added to the denominator, above 0
     * @return the changed rule
     * @throws IllegalArgumentException if it is outside its range
     */
    public Lamb withEpsilon(float other) {
        return new Lamb(learningRate, beta1, beta2, other, weightDecay);
    }

    /**
     * The same rule with another weight decay.
     *
     * @param other the factor of the parameter that is added to its change, at least 0
     * @return the changed rule
     * @throws IllegalArgumentException if it is outside its range
     */
    public Lamb withWeightDecay(float other) {
        return new Lamb(learningRate, beta1, beta2, epsilon, other);
    }

    @Override
    public List<String> slots() {
        return List.of("average", "squareAverage");
    }

    @Override
    public void update(
            int from, int to, float[] value, float[] gradient, float[][] slots, long step, float rate, boolean decays) {
        float[] average = slots[0];
        float[] square = slots[1];
        float scale = (float) (1 / Moments.correction(beta1, step));
        float root = (float) (1 / Math.sqrt(Moments.correction(beta2, step)));
        double ofValue = 0;
        double ofChange = 0;
        for (int i = from; i < to; i++) {
            float g = gradient[i];
            average[i] = beta1 * average[i] + (1 - beta1) * g;
            square[i] = beta2 * square[i] + (1 - beta2) * g * g;
            float change = change(i, value, slots, scale, root, decays);
            ofValue += (double) value[i] * value[i];
            ofChange += (double) change * change;
        }
        boolean trusts = decays && ofValue > 0 && ofChange > 0;
        float own = trusts ? (float) (rate * Math.sqrt(ofValue / ofChange)) : rate;
        for (int i = from; i < to; i++) {
            value[i] -= own * change(i, value, slots, scale, root, decays); // computed again rather than kept
        }
    }

    private float change(int i, float[] value, float[][] slots, float scale, float root, boolean decays) {
        float adam = scale * slots[0][i] / ((float) Math.sqrt(slots[1][i]) * root + epsilon);
        return decays ? adam + weightDecay * value[i] : adam;
    }
}
