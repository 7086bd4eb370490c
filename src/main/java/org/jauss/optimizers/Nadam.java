package org.jauss.optimizers;

import java.util.List;

/**
 * Adam with Nesterov momentum (Dozat, 2016): averages m and v as in {@link Adam}, then with
 * {@code mu(t) = beta1 (1 - 0.96^(t momentumDecay) / 2)} and {@code M(t) = mu(1)...mu(t)} at the parameter's step t
 * from 1
 *
 * <pre>{@code
 * d = (1 - mu(t)) g / (1 - M(t)) + mu(t + 1) m / (1 - M(t) mu(t) mu(t + 1))
 * p -= rate d / (sqrt(v') + epsilon)
 * }</pre>
 *
 * <p>The factor {@code mu(t)} in the second denominator is that of PyTorch 1.13, by which the rule is checked; the
 * paper and PyTorch from 2.0 on have {@code M(t + 1)} there. The difference is below one percent at the first step and
 * gone after some ten. Weight decay adds {@code weightDecay p} to the gradient.
 *
 * @param learningRate the learning rate over time
 * @param beta1 how much of the average gradient is kept, in {@code [0, 1)}
 * @param beta2 how much of the average squared gradient is kept, in {@code [0, 1)}
 * @param epsilon what is added to the denominator, above 0
 * @param momentumDecay how fast the momentum approaches beta1, at least 0
 * @param weightDecay the factor of the parameter that is added to its gradient, at least 0
 */
public record Nadam(
        Schedule learningRate, float beta1, float beta2, float epsilon, float momentumDecay, float weightDecay)
        implements Rule {
    /**
     * Checks the options.
     *
     * @param learningRate the learning rate over time
     * @param beta1 how much of the average gradient is kept, in {@code [0, 1)}
     * @param beta2 how much of the average squared gradient is kept, in {@code [0, 1)}
     * @param epsilon what is added to the denominator, above 0
     * @param momentumDecay how fast the momentum approaches beta1, at least 0
     * @param weightDecay the factor of the parameter that is added to its gradient, at least 0
     * @throws IllegalArgumentException if an option is outside its range
     */
    public Nadam {
        Options.requireBelow1("Nadam", "beta1", beta1);
        Options.requireBelow1("Nadam", "beta2", beta2);
        Options.requireAbove0("Nadam", "epsilon", epsilon);
        Options.requireAtLeast0("Nadam", "momentumDecay", momentumDecay);
        Options.requireAtLeast0("Nadam", "weightDecay", weightDecay);
    }

    /**
     * The rule with a constant learning rate and the usual options.
     *
     * @param learningRate the learning rate, at least 0
     * @return the rule
     * @throws IllegalArgumentException if the rate is negative or not finite
     */
    public static Nadam of(float learningRate) {
        return of(Options.constant("Nadam", learningRate));
    }

    /**
     * The rule with a schedule and the usual options.
     *
     * @param learningRate the learning rate over time
     * @return the rule
     */
    public static Nadam of(Schedule learningRate) {
        return new Nadam(learningRate, .9f, .999f, 1e-8f, .004f, 0);
    }

    /**
     * The same rule with other averages.
     *
     * @param beta1 how much of the average gradient is kept, in {@code [0, 1)}
     * @param beta2 how much of the average squared gradient is kept, in {@code [0, 1)}
     * @return the changed rule
     * @throws IllegalArgumentException if an option is outside its range
     */
    public Nadam withBetas(float beta1, float beta2) {
        return new Nadam(learningRate, beta1, beta2, epsilon, momentumDecay, weightDecay);
    }

    /**
     * The same rule with another epsilon.
     *
     * @param other what is added to the denominator, above 0
     * @return the changed rule
     * @throws IllegalArgumentException if it is outside its range
     */
    public Nadam withEpsilon(float other) {
        return new Nadam(learningRate, beta1, beta2, other, momentumDecay, weightDecay);
    }

    /**
     * The same rule with another momentum decay.
     *
     * @param other how fast the momentum approaches beta1, at least 0
     * @return the changed rule
     * @throws IllegalArgumentException if it is outside its range
     */
    public Nadam withMomentumDecay(float other) {
        return new Nadam(learningRate, beta1, beta2, epsilon, other, weightDecay);
    }

    /**
     * The same rule with another weight decay.
     *
     * @param other the factor of the parameter that is added to its gradient, at least 0
     * @return the changed rule
     * @throws IllegalArgumentException if it is outside its range
     */
    public Nadam withWeightDecay(float other) {
        return new Nadam(learningRate, beta1, beta2, epsilon, momentumDecay, other);
    }

    @Override
    public List<String> slots() {
        return Moments.slots(false);
    }

    @Override
    public boolean elementWise() {
        return true;
    }

    @Override
    public void update(
            int from, int to, float[] value, float[] gradient, float[][] slots, long step, float rate, boolean decays) {
        float decay = decays ? weightDecay : 0;
        float[] average = slots[0];
        float[] square = slots[1];
        long t = step + 1;
        double product = product(t);
        float ofGradient = (float) (rate * (1 - momentum(t)) / (1 - product));
        double productAhead = product * momentum(t) * momentum(t + 1); // counts mu(t) twice, see above
        float ofAverage = (float) (rate * momentum(t + 1) / (1 - productAhead));
        float root = (float) (1 / Math.sqrt(Moments.correction(beta2, step)));
        for (int i = from; i < to; i++) {
            float g = gradient[i] + decay * value[i];
            float m = beta1 * average[i] + (1 - beta1) * g;
            float v = beta2 * square[i] + (1 - beta2) * g * g;
            average[i] = m;
            square[i] = v;
            value[i] -= (ofGradient * g + ofAverage * m) / ((float) Math.sqrt(v) * root + epsilon);
        }
    }

    private double momentum(long t) {
        return beta1 * (1 - .5 * Math.pow(.96, t * (double) momentumDecay));
    }

    /** Computed anew rather than kept: after some dozens of factors it no longer matters. */
    private double product(long t) {
        double product = 1;
        for (long k = 1; k <= t && product > 1e-12; k++) {
            product *= momentum(k);
        }
        return product;
    }
}
