package org.jauss.layers;

import static org.jauss.layers.LayerCasesTest.random;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jauss.tensor.AttentionOptions;
import org.jauss.tensor.Cell;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.Index;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.KeyValueCache;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Recurrence;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recurrent layers, attention and what belongs to them, against compositions of plain ops. */
final class SequenceTest {
    /** Both sides are float: sums of some tens of terms of magnitude 1, over some ten steps. */
    private static final float TOLERANCE = 1e-5f;

    private static final int N = 3;
    private static final int T = 5;
    private static final int C = 4;
    private static final int H = 3;
    private static final IntTensor LENGTHS = IntTensor.of(5, 2, 3);

    private static int[] dims(int... dims) {
        return dims;
    }

    // ---- Recurrent layers ----

    /** The definition: one step after the other, made of ops of Tensor. */
    private static Recurrence composed(
            Cell cell, Tensor x, Recurrence.Weights w, Recurrence.State initial, int[] lengths, boolean reverse) {
        Tensor h = initial.hidden();
        Tensor c = initial.cell();
        int n = x.shape().dim(0);
        int t = x.shape().dim(1);
        int width = h.shape().dim(1);
        var outputs = new Tensor[t];
        for (int s = 0; s < t; s++) {
            int time = reverse ? t - 1 - s : s;
            Tensor step = x.index(Index.all(), Index.range(time, time + 1)).squeeze(1);
            Tensor a = step.linear(w.weight(), w.bias());
            Tensor u = h.linear(w.recurrentWeight(), w.recurrentBias());
            Tensor nextC = c;
            Tensor next;
            switch (cell) {
                case TANH -> next = a.add(u).tanh();
                case RELU -> next = a.add(u).relu();
                case LSTM -> {
                    Tensor i = gate(a.add(u), 0, width).sigmoid();
                    Tensor f = gate(a.add(u), 1, width).sigmoid();
                    Tensor g = gate(a.add(u), 2, width).tanh();
                    Tensor o = gate(a.add(u), 3, width).sigmoid();
                    nextC = f.mul(c).add(i.mul(g));
                    next = o.mul(nextC.tanh());
                }
                default -> {
                    Tensor r = gate(a.add(u), 0, width).sigmoid();
                    Tensor z = gate(a.add(u), 1, width).sigmoid();
                    Tensor candidate =
                            gate(a, 2, width).add(r.mul(gate(u, 2, width))).tanh();
                    next = candidate.mul(z.neg().add(1)).add(z.mul(h));
                }
            }
            IntTensor valid = IntTensor.of(
                    Shape.of(n, 1),
                    IntStream.range(0, n).map(i -> time < lengths[i] ? 1 : 0).toArray());
            h = Tensor.where(valid, next, h);
            if (c != null && nextC != null) {
                c = Tensor.where(valid, nextC, c);
            }
            outputs[time] = Tensor.where(valid, next, Tensor.zeros(n, width));
        }
        return new Recurrence(Tensor.stack(1, outputs), new Recurrence.State(h, c));
    }

    private static Tensor gate(Tensor x, int index, int width) {
        return x.index(Index.all(), Index.range(index * width, (index + 1) * width));
    }

    private static RecurrentLayer layer(Cell cell, RecurrentOptions options) {
        Rng rng = Rng.of(7);
        RecurrentLayer layer = switch (cell) {
            case TANH -> RnnLayer.of(C, H, options, rng);
            case RELU -> RnnLayer.of(C, H, options, rng).withRelu();
            case LSTM -> LstmLayer.of(C, H, options, rng);
            case GRU -> GruLayer.of(C, H, options, rng);
        };
        layer.parameters().forEach((name, parameter) -> { // no bias is left at zero
            for (int i = 0; i < parameter.data().length; i++) {
                parameter.data()[i] += .2f * rng.normal(i);
            }
        });
        return layer;
    }

