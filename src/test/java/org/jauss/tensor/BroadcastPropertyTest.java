package org.jauss.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BinaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Arithmetic on random shapes of rank 0 to 4 against an implementation that goes from index to index. */
final class BroadcastPropertyTest {
    private static final int CASES = 300;

    /** Operands have magnitudes of 1 to 2 and results are rounded twice at most; the factor leaves room for one more. */
    private static final double RELATIVE = 3 * 0x1p-24;

    /** An operation with its definition. */
    private enum Arithmetic {
        ADD(Tensor::add),
        SUB(Tensor::sub),
        MUL(Tensor::mul),
        DIV(Tensor::div);

        final BinaryOperator<Tensor> op;

        Arithmetic(BinaryOperator<Tensor> op) {
            this.op = op;
        }

        double value(double a, double b) {
            return switch (this) {
                case ADD -> a + b;
                case SUB -> a - b;
                case MUL -> a * b;
                case DIV -> a / b;
            };
        }

        double byFirst(double b) {
            return switch (this) {
                case ADD, SUB -> 1;
                case MUL -> b;
                case DIV -> 1 / b;
            };
        }

        double bySecond(double a, double b) {
            return switch (this) {
                case ADD -> 1;
                case SUB -> -1;
                case MUL -> a;
                case DIV -> -a / (b * b);
            };
        }
    }

    private record Pair(int[] result, int[] a, int[] b) {}

    /** A random shape and two that broadcast to it. */
    private static Pair pair(Random random) {
        int[] result = random.ints(random.nextInt(5), 0, 5)
                .map(d -> d == 0 && random.nextBoolean() ? 1 : d)
                .toArray();
        int[] a = part(result, random);
        int[] b = part(result, random);
        return new Pair(Nd.broadcast(a, b), a, b);
    }

    /** Leading axes dropped, others set to 1. */
    private static int[] part(int[] dims, Random random) {
        int from = random.nextInt(3) > 0 ? 0 : random.nextInt(dims.length + 1);
        return IntStream.range(from, dims.length)
                .map(d -> random.nextInt(3) == 0 ? 1 : dims[d])
                .toArray();
    }

    private static float[] values(int size, Random random) {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (1 + random.nextFloat()) * (random.nextBoolean() ? 1 : -1);
        }
        return values;
    }

    @TestFactory
    Stream<DynamicTest> resultsAndGradients() {
        Random random = new Random(11);
        List<DynamicTest> tests = new ArrayList<>();
        for (int i = 0; i < CASES; i++) {
            Pair pair = pair(random);
            Arithmetic arithmetic = Arithmetic.values()[i % Arithmetic.values().length];
            String name = arithmetic + " " + Arrays.toString(pair.a) + " " + Arrays.toString(pair.b) + " #" + i;
            long seed = random.nextLong();
            tests.add(dynamicTest(name, () -> check(arithmetic, pair, new Random(seed))));
        }
        return tests.stream();
    }

    private static void check(Arithmetic arithmetic, Pair pair, Random random) {
        Shape shape = Shape.of(pair.result);
        var a = Parameter.of(Shape.of(pair.a), values(Shape.of(pair.a).size(), random));
        var b = Parameter.of(Shape.of(pair.b), values(Shape.of(pair.b).size(), random));
        Nd na = Nd.of(a.value());
        Nd nb = Nd.of(b.value());
        float[] weights = values(shape.size(), random);
        try (var pass = Pass.training(Rng.of(1))) {
            Tensor y = arithmetic.op.apply(pass.use(a), pass.use(b));
            assertEquals(shape, y.shape());
            double[] da = new double[a.shape().size()];
            double[] db = new double[b.shape().size()];
            double[] magnitudeA = new double[da.length];
            double[] magnitudeB = new double[db.length];
            float[] found = y.toArray();
            for (int i = 0; i < found.length; i++) {
                int[] index = Nd.index(pair.result, i);
                double va = na.at(index);
                double vb = nb.at(index);
                assertEquals(arithmetic.value(va, vb), found[i], RELATIVE * (Math.abs(va) + Math.abs(vb)));
                double toA = weights[i] * arithmetic.byFirst(vb);
                double toB = weights[i] * arithmetic.bySecond(va, vb);
                da[position(pair.a, index)] += toA;
                db[position(pair.b, index)] += toB;
                magnitudeA[position(pair.a, index)] += Math.abs(toA);
                magnitudeB[position(pair.b, index)] += Math.abs(toB);
            }
            Gradients gradients = pass.backward(y.mul(Tensor.of(shape, weights)).sum());
            // A gradient sums up to 256 terms in single precision; their rounding errors grow as the root of that.
            compare(da, magnitudeA, gradients.of(a));
            compare(db, magnitudeB, gradients.of(b));
        }
    }

    private static void compare(double[] expected, double[] magnitude, float[] found) {
        assertEquals(expected.length, found.length);
        for (int i = 0; i < found.length; i++) {
            assertEquals(expected[i], found[i], 64 * RELATIVE * magnitude[i], "element " + i);
        }
    }

    /** Where the element of a broadcast operand is that belongs to an index of the result. */
    private static int position(int[] dims, int[] index) {
        int position = 0;
        for (int d = 0; d < dims.length; d++) {
            position = position * dims[d] + (dims[d] == 1 ? 0 : index[index.length - dims.length + d]);
        }
        return position;
    }

    @TestFactory
    Stream<DynamicTest> shapesThatDoNotFitAreNamed() {
        Random random = new Random(12);
        List<DynamicTest> tests = new ArrayList<>();
        while (tests.size() < CASES / 3) {
            Pair pair = pair(random);
            int common = Math.min(pair.a.length, pair.b.length);
            if (common == 0) {
                continue;
            }
            int fromEnd = 1 + random.nextInt(common); // where to spoil the fit
            pair.a[pair.a.length - fromEnd] = 6;
            pair.b[pair.b.length - fromEnd] = random.nextBoolean() ? 7 : 0;
            Shape a = Shape.of(pair.a);
            Shape b = Shape.of(pair.b);
            Arithmetic arithmetic = Arithmetic.values()[tests.size() % Arithmetic.values().length];
            tests.add(dynamicTest(arithmetic + " " + a + " " + b, () -> {
                var thrown = assertThrows(
                        ShapeException.class,
                        () -> arithmetic.op.apply(Tensor.zeros(a.dims()), Tensor.zeros(b.dims())));
                assertTrue(thrown.getMessage().contains(a + " and " + b), thrown.getMessage());
                assertTrue(thrown.getMessage().endsWith("(6 != " + b.dim(-fromEnd) + ")"), thrown.getMessage());
            }));
        }
        return tests.stream();
    }
}
