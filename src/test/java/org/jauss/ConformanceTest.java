package org.jauss;

import static java.util.Map.entry;
import static org.jauss.ConformanceCase.single;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jauss.ConformanceCase.Operation;
import org.jauss.layers.BatchNormLayer;
import org.jauss.layers.EmbeddingLayer;
import org.jauss.layers.GroupNormLayer;
import org.jauss.layers.GruLayer;
import org.jauss.layers.InstanceNormLayer;
import org.jauss.layers.LayerNormLayer;
import org.jauss.layers.LinearLayer;
import org.jauss.layers.LstmLayer;
import org.jauss.layers.MultiHeadAttentionLayer;
import org.jauss.layers.RecurrentLayer;
import org.jauss.layers.RecurrentWeights;
import org.jauss.layers.ReflectionPadLayer;
import org.jauss.layers.RmsNormLayer;
import org.jauss.layers.RnnLayer;
import org.jauss.layers.ZeroPadLayer;
import org.jauss.losses.BinaryCrossEntropyLoss;
import org.jauss.losses.BinaryFocalLoss;
import org.jauss.losses.CosineEmbeddingLoss;
import org.jauss.losses.CrossEntropyLoss;
import org.jauss.losses.CtcLoss;
import org.jauss.losses.CtcTarget;
import org.jauss.losses.FocalLoss;
import org.jauss.losses.GaussianNllLoss;
import org.jauss.losses.HingeLoss;
import org.jauss.losses.HuberLoss;
import org.jauss.losses.KlDivergenceLoss;
import org.jauss.losses.Loss;
import org.jauss.losses.MeanAbsoluteErrorLoss;
import org.jauss.losses.MeanSquaredErrorLoss;
import org.jauss.losses.MultiMarginLoss;
import org.jauss.losses.Reduction;
import org.jauss.losses.SoftCrossEntropyLoss;
import org.jauss.losses.TripletMarginLoss;
import org.jauss.optimizers.Adadelta;
import org.jauss.optimizers.Adagrad;
import org.jauss.optimizers.Adam;
import org.jauss.optimizers.AdamW;
import org.jauss.optimizers.Adamax;
import org.jauss.optimizers.Lamb;
import org.jauss.optimizers.Lion;
import org.jauss.optimizers.Nadam;
import org.jauss.optimizers.Optimizer;
import org.jauss.optimizers.Radam;
import org.jauss.optimizers.ReduceOnPlateau;
import org.jauss.optimizers.RmsProp;
import org.jauss.optimizers.Rule;
import org.jauss.optimizers.Schedule;
import org.jauss.optimizers.Sgd;
import org.jauss.tensor.AttentionOptions;
import org.jauss.tensor.Gradients;
import org.jauss.tensor.Index;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Interpolation;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Recurrence;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.opentest4j.TestAbortedException;

