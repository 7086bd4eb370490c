package org.jauss.losses;

import java.util.List;
import java.util.OptionalInt;
import org.jauss.tensor.CrossEntropy;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Tensor;

/**
 * Cross entropy between softmax probabilities and one right class each: {@code -log softmax(logits)[label]}, computed
 * from the logits without overflow. For a distribution over the classes as target see {@link SoftCrossEntropyLoss}.
 *
 * <p>With label smoothing s over C classes the right class counts {@code 1 - s + s / C} and every other one
 * {@code s / C} (Szegedy et al., 2016).
 *
 * <p>With class weights w the terms are {@code -w[label] log softmax(logits)[label]}, and a mean is the weighted mean,
 * as in PyTorch: divided by the sum of the weights of the labels that count. Smoothing then spreads {@code s w[c] / C}.
 *
 * <p><b>Shape:</b> logits {@code [..., C]}, labels {@code [...]} in {@code [0, C)}; the terms have the shape of the
 * labels.
 *
 * @param reduction what becomes of the terms
 * @param labelSmoothing the share s that is spread over all classes, in {@code [0, 1]}
 * @param ignoredLabel a label, such as that of padding, whose terms are 0 and do not count in a mean
 * @param classWeights a weight for each class, at least 0; empty for 1 each
 */
public record CrossEntropyLoss(
        Reduction reduction, float labelSmoothing, OptionalInt ignoredLabel, List<Float> classWeights)
        implements Loss<IntTensor> {
    /**
     * Checks the options.
     *
     * @param reduction what becomes of the terms
     * @param labelSmoothing the share s that is spread over all classes, in {@code [0, 1]}
     * @param ignoredLabel a label, such as that of padding, whose terms are 0 and do not count in a mean
     * @param classWeights a weight for each class, at least 0; empty for 1 each
     * @throws IllegalArgumentException if the label smoothing or a weight is outside its range
     */
    public CrossEntropyLoss {
        Checks.requireShare("CrossEntropyLoss", "labelSmoothing", labelSmoothing);
        classWeights = Checks.requireWeights("CrossEntropyLoss", "classWeights", classWeights);
    }

    /**
     * The loss without smoothing or weights and with the mean over all labels, as in PyTorch.
     *
     * @return the loss
     */
    public static CrossEntropyLoss of() {
        return new CrossEntropyLoss(Reduction.MEAN, 0, OptionalInt.empty(), List.of());
    }

    /**
     * The same loss with another reduction.
     *
     * @param other the reduction
     * @return the changed loss
     */
    public CrossEntropyLoss withReduction(Reduction other) {
        return new CrossEntropyLoss(other, labelSmoothing, ignoredLabel, classWeights);
    }

    /**
     * The same loss with another label smoothing.
     *
     * @param share the share that is spread over all classes, in {@code [0, 1]}
     * @return the changed loss
     * @throws IllegalArgumentException if the share is outside its range
     */
    public CrossEntropyLoss withLabelSmoothing(float share) {
        return new CrossEntropyLoss(reduction, share, ignoredLabel, classWeights);
    }

    /**
     * The same loss with a label that does not count.
     *
     * @param label the label, in or out of the range of the classes
     * @return the changed loss
     */
    public CrossEntropyLoss withIgnoredLabel(int label) {
        return new CrossEntropyLoss(reduction, labelSmoothing, OptionalInt.of(label), classWeights);
    }

    /**
     * The same loss with class weights: weight in PyTorch, class_weight in Keras.
     *
     * @param weights a weight for each class, at least 0
     * @return the changed loss
     * @throws IllegalArgumentException if there are none, or one is outside its range
     */
    public CrossEntropyLoss withClassWeights(float... weights) {
        return new CrossEntropyLoss(
                reduction, labelSmoothing, ignoredLabel, Checks.list("CrossEntropyLoss", "classWeights", weights));
    }

    /**
     * The terms, not reduced yet.
     *
     * @param logits scores of the classes, any real numbers
     * @param labels the right classes
     * @return a term for each label
     * @throws org.jauss.tensor.ShapeException if the shapes do not fit each other
     * @throws IllegalArgumentException if a label is outside the range of the classes
     */
    @Override
    public Tensor terms(Tensor logits, IntTensor labels) {
        Checks.requireLabels("cross entropy", logits.shape(), labels.shape());
        int classes = logits.shape().dim(-1);
        float[] weights = classWeights.isEmpty()
                ? new float[0]
                : Checks.weights("cross entropy", "classWeights", classWeights, classes);
        int[] right = labels.toArray();
        for (int row = 0; row < right.length; row++) {
            if (isIgnored(right[row])) {
                right[row] = -1;
            } else {
                Checks.requireClass("cross entropy", labels.shape(), row, right[row], classes);
            }
        }
        return CrossEntropy.of(logits, right, weights, labelSmoothing);
    }

    @Override
    public double count(IntTensor labels) {
        double count = 0;
        for (int i = 0; i < labels.size(); i++) {
            int label = labels.at(i);
            if (isIgnored(label)) {
                continue;
            }
            if (classWeights.isEmpty()) {
                count++;
            } else {
                Checks.requireClass("cross entropy", labels.shape(), i, label, classWeights.size());
                count += classWeights.get(label);
            }
        }
        return count;
    }

    private boolean isIgnored(int label) {
        return ignoredLabel.isPresent() && ignoredLabel.getAsInt() == label;
    }
}
