package org.jauss.layers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jauss.layers.GaussianNormOptions.Parametrization;
import org.jauss.layers.GaussianNormOptions.Reduction;
import org.jauss.layers.GaussianNormOptions.Statistics;
import org.jauss.losses.CrossEntropyLoss;
import org.jauss.optimizers.Optimizer;
import org.jauss.optimizers.Sgd;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Padding;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * {@link GaussianNormLayer} against a float64 reference: layers, data-dependent initialisation, robust updates and
 * training trajectories. {@code -Dgaussian.golden=FILE} runs another file of the same form. Its images are
 * {@code [N, C, H, W]} and its linear weights {@code [out, in]}; both are turned around here.
 */
class GaussianNormGoldenTest {
    /** Relative to the largest magnitude of an array: some hundred roundings of a float, 6e-8 each. */
    private static final double TOLERANCE = 1e-5;

    private static final Pattern LINEAR = Pattern.compile("(\\d+) Linear (\\d+)->(\\d+)( no bias)?");
    private static final Pattern NORM = Pattern.compile("(\\d+) BlN (\\d+)");
    private static final Pattern LEAKY_RELU = Pattern.compile("(\\d+) LeakyReLU slope ([\\d.]+)");
    private static final Pattern TANH = Pattern.compile("(\\d+) tanh");
    private static final Pattern CONV = Pattern.compile("(\\d+) Conv (\\d+)->(\\d+) 3x3 pad 1 stride 1 .*");
    private static final Pattern MAX_POOL = Pattern.compile("(\\d+) MaxPool 2x2 stride 2");
    private static final Pattern FLATTEN = Pattern.compile("(\\d+) flatten C,H,W order");
    private static final Pattern OPTIONS = Pattern.compile("param (\\w+), reduction (\\w+)");

    private static int passed;
    private static int failed;
    private static final List<String> UNSUPPORTED = new ArrayList<>();

    @TestFactory
    Stream<DynamicTest> golden() throws IOException {
        JsonNode file = read();
        assertEquals("bln-golden-1", file.get("format").asText());
        var tests = new ArrayList<DynamicTest>();
        add(tests, "layer", file.get("layer_cases"), this::layer);
        add(tests, "initialisation", file.get("init_cases"), this::initialisation);
        add(tests, "robust", file.get("robust_cases"), this::robust);
        add(tests, "trajectory", file.get("trajectories"), this::trajectory);
        assertFalse(tests.isEmpty(), "no cases");
        return tests.stream();
    }

    @AfterAll
    static void report() {
        System.out.printf(
                "gaussian golden: %d passed, %d failed, %d unsupported %s%n",
                passed, failed, UNSUPPORTED.size(), UNSUPPORTED);
    }

    private static JsonNode read() throws IOException {
        String other = System.getProperty("gaussian.golden");
        try (InputStream in = other == null
                ? GaussianNormGoldenTest.class.getResourceAsStream("/gaussian-norm/golden.json")
                : Files.newInputStream(Path.of(other))) {
            return new ObjectMapper().readTree(in);
        }
    }

    private static void add(List<DynamicTest> tests, String group, JsonNode cases, Consumer<JsonNode> check) {
        for (JsonNode c : cases) {
            String name = group + "/" + c.get("name").asText();
            tests.add(DynamicTest.dynamicTest(name, () -> {
                try {
                    check.accept(c);
                    passed++;
                } catch (UnsupportedOperationException e) {
                    UNSUPPORTED.add(name + " (" + e.getMessage() + ")");
                } catch (AssertionError | RuntimeException e) {
                    failed++;
                    throw e;
                }
            }));
        }
    }

    private void layer(JsonNode c) {
        JsonNode config = c.get("config");
        assertEquals(1e-5, config.get("eps").asDouble());
        GaussianNormOptions options = GaussianNormOptions.paper()
                .withParametrization(parametrization(config.get("param").asText()))
                .withReduction(reduction(config.get("reduction").asText()))
                .withGauge(config.get("gauge").asBoolean())
                .withAffine(config.get("affine").asBoolean())
                .withWeight((float) config.get("lam").asDouble())
                .withFloors((float) config.get("var_floor").asDouble(), 0);
        Run run = run(c, options);
        check(c, "y", run.y);
        check(c.get("grad"), "x", run.of(run.input));
        check(c.get("grad"), "mu", run.of(run.layer.mean()));
        check(c.get("grad"), "rho", run.of(run.layer.spread()));
        if (options.affine()) {
            check(c.get("grad"), "gamma", run.of(run.layer.scale()));
            check(c.get("grad"), "beta", run.of(run.layer.shift()));
        }
        close("nll", c.get("nll").asDouble(), run.likelihood);
        close("nll without gauge", c.get("nll_without_gauge").asDouble(), run(c, options.withGauge(false)).likelihood);
        check(c, "z", run(c, options.withAffine(false)).y);
        float[] sigma = run.layer.std();
        JsonNode expected = c.get("sigma_used").get("data");
        for (int j = 0; j < sigma.length; j++) {
            close("sigma_used", Math.abs(expected.get(j).asDouble()), sigma[j]);
        }
        Run natural = run(c, options.withStatistics(Statistics.NATURAL));
        check(c.get("natural_grad"), "mu", natural.of(natural.layer.mean()));
        check(c.get("natural_grad"), "rho", natural.of(natural.layer.spread()));
    }

