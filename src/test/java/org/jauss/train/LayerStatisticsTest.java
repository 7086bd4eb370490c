package org.jauss.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.jauss.layers.ActivationLayer;
import org.jauss.layers.GaussianNormLayer;
import org.jauss.layers.GaussianNormOptions;
import org.jauss.layers.LinearLayer;
import org.jauss.layers.Sequential;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** The numbers are those that can be computed by hand, and those of the layer itself. */
final class LayerStatisticsTest {
    /** Double sums of float numbers near 1. */
    private static final double ROUNDING = 1e-6;

    @Test
    void numbersByHand() {
        var norm = GaussianNormLayer.robust(2);
        norm.mean().set(new float[] {1, -1});
        norm.spread().set(new float[] {(float) Math.log(2), 0});
        norm.varianceFloor().set(new float[] {.4f, 0});
        var model = Sequential.of(norm, ActivationLayer.relu());
        // z is (1, 0), (-1, 6): the last one would be 9
        List<LayerStatistics> layers = LayerStatistics.of(model, Tensor.of(new float[][] {{3, -1}, {-1, 8}}));
        assertEquals(
                List.of("layers.0", "layers.1"),
                layers.stream().map(LayerStatistics::path).toList());
        var numbers = layers.get(0).numbers();
        assertEquals((0 + 3) / 2., numbers.get("z.mean"), ROUNDING);
        assertEquals((1 + 3) / 2., numbers.get("z.std"), ROUNDING);
        assertEquals(1 / 4., numbers.get("z.clipped"), ROUNDING);
        assertEquals(1, numbers.get("sigma.least"), ROUNDING);
        // E z^2 is 1 and 18, v / sigma^2 is .1 and 0
        assertEquals(((1 + .1 - 1) / 2 + (18 - 1) / 2.) / 2, numbers.get("excess"), ROUNDING);
        assertEquals((1 + 0 - 1 + 6) / 4., numbers.get("output.mean"), ROUNDING);
        assertFalse(layers.get(1).numbers().containsKey("z.mean"));
        assertEquals(.5, layers.get(1).numbers().get("output.zeros"), ROUNDING);
        assertEquals((1 + 6) / 4., layers.get(1).numbers().get("output.mean"), ROUNDING);
        // squares 1 and 36 in four elements
        assertEquals(Math.sqrt(37 / 4. - 1.75 * 1.75), layers.get(1).numbers().get("output.std"), ROUNDING);
    }

    @Test
    void theExcessIsTheGaugedLikelihoodOfTheLayer() {
        var options = GaussianNormOptions.robust()
                .withReduction(GaussianNormOptions.Reduction.MEAN)
                .withGauge(true);
        for (Shape statistics :
                List.of(Shape.of(3), Shape.of(4, 1), Shape.of(2, 4, 3), Shape.of(2, 1, 3), Shape.of())) {
            var norm = GaussianNormLayer.of(statistics, options);
            float[] means = new float[statistics.size()];
            for (int i = 0; i < means.length; i++) {
                means[i] = .1f * i;
            }
            norm.mean().set(means);
            Rng rng = Rng.of(5);
            float[] values = new float[5 * 2 * 4 * 3];
            IntStream.range(0, values.length).forEach(i -> values[i] = rng.normal(i));
            Tensor probe = Tensor.of(Shape.of(5, 2, 4, 3), values);
            try (var pass = Pass.training(Rng.of(1))) {
                norm.forward(pass.input(probe));
                double likelihood = pass.losses().get(0).value();
                assertEquals(
                        likelihood,
                        LayerStatistics.of(norm, probe).get(0).numbers().get("excess"),
                        ROUNDING,
                        statistics::toString);
            }
        }
    }

    @Test
    void initialisationMatchesTheMoments() {
        var rng = Rng.of(1);
        var norm = GaussianNormLayer.robust(6);
        var model = Sequential.of(LinearLayer.of(4, 6, rng), norm);
        Tensor probe = SmallTraining.data(200).rows(0, 200).x();
        GaussianNormLayer.initialize(model, List.of(probe));
        var numbers = LayerStatistics.of(model, probe).get(1).numbers();
        assertEquals(0, numbers.get("z.mean"), 1e-5); // mean and sigma are floats
        assertEquals(Math.sqrt(1 / 1.01), numbers.get("z.std"), 1e-5); // the floor is .1 of each sigma
        assertEquals(0, numbers.get("excess"), 1e-5);
    }

    @Test
    void aLayerThatIsUsedTwiceHasTwoEntries() {
        var layer = LinearLayer.of(4, 4, Rng.of(1));
        List<LayerStatistics> layers = LayerStatistics.of(new Sequential(List.of(layer, layer)), Tensor.zeros(1, 4));
        assertEquals(
                List.of("layers.0", "layers.0 (2)"),
                layers.stream().map(LayerStatistics::path).toList());
        var history = new History();
        layers.forEach(one -> one.addTo(history, 7));
        assertTrue(history.names().contains("layers.0 (2)/output.std"));
        assertEquals(7, history.of("layers.0/output.mean").get(0).step());
    }
}