    @TestFactory
    Stream<DynamicTest> fusedEqualsComposed() {
        return Arrays.stream(Cell.values())
                .flatMap(cell -> Stream.of(
                                RecurrentOptions.defaults(),
                                RecurrentOptions.defaults().withoutBias().withBidirectional(),
                                RecurrentOptions.defaults().withLayers(2).withBidirectional())
                        .flatMap(options -> Stream.of(LENGTHS, IntTensor.of(T, T, T))
                                .map(lengths -> dynamicTest(
                                        cell + " " + options + " " + lengths, () -> compare(cell, options, lengths)))));
    }

    private static void compare(Cell cell, RecurrentOptions options, IntTensor lengths) {
        RecurrentLayer layer = layer(cell, options);
        List<Parameter> parameters = new ArrayList<>(layer.parameters().values());
        Parameter x = Parameter.of(Shape.of(N, T, C), random(dims(N, T, C), 1).toArray());
        parameters.add(x);
        int count = options.layers() * (options.bidirectional() ? 2 : 1);
        List<Parameter> states = new ArrayList<>();
        for (int i = 0; i < count * (cell.hasCell() ? 2 : 1); i++) {
            states.add(Parameter.of(Shape.of(N, H), random(dims(N, H), 20 + i).toArray()));
        }
        parameters.addAll(states);
        List<float[]> values = new ArrayList<>();
        List<Gradients> gradients = new ArrayList<>();
        for (boolean fused : new boolean[] {true, false}) {
            try (var pass = Pass.training(Rng.of(1))) {
                List<Recurrence.State> initial = IntStream.range(0, count)
                        .mapToObj(i -> new Recurrence.State(
                                pass.use(states.get(i)), cell.hasCell() ? pass.use(states.get(count + i)) : null))
                        .toList();
                RecurrentLayer.Result result = fused
                        ? layer.run(pass.use(x), initial, lengths)
                        : stacked(cell, layer, pass.use(x), initial, lengths.toArray());
                List<Tensor> results = new ArrayList<>(List.of(result.output()));
                for (Recurrence.State state : result.states()) {
                    results.add(state.hidden());
                    if (state.cell() != null) {
                        results.add(state.cell());
                    }
                }
                Tensor loss = Tensor.scalar(0);
                for (Tensor y : results) {
                    values.add(y.toArray());
                    loss = loss.add(y.mul(random(y.shape().dims(), 50)).sum());
                }
                gradients.add(pass.backward(loss));
            }
        }
        for (int i = 0; i < values.size() / 2; i++) {
            assertArrayEquals(values.get(values.size() / 2 + i), values.get(i), TOLERANCE, "result " + i);
        }
        for (Parameter parameter : parameters) {
            assertArrayEquals(
                    gradients.get(1).of(parameter),
                    gradients.get(0).of(parameter),
                    5 * TOLERANCE,
                    parameter.toString());
        }
    }

    private static RecurrentLayer.Result stacked(
            Cell cell, RecurrentLayer layer, Tensor x, List<Recurrence.State> initial, int[] lengths) {
        Tensor y = x;
        var states = new ArrayList<Recurrence.State>();
        for (int i = 0; i < layer.layers().size(); i++) {
            var forward =
                    composed(cell, y, layer.layers().get(i).in(x.pass()), initial.get(states.size()), lengths, false);
            states.add(forward.state());
            Tensor output = forward.output();
            if (layer.isBidirectional()) {
                var reverse = composed(
                        cell, y, layer.reverseLayers().get(i).in(x.pass()), initial.get(states.size()), lengths, true);
                states.add(reverse.state());
                output = Tensor.concat(-1, output, reverse.output());
            }
            y = output;
        }
        return new RecurrentLayer.Result(y, states);
    }

    @Test
    void aMaskSaysTheSameAsLengths() {
        RecurrentLayer layer = layer(Cell.GRU, RecurrentOptions.defaults().withBidirectional());
        Tensor x = random(dims(N, T, C), 1);
        IntTensor mask = IntTensor.of(Shape.of(N, T), 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0);
        float[] byLengths = layer.run(x, List.of(), LENGTHS).output().toArray();
        assertArrayEquals(byLengths, layer.run(x, List.of(), mask).output().toArray());
        float[] alone = layer.run(x.rows(1, 2).index(Index.all(), Index.range(0, 2)))
                .output()
                .toArray();
        assertArrayEquals(alone, Arrays.copyOfRange(byLengths, T * 2 * H, (T + 2) * 2 * H), TOLERANCE);
        for (int i = (T + 2) * 2 * H; i < 2 * T * 2 * H; i++) {
            assertEquals(0, byLengths[i]);
        }
    }

