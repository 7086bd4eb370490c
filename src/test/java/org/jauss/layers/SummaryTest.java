package org.jauss.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.jauss.layers.Summary.Cost;
import org.jauss.layers.Summary.Parameters;
import org.jauss.layers.Summary.Row;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Numbers worked out by hand. */
class SummaryTest {
    private static final Cost NOTHING = new Cost(0, 0);
    private static final Parameters NONE = new Parameters(0, 0, 0);
    private static final Rng RNG = Rng.of(1);

    private static Row row(
            String path, String layer, Shape output, Parameters parameters, Cost multiplyAdds, Cost activations) {
        return new Row(path, layer, output, parameters, multiplyAdds, activations);
    }

    private static Sequential mlp() {
        return Sequential.of(
                GaussianNormLayer.robust(6),
                LinearLayer.of(6, 8, RNG).withoutBias(),
                BatchNormLayer.of(8),
                ActivationLayer.relu(),
                new ResidualLayer(Sequential.of(LinearLayer.of(8, 8, RNG), Tensor::relu, LayerNormLayer.of(8))),
                LinearLayer.of(8, 3, RNG));
    }

    @Test
    void perceptronWithNormsAndAResidualBlock() {
        Shape eight = Shape.of(1, 8);
        Summary summary = mlp().summary(Shape.of(6));
        List<Row> expected = List.of(
                // 18 statistics: mean, log sigma, floor; in each pass a scalar, the likelihood
                row(
                        "layers.0",
                        "GaussianNormLayer[6]",
                        Shape.of(1, 6),
                        new Parameters(12, 0, 18),
                        NOTHING,
                        new Cost(6, 1)),
                row(
                        "layers.1",
                        "LinearLayer[6 -> 8, no bias]",
                        eight,
                        new Parameters(48, 0, 0),
                        new Cost(48, 0),
                        new Cost(8, 0)),
                // in each pass mean, factor, r and d
                row("layers.2", "BatchNormLayer[8]", eight, new Parameters(16, 0, 16), NOTHING, new Cost(8, 32)),
                row("layers.3", "ActivationLayer[relu]", eight, NONE, NOTHING, new Cost(8, 0)),
                row(
                        "layers.4.body.layers.0",
                        "LinearLayer[8 -> 8]",
                        eight,
                        new Parameters(72, 0, 0),
                        new Cost(64, 0),
                        new Cost(8, 0)),
                row("", "(other)", eight, NONE, NOTHING, new Cost(8, 0)), // Tensor::relu
                // besides the result mean and factor of its row
                row(
                        "layers.4.body.layers.2",
                        "LayerNormLayer[8]",
                        eight,
                        new Parameters(16, 0, 0),
                        NOTHING,
                        new Cost(10, 0)),
                row("", "(other)", eight, NONE, NOTHING, new Cost(8, 0)), // the sum
                row(
                        "layers.5",
                        "LinearLayer[8 -> 3]",
                        Shape.of(1, 3),
                        new Parameters(27, 0, 0),
                        new Cost(24, 0),
                        new Cost(3, 0)));
        assertEquals(expected.size(), summary.rows().size());
        for (int i = 0; i < expected.size(); i++) {
            assertEquals(expected.get(i), summary.rows().get(i));
        }
        assertEquals(new Parameters(191, 0, 34), summary.parameters());
        assertEquals(225, summary.parameters().total());
        assertEquals(136, summary.multiplyAdds());
        assertEquals(67 + 33, summary.activations());
        Summary batch = summary.withBatch(10, 4);
        assertEquals(1360, batch.multiplyAdds());
        assertEquals(4 * 67 + 33, batch.activations());
    }

