package org.jauss.optimizers;

import java.util.List;

/**
 * Adagrad: {@code s += g^2; p -= rate g / (sqrt(s) + epsilon)} (Duchi et al., 2011). Weight decay adds
 * {@code weightDecay p} to the gradient.
 *
 * @param learningRate the learning rate over time
 * @param epsilon what is added to the denominator, above 0
 * @param weightDecay the factor of the parameter that is added to its gradient, at least 0
 */
public record Adagrad(Schedule learningRate, float epsilon, float weightDecay) implements Rule {
    /**
     * Checks the options.
     *
     * @param learningRate the learning rate over time
     * @param epsilon what is added to the denominator, above 0
     * @param weightDecay the factor of the parameter that is added to its gradient, at least 0
     * @throws IllegalArgumentException if an option is outside its range
     */
    public Adagrad {
        Options.requireAbove0("Adagrad", "epsilon", epsilon);
        Options.requireAtLeast0("Adagrad", "weightDecay", weightDecay);
    }

    /**
     * The rule with a constant learning rate and the usual options.
     *
     * @param learningRate the learning rate, at least 0
     * @return the rule
     * @throws IllegalArgumentException if the rate is negative or not finite
     */
    public static Adagrad of(float learningRate) {
        return of(Options.constant("Adagrad", learningRate));
    }

    /**
     * The rule with a schedule and the usual options.
     *
     * @param learningRate the learning rate over time
     * @return the rule
     */
    public static Adagrad of(Schedule learningRate) {
        return new Adagrad(learningRate, 1e-10f, 0);
    }

    /**
     * The same rule with another epsilon.
     *
     * @param other what is added to the denominator, above 0
     * @return the changed rule
     * @throws IllegalArgumentException if it is outside its range
     */
    public Adagrad withEpsilon(float other) {
        return new Adagrad(learningRate, other, weightDecay);
    }

    /**
     * The same rule with another weight decay.
     *
     * @param other the factor of the parameter that is added to its gradient, at least 0
     * @return the changed rule
     * @throws IllegalArgumentException if it is outside its range
     */
    public Adagrad withWeightDecay(float other) {
        return new Adagrad(learningRate, epsilon, other);
    }

    @Override
    public List<String> slots() {
        return List.of("squareSum");
    }

    @Override
    public boolean elementWise() {
        return true;
    }

    @Override
    public void update(
            int from, int to, float[] value, float[] gradient, float[][] slots, long step, float rate, boolean decays) {
        float decay = decays ? weightDecay : 0;
        float[] sum = slots[0];
        for (int i = from; i < to; i++) {
            float g = gradient[i] + decay * value[i];
            float s = sum[i] + g * g;
            sum[i] = s;
            value[i] -= rate * g / ((float) Math.sqrt(s) + epsilon);
        }
    }
}