    @Test
    void aLongSequenceContinuesFromAState() {
        RecurrentLayer layer = layer(Cell.LSTM, RecurrentOptions.defaults().withLayers(2));
        Tensor x = random(dims(T, C), 1); // a single sequence needs no axis for it
        RecurrentLayer.Result whole = layer.run(x);
        RecurrentLayer.Result first = layer.run(x.rows(0, 2));
        RecurrentLayer.Result second = layer.run(x.rows(2, T), first.states(), null);
        assertArrayEquals(
                whole.output().toArray(),
                Tensor.concat(0, first.output(), second.output()).toArray(),
                TOLERANCE);
        assertEquals(Shape.of(H), second.states().get(1).hidden().shape());
    }

    @Test
    void theForgetGateIsOpenAtFirst() {
        float[] bias =
                LstmLayer.of(C, H, Rng.of(1)).parameters().get("layers.0.bias").data();
        assertArrayEquals(new float[] {0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0}, bias);
    }

    @Test
    void optionsOfRecurrentLayersAreChecked() {
        assertMessage(
                "recurrent: the number of layers must be at least 1, but is 0",
                () -> RecurrentOptions.defaults().withLayers(0));
        assertMessage(
                "recurrent: the dropout rate must be in [0, 1), but is 1.0",
                () -> RecurrentOptions.defaults().withDropout(1));
        assertMessage(
                "gru: needs at least one layer, and as many in both directions: 0 and 0",
                () -> new GruLayer(List.of(), List.of(), 0));
        List<RecurrentWeights> weights = GruLayer.of(C, H, Rng.of(1)).layers();
        assertMessage(
                "gru: the dropout rate must be in [0, 1), but is NaN",
                () -> new GruLayer(weights, List.of(), Float.NaN));
        assertEquals(
                "RnnLayer[4 -> 3, relu]",
                RnnLayer.of(C, H, Rng.of(1)).withRelu().toString());
        var e = assertThrows(
                ShapeException.class,
                () -> GruLayer.of(C, H, Rng.of(1))
                        .run(
                                Tensor.zeros(N, T, C),
                                List.of(
                                        Recurrence.State.of(Tensor.zeros(N, H)),
                                        Recurrence.State.of(Tensor.zeros(N, H))),
                                null));
        assertEquals("GruLayer[4 -> 3]: recurrent: 2 initial states for 1 layers and directions", e.getMessage());
    }

