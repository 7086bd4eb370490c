package org.jauss.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Scanner;
import java.util.function.Consumer;
import org.jauss.data.Batch;
import org.jauss.data.Dataset;
import org.jauss.data.Digits;
import org.jauss.layers.ActivationLayer;
import org.jauss.layers.BatchNormLayer;
import org.jauss.layers.DropoutLayer;
import org.jauss.layers.GaussianNormLayer;
import org.jauss.layers.LinearLayer;
import org.jauss.layers.Sequential;
import org.jauss.losses.CrossEntropyLoss;
import org.jauss.optimizers.AdamW;
import org.jauss.optimizers.Optimizer;
import org.jauss.optimizers.ReduceOnPlateau;
import org.jauss.optimizers.Sgd;
import org.jauss.optimizers.State;
import org.jauss.optimizers.WeightAverage;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ten epochs are the same bits as four, a kill, and six more. */
final class ExactResumeTest {
    private static final int EPOCHS = 10;
    private static final int HALF = 3; // batches of an epoch before a checkpoint in the midst of it

    @TempDir
    private Path folder;

    /** A run with all that has a state: slots, a plateau, averages, statistics, dropout, and the order of the data. */
    static final class Training {
        private final Dataset<IntTensor> data = Digits.load().rows(0, 200);
        private final Sequential model;
        private final ReduceOnPlateau plateau =
                ReduceOnPlateau.of(.01f).withPatience(0).withFactor(.7f);
        private final Optimizer optimizer;
        private final WeightAverage average;
        private final CrossEntropyLoss crossEntropy = CrossEntropyLoss.of();
        private Rng rng;
        private long epoch;
        private long batch;
        private double loss;
        private Rng.State order;

        private Training(long seed) {
            rng = Rng.of(seed);
            model = Sequential.of(
                    GaussianNormLayer.robust(64),
                    LinearLayer.of(64, 24, rng),
                    BatchNormLayer.of(24),
                    ActivationLayer.relu(),
                    new DropoutLayer(.2f),
                    LinearLayer.of(24, 10, rng));
            optimizer = Optimizer.of(model.parameters(), AdamW.of(plateau))
                    .withRule((name, p) -> name.endsWith("bias"), Sgd.of(.01f).withMomentum(.9f));
            average = WeightAverage.exponential(model.parameters(), .9f);
            order = rng.state();
        }

        private Checkpoint checkpoint() {
            State state = optimizer.state();
            State averages = average.state();
            return Checkpoint.empty()
                    .withParameters("model", model.parameters())
                    .withArrays("optimizer", state.arrays())
                    .withCounts("optimizer", state.counts())
                    .withArrays("average", averages.arrays())
                    .withCounts("average", averages.counts())
                    .with("random", rng)
                    .with("order", Rng.of(order))
                    .with("epoch", epoch)
                    .with("batch", batch)
                    .with("metrics.loss", loss);
        }

        private void resume(Checkpoint checkpoint) {
            checkpoint.requireFit("model", model.parameters());
            optimizer.resume(new State(checkpoint.arrays("optimizer"), checkpoint.counts("optimizer")));
            average.resume(new State(checkpoint.arrays("average"), checkpoint.counts("average")));
            checkpoint.restore("model", model.parameters());
            rng = checkpoint.rng("random");
            order = checkpoint.rng("order").state();
            epoch = checkpoint.count("epoch");
            batch = checkpoint.count("batch");
            loss = checkpoint.number("metrics.loss");
        }

        /** Goes on to the end of the last epoch, with a checkpoint at the end and in the midst of each. */
        private void run(Path folder, Consumer<String> progress) {
            var checkpoints = Checkpoints.in(folder).withLast(2);
            try (var writer = checkpoints.open()) {
                checkpoints.latest().ifPresent(this::resume);
                while (epoch < EPOCHS) {
                    if (batch == 0) {
                        order = rng.split().state();
                        loss = 0;
                    }
                    var batches = data.shuffle(Rng.of(order)).batches(32);
                    for (var rows : batches.from((int) batch)) {
                        if (batch == HALF) {
                            writer.save(2 * epoch + 1, checkpoint());
                            progress.accept("in the midst of " + epoch);
                        }
                        step(rows);
                        batch++;
                    }
                    plateau.observe(loss);
                    epoch++;
                    batch = 0;
                    writer.save(2 * epoch, checkpoint());
                    progress.accept("after " + epoch);
                }
            }
        }

        private void step(Batch<IntTensor> rows) {
            try (var pass = Pass.training(rng)) {
                var result = crossEntropy.of(model.forward(pass.input(rows.x())), rows.labels());
                optimizer.step(pass.backward(result));
                loss += result.item();
            }
            average.update();
        }

        /** Waits to be killed where the third argument says, in case that it was not killed before. */
        public static void main(String[] arguments) {
            new Training(Long.parseLong(arguments[1])).run(Path.of(arguments[0]), progress -> {
                System.out.println(progress);
                if (progress.equals(arguments[2])) {
                    new Scanner(System.in, StandardCharsets.UTF_8).nextLine();
                }
            });
        }
    }

    @Test
    @Timeout(60)
    void tenEpochsAreFourAKillAndSix() throws IOException, InterruptedException {
        Path whole = folder.resolve("whole");
        new Training(1).run(whole, progress -> {});
        Path last = whole.resolve("checkpoint-000020.safetensors");
        assertTrue(Checkpoint.read(last).counts("optimizer").get("rule.0.learningRate.reductions") > 0);

        Path killed = folder.resolve("killed");
        runUntil("after 4", "after 5", killed);
        runUntil("in the midst of 6", "in the midst of 7", killed);
        assertNotEquals(Optional.empty(), Checkpoints.in(killed).latest());
        new Training(2).run(killed, progress -> {}); // what it draws at its start is not what it goes on with
        assertEquals(-1, Files.mismatch(last, killed.resolve(last.getFileName())));
        assertEquals(
                -1,
                Files.mismatch(
                        whole.resolve("checkpoint-000019.safetensors"),
                        killed.resolve("checkpoint-000019.safetensors")));
    }

    private static void runUntil(String kill, String atLast, Path folder) throws IOException, InterruptedException {
        try (var process = JavaProcess.start(Training.class, folder.toString(), "1", atLast)) {
            String line = process.line();
            while (!line.equals(kill)) {
                line = process.line();
            }
            process.kill();
        }
    }
}