    private void initialisation(JsonNode c) {
        float kappa = (float) c.get("kappa").asDouble();
        Tensor x = tensor(c.get("x"));
        var layer = GaussianNormLayer.of(
                x.shape().dim(-1), GaussianNormOptions.robust().withFloors(0, kappa));
        var batches = new ArrayList<Tensor>();
        int from = 0;
        for (JsonNode size : c.get("batches")) {
            batches.add(x.rows(from, from + size.asInt()));
            from += size.asInt();
        }
        assertEquals(1, GaussianNormLayer.initialize(layer, batches));
        check(c, "mu", layer.mean().data());
        check(c, "sigma", layer.std());
        check(c, "log_sigma", layer.spread().data());
        check(c, "var_floor", layer.varianceFloor().data());
    }

    private void robust(JsonNode c) {
        double clip = c.get("zclip").asDouble();
        GaussianNormOptions options = GaussianNormOptions.robust()
                .withRate((float) c.get("rate").asDouble())
                .withZLimit(clip == 0 ? Float.POSITIVE_INFINITY : (float) clip)
                .withFloors((float) c.get("var_floor").asDouble(), 0);
        Run run = run(c, options);
        check(c, "y", run.y);
        check(c, "grad_x", run.of(run.input));
        check(c, "grad_gamma", run.of(run.layer.scale()));
        check(c, "grad_beta", run.of(run.layer.shift()));
        var parameters = new LinkedHashMap<>(run.layer.parameters());
        parameters.put("x", run.input);
        Optimizer.of(parameters, Sgd.of(.1f)).step(run.gradients);
        check(c, "mu_new", run.layer.mean().data());
        check(c, "log_sigma_new", run.layer.spread().data());
    }

    private record Run(GaussianNormLayer layer, Parameter input, float[] y, double likelihood, Gradients gradients) {
        float[] of(Parameter parameter) {
            return gradients.of(parameter);
        }
    }

    /** One forward and backward pass of sum(y grad_y) plus the likelihood. */
    private static Run run(JsonNode c, GaussianNormOptions options) {
        Tensor data = tensor(c.get("x"));
        var layer = GaussianNormLayer.of(data.shape().dim(-1), options);
        layer.mean().set(values(c.get("mu")));
        layer.spread().set(values(c.get(c.has("rho") ? "rho" : "log_sigma")));
        if (options.affine()) {
            layer.scale().set(values(c.get("gamma")));
            layer.shift().set(values(c.get("beta")));
        }
        Parameter input = Parameter.of(data.shape(), data.toArray());
        try (var pass = Pass.training(Rng.of(0))) {
            Tensor y = layer.forward(pass.use(input));
            double likelihood = pass.losses().stream()
                    .mapToDouble(term -> term.weight() * term.value())
                    .sum();
            Gradients gradients = pass.backward(y.mul(tensor(c.get("grad_y"))).sum());
            return new Run(layer, input, y.toArray(), likelihood, gradients);
        }
    }

    private void trajectory(JsonNode c) {
        boolean natural = c.get("natural").asBoolean();
        GaussianNormOptions options =
                GaussianNormOptions.paper().withFloors(0, (float) c.get("kappa").asDouble());
        if (natural) {
            options = options.withReduction(Reduction.SUM)
                    .withStatistics(Statistics.NATURAL)
                    .withRate((float) c.get("stat_lr").asDouble());
        } else {
            assertEquals(c.get("lr").asDouble(), c.get("stat_lr").asDouble());
        }
        for (JsonNode text : c.get("layers")) {
            Matcher matcher = OPTIONS.matcher(text.asText());
            if (matcher.matches()) {
                options = options.withParametrization(parametrization(matcher.group(1)))
                        .withReduction(reduction(matcher.group(2)));
            }
        }
        Sequential model = model(c.get("layers"), options);
        Tensor x = tensor(c.get("x"));
        IntTensor labels = IntTensor.of(new ObjectMapper().convertValue(c.get("labels"), int[].class));
        set(model, c.get("params_before_data_init"));
        if (c.get("data_init").asBoolean()) {
            GaussianNormLayer.initialize(model, List.of(x));
        }
        checkParameters(model, c.get("params_start"));
        Optimizer optimizer =
                Optimizer.of(model.parameters(), Sgd.of((float) c.get("lr").asDouble()));
        for (JsonNode step : c.get("steps")) {
            try (var pass = Pass.training(Rng.of(0))) {
                Tensor loss = CrossEntropyLoss.of().of(model.forward(pass.input(x)), labels);
                close("cross entropy", step.get("cross_entropy").asDouble(), loss.item());
                double likelihood = pass.losses().stream()
                        .mapToDouble(term -> term.weight() * term.value())
                        .sum();
                close("nll", step.get("nll").asDouble(), likelihood);
                Gradients gradients = pass.backward(loss);
                if (!natural) {
                    checkGradients(model, step.get("grad"), gradients);
                }
                optimizer.step(gradients);
            }
            checkParameters(model, step.get("params_after"));
        }
        check(c, "logits_after", model.forward(x).toArray());
    }