    private static void assertMessage(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    // ---- Embedding ----

    @Test
    void onlyTouchedRowsGetAGradient() {
        var layer = EmbeddingLayer.of(4, 2, Rng.of(1)).withPadding(3);
        assertEquals("EmbeddingLayer[4 tokens -> 2, padding 3]", layer.toString());
        assertEquals(
                "EmbeddingLayer[4 tokens -> 2]",
                EmbeddingLayer.of(4, 2, Rng.of(1)).toString());
        assertEquals(List.of("weight"), List.copyOf(layer.parameters().keySet()));
        Tensor tokens = IntTensor.of(Shape.of(2, 2), 1, 3, 1, 0).toTensor();
        try (var pass = Pass.training(Rng.of(1))) {
            Tensor y = layer.forward(pass.input(tokens));
            assertEquals(Shape.of(2, 2, 2), y.shape());
            assertArrayEquals(new float[] {0, 0}, Arrays.copyOfRange(y.toArray(), 2, 4));
            assertArrayEquals(
                    new float[] {1, 1, 2, 2, 0, 0, 0, 0}, pass.backward(y.sum()).of(layer.weight()));
        }
        var e = assertThrows(ShapeException.class, () -> Sequential.of(layer).forward(Tensor.of(0, 4)));
        assertEquals(
                "layers.0 EmbeddingLayer[4 tokens -> 2, padding 3]: embedding: the token at position 1 of [2] is no"
                        + " whole number from 0 to 3: 4.0",
                e.getMessage());
        assertMessage("embedding: the padding must be a token or -1, but is 4 for [4, 2]", () -> layer.withPadding(4));
    }

    // ---- Attention ----

    /** The definition: heads moved apart, products, softmax, products. */
    private static Tensor composed(MultiHeadAttentionLayer layer, Tensor x, Tensor memory, @Nullable IntTensor hidden) {
        int d = layer.output().weight().shape().dim(0);
        Tensor own = layer.qkv().forward(x);
        Tensor others = layer.qkv().forward(memory);
        Tensor q = heads(own, 0, d, layer.heads());
        Tensor k = heads(others, d, d, layer.heads());
        Tensor v = heads(others, 2 * d, d, layer.heads());
        Tensor products = q.matmul(false, k, true).div((float) Math.sqrt((double) d / layer.heads()));
        Tensor seen = hidden == null ? products : products.maskedFill(hidden, Float.NEGATIVE_INFINITY);
        Tensor y = seen.softmax(-1).matmul(v).permute(0, 2, 1, 3);
        return layer.output().forward(y.reshape(x.shape().dims()));
    }

    private static Tensor heads(Tensor x, int from, int features, int heads) {
        int n = x.shape().dim(0);
        int t = x.shape().dim(1);
        return x.index(Index.ellipsis(), Index.range(from, from + features))
                .reshape(n, t, heads, features / heads)
                .permute(0, 2, 1, 3);
    }

    private static void assertSame(Layer layer, UnaryOperator<Tensor> twin, int... shape) {
        Parameter x = Parameter.of(Shape.of(shape), random(shape, 1).toArray());
        List<Gradients> gradients = new ArrayList<>();
        List<float[]> values = new ArrayList<>();
        for (var function : List.<UnaryOperator<Tensor>>of(layer::forward, twin)) {
            try (var pass = Pass.training(Rng.of(1))) {
                Tensor y = function.apply(pass.use(x));
                values.add(y.toArray());
                gradients.add(pass.backward(y.mul(random(y.shape().dims(), 9)).sum()));
            }
        }
        assertArrayEquals(values.get(1), values.get(0), TOLERANCE);
        for (Parameter parameter : gradients.get(1).parameters()) {
            assertArrayEquals(gradients.get(1).of(parameter), gradients.get(0).of(parameter), 5 * TOLERANCE);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void fusedAttentionEqualsComposed(int heads) {
        var layer = MultiHeadAttentionLayer.of(8, heads, Rng.of(3));
        assertSame(layer, x -> composed(layer, x, x, null), N, T, 8);
        IntTensor later = IntTensor.of(
                Shape.of(T, T),
                IntStream.range(0, T * T).map(i -> i % T > i / T ? 1 : 0).toArray());
        var causal = layer.withCausal();
        assertSame(causal, x -> composed(causal, x, x, later), N, T, 8);
        IntTensor tokens = IntTensor.of(Shape.of(N, T), 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0);
        IntTensor padding = IntTensor.of(
                Shape.of(N, 1, 1, T),
                Arrays.stream(tokens.toArray()).map(i -> 1 - i).toArray());
        assertSame(x -> layer.forward(x, tokens), x -> composed(layer, x, x, padding), N, T, 8);
        Tensor memory = random(dims(N, T, 8), 4);
        assertSame(x -> layer.forward(x, memory), x -> composed(layer, x, memory, null), N, 2, 8);
        assertSame(x -> layer.forward(x, memory, tokens), x -> composed(layer, x, memory, padding), N, 2, 8);
        Tensor start = random(dims(N, 2, 8), 5);
        assertSame(x -> layer.forward(start, x), x -> composed(layer, start, x, null), N, T, 8);
    }

    @Test
    void aSequenceOfNothingButPaddingAttendsToZeros() {
        var layer = MultiHeadAttentionLayer.of(4, 2, Rng.of(3));
        Tensor y = layer.forward(random(dims(2, 3, 4), 1), IntTensor.of(Shape.of(2, 3), 0, 0, 0, 1, 1, 1));
        assertArrayEquals(new float[12], y.rows(0, 1).toArray()); // and the bias is zero
        for (float v : y.toArray()) {
            assertTrue(Float.isFinite(v));
        }
    }

    @Test
    void rotaryProductsDependOnTheDistanceAlone() {
        var layer = MultiHeadAttentionLayer.of(8, 2, Rng.of(3)).withRotary(100);
        Tensor row = random(dims(1, 1, 8), 1);
        Tensor y = layer.forward(row.broadcastTo(1, T, 8)); // all values are equal, so is every average of them
        assertArrayEquals(
                y.rows(0, 1).toArray(),
                MultiHeadAttentionLayer.of(8, 2, Rng.of(3))
                        .forward(row.broadcastTo(1, T, 8))
                        .toArray(),
                TOLERANCE);
        assertFalse(Arrays.equals(
                layer.forward(random(dims(1, T, 8), 2)).toArray(),
                MultiHeadAttentionLayer.of(8, 2, Rng.of(3))
                        .forward(random(dims(1, T, 8), 2))
                        .toArray()));
    }

    @Test
    void optionsOfAttentionAreChecked() {
        Rng rng = Rng.of(1);
        var layer = MultiHeadAttentionLayer.of(6, 2, rng);
        assertMessage("attention: 4 heads do not divide 18 / 3 features", () -> MultiHeadAttentionLayer.of(6, 4, rng));
        assertMessage("attention: the dropout rate must be in [0, 1), but is -1.0", () -> layer.withDropout(-1));
        assertMessage(
                "attention: the dropout rate must be in [0, 1), but is 1.0",
                () -> AttentionOptions.defaults().withDropout(1));
        assertMessage(
                "attention: the base of rotary positions must be above 1, or 0 for none, but is 1.0",
                () -> layer.withRotary(1));
        assertMessage("attention: rotary positions need heads of even width, but it is 3", () -> layer.withRotary(9));
        assertMessage("positions: the base must be above 1, but is 1.0", () -> new SinusoidalPositionLayer(1));
        assertMessage("transformer: the dropout rate must be in [0, 1), but is 2.0", () -> {
            var block = TransformerEncoderLayer.of(6, 2, 8, rng);
            new TransformerEncoderLayer(
                    block.attention(), block.attentionNorm(), block.feedForward(), block.feedForwardNorm(), 2, false);
        });
        var e = assertThrows(ShapeException.class, () -> layer.forward(Tensor.zeros(2, 3, 6), IntTensor.of(1, 1, 1)));
        assertEquals(
                "MultiHeadAttentionLayer[6, 2 heads]: attention: the padding mask does not fit: [3] != [2, 3]",
                e.getMessage());
        var cross = assertThrows(
                IllegalStateException.class,
                () -> layer.withCausal().forward(Tensor.zeros(2, 3, 6), Tensor.zeros(2, 3, 6)));
        assertEquals(
                "MultiHeadAttentionLayer[6, 2 heads, causal] cannot attend to another sequence: causal and rotary"
                        + " attention need one order of all steps",
                cross.getMessage());
    }

    @Test
    void sinesAndCosinesOfThePaper() {
        Tensor y = SinusoidalPositionLayer.of().forward(Tensor.zeros(1, 3, 4));
        assertArrayEquals(
                new float[] {(float) Math.sin(2), (float) Math.cos(2), (float) Math.sin(.02), (float) Math.cos(.02)},
                Arrays.copyOfRange(y.toArray(), 8, 12),
                1e-6f);
    }

    // ---- Transformer ----

    @Test
    void partsOfAnEncoderLayer() {
        var post = TransformerEncoderLayer.of(8, 2, 12, Rng.of(1)).withDropout(0);
        assertEquals("TransformerEncoderLayer[8, 2 heads, feed-forward 12, relu, post-norm]", post.toString());
        assertSame(
                post,
                x -> {
                    Tensor y =
                            post.attentionNorm().forward(x.add(post.attention().forward(x)));
                    return post.feedForwardNorm()
                            .forward(y.add(post.feedForward().forward(y)));
                },
                N,
                T,
                8);
        var pre = post.withPreNorm();
        assertSame(
                pre,
                x -> {
                    Tensor y = x.add(pre.attention().forward(pre.attentionNorm().forward(x)));
                    return y.add(pre.feedForward().forward(pre.feedForwardNorm().forward(y)));
                },
                N,
                T,
                8);
    }

    @Test
    void partsOfADecoderLayer() {
        var layer =
                TransformerDecoderLayer.of(8, 2, 12, Rng.of(1)).withDropout(0).withActivation(ActivationLayer.gelu());
        assertEquals("TransformerDecoderLayer[8, 2 heads, feed-forward 12, gelu, post-norm]", layer.toString());
        assertEquals(18, layer.parameters().size());
        Tensor memory = random(dims(N, 4, 8), 2);
        IntTensor tokens = IntTensor.of(Shape.of(N, 4), 1, 1, 1, 0, 1, 0, 0, 0, 1, 1, 1, 1);
        assertSame(
                x -> layer.forward(x, null, memory, tokens),
                x -> {
                    Tensor y = layer.attentionNorm()
                            .forward(x.add(layer.attention().forward(x)));
                    y = layer.crossAttentionNorm()
                            .forward(y.add(layer.crossAttention().forward(y, memory, tokens)));
                    return layer.feedForwardNorm()
                            .forward(y.add(layer.feedForward().forward(y)));
                },
                N,
                T,
                8);
        var pre = layer.withPreNorm().withRotary(100);
        assertSame(
                x -> pre.forward(x, memory),
                x -> {
                    Tensor y = x.add(pre.attention().forward(pre.attentionNorm().forward(x)));
                    y = y.add(pre.crossAttention()
                            .forward(pre.crossAttentionNorm().forward(y), memory));
                    return y.add(pre.feedForward().forward(pre.feedForwardNorm().forward(y)));
                },
                N,
                T,
                8);
        assertTrue(layer.attention().causal());
        var e = assertThrows(UnsupportedOperationException.class, () -> layer.forward(memory));
        assertEquals(
                layer + " needs the encoder's result: forward(x, memory); without an encoder, take"
                        + " TransformerEncoderLayer with withCausal()",
                e.getMessage());
        var bad = assertThrows(ShapeException.class, () -> layer.forward(memory, Tensor.zeros(N, 4, 7)));
        assertEquals(
                "crossAttention MultiHeadAttentionLayer[8, 2 heads]: matmul: inner dimensions differ: [3, 4, 7] x"
                        + " [8, 16] (7 != 8)",
                bad.getMessage());
    }

    @Test
    void noSequencesGiveNoSequences() {
        Tensor nothing = Tensor.zeros(0, T, 8);
        Rng rng = Rng.of(1);
        for (Layer layer : List.of(
                LstmLayer.of(
                        8, 8, RecurrentOptions.defaults().withBidirectional().withLayers(2), rng),
                MultiHeadAttentionLayer.of(8, 2, rng).withRotary(100),
                TransformerEncoderLayer.of(8, 2, 8, rng),
                SinusoidalPositionLayer.of(),
                LearnedPositionLayer.of(T, 8, rng))) {
            try (var pass = Pass.training(rng)) {
                assertEquals(0, layer.forward(pass.input(nothing)).size());
            }
        }
        assertEquals(
                Shape.of(N, 0, H),
                GruLayer.of(C, H, rng).forward(Tensor.zeros(N, 0, C)).shape());
    }

    // ---- Generation ----

    private static List<Layer> generators() {
        Rng rng = Rng.of(6);
        var block = TransformerEncoderLayer.of(8, 2, 12, rng).withCausal().withDropout(0);
        return List.of(
                Sequential.of(SinusoidalPositionLayer.of(), block, block.withPreNorm(), LinearLayer.of(8, 5, rng)),
                Sequential.of(LearnedPositionLayer.of(9, 8, rng), new ResidualLayer(block)),
                Sequential.of(block.withRotary(100), x -> block.withRotary(50).forward(x)),
                Sequential.of(
                        LstmLayer.of(8, 6, RecurrentOptions.defaults().withLayers(2), rng), GruLayer.of(6, 3, rng)));
    }

    @TestFactory
    Stream<DynamicTest> stepsWithACacheEqualTheWholeSequence() {
        return generators().stream()
                .map(model -> dynamicTest(model.toString(), () -> {
                    Tensor x = random(dims(2, 9, 8), 3);
                    Tensor whole = model.forward(x);
                    var cache = KeyValueCache.of(9);
                    List<Tensor> parts = new ArrayList<>();
                    for (int[] range : new int[][] {{0, 3}, {3, 4}, {4, 5}, {5, 7}, {7, 9}}) {
                        try (var pass = Pass.generating(cache)) {
                            Tensor part = x.index(Index.all(), Index.range(range[0], range[1]));
                            parts.add(model.forward(pass.input(part)).keep());
                        }
                    }
                    assertArrayEquals(
                            whole.toArray(),
                            Tensor.concat(1, parts.toArray(Tensor[]::new)).toArray(),
                            TOLERANCE);
                }));
    }

    @Test
    void aCacheNoticesRunsThatFailedOrWereTwoInOnePass() {
        Rng rng = Rng.of(3);
        var model = Sequential.of(
                MultiHeadAttentionLayer.of(4, 2, rng).withCausal(),
                MultiHeadAttentionLayer.of(4, 2, rng).withCausal());
        Tensor step = Tensor.ones(1, 1, 4);
        for (boolean fails : new boolean[] {true, false}) {
            var cache = KeyValueCache.of(9);
            try (var pass = Pass.generating(cache)) {
                model.forward(pass.input(step));
            }
            try (var pass = Pass.generating(cache)) {
                Tensor half = model.layers().get(0).forward(pass.input(step)); // and no second layer
                if (!fails) {
                    model.layers().get(1).forward(half);
                }
            }
            try (var pass = Pass.generating(cache)) {
                Tensor x = pass.input(step);
                if (!fails) {
                    model.forward(x);
                }
                var e = assertThrows(IllegalStateException.class, () -> model.forward(x));
                assertEquals(
                        "key-value cache: the model did not run exactly once in every pass, so the layers remember different"
                                + " steps: start again with a new cache",
                        e.getMessage());
            }
        }
    }

    @Test
    void aCacheIsBounded() {
        var layer = MultiHeadAttentionLayer.of(4, 2, Rng.of(1)).withCausal();
        var cache = KeyValueCache.of(3);
        assertEquals(3, cache.maxLength());
        try (var pass = Pass.generating(cache)) {
            layer.forward(pass.input(Tensor.ones(1, 2, 4)));
        }
        try (var pass = Pass.generating(cache)) {
            Tensor x = pass.input(Tensor.ones(1, 2, 4));
            var e = assertThrows(IllegalStateException.class, () -> layer.forward(x));
            assertEquals("key-value cache: 2 steps and 2 more exceed its maximum length of 3", e.getMessage());
        }
        assertMessage("key-value cache: the maximum length must be at least 1, but is 0", () -> KeyValueCache.of(0));
    }

    @Test
    void whatDependsOnLaterStepsCannotGenerate() {
        var attention = MultiHeadAttentionLayer.of(4, 2, Rng.of(1));
        var lstm = LstmLayer.of(4, 2, RecurrentOptions.defaults().withBidirectional(), Rng.of(1));
        try (var pass = Pass.generating(KeyValueCache.of(3))) {
            Tensor x = pass.input(Tensor.ones(1, 2, 4));
            var e = assertThrows(IllegalStateException.class, () -> attention.forward(x));
            assertEquals(
                    "MultiHeadAttentionLayer[4, 2 heads] cannot generate step by step: it is not causal; use"
                            + " withCausal()",
                    e.getMessage());
            var masked = assertThrows(
                    IllegalStateException.class,
                    () -> attention.withCausal().forward(x, IntTensor.of(Shape.of(1, 2), 1, 1)));
            assertEquals(
                    "MultiHeadAttentionLayer[4, 2 heads, causal] cannot generate step by step: there is a padding mask",
                    masked.getMessage());
            var both = assertThrows(IllegalStateException.class, () -> lstm.forward(x));
            assertEquals(
                    "LstmLayer[4 -> 4, bidirectional] cannot generate step by step: it is bidirectional",
                    both.getMessage());
        }
    }
}