/**
 * Runs golden cases made by PyTorch against the public API: all {@code *.json} of the folder named by the system
 * property {@code conformance.dir}, by default those in the test resources. A case whose op, attribute or input is not
 * in the table is unsupported: it is skipped and counted.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ConformanceTest {
    private static final Map<String, Operation> OPERATIONS = Map.ofEntries(
            // Element-wise
            binary("add", Tensor::add),
            binary("sub", Tensor::sub),
            binary("mul", Tensor::mul),
            binary("div", Tensor::div),
            binary("maximum", Tensor::maximum),
            binary("minimum", Tensor::minimum),
            unary("neg", Tensor::neg),
            unary("exp", Tensor::exp),
            unary("log", Tensor::log),
            unary("sqrt", Tensor::sqrt),
            unary("rsqrt", Tensor::rsqrt),
            unary("square", Tensor::square),
            unary("reciprocal", Tensor::reciprocal),
            unary("abs", Tensor::abs),
            unary("tanh", Tensor::tanh),
            unary("sigmoid", Tensor::sigmoid),
            unary("relu", Tensor::relu),
            unary("silu", Tensor::silu),
            unary("softplus", Tensor::softplus),
            unary("gelu", Tensor::gelu),
            unary("gelu_tanh", Tensor::geluTanh),
            unary("sin", Tensor::sin),
            unary("cos", Tensor::cos),
            unary("erf", Tensor::erf),
            unary("log1p", Tensor::log1p),
            unary("expm1", Tensor::expm1),
            unary("mish", Tensor::mish),
            unary("hardswish", Tensor::hardswish),
            op("leaky_relu", c -> c.tensor("x").leakyRelu(c.number("slope"))),
            op("elu", c -> c.tensor("x").elu(c.number("alpha"))),
            op("pow", c -> c.tensor("x").pow(c.number("exponent"))),
            op(
                    "clamp",
                    c -> c.tensor("x")
                            .clamp(
                                    c.number("min", Double.NEGATIVE_INFINITY),
                                    c.number("max", Double.POSITIVE_INFINITY))),
            op("where", c -> Tensor.where(c.ints("condition"), c.tensor("a"), c.tensor("b"))),
            // Reductions
            op("sum", c -> c.tensor("x").sum(c.flag("keepdims"), c.integers("axes"))),
            op("mean", c -> c.tensor("x").mean(c.flag("keepdims"), c.integers("axes"))),
            op("var", c -> c.tensor("x").var(c.integer("correction"), c.flag("keepdims"), c.integers("axes"))),
            op("amax", c -> c.tensor("x").max(c.flag("keepdims"), c.integers("axes"))),
            op("amin", c -> c.tensor("x").min(c.flag("keepdims"), c.integers("axes"))),
            op("logsumexp", c -> c.tensor("x").logSumExp(c.flag("keepdims"), c.integers("axes"))),
            op("softmax", c -> c.tensor("x").softmax(c.integer("axis"))),
            op("log_softmax", c -> c.tensor("x").logSoftmax(c.integer("axis"))),
            op("cumsum", c -> c.tensor("x").cumsum(c.integer("axis"))),
            // Matrix products
            binary("matmul", Tensor::matmul),
            // Shape
            op("reshape", c -> c.tensor("x").reshape(c.integers("shape"))),
            op("permute", c -> c.tensor("x").permute(c.integers("axes"))),
            op("transpose", ConformanceTest::transpose),
            op("slice", ConformanceTest::slice),
            op("concat", c -> Tensor.concat(c.integer("axis"), c.tensors())),
            op("stack", c -> Tensor.stack(c.integer("axis"), c.tensors())),
            op("broadcast_to", c -> c.tensor("x").broadcastTo(c.integers("shape"))),
            op("squeeze", c -> c.tensor("x").squeeze(c.integer("axis"))),
            op("flip", c -> c.tensor("x").flip(c.integer("axis"))),
            op("pad", c -> c.tensor("x").pad(c.integers("before"), c.integers("after"), c.number("value", 0))),
            op("take", c -> c.tensor("x").take(c.ints("indices"), c.integer("axis"))),
            op("masked_fill", c -> c.tensor("x").maskedFill(c.ints("mask"), c.number("value"))),
            // Losses
            op("cross_entropy", ConformanceTest::crossEntropy),
            loss("mse", c -> new MeanSquaredErrorLoss(reduction(c)), "prediction"),
            loss("l1", c -> new MeanAbsoluteErrorLoss(reduction(c)), "prediction"),
            loss("huber", c -> new HuberLoss(reduction(c), c.number("delta", 1)), "prediction"),
            loss("bce_with_logits", c -> new BinaryCrossEntropyLoss(reduction(c), c.numbers("pos_weight")), "logits"),
            loss("kl_div", c -> new KlDivergenceLoss(reduction(c)), "log_probabilities"),
            op("gaussian_nll", ConformanceTest::gaussianNll),
            loss("sigmoid_focal", ConformanceTest::sigmoidFocal, "logits"),
            op("softmax_focal", ConformanceTest::softmaxFocal),
            loss(
                    "hinge",
                    c -> new HingeLoss(reduction(c), c.number("margin", 1), c.integer("p", 1) == 2),
                    "prediction"),
            op("multi_margin", ConformanceTest::multiMargin),
            op("cosine_embedding", ConformanceTest::cosineEmbedding),
            op("triplet_margin", ConformanceTest::tripletMargin),
            op("ctc", ConformanceTest::ctc),
            // Layers
            op(
                    "linear",
                    c -> new LinearLayer(c.parameter("kernel"), c.has("bias") ? c.parameter("bias") : null)
                            .forward(c.tensor("x"))),
            op("batch_norm", ConformanceTest::batchNorm),
            op(
                    "layer_norm",
                    c -> new LayerNormLayer(optional(c, "gamma"), optional(c, "beta"), c.number("epsilon"))
                            .forward(c.tensor("x"))),
            op(
                    "rms_norm",
                    c -> new RmsNormLayer(optional(c, "gamma"), c.number("epsilon", Math.ulp(1f)))
                            .forward(c.tensor("x"))),
            op(
                    "group_norm",
                    c -> new GroupNormLayer(
                                    c.integer("groups"), optional(c, "gamma"), optional(c, "beta"), c.number("epsilon"))
                            .forward(c.tensor("x"))),
            op(
                    "instance_norm",
                    c -> new InstanceNormLayer(optional(c, "gamma"), optional(c, "beta"), c.number("epsilon"))
                            .forward(c.tensor("x"))),
            // Sequences
            op(
                    "embedding",
                    c -> new EmbeddingLayer(c.parameter("table"), c.integer("padding_idx", -1))
                            .forward(c.pass().input(c.ints("indices").toTensor()))),
            entry("rnn", c -> recurrent(c, rnn(c), "h")),
            entry("lstm", c -> recurrent(c, new LstmLayer(weights(c), List.of(), 0), "i", "f", "g", "o")),
            entry("gru", c -> recurrent(c, new GruLayer(weights(c), List.of(), 0), "r", "z", "n")),
            op("scaled_dot_product_attention", ConformanceTest::attention),
            op("multi_head_attention", ConformanceTest::multiHeadAttention),
            // Convolution and its kin
            op("conv1d", c -> ConvolutionCases.conv(c, 1)),
            op("conv2d", c -> ConvolutionCases.conv(c, 2)),
            op("conv3d", c -> ConvolutionCases.conv(c, 3)),
            op("depthwise_conv2d", c -> ConvolutionCases.conv(c, 2)),
            op("separable_conv2d", ConvolutionCases::separable),
            op("conv_transpose1d", c -> ConvolutionCases.convTranspose(c, 1)),
            op("conv_transpose2d", c -> ConvolutionCases.convTranspose(c, 2)),
            op("conv_transpose3d", c -> ConvolutionCases.convTranspose(c, 3)),
            op("max_pool1d", c -> ConvolutionCases.maxPool(c, 1)),
            op("max_pool2d", c -> ConvolutionCases.maxPool(c, 2)),
            op("max_pool3d", c -> ConvolutionCases.maxPool(c, 3)),
            op("avg_pool1d", c -> ConvolutionCases.avgPool(c, 1)),
            op("avg_pool2d", c -> ConvolutionCases.avgPool(c, 2)),
            op("avg_pool3d", c -> ConvolutionCases.avgPool(c, 3)),
            op("global_avg_pool1d", ConvolutionCases::globalAvgPool),
            op("global_avg_pool2d", ConvolutionCases::globalAvgPool),
            op("global_avg_pool3d", ConvolutionCases::globalAvgPool),
            op("global_max_pool1d", ConvolutionCases::globalMaxPool),
            op("global_max_pool2d", ConvolutionCases::globalMaxPool),
            op("global_max_pool3d", ConvolutionCases::globalMaxPool),
            op("adaptive_avg_pool1d", c -> ConvolutionCases.adaptiveAvgPool(c, 1)),
            op("adaptive_avg_pool2d", c -> ConvolutionCases.adaptiveAvgPool(c, 2)),
            op("adaptive_avg_pool3d", c -> ConvolutionCases.adaptiveAvgPool(c, 3)),
            op("adaptive_max_pool1d", c -> ConvolutionCases.adaptiveMaxPool(c, 1)),
            op("adaptive_max_pool2d", c -> ConvolutionCases.adaptiveMaxPool(c, 2)),
            op("adaptive_max_pool3d", c -> ConvolutionCases.adaptiveMaxPool(c, 3)),
            op("upsample_nearest1d", c -> ConvolutionCases.upsample(c, Interpolation.NEAREST, 1)),
            op("upsample_nearest2d", c -> ConvolutionCases.upsample(c, Interpolation.NEAREST, 2)),
            op("upsample_linear1d", c -> ConvolutionCases.upsample(c, Interpolation.BILINEAR, 1)),
            op("upsample_bilinear2d", c -> ConvolutionCases.upsample(c, Interpolation.BILINEAR, 2)),
            op("zero_pad1d", c -> ConvolutionCases.pad(c, ZeroPadLayer::new, 1)),
            op("zero_pad2d", c -> ConvolutionCases.pad(c, ZeroPadLayer::new, 2)),
            op("zero_pad3d", c -> ConvolutionCases.pad(c, ZeroPadLayer::new, 3)),
            op("reflection_pad1d", c -> ConvolutionCases.pad(c, ReflectionPadLayer::new, 1)),
            op("reflection_pad2d", c -> ConvolutionCases.pad(c, ReflectionPadLayer::new, 2)),
            op("reflection_pad3d", c -> ConvolutionCases.pad(c, ReflectionPadLayer::new, 3)),
            // Optimisers
            entry("optimizer", ConformanceTest::optimizer),
            entry("clip_grad_norm", ConformanceTest::clipGradNorm),
            entry("schedule", ConformanceTest::schedule),
            entry("reduce_on_plateau", ConformanceTest::reduceOnPlateau));

    private enum Outcome {
        PASSED,
        FAILED,
        UNSUPPORTED
    }

    private final Map<Outcome, Integer> outcomes = new TreeMap<>();
    private final Map<String, Integer> unsupported = new TreeMap<>();

    @TestFactory
    Stream<DynamicTest> cases() throws IOException {
        Path folder = folder();
        List<Path> files;
        try (var all = Files.list(folder)) {
            files = all.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
        List<DynamicTest> tests = new ArrayList<>();
        for (Path file : files) {
            String group = file.getFileName().toString().replaceFirst("\\.json$", "");
            for (JsonNode json : read(file)) {
                String name = group + "/" + json.path("name").asText();
                tests.add(DynamicTest.dynamicTest(name, () -> run(name, json)));
            }
        }
        assertTrue(!tests.isEmpty(), () -> "no conformance cases in " + folder);
        return tests.stream();
    }

    @AfterAll
    void report() {
        if (!unsupported.isEmpty()) {
            System.err.println("ops with cases that are unsupported: " + unsupported);
        }
        System.out.println("conformance: " + count(Outcome.PASSED) + " passed, " + count(Outcome.FAILED) + " failed, "
                + count(Outcome.UNSUPPORTED) + " unsupported");
    }

    private int count(Outcome outcome) {
        return outcomes.getOrDefault(outcome, 0);
    }

    private void run(String name, JsonNode json) {
        String op = json.path("op").asText();
        Outcome outcome = Outcome.FAILED; // whatever is thrown
        try {
            Operation operation = OPERATIONS.get(op);
            if (operation == null) {
                throw new TestAbortedException(name + ": unsupported: op " + op);
            }
            ConformanceCase.check(name + " (" + op + ")", json, operation);
            outcome = Outcome.PASSED;
        } catch (TestAbortedException e) {
            outcome = Outcome.UNSUPPORTED;
            unsupported.merge(op, 1, Integer::sum);
            throw e;
        } finally {
            outcomes.merge(outcome, 1, Integer::sum);
        }
    }

    private static Path folder() {
        String named = System.getProperty("conformance.dir", "");
        try {
            return named.isBlank()
                    ? Path.of(Objects.requireNonNull(ConformanceTest.class.getResource("/conformance"))
                            .toURI())
                    : Path.of(named);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode read(Path file) {
        JsonMapper mapper = JsonMapper.builder()
                .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS) // NaN and Infinity, as Python writes them
                .build();
        try {
            JsonNode cases = mapper.readTree(file.toFile()).path("cases");
            return cases.isArray() ? cases : fail(file + " holds no list of cases");
        } catch (IOException e) {
            throw new UncheckedIOException(file.toString(), e);
        }
    }

    // ---- How to run an op ----

    private static Map.Entry<String, Operation> op(String name, Function<ConformanceCase, Tensor> function) {
        return entry(name, single(function));
    }

    private static Map.Entry<String, Operation> unary(String name, UnaryOperator<Tensor> function) {
        return op(name, c -> function.apply(c.tensor("x")));
    }

    private static Map.Entry<String, Operation> binary(String name, BinaryOperator<Tensor> function) {
        return op(name, c -> function.apply(c.tensor("a"), c.tensor("b")));
    }

    private static Map.Entry<String, Operation> loss(
            String name, Function<ConformanceCase, Loss<Tensor>> loss, String prediction) {
        return op(name, c -> loss.apply(c).of(c.tensor(prediction), c.tensor("target")));
    }

    private static Reduction reduction(ConformanceCase c) {
        String name = c.text("reduction", "mean");
        return switch (name) {
            case "mean" -> Reduction.MEAN;
            case "batchmean" -> Reduction.BATCH_MEAN;
            case "sum" -> Reduction.SUM;
            case "none" -> Reduction.NONE;
            default -> throw c.unsupported("reduction " + name);
        };
    }

    private static Tensor transpose(ConformanceCase c) {
        int[] axes = c.integers("axes");
        return c.tensor("x").transpose(axes[0], axes[1]);
    }

    private static Tensor crossEntropy(ConformanceCase c) {
        float smoothing = c.number("label_smoothing", 0);
        if (c.has("target")) {
            return new SoftCrossEntropyLoss(reduction(c), smoothing, c.numbers("weight"))
                    .of(c.tensor("logits"), c.tensor("target"));
        }
        // -100 is what PyTorch ignores unless told otherwise.
        var ignored = OptionalInt.of(c.integer("ignore_index", -100));
        return new CrossEntropyLoss(reduction(c), smoothing, ignored, c.numbers("weight"))
                .of(c.tensor("logits"), c.ints("labels"));
    }

    private static BinaryFocalLoss sigmoidFocal(ConformanceCase c) {
        double alpha = c.number("alpha", .25); // below 0 it is none, in torchvision
        return new BinaryFocalLoss(
                reduction(c), alpha < 0 ? OptionalDouble.empty() : OptionalDouble.of(alpha), c.number("gamma", 2));
    }

    private static Tensor softmaxFocal(ConformanceCase c) {
        return new FocalLoss(reduction(c), c.numbers("alpha"), c.number("gamma", 2), OptionalInt.empty())
                .of(c.tensor("logits"), c.ints("labels"));
    }

    private static Tensor multiMargin(ConformanceCase c) {
        return new MultiMarginLoss(reduction(c), c.number("margin", 1), c.integer("p", 1) == 2, c.numbers("weight"))
                .of(c.tensor("prediction"), c.ints("labels"));
    }

    private static Tensor cosineEmbedding(ConformanceCase c) {
        return new CosineEmbeddingLoss(reduction(c), c.number("margin", 0))
                .of(c.tensor("x1"), c.tensor("x2"), c.ints("target"));
    }

    private static Tensor tripletMargin(ConformanceCase c) {
        return new TripletMarginLoss(reduction(c), c.number("margin", 1), c.flag("swap"))
                .of(c.tensor("anchor"), c.tensor("positive"), c.tensor("negative"));
    }

    private static Tensor ctc(ConformanceCase c) {
        var target = new CtcTarget(c.ints("labels"), c.ints("input_lengths"), c.ints("target_lengths"));
        return new CtcLoss(reduction(c), c.integer("blank", 0), c.flag("zero_infinity")).of(c.tensor("logits"), target);
    }

    private static Tensor gaussianNll(ConformanceCase c) {
        Tensor mean = c.tensor("mean");
        Tensor variance = c.tensor("variance");
        Tensor target = c.tensor("target");
        if (variance.shape().rank() < mean.shape().rank()) {
            variance = variance.unsqueeze(-1);
        }
        int[] dims = mean.shape().dims();
        if (dims.length == 0) { // no last axis to hold both
            throw c.unsupported("a scalar");
        }
        var loss = new GaussianNllLoss(reduction(c), c.flag("full"), c.number("eps", 1e-6));
        return loss.of(Tensor.concat(-1, mean, variance.broadcastTo(dims)), target);
    }

    private static Tensor slice(ConformanceCase c) {
        int[] starts = c.integers("starts");
        int[] ends = c.integers("ends");
        return c.tensor("x")
                .index(IntStream.range(0, starts.length)
                        .mapToObj(axis -> Index.range(starts[axis], ends[axis]))
                        .toArray(Index[]::new));
    }

    private static @Nullable Parameter optional(ConformanceCase c, String input) {
        return c.has(input) ? c.parameter(input) : null;
    }

    private static Tensor batchNorm(ConformanceCase c) {
        Parameter gamma = optional(c, "gamma");
        Parameter beta = optional(c, "beta");
        float epsilon = c.number("epsilon");
        if (c.flag("training")) {
            int channels = c.tensor("x").shape().dim(-1);
            BatchNormLayer fresh = BatchNormLayer.of(channels, .1f, epsilon);
            return new BatchNormLayer(gamma, beta, fresh.runningMean(), fresh.runningVariance(), epsilon)
                    .forward(c.tensor("x"));
        }
        var layer = new BatchNormLayer(gamma, beta, c.parameter("running_mean"), c.parameter("running_var"), epsilon);
        layer.runningMean().freeze(); // the running averages are then used in training too, which has the gradients
        layer.runningVariance().freeze();
        return layer.forward(c.tensor("x"));
    }

    private static List<RecurrentWeights> weights(ConformanceCase c) {
        return List.of(new RecurrentWeights(
                c.parameter("kernel"),
                c.parameter("recurrent"),
                c.has("bias") ? c.parameter("bias") : null,
                c.has("recurrent_bias") ? c.parameter("recurrent_bias") : null));
    }

    private static RnnLayer rnn(ConformanceCase c) {
        String activation = c.text("nonlinearity", "tanh");
        return switch (activation) {
            case "tanh" -> new RnnLayer(weights(c), List.of(), 0, false);
            case "relu" -> new RnnLayer(weights(c), List.of(), 0, true);
            default -> throw c.unsupported("nonlinearity " + activation);
        };
    }

    private static Map<String, Tensor> recurrent(ConformanceCase c, RecurrentLayer layer, String... order) {
        List<String> given = c.texts("gate_order");
        if (!given.isEmpty() && !given.equals(List.of(order))) {
            throw c.unsupported("gate order " + given);
        }
        List<Recurrence.State> initial = c.has("h0")
                ? List.of(new Recurrence.State(c.tensor("h0"), c.has("c0") ? c.tensor("c0") : null))
                : List.of();
        IntTensor lengths = c.has("lengths") ? c.ints("lengths") : c.has("mask") ? c.ints("mask") : null;
        RecurrentLayer.Result result = layer.run(c.tensor("x"), initial, lengths);
        Recurrence.State last = result.states().get(0);
        Map<String, Tensor> outputs = new LinkedHashMap<>(Map.of("y", result.output(), "h", last.hidden()));
        if (last.cell() != null) {
            outputs.put("c", last.cell());
        }
        return outputs;
    }

    private static Tensor attention(ConformanceCase c) {
        return Tensor.scaledDotProductAttention(
                c.tensor("q"),
                c.tensor("k"),
                c.tensor("v"),
                new AttentionOptions(c.flag("causal"), c.has("mask") ? c.ints("mask") : null, c.number("scale", 0), 0));
    }

    private static Tensor multiHeadAttention(ConformanceCase c) {
        var layer = new MultiHeadAttentionLayer(
                new LinearLayer(c.parameter("kernel_qkv"), c.has("bias_qkv") ? c.parameter("bias_qkv") : null),
                new LinearLayer(c.parameter("kernel_out"), c.has("bias_out") ? c.parameter("bias_out") : null),
                c.integer("heads"),
                c.flag("causal"),
                0,
                0);
        return layer.forward(c.tensor("x"), c.has("mask") ? c.ints("mask") : null);
    }

    private static Map<String, Tensor> optimizer(ConformanceCase c) {
        Parameter p = c.parameter("p");
        Optimizer optimizer = Optimizer.of(Map.of("p", p), rule(c));
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        int steps = c.integer("steps");
        for (int i = 0; i < steps; i++) {
            optimizer.step(new Gradients().set(p, c.constant("g" + i).toArray()));
            outputs.put("p" + (i + 1), p.value());
        }
        return outputs;
    }

    private static Rule rule(ConformanceCase c) {
        Schedule rate = Schedule.constant(c.number("lr"));
        float decay = c.number("weight_decay", 0);
        String name = c.text("optimizer");
        return switch (name) {
            case "sgd" -> new Sgd(rate, c.number("momentum", 0), c.flag("nesterov"), decay);
            case "adam" ->
                new Adam(rate, c.number("beta1"), c.number("beta2"), c.number("epsilon"), c.flag("amsgrad"), decay);
            case "adamw" ->
                new AdamW(
                        rate,
                        c.number("beta1"),
                        c.number("beta2"),
                        c.number("epsilon"),
                        c.flag("amsgrad"),
                        c.number("weight_decay"));
            case "rmsprop" ->
                new RmsProp(
                        rate,
                        c.number("alpha"),
                        c.number("epsilon"),
                        c.flag("centered"),
                        c.number("momentum", 0),
                        decay);
            case "adagrad" -> new Adagrad(rate, c.number("epsilon"), decay);
            case "adadelta" -> new Adadelta(rate, c.number("rho"), c.number("epsilon"), decay);
            case "nadam" ->
                new Nadam(
                        rate,
                        c.number("beta1"),
                        c.number("beta2"),
                        c.number("epsilon"),
                        c.number("momentum_decay"),
                        decay);
            case "radam" -> new Radam(rate, c.number("beta1"), c.number("beta2"), c.number("epsilon"), decay);
            case "adamax" -> new Adamax(rate, c.number("beta1"), c.number("beta2"), c.number("epsilon"), decay);
            case "lion" -> new Lion(rate, c.number("beta1"), c.number("beta2"), decay);
            case "lamb" -> new Lamb(rate, c.number("beta1"), c.number("beta2"), c.number("epsilon"), decay);
            default -> throw c.unsupported("optimizer " + name);
        };
    }

    private static Map<String, Tensor> clipGradNorm(ConformanceCase c) {
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        var gradients = new Gradients();
        for (int i = 0; c.has("g" + i); i++) {
            Tensor gradient = c.constant("g" + i);
            Parameter parameter = Parameter.full(gradient.shape(), 0);
            parameters.put("g" + i, parameter);
            gradients.set(parameter, gradient.toArray());
        }
        Map<String, Tensor> outputs = new LinkedHashMap<>();
        outputs.put("norm", Tensor.scalar((float) gradients.clipNorm(c.number("max_norm"))));
        parameters.forEach((name, parameter) -> outputs.put(
                name, Tensor.of(parameter.shape(), gradients.of(parameter).clone())));
        return outputs;
    }

    private static Map<String, Tensor> schedule(ConformanceCase c) {
        float base = c.number("base_lr");
        String name = c.text("schedule");
        Schedule schedule = switch (name) {
            case "constant" -> Schedule.constant(base);
            case "step" -> Schedule.steps(base, c.integer("step_size"), c.number("gamma"));
            case "exponential" -> Schedule.exponential(base, c.number("gamma"));
            case "cosine" -> Schedule.cosine(base, c.number("min_lr", 0), c.integer("total_steps"));
            case "linear_warmup" ->
                Schedule.constant(base).withWarmUp(c.integer("warmup_steps"), c.number("start_factor"));
            case "one_cycle" ->
                Schedule.oneCycle(
                        c.number("max_lr"),
                        c.integer("total_steps"),
                        c.number("pct_start"),
                        c.number("div_factor"),
                        c.number("final_div_factor"));
            case "cosine_restarts" ->
                Schedule.cosineRestarts(base, c.number("min_lr", 0), c.integer("t_0"), c.integer("t_mult", 1));
            case "polynomial" ->
                Schedule.polynomial(base, c.number("min_lr", 0), c.integer("total_steps"), c.number("power", 1));
            case "multi_step" ->
                Schedule.milestones(
                        base,
                        c.number("gamma"),
                        Arrays.stream(c.integers("milestones")).asLongStream().toArray());
            case "linear_then_cosine" -> {
                int warmUp = c.integer("warmup_steps");
                var cosine = Schedule.cosine(base, c.number("min_lr", 0), c.integer("cosine_steps"));
                yield Schedule.linear(c.number("start_factor") * base, base, warmUp)
                        .then(warmUp, cosine);
            }
            case "inverse_square_root" -> {
                int warmUp = c.integer("warmup_steps");
                yield Schedule.inverseSquareRoot(base, warmUp).withWarmUp(warmUp, 0);
            }
            default -> throw c.unsupported("schedule " + name);
        };
        float[] rates = new float[c.integer("steps")];
        IntStream.range(0, rates.length).forEach(step -> rates[step] = schedule.at(step));
        return Map.of("lr", Tensor.of(rates));
    }

    private static Map<String, Tensor> reduceOnPlateau(ConformanceCase c) {
        var schedule = ReduceOnPlateau.of(c.number("base_lr"))
                .withFactor(c.number("factor", .1))
                .withPatience(c.integer("patience", 10))
                .withThreshold(c.number("threshold", 1e-4))
                .withCooldown(c.integer("cooldown", 0))
                .withMinimum(c.number("min_lr", 0));
        var plateau = c.text("mode", "min").equals("max") ? schedule.withMaximum() : schedule;
        float[] metrics = c.constant("metric").toArray();
        float[] rates = new float[metrics.length];
        for (int i = 0; i < rates.length; i++) {
            plateau.observe(metrics[i]);
            rates[i] = plateau.at(i);
        }
        return Map.of("lr", Tensor.of(rates));
    }
}
