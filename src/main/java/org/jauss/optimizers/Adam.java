package org.jauss.optimizers;

import java.util.List;

/**
 * Adam: {@code m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2;}
 * {@code p -= rate m' / (sqrt(v') + epsilon)}, where {@code m'} and {@code v'} are divided by {@code 1 - beta^t} at the
 * parameter's step t from 1 (Kingma and Ba, 2015). Weight decay adds {@code weightDecay p} to the gradient; see
 * {@link AdamW} for decay apart from it.
 *
 * @param learningRate the learning rate over time
 * @param beta1 how much of the average gradient is kept, in {@code [0, 1)}
 * @param beta2 how much of the average squared gradient is kept, in {@code [0, 1)}
 * @param epsilon what is added to the denominator, above 0
 * @param amsgrad whether the greatest average squared gradient so far is used
 * @param weightDecay the factor of the parameter that is added to its gradient, at least 0
 */
public record Adam(Schedule learningRate, float beta1, float beta2, float epsilon, boolean amsgrad, float weightDecay)
        implements Rule {
    /**
     * Checks the options.
     *
     * @param learningRate the learning rate over time
     * @param beta1 how much of the average gradient is kept, in {@code [0, 1)}
     * @param beta2 how much of the average squared gradient is kept, in {@code [0, 1)}
     * @param epsilon what is added to the denominator, above 0
     * @param amsgrad whether the greatest average squared gradient so far is used
     * @param weightDecay the factor of the parameter that is added to its gradient, at least 0
     * @throws IllegalArgumentException if an option is outside its range
     */
    public Adam {
        Options.requireBelow1("Adam", "beta1", beta1);
        Options.requireBelow1("Adam", "beta2", beta2);
        Options.requireAbove0("Adam", "epsilon", epsilon);
        Options.requireAtLeast0("Adam", "weightDecay", weightDecay);
    }

    /**
     * The rule with a constant learning rate and the usual options.
     *
     * @param learningRate the learning rate, at least 0
     * @return the rule
     * @throws IllegalArgumentException if the rate is negative or not finite
     */
    public static Adam of(float learningRate) {
        return of(Options.constant("Adam", learningRate));
    }

    /**
     * The rule with a schedule and the usual options.
     *
     * @param learningRate the learning rate over time
     * @return the rule
     */
    public static Adam of(Schedule learningRate) {
        return new Adam(learningRate, .9f, .999f, 1e-8f, false, 0);
    }

    /**
     * The same rule with other averages.
     *
     * @param beta1 how much of the average gradient is kept, in {@code [0, 1)}
     * @param beta2 how much of the average squared gradient is kept, in {@code [0, 1)}
     * @return the changed rule
     * @throws IllegalArgumentException if an option is outside its range
     */
    public Adam withBetas(float beta1, float beta2) {
        return new Adam(learningRate, beta1, beta2, epsilon, amsgrad, weightDecay);
    }

    /**
     * The same rule with another epsilon.
     *
     * @param other what is added to the denominator, above 0
     * @return the changed rule
     * @throws IllegalArgumentException if it is outside its range
     */
    public Adam withEpsilon(float other) {
        return new Adam(learningRate, beta1, beta2, other, amsgrad, weightDecay);
    }

    /**
     * The same rule with the AMSGrad denominator, which never shrinks (Reddi et al., 2018).
     *
     * @return the changed rule
     */
    public Adam withAmsgrad() {
        return new Adam(learningRate, beta1, beta2, epsilon, true, weightDecay);
    }

    /**
     * The same rule with another weight decay.
     *
     * @param other the factor of the parameter that is added to its gradient, at least 0
     * @return the changed rule
     * @throws IllegalArgumentException if it is outside its range
     */
    public Adam withWeightDecay(float other) {
        return new Adam(learningRate, beta1, beta2, epsilon, amsgrad, other);
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
        float decay = decays ? weightDecay : 0;
        Moments.update(from, to, value, gradient, slots, step, rate, beta1, beta2, epsilon, amsgrad, decay, 1);
    }
}
