package org.jauss.optimizers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class OptimizerTest {
    /** Some operations of single precision on numbers around 1. */
    private static final float ROUNDING = 1e-6f;

    private final Parameter weight = Parameter.of(Shape.of(2), 1, 2);
    private final Parameter mean = Parameter.statistic(Shape.of(1), 5, (value, gradient, instances) -> {
        for (int i = 0; i < value.length; i++) {
            value[i] -= gradient[i] * instances;
        }
    });

    private static Stream<Rule> rules() {
        return Stream.of(
                Sgd.of(.1f),
                Sgd.of(.1f).withMomentum(.9f),
                Sgd.of(.1f).withMomentum(.9f).withNesterov(),
                Adam.of(.1f),
                Adam.of(.1f).withAmsgrad(),
                AdamW.of(.1f).withWeightDecay(0),
                AdamW.of(.1f).withWeightDecay(0).withAmsgrad(),
                RmsProp.of(.1f),
                RmsProp.of(.1f).withCentered(),
                RmsProp.of(.1f).withMomentum(.9f),
                RmsProp.of(.1f).withCentered().withMomentum(.9f),
                Adagrad.of(.5f),
                Adadelta.of(5),
                Nadam.of(.1f),
                Radam.of(.1f),
                Adamax.of(.1f),
                Lion.of(.05f),
                Lamb.of(.05f));
    }

    // ---- Rules ----

    @Test
    void sgdGoesDownTheGradient() {
        Optimizer optimizer = Optimizer.of(Map.of("weight", weight), Sgd.of(.5f));
        optimizer.step(new Gradients().set(weight, 1, -2));
        assertArrayEquals(new float[] {.5f, 3}, weight.data());
        assertEquals(1, optimizer.steps());
    }

    @Test
    void momentumAddsUp() {
        Optimizer optimizer = Optimizer.of(Map.of("weight", weight), Sgd.of(1).withMomentum(.5f));
        optimizer.step(new Gradients().set(weight, 1, 0)); // velocity 1
        optimizer.step(new Gradients().set(weight, 1, 0)); // velocity 1.5
        assertArrayEquals(new float[] {1 - 1 - 1.5f, 2}, weight.data());
    }

    @Test
    void nesterovLooksAhead() {
        Optimizer optimizer = Optimizer.of(
                Map.of("weight", weight), Sgd.of(1).withMomentum(.5f).withNesterov());
        optimizer.step(new Gradients().set(weight, 1, 0)); // 1 + .5 1
        optimizer.step(new Gradients().set(weight, 1, 0)); // 1 + .5 1.5
        assertArrayEquals(new float[] {1 - 1.5f - 1.75f, 2}, weight.data());
    }

    @Test
    void theFirstStepOfAdamHasTheLengthOfTheRate() {
        Optimizer optimizer = Optimizer.of(Map.of("weight", weight), Adam.of(.25f));
        optimizer.step(new Gradients().set(weight, 1e-3f, -1e3f));
        assertArrayEquals(new float[] {.75f, 2.25f}, weight.data(), 1e-5f); // epsilon is 1e-5 of the first gradient
    }

    @Test
    void adamDecaysByTheGradientAdamWByTheValue() {
        Optimizer.of(Map.of("weight", weight), Adam.of(.1f).withWeightDecay(.5f))
                .step(new Gradients().set(weight, 0, 0));
        assertArrayEquals(new float[] {.9f, 1.9f}, weight.data(), ROUNDING); // any gradient is a step of the rate
        weight.set(1, 2);
        Optimizer.of(Map.of("weight", weight), AdamW.of(.1f).withWeightDecay(.5f))
                .step(new Gradients().set(weight, 0, 0));
        assertArrayEquals(new float[] {.95f, 1.9f}, weight.data(), ROUNDING);
    }

    @Test
    void aConstantGradientKeepsCenteredRmsPropFinite() {
        // The variance of a constant is 0, and a little below it after rounding.
        Optimizer optimizer = Optimizer.of(
                Map.of("weight", weight), RmsProp.of(1e-9f).withCentered().withAlpha(.5f));
        for (int i = 0; i < 300; i++) {
            optimizer.step(new Gradients().set(weight, .1f, .7f));
        }
        assertTrue(Tensor.of(weight.data()).abs().sum().item() < Float.POSITIVE_INFINITY);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void everyRuleFindsTheBottomOfABowl(Rule rule) {
        Optimizer optimizer = Optimizer.of(Map.of("weight", weight), rule);
        double before = distance();
        for (int i = 0; i < 200; i++) {
            optimizer.step(new Gradients().set(weight, weight.data()[0] - 3, 4 * (weight.data()[1] + 1)));
        }
        assertTrue(distance() < before / 4, () -> rule + " ended at " + List.of(weight.data()[0], weight.data()[1]));
    }

    private double distance() {
        return Math.hypot(weight.data()[0] - 3, weight.data()[1] + 1);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void aRuleLeavesTheGradientAloneAndTakesEmptyParameters(Rule rule) {
        Parameter empty = Parameter.of(Shape.of(0, 3));
        Gradients gradients = new Gradients().set(weight, 1, -2).set(empty);
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        parameters.put("weight", weight);
        parameters.put("empty", empty);
        Optimizer.of(parameters, rule).step(gradients);
        assertArrayEquals(new float[] {1, -2}, gradients.of(weight));
        assertNotEquals(1, weight.data()[0]);
    }

    /** Sizes below, at and beyond what a task takes, so that tasks end within and between parameters. */
    @ParameterizedTest
    @MethodSource("rules")
    void parametersAreChangedInPartsAsInOne(Rule rule) {
        int[] sizes = {3, 100_001, 0, 4096, 70_000, 1};
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        Gradients gradients = new Gradients();
        float[][] expected = new float[sizes.length][];
        float[][][] slots = new float[sizes.length][][];
        for (int i = 0; i < sizes.length; i++) {
            float[] values = normal(sizes[i], i);
            Parameter parameter = Parameter.of(Shape.of(sizes[i]), values.clone());
            parameters.put("p" + i, parameter);
            gradients.set(parameter, normal(sizes[i], -1 - i));
            expected[i] = values;
            slots[i] = new float[rule.slots().size()][sizes[i]];
        }
        Optimizer optimizer = Optimizer.of(parameters, rule);
        for (int step = 0; step < 2; step++) {
            optimizer.step(gradients);
            for (int i = 0; i < sizes.length; i++) {
                Parameter parameter = parameters.get("p" + i);
                float[] gradient = gradients.of(parameter);
                float rate = rule.learningRate().at(step);
                rule.update(0, sizes[i], expected[i], gradient, slots[i], step, rate, true);
                assertArrayEquals(expected[i], parameter.data());
            }
        }
    }

    /** Says nothing of parts, and would be wrong in them. */
    private record NormalizedGradient(Schedule learningRate) implements Rule {
        @Override
        public List<String> slots() {
            return List.of();
        }

        @Override
        public void update(
                int from,
                int to,
                float[] value,
                float[] gradient,
                float[][] slots,
                long step,
                float rate,
                boolean decays) {
            double squares = 0;
            for (int i = from; i < to; i++) {
                squares += (double) gradient[i] * gradient[i];
            }
            for (int i = from; i < to; i++) {
                value[i] -= (float) (rate * gradient[i] / Math.sqrt(squares));
            }
        }
    }

    @Test
    void aRuleThatSaysNothingOfPartsChangesAParameterAsAWhole() {
        Parameter large = Parameter.full(Shape.of(500, 500), 0);
        float[] ones = new float[500 * 500];
        Arrays.fill(ones, 1);
        Optimizer.of(Map.of("large", large), new NormalizedGradient(step -> 1)).step(new Gradients().set(large, ones));
        float[] expected = new float[ones.length];
        Arrays.fill(expected, -1 / 500f); // the norm is 500
        assertArrayEquals(expected, large.data());
    }

    private static float[] normal(int n, long seed) {
        Rng rng = Rng.of(seed);
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = rng.normal(i);
        }
        return x;
    }

    @ParameterizedTest
    @MethodSource("rules")
    void aRunThatIsResumedGoesOnAsIfItHadNotStopped(Rule rule) {
        Parameter copy = Parameter.of(Shape.of(2), 1, 2);
        Optimizer whole = Optimizer.of(Map.of("weight", weight), rule);
        Optimizer first = Optimizer.of(Map.of("weight", copy), rule);
        Optimizer second = Optimizer.of(Map.of("weight", copy), rule);
        for (int i = 0; i < 5; i++) {
            whole.step(new Gradients().set(weight, i, -1));
            if (i == 3) {
                second.resume(first.state());
            }
            (i < 3 ? first : second).step(new Gradients().set(copy, i, -1));
        }
        assertArrayEquals(weight.data(), copy.data());
        assertEquals(5, second.steps());
        assertEqual(whole.state(), second.state());
    }

    // ---- What a step makes of a parameter ----

    @Test
    void theScheduleCountsStepsFrom0AndTheMultiplierScalesIt() {
        Parameter slow = Parameter.of(Shape.of(1), 0).withLearningRateMultiplier(.1f);
        Parameter fast = Parameter.of(Shape.of(1), 0);
        Optimizer optimizer = Optimizer.of(Map.of("slow", slow, "fast", fast), Sgd.of(step -> 10 + step));
        optimizer.step(new Gradients().set(slow, 1).set(fast, 1));
        assertArrayEquals(new float[] {-10}, fast.data());
        assertArrayEquals(new float[] {-1}, slow.data(), ROUNDING);
        optimizer.step(new Gradients().set(slow, 1).set(fast, 1));
        assertArrayEquals(new float[] {-21}, fast.data());
    }

    @Test
    void weightDecaySparesExemptParameters() {
        Parameter bias = Parameter.of(Shape.of(1), 1).withoutWeightDecay();
        Parameter ruled = Parameter.statistic(Shape.of(1), 1);
        for (Rule rule : List.of(
                Sgd.of(.1f).withWeightDecay(.5f),
                Adam.of(.1f).withWeightDecay(.5f),
                AdamW.of(.1f).withWeightDecay(.5f),
                RmsProp.of(.1f).withWeightDecay(.5f),
                Adagrad.of(.1f).withWeightDecay(.5f),
                Adadelta.of(.1f).withWeightDecay(.5f),
                Nadam.of(.1f).withWeightDecay(.5f),
                Radam.of(.1f).withWeightDecay(.5f),
                Adamax.of(.1f).withWeightDecay(.5f),
                Lion.of(.1f).withWeightDecay(.5f),
                Lamb.of(.1f).withWeightDecay(.5f))) {
            weight.set(1, 2);
            Optimizer.of(Map.of("weight", weight, "bias", bias, "ruled", ruled), rule)
                    .step(new Gradients().set(weight, 0, 0).set(bias, 0).set(ruled, 0));
            assertTrue(weight.data()[0] < 1 && weight.data()[1] < 2, rule::toString);
            assertEquals(1, bias.data()[0], rule::toString);
            assertEquals(1, ruled.data()[0], rule::toString);
        }
    }

    @Test
    void aStatisticFollowsItsOwnUpdate() {
        Map<String, Parameter> parameters = Map.of("mean", mean, "weight", weight);
        Optimizer optimizer =
                Optimizer.of(parameters, Sgd.of(100).withMomentum(.9f).withWeightDecay(.5f));
        try (var pass = Pass.training(Rng.of(1))) {
            Tensor x = pass.input(Tensor.zeros(3, 1)); // three instances
            Tensor loss = x.add(pass.use(mean)).mean().mul(.5f);
            optimizer.step(pass.backward(loss.add(pass.use(weight).sum())));
        }
        assertArrayEquals(new float[] {5 - .5f * 3}, mean.data());
        assertTrue(optimizer.state().part("mean").isEmpty());
    }

    @Test
    void aTiedParameterMovesOnce() {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        parameters.put("embedding", weight);
        parameters.put("head", weight);
        Optimizer optimizer = Optimizer.of(parameters, Sgd.of(1).withMomentum(.5f));
        optimizer.step(new Gradients().set(weight, 1, 1));
        assertArrayEquals(new float[] {0, 1}, weight.data());
        assertEquals("[embedding.velocity] [steps, embedding.steps]", names(optimizer.state()));
    }

    @Test
    void aFrozenParameterStaysAndNeedsNoGradient() {
        Parameter frozen = Parameter.of(Shape.of(1), 7);
        frozen.freeze();
        Optimizer optimizer = Optimizer.of(Map.of("frozen", frozen, "weight", weight), Adam.of(1));
        optimizer.step(new Gradients().set(weight, 1, 1));
        optimizer.step(new Gradients().set(weight, 1, 1).set(frozen, 1)); // frozen after the pass
        assertArrayEquals(new float[] {7}, frozen.data());
        frozen.unfreeze();
        optimizer.step(new Gradients().set(weight, 1, 1).set(frozen, 1));
        assertEquals(6, frozen.data()[0], ROUNDING); // the first step of Adam, with the correction of a first step
    }

    @Test
    void slotsAreTheSameArraysFromStepToStep() {
        Optimizer optimizer = Optimizer.of(Map.of("weight", weight), Adam.of(1));
        optimizer.step(new Gradients().set(weight, 1, 1));
        float[] average = optimizer.state().arrays().get("weight.average");
        optimizer.step(new Gradients().set(weight, 1, 1));
        assertSame(average, optimizer.state().arrays().get("weight.average"));
        assertEquals(2, optimizer.state().counts().get("weight.steps"));
    }

    // ---- Strictness: a step that fails changes nothing ----

    private void assertNothingChanged(
            Class<? extends RuntimeException> type, String message, Rule rule, Gradients gradients) {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        parameters.put("layers.0.weight", weight);
        parameters.put("layers.1.mean", mean);
        Optimizer optimizer = Optimizer.of(parameters, rule);
        var e = assertThrows(type, () -> optimizer.step(gradients));
        assertEquals(message, e.getMessage());
        assertArrayEquals(new float[] {1, 2}, weight.data());
        assertArrayEquals(new float[] {5}, mean.data());
        assertEquals("[] [steps]", names(optimizer.state()));
        assertEquals(0, optimizer.steps());
    }

    @Test
    void everyTrainableParameterNeedsAGradient() {
        assertNothingChanged(
                IllegalStateException.class,
                "layers.1.mean received no gradient in this pass: freeze it or check the graph",
                Adam.of(1),
                new Gradients().set(weight, 1, 1));
    }

    @Test
    void everyGradientNeedsAParameter() {
        Parameter stranger = Parameter.full(Shape.of(3, 4), 0);
        assertNothingChanged(
                IllegalStateException.class,
                "gradients of parameters that this optimizer does not have: [Parameter[3, 4]]: hand them to it, or"
                        + " freeze them before the pass",
                Adam.of(1),
                new Gradients().set(weight, 1, 1).set(mean, 1).set(stranger, new float[12]));
    }

    @Test
    void anOptimizerOfAnotherModelIsCalledThat() {
        Parameter stranger = Parameter.full(Shape.of(3, 4), 0);
        assertNothingChanged(
                IllegalStateException.class,
                "gradients of parameters that this optimizer does not have: [Parameter[3, 4]], and layers.0.weight,"
                        + " which it has, received none: it was made for another model",
                Adam.of(1),
                new Gradients().set(stranger, new float[12]));
    }

    @Test
    void theGradientOfAStatisticMustBeFinite() {
        assertNothingChanged(
                ArithmeticException.class,
                "layers.1.mean: the gradient of a statistic is not finite: NaN at 0",
                Adam.of(1),
                new Gradients().set(weight, 1, 1).set(mean, Float.NaN));
    }

    @Test
    void aScheduleMustGiveARate() {
        assertNothingChanged(
                IllegalArgumentException.class,
                "Sgd: learning rate of step 0 must be finite and at least 0, but is NaN",
                Sgd.of(step -> Float.NaN),
                new Gradients().set(weight, 1, 1).set(mean, 1));
    }

    @Test
    void optionsOutsideTheirRangeAreNamed() {
        Schedule rate = Schedule.constant(1);
        Map.<String, Executable>ofEntries(
                        Map.entry("Sgd: learningRate must be finite and at least 0, but is -1.0", () -> Sgd.of(-1)),
                        Map.entry(
                                "Sgd: momentum must be in [0, 1), but is 1.0",
                                () -> Sgd.of(rate).withMomentum(1)),
                        Map.entry(
                                "Sgd: weightDecay must be finite and at least 0, but is -0.5",
                                () -> Sgd.of(rate).withWeightDecay(-.5f)),
                        Map.entry(
                                "Sgd: nesterov needs a momentum above 0, but momentum is 0.0: set the momentum first",
                                () -> Sgd.of(rate).withNesterov()),
                        Map.entry(
                                "Adam: learningRate must be finite and at least 0, but is NaN",
                                () -> Adam.of(Float.NaN)),
                        Map.entry(
                                "Adam: beta1 must be in [0, 1), but is NaN",
                                () -> Adam.of(rate).withBetas(Float.NaN, 0)),
                        Map.entry(
                                "Adam: beta2 must be in [0, 1), but is 1.5",
                                () -> Adam.of(rate).withBetas(0, 1.5f)),
                        Map.entry(
                                "Adam: epsilon must be finite and above 0, but is 0.0",
                                () -> Adam.of(rate).withEpsilon(0)),
                        Map.entry(
                                "Adam: weightDecay must be finite and at least 0, but is Infinity",
                                () -> Adam.of(rate).withWeightDecay(Float.POSITIVE_INFINITY)),
                        Map.entry("AdamW: learningRate must be finite and at least 0, but is -1.0", () -> AdamW.of(-1)),
                        Map.entry(
                                "AdamW: beta1 must be in [0, 1), but is -0.1",
                                () -> AdamW.of(rate).withBetas(-.1f, 0)),
                        Map.entry(
                                "AdamW: beta2 must be in [0, 1), but is 1.0",
                                () -> AdamW.of(rate).withBetas(0, 1)),
                        Map.entry(
                                "AdamW: epsilon must be finite and above 0, but is -1.0",
                                () -> AdamW.of(rate).withEpsilon(-1)),
                        Map.entry(
                                "AdamW: weightDecay must be finite and at least 0, but is -1.0",
                                () -> AdamW.of(rate).withWeightDecay(-1)),
                        Map.entry(
                                "RmsProp: learningRate must be finite and at least 0, but is -1.0",
                                () -> RmsProp.of(-1)),
                        Map.entry(
                                "RmsProp: alpha must be in [0, 1), but is 1.0",
                                () -> RmsProp.of(rate).withAlpha(1)),
                        Map.entry(
                                "RmsProp: epsilon must be finite and above 0, but is 0.0",
                                () -> RmsProp.of(rate).withEpsilon(0)),
                        Map.entry(
                                "RmsProp: momentum must be in [0, 1), but is -1.0",
                                () -> RmsProp.of(rate).withMomentum(-1)),
                        Map.entry(
                                "RmsProp: weightDecay must be finite and at least 0, but is -1.0",
                                () -> RmsProp.of(rate).withWeightDecay(-1)),
                        Map.entry(
                                "Adagrad: learningRate must be finite and at least 0, but is -1.0",
                                () -> Adagrad.of(-1)),
                        Map.entry(
                                "Adagrad: epsilon must be finite and above 0, but is 0.0",
                                () -> Adagrad.of(rate).withEpsilon(0)),
                        Map.entry(
                                "Adagrad: weightDecay must be finite and at least 0, but is -1.0",
                                () -> Adagrad.of(rate).withWeightDecay(-1)),
                        Map.entry(
                                "Adadelta: learningRate must be finite and at least 0, but is -1.0",
                                () -> Adadelta.of(-1)),
                        Map.entry(
                                "Adadelta: rho must be in [0, 1), but is 1.0",
                                () -> Adadelta.of(rate).withRho(1)),
                        Map.entry(
                                "Adadelta: epsilon must be finite and above 0, but is 0.0",
                                () -> Adadelta.of(rate).withEpsilon(0)),
                        Map.entry(
                                "Adadelta: weightDecay must be finite and at least 0, but is -1.0",
                                () -> Adadelta.of(rate).withWeightDecay(-1)),
                        Map.entry("Radam: learningRate must be finite and at least 0, but is -1.0", () -> Radam.of(-1)),
                        Map.entry(
                                "Radam: beta1 must be in [0, 1), but is 1.0",
                                () -> Radam.of(rate).withBetas(1, 0)),
                        Map.entry(
                                "Radam: beta2 must be in [0, 1), but is 1.0",
                                () -> Radam.of(rate).withBetas(0, 1)),
                        Map.entry(
                                "Radam: epsilon must be finite and above 0, but is 0.0",
                                () -> Radam.of(rate).withEpsilon(0)),
                        Map.entry(
                                "Radam: weightDecay must be finite and at least 0, but is -1.0",
                                () -> Radam.of(rate).withWeightDecay(-1)),
                        Map.entry(
                                "Adamax: learningRate must be finite and at least 0, but is -1.0", () -> Adamax.of(-1)),
                        Map.entry(
                                "Adamax: beta2 must be in [0, 1), but is 1.0",
                                () -> Adamax.of(rate).withBetas(0, 1)),
                        Map.entry(
                                "Adamax: epsilon must be finite and above 0, but is 0.0",
                                () -> Adamax.of(rate).withEpsilon(0)),
                        Map.entry(
                                "Adamax: weightDecay must be finite and at least 0, but is -1.0",
                                () -> Adamax.of(rate).withWeightDecay(-1)),
                        Map.entry("Lion: learningRate must be finite and at least 0, but is -1.0", () -> Lion.of(-1)),
                        Map.entry(
                                "Lion: beta1 must be in [0, 1), but is 1.0",
                                () -> Lion.of(rate).withBetas(1, 0)),
                        Map.entry(
                                "Lion: weightDecay must be finite and at least 0, but is -1.0",
                                () -> Lion.of(rate).withWeightDecay(-1)),
                        Map.entry("Lamb: learningRate must be finite and at least 0, but is -1.0", () -> Lamb.of(-1)),
                        Map.entry(
                                "Lamb: beta2 must be in [0, 1), but is 1.0",
                                () -> Lamb.of(rate).withBetas(0, 1)),
                        Map.entry(
                                "Lamb: epsilon must be finite and above 0, but is 0.0",
                                () -> Lamb.of(rate).withEpsilon(0)),
                        Map.entry(
                                "Lamb: weightDecay must be finite and at least 0, but is -1.0",
                                () -> Lamb.of(rate).withWeightDecay(-1)),
                        Map.entry("Nadam: learningRate must be finite and at least 0, but is -1.0", () -> Nadam.of(-1)),
                        Map.entry(
                                "Nadam: beta1 must be in [0, 1), but is 1.0",
                                () -> Nadam.of(rate).withBetas(1, 0)),
                        Map.entry(
                                "Nadam: beta2 must be in [0, 1), but is 1.0",
                                () -> Nadam.of(rate).withBetas(0, 1)),
                        Map.entry(
                                "Nadam: epsilon must be finite and above 0, but is 0.0",
                                () -> Nadam.of(rate).withEpsilon(0)),
                        Map.entry(
                                "Nadam: momentumDecay must be finite and at least 0, but is -1.0",
                                () -> Nadam.of(rate).withMomentumDecay(-1)),
                        Map.entry(
                                "Nadam: weightDecay must be finite and at least 0, but is -1.0",
                                () -> Nadam.of(rate).withWeightDecay(-1)))
                .forEach((message, call) -> assertEquals(
                        message,
                        assertThrows(IllegalArgumentException.class, call).getMessage()));
    }

    // ---- Rules and weight decay for some of the parameters ----

    private final Parameter bias = Parameter.of(Shape.of(1), 1);

    private Map<String, Parameter> encoderAndHead() {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        parameters.put("encoder.weight", weight);
        parameters.put("encoder.mean", mean);
        parameters.put("head.bias", bias);
        return parameters;
    }

    @Test
    void someParametersFollowAnotherRule() {
        Rule slow = Sgd.of(Schedule.steps(.25f, 1, .5f)).withMomentum(.5f);
        Optimizer optimizer =
                Optimizer.of(encoderAndHead(), Sgd.of(1)).withRule((name, p) -> name.startsWith("encoder."), slow);
        Gradients gradients = new Gradients().set(weight, 1, 0).set(mean, 0).set(bias, 1);
        optimizer.step(gradients);
        assertArrayEquals(new float[] {.75f, 2}, weight.data());
        assertArrayEquals(new float[] {0}, bias.data());
        optimizer.step(gradients); // velocity 1.5 at rate 0.125
        assertArrayEquals(new float[] {.75f - 1.5f / 8, 2}, weight.data());
        assertArrayEquals(new float[] {-1}, bias.data());
        assertEquals(slow, optimizer.rule("encoder.weight"));
        assertEquals(Sgd.of(1), optimizer.rule("head.bias"));
        assertEquals(Sgd.of(1), optimizer.rule());
        assertEquals(
                "[encoder.weight.velocity] [steps, encoder.weight.steps, head.bias.steps]", names(optimizer.state()));
        assertEquals(
                "Optimizer of 3 parameters, " + Sgd.of(1) + ", 1 of them by " + slow + ", step 2",
                optimizer.toString());
    }

    @Test
    void someParametersAreSparedWeightDecay() {
        Parameter matrix = Parameter.full(Shape.of(1, 2), 1);
        Map<String, Parameter> parameters = new LinkedHashMap<>(encoderAndHead());
        parameters.put("head.weight", matrix);
        Optimizer optimizer = Optimizer.of(parameters, AdamW.of(.1f).withWeightDecay(.5f))
                .withRule((name, p) -> name.startsWith("head."), Sgd.of(.1f).withWeightDecay(1))
                .withoutWeightDecay((name, p) -> p.shape().rank() < 2);
        optimizer.step(
                new Gradients().set(weight, 0, 0).set(mean, 0).set(bias, 0).set(matrix, 0, 0));
        assertArrayEquals(new float[] {1, 2}, weight.data());
        assertArrayEquals(new float[] {1}, bias.data());
        assertArrayEquals(new float[] {.9f, .9f}, matrix.data(), ROUNDING);
        assertTrue(weight.weightDecay(), "it is this optimizer that spares it");
    }

    @Test
    void aGroupThatIsNoneIsNamed() {
        Optimizer optimizer = Optimizer.of(encoderAndHead(), Sgd.of(1));
        String among = ": no such parameter among [encoder.weight, encoder.mean, head.bias]";
        Map.<String, Executable>of(
                        "withRule" + among,
                        () -> optimizer.withRule((name, p) -> name.startsWith("encoder_"), Adam.of(1)),
                        "withoutWeightDecay" + among,
                        () -> optimizer.withoutWeightDecay((name, p) -> name.endsWith("shift")),
                        "withRule: head.bias has a rule of its own already: " + Adam.of(1),
                        () -> optimizer
                                .withRule((name, p) -> name.startsWith("head."), Adam.of(1))
                                .withRule((name, p) -> name.endsWith("bias"), Adam.of(2)),
                        "optimizer: no parameter is called head",
                        () -> optimizer.rule("head"))
                .forEach((message, call) -> assertEquals(
                        message,
                        assertThrows(IllegalArgumentException.class, call).getMessage()));
        // A statistic keeps its own update, so that a rule for it alone would be a rule for nothing.
        assertThrows(
                IllegalArgumentException.class,
                () -> optimizer.withRule((name, p) -> name.equals("encoder.mean"), Adam.of(1)));
        optimizer.step(new Gradients().set(weight, 1, 0).set(mean, 0).set(bias, 1));
        assertEquals(
                "withRule: must come before the first step, but 1 were made",
                assertThrows(IllegalStateException.class, () -> optimizer.withRule((name, p) -> true, Adam.of(1)))
                        .getMessage());
        assertEquals(
                "withoutWeightDecay: must come before the first step, but 1 were made",
                assertThrows(IllegalStateException.class, () -> optimizer.withoutWeightDecay((name, p) -> true))
                        .getMessage());
    }

    @Test
    void theRatesOfAllRulesAreCheckedBeforeAnythingIsChanged() {
        Optimizer optimizer = Optimizer.of(encoderAndHead(), Sgd.of(1))
                .withRule((name, p) -> name.startsWith("head."), Sgd.of(step -> -1));
        var e = assertThrows(
                IllegalArgumentException.class,
                () -> optimizer.step(
                        new Gradients().set(weight, 1, 0).set(mean, 0).set(bias, 1)));
        assertEquals("Sgd: learning rate of step 0 must be finite and at least 0, but is -1.0", e.getMessage());
        assertArrayEquals(new float[] {1, 2}, weight.data());
    }

    @Test
    void trustIsThatOfTheWholeParameterAndNoneWithoutWeightDecay() {
        Optimizer.of(encoderAndHead(), Lamb.of(.1f))
                .withoutWeightDecay((name, p) -> name.endsWith("bias"))
                .step(new Gradients().set(weight, 1, -1).set(mean, 0).set(bias, 1));
        float trust = (float) Math.sqrt(5 / 2.0); // the first change of Adam is the sign of the gradient
        assertArrayEquals(new float[] {1 - .1f * trust, 2 + .1f * trust}, weight.data(), 3e-6f); // epsilon is 1e-6
        assertArrayEquals(new float[] {.9f}, bias.data(), 3e-6f);
    }

    // ---- Resuming ----

    @Test
    void groupsAndPlateausAreResumed() {
        Parameter weight2 = Parameter.of(Shape.of(2), 1, 2);
        Parameter bias2 = Parameter.of(Shape.of(1), 1);
        float[] losses = {3, 2, 2.5f, 2.2f, 2.1f, 2, 1, 1, 1};
        ReduceOnPlateau[] plateaus = new ReduceOnPlateau[3];
        Optimizer[] optimizers = new Optimizer[3]; // the whole run, and its two parts
        for (int run = 0; run < 3; run++) {
            plateaus[run] = ReduceOnPlateau.of(.5f).withPatience(1).withFactor(.5f);
            Schedule warm = plateaus[run].withWarmUp(4, .5f);
            Map<String, Parameter> parameters = new LinkedHashMap<>();
            parameters.put("weight", run == 0 ? weight : weight2);
            parameters.put("bias", run == 0 ? bias : bias2);
            optimizers[run] = Optimizer.of(parameters, Adam.of(.1f))
                    .withRule((name, p) -> name.equals("bias"), Sgd.of(warm).withMomentum(.9f));
        }
        for (int i = 0; i < losses.length; i++) {
            if (i == 5) {
                optimizers[2].resume(optimizers[1].state());
            }
            int part = i < 5 ? 1 : 2;
            plateaus[0].observe(losses[i]);
            plateaus[part].observe(losses[i]);
            optimizers[0].step(new Gradients().set(weight, i, -1).set(bias, 1));
            optimizers[part].step(new Gradients().set(weight2, i, -1).set(bias2, 1));
        }
        assertArrayEquals(weight.data(), weight2.data());
        assertArrayEquals(bias.data(), bias2.data());
        assertTrue(plateaus[2].reductions() > 1);
        assertEquals(plateaus[0].reductions(), plateaus[2].reductions());
        assertEquals(plateaus[0].best(), plateaus[2].best());
        assertArrayEquals(new float[] {1}, optimizers[2].state().arrays().get("rule.1.learningRate.best"));
        State state = optimizers[2].state();
        var counts = new LinkedHashMap<>(state.counts());
        counts.remove("rule.1.learningRate.waited");
        var e = assertThrows(
                IllegalArgumentException.class, () -> optimizers[2].resume(new State(state.arrays(), counts)));
        assertEquals("resume: rule.1.learningRate.waited is missing", e.getMessage());
        assertEqual(state, optimizers[2].state());
    }

    /** A float would have lost the last steps of each of these counts. */
    @Test
    void countsThatNoFloatHoldsAreResumed() {
        long many = (1L << 24) + 1;
        long most = Long.MAX_VALUE - 1;
        Optimizer optimizer = Optimizer.of(Map.of("weight", weight), Adam.of(1));
        State state = new State(
                Map.of("weight.average", new float[2], "weight.squareAverage", new float[2]),
                Map.of("steps", most, "weight.steps", many));
        optimizer.resume(state);
        assertEqual(state, optimizer.state());
        optimizer.step(new Gradients().set(weight, 1, 1));
        assertEquals(most + 1, optimizer.steps());
        assertEquals(many + 1, optimizer.state().counts().get("weight.steps"));
    }

    @Test
    void aCheckpointMustFit() {
        Optimizer optimizer = Optimizer.of(Map.of("weight", weight), Sgd.of(1).withMomentum(.5f));
        float[] one = new float[1];
        Map<String, float[]> many = new LinkedHashMap<>();
        IntStream.range(0, 20).forEach(i -> many.put("slot" + i, one));
        Map.of(
                        "resume: steps is missing",
                        State.none(),
                        "resume: steps must be at least 0, but is -1",
                        new State(Map.of(), Map.of("steps", -1L)),
                        "resume: weight.velocity is missing, bias.velocity is unknown, bias.steps is unknown",
                        new State(
                                Map.of("bias.velocity", one),
                                Map.of("steps", 1L, "weight.steps", 1L, "bias.steps", 1L)),
                        "resume: weight.velocity has another length (1 != 2)",
                        new State(Map.of("weight.velocity", one), Map.of("steps", 1L, "weight.steps", 1L)),
                        "resume: slot0 is unknown, slot1 is unknown, slot2 is unknown, slot3 is unknown, slot4 is unknown,"
                                + " slot5 is unknown, slot6 is unknown, slot7 is unknown, slot8 is unknown,"
                                + " slot9 is unknown and 10 more",
                        new State(many, Map.of("steps", 1L)))
                .forEach((message, state) -> assertEquals(
                        message,
                        assertThrows(IllegalArgumentException.class, () -> optimizer.resume(state))
                                .getMessage()));
        assertEquals("[] [steps]", names(optimizer.state()));
        assertEquals(0, optimizer.steps());
    }

    private static String names(State state) {
        return state.arrays().keySet() + " " + state.counts().keySet();
    }

    private static void assertEqual(State expected, State actual) {
        assertEquals(expected.counts(), actual.counts());
        assertEquals(expected.arrays().keySet(), actual.arrays().keySet());
        expected.arrays()
                .forEach((name, array) ->
                        assertArrayEquals(array, actual.arrays().get(name), name));
    }

    @Test
    void saysWhatItIs() {
        Optimizer optimizer = Optimizer.of(Map.of("weight", weight), Adagrad.of(.5f));
        assertEquals(
                "Optimizer of 1 parameters, Adagrad[learningRate=ConstantSchedule[rate=0.5], epsilon=1.0E-10,"
                        + " weightDecay=0.0], step 0",
                optimizer.toString());
    }
}
