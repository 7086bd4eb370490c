package org.jauss.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jauss.benchmarks.Networks.Norm;
import org.jauss.layers.Folding;
import org.jauss.layers.GaussianNormLayer;
import org.jauss.layers.Layer;
import org.jauss.optimizers.Adam;
import org.jauss.optimizers.AdamW;
import org.jauss.optimizers.Optimizer;
import org.jauss.optimizers.Rule;
import org.jauss.optimizers.Sgd;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;

/**
 * A step with a name; names, networks, batches and optimisers are those of {@code src/jmh/peers/torch_steps.py}.
 *
 * @param name the name, {@code network-variant-bBATCH}
 * @param step makes the step, with a new network
 */
record Workload(String name, Supplier<Step> step) {
    /** Enough instances for the first statistics of Gaussian norm: here only their order of magnitude matters. */
    private static final int INITIAL_INSTANCES = 64;

    /** All of them, in the order in which they are measured. */
    static List<Workload> all() {
        var all = new ArrayList<Workload>();
        for (Norm norm : Norm.values()) {
            for (int batch : batches(norm, 1, 32, 128, 1024)) {
                all.add(new Workload(name("mlp", norm, batch), () -> mlp(norm, batch, Sgd.of(.01f))));
            }
        }
        all.add(new Workload("mlp-adam-b128", () -> mlp(Norm.NONE, 128, Adam.of(1e-3f))));
        for (int batch : new int[] {1, 128}) {
            all.add(new Workload(
                    "mlp-infer-b" + batch,
                    () -> new Step.Inference(Networks.mlp(Norm.NONE, Inputs.rng()), mlpInput(batch))));
        }
        for (Norm norm : Norm.values()) {
            for (int batch : batches(norm, 1, 32, 128)) {
                all.add(new Workload(name("cnn", norm, batch), () -> cnn(norm, batch)));
            }
        }
        for (int batch : new int[] {1, 32}) {
            all.add(new Workload("cnn-infer-b" + batch, () -> cnnInUse(Norm.BN, batch, false)));
            all.add(new Workload("cnn-infer-folded-b" + batch, () -> cnnInUse(Norm.BN, batch, true)));
            all.add(new Workload("cnn-infer-gn-b" + batch, () -> cnnInUse(Norm.GN, batch, false)));
            all.add(new Workload("cnn-infer-gn-folded-b" + batch, () -> cnnInUse(Norm.GN, batch, true)));
        }
        all.add(new Workload("lstm-b32-t64", () -> characters(Networks::lstm, Adam.of(1e-3f), 32)));
        all.add(new Workload("gpt-b16-t64", () -> characters(Networks::gpt, AdamW.of(1e-3f), 16)));
        return all;
    }

    /** Batch norm cannot be trained on single instances. */
    private static int[] batches(Norm norm, int... sizes) {
        return norm == Norm.BN ? IntStream.of(sizes).filter(size -> size > 1).toArray() : sizes;
    }

    private static String name(String network, Norm norm, int batch) {
        return network + "-" + norm.name().toLowerCase(Locale.ROOT) + "-b" + batch;
    }

    private static Step mlp(Norm norm, int batch, Rule rule) {
        Rng rng = Inputs.rng();
        return classifier(Networks.mlp(norm, rng), rule, mlpInput(batch), mlpInput(INITIAL_INSTANCES), rng);
    }

    private static Step cnn(Norm norm, int batch) {
        Rng rng = Inputs.rng();
        return classifier(Networks.cnn(norm, rng), Adam.of(1e-3f), cnnInput(batch), cnnInput(INITIAL_INSTANCES), rng);
    }

    /** Folded without limits of z, which only few of these numbers would reach. */
    private static Step cnnInUse(Norm norm, int batch, boolean folded) {
        Layer model = Networks.cnn(norm, Inputs.rng());
        GaussianNormLayer.initialize(model, List.of(cnnInput(INITIAL_INSTANCES)));
        return new Step.Inference(folded ? Folding.withoutLimits(model).complete() : model, cnnInput(batch));
    }

    private static Step classifier(Layer model, Rule rule, Tensor x, Tensor first, Rng rng) {
        GaussianNormLayer.initialize(model, List.of(first));
        IntTensor labels = Inputs.below(Networks.CLASSES, Shape.of(x.instances()));
        return new Step.Training(model, Optimizer.of(model.parameters(), rule), x, labels, rng);
    }

    private static Step characters(Function<Rng, Layer> network, Rule rule, int batch) {
        Rng rng = Inputs.rng();
        Layer model = network.apply(rng);
        IntTensor tokens = Inputs.below(Networks.TOKENS, Shape.of(batch, Networks.LENGTH));
        return new Step.Training(model, Optimizer.of(model.parameters(), rule), tokens.toTensor(), tokens, rng);
    }

    private static Tensor mlpInput(int batch) {
        return Inputs.normal(Shape.of(batch, Networks.FEATURES));
    }

    private static Tensor cnnInput(int batch) {
        return Inputs.normal(Shape.of(batch, Networks.IMAGE, Networks.IMAGE, 3));
    }
}
