package org.jauss.tensor;

import org.jspecify.annotations.Nullable;

/** An op whose result is a sum of products with a weight {@code [..., out]}, over a row of inputs for each row of it. */
interface WeightedSum extends Op {
    Tensor weight();

    @Nullable
    Tensor bias();

    /** Into how many parts the features of the result divide, each seeing inputs of its own. */
    int groups();

    /**
     * The gradient of the weight that a given gradient of the result leads to.
     *
     * @param dy the gradient of the result
     * @param yo its offset
     * @param dWeight receives it
     * @param wo its offset
     * @param add whether to add to it or to overwrite it
     */
    void weightGradient(float[] dy, int yo, float[] dWeight, int wo, boolean add);

    /** Adds to the gradient of the weight what a given gradient of the result leads to. */
    default void addWeightGradient(float[] dy, int yo) {
        if (weight().tracked()) {
            boolean add = weight().prepareGrad();
            weightGradient(dy, yo, weight().grad(), weight().offset(), add);
        }
    }

    /** Adds to the gradient of the input what a given gradient of the result leads to. */
    void addInputGradient(float[] dy, int yo);

    /**
     * Adds up what each weight is multiplied by, over all rows: the gradient of the weight where every row of the result
     * has the gradient 1.
     *
     * @param sums {@code [..., groups]}, as it is the same for all features of a group
     */
    void addInputSums(float[] sums);
}
