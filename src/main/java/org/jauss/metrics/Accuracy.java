package org.jauss.metrics;

import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Tensor;

/**
 * The share of instances whose right class is among the most likely ones.
 *
 * <p><b>Shape:</b> logits {@code [..., C]}, labels {@code [...]}. Of equal logits that of the lower class counts as the
 * greater.
 *
 * @param top how many of the most likely classes count, at least 1
 */
public record Accuracy(int top) implements Metric<IntTensor> {
    /**
     * Checks the number.
     *
     * @param top how many of the most likely classes count, at least 1
     * @throws IllegalArgumentException if it is less than 1
     */
    public Accuracy {
        if (top < 1) {
            throw new IllegalArgumentException("accuracy: top must be at least 1, but is " + top);
        }
    }

    /** The share of instances whose most likely class is the right one. */
    public Accuracy() {
        this(1);
    }

    /**
     * The share of rows in which the greatest logit, the first at a tie, is that of the label.
     *
     * @param logits scores of the classes; probabilities do as well
     * @param labels the right classes
     * @return a share in {@code [0, 1]}; NaN if there are no rows
     * @throws IllegalArgumentException if a label is outside the range of the classes
     * @throws org.jauss.tensor.ShapeException if the shapes do not fit each other or there are no classes
     */
    public static double of(Tensor logits, IntTensor labels) {
        Gathering<IntTensor> gathering = new Accuracy().start();
        gathering.add(logits, labels);
        return gathering.value();
    }

    @Override
    public String name() {
        return top == 1 ? "accuracy" : "accuracy.top" + top;
    }

    @Override
    public boolean higherIsBetter() {
        return true;
    }

    @Override
    public Gathering<IntTensor> start() {
        return new Gathering<>() {
            private long right;
            private long all;

            @Override
            public void add(Tensor logits, IntTensor labels) {
                int classes = Predictions.requireLabels("accuracy", logits, labels);
                float[] x = logits.data();
                for (int i = 0; i < labels.size(); i++) {
                    right += isAmongTop(x, logits.offset() + i * classes, classes, labels.at(i)) ? 1 : 0;
                }
                all += labels.size();
            }

            @Override
            public double value() {
                return (double) right / all;
            }
        };
    }

    /** Whether fewer than {@code top} classes come before the label; NaN comes before everything. */
    private boolean isAmongTop(float[] x, int row, int classes, int label) {
        float own = x[row + label];
        int before = 0;
        for (int c = 0; c < classes && before < top; c++) {
            boolean greater = Float.isNaN(own) ? Float.isNaN(x[row + c]) && c < label : !(x[row + c] <= own);
            before += greater || (x[row + c] == own && c < label) ? 1 : 0;
        }
        return before < top;
    }
}
