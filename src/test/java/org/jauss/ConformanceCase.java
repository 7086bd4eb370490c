package org.jauss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.opentest4j.TestAbortedException;

/**
 * One golden case: its inputs and attributes, of which it notes which were asked for, and the comparison of what came
 * out with what should have.
 */
final class ConformanceCase {
    /**
     * Single against double precision: a sum of some hundred terms of either sign is off by a few units of 6e-8 of the
     * greatest of them, and a function such as exp or 1 / x multiplies the rounding of its input by its slope. The
     * committed cases stay below 1e-6 of the greatest element; the rest is room for longer sums. The constant is for
     * arrays that are all but zero, where a difference of terms near 1 has left nothing but their rounding.
     */
    private static final double RELATIVE = 1e-5;

    private static final double ABSOLUTE = 1e-6;

    private final String name;
    private final JsonNode json;
    private final Pass pass;
    private final Map<String, Parameter> parameters = new LinkedHashMap<>();
    private final Set<String> unread = new LinkedHashSet<>();

    private ConformanceCase(String name, JsonNode json, Pass pass) {
        this.name = name;
        this.json = json;
        this.pass = pass;
        json.path("inputs").fieldNames().forEachRemaining(input -> unread.add("input " + input));
        json.path("attrs").fieldNames().forEachRemaining(attribute -> unread.add("attribute " + attribute));
        unread.remove("attribute note"); // a remark for the reader
    }

    /** What an op makes of a case: the outputs by name. */
    @FunctionalInterface
    interface Operation {
        Map<String, Tensor> run(ConformanceCase c);
    }

    /** Runs the op and compares outputs and gradients. */
    static void check(String name, JsonNode json, Operation operation) {
        try (var pass = Pass.training(Rng.of(1))) {
            var c = new ConformanceCase(name, json, pass);
            Map<String, Tensor> outputs = operation.run(c);
            if (!c.unread.isEmpty()) {
                throw c.unsupported(String.join(", ", c.unread));
            }
            json.path("outputs").properties().forEach(expected -> {
                Tensor actual = outputs.get(expected.getKey());
                assertTrue(actual != null, () -> name + ": no output " + expected.getKey());
                c.compare(expected.getKey(), actual, expected.getValue());
            });
            c.checkGradients(outputs);
        }
    }

    private void checkGradients(Map<String, Tensor> outputs) {
        if (json.path("grads").isEmpty()) {
            return;
        }
        List<Tensor> terms = new ArrayList<>();
        json.path("upstream").properties().forEach(upstream -> {
            Tensor y = outputs.get(upstream.getKey());
            assertTrue(y != null, () -> name + ": no output for upstream " + upstream.getKey());
            terms.add(y.mul(floats(upstream.getValue())).sum());
        });
        Gradients gradients = pass.backward(terms.stream()
                .reduce(Tensor::add)
                .orElseGet(() -> fail(name + ": gradients, but no upstream gradient that leads to them")));
        json.path("grads").properties().forEach(expected -> {
            Parameter parameter = parameters.get(expected.getKey());
            assertTrue(parameter != null, () -> name + ": a gradient of " + expected.getKey() + ", which is no input");
            // An input that the result does not depend on gets no gradient here, and zeros in PyTorch.
            Tensor actual = gradients.contains(parameter)
                    ? Tensor.of(parameter.shape(), gradients.of(parameter))
                    : Tensor.zeros(parameter.shape().dims());
            compare("gradient of " + expected.getKey(), actual, expected.getValue());
        });
    }

    /** Fails with the worst element if an array is off by more than the tolerance. */
    void compare(String what, Tensor actual, JsonNode expected) {
        assertEquals(shape(expected), actual.shape(), () -> name + ": shape of " + what);
        double[] wanted = doubles(expected);
        float[] got = actual.toArray();
        double greatest = Arrays.stream(wanted)
                .map(Math::abs)
                .filter(Double::isFinite)
                .max()
                .orElse(0);
        double tolerance = RELATIVE * greatest + ABSOLUTE;
        int worst = -1;
        double worstError = tolerance;
        for (int i = 0; i < wanted.length; i++) {
            double error = same(got[i], wanted[i]) ? 0 : Math.abs(got[i] - wanted[i]);
            if (!(error <= worstError)) { // NaN is worse than any number
                worst = i;
                worstError = Double.isNaN(error) ? Double.POSITIVE_INFINITY : error;
            }
        }
        if (worst >= 0) {
            fail(name + ": " + what + " of " + actual.shape() + ", worst at " + worst + ": expected " + wanted[worst]
                    + ", actual " + got[worst] + ", off by " + worstError + " > " + tolerance);
        }
    }

    private static boolean same(float actual, double expected) {
        return Double.compare(actual, (float) expected) == 0; // infinities and NaN, too
    }

    /** The output of an op under the name that the cases give to a single one. */
    static Operation single(Function<ConformanceCase, Tensor> function) {
        return c -> Map.of("y", function.apply(c));
    }

