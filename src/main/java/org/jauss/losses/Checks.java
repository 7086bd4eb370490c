package org.jauss.losses;

import java.util.Arrays;
import java.util.List;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;

/** What all losses check, in the same words. */
final class Checks {
    private Checks() {}

    /** Never broadcast: {@code [N, 1]} against {@code [N]} would make {@code [N, N]} terms in silence. */
    static void requireEqual(String loss, Shape prediction, Shape target) {
        if (!prediction.equals(target)) {
            throw new ShapeException(loss + ": shapes of prediction and target differ: " + prediction + " and " + target
                    + " (" + unequal(prediction, target) + ")");
        }
    }

    static void requireClasses(String loss, Shape logits) {
        if (logits.rank() == 0) {
            throw new ShapeException(loss + ": no axis of classes: " + logits + " (rank 0 < 1)");
        }
    }

    static void requireLabels(String loss, Shape logits, Shape labels) {
        requireClasses(loss, logits);
        Shape expected = Shape.of(Arrays.copyOf(logits.dims(), logits.rank() - 1));
        if (!labels.equals(expected)) {
            throw new ShapeException(loss + ": labels do not fit the logits without their last axis: " + labels
                    + " and " + logits + " (" + unequal(labels, expected) + ")");
        }
    }

    /** The first numbers in which two shapes differ. */
    static String unequal(Shape a, Shape b) {
        if (a.rank() != b.rank()) {
            return "rank " + a.rank() + " != " + b.rank();
        }
        int d = Arrays.mismatch(a.dims(), b.dims());
        return a.dim(d) + " != " + b.dim(d);
    }

    static void requirePositive(String loss, String option, float value) {
        if (!(value > 0 && value < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(loss + ": " + option + " must be finite and above 0, but is " + value);
        }
    }

    static void requireShare(String loss, String option, float value) {
        if (!(value >= 0 && value <= 1)) {
            throw new IllegalArgumentException(loss + ": " + option + " must be in [0, 1], but is " + value);
        }
    }

    static void requireAtLeast0(String loss, String option, float value) {
        if (!(value >= 0 && value < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    loss + ": " + option + " must be finite and at least 0, but is " + value);
        }
    }

    static List<Float> requireWeights(String loss, String option, List<Float> weights) {
        for (float weight : weights) {
            requireAtLeast0(loss, option, weight);
        }
        return List.copyOf(weights);
    }

    /** An option's values as a list; none at all is more likely a mistake than a wish to have none. */
    static List<Float> list(String loss, String option, float... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException(loss + ": " + option + " needs at least one value");
        }
        Float[] boxed = new Float[values.length];
        for (int i = 0; i < values.length; i++) {
            boxed[i] = values[i];
        }
        return List.of(boxed);
    }

    /** A weight for each class, 1 where none are given. */
    static float[] weights(String loss, String option, List<Float> weights, int classes) {
        if (!weights.isEmpty() && weights.size() != classes) {
            throw new ShapeException(loss + ": " + option + " must have a value for each class: " + weights.size()
                    + " values for " + classes + " classes (" + weights.size() + " != " + classes + ")");
        }
        float[] array = new float[classes];
        for (int c = 0; c < classes; c++) {
            array[c] = weights.isEmpty() ? 1 : weights.get(c);
        }
        return array;
    }

    static void requireClass(String loss, Shape labels, int position, int label, int classes) {
        if (label < 0 || label >= classes) {
            throw new IllegalArgumentException(
                    loss + ": label " + label + " at " + index(labels, position) + " is outside [0, " + classes + ")");
        }
    }

    static void requireSign(String loss, Shape targets, int position, Number target) {
        if (Math.abs(target.doubleValue()) != 1) {
            throw new IllegalArgumentException(
                    loss + ": target " + target + " at " + index(targets, position) + " is neither -1 nor 1");
        }
    }

    static void requireInstances(String loss, Shape prediction, Shape target) {
        if (target.rank() == 0 || target.dim(0) != prediction.dim(0)) {
            throw new ShapeException(loss + ": prediction and target differ in the number of instances: " + prediction
                    + " and " + target);
        }
    }

    /** The index of an element in a shape, such as {@code [1, 4]}, for messages. */
    static String index(Shape shape, int position) {
        int[] index = new int[shape.rank()];
        int rest = position;
        for (int d = index.length - 1; d >= 0; d--) {
            index[d] = rest % shape.dim(d);
            rest /= shape.dim(d);
        }
        return Arrays.toString(index);
    }
}
