package org.jauss.optimizers;

import java.util.List;

/**
 * Lion: {@code p -= rate (sign(beta1 m + (1 - beta1) g) + weightDecay p)}, then {@code m = beta2 m + (1 - beta2) g}:
 * only the sign of an average decides, so that every element moves by the rate (Chen et al., 2023). The authors advise
 * a rate 3 to 10 times smaller than that of {@link AdamW}, and a decay as many times greater.
 *
 * @param learningRate the learning rate over time
 * @param beta1 how much of the average counts beside the gradient in a step, in {@code [0, 1)}
 * @param beta2 how much of the average gradient is kept, in {@code [0, 1)}
 * @param weightDecay the share of the parameter that is lost at each step, times the rate, at least 0
 */
public record Lion(Schedule learningRate, float beta1, float beta2, float weightDecay) implements Rule {
    /**
     * Checks the options.
     *
     * @param learningRate the learning rate over time
     * @param beta1 how much of the average counts beside the gradient in a step, in {@code [0, 1)}
     * @param beta2 how much of the average gradient is kept, in {@code [0, 1)}
     * @param weightDecay the share of the parameter that is lost at each step, times the rate, at least 0
     * @throws IllegalArgumentException if an option is outside its range
     */
    public Lion {
        Options.requireBelow1("Lion", "beta1", beta1);
        Options.requireBelow1("Lion", "beta2", beta2);
        Options.requireAtLeast0("Lion", "weightDecay", weightDecay);
    }

    /**
     * The rule with a constant learning rate and the usual options: betas 0.9 and 0.99, no
     * weight decay, as in Keras.
     *
     * @param learningRate the learning rate, at least 0, often 1e-4
     * @return the rule
     * @throws IllegalArgumentException if the rate is negative or not finite
     */
    public static Lion of(float learningRate) {
        return of(Options.constant("Lion", learningRate));
    }

    /**
     * The rule with a schedule and the usual options: betas 0.9 and 0.99, no
     * weight decay, as in Keras.
     *
     * @param learningRate the learning rate over time
     * @return the rule
     */
    public static Lion of(Schedule learningRate) {
        return new Lion(learningRate, .9f, .99f, 0);
    }

    /**
     * The same rule with other averages.
     *
     * @param beta1 how much of the average counts beside the gradient in a step, in {@code [0, 1)}
     * @param beta2 how much of the average gradient is kept, in {@code [0, 1)}
     * @return the changed rule
     * @throws IllegalArgumentException if an option is outside its range
     */
    public Lion withBetas(float beta1, float beta2) {
        return new Lion(learningRate, beta1, beta2, weightDecay);
    }

    /**
     * The same rule with another weight decay.
     *
     * @param other the share of the parameter that is lost at each step, times the rate, at least 0
     * @return the changed rule
     * @throws IllegalArgumentException if it is outside its range
     */
    public Lion withWeightDecay(float other) {
        return new Lion(learningRate, beta1, beta2, other);
    }

    @Override
    public List<String> slots() {
        return List.of("average");
    }

    @Override
    public boolean elementWise() {
        return true;
    }

    @Override
    public void update(
            int from, int to, float[] value, float[] gradient, float[][] slots, long step, float rate, boolean decays) {
        float decay = decays ? rate * weightDecay : 0;
        float[] average = slots[0];
        for (int i = from; i < to; i++) {
            float g = gradient[i];
            float direction = sign(beta1 * average[i] + (1 - beta1) * g);
            average[i] = beta2 * average[i] + (1 - beta2) * g;
            value[i] = value[i] - decay * value[i] - rate * direction;
        }
    }

    /** Scaled up so far that even the smallest float is beyond 1: JDK 17 makes branches of {@link Math#signum}. */
    private static float sign(float x) {
        return Math.min(Math.max(x * 0x1p127f * 0x1p30f, -1), 1);
    }
}
