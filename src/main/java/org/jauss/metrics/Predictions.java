package org.jauss.metrics;

import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/** Checks of scores of classes, {@code [..., C]}, against labels, {@code [...]}. */
final class Predictions {
    private Predictions() {}

    /** Requires labels within the range of the classes, and returns the number of classes. */
    static int requireLabels(String metric, Tensor logits, IntTensor labels) {
        requireFit(metric, logits.shape(), labels.shape());
        int classes = logits.shape().dim(-1);
        if (classes == 0) {
            throw new ShapeException(metric + ": there are no classes: " + logits.shape());
        }
        for (int i = 0; i < labels.size(); i++) {
            if (labels.at(i) < 0 || labels.at(i) >= classes) {
                throw new IllegalArgumentException(
                        metric + ": label " + labels.at(i) + " at position " + i + " is outside [0, " + classes + ")");
            }
        }
        return classes;
    }

    private static void requireFit(String metric, Shape logits, Shape labels) {
        int rank = logits.rank() - 1;
        int fitting = 0;
        while (fitting < Math.min(rank, labels.rank()) && labels.dim(fitting) == logits.dim(fitting)) {
            fitting++;
        }
        if (labels.rank() != rank || fitting < rank) {
            throw new ShapeException(metric + ": labels do not fit the logits without their last axis: " + labels
                    + " and " + logits + " ("
                    + (labels.rank() != rank
                            ? "rank " + labels.rank() + " != " + rank
                            : labels.dim(fitting) + " != " + logits.dim(fitting))
                    + ")");
        }
    }

    /** Requires numbers of one shape. */
    static void requireSame(String metric, Tensor prediction, Tensor target) {
        if (!prediction.shape().equals(target.shape())) {
            throw new ShapeException(
                    metric + ": predictions do not fit the targets: " + prediction.shape() + " != " + target.shape());
        }
    }
}