    @Test
    void theTableFitsATerminal() {
        String expected = """
                path                    layer                         output parameters  mult-adds activations
                layers.0                GaussianNormLayer[6]          [1, 6]         30          0           7
                layers.1                LinearLayer[6 -> 8, no bias]  [1, 8]         48         48           8
                layers.2                BatchNormLayer[8]             [1, 8]         32          0          40
                layers.3                ActivationLayer[relu]         [1, 8]          0          0           8
                layers.4.body.layers.0  LinearLayer[8 -> 8]           [1, 8]         72         64           8
                                        (other)                       [1, 8]          0          0           8
                layers.4.body.layers.2  LayerNormLayer[8]             [1, 8]         16          0          10
                                        (other)                       [1, 8]          0          0           8
                layers.5                LinearLayer[8 -> 3]           [1, 3]         27         24           3
                                        one instance                                225        136         100
                parameters: 191 trainable, 0 frozen, 34 statistics
                batch of 64: 8,704 multiply-adds forward
                micro-batch of 8: 2.2 KiB activations, 900 B parameters, 900 B gradients
                """;
        assertEquals(
                expected, mlp().summary(Shape.of(6)).withBatch(64, 8).toString().replace(System.lineSeparator(), "\n"));
    }

    @Test
    void longNamesAndLargeNumbersAreCut() {
        Layer model = LinearLayer.of(1000, 3000, Initializer.zeros(), RNG);
        for (int i = 0; i < 9; i++) {
            model = Sequential.of(
                    new ResidualLayer(new ActivationLayer("a name as long as that ".repeat(4), x -> x)), model);
        }
        String text = model.summary(Shape.of(2, 2, 10, 1000)).toString();
        assertTrue(text.lines().allMatch(line -> line.length() <= 100), text);
        assertTrue(text.contains("...s.1.layers.1.layers.1"), text);
        assertTrue(text.contains("120.0 M"), text);
    }

    private record Tied(LinearLayer first, LinearLayer second) implements Layer {
        @Override
        public Tensor forward(Tensor x) {
            return second.forward(first.forward(first.forward(x)));
        }
    }

    @Test
    void tiedParametersCountOnce() {
        var first = LinearLayer.of(4, 4, RNG);
        var tied = new Tied(first, new LinearLayer(first.weight(), Parameter.full(Shape.of(4), 0)));
        first.weight().freeze();
        Summary summary = tied.summary(Shape.of(5, 4));
        assertEquals(
                List.of(new Parameters(4, 16, 0), NONE, new Parameters(4, 0, 0)),
                summary.rows().stream().map(Row::parameters).toList());
        assertEquals(
                List.of("first", "first", "second"),
                summary.rows().stream().map(Row::path).toList());
        assertEquals(3 * 5 * 16, summary.multiplyAdds());
        assertEquals(Shape.of(1, 5, 4), summary.rows().get(0).output());
        assertEquals(3 * 20, summary.activations());
    }

    /** Its weight is used by no layer, its bias not at all. */
    private record Own(Parameter weight, Parameter bias) implements Layer {
        @Override
        public Tensor forward(Tensor x) {
            return x.matmul(x.pass().use(weight)).relu();
        }
    }

    @Test
    void whatNoLayerReportsIsInRowsOfItsOwn() {
        Summary summary =
                new Own(Parameter.full(Shape.of(4, 2), 1), Parameter.full(Shape.of(2), 0)).summary(Shape.of(4));
        assertEquals(
                List.of(
                        row("", "(other)", Shape.of(1, 2), NONE, new Cost(8, 0), new Cost(4, 0)),
                        row("", "(other)", Shape.of(1, 2), new Parameters(10, 0, 0), NOTHING, NOTHING)),
                summary.rows());
    }

    @Test
    void frozenLayersComputeButKeepNothing() {
        var model = Sequential.of(
                LinearLayer.of(4, 5, RNG),
                Tensor::relu,
                LinearLayer.of(5, 6, RNG).withWeightStandardization());
        model.layers().get(0).parameters().values().forEach(Parameter::freeze);
        List<Row> rows = model.summary(Shape.of(4)).rows();
        assertEquals(new Cost(20, 0), rows.get(0).multiplyAdds());
        assertEquals(NOTHING, rows.get(0).activations());
        assertEquals(NOTHING, rows.get(1).activations());
        // 5 of its input, which no op before keeps, and 6 of its result; for each pass the standardised weight, mean,
        // factor
        assertEquals(new Cost(11, 30 + 12), rows.get(2).activations());
        assertEquals(new Parameters(36, 0, 1), rows.get(2).parameters());
    }

