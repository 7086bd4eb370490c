package org.jauss.metrics;

import java.util.List;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Tensor;

/**
 * How often instances of one class were taken for another, and what follows from it for each class. Grows batch by
 * batch.
 */
public final class ConfusionMatrix {
    private final long[][] counts;

    /**
     * A matrix that has seen no instance yet.
     *
     * @param classes the number of classes, at least 1
     * @throws IllegalArgumentException if it is less than 1
     */
    public ConfusionMatrix(int classes) {
        if (classes < 1) {
            throw new IllegalArgumentException("confusion matrix: needs at least 1 class, but has " + classes);
        }
        counts = new long[classes][classes];
    }

    /**
     * Takes a batch into account: the class of the greatest logit, the first at a tie, counts as predicted.
     *
     * @param logits scores of the classes, {@code [..., C]}
     * @param labels the right classes, {@code [...]}
     * @throws IllegalArgumentException if a label is outside the range of the classes, or there is another number of them
     * @throws org.jauss.tensor.ShapeException if the shapes do not fit each other
     */
    public void add(Tensor logits, IntTensor labels) {
        int classes = Predictions.requireLabels("confusion matrix", logits, labels);
        if (classes != counts.length) {
            throw new IllegalArgumentException(
                    "confusion matrix: it has " + counts.length + " classes, but the logits are for " + classes);
        }
        IntTensor predicted = logits.argmax(-1);
        for (int i = 0; i < labels.size(); i++) {
            counts[labels.at(i)][predicted.at(i)]++;
        }
    }

    /**
     * The number of classes.
     *
     * @return the number
     */
    public int classes() {
        return counts.length;
    }

    /**
     * How many instances of one class were taken for another.
     *
     * @param right the right class
     * @param predicted the predicted class
     * @return the number
     */
    public long count(int right, int predicted) {
        return counts[right][predicted];
    }

    /**
     * The share of instances that were taken for what they are.
     *
     * @return a share in {@code [0, 1]}; NaN if there were no instances
     */
    public double accuracy() {
        long right = 0;
        long all = 0;
        for (int c = 0; c < counts.length; c++) {
            right += counts[c][c];
            all += of(c);
        }
        return (double) right / all;
    }

    /**
     * The share of the instances taken for a class that belong to it.
     *
     * @param c the class
     * @return a share in {@code [0, 1]}; 0 if none was taken for it
     */
    public double precision(int c) {
        long taken = 0;
        for (long[] row : counts) {
            taken += row[c];
        }
        return share(counts[c][c], taken);
    }

    /**
     * The share of the instances of a class that were taken for it.
     *
     * @param c the class
     * @return a share in {@code [0, 1]}; 0 if it has none
     */
    public double recall(int c) {
        return share(counts[c][c], of(c));
    }

    /**
     * The harmonic mean of precision and recall of a class.
     *
     * @param c the class
     * @return a number in {@code [0, 1]}; 0 if both are 0
     */
    public double f1(int c) {
        double sum = precision(c) + recall(c);
        return sum == 0 ? 0 : 2 * precision(c) * recall(c) / sum;
    }

    /**
     * The mean of {@link #f1} over all classes, each counting the same (macro average).
     *
     * @return a number in {@code [0, 1]}
     */
    public double meanF1() {
        double sum = 0;
        for (int c = 0; c < counts.length; c++) {
            sum += f1(c);
        }
        return sum / counts.length;
    }

    private long of(int c) {
        long sum = 0;
        for (long count : counts[c]) {
            sum += count;
        }
        return sum;
    }

    private static double share(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }

    /**
     * The matrix as a table, with precision, recall and F1 of each class; a row has the instances of one class.
     *
     * @param names the names of the classes; empty for their numbers
     * @return lines of text
     */
    public String table(List<String> names) {
        int width = 6;
        for (int c = 0; c < counts.length; c++) {
            width = Math.max(width, name(names, c).length());
        }
        var text = new StringBuilder(" ".repeat(width));
        for (int c = 0; c < counts.length; c++) {
            text.append(String.format(" %" + width + "s", name(names, c)));
        }
        text.append("  precision  recall      F1\n");
        for (int r = 0; r < counts.length; r++) {
            text.append(String.format("%" + width + "s", name(names, r)));
            for (long count : counts[r]) {
                text.append(String.format(" %" + width + "d", count));
            }
            text.append(String.format("  %9.4f  %6.4f  %6.4f%n", precision(r), recall(r), f1(r)));
        }
        return text.toString();
    }

    private static String name(List<String> names, int c) {
        return c < names.size() ? names.get(c) : Integer.toString(c);
    }

    @Override
    public String toString() {
        return table(List.of());
    }
}
