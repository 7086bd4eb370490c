package org.jauss.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The result of every op of the table against its naive definition, and the message for every shape that is bad. */
final class OpReferenceTest {
    /**
     * Magnitudes are below 64 and a result is rounded some 10 times at most: 10 x 2^-24 = 6e-7 of the magnitude, less
     * where terms cancel. The bound leaves a factor of 10 to kernels that approximate functions in single precision.
     */
    private static final double TOLERANCE = 6e-6;

    @TestFactory
    Stream<DynamicTest> outsideAnyPass() {
        return check(x -> x);
    }

    @TestFactory
    Stream<DynamicTest> throughAView() {
        return check(x -> {
            Tensor surrounded = Tensor.full(1e6f, 3, x.size());
            System.arraycopy(x.data(), 0, surrounded.data(), x.size(), x.size());
            return surrounded.rows(1, 2).reshape(x.shape().dims());
        });
    }

    private static Stream<DynamicTest> check(UnaryOperator<Tensor> placed) {
        return OpCases.all().stream()
                .map(row -> dynamicTest(row.toString(), () -> {
                    List<Tensor> inputs = new ArrayList<>();
                    List<float[]> values = row.inputs();
                    for (int i = 0; i < values.size(); i++) {
                        inputs.add(Tensor.of(row.shapes().get(i), values.get(i)));
                    }
                    Nd expected =
                            row.reference().apply(inputs.stream().map(Nd::of).toList());
                    Tensor found = row.op().apply(inputs.stream().map(placed).toList());
                    assertEquals(Shape.of(expected.dims()), found.shape());
                    float[] elements = found.toArray();
                    for (int i = 0; i < elements.length; i++) {
                        double bound = TOLERANCE * Math.max(1, Math.abs(expected.data()[i]));
                        assertEquals(expected.data()[i], elements[i], bound, "element " + i);
                    }
                    for (int i = 0; i < values.size(); i++) {
                        assertArrayEquals(row.inputs().get(i), values.get(i), "the op changed input " + i);
                    }
                }));
    }

    @TestFactory
    Stream<DynamicTest> messages() {
        return OpCases.bad().stream()
                .map(row -> dynamicTest(row.toString(), () -> {
                    List<Tensor> inputs = row.shapes().stream()
                            .map(shape -> Tensor.ones(shape.dims()))
                            .toList();
                    var thrown =
                            assertThrows(ShapeException.class, () -> row.op().apply(inputs));
                    assertEquals(row.message(), thrown.getMessage());
                }));
    }

