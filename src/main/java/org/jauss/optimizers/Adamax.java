package org.jauss.optimizers;

import java.util.List;

/**
 * {@link Adam} with the greatest gradient in place of the average squared one: {@code m = beta1 m + (1 - beta1) g;}
 * {@code u = max(beta2 u, |g| + epsilon); p -= rate m / ((1 - beta1^t) u)} at the parameter's step t from 1 (Kingma and
 * Ba, 2015, section 7; epsilon as in PyTorch). Weight decay adds {@code weightDecay p} to the gradient.
 *
 * @param learningRate the learning rate over time
 * @param beta1 how much of the average gradient is kept, in {@code [0, 1)}
 * @param beta2 how much of the greatest gradient is kept, in {@code [0, 1)}
 * @param epsilon what is added to the magnitude of the gradient, above 0
 * @param weightDecay the factor of the parameter that is added to its gradient, at least 0
 */
public record Adamax(Schedule learningRate, float beta1, float beta2, float epsilon, float weightDecay)
        implements Rule {
    /**
     * Checks the options.
     *
     * @param learningRate the learning rate over time
     * @param beta1 how much of the average gradient is kept, in {@code [0, 1)}
     * @param beta2 how much of the greatest gradient is kept, in {@code [0, 1)}
     * @param epsilon what is added to the magnitude of the gradient, above 0
     * @param weightDecay the factor of the parameter that is added to its gradient, at least 0
     * @throws IllegalArgumentException if an option is outside its range
     */
    public Adamax {
        Options.requireBelow1("Adamax", "beta1", beta1);
        Options.requireBelow1("Adamax", "beta2", beta2);
        Options.requireAbove0("Adamax", "epsilon", epsilon);
        Options.requireAtLeast0("Adamax", "weightDecay", weightDecay);
    }

    /**
     * The rule with a constant learning rate and the usual options: betas 0.9 and 0.999,
     * epsilon 1e-8, no weight decay, as in PyTorch.
     *
     * @param learningRate the learning rate, at least 0, often 2e-3
     * @return the rule
     * @throws IllegalArgumentException if the rate is negative or not finite
     */
    public static Adamax of(float learningRate) {
        return of(Options.constant("Adamax", learningRate));
    }

    /**
     * The rule with a schedule and the usual options: betas 0.9 and 0.999,
     * epsilon 1e-8, no weight decay, as in PyTorch.
     *
     * @param learningRate the learning rate over time
     * @return the rule
     */
    public static Adamax of(Schedule learningRate) {
        return new Adamax(learningRate, .9f, .999f, 1e-8f, 0);
    }

    /**
     * The same rule with other averages.
     *
     * @param beta1 how much of the average gradient is kept, in {@code [0, 1)}
     * @param beta2 how much of the greatest gradient is kept, in {@code [0, 1)}
     * @return the changed rule
     * @throws IllegalArgumentException if an option is outside its range
     */
    public Adamax withBetas(float beta1, float beta2) {
        return new Adamax(learningRate, beta1, beta2, epsilon, weightDecay);
    }

    /**
     * The same rule with another epsilon.
     *
     * @param other what is added to the magnitude of the gradient, above 0
     * @return the changed rule
     * @throws IllegalArgumentException if it is outside its range
     */
    public Adamax withEpsilon(float other) {
        return new Adamax(learningRate, beta1, beta2, other, weightDecay);
    }

    /**
     * The same rule with another weight decay.
     *
     * @param other the factor of the parameter that is added to its gradient, at least 0
     * @return the changed rule
     * @throws IllegalArgumentException if it is outside its range
     */
    public Adamax withWeightDecay(float other) {
        return new Adamax(learningRate, beta1, beta2, epsilon, other);
    }

    @Override
    public List<String> slots() {
        return List.of("average", "greatest");
    }

    @Override
    public boolean elementWise() {
        return true;
    }

    @Override
    public void update(
            int from, int to, float[] value, float[] gradient, float[][] slots, long step, float rate, boolean decays) {
        float decay = decays ? weightDecay : 0;
        float scale = (float) (rate / Moments.correction(beta1, step));
        float[] average = slots[0];
        float[] greatest = slots[1];
        for (int i = from; i < to; i++) {
            float g = gradient[i] + decay * value[i];
            float m = beta1 * average[i] + (1 - beta1) * g;
            float u = Math.max(beta2 * greatest[i], Math.abs(g) + epsilon);
            average[i] = m;
            greatest[i] = u;
            value[i] -= scale * m / u;
        }
    }
}
