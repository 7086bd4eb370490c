package org.jauss.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;

class DriftTest {
    private static Tensor normal(int seed, int... dims) {
        Rng rng = Rng.of(seed);
        float[] data = new float[Shape.of(dims).size()];
        for (int i = 0; i < data.length; i++) {
            data[i] = rng.normal(i);
        }
        return Tensor.of(Shape.of(dims), data);
    }

    private static Sequential model(Tensor x) {
        var model = Sequential.of(
                GaussianNormLayer.robust(4),
                LinearLayer.of(4, 8, Initializer.heNormal(), Rng.of(1)),
                ActivationLayer.relu(),
                GaussianNormLayer.robust(8),
                LinearLayer.of(8, 3, Rng.of(2)));
        GaussianNormLayer.initialize(model, List.of(x));
        return model;
    }

    @Test
    void itIsZeroOnTheInputsThatTheStatisticsCameFrom() {
        Tensor x = normal(1, 200, 4);
        var drift = Drift.of(model(x), List.of(x.rows(0, 30), x.rows(30, 200)));
        assertEquals(Set.of("layers.0", "layers.3"), drift.layers().keySet());
        drift.layers().values().forEach(d -> assertEquals(0, d, 1e-6));
    }

    @Test
    void itIsTheDivergenceOfTwoGaussians() {
        var layer = GaussianNormLayer.of(2, GaussianNormOptions.paper());
        layer.mean().set(1, -1);
        layer.spread().set((float) Math.log(2), 0); // sigma 2 and 1
        Tensor x = Tensor.of(new float[][] {{2, -1}, {4, -1}, {6, 2}}); // means 4 and 0, variances 8/3 and 2
        double first = (8 / 3. / 4 + 9 / 4. - 1 - Math.log(8 / 3. / 4)) / 2;
        double second = (2 + 1 - 1 - Math.log(2)) / 2;
        var drift = Drift.of(layer, List.of(x));
        assertEquals((Math.log1p(first) + Math.log1p(second)) / 2, drift.mean(), 1e-6);
        assertEquals(drift.mean(), drift.layers().get(""));
        double[] expected = {-Math.log(.25 / 2), Math.log(2.25 / 2), Math.log((6.25 + 9) / 2)};
        assertArrayEquals(expected, Drift.ofInstances(layer, x), 1e-6);
        layer.varianceFloor().set(.4f, .1f); // of sigma^2 = 4 and 1
        assertEquals(Math.log((2.25 + .1 + .1) / 2), Drift.ofInstances(layer, x)[1], 1e-6);
    }

    @Test
    void itGrowsWithTheShift() {
        var model = model(normal(1, 500, 4));
        Tensor fresh = normal(2, 500, 4);
        double before = Drift.of(model, List.of(fresh)).mean();
        assertTrue(before < .02, "by chance " + before); // a few times one over the number of rows
        for (float shift : new float[] {.3f, 1, 3}) {
            double drift = Drift.of(model, List.of(fresh.add(shift))).mean();
            assertTrue(drift > before);
            before = drift;
        }
        double[] near = Drift.ofInstances(model, fresh);
        for (float contrast : new float[] {6, .1f}) { // beyond the limit of z, and hardly any
            double[] far = Drift.ofInstances(model, fresh.mul(contrast));
            int greater = 0;
            for (int i = 0; i < near.length; i++) {
                greater += far[i] > near[i] ? 1 : 0;
            }
            assertTrue(greater > 480, greater + " of 500 at contrast " + contrast);
        }
    }

    @Test
    void instancesMayHaveManyRowsAndStatisticsAnyAxes() {
        Tensor x = normal(3, 20, 5, 2);
        var byFeature = GaussianNormLayer.of(2, GaussianNormOptions.paper());
        double[] scores = Drift.ofInstances(byFeature, x);
        for (int i = 0; i < 20; i++) {
            assertEquals(scores[i], Drift.ofInstances(byFeature, x.rows(i, i + 1))[0], 1e-12);
        }
        var byPosition = GaussianNormLayer.of(Shape.of(5, 1), GaussianNormOptions.paper());
        assertArrayEquals(scores, Drift.ofInstances(byPosition, x), 1e-12); // mean 0 and sigma 1 everywhere
        assertEquals(1, Drift.of(byPosition, List.of(x)).layers().size());
    }

    @Test
    void aConstantFeatureIsFarButFinite() {
        var layer = GaussianNormLayer.of(1, GaussianNormOptions.paper());
        assertEquals(
                Math.log1p((0 - 1 - Math.log(1e-12)) / 2),
                Drift.of(layer, List.of(Tensor.zeros(3, 1))).mean(),
                1e-9);
    }

    @Test
    void aModelWithoutSuchLayersHasNone() {
        var linear = LinearLayer.of(2, 2, Rng.of(1));
        String message = "drift: no GaussianNormLayer of the model sees any row";
        for (var model : List.of(linear, GaussianNormLayer.robust(2))) {
            List<Tensor> batches = model.equals(linear) ? List.of(Tensor.ones(3, 2)) : List.of();
            var e = assertThrows(IllegalArgumentException.class, () -> Drift.of(model, batches));
            assertEquals(message, e.getMessage());
        }
        var e = assertThrows(IllegalArgumentException.class, () -> Drift.ofInstances(linear, Tensor.ones(3, 2)));
        assertEquals(message, e.getMessage());
        Layer turned = x -> GaussianNormLayer.robust(3).forward(x.transpose(0, 1));
        var rows = assertThrows(IllegalArgumentException.class, () -> Drift.ofInstances(turned, Tensor.ones(3, 2)));
        assertEquals(
                "drift: GaussianNormLayer[3] sees 2 rows, no whole number for each of 3 instances", rows.getMessage());
    }

    @Test
    void aDriftKeepsItsNumbers() {
        Map<String, Double> numbers = new LinkedHashMap<>(Map.of("norm", 1.0));
        var drift = new Drift(numbers);
        numbers.clear();
        assertEquals(1, drift.mean());
        assertThrows(UnsupportedOperationException.class, () -> drift.layers().clear());
        var e = assertThrows(IllegalArgumentException.class, () -> new Drift(numbers));
        assertEquals("drift: no GaussianNormLayer of the model sees any row", e.getMessage());
    }
}
