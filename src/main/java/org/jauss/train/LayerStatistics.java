package org.jauss.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jauss.layers.GaussianNormLayer;
import org.jauss.layers.Layer;
import org.jauss.tensor.Tensor;

/**
 * How a layer of a model does on some instances. Of each layer that shows itself to an observer:
 *
 * <ul>
 *   <li>{@code output.mean}, {@code output.std}: mean and standard deviation of all elements of its output;
 *   <li>{@code output.zeros}: the share of zeros among them, such as those of units that never fire.
 * </ul>
 *
 * <p>Of a {@link GaussianNormLayer} also what tells whether its statistics keep up with the weights before it. With z as
 * the layer has it, within its limit, and the mean E over the rows:
 *
 * <ul>
 *   <li>{@code z.mean}: the mean over the features of {@code |E z|}, 0 if the means fit;
 *   <li>{@code z.std}: the mean over the features of the standard deviation of z, 1 if sigma fits, less with a floor;
 *   <li>{@code z.clipped}: the share of elements beyond the limit of z;
 *   <li>{@code sigma.least}: the smallest sigma;
 *   <li>{@code excess}: the likelihood beyond that of matched moments, {@code mean over features of
 *       (E z^2 + v / sigma^2 - 1) / 2}, to which the mean has to be matched, too. Above 1 in a hidden layer the
 *       statistics lag behind the weights; below 0 sigma is too large.
 * </ul>
 *
 * @param path the path of the layer in the model
 * @param numbers the numbers by name
 */
public record LayerStatistics(String path, Map<String, Double> numbers) {
    /**
     * Runs a model and looks at its layers.
     *
     * @param model the model
     * @param probe inputs, of some hundred instances
     * @return the layers in order of execution, as {@link LayerObserver} sees them
     */
    public static List<LayerStatistics> of(Layer model, Tensor probe) {
        List<LayerStatistics> all = new ArrayList<>();
        LayerObserver.run(
                model, probe, (path, layer, x, y) -> all.add(new LayerStatistics(path, numbers(layer, x, y))));
        return all;
    }

    private static Map<String, Double> numbers(Object layer, Tensor x, Tensor y) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        if (layer instanceof GaussianNormLayer norm) {
            ofNormalized(norm, x, numbers);
        }
        double sum = 0;
        long zeros = 0;
        float[] values = y.toArray();
        for (float value : values) {
            sum += value;
            zeros += value == 0 ? 1 : 0;
        }
        double mean = sum / values.length;
        double squares = 0;
        for (float value : values) {
            squares += (value - mean) * (value - mean);
        }
        numbers.put("output.mean", mean);
        numbers.put("output.std", Math.sqrt(squares / values.length));
        numbers.put("output.zeros", (double) zeros / values.length);
        return numbers;
    }

    private static void ofNormalized(GaussianNormLayer layer, Tensor input, Map<String, Double> numbers) {
        float[] mean = layer.mean().data();
        float[] sigma = layer.std();
        float[] floor = layer.varianceFloor().data();
        float limit = layer.options().zLimit();
        float[] x = layer.rows(input).toArray();
        int c = sigma.length;
        double[] sum = new double[c];
        double[] squares = new double[c];
        long clipped = 0;
        for (int i = 0; i < x.length; i++) {
            int j = i % c;
            double free = ((double) x[i] - mean[j]) / sigma[j];
            clipped += Math.abs(free) > limit ? 1 : 0;
            double z = Math.max(-limit, Math.min(limit, free));
            sum[j] += z;
            squares[j] += z * z;
        }
        double rows = (double) x.length / c;
        double means = 0;
        double deviations = 0;
        double excess = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int j = 0; j < c; j++) {
            double m1 = sum[j] / rows;
            double m2 = squares[j] / rows;
            means += Math.abs(m1) / c;
            deviations += Math.sqrt(Math.max(0, m2 - m1 * m1)) / c;
            excess += (m2 + floor[j] / ((double) sigma[j] * sigma[j]) - 1) / 2 / c;
            least = Math.min(least, sigma[j]);
        }
        numbers.put("z.mean", means);
        numbers.put("z.std", deviations);
        numbers.put("z.clipped", (double) clipped / x.length);
        numbers.put("sigma.least", least);
        numbers.put("excess", excess);
    }

    /**
     * Adds the numbers to a history, each as series {@code PATH/NAME}.
     *
     * @param history the history
     * @param step how many steps have been made
     */
    public void addTo(History history, long step) {
        numbers.forEach((name, value) -> history.add(path + "/" + name, step, value));
    }
}