    // ---- Inputs ----

    boolean has(String input) {
        return json.path("inputs").has(input);
    }

    Pass pass() {
        return pass;
    }

    /** A float input as a parameter: always the same for the same name. */
    Parameter parameter(String input) {
        JsonNode node = input(input);
        return parameters.computeIfAbsent(input, key -> Parameter.of(shape(node), single(node)));
    }

    /** A float input that gradients flow to. */
    Tensor tensor(String input) {
        return pass.use(parameter(input));
    }

    /** A float input that has no gradient, such as a target. */
    Tensor constant(String input) {
        return floats(input(input));
    }

    IntTensor ints(String input) {
        JsonNode node = input(input);
        return IntTensor.of(
                shape(node), Arrays.stream(doubles(node)).mapToInt(v -> (int) v).toArray());
    }

    /** All inputs, in order. */
    Tensor[] tensors() {
        List<String> names = new ArrayList<>();
        json.path("inputs").fieldNames().forEachRemaining(names::add);
        return names.stream().map(this::tensor).toArray(Tensor[]::new);
    }

    private JsonNode input(String input) {
        if (!has(input)) {
            throw unsupported("no input " + input);
        }
        unread.remove("input " + input);
        return json.path("inputs").path(input);
    }

    JsonNode expected(String output) {
        return json.path("outputs").path(output);
    }

    // ---- Attributes ----

    /** An attribute; a missing node if it is absent or null. */
    private JsonNode attribute(String attribute) {
        unread.remove("attribute " + attribute);
        JsonNode node = json.path("attrs").path(attribute);
        return node.isNull() ? json.path("attrs").path(" ") : node;
    }

    private JsonNode required(String attribute) {
        JsonNode node = attribute(attribute);
        if (node.isMissingNode()) {
            throw unsupported("no attribute " + attribute);
        }
        return node;
    }

    float number(String attribute) {
        return (float) required(attribute).doubleValue();
    }

    float number(String attribute, double otherwise) {
        JsonNode node = attribute(attribute);
        return (float) (node.isMissingNode() ? otherwise : node.doubleValue());
    }

    int integer(String attribute) {
        return required(attribute).intValue();
    }

    int integer(String attribute, int otherwise) {
        JsonNode node = attribute(attribute);
        return node.isMissingNode() ? otherwise : node.intValue();
    }

    /** Numbers in a list; none if it is absent or null. */
    List<Float> numbers(String attribute) {
        return stream(attribute(attribute))
                .map(number -> (float) number.doubleValue())
                .toList();
    }

    boolean flag(String attribute) {
        return attribute(attribute).asBoolean();
    }

    String text(String attribute) {
        return required(attribute).asText();
    }

    String text(String attribute, String otherwise) {
        JsonNode node = attribute(attribute);
        return node.isMissingNode() ? otherwise : node.asText();
    }

    /** Texts: a list, or none if it is absent or null. */
    List<String> texts(String attribute) {
        return stream(attribute(attribute)).map(JsonNode::asText).toList();
    }

    /** Whole numbers: a list, a single one, or none if it is absent or null. */
    int[] integers(String attribute) {
        JsonNode node = attribute(attribute);
        return node.isNumber()
                ? new int[] {node.intValue()}
                : stream(node).mapToInt(JsonNode::intValue).toArray();
    }

    /** Whether an attribute is there and holds a number or a list of numbers. */
    boolean hasNumbers(String attribute) {
        JsonNode node = json.path("attrs").path(attribute);
        return node.isNumber() || (node.isArray() && !node.isEmpty());
    }

    /** Whether an attribute is there. */
    boolean hasAttribute(String attribute) {
        return json.path("attrs").hasNonNull(attribute);
    }

    /** The pairs of a list of pairs; none if it is anything else. */
    int[][] pairs(String attribute) {
        return stream(attribute(attribute))
                .filter(JsonNode::isArray)
                .map(pair -> stream(pair).mapToInt(JsonNode::intValue).toArray())
                .toArray(int[][]::new);
    }

    TestAbortedException unsupported(String what) {
        return new TestAbortedException(name + ": unsupported: " + what);
    }

    // ---- JSON ----

    private static Stream<JsonNode> stream(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    private static Shape shape(JsonNode tensor) {
        return Shape.of(
                stream(tensor.path("shape")).mapToInt(JsonNode::intValue).toArray());
    }

    private static double[] doubles(JsonNode tensor) {
        return stream(tensor.path("data")).mapToDouble(JsonNode::asDouble).toArray();
    }

    private static float[] single(JsonNode tensor) {
        double[] data = doubles(tensor);
        float[] single = new float[data.length];
        for (int i = 0; i < single.length; i++) {
            single[i] = (float) data[i];
        }
        return single;
    }

    private static Tensor floats(JsonNode tensor) {
        return Tensor.of(shape(tensor), single(tensor));
    }
}
