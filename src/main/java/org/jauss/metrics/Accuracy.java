package org.jauss.metrics;

import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/** The share of instances whose most likely class is the right one. */
public final class Accuracy {
    private Accuracy() {}

    /**
     * The share of rows in which the greatest logit, the first at a tie, is that of the label.
     *
     * <p><b>Shape:</b> logits {@code [..., C]}, labels {@code [...]}.
     *
     * @param logits scores of the classes; probabilities do as well
     * @param labels the right classes
     * @return a share in {@code [0, 1]}; NaN if there are no rows
     * @throws IllegalArgumentException if a label is outside the range of the classes
     * @throws ShapeException if the shapes do not fit each other or there are no classes
     */
    public static double of(Tensor logits, IntTensor labels) {
        requireFit(logits.shape(), labels.shape());
        int classes = logits.shape().dim(-1);
        IntTensor predicted = logits.argmax(-1);
        int right = 0;
        for (int i = 0; i < labels.size(); i++) {
            if (labels.at(i) < 0 || labels.at(i) >= classes) {
                throw new IllegalArgumentException(
                        "accuracy: label " + labels.at(i) + " at position " + i + " is outside [0, " + classes + ")");
            }
            right += predicted.at(i) == labels.at(i) ? 1 : 0;
        }
        return (double) right / labels.size();
    }

    private static void requireFit(Shape logits, Shape labels) {
        int rank = logits.rank() - 1;
        int fitting = 0;
        while (fitting < Math.min(rank, labels.rank()) && labels.dim(fitting) == logits.dim(fitting)) {
            fitting++;
        }
        if (labels.rank() != rank || fitting < rank) {
            throw new ShapeException("accuracy: labels do not fit the logits without their last axis: " + labels
                    + " and " + logits + " ("
                    + (labels.rank() != rank
                            ? "rank " + labels.rank() + " != " + rank
                            : labels.dim(fitting) + " != " + logits.dim(fitting))
                    + ")");
        }
    }
}