    @Test
    void oneInstanceMayFillSeveralRows() {
        Summary summary = Sequential.of(
                        x -> x.reshape(-1, 3), LinearLayer.of(3, 2, RNG), BatchNormLayer.of(2), new FlattenLayer())
                .summary(Shape.of(7, 3));
        assertEquals(Shape.of(7, 2), summary.rows().get(0).output());
        assertEquals(new Cost(42, 0), summary.rows().get(0).multiplyAdds());
    }

    @Test
    void productsOfMatricesAreCounted() {
        Layer attention = x -> x.matmul(false, x, true).softmax(-1).matmul(x);
        Summary summary = Sequential.of(attention, new IdentityLayer()).summary(Shape.of(5, 3));
        assertEquals(5 * 5 * 3 + 5 * 3 * 5, summary.multiplyAdds());
        assertEquals(0, summary.activations());
    }

    @Test
    void convolutionsRecurrencesAndAttentionAreCounted() {
        var conv = Conv2dLayer.of(2, 3, 3, RNG).withStride(2);
        assertEquals(3 * 2 * 3 * (3 * 3 * 2), conv.summary(Shape.of(7, 5, 2)).multiplyAdds()); // [3, 2, 3] results
        var depthwise = DepthwiseConv2dLayer.of(4, 3, RNG);
        assertEquals(5 * 5 * 4 * 9, depthwise.summary(Shape.of(7, 7, 4)).multiplyAdds());
        var transposed = ConvTranspose2dLayer.of(2, 3, 3, RNG);
        assertEquals(
                4 * 4 * 2 * (3 * 3 * 3), transposed.summary(Shape.of(4, 4, 2)).multiplyAdds());
        Summary lstm = LstmLayer.of(2, 3, RNG).summary(Shape.of(5, 2));
        assertEquals(5 * (2 + 3) * 4 * 3, lstm.multiplyAdds());
        Summary attention = MultiHeadAttentionLayer.of(4, 2, RNG).summary(Shape.of(5, 4));
        assertEquals(5 * 4 * 12 + 5 * 4 * 4 + 2 * 5 * 5 * (2 + 2), attention.multiplyAdds());
        // the fused projection, the weights of both heads, the result of the heads and of the last projection
        assertEquals(5 * 12 + 2 * 5 * 5 + 5 * 4 + 5 * 4, attention.activations());
    }

    @Test
    void aShapeThatDoesNotFitIsFoundWhereItHappens() {
        var e = assertThrows(ShapeException.class, () -> mlp().summary(Shape.of(7)));
        assertEquals(
                "layers.0 GaussianNormLayer[6]: normalize: the last axis is not the number of features: [2, 7] (7 != 6)",
                e.getMessage());
    }

    @Test
    void aModelThatDependsOnTheNumberOfInstancesIsRefused() {
        Layer odd = x -> x.instances() == 2 ? x : new IdentityLayer().forward(x);
        var e = assertThrows(IllegalStateException.class, () -> odd.summary(Shape.of(3)));
        assertEquals("summary: the model takes other steps for 3 instances than for 2", e.getMessage());
    }

    @Test
    void batchesAreChecked() {
        Summary summary = new IdentityLayer().summary(Shape.of(3));
        var e = assertThrows(IllegalArgumentException.class, () -> summary.withBatch(4, 5));
        assertEquals(
                "summary: the batch must be at least as large as the micro-batch, and that at least 1, but they are 4"
                        + " and 5",
                e.getMessage());
        assertThrows(IllegalArgumentException.class, () -> summary.withBatch(4, 0));
    }

    @Test
    void lookingLeavesTheModelAsItIs() {
        Sequential model = mlp();
        List<float[]> before =
                model.parameters().values().stream().map(p -> p.data().clone()).toList();
        model.summary(Shape.of(6));
        int i = 0;
        for (Parameter p : model.parameters().values()) {
            assertArrayEquals(before.get(i++), p.data());
        }
    }
}
