package org.jauss.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jauss.data.Batch;
import org.jauss.layers.Layer;
import org.jauss.losses.Loss;
import org.jauss.metrics.Metric;
import org.jauss.tensor.Pass;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Sliceable;
import org.jauss.tensor.Tensor;

/**
 * Loss and metrics of a model on batches that it does not learn from.
 *
 * @param batches the batches, run over at every evaluation
 * @param metrics the metrics
 * @param <T> the type of the targets
 */
public record Evaluation<T extends Sliceable<T>>(Iterable<Batch<T>> batches, List<Metric<T>> metrics) {
    /**
     * An evaluation.
     *
     * @param batches the batches, run over at every evaluation
     * @param metrics the metrics; copied
     */
    public Evaluation {
        metrics = List.copyOf(metrics);
    }

    /**
     * Runs the model in inference, batch by batch.
     *
     * @param model the model
     * @param loss the loss
     * @return {@code loss} and each metric by its name; NaN for what has nothing to average
     * @throws IllegalArgumentException if a label is outside the range of the classes; the message tells the positions of
     *     its batch in the data
     */
    public Map<String, Double> of(Layer model, Loss<T> loss) {
        List<Metric.Gathering<T>> gatherings = new ArrayList<>();
        metrics.forEach(metric -> gatherings.add(metric.start()));
        double sum = 0;
        double divisor = 0;
        long first = 0;
        for (Batch<T> batch : batches) {
            try (var pass = Pass.inference()) {
                Tensor prediction = model.forward(pass.input(batch.x()));
                sum += loss.sum(prediction, batch.labels()).item();
                divisor += loss.divisor(batch.labels());
                gatherings.forEach(gathering -> gathering.add(prediction, batch.labels()));
            } catch (ShapeException e) {
                throw e; // of the model, whatever the batch
            } catch (IllegalArgumentException e) {
                long last = first + batch.instances() - 1;
                throw new IllegalArgumentException(
                        "evaluation: batch of the instances " + first + " to " + last + ": " + e.getMessage(), e);
            }
            first += batch.instances();
        }
        Map<String, Double> values = new LinkedHashMap<>();
        values.put("loss", sum / divisor);
        for (int i = 0; i < metrics.size(); i++) {
            values.put(metrics.get(i).name(), gatherings.get(i).value());
        }
        return values;
    }
}