    /** A method of Tensor that returns a tensor cannot be forgotten in the table. */
    @Test
    void everyOpHasARow() {
        Set<String> notOps = Set.of("of", "scalar", "zeros", "ones", "full", "keep");
        Set<String> ops = Arrays.stream(Tensor.class.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
                .filter(method -> method.getReturnType() == Tensor.class)
                .map(Method::getName)
                .filter(name -> !notOps.contains(name))
                .collect(Collectors.toCollection(TreeSet::new));
        assertTrue(ops.size() > 50, "found only " + ops);
        OpCases.all().forEach(row -> ops.remove(row.name().split(" ", 2)[0]));
        assertEquals(Set.of(), ops);
    }

    @Test
    void meanAndVarianceOfNothingAreNotANumber() {
        Tensor nothing = Tensor.zeros(0, 2);
        assertArrayEquals(new float[] {Float.NaN, Float.NaN}, nothing.mean(0).toArray());
        assertArrayEquals(
                new float[] {Float.NaN, Float.NaN}, nothing.var(0, false, 0).toArray());
        assertEquals(Float.NaN, nothing.mean().item());
        assertEquals(Float.NaN, Tensor.of(3).var(1, false).item());
    }

    @Test
    void extremaOfTiesShareTheGradient() {
        var p = Parameter.of(Shape.of(2, 3), 1, 5, 5, 7, 7, 7);
        try (var pass = Pass.training(Rng.of(1))) {
            var gradients = pass.backward(pass.use(p).max(false, 1).sum());
            assertArrayEquals(new float[] {0, .5f, .5f, 1 / 3f, 1 / 3f, 1 / 3f}, gradients.of(p));
        }
        try (var pass = Pass.training(Rng.of(1))) {
            var gradients = pass.backward(pass.use(p).min(false).mul(4));
            assertArrayEquals(new float[] {4, 0, 0, 0, 0, 0}, gradients.of(p));
        }
        try (var pass = Pass.training(Rng.of(1))) {
            var gradients = pass.backward(pass.use(p).maximum(Tensor.scalar(5)).sum());
            assertArrayEquals(new float[] {0, .5f, .5f, 1, 1, 1}, gradients.of(p));
        }
    }

    @Test
    void notANumberIsSeen() {
        Tensor x = Tensor.of(1, Float.NaN, 3);
        assertEquals(Float.NaN, x.sum().item());
        assertEquals(Float.NaN, x.max(false).item());
        assertEquals(Float.NaN, x.min(false).item());
        assertEquals(Float.NaN, x.logSumExp(false).item());
        assertEquals(Float.NaN, x.softmax(0).get(0));
        assertEquals(Float.NaN, x.maximum(Tensor.scalar(9)).get(1));
        assertEquals(Float.NaN, x.minimum(Tensor.scalar(-9)).get(1));
    }

    @Test
    void softmaxAndItsLogarithmStandLargeLogits() {
        Tensor x = Tensor.of(-1e30f, 1e30f, 1e30f);
        assertArrayEquals(new float[] {0, .5f, .5f}, x.softmax(0).toArray());
        assertArrayEquals(
                new float[] {-2e30f, (float) -Math.log(2), (float) -Math.log(2)},
                x.logSoftmax(0).toArray());
        assertEquals(1e30f, x.logSumExp(false).item());
        assertEquals(
                1000 + (float) Math.log(2),
                Tensor.of(1000, 1000).logSumExp(false).item());
        assertEquals(
                Float.NEGATIVE_INFINITY,
                Tensor.full(Float.NEGATIVE_INFINITY, 3).logSumExp(false).item());
    }

    @Test
    void partsInOnePieceAreViews() {
        Tensor x = Tensor.zeros(3, 4, 5);
        for (Tensor view : List.of(
                x.index(Index.at(1)),
                x.index(Index.from(1)),
                x.index(Index.at(2), Index.range(1, 3)),
                x.index(Index.newAxis(), Index.ellipsis()),
                x.reshape(12, 5),
                x.rows(1, 2))) {
            assertSame(x.data(), view.data());
        }
        assertNotSame(x.data(), x.index(Index.all(), Index.at(0)).data());
    }

    @Test
    void masks() {
        Tensor x = Tensor.of(Shape.of(2, 2), -1, 2, Float.NaN, 3);
        assertArrayEquals(new int[] {0, 1, 0, 1}, x.greater(0).toArray());
        assertArrayEquals(new int[] {1, 0, 0, 0}, x.less(0).toArray());
        assertEquals(Shape.of(2, 2), x.less(0).shape());
        assertArrayEquals(new int[] {1, 3}, x.greater(0).nonzero().toArray());
        assertArrayEquals(new float[] {2, 3}, x.select(x.greater(0)).toArray());
        assertThrows(IllegalArgumentException.class, () -> Index.every(0));
    }

    @Test
    void argmaxSeesNotANumber() {
        Tensor x = Tensor.of(Shape.of(2, 3), 1, Float.NaN, 5, Float.NaN, 7, Float.NaN);
        assertArrayEquals(new int[] {1, 0}, x.argmax(1).toArray());
    }

    @Test
    void logSumExpOfMinusInfinityAlone() {
        float none = Float.NEGATIVE_INFINITY;
        Parameter x = Parameter.of(Shape.of(2, 2), none, none, none, 3);
        try (var pass = Pass.training(Rng.of(1))) {
            Tensor y = pass.use(x).logSumExp(false, 1);
            assertArrayEquals(new float[] {none, 3}, y.toArray());
            Op ones = result -> {
                y.grad()[0] += 1;
                y.grad()[1] += 1;
            };
            Tensor finite = pass.record(ones, Shape.SCALAR, pass.allocate(1), y);
            assertArrayEquals(new float[] {0, 0, 0, 1}, pass.backward(finite).of(x));
        }
    }

    @Test
    void argmaxTakesTheFirstAtATie() {
        Tensor x = Tensor.of(new float[][] {{1, 3, 3}, {5, 4, 5}});
        assertEquals(Shape.of(2), x.argmax(1).shape());
        assertArrayEquals(new int[] {1, 0}, x.argmax(1).toArray());
        assertArrayEquals(new int[] {1, 0}, x.argmax(-1).toArray());
        assertArrayEquals(new int[] {1, 1, 1}, x.argmax(0).toArray());
        assertArrayEquals(new int[] {0}, x.rows(1, 2).argmax(1).toArray());
        assertArrayEquals(
                new int[] {2, 0, 0, 2},
                Tensor.of(Shape.of(2, 3, 2), 1, 9, 2, 8, 3, 7, 6, 1, 5, 2, 4, 3)
                        .argmax(1)
                        .toArray());
        assertEquals(Shape.of(0), Tensor.zeros(0, 3).argmax(1).shape());
    }
}
