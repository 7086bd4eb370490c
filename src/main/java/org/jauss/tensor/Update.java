package org.jauss.tensor;

/**
 * How a statistic follows its gradient at the step, in place of the optimiser's rule: without momentum, learning rate
 * schedule, weight decay or clipping.
 */
@FunctionalInterface
public interface Update {
    /**
     * Changes the value.
     *
     * @param value the statistic, changed in place
     * @param gradient its gradient, averaged over the step
     * @param instances the number of instances in the step
     */
    void apply(float[] value, float[] gradient, long instances);
}
