package org.jauss.optimizers;

import java.util.List;

/**
 * How a parameter follows its gradient: which arrays have to be kept for it, and how one step changes them and the
 * parameter in a single sweep. A rule holds options, no state; {@link Optimizer} keeps the state.
 */
public interface Rule {
    /**
     * The learning rate over time.
     *
     * @return the schedule
     */
    Schedule learningRate();

    /**
     * The arrays that are kept for each parameter, each as long as the parameter and zero at first.
     *
     * @return a name for each, unique within the rule
     */
    List<String> slots();

    /**
     * Whether what becomes of an element depends on nothing else in the parameter, so that {@link Optimizer} may have its
     * parts changed by several threads at once, in a single sweep over all parameters.
     *
     * @return false, unless a rule says otherwise: a rule that has the norm of a parameter would be wrong in parts
     */
    default boolean elementWise() {
        return false;
    }

    /**
     * Makes one step on some elements of a parameter: on all of them, unless the rule is {@linkplain #elementWise()
     * element-wise}. All arrays have the same length. Different parts, and different parameters, may be changed by
     * several threads at once.
     *
     * @param from the first of the elements
     * @param to the index after the last
     * @param value the parameter, changed in place
     * @param gradient its gradient, left alone
     * @param slots the arrays kept for it, in the order of {@link #slots()}, changed in place
     * @param step how many steps this parameter has made before, from 0
     * @param rate the learning rate of this step for this parameter
     * @param decays whether weight decay applies to this parameter
     */
    void update(
            int from, int to, float[] value, float[] gradient, float[][] slots, long step, float rate, boolean decays);
}
