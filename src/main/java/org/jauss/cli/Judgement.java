package org.jauss.cli;

import java.util.Locale;
import org.jauss.data.Batch;
import org.jauss.data.Dataset;
import org.jauss.layers.Layer;
import org.jauss.losses.CrossEntropyLoss;
import org.jauss.metrics.ConfusionMatrix;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Tensor;

/**
 * How well a network does on data that it did not learn from.
 *
 * @param loss the cross entropy, without smoothing
 * @param confusion which classes it takes for which
 */
record Judgement(double loss, ConfusionMatrix confusion) {
    private static final int BATCH = 256;

    static Judgement of(Layer model, Dataset<IntTensor> data, int classes) {
        var crossEntropy = CrossEntropyLoss.of();
        var confusion = new ConfusionMatrix(classes);
        double sum = 0;
        for (Batch<IntTensor> batch : data.batches(BATCH)) {
            try (var pass = Pass.inference()) {
                Tensor logits = model.forward(pass.input(batch.x()));
                sum += crossEntropy.sum(logits, batch.labels()).item();
                confusion.add(logits, batch.labels());
            }
        }
        return new Judgement(sum / data.instances(), confusion);
    }

    /** {@code accuracy 0.9921, mean F1 0.9920, loss 0.0251}. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT, "accuracy %.4f, mean F1 %.4f, loss %.4f", confusion.accuracy(), confusion.meanF1(), loss);
    }
}
