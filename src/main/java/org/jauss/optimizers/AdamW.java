package org.jauss.optimizers;

import java.util.List;

/**
 * {@link Adam} with weight decay apart from the gradient: {@code p *= 1 - rate weightDecay} comes before the step
 * (Loshchilov and Hutter, 2019).
 *
 * @param learningRate the learning rate over time
 * @param beta1 how much of the average gradient is kept, in {@code [0, 1)}
 * @param beta2 how much of the average squared gradient is kept, in {@code [0, 1)}
 * @param epsilon what is added to the denominator, above 0
 * @param amsgrad whether the greatest average squared gradient so far is used
 * @param weightDecay the share of the parameter that is lost at each step, times the rate, at least 0
 */
public record AdamW(Schedule learningRate, float beta1, float beta2, float epsilon, boolean amsgrad, float weightDecay)
        implements Rule {
    /**
     * Checks the options.
     *
     * @param learningRate the learning rate over time
     * @param beta1 how much of the average gradient is kept, in {@code [0, 1)}
     * @param beta2 how much of the average squared gradient is kept, in {@code [0, 1)}
     * @param epsilon what is added to the denominator, above 0
     * @param amsgrad whether the greatest average squared gradient so far is used
     * @param weightDecay the share of the parameter that is lost at each step, times the rate, at least 0
     * @throws IllegalArgumentException if an option is outside its range
     */
    public AdamW {
        Options.requireBelow1("AdamW", "beta1", beta1);
        Options.requireBelow1("AdamW", "beta2", beta2);
        Options.requireAbove0("AdamW", "epsilon", epsilon);
        Options.requireAtLeast0("AdamW", "weightDecay", weightDecay);
    }

    /**
     * The rule with a constant learning rate and the usual options.
     *
     * @param learningRate the learning rate, at least 0
     * @return the rule
     * @throws IllegalArgumentException if the rate is negative or not finite
     */
    public static AdamW of(float learningRate) {
        return of(Options.constant("AdamW", learningRate));
    }

    /**
     * The rule with a schedule and the usual options.
     *
     * @param learningRate the learning rate over time
     * @return the rule
     */
    public static AdamW of(Schedule learningRate) {
        return new AdamW(learningRate, .9f, .999f, 1e-8f, false, .01f);
    }

    /**
     * The same rule with other averages.
     *
     * @param beta1 how much of the average gradient is kept, in {@code [0, 1)}
     * @param beta2 how much of the average squared gradient is kept, in {@code [0, 1)}
     * @return the changed rule
     * @throws IllegalArgumentException if an option is outside its range
     */
    public AdamW withBetas(float beta1, float beta2) {
        return new AdamW(learningRate, beta1, beta2, epsilon, amsgrad, weightDecay);
    }

    /**
     * The same rule with another epsilon.
     *
     * @param other what is added to the denominator, above 0
     * @return the changed rule
     * @throws IllegalArgumentException if it is outside its range
     */
    public AdamW withEpsilon(float other) {
        return new AdamW(learningRate, beta1, beta2, other, amsgrad, weightDecay);
    }

    /**
     * The same rule with the AMSGrad denominator, which never shrinks (Reddi et al., 2018).
     *
     * @return the changed rule
     */
    public AdamW withAmsgrad() {
        return new AdamW(learningRate, beta1, beta2, epsilon, true, weightDecay);
    }

    /**
     * The same rule with another weight decay.
     *
     * @param other the share of the parameter that is lost at each step, times the rate, at least 0
     * @return the changed rule
     * @throws IllegalArgumentException if it is outside its range
     */
    public AdamW withWeightDecay(float other) {
        return new AdamW(learningRate, beta1, beta2, epsilon, amsgrad, other);
    }

    @Override
    public List<String> slots() {
        return Moments.slots(amsgrad);
    }

    @Override
    public boolean elementWise() {
        return true;
    }

    @Override
    public void update(
            int from, int to, float[] value, float[] gradient, float[][] slots, long step, float rate, boolean decays) {
        float shrink = decays ? 1 - rate * weightDecay : 1;
        Moments.update(from, to, value, gradient, slots, step, rate, beta1, beta2, epsilon, amsgrad, 0, shrink);
    }
}
