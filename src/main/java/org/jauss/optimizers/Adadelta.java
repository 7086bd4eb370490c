package org.jauss.optimizers;

import java.util.List;

/**
 * Adadelta: {@code v = rho v + (1 - rho) g^2; d = g sqrt(u + epsilon) / sqrt(v + epsilon);}
 * {@code u = rho u + (1 - rho) d^2; p -= rate d} (Zeiler, 2012, who has no rate: it is 1). Weight decay adds
 * {@code weightDecay p} to the gradient.
 *
 * @param learningRate the learning rate over time
 * @param rho how much of both averages is kept, in {@code [0, 1)}
 * @param epsilon what is added below both roots, above 0
 * @param weightDecay the factor of the parameter that is added to its gradient, at least 0
 */
public record Adadelta(Schedule learningRate, float rho, float epsilon, float weightDecay) implements Rule {
    /**
     * Checks the options.
     *
     * @param learningRate the learning rate over time
     * @param rho how much of both averages is kept, in {@code [0, 1)}
     * @param epsilon what is added below both roots, above 0
     * @param weightDecay the factor of the parameter that is added to its gradient, at least 0
     * @throws IllegalArgumentException if an option is outside its range
     */
    public Adadelta {
        Options.requireBelow1("Adadelta", "rho", rho);
        Options.requireAbove0("Adadelta", "epsilon", epsilon);
        Options.requireAtLeast0("Adadelta", "weightDecay", weightDecay);
    }

    /**
     * The rule with a constant learning rate and the usual options.
     *
     * @param learningRate the learning rate, at least 0
     * @return the rule
     * @throws IllegalArgumentException if the rate is negative or not finite
     */
    public static Adadelta of(float learningRate) {
        return of(Options.constant("Adadelta", learningRate));
    }

    /**
     * The rule with a schedule and the usual options.
     *
     * @param learningRate the learning rate over time
     * @return the rule
     */
    public static Adadelta of(Schedule learningRate) {
        return new Adadelta(learningRate, .9f, 1e-6f, 0);
    }

    /**
     * The same rule with another rho.
     *
     * @param other how much of both averages is kept, in {@code [0, 1)}
     * @return the changed rule
     * @throws IllegalArgumentException if it is outside its range
     */
    public Adadelta withRho(float other) {
        return new Adadelta(learningRate, other, epsilon, weightDecay);
    }

    /**
     * The same rule with another epsilon.
     *
     * @param other what is added below both roots, above 0
     * @return the changed rule
     * @throws IllegalArgumentException if it is outside its range
     */
    public Adadelta withEpsilon(float other) {
        return new Adadelta(learningRate, rho, other, weightDecay);
    }

    /**
     * The same rule with another weight decay.
     *
     * @param other the factor of the parameter that is added to its gradient, at least 0
     * @return the changed rule
     * @throws IllegalArgumentException if it is outside its range
     */
    public Adadelta withWeightDecay(float other) {
        return new Adadelta(learningRate, rho, epsilon, other);
    }

    @Override
    public List<String> slots() {
        return List.of("squareAverage", "squareChangeAverage");
    }

    @Override
    public boolean elementWise() {
        return true;
    }

    @Override
    public void update(
            int from, int to, float[] value, float[] gradient, float[][] slots, long step, float rate, boolean decays) {
        float decay = decays ? weightDecay : 0;
        float[] square = slots[0];
        float[] squareChange = slots[1];
        for (int i = from; i < to; i++) {
            float g = gradient[i] + decay * value[i];
            float v = rho * square[i] + (1 - rho) * g * g;
            float u = squareChange[i];
            float d = g * ((float) Math.sqrt(u + epsilon) / (float) Math.sqrt(v + epsilon));
            square[i] = v;
            squareChange[i] = rho * u + (1 - rho) * d * d;
            value[i] -= rate * d;
        }
    }
}
