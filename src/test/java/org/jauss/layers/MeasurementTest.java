package org.jauss.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MeasurementTest {
    private static final int ROWS = 60;
    private static final Tensor X = Tensor.of(Shape.of(ROWS, 3), new float[ROWS * 3]);

    static {
        var random = new java.util.Random(4);
        for (int i = 0; i < X.size(); i++) {
            X.data()[i] = (float) (2 * random.nextGaussian() + i % 3);
        }
    }

    private static Sequential model(Normalization way) {
        var rng = Rng.of(2);
        return Sequential.of(
                way.of(3),
                new DropoutLayer(.5f),
                LinearLayer.of(3, 5, rng),
                ActivationLayer.relu(),
                way.of(5),
                LinearLayer.of(5, 2, rng));
    }

    /** What each norm makes of X without scale and shift, which are 1 and 0 here. */
    private static double[][] meansAndVariances(Sequential model, int norms) {
        double[][] result = new double[2][norms];
        int[] at = {0};
        try (var pass = Pass.observing((source, x, y) -> {
            if (Measurement.hasStatistics(source)) {
                var moments = new ColumnMoments();
                moments.add(y);
                result[0][at[0]] = moments.mean(0);
                result[1][at[0]++] = moments.unbiasedVariance(0);
            }
        })) {
            model.forward(pass.input(X));
        }
        return result;
    }

    @Test
    void runningAveragesBecomeTheMomentsOfWhatEachLayerSeesInUse() {
        for (Normalization way : List.of(Normalization.batch(), Normalization.batchRenorm())) {
            Sequential model = model(way);
            assertEquals(2, Normalization.measure(model, List.of(X.rows(0, 7), X.rows(7, ROWS))));
            double[][] moments = meansAndVariances(model, 2);
            assertArrayEquals(new double[2], moments[0], 1e-6); // rounding of float
            assertArrayEquals(new double[] {1, 1}, moments[1], 1e-4); // epsilon 1e-5 of a variance of .1 or more
        }
    }

    @Test
    void ofGaussianNormItIsTheInitialization() {
        Sequential model = model(Normalization.gaussian());
        Sequential initialized = model(Normalization.gaussian());
        GaussianNormLayer.initialize(initialized, List.of(X));
        assertEquals(2, Normalization.measure(model, List.of(X)));
        for (int layer : new int[] {0, 4}) {
            var expected = (GaussianNormLayer) initialized.layers().get(layer);
            var actual = (GaussianNormLayer) model.layers().get(layer);
            assertArrayEquals(expected.mean().data(), actual.mean().data());
            assertArrayEquals(expected.spread().data(), actual.spread().data());
        }
    }

    @Test
    void normsOfSeveralKindsAreMeasuredInTheirOrder() {
        var first = GaussianNormLayer.robust(3);
        var second = BatchNormLayer.of(3);
        assertEquals(2, Normalization.measure(Sequential.of(first, second), List.of(X)));
        assertArrayEquals(new float[3], second.runningMean().data(), 1e-6f); // the first one is set already
        for (float variance : second.runningVariance().data()) {
            assertEquals(ROWS / (ROWS - 1f) / 1.01f, variance, 1e-3f); // floor .1^2; |z| above the limit of 6: none
        }
        assertEquals(0, Normalization.measure(LinearLayer.of(3, 2, Rng.of(1)), List.of(X)), "nothing to measure");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "no instances | measure: there are no instances",
                "one row | measure: batch norm of 3 features sees values that are not finite, or a single row, in feature 0",
                "not finite | measure: batch norm of 3 features sees values that are not finite, or a single row, in feature 1",
                "one walk | measure: the batches can be walked through only once",
            })
    void whatCannotBeMeasuredIsToldAndChangesNothingOfTheLayer(String what, String message) {
        var bad = X.rows(0, 2).keep();
        bad.data()[bad.offset() + 1] = Float.NaN;
        var once = List.of(X).iterator();
        Iterable<Tensor> batches = switch (what) {
            case "no instances" -> List.of();
            case "one row" -> List.of(X.rows(0, 1));
            case "not finite" -> List.of(bad);
            default -> () -> once;
        };
        Sequential model = model(Normalization.batch());
        var e = assertThrows(IllegalArgumentException.class, () -> Normalization.measure(model, batches));
        assertTrue(e.getMessage().startsWith(message), e.getMessage());
        if (!what.equals("one walk")) {
            var norm = (BatchNormLayer) model.layers().get(0);
            assertArrayEquals(new float[3], norm.runningMean().data());
            assertArrayEquals(new float[] {1, 1, 1}, norm.runningVariance().data());
        }
    }
}
