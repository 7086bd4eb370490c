import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.LambdaBlock;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.pooling.Pool;
import ai.djl.training.DefaultTrainingConfig;
import ai.djl.training.GradientCollector;
import ai.djl.training.ParameterStore;
import ai.djl.training.Trainer;
import ai.djl.training.initializer.XavierInitializer;
import ai.djl.training.loss.Loss;
import ai.djl.training.optimizer.Optimizer;
import ai.djl.training.tracker.Tracker;
import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/**
 * Times DJL with its PyTorch engine on the workloads of org.jauss.benchmarks.Steps that its layers can express, and
 * prints the lines that it prints. To run it, from the folder with the README:
 *
 * <pre>
 * mvn -q -f src/jmh/peers/djl dependency:copy-dependencies
 * OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 java -cp 'src/jmh/peers/djl/target/dependency/*' \
 *     src/jmh/peers/djl/DjlSteps.java 1 mlp
 * </pre>
 *
 * <p>The number of threads is that of the variables; the first argument is only printed. The second is a regular
 * expression that is looked for in the names.
 */
public final class DjlSteps {
    private static final double SECONDS = 4;
    private static final double WARM_UP = 3;
    private static final int LEAST_RUNS = 5;
    private static final Loss CROSS_ENTROPY = Loss.softmaxCrossEntropyLoss();

    private final String threads;
    private final Pattern filter;

    private DjlSteps(String threads, Pattern filter) {
        this.threads = threads;
        this.filter = filter;
    }

    /**
     * Measures and prints.
     *
     * @param args the number of threads and, if wanted, a filter
     */
    public static void main(String[] args) {
        var steps = new DjlSteps(args[0], Pattern.compile(args.length > 1 ? args[1] : ""));
        System.out.printf(
                "# JDK %s; PyTorch %s%n",
                Runtime.version(), Engine.getEngine("PyTorch").getVersion());
        steps.mlps();
        steps.cnns();
    }

    private void mlps() {
        for (boolean norm : new boolean[] {false, true}) {
            for (int batch : new int[] {1, 32, 128, 1024}) {
                if (!norm || batch > 1) {
                    var sgd = Optimizer.sgd().setLearningRateTracker(Tracker.fixed(.01f));
                    train("mlp-" + name(norm, batch), mlp(norm), new Shape(batch, 784), sgd.build());
                }
            }
        }
        train("mlp-adam-b128", mlp(false), new Shape(128, 784), Optimizer.adam().build());
        for (int batch : new int[] {1, 128}) {
            infer("mlp-infer-b" + batch, mlp(false), new Shape(batch, 784));
        }
    }

    private void cnns() {
        for (boolean norm : new boolean[] {false, true}) {
            for (int batch : new int[] {1, 32, 128}) {
                if (!norm || batch > 1) {
                    var adam = Optimizer.adam().build();
                    train("cnn-" + name(norm, batch), cnn(norm), new Shape(batch, 3, 32, 32), adam);
                }
            }
        }
        for (int batch : new int[] {1, 32}) {
            infer("cnn-infer-b" + batch, cnn(true), new Shape(batch, 3, 32, 32));
        }
    }

    private static String name(boolean norm, int batch) {
        return (norm ? "bn" : "none") + "-b" + batch;
    }

    private static Block mlp(boolean norm) {
        var layers = new SequentialBlock();
        for (int width : new int[] {512, 256}) {
            layers.add(Linear.builder().setUnits(width).build());
            if (norm) {
                layers.add(BatchNorm.builder().build());
            }
            layers.add(Activation::relu);
        }
        return layers.add(Linear.builder().setUnits(10).build());
    }

    private static Block cnn(boolean norm) {
        var layers = new SequentialBlock();
        for (int window : new int[] {7, 5, 3}) {
            layers.add(Conv2d.builder()
                    .setKernelShape(new Shape(window, window))
                    .setFilters(64)
                    .optPadding(new Shape(window / 2, window / 2))
                    .build());
            addActivation(layers, norm);
            layers.add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2)));
        }
        layers.add(Blocks.batchFlattenBlock());
        for (int i = 0; i < 2; i++) {
            layers.add(Linear.builder().setUnits(50).build());
            addActivation(layers, norm);
        }
        return layers.add(Linear.builder().setUnits(10).build());
    }

    private static void addActivation(SequentialBlock layers, boolean norm) {
        layers.add(new LambdaBlock(x -> new NDList(Activation.leakyRelu(x.singletonOrThrow(), .3f))));
        if (norm) {
            layers.add(BatchNorm.builder().build());
        }
        layers.add(Dropout.builder().optRate(.25f).build());
    }

    private void train(String name, Block block, Shape input, Optimizer optimizer) {
        if (!filter.matcher(name).find()) {
            return;
        }
        var config = new DefaultTrainingConfig(CROSS_ENTROPY)
                .optOptimizer(optimizer)
                .optDevices(new Device[] {Device.cpu()})
                .optInitializer(new XavierInitializer(), Parameter.Type.WEIGHT);
        try (Model model = Model.newInstance(name, Device.cpu(), "PyTorch")) {
            model.setBlock(block);
            try (Trainer trainer = model.newTrainer(config)) {
                trainer.initialize(input);
                NDManager manager = trainer.getManager();
                NDArray x = manager.randomNormal(input);
                NDArray labels = manager.zeros(new Shape(input.get(0)));
                print(name, () -> step(trainer, x, labels));
            }
        }
    }

    private static void step(Trainer trainer, NDArray x, NDArray labels) {
        try (NDManager ofStep = trainer.getManager().newSubManager();
                GradientCollector gradients = trainer.newGradientCollector()) {
            ofStep.tempAttachAll(x, labels);
            NDList output = trainer.forward(new NDList(x));
            gradients.backward(CROSS_ENTROPY.evaluate(new NDList(labels), output));
        }
        trainer.step();
    }

    private void infer(String name, Block block, Shape input) {
        if (!filter.matcher(name).find()) {
            return;
        }
        try (NDManager manager = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
            block.setInitializer(new XavierInitializer(), Parameter.Type.WEIGHT);
            block.initialize(manager, DataType.FLOAT32, input);
            var parameters = new ParameterStore(manager, false);
            NDArray x = manager.randomNormal(input);
            print(name, () -> {
                try (NDManager ofRun = manager.newSubManager()) {
                    ofRun.tempAttachAll(x);
                    block.forward(parameters, new NDList(x), false);
                }
            });
        }
    }

    private void print(String name, Runnable step) {
        timed(step, WARM_UP);
        long[] nanos = timed(step, SECONDS);
        System.out.printf(
                Locale.ROOT,
                "%s t=%s median_ms=%.3f min_ms=%.3f n=%d%n",
                name,
                threads,
                1e-6 * nanos[nanos.length / 2],
                1e-6 * nanos[0],
                nanos.length);
    }

    private static long[] timed(Runnable run, double seconds) {
        var nanos = LongStream.builder();
        long end = System.nanoTime() + (long) (1e9 * seconds);
        for (int n = 0; n < LEAST_RUNS || System.nanoTime() - end < 0; n++) {
            long start = System.nanoTime();
            run.run();
            nanos.add(System.nanoTime() - start);
        }
        long[] sorted = nanos.build().toArray();
        Arrays.sort(sorted);
        return sorted;
    }
}
