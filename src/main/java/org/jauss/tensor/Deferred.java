package org.jauss.tensor;

import java.util.ArrayList;
import java.util.List;
import org.jauss.kernels.Epilogue;

/**
 * How a result that nobody has read yet is computed: a product or a convolution, and what element-wise ops behind it do
 * to each of its rows while that lies in the cache. Each op that can be done so makes a longer plan; the tensor of the
 * shorter one then need not be computed at all.
 */
final class Deferred {
    /** An op whose result consists of rows that are complete one after another. */
    interface Source {
        /** The length of a row. */
        int features();

        /**
         * Computes the result.
         *
         * @param y receives it
         * @param epilogue what is done to each row
         */
        void compute(float[] y, Epilogue epilogue);
    }

    /** What one op does to some rows, in place. */
    @FunctionalInterface
    interface Step {
        /**
         * Changes the rows.
         *
         * @param y the array of all rows
         * @param offset where the first of these rows starts
         * @param rows how many there are
         */
        void apply(float[] y, int offset, int rows);
    }

    private final Source source;
    private final List<Step> steps;

    /** What nobody will read any more once this is computed. */
    private final List<Tensor> consumed;

    private Deferred(Source source, List<Step> steps, List<Tensor> consumed) {
        this.source = source;
        this.steps = steps;
        this.consumed = consumed;
    }

    static Deferred of(Source source) {
        return new Deferred(source, List.of(), new ArrayList<>(0));
    }

    /** The same plan with one more step at its end. */
    Deferred then(Step step) {
        List<Step> more = new ArrayList<>(steps);
        more.add(step);
        return new Deferred(source, more, new ArrayList<>(consumed));
    }

    /** The length of a row. */
    int features() {
        return source.features();
    }

    /** Whether no step has been added yet. */
    boolean isPlain() {
        return steps.isEmpty();
    }

    void compute(float[] y) {
        int c = source.features();
        source.compute(
                y,
                steps.isEmpty()
                        ? Epilogue.NONE
                        : (from, to) -> {
                            for (Step step : steps) {
                                step.apply(y, from * c, to - from);
                            }
                        });
    }

    void addConsumed(Tensor x) {
        consumed.add(x);
    }

    void recycleConsumed() {
        consumed.forEach(Tensor::recycle);
    }
}
