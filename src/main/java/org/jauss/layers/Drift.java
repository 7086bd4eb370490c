package org.jauss.layers;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Tensor;

/**
 * How far inputs are from those that a model was trained on, as the Gaussians of its {@link GaussianNormLayer}s have it. No
 * labels are needed, and nothing but the model.
 *
 * <p>For a set of inputs it starts from the Kullback-Leibler divergence, in nats, of the Gaussian with the moments m and s^2
 * of a feature from the one that the layer has learned,
 *
 * <pre>{@code
 * d = ((s^2 + v + (m - mean)^2) / sigma^2 - 1 - log((s^2 + v) / sigma^2)) / 2,
 * drift of a layer = mean over features of log(1 + d).
 * }</pre>
 *
 * <p>It is 0 where all moments match, and with few rows it is above that by chance: about one over the number of rows. The
 * logarithm keeps a feature that has hardly varied so far, such as a pixel of the margin, from drowning all others.
 * {@link #ofInstances} is for single instances.
 *
 * @param layers the drift of each layer, by path
 */
public record Drift(Map<String, Double> layers) {
    /** A feature that does not vary at all is as far from its Gaussian as one with this share of its variance. */
    private static final double LEAST_SHARE = 1e-12;

    private static final String NONE = "drift: no GaussianNormLayer of the model sees any row";

    /**
     * The drift of each layer.
     *
     * @param layers the drift by path, in order
     * @throws IllegalArgumentException if there is none
     */
    public Drift {
        if (layers.isEmpty()) {
            throw new IllegalArgumentException(NONE);
        }
        layers = Collections.unmodifiableMap(new LinkedHashMap<>(layers));
    }

    /**
     * The drift of a set of inputs, in the memory of one batch.
     *
     * @param model a model with at least one {@link GaussianNormLayer}
     * @param batches the inputs, walked through once
     * @return the drift
     * @throws IllegalArgumentException if the model has no such layer, or none sees a row
     */
    public static Drift of(Layer model, Iterable<Tensor> batches) {
        Map<GaussianNormLayer, ColumnMoments> moments = new LinkedHashMap<>();
        for (Tensor batch : batches) {
            try (var pass = Pass.observing((layer, x, y) -> {
                if (layer instanceof GaussianNormLayer norm && x.size() > 0) {
                    moments.computeIfAbsent(norm, first -> new ColumnMoments()).add(norm.rows(x));
                }
            })) {
                model.forward(pass.input(batch));
            }
        }
        Map<String, Double> divergences = new LinkedHashMap<>();
        model.layersByPath().forEach((path, layer) -> {
            ColumnMoments seen = layer instanceof GaussianNormLayer norm ? moments.remove(norm) : null;
            if (seen != null) {
                divergences.put(path, divergence((GaussianNormLayer) layer, seen));
            }
        });
        return new Drift(divergences);
    }

    private static double divergence(GaussianNormLayer norm, ColumnMoments moments) {
        int c = norm.spread().shape().size();
        double sum = 0;
        for (int j = 0; j < c; j++) {
            double factor =
                    norm.options().parametrization().factor(norm.spread().data()[j]);
            double share = (moments.variance(j) + norm.varianceFloor().data()[j]) * factor * factor;
            double d = (moments.mean(j) - norm.mean().data()[j]) * factor;
            sum += Math.log1p((share + d * d - 1 - Math.log(Math.max(share, LEAST_SHARE))) / 2);
        }
        return sum / c;
    }

    /**
     * The mean over the layers.
     *
     * @return at least 0 but for rounding
     */
    public double mean() {
        return layers.values().stream().mapToDouble(d -> d).average().orElseThrow();
    }

    /**
     * How far each instance is from what the model was trained on: for how many e-folds the mean square of its normalised
     * activations is above or below 1, which it is on average where moments match,
     *
     * <pre>{@code
     * mean over layers of | log( mean over rows and features of (z^2 + v / sigma^2) ) |,   z = (x - mean) / sigma,
     * }</pre>
     *
     * <p>where z is not limited. Below 1 counts as well: an image without contrast is near the mean, and yet like no other.
     *
     * @param model a model with at least one {@link GaussianNormLayer}
     * @param x the inputs, instances along the first axis
     * @return one number for each instance, at least 0
     * @throws IllegalArgumentException if the model has no such layer, or one sees rows that are no whole number for each
     *     instance
     */
    public static double[] ofInstances(Layer model, Tensor x) {
        int n = x.instances();
        List<double[]> scores = new ArrayList<>();
        try (var pass = Pass.observing((layer, input, y) -> {
            if (layer instanceof GaussianNormLayer norm) {
                scores.add(distances(norm, input, n));
            }
        })) {
            model.forward(pass.input(x));
        }
        if (scores.isEmpty()) {
            throw new IllegalArgumentException(NONE);
        }
        double[] means = new double[n];
        for (double[] score : scores) {
            for (int i = 0; i < n; i++) {
                means[i] += score[i] / scores.size();
            }
        }
        return means;
    }

    private static double[] distances(GaussianNormLayer norm, Tensor input, int instances) {
        Tensor rows = norm.rows(input);
        int c = norm.spread().shape().size();
        int m = c == 0 ? 0 : rows.size() / c;
        if (m == 0 || m % instances != 0) {
            throw new IllegalArgumentException(
                    "drift: " + norm + " sees " + m + " rows, no whole number for each of " + instances + " instances");
        }
        double[] factor = new double[c];
        double constant = 0;
        for (int j = 0; j < c; j++) {
            factor[j] = norm.options().parametrization().factor(norm.spread().data()[j]);
            constant += norm.varianceFloor().data()[j] * factor[j] * factor[j];
        }
        float[] data = rows.data();
        float[] mean = norm.mean().data();
        double[] scores = new double[instances];
        int perInstance = m / instances;
        int at = rows.offset();
        for (int i = 0; i < instances; i++) {
            double squares = 0;
            for (int r = 0; r < perInstance; r++) {
                for (int j = 0; j < c; j++, at++) {
                    double z = (data[at] - mean[j]) * factor[j];
                    squares += z * z;
                }
            }
            scores[i] = Math.abs(Math.log(Math.max((squares / perInstance + constant) / c, LEAST_SHARE)));
        }
        return scores;
    }
}
