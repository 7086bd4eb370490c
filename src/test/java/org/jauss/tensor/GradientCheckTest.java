package org.jauss.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The gradient of every op of the table against central differences along random directions of +-1.
 *
 * <p>The step is 2^-7. Inputs are multiples of 2^-10, so that it is taken without rounding. The loss is a weighted sum
 * over the result, added up in double precision.
 */
final class GradientCheckTest {
    private static final float STEP = 0x1p-7f;
    private static final int DIRECTIONS = 3;

    /**
     * Central differences are off by step^2 / 6 = 1e-5 times the third derivative, which in the table's domains is at
     * most some tens of times the first; a wrong factor, sign or sum shows as an error in the order of the gradient.
     */
    private static final double TRUNCATION = 1e-3;

    /** How often a result is rounded within an op, at most: sums of a few terms, in float. */
    private static final int ROUNDINGS = 8;

    @TestFactory
    Stream<DynamicTest> direct() {
        return differentiable().map(row -> dynamicTest(row.toString(), () -> check(row, false, 1)));
    }

    @TestFactory
    Stream<DynamicTest> throughAView() {
        return differentiable().map(row -> dynamicTest(row.toString(), () -> check(row, true, 1)));
    }

    @TestFactory
    Stream<DynamicTest> usedTwice() {
        return differentiable().map(row -> dynamicTest(row.toString(), () -> check(row, false, 2)));
    }

    @TestFactory
    Stream<DynamicTest> oneInputAtATime() {
        return differentiable()
                .filter(row -> row.shapes().size() > 1)
                .map(row -> dynamicTest(row.toString(), () -> checkFrozen(row)));
    }

    @TestFactory
    Stream<DynamicTest> constantsAreNotTracked() {
        return OpCases.all().stream()
                .filter(row -> !row.differentiable())
                .map(row -> dynamicTest(row.toString(), () -> {
                    try (var pass = Pass.training(Rng.of(1))) {
                        var inputs = parameters(row.inputs(), row.shapes()).stream()
                                .map(pass::use)
                                .toList();
                        assertTrue(inputs.get(0).tracked());
                        assertFalse(row.op().apply(inputs).tracked());
                    }
                }));
    }

    private static Stream<OpCases.Row> differentiable() {
        return OpCases.all().stream().filter(OpCases.Row::differentiable);
    }

    private static void check(OpCases.Row row, boolean view, int uses) {
        List<float[]> values = row.inputs();
        List<float[]> gradient;
        try (var pass = Pass.training(Rng.of(1))) {
            List<Parameter> parameters = view ? surrounded(values) : parameters(values, row.shapes());
            List<Tensor> inputs = new ArrayList<>();
            for (int i = 0; i < values.size(); i++) {
                Tensor leaf = pass.use(parameters.get(i));
                int[] dims = row.shapes().get(i).dims();
                inputs.add(
                        view ? leaf.reshape(3, values.get(i).length).rows(1, 2).reshape(dims) : leaf);
            }
            Gradients gradients = pass.backward(loss(row, inputs, uses));
            gradient = new ArrayList<>();
            for (int i = 0; i < values.size(); i++) {
                float[] found = gradients.of(parameters.get(i));
                gradient.add(view ? middle(found, values.get(i).length) : found);
            }
        }
        for (int direction = 0; direction < DIRECTIONS; direction++) {
            compare(row, values, gradient, uses, Rng.of(100 + direction));
        }
    }

    /** With all inputs but one frozen, that one gets the same gradient as before, and the others none. */
    private static void checkFrozen(OpCases.Row row) {
        List<Gradients> results = new ArrayList<>();
        List<Parameter> parameters = parameters(row.inputs(), row.shapes());
        for (int free = -1; free < parameters.size(); free++) {
            for (int i = 0; i < parameters.size(); i++) {
                if (free < 0 || free == i) {
                    parameters.get(i).unfreeze();
                } else {
                    parameters.get(i).freeze();
                }
            }
            try (var pass = Pass.training(Rng.of(1))) {
                results.add(pass.backward(
                        loss(row, parameters.stream().map(pass::use).toList(), 1)));
            }
        }
        for (int free = 0; free < parameters.size(); free++) {
            Gradients alone = results.get(free + 1);
            assertEquals(List.of(parameters.get(free)), List.copyOf(alone.parameters()));
            assertArrayEquals(results.get(0).of(parameters.get(free)), alone.of(parameters.get(free)));
        }
    }

