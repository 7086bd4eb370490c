package org.jauss.optimizers;

import java.util.List;

/**
 * Rectified {@link Adam}: as long as too few squared gradients are known for their average to be trusted, a step is
 * that of momentum alone, {@code p -= rate m'}; then
 * {@code p -= rate r m' / ((sqrt(v) + epsilon) / sqrt(1 - beta2^t))}, where {@code m' = m / (1 - beta1^t)} at the
 * parameter's step t from 1 (Liu et al., 2020; epsilon as in PyTorch).
 *
 * <p>With {@code b = 2 / (1 - beta2) - 1} and {@code a = b - 2 t beta2^t / (1 - beta2^t)}, the average is trusted if
 * {@code a > 5}, and {@code r = sqrt((a - 4) (a - 2) b / ((b - 4) (b - 2) a))}. Weight decay adds {@code weightDecay p}
 * to the gradient.
 *
 * @param learningRate the learning rate over time
 * @param beta1 how much of the average gradient is kept, in {@code [0, 1)}
 * @param beta2 how much of the average squared gradient is kept, in {@code [0, 1)}
 * @param epsilon what is added to the denominator, above 0
 * @param weightDecay the factor of the parameter that is added to its gradient, at least 0
 */
public record Radam(Schedule learningRate, float beta1, float beta2, float epsilon, float weightDecay) implements Rule {
    /**
     * Checks the options.
     *
     * @param learningRate the learning rate over time
     * @param beta1 how much of the average gradient is kept, in {@code [0, 1)}
     * @param beta2 how much of the average squared gradient is kept, in {@code [0, 1)}
     * @param epsilon what is added to the denominator, above 0
     * @param weightDecay the factor of the parameter that is added to its gradient, at least 0
     * @throws IllegalArgumentException if an option is outside its range
     */
    public Radam {
        Options.requireBelow1("Radam", "beta1", beta1);
        Options.requireBelow1("Radam", "beta2", beta2);
        Options.requireAbove0("Radam", "epsilon", epsilon);
        Options.requireAtLeast0("Radam", "weightDecay", weightDecay);
    }

    /**
     * The rule with a constant learning rate and the usual options: betas 0.9 and 0.999,
     * epsilon 1e-8, no weight decay, as in PyTorch.
     *
     * @param learningRate the learning rate, at least 0
     * @return the rule
     * @throws IllegalArgumentException if the rate is negative or not finite
     */
    public static Radam of(float learningRate) {
        return of(Options.constant("Radam", learningRate));
    }

    /**
     * The rule with a schedule and the usual options: betas 0.9 and 0.999,
     * epsilon 1e-8, no weight decay, as in PyTorch.
     *
     * @param learningRate the learning rate over time
     * @return the rule
     */
    public static Radam of(Schedule learningRate) {
        return new Radam(learningRate, .9f, .999f, 1e-8f, 0);
    }

    /**
     * The same rule with other averages.
     *
     * @param beta1 how much of the average gradient is kept, in {@code [0, 1)}
     * @param beta2 how much of the average squared gradient is kept, in {@code [0, 1)}
     * @return the changed rule
     * @throws IllegalArgumentException if an option is outside its range
     */
    public Radam withBetas(float beta1, float beta2) {
        return new Radam(learningRate, beta1, beta2, epsilon, weightDecay);
    }

    /**
     * The same rule with another epsilon.
     *
     * @param other what is added to the denominator, above 0
     * @return the changed rule
     * @throws IllegalArgumentException if it is outside its range
     */
    public Radam withEpsilon(float other) {
        return new Radam(learningRate, beta1, beta2, other, weightDecay);
    }

    /**
     * The same rule with another weight decay.
     *
     * @param other the factor of the parameter that is added to its gradient, at least 0
     * @return the changed rule
     * @throws IllegalArgumentException if it is outside its range
     */
    public Radam withWeightDecay(float other) {
        return new Radam(learningRate, beta1, beta2, epsilon, other);
    }

    @Override
    public List<String> slots() {
        return List.of("average", "squareAverage");
    }

    @Override
    public boolean elementWise() {
        return true;
    }

    @Override
    public void update(
            int from, int to, float[] value, float[] gradient, float[][] slots, long step, float rate, boolean decays) {
        float decay = decays ? weightDecay : 0;
        float plain = (float) (rate / Moments.correction(beta1, step));
        double rectification = rectification(step);
        float scale = (float) (plain * rectification * Math.sqrt(Moments.correction(beta2, step)));
        float[] average = slots[0];
        float[] square = slots[1];
        for (int i = from; i < to; i++) {
            float g = gradient[i] + decay * value[i];
            float m = beta1 * average[i] + (1 - beta1) * g;
            float v = beta2 * square[i] + (1 - beta2) * g * g;
            average[i] = m;
            square[i] = v;
            value[i] -= rectification == 0 ? plain * m : scale * m / ((float) Math.sqrt(v) + epsilon);
        }
    }

    /** r, or 0 as long as the average is not to be trusted. */
    private double rectification(long step) {
        double t = step + 1.0;
        double b = 2 / (1 - (double) beta2) - 1;
        double a = b - 2 * t * Math.pow(beta2, t) / Moments.correction(beta2, step);
        return a > 5 ? Math.sqrt((a - 4) * (a - 2) * b / ((b - 4) * (b - 2) * a)) : 0;
    }
}
