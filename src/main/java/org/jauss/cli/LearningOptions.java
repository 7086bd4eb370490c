package org.jauss.cli;

import java.util.Map;
import org.jauss.data.Batches;
import org.jauss.data.Cutout;
import org.jauss.data.Dataset;
import org.jauss.data.HorizontalFlip;
import org.jauss.data.RandomCrop;
import org.jauss.data.Shuffled;
import org.jauss.data.Transform;
import org.jauss.kernels.Parallel;
import org.jauss.losses.CrossEntropyLoss;
import org.jauss.optimizers.Optimizer;
import org.jauss.optimizers.Schedule;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.train.GradientAccumulation;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** How a network learns. */
final class LearningOptions {
    private static final String UNLIMITED = "2147483647";

    @Option(names = "--optimizer", order = 20, defaultValue = "adam", description = "${COMPLETION-CANDIDATES}.")
    private OptimizerName optimizer = OptimizerName.ADAM;

    @Option(
            names = "--rate",
            order = 21,
            defaultValue = "0.001",
            paramLabel = "RATE",
            description = "Learning rate, the highest of the schedule.")
    private float rate;

    @Option(
            names = "--momentum",
            order = 22,
            paramLabel = "M",
            description = "For sgd (default: 0.9) and rmsprop (default: 0).")
    private @Nullable Float momentum;

    @Option(
            names = "--weight-decay",
            order = 23,
            defaultValue = "0",
            paramLabel = "DECAY",
            description = "Weight decay.")
    private float weightDecay;

    @Option(
            names = "--schedule",
            order = 24,
            defaultValue = "cosine",
            description = "Learning rate over the training: ${COMPLETION-CANDIDATES}.")
    private ScheduleName schedule = ScheduleName.COSINE;

    @Option(
            names = "--warm-up",
            order = 25,
            defaultValue = "0",
            paramLabel = "STEPS",
            description = "Steps in which the rate grows from 0.")
    private int warmUp;

    @Option(names = "--epochs", order = 26, defaultValue = "10", paramLabel = "N", description = "Runs over the data.")
    private int epochs;

    @Option(names = "--batch", order = 27, defaultValue = "64", paramLabel = "N", description = "Instances in a step.")
    private int batch;

    @Option(
            names = "--micro-batch",
            order = 28,
            defaultValue = UNLIMITED,
            showDefaultValue = Visibility.NEVER,
            paramLabel = "N",
            description = "Most instances that are in memory at once (default: the batch).")
    private int microBatch;

    @Option(
            names = "--shards",
            order = 29,
            defaultValue = "1",
            paramLabel = "N",
            description = "Parts of a batch that may run on threads of their own; for small networks.")
    private int shards;

    @Option(
            names = "--clip-norm",
            order = 30,
            defaultValue = "Infinity",
            showDefaultValue = Visibility.NEVER,
            paramLabel = "NORM",
            description = "Largest norm of the gradients (default: no limit).")
    private double clipNorm;

    @Option(
            names = "--label-smoothing",
            order = 31,
            defaultValue = "0",
            paramLabel = "SHARE",
            description = "Share of each label that is spread over all classes.")
    private float labelSmoothing;

    @Option(
            names = "--crop",
            order = 32,
            defaultValue = "0",
            paramLabel = "PIXELS",
            description = "Augmentation: shift images at random by so many pixels at most.")
    private int crop;

    @Option(
            names = "--flip",
            order = 33,
            fallbackValue = "true",
            description = "Augmentation: mirror every other image.")
    private boolean flip;

    @Option(
            names = "--cutout",
            order = 34,
            defaultValue = "0",
            paramLabel = "PIXELS",
            description = "Augmentation: blacken a square of this side.")
    private int cutout;

    @Option(
            names = "--patience",
            order = 35,
            defaultValue = "0",
            paramLabel = "EPOCHS",
            description = "Stop if validation has not improved for so long; 0 for never.")
    private int patience;