    /** The weighted sum of the op's results; each use has weights of its own. */
    private static Tensor loss(OpCases.Row row, List<Tensor> inputs, int uses) {
        Tensor total = Tensor.scalar(0);
        for (int use = 0; use < uses; use++) {
            Tensor y = row.op().apply(inputs);
            total = total.add(
                    y.mul(Tensor.of(y.shape(), weights(y.size(), use))).sum());
        }
        return total;
    }

    private static void compare(
            OpCases.Row row, List<float[]> values, List<float[]> gradient, int uses, Rng directions) {
        List<float[]> up = new ArrayList<>();
        List<float[]> down = new ArrayList<>();
        double expected = 0;
        double squares = 0;
        for (int i = 0; i < values.size(); i++) {
            float[] x = values.get(i);
            Rng signs = directions.split();
            float[] plus = x.clone();
            float[] minus = x.clone();
            for (int j = 0; j < x.length; j++) {
                int sign = 2 * signs.below(j, 2) - 1;
                plus[j] += sign * STEP;
                minus[j] -= sign * STEP;
                double g = gradient.get(i)[j];
                expected += sign * g;
                squares += g * g;
            }
            up.add(plus);
            down.add(minus);
        }
        Sum above = sum(row, up, uses);
        Sum below = sum(row, down, uses);
        double found = (above.value - below.value) / (2 * STEP);
        double rounding = ROUNDINGS * 0x1p-24 * (above.magnitude + below.magnitude) / (2 * STEP);
        assertEquals(found, expected, TRUNCATION * Math.sqrt(squares) + rounding);
    }

    private record Sum(double value, double magnitude) {}

    /** The loss in double precision, and the sum of the magnitudes of its terms. */
    private static Sum sum(OpCases.Row row, List<float[]> values, int uses) {
        double sum = 0;
        double magnitude = 0;
        try (var pass = Pass.training(Rng.of(1))) {
            List<Tensor> inputs = new ArrayList<>();
            for (int i = 0; i < values.size(); i++) {
                inputs.add(pass.input(Tensor.of(row.shapes().get(i), values.get(i))));
            }
            for (int use = 0; use < uses; use++) {
                float[] y = row.op().apply(inputs).toArray();
                float[] w = weights(y.length, use);
                for (int i = 0; i < y.length; i++) {
                    sum += (double) w[i] * y[i];
                    magnitude += Math.abs((double) w[i] * y[i]);
                }
            }
        }
        return new Sum(sum, magnitude);
    }

    private static float[] weights(int size, int use) {
        float[] w = new float[size];
        Rng rng = Rng.of(1000 + use);
        for (int i = 0; i < size; i++) {
            w[i] = .5f + rng.uniform(i);
        }
        return w;
    }

    private static List<Parameter> parameters(List<float[]> values, List<Shape> shapes) {
        List<Parameter> parameters = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            parameters.add(Parameter.of(shapes.get(i), values.get(i).clone()));
        }
        return parameters;
    }

    /** Each input in the middle of a parameter three times as large, whose other elements would spoil the result. */
    private static List<Parameter> surrounded(List<float[]> values) {
        List<Parameter> parameters = new ArrayList<>();
        for (float[] x : values) {
            Parameter parameter = Parameter.full(Shape.of(3 * x.length), 1e6f);
            System.arraycopy(x, 0, parameter.data(), x.length, x.length);
            parameters.add(parameter);
        }
        return parameters;
    }

    private static float[] middle(float[] gradient, int length) {
        float[] found = new float[length];
        for (int i = 0; i < gradient.length; i++) {
            if (i >= length && i < 2 * length) {
                found[i - length] = gradient[i];
            } else {
                assertEquals(0, gradient[i], "outside the view, at " + i);
            }
        }
        return found;
    }
}
