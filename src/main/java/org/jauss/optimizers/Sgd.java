package org.jauss.optimizers;

import java.util.List;

/**
 * Stochastic gradient descent. With the gradient {@code g}, to which weight decay adds {@code weightDecay p}:
 * {@code p -= rate g}; with momentum {@code v = momentum v + g; p -= rate v}; with Nesterov momentum
 * {@code p -= rate (g + momentum v)} (Sutskever et al., 2013, in the form of PyTorch).
 *
 * @param learningRate the learning rate over time
 * @param momentum how much of the last change is kept, in {@code [0, 1)}; 0 for none
 * @param nesterov whether the gradient is taken as if the last change had been repeated already
 * @param weightDecay the factor of the parameter that is added to its gradient, at least 0
 */
public record Sgd(Schedule learningRate, float momentum, boolean nesterov, float weightDecay) implements Rule {
    /**
     * Checks the options.
     *
     * @param learningRate the learning rate over time
     * @param momentum how much of the last change is kept, in {@code [0, 1)}; 0 for none
     * @param nesterov whether the gradient is taken as if the last change had been repeated already
     * @param weightDecay the factor of the parameter that is added to its gradient, at least 0
     * @throws IllegalArgumentException if an option is outside its range
     */
    public Sgd {
        Options.requireBelow1("Sgd", "momentum", momentum);
        Options.requireAtLeast0("Sgd", "weightDecay", weightDecay);
        if (nesterov && momentum == 0) {
            throw new IllegalArgumentException(
                    "Sgd: nesterov needs a momentum above 0, but momentum is 0.0: set the momentum first");
        }
    }

    /**
     * The rule with a constant learning rate and the usual options.
     *
     * @param learningRate the learning rate, at least 0
     * @return the rule
     * @throws IllegalArgumentException if the rate is negative or not finite
     */
    public static Sgd of(float learningRate) {
        return of(Options.constant("Sgd", learningRate));
    }

    /**
     * The rule with a schedule and the usual options.
     *
     * @param learningRate the learning rate over time
     * @return the rule
     */
    public static Sgd of(Schedule learningRate) {
        return new Sgd(learningRate, 0, false, 0);
    }

    /**
     * The same rule with another momentum.
     *
     * @param other how much of the last change is kept, in {@code [0, 1)}; 0 for none
     * @return the changed rule
     * @throws IllegalArgumentException if it is outside its range
     */
    public Sgd withMomentum(float other) {
        return new Sgd(learningRate, other, nesterov, weightDecay);
    }

    /**
     * The same rule with Nesterov momentum.
     *
     * @return the changed rule
     * @throws IllegalArgumentException if the rule has no momentum yet
     */
    public Sgd withNesterov() {
        return new Sgd(learningRate, momentum, true, weightDecay);
    }

    /**
     * The same rule with another weight decay.
     *
     * @param other the factor of the parameter that is added to its gradient, at least 0
     * @return the changed rule
     * @throws IllegalArgumentException if it is outside its range
     */
    public Sgd withWeightDecay(float other) {
        return new Sgd(learningRate, momentum, nesterov, other);
    }

    @Override
    public List<String> slots() {
        return momentum == 0 ? List.of() : List.of("velocity");
    }

    @Override
    public boolean elementWise() {
        return true;
    }

    @Override
    public void update(
            int from, int to, float[] value, float[] gradient, float[][] slots, long step, float rate, boolean decays) {
        float decay = decays ? weightDecay : 0;
        if (momentum == 0) {
            for (int i = from; i < to; i++) {
                value[i] -= rate * (gradient[i] + decay * value[i]);
            }
        } else if (nesterov) {
            float[] velocity = slots[0];
            for (int i = from; i < to; i++) {
                float g = gradient[i] + decay * value[i];
                float v = momentum * velocity[i] + g;
                velocity[i] = v;
                value[i] -= rate * (g + momentum * v);
            }
        } else {
            float[] velocity = slots[0];
            for (int i = from; i < to; i++) {
                float v = momentum * velocity[i] + (gradient[i] + decay * value[i]);
                velocity[i] = v;
                value[i] -= rate * v;
            }
        }
    }
}