    @Option(
            names = "--checkpoint-steps",
            order = 36,
            defaultValue = "0",
            paramLabel = "STEPS",
            description = "Write checkpoints also within an epoch; 0 for only behind each.")
    private int checkpointSteps;

    @Option(
            names = "--seed",
            order = 37,
            defaultValue = "1",
            paramLabel = "N",
            description = "For weights, order and augmentation.")
    private long seed;

    void check(Program program) {
        program.require(rate > 0 && Float.isFinite(rate), "--rate must be above 0, but is " + rate);
        program.require(
                momentum == null || optimizer.hasMomentum(), "--momentum is for sgd and rmsprop, not for " + optimizer);
        program.requireAtLeast("--warm-up", warmUp, 0);
        program.requireAtLeast("--epochs", epochs, 1);
        program.requireAtLeast("--batch", batch, 1);
        program.requireAtLeast("--micro-batch", microBatch, 1);
        program.requireAtLeast("--shards", shards, 1);
        program.require(clipNorm > 0, "--clip-norm must be above 0, but is " + clipNorm);
        program.requireAtLeast("--crop", crop, 0);
        program.requireAtLeast("--cutout", cutout, 0);
        program.requireAtLeast("--patience", patience, 0);
        program.requireAtLeast("--checkpoint-steps", checkpointSteps, 0);
    }

    Rng rng() {
        return Rng.of(seed);
    }

    int epochs() {
        return epochs;
    }

    /** The number of instances in a step. */
    int batch() {
        return batch;
    }

    /** The number of parts of a batch that may run at once. */
    int shards() {
        return shards;
    }

    /** The number of instances that go through the network at once. */
    int atOnce() {
        return Math.min(batch, microBatch);
    }

    double clipNorm() {
        return clipNorm;
    }

    int patience() {
        return patience;
    }

    int checkpointSteps() {
        return checkpointSteps;
    }

    /** Whether the last batch of an epoch would have one instance. */
    boolean leavesOne(Dataset<IntTensor> data) {
        return data.instances() % batch == 1;
    }

    /**
     * The batches, augmented; another thread prepares them if there is one.
     *
     * @param full whether instances that fill no batch are left out
     */
    Batches<IntTensor> batches(Dataset<IntTensor> data, boolean full, Shape image, Rng rng) {
        Transform change = null;
        if (crop > 0) {
            change = new RandomCrop(image.dim(0), image.dim(1), crop);
        }
        if (flip) {
            change = then(change, new HorizontalFlip(.5));
        }
        if (cutout > 0) {
            change = then(change, new Cutout(cutout));
        }
        Dataset<IntTensor> augmented = change == null ? data : data.map(change, rng);
        Shuffled<IntTensor> shuffled = augmented.shuffle(rng);
        Batches<IntTensor> batches = full ? shuffled.fullBatches(batch) : shuffled.batches(batch);
        return Parallel.threads() > 1 ? batches.prefetch(2, 1) : batches;
    }

    private static Transform then(@Nullable Transform first, Transform next) {
        return first == null ? next : first.then(next);
    }

    CrossEntropyLoss loss() {
        return CrossEntropyLoss.of().withLabelSmoothing(labelSmoothing);
    }

    GradientAccumulation<IntTensor> accumulation() {
        return GradientAccumulation.of(loss(), microBatch).withShards(shards);
    }

    /** The optimiser for a training of so many steps; biases and the like do not decay. */
    Optimizer optimizer(Map<String, Parameter> parameters, long steps) {
        Schedule plain = schedule.of(rate, steps);
        Schedule whole = warmUp == 0 ? plain : plain.withWarmUp(warmUp, 0);
        float chosen = momentum != null ? momentum : optimizer == OptimizerName.SGD ? .9f : 0;
        return Optimizer.of(parameters, optimizer.of(whole, chosen, weightDecay))
                .withoutWeightDecay((name, parameter) -> parameter.shape().rank() < 2);
    }
}
