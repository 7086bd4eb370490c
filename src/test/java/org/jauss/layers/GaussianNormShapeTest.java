package org.jauss.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jauss.optimizers.Optimizer;
import org.jauss.optimizers.Sgd;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** GaussianNorm with shared axes of any choice is the layer for features on the input brought into rows by hand. */
class GaussianNormShapeTest {
    private static final int[] INPUT = {4, 2, 3, 5};

    /** The shape of the statistics, and the axes of the input: first the shared ones, then the others. */
    private record Sharing(Shape statistics, int... order) {}

    private static final Map<String, Sharing> SHARINGS = Map.of(
            "[2, 3, 5]", new Sharing(Shape.of(2, 3, 5), 0, 1, 2, 3),
            "[3, 5]", new Sharing(Shape.of(3, 5), 0, 1, 2, 3),
            "[1, 3, 5]", new Sharing(Shape.of(1, 3, 5), 0, 1, 2, 3),
            "[2, 1, 5]", new Sharing(Shape.of(2, 1, 5), 0, 2, 1, 3),
            "[2, 3, 1]", new Sharing(Shape.of(2, 3, 1), 0, 3, 1, 2),
            "[1, 3, 1]", new Sharing(Shape.of(1, 3, 1), 0, 1, 3, 2),
            "[4, 1, 1, 1]", new Sharing(Shape.of(4, 1, 1, 1), 1, 2, 3, 0),
            "[]", new Sharing(Shape.SCALAR, 0, 1, 2, 3));

    private static GaussianNormLayer filled(GaussianNormLayer layer) {
        int seed = 10;
        for (Parameter p : layer.parameters().values()) {
            float[] values = LayerCasesTest.random(new int[] {p.shape().size()}, seed++)
                    .mul(.3f)
                    .toArray();
            for (int i = 0; i < values.length; i++) {
                values[i] = p == layer.varianceFloor() ? Math.abs(values[i]) : values[i];
            }
            p.set(values);
        }
        return layer;
    }

    private static Tensor rows(Tensor x, Sharing sharing) {
        int features = sharing.statistics.size();
        return x.permute(sharing.order).reshape(x.size() / features, features);
    }

    private static Gradients gradients(Layer layer, Parameter x, Tensor weights) {
        try (var pass = Pass.training(Rng.of(1))) {
            return pass.backward(layer.forward(pass.use(x)).mul(weights).sum());
        }
    }

    private static Parameter parameter(Tensor x) {
        return Parameter.of(x.shape(), x.toArray());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"[2, 3, 5]", "[3, 5]", "[1, 3, 5]", "[2, 1, 5]", "[2, 3, 1]", "[1, 3, 1]", "[4, 1, 1, 1]", "[]"})
    void sharingIsARearrangement(String name) {
        Sharing sharing = SHARINGS.get(name);
        Shape statistics = sharing.statistics;
        for (var options : List.of(GaussianNormOptions.robust(), GaussianNormOptions.paper())) {
            var layer = filled(GaussianNormLayer.of(statistics, options));
            var flat = filled(GaussianNormLayer.of(statistics.size(), options));
            Tensor x = LayerCasesTest.random(INPUT, 1);
            Tensor weights = LayerCasesTest.random(INPUT, 2);
            assertEquals("GaussianNormLayer" + name, layer.toString());
            assertEquals(statistics, layer.mean().shape());
            assertArrayEquals(
                    flat.forward(rows(x, sharing)).toArray(),
                    rows(layer.forward(x), sharing).toArray());

            Parameter whole = parameter(x);
            Parameter inRows = parameter(rows(x, sharing));
            Gradients found = gradients(layer, whole, weights);
            Gradients expected = gradients(flat, inRows, rows(weights, sharing));
            assertArrayEquals(
                    expected.of(inRows),
                    rows(Tensor.of(whole.shape(), found.of(whole)), sharing).toArray());
            for (String parameter : List.of("mean", "logStd", "scale", "shift")) {
                assertArrayEquals(
                        expected.of(flat.parameters().get(parameter)),
                        found.of(layer.parameters().get(parameter)),
                        parameter);
            }

            assertEquals(1, GaussianNormLayer.initialize(layer, List.of(x)));
            GaussianNormLayer.initialize(flat, List.of(rows(x, sharing)));
            assertArrayEquals(flat.mean().data(), layer.mean().data());
            assertArrayEquals(flat.std(), layer.std());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[2, 3, 5]", "[2, 1, 5]", "[]"})
    void partsAddUpAndStatisticsFollowThem(String name) {
        var layer = filled(GaussianNormLayer.of(SHARINGS.get(name).statistics, GaussianNormOptions.robust()));
        Tensor x = LayerCasesTest.random(INPUT, 1);
        Gradients whole = new Gradients();
        Gradients parts = new Gradients();
        for (int size : new int[] {4, 1}) {
            for (int i = 0; i < 4; i += size) {
                try (var pass = Pass.trainingPart(Rng.of(1), i, i + size, 4)) {
                    Tensor loss = layer.forward(pass.input(x.rows(i, i + size)))
                            .square()
                            .mean();
                    pass.backward(loss, size / 4f, size == 4 ? whole : parts);
                }
            }
        }
        for (Parameter p : whole.parameters()) {
            assertArrayEquals(whole.of(p), parts.of(p), 2e-6f);
        }
        float[] before = layer.mean().data().clone();
        Optimizer.of(layer.parameters(), Sgd.of(0)).step(whole);
        assertFalse(Arrays.equals(before, layer.mean().data()));
    }
}
