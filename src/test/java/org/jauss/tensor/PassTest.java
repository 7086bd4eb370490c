package org.jauss.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a pass promises. Numbers are small integers where results are compared exactly. */
final class PassTest {
    private final Parameter p = Parameter.of(Shape.of(3), 1, 2, 3);
    private final Parameter q = Parameter.of(Shape.of(3), 4, 5, 6);

    private static Pass training() {
        return Pass.training(Rng.of(1));
    }

    private static void throwsState(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalStateException.class, call).getMessage());
    }

    private static void throwsShape(String message, Executable call) {
        assertEquals(message, assertThrows(ShapeException.class, call).getMessage());
    }

    // ---- What is recorded ----

    @Test
    void nothingIsRecordedOutsideTraining() {
        try (var inference = Pass.inference();
                var observing = Pass.observing((layer, x, y) -> {})) {
            for (Pass pass : List.of(inference, observing)) {
                Tensor y = pass.use(p).mul(pass.input(Tensor.of(1, 2, 3))).sum();
                assertFalse(pass.isTraining());
                assertFalse(pass.use(p).tracked());
                assertFalse(y.tracked());
                assertSame(pass, y.pass());
                throwsState("backward: this is an inference pass: use Pass.training(rng)", () -> pass.backward(y));
            }
        }
        assertFalse(p.value().square().tracked());
    }

    @Test
    void dataIsNotTrackedButParametersAre() {
        try (var pass = training()) {
            assertTrue(pass.isTraining());
            Tensor x = pass.input(Tensor.of(1, 2, 3));
            assertFalse(x.tracked());
            assertFalse(x.square().tracked());
            assertTrue(pass.use(p).tracked());
            assertTrue(x.mul(pass.use(p)).tracked());
            assertTrue(pass.use(p).reshape(3, 1).tracked());
        }
    }

    @Test
    void frozenParametersGetNoGradient() {
        q.freeze();
        try (var pass = training()) {
            assertFalse(pass.use(q).tracked());
            Gradients gradients = pass.backward(pass.use(p).mul(pass.use(q)).sum());
            assertArrayEquals(new float[] {4, 5, 6}, gradients.of(p));
            assertFalse(gradients.contains(q));
        }
        q.unfreeze();
        try (var pass = training()) {
            Gradients gradients = pass.backward(pass.use(p).mul(pass.use(q)).sum());
            assertArrayEquals(new float[] {1, 2, 3}, gradients.of(q));
        }
    }

    @Test
    void aParameterUsedTwiceIsOneLeaf() {
        try (var pass = training()) {
            assertSame(pass.use(p), pass.use(p));
            Gradients gradients = pass.backward(pass.use(p).mul(pass.use(p)).sum());
            assertEquals(1, gradients.parameters().size());
            assertArrayEquals(new float[] {2, 4, 6}, gradients.of(p));
        }
    }

    @Test
    void equalParametersAreTwo() {
        var twin = Parameter.of(Shape.of(3), 1, 2, 3);
        try (var pass = training()) {
            Gradients gradients =
                    pass.backward(pass.use(p).add(pass.use(twin).mul(2)).sum());
            assertArrayEquals(new float[] {1, 1, 1}, gradients.of(p));
            assertArrayEquals(new float[] {2, 2, 2}, gradients.of(twin));
        }
    }

    @Test
    void gradientsComeInOrderOfFirstUseAndOnlyForWhatTookPart() {
        var unused = Parameter.full(Shape.of(2), 1);
        try (var pass = training()) {
            pass.use(unused).square();
            Tensor loss = pass.use(q).mul(pass.use(p)).mul(pass.use(q)).sum();
            Gradients gradients = pass.backward(loss);
            assertEquals(List.of(q, p), List.copyOf(gradients.parameters()));
            var thrown = assertThrows(IllegalArgumentException.class, () -> gradients.of(unused));
            assertEquals("Parameter[2] has no gradient here; contains() tells beforehand", thrown.getMessage());
        }
    }

    @Test
    void aLossMayBeALeafOrAView() {
        var one = Parameter.of(Shape.of(1, 1), 5);
        try (var pass = training()) {
            assertArrayEquals(new float[] {1}, pass.backward(pass.use(one)).of(one));
        }
        try (var pass = training()) {
            assertArrayEquals(
                    new float[] {0, 1, 0},
                    pass.backward(pass.use(p).rows(1, 3).rows(0, 1).squeeze(0)).of(p));
        }
        try (var pass = training()) {
            assertArrayEquals(
                    new float[] {0, 4, 0},
                    pass.backward(pass.use(p).square().rows(1, 2)).of(p));
        }
    }

    @Test
    void longChainsNeedNoDeepStack() {
        try (var pass = training()) {
            Tensor y = pass.use(p);
            for (int i = 0; i < 50_000; i++) {
                y = y.add(1);
            }
            assertArrayEquals(new float[] {1, 1, 1}, pass.backward(y.sum()).of(p));
        }
    }

    @Test
    void longChainsOfViewsNeedNoDeepStack() {
        try (var pass = training()) {
            Tensor y = pass.use(p);
            for (int i = 0; i < 50_000; i++) {
                y = y.reshape(3);
            }
            assertArrayEquals(
                    new float[] {2, 4, 6}, pass.backward(y.square().sum()).of(p));
        }
    }

    @Test
    void gradientsOfResultsAreDroppedOnceUsed() {
        try (var pass = training()) {
            Tensor square = pass.use(p).square();
            Tensor loss = square.sum();
            pass.backward(loss);
            assertFalse(square.hasGrad());
            assertFalse(loss.hasGrad());
        }
    }

    @Test
    void manyPassesMayUseOneModelAtOnce() {
        float[] expected;
        try (var pass = training()) {
            expected = pass.backward(pass.use(p).exp().sum()).of(p);
        }
        List<float[]> found = IntStream.range(0, 64)
                .parallel()
                .mapToObj(i -> {
                    try (var pass = training()) {
                        return pass.backward(pass.use(p).exp().sum()).of(p);
                    }
                })
                .toList();
        found.forEach(gradient -> assertArrayEquals(expected, gradient));
    }

    // ---- Data and instances ----

    @Test
    void dataIsSharedAndCountsTheInstances() {
        Tensor x = Tensor.of(new float[][] {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}});
        Tensor targets = Tensor.ones(7);
        try (var pass = training()) {
            Tensor entered = pass.input(x.rows(1, 3));
            assertSame(x.data(), entered.data());
            assertEquals(3, entered.offset());
            assertSame(entered, pass.input(entered));
            assertSame(pass, entered.pass());
            pass.input(targets); // only the first input counts
            Gradients gradients = pass.backward(entered.mul(pass.use(p)).sum());
            assertEquals(2, gradients.instances());
            assertArrayEquals(new float[] {11, 13, 15}, gradients.of(p));
        }
        try (var pass = training()) {
            pass.input(Tensor.scalar(1));
            assertEquals(1, pass.backward(pass.use(p).sum()).instances());
        }
        try (var pass = training()) {
            assertEquals(0, pass.backward(pass.use(p).sum()).instances());
        }
    }

    @Test
    void aTensorOfAnotherPassIsNoInput() {
        try (var pass = training();
                var other = training()) {
            Tensor x = other.input(Tensor.of(1, 2, 3));
            throwsState("input: the tensor belongs to another pass: take it out with keep()", () -> pass.input(x));
            assertArrayEquals(new float[] {1, 2, 3}, pass.input(x.keep()).toArray());
        }
    }

    // ---- Mixing passes ----

    private static final String MIXED =
            "an op has inputs from two passes: take one of them out of its pass with keep(), or run both through one"
                    + " pass";

    @Test
    void twoPassesDoNotMixIfOneIsForTraining() {
        Tensor constant = Tensor.of(1, 1, 1);
        try (var first = training();
                var second = training();
                var inference = Pass.inference()) {
            Tensor a = first.use(p);
            Tensor b = second.input(constant);
            Tensor c = inference.input(constant);
            throwsState(MIXED, () -> a.add(b));
            throwsState(MIXED, () -> b.add(a));
            throwsState(MIXED, () -> a.add(c));
            throwsState(MIXED, () -> c.matmul(a));
            throwsState(MIXED, () -> Tensor.concat(0, constant, a, b));
            throwsState(MIXED, () -> Tensor.where(IntTensor.of(1, 0, 1), a, b));
            assertSame(first, a.add(constant).pass());
            assertSame(first, constant.add(a).pass());
            assertSame(first, a.add(b.keep()).pass());
        }
    }

    @Test
    void inferencePassesMix() {
        try (var first = Pass.inference();
                var second = Pass.inference()) {
            Tensor sum = first.input(Tensor.of(1, 2)).add(second.input(Tensor.of(3, 4)));
            assertArrayEquals(new float[] {4, 6}, sum.toArray());
        }
    }

    // ---- Auxiliary losses ----

    @Test
    void auxiliaryLossesAreIncludedOnceWithWeightAndScale() {
        try (var pass = training()) {
            Tensor a = pass.use(p);
            pass.addLoss("first", .5f, a.square().sum());
            pass.addLoss("second", 3, pass.use(q).sum());
            pass.addLoss("constant", 7, Tensor.scalar(2));
            assertEquals(
                    List.of(
                            new AuxiliaryLoss("first", .5f, 14),
                            new AuxiliaryLoss("second", 3, 15),
                            new AuxiliaryLoss("constant", 7, 2)),
                    pass.losses());
            Gradients gradients = pass.backward(a.sum(), 2);
            assertArrayEquals(new float[] {2 + 2, 2 + 4, 2 + 6}, gradients.of(p)); // 2 (1 + .5 2 p)
            assertArrayEquals(new float[] {6, 6, 6}, gradients.of(q));
            assertEquals(3, pass.losses().size());
        }
    }

    @Test
    void theLossItselfMayBeAddedToo() {
        try (var pass = training()) {
            Tensor loss = pass.use(p).sum();
            pass.addLoss("again", 4, loss);
            assertArrayEquals(new float[] {5, 5, 5}, pass.backward(loss).of(p));
        }
    }

    @Test
    void auxiliaryLossesHaveNoEffectOutsideTraining() {
        try (var pass = Pass.inference()) {
            pass.addLoss("source", 1, pass.use(p).sum());
            assertEquals(List.of(), pass.losses());
        }
        Tensor outside = Tensor.scalar(1);
        outside.pass().addLoss("source", 1, outside);
        assertEquals(List.of(), outside.pass().losses());
    }

    @Test
    void anAuxiliaryLossIsAScalarOfThisPass() {
        try (var pass = training();
                var other = training()) {
            throwsShape(
                    "auxiliary loss: must be a scalar: [3] (3 elements != 1); reduce it with mean() or sum()",
                    () -> pass.addLoss("source", 1, pass.use(p)));
            throwsState(
                    "auxiliary loss: the term belongs to another pass",
                    () -> pass.addLoss("source", 1, other.use(p).sum()));
        }
    }

    @Test
    void gradientsOfStatisticsAreScaledAndAddedUp() {
        var mean = Parameter.statistic(Shape.of(2), 0);
        var frozen = Parameter.statistic(Shape.of(2), 0);
        frozen.freeze();
        try (var pass = training()) {
            pass.addGradient(mean, new float[] {1, 2});
            pass.addGradient(mean, new float[] {10, 20});
            pass.addGradient(frozen, new float[] {1, 2});
            Gradients gradients = pass.backward(pass.use(p).sum(), .5f);
            assertArrayEquals(new float[] {5.5f, 11}, gradients.of(mean));
            assertFalse(gradients.contains(frozen));
        }
        try (var pass = training()) { // together with what comes by way of the tape
            pass.addGradient(p, new float[] {1, 2, 3});
            assertArrayEquals(
                    new float[] {2, 3, 4}, pass.backward(pass.use(p).sum()).of(p));
        }
        try (var pass = training()) {
            throwsShape("gradient: 3 values for shape [2]", () -> pass.addGradient(mean, new float[3]));
        }
        try (var pass = Pass.inference()) {
            pass.addGradient(mean, new float[] {1, 2});
        }
    }

    // ---- Backward ----

    @Test
    void aSecondBackwardFails() {
        try (var pass = training()) {
            Tensor loss = pass.use(p).sum();
            pass.backward(loss);
            throwsState(
                    "backward: the gradients of this pass were taken already: the tape is used up, start another pass",
                    () -> pass.backward(loss));
        }
    }

    @Test
    void theLossIsATrackedScalarOfThisPass() {
        try (var pass = training();
                var other = training()) {
            throwsShape(
                    "loss: must be a scalar: [3] (3 elements != 1); reduce it with mean() or sum()",
                    () -> pass.backward(pass.use(p)));
            throwsState(
                    "backward: the loss belongs to no pass: bring the data in with pass.input(...), and do not take the loss out"
                            + " with keep()",
                    () -> pass.backward(Tensor.scalar(1)));
            throwsState(
                    "backward: the loss belongs to another pass",
                    () -> pass.backward(other.use(p).sum()));
            throwsState(
                    "backward: the loss depends on no trainable parameter of this pass",
                    () -> pass.backward(pass.input(Tensor.scalar(1))));
            // None of the failures uses the tape up.
            assertArrayEquals(
                    new float[] {1, 1, 1}, pass.backward(pass.use(p).sum()).of(p));
        }
    }

    @Test
    void accumulationOverTwoPassesIsTheSum() {
        Tensor x = Tensor.of(new float[][] {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}, {1, 1, 1}});
        var statistic = Parameter.statistic(Shape.of(1), 0);
        var sum = new Gradients();
        var separate = new Gradients();
        float[] array = null;
        for (int from = 0; from < 4; from += 2) {
            for (Gradients into : List.of(sum, separate)) {
                try (var pass = training()) {
                    Tensor part = pass.input(x.rows(from, from + 2));
                    Tensor loss = part.mul(pass.use(p)).mul(pass.use(p)).sum();
                    if (from == 2) {
                        loss = loss.add(pass.use(q).sum());
                    }
                    pass.addLoss("source", 2, pass.use(p).sum());
                    pass.addGradient(statistic, new float[] {from + 1});
                    if (into == sum) {
                        pass.backward(loss, .5f, sum);
                    } else {
                        separate.add(pass.backward(loss, .5f));
                    }
                }
            }
            array = array == null ? sum.of(p) : array;
        }
        assertEquals(4, sum.instances());
        assertEquals(4, separate.instances());
        assertEquals(List.copyOf(separate.parameters()), List.copyOf(sum.parameters()));
        for (Parameter parameter : sum.parameters()) {
            assertArrayEquals(separate.of(parameter), sum.of(parameter));
        }
        assertArrayEquals(new float[] {13 + 2, 32 + 2, 57 + 2}, sum.of(p)); // p column sum + .5 2 for each pass
        assertArrayEquals(new float[] {2}, sum.of(statistic));
        assertSame(array, sum.of(p), "accumulated in place");
    }

    @Test
    void detachStopsTheGradient() {
        try (var pass = training()) {
            Tensor x = pass.use(p);
            Tensor constant = x.square().detach();
            assertFalse(constant.tracked());
            assertSame(pass, constant.pass());
            assertArrayEquals(
                    new float[] {1, 4, 9}, pass.backward(x.mul(constant).sum()).of(p));
        }
    }

    @Test
    void detachOfAViewKeepsItsPlace() {
        Tensor x = Tensor.of(1, 2, 3, 4).rows(1, 3);
        assertArrayEquals(new float[] {2, 3}, x.detach().toArray());
    }

    @Test
    void keepOutlivesThePass() {
        Tensor kept;
        try (var pass = training()) {
            kept = pass.use(p).rows(1, 3).keep();
            assertFalse(kept.tracked());
        }
        p.set(9, 9, 9);
        assertArrayEquals(new float[] {2, 3}, kept.toArray());
        assertArrayEquals(new float[] {4, 9}, kept.square().toArray());
    }

    @Test
    void elements() {
        Tensor x = Tensor.of(Shape.of(2, 2, 2), 0, 1, 2, 3, 4, 5, 6, 7);
        assertEquals(5, x.get(1, 0, 1));
        assertEquals(7, x.rows(1, 2).get(0, 1, 1));
        assertEquals(3, Tensor.scalar(3).get());
        assertEquals(3, Tensor.scalar(3).item());
        assertEquals(6, x.rows(1, 2).reshape(4).rows(2, 3).item());
        assertArrayEquals(new float[] {4, 5, 6, 7}, x.rows(1, 2).toArray());
        assertEquals("Tensor[2, 2, 2] [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]", x.toString());
        assertEquals(
                "Tensor[9] [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]...",
                Tensor.ones(9).toString());
        assertEquals("IntTensor[2] [4, 5]", IntTensor.of(3, 4, 5).rows(1, 3).toString());
    }

    // ---- After the close ----

    private static final String CLOSED =
            "this tensor's pass is closed: copy results out before the close, with item(), toArray() or keep()";

    @TestFactory
    Stream<DynamicTest> noOpWorksAfterTheClose() {
        return OpCases.all().stream()
                .map(row -> dynamicTest(row.toString(), () -> {
                    List<Tensor> inputs = new ArrayList<>();
                    try (var pass = training()) {
                        for (Shape shape : row.shapes()) {
                            inputs.add(pass.input(Tensor.ones(shape.dims())));
                        }
                    }
                    throwsState(CLOSED, () -> row.op().apply(inputs));
                }));
    }

    @TestFactory
    Stream<DynamicTest> noAccessorOfElementsWorksAfterTheClose() {
        Map<String, Function<Tensor, Object>> accessors = new LinkedHashMap<>();
        accessors.put("data", Tensor::data);
        accessors.put("toArray", Tensor::toArray);
        accessors.put("item", Tensor::item);
        accessors.put("get", x -> x.get(0));
        accessors.put("keep", Tensor::keep);
        accessors.put("argmax", x -> x.argmax(0));
        return accessors.entrySet().stream()
                .map(accessor -> dynamicTest(accessor.getKey(), () -> {
                    Tensor x;
                    try (var pass = training()) {
                        x = pass.input(Tensor.ones(1)).square();
                    }
                    throwsState(CLOSED, () -> accessor.getValue().apply(x));
                    assertEquals(Shape.of(1), x.shape());
                }));
    }

    @TestFactory
    Stream<DynamicTest> noClosedPassCanBeUsed() {
        Map<String, Consumer<Pass>> uses = new LinkedHashMap<>();
        uses.put("input", pass -> pass.input(Tensor.ones(1)));
        uses.put("use", pass -> pass.use(p));
        uses.put("addLoss", pass -> pass.addLoss("source", 1, Tensor.scalar(1)));
        uses.put("addGradient", pass -> pass.addGradient(p, new float[3]));
        uses.put("backward", pass -> pass.backward(Tensor.scalar(1)));
        return uses.entrySet().stream()
                .map(use -> dynamicTest(use.getKey(), () -> {
                    var pass = training();
                    pass.close();
                    throwsState(CLOSED, () -> use.getValue().accept(pass));
                }));
    }

    @Test
    void whatIsOutsideAnyPassCannotBeClosed() {
        Tensor x = Tensor.of(1, 2);
        x.pass().close();
        assertArrayEquals(new float[] {1, 4}, x.square().toArray());
    }

    // ---- Dropout ----

    private static float[] dropped(Pass pass, int... dims) {
        return pass.input(Tensor.ones(dims)).dropout(.3f).toArray();
    }

    @Test
    void equalKeysDropAlike() {
        try (var first = Pass.training(Rng.of(3));
                var second = Pass.training(Rng.of(3));
                var other = Pass.training(Rng.of(4))) {
            float[] mask = dropped(first, 10, 10);
            assertArrayEquals(mask, dropped(second, 10, 10));
            float[] next = dropped(first, 10, 10);
            assertFalse(Arrays.equals(mask, next), "each layer drops others");
            assertArrayEquals(next, dropped(second, 10, 10));
            assertFalse(Arrays.equals(mask, dropped(other, 10, 10)), "each key drops others");
        }
    }

    @Test
    void onePassAfterTheOtherDropsOthers() {
        Rng rng = Rng.of(3);
        try (var first = Pass.training(rng);
                var second = Pass.training(rng)) {
            assertFalse(Arrays.equals(dropped(first, 10, 10), dropped(second, 10, 10)));
        }
    }

    @Test
    void dropoutScalesWhatStaysAndDropsAtItsRate() {
        try (var pass = training()) {
            float[] y = dropped(pass, 10_000);
            int zeros = 0;
            for (float v : y) {
                assertTrue(v == 0 || v == 1 / (1 - .3f), "element " + v);
                zeros += v == 0 ? 1 : 0;
            }
            assertEquals(3000, zeros, 5 * Math.sqrt(10_000 * .3 * .7)); // five standard deviations
        }
    }

    @Test
    void backwardDropsTheSameElements() {
        var ones = Parameter.full(Shape.of(100), 1);
        try (var pass = training()) {
            Tensor y = pass.use(ones).dropout(.5f);
            float[] mask = y.toArray();
            assertArrayEquals(mask, pass.backward(y.sum()).of(ones));
        }
    }

    @Test
    void dropoutIsOffOutsideTrainingAndAtRateZero() {
        Tensor x = Tensor.ones(10);
        assertSame(x, x.dropout(.5f));
        try (var pass = Pass.inference()) {
            Tensor entered = pass.input(x);
            assertSame(entered, entered.dropout(.5f));
        }
        try (var pass = training()) {
            Tensor entered = pass.input(x);
            assertSame(entered, entered.dropout(0));
            assertNotSame(entered, entered.dropout(.5f));
        }
    }

    @ParameterizedTest
    @ValueSource(floats = {-.1f, 1, 2, Float.NaN})
    void dropoutRatesAreBelowOne(float rate) {
        var thrown = assertThrows(
                IllegalArgumentException.class, () -> Tensor.ones(3).dropout(rate));
        assertEquals("dropout: the rate must be in [0, 1), but is " + rate, thrown.getMessage());
    }

    @Test
    void aPartOfABatchDropsWhatTheWholeWould() {
        Rng key = Rng.of(8);
        float[] whole;
        float[] wholeSecond;
        try (var pass = Pass.trainingPart(key, 0, 7, 7)) {
            whole = dropped(pass, 7, 3, 2);
            wholeSecond = dropped(pass, 7, 5);
        }
        for (int[] range : new int[][] {{0, 3}, {3, 4}, {4, 7}, {2, 2}}) {
            try (var pass = Pass.trainingPart(key, range[0], range[1], 7)) {
                assertEquals(range[0], pass.firstInstance());
                int rows = range[1] - range[0];
                assertArrayEquals(Arrays.copyOfRange(whole, range[0] * 6, range[1] * 6), dropped(pass, rows, 3, 2));
                assertArrayEquals(Arrays.copyOfRange(wholeSecond, range[0] * 5, range[1] * 5), dropped(pass, rows, 5));
            }
        }
        assertEquals(Rng.of(8).split().bits(0), key.split().bits(0), "the key is left as it was");
    }

    /** As in a transformer, which sees {@code [N, T, C]} as {@code [N T, C]}. */
    @Test
    void anInstanceMayFillSeveralRows() {
        Rng key = Rng.of(8);
        Tensor batch = Tensor.ones(6, 4, 3);
        float[] whole;
        try (var pass = Pass.trainingPart(key, 0, 6, 6)) {
            whole = pass.input(batch).reshape(24, 3).dropout(.3f).toArray();
        }
        try (var pass = Pass.trainingPart(key, 2, 5, 6)) {
            float[] part =
                    pass.input(batch.rows(2, 5)).reshape(12, 3).dropout(.3f).toArray();
            assertArrayEquals(Arrays.copyOfRange(whole, 2 * 12, 5 * 12), part);
        }
    }

    /** A weight has no instances: all parts see it alike. */
    @Test
    void theMaskOfAWeightIsThatOfTheBatch() {
        Rng key = Rng.of(8);
        var weight = Parameter.full(Shape.of(7, 5), 1);
        List<float[]> masks = new ArrayList<>();
        for (int from : new int[] {0, 3}) {
            try (var pass = Pass.trainingPart(key, from, from + 3, 6)) {
                pass.input(Tensor.ones(3, 7));
                masks.add(pass.use(weight).dropout(.3f).toArray());
            }
        }
        assertArrayEquals(masks.get(0), masks.get(1));
    }

    @Test
    void nextKeysDifferAndDependOnThePositionOnly() {
        try (var first = Pass.training(Rng.of(3));
                var second = Pass.training(Rng.of(3))) {
            assertEquals(0, first.firstInstance());
            long one = first.nextKey().bits(0);
            assertNotEquals(one, first.nextKey().bits(0));
            assertEquals(one, second.nextKey().bits(0));
        }
    }

    // ---- What layers tell ----

    @Test
    void aLossThatIsNotFiniteChangesNothing() {
        Parameter p = Parameter.of(Shape.SCALAR, 0);
        try (var pass = training()) {
            Tensor loss = pass.use(p).log();
            var e = assertThrows(ArithmeticException.class, () -> pass.backward(loss));
            assertTrue(
                    e.getMessage().startsWith("backward: the loss is -Infinity: nothing was updated"), e.getMessage());
        }
    }

    @Test
    void aClosedPassHoldsNoActivations() {
        Parameter p = Parameter.of(Shape.of(2), 1, 2);
        Tensor y;
        var collected = new WeakReference<Object>(null);
        try (var pass = training()) {
            Tensor x = pass.use(p).square();
            collected = new WeakReference<>(x);
            y = x.sum();
            x = null;
            pass.backward(y);
        }
        for (int i = 0; i < 50 && collected.get() != null; i++) {
            System.gc();
        }
        assertNull(collected.get(), "reachable from " + y);
    }

    @Test
    void nothingCanBeAddedOnceTheGradientsWereTaken() {
        Parameter p = Parameter.of(Shape.SCALAR, 2);
        try (var pass = training()) {
            Tensor loss = pass.use(p).square();
            pass.backward(loss);
            var term = assertThrows(IllegalStateException.class, () -> pass.addLoss("norm", 1, loss));
            assertEquals(
                    "auxiliary loss: the gradients of this pass were taken already: the tape is used up, start another"
                            + " pass",
                    term.getMessage());
            assertThrows(IllegalStateException.class, () -> pass.addGradient(p, new float[1]));
        }
    }

    @Test
    void observersSeeWhatLayersShow() {
        List<Object> seen = new ArrayList<>();
        try (var pass = Pass.observing((layer, x, y) -> seen.add(layer + " " + x.shape() + " " + y.shape()))) {
            Tensor x = pass.input(Tensor.ones(2, 3));
            assertSame(x, pass.observe("layer", x.sum(0), x));
        }
        try (var pass = training()) {
            Tensor x = pass.input(Tensor.ones(2, 3));
            assertSame(x, pass.observe("layer", x.sum(0), x));
        }
        assertEquals(List.of("layer [3] [2, 3]"), seen);
    }

    @Test
    void aTrainingPassCanBeLookedAtOpByOp() {
        Parameter p = Parameter.of(Shape.of(3), 1, 2, 3);
        List<String> seen = new ArrayList<>();
        var observer = new Observer() {
            @Override
            public void see(Object layer, Tensor x, Tensor y) {
                seen.add(layer + " " + x.shape() + " " + y.shape());
            }

            @Override
            public void recorded(Op op, Tensor result, Tensor... inputs) {
                seen.add(op.getClass().getSimpleName() + " " + result.shape() + " of " + inputs.length
                        + (result.tracked() ? ", kept" : ""));
            }
        };
        Rng rng = Rng.of(3);
        long key;
        try (var pass = Pass.training(rng, observer)) {
            Tensor x = pass.input(Tensor.ones(2, 3)).square();
            Tensor y = pass.observe("layer", x, x.mul(pass.use(p)));
            assertArrayEquals(new float[] {2, 2, 2}, pass.backward(y.sum()).of(p));
            key = pass.nextKey().bits(0);
        }
        assertEquals(
                List.of(
                        "UnaryOp [2, 3] of 1",
                        "BinaryOp [2, 3] of 2, kept",
                        "layer [2, 3] [2, 3]",
                        "Sum [] of 1, kept"),
                seen);
        try (var pass = Pass.training(Rng.of(3))) {
            assertEquals(pass.nextKey().bits(0), key, "looking changes nothing");
        }
        Observer first = (layer, x, y) -> {};
        assertDoesNotThrow(() -> first.recorded(y -> {}, Tensor.scalar(1)));
    }

    @Test
    void layersThatDependOnTheBatchWantItWhole() {
        Rng key = Rng.of(1);
        String message = "norm computes statistics over the batch, so gradients of micro-batches do not add up to the"
                + " gradient of the batch: take the batch as a whole, or normalise by GaussianNormLayer or"
                + " LayerNormLayer";
        for (int[] range : new int[][] {{0, 3}, {1, 4}}) {
            try (var pass = Pass.trainingPart(key, range[0], range[1], 4)) {
                throwsState(message, () -> pass.requireWholeBatch("norm"));
            }
        }
        try (var whole = Pass.trainingPart(key, 0, 4, 4);
                var training = training();
                var inference = Pass.inference()) {
            for (Pass pass :
                    List.of(whole, training, inference, Tensor.scalar(1).pass())) {
                assertDoesNotThrow(() -> pass.requireWholeBatch("norm"));
            }
        }
    }

    @Test
    void aPartIsWithinItsBatch() {
        throwsShape("rows: no rows 3 to 8 in 7", () -> Pass.trainingPart(Rng.of(1), 3, 8, 7));
        throwsShape("rows: no rows -1 to 2 in 7", () -> Pass.trainingPart(Rng.of(1), -1, 2, 7));
    }
}