    private static Sequential model(JsonNode texts, GaussianNormOptions options) {
        var layers = new ArrayList<Layer>();
        for (JsonNode node : texts) {
            String text = node.asText();
            Matcher linear = LINEAR.matcher(text);
            Matcher norm = NORM.matcher(text);
            Matcher leakyRelu = LEAKY_RELU.matcher(text);
            Matcher conv = CONV.matcher(text);
            if (conv.matches()) {
                int in = Integer.parseInt(conv.group(2));
                layers.add(Conv2dLayer.of(in, Integer.parseInt(conv.group(3)), 3, Rng.of(0))
                        .withPadding(Padding.same()));
            } else if (MAX_POOL.matcher(text).matches()) {
                layers.add(MaxPool2dLayer.of(2));
            } else if (FLATTEN.matcher(text).matches()) {
                layers.add(x -> x.permute(0, 3, 1, 2).flatten(1));
            } else if (linear.matches()) {
                var layer =
                        LinearLayer.of(Integer.parseInt(linear.group(2)), Integer.parseInt(linear.group(3)), Rng.of(0));
                layers.add(linear.group(4) == null ? layer : layer.withoutBias());
            } else if (norm.matches()) {
                layers.add(GaussianNormLayer.of(Integer.parseInt(norm.group(2)), options));
            } else if (leakyRelu.matches()) {
                layers.add(ActivationLayer.leakyRelu(Float.parseFloat(leakyRelu.group(2))));
            } else if (TANH.matcher(text).matches()) {
                layers.add(ActivationLayer.tanh());
            } else if (!OPTIONS.matcher(text).matches()) {
                throw new UnsupportedOperationException(text);
            }
        }
        return new Sequential(layers);
    }

    /** The parameters of a model under the names of the golden file. */
    private static Map<String, Parameter> named(Sequential model) {
        var names = new LinkedHashMap<String, Parameter>();
        model.parameters().forEach((name, parameter) -> {
            String golden = name.replace("layers.", "")
                    .replace("mean", "mu")
                    .replaceFirst("logStd|inverseStd|std", "rho")
                    .replace("scale", "gamma")
                    .replace("shift", "beta");
            names.put(golden, parameter);
        });
        return names;
    }

    private static void set(Sequential model, JsonNode values) {
        var parameters = named(model);
        values.fieldNames().forEachRemaining(name -> parameters.get(name).set(values(values.get(name))));
    }

    private static void checkParameters(Sequential model, JsonNode expected) {
        var parameters = named(model);
        expected.fieldNames()
                .forEachRemaining(
                        name -> check(expected, name, parameters.get(name).data()));
    }

    private static void checkGradients(Sequential model, JsonNode expected, Gradients gradients) {
        var parameters = named(model);
        expected.fieldNames().forEachRemaining(name -> check(expected, name, gradients.of(parameters.get(name))));
    }

    private static Parametrization parametrization(String name) {
        return Parametrization.valueOf(name.toUpperCase(Locale.ROOT));
    }

    private static Reduction reduction(String name) {
        return Reduction.valueOf(name.toUpperCase(Locale.ROOT));
    }

    private static Tensor stored(JsonNode node) {
        var mapper = new ObjectMapper();
        int[] dims = mapper.convertValue(node.get("shape"), int[].class);
        return Tensor.of(Shape.of(dims), mapper.convertValue(node.get("data"), float[].class));
    }

    /** A tensor with the features last. */
    private static Tensor tensor(JsonNode node) {
        Tensor stored = stored(node);
        return stored.shape().rank() == 4 ? stored.permute(0, 2, 3, 1) : stored;
    }

    /** A parameter in our layout: weights are stored as [out, in] or [out, in, KH, KW]. */
    private static float[] values(JsonNode node) {
        Tensor stored = stored(node);
        return switch (stored.shape().rank()) {
            case 2 -> stored.transpose(0, 1).toArray();
            case 4 -> stored.permute(2, 3, 1, 0).toArray();
            default -> stored.toArray();
        };
    }

    private static void check(JsonNode parent, String name, float[] actual) {
        JsonNode node = parent.get(name);
        boolean weight = name.endsWith("weight");
        float[] expected = weight ? values(node) : tensor(node).toArray();
        assertEquals(expected.length, actual.length, name);
        double largest = 1e-2; // a sum that vanishes, as at an optimum, keeps the rounding of terms of order 1
        for (float e : expected) {
            largest = Math.max(largest, Math.abs(e));
        }
        for (int i = 0; i < expected.length; i++) {
            if (!(Math.abs(expected[i] - actual[i]) <= TOLERANCE * largest)) {
                fail("%s[%d]: expected %s, but was %s (largest %s)"
                        .formatted(name, i, expected[i], actual[i], largest));
            }
        }
    }

    private static void close(String name, double expected, double actual) {
        assertEquals(expected, actual, TOLERANCE * Math.max(1, Math.abs(expected)), name);
    }
}
