package org.jauss.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jauss.data.Batch;
import org.jauss.data.DataStream;
import org.jauss.data.Dataset;
import org.jauss.io.Checkpoint;
import org.jauss.io.Checkpoints;
import org.jauss.layers.LinearLayer;
import org.jauss.losses.CrossEntropyLoss;
import org.jauss.metrics.Accuracy;
import org.jauss.optimizers.Adam;
import org.jauss.optimizers.Optimizer;
import org.jauss.optimizers.ReduceOnPlateau;
import org.jauss.optimizers.Sgd;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TrainerTest {
    @TempDir
    private Path folder;

    private static SmallTraining adam() {
        return new SmallTraining(Adam.of(.02f));
    }

    /** Adds a series that is given beforehand, one number for each epoch. */
    private static TrainingListener series(String name, double... values) {
        return new TrainingListener() {
            @Override
            public void epochEnded(Training training) {
                training.history().add(name, training.step(), values[(int) training.epoch()]);
            }
        };
    }

    @Test
    void learnsAndNotesTheNumbersOfEachEpoch() {
        Training training = adam().fit(30);
        assertEquals(
                List.of("loss", "auxiliaryLoss", "learningRate", "validation.loss", "validation.accuracy"),
                training.history().names());
        List<History.Point> losses = training.history().of("loss");
        assertEquals(30, losses.size());
        assertEquals(SmallTraining.BATCHES, losses.get(0).step());
        assertTrue(losses.get(29).value() < .5 * losses.get(0).value(), losses::toString);
        assertEquals(.02f, training.history().last("learningRate").orElseThrow());
        assertTrue(training.isComplete());
        assertTrue(training.stopped().isEmpty());
        assertEquals(30 * SmallTraining.BATCHES, training.step());
        assertEquals(training.step(), training.optimizer().steps());
        assertEquals(SmallTraining.BATCHES, training.stepsPerEpoch().orElseThrow());
    }

    @Test
    void theValidationIsThatOfTheModelInUse() {
        var small = adam();
        Training training = small.fit(3);
        var values = new Evaluation<>(SmallTraining.data(20).batches(20), List.of(new Accuracy()))
                .of(small.model, CrossEntropyLoss.of());
        assertEquals(
                values.get("accuracy"),
                training.history().last("validation.accuracy").orElseThrow());
        // Other batches, so another order of sums.
        assertEquals(
                values.get("loss"), training.history().last("validation.loss").orElseThrow(), 1e-6);
    }

    @Test
    void clipsTheNorm() {
        List<Double> norms = new ArrayList<>();
        var model = LinearLayer.of(4, 3, Rng.of(1));
        var before = model.weight().data().clone();
        Trainer.of(model, CrossEntropyLoss.of(), Optimizer.of(model.parameters(), Sgd.of(1)))
                .withClipNorm(1e-3)
                .with(new TrainingListener() {
                    @Override
                    public void stepped(Training training, TrainingStep step) {
                        norms.add(step.gradientNorm());
                        assertEquals(8, step.instances());
                        assertEquals(1, step.learningRate());
                    }
                })
                .fitSteps(SmallTraining.data(16).batches(8), 1, Rng.of(0));
        assertTrue(norms.get(0) > .01, "the norm before clipping: " + norms);
        double moved = 0;
        for (int i = 0; i < before.length; i++) {
            moved += Math.pow(model.weight().data()[i] - before[i], 2);
        }
        assertTrue(Math.sqrt(moved) <= 1.001e-3 && moved > 0, "moved by " + Math.sqrt(moved));
    }

    @Test
    void microBatchesGiveTheSameStep() {
        float[][] weights = new float[2][];
        for (int i = 0; i < 2; i++) {
            var model = LinearLayer.of(4, 3, Rng.of(1));
            Trainer.of(model, CrossEntropyLoss.of(), Optimizer.of(model.parameters(), Sgd.of(.1f)))
                    .withAccumulation(GradientAccumulation.of(CrossEntropyLoss.of(), i == 0 ? 8 : 3))
                    .fit(SmallTraining.data(16).batches(8), 5, Rng.of(0));
            weights[i] = model.weight().data();
        }
        for (int i = 0; i < weights[0].length; i++) {
            assertEquals(weights[0][i], weights[1][i], 1e-6); // ten steps of rounding
        }
    }

    @Test
    void streamsAreTrainedOnAndGoneOnWith() {
        var data = SmallTraining.data(8 * 4).batches(8);
        var stream = DataStream.ofClasses(epoch -> {
                    List<Batch<IntTensor>> all = new ArrayList<>();
                    data.epoch(epoch).forEach(all::add);
                    return all.stream();
                })
                .batches(8);
        var whole = adam();
        Training training = whole.trainer().fit(stream, 4, whole.rng);
        assertEquals(16, training.step());
        assertTrue(training.steps().isEmpty());
        assertTrue(training.stepsPerEpoch().isEmpty());
        var first = adam().in(folder, 0).behind(7, now -> now.stop("enough"));
        first.trainer().fit(stream, 4, first.rng);
        var second = adam().in(folder, 0);
        second.trainer().fit(stream, 4, second.rng);
        assertEquals(whole.bits(), second.bits());
    }

    @Test
    void noBatchesAreAnError() {
        var small = adam();
        var empty = DataStream.ofClasses(epoch -> Stream.of()).batches(8);
        var e = assertThrows(
                IllegalArgumentException.class, () -> small.trainer().fitSteps(empty, 4, small.rng));
        assertEquals("trainer: epoch 0 has no batches", e.getMessage());
    }

    @Test
    void aLabelOutsideTheClassesIsNamedWithItsPlaceInTheData() {
        var two = LinearLayer.of(4, 2, Rng.of(1));
        var trainer = Trainer.of(two, CrossEntropyLoss.of(), Optimizer.of(two.parameters(), Sgd.of(.1f)));
        var x = Tensor.zeros(6, 4);
        var bad = Dataset.of(x, IntTensor.of(0, 1, 0, 1, 1, 2)).batches(2);
        var e = assertThrows(IllegalArgumentException.class, () -> trainer.fit(bad, 1, Rng.of(0)));
        assertEquals(
                "training: step 2 (epoch 0, batch 2), of 2 instances, the first of batches.epoch(0).from(2):"
                        + " cross entropy: label 2 at [1] is outside [0, 2)",
                e.getMessage());
        var good = Dataset.of(x, IntTensor.of(0, 1, 0, 1, 1, 0)).batches(2);
        e = assertThrows(
                IllegalArgumentException.class,
                () -> trainer.withValidation(bad).fit(good, 1, Rng.of(0)));
        assertEquals(
                "evaluation: batch of the instances 4 to 5: cross entropy: label 2 at [1] is outside [0, 2)",
                e.getMessage());
    }

    @Test
    void settingsOutsideTheirRangeAreErrors() {
        var trainer = adam().trainer();
        for (double norm : new double[] {0, -1, Double.NaN}) {
            var e = assertThrows(IllegalArgumentException.class, () -> trainer.withClipNorm(norm));
            assertEquals("trainer: the clipping norm must be above 0, but is " + norm, e.getMessage());
        }
        var e = assertThrows(IllegalArgumentException.class, () -> trainer.withCheckpoints(Checkpoints.in(folder), -1));
        assertEquals("trainer: steps between checkpoints must be at least 0, but are -1", e.getMessage());
        e = assertThrows(IllegalArgumentException.class, () -> EarlyStopping.lowest("loss", 0));
        assertEquals("early stopping: the patience must be at least 1, but is 0", e.getMessage());
    }

    // ---- Listeners ----

    @Test
    void earlyStoppingWaits() {
        var numbers = series("x", 3, 2, Double.NaN, 2, 1, 4, 5, 6, 7);
        Training lowest =
                adam().with(numbers).with(EarlyStopping.lowest("x", 3)).fit(9);
        assertEquals(8, lowest.epoch());
        assertEquals(
                "x has not improved on 1.00000 for 3 epochs", lowest.stopped().orElseThrow());
        assertTrue(lowest.isComplete());
        assertEquals(
                4,
                adam().with(numbers).with(EarlyStopping.highest("x", 3)).fit(9).epoch());
        var never = series("x", Double.NaN, Double.NaN, Double.NaN);
        assertEquals(
                2, adam().with(never).with(EarlyStopping.lowest("x", 2)).fit(3).epoch());
        assertEquals(
                "EarlyStopping[lowest x, patience 3]",
                EarlyStopping.lowest("x", 3).toString());
    }

    @Test
    void theBestModelComesBack() {
        var best = BestModel.highest("x");
        var whole = adam().with(series("x", 1, 3, 2, 3)).with(best).in(folder, 0);
        whole.fit(4);
        assertEquals(1, best.epoch());
        var two = adam();
        two.fit(2);
        assertEquals(two.bits(), whole.bits(), "the parameters behind epoch 1");
        var four = adam();
        four.fit(4);
        Checkpoint last = Checkpoints.in(folder).latest().orElseThrow();
        var fresh = adam();
        last.restore("model", fresh.model.parameters());
        assertEquals(four.bits(), fresh.bits(), "the checkpoint has the newest ones");

        var more = BestModel.highest("x");
        var longer = adam().with(series("x", 0, 0, 0, 0, 4, 0)).with(more).in(folder, 0);
        longer.fit(6);
        var five = adam();
        five.fit(5);
        assertEquals(4, more.epoch());
        assertEquals(five.bits(), longer.bits());
        assertEquals("BestModel[highest x]", best.toString());
    }

    @Test
    void aListenerOfAnotherTrainingBeginsAnew() {
        var best = BestModel.lowest("x");
        adam().with(series("x", -5)).with(best).fit(1);
        var small = adam().with(series("x", 1, 2)).with(best);
        small.fit(2);
        var one = adam();
        one.fit(1);
        assertEquals(one.bits(), small.bits());
    }

    @Test
    void aListenerThatTheCheckpointDoesNotKnowBeginsThere() {
        adam().in(folder, 0).fit(2);
        var best = BestModel.lowest("validation.loss");
        Training training = adam().in(folder, 0)
                .with(best)
                .with(EarlyStopping.highest("learningRate", 1))
                .fit(9);
        // The rate never gets higher than in the first epoch that early stopping sees, epoch 2, so that 3 is the last.
        assertEquals(4, training.epoch());
        assertTrue(best.epoch() >= 2, "epoch " + best.epoch());
    }

    @Test
    void aSeriesThatIsNotThereIsAnError() {
        var plateau = new PlateauListener(ReduceOnPlateau.of(1), "x");
        for (var listener : List.of(EarlyStopping.lowest("x", 1), BestModel.lowest("x"), plateau)) {
            var small = adam().with(listener);
            var e = assertThrows(IllegalStateException.class, () -> small.fit(1));
            assertEquals(
                    listener + ": nothing reports the series x at the end of an epoch; after epoch 0 there are"
                            + " [loss, auxiliaryLoss, learningRate, validation.loss, validation.accuracy]",
                    e.getMessage());
        }
    }

    @Test
    void aSeriesThatOnlyTheCheckpointHasIsAnError() {
        adam().with(series("x", 2, 1)).in(folder, 0).fit(2);
        var small = adam().with(EarlyStopping.lowest("x", 9)).in(folder, 0);
        var e = assertThrows(IllegalStateException.class, () -> small.fit(4));
        assertTrue(String.valueOf(e.getMessage()).contains("x at the end of an epoch; after epoch 2"), e.getMessage());
    }

    @Test
    void listenersAreToldWhenAnExceptionEndsTheTraining() {
        List<Boolean> ends = new ArrayList<>();
        var small = adam().in(folder, 0)
                .with(new TrainingListener() {
                    @Override
                    public void ended(Training training) {
                        ends.add(training.isComplete());
                    }
                })
                .behind(3, training -> {
                    throw new IllegalStateException("oops");
                });
        assertThrows(IllegalStateException.class, () -> small.fit(1));
        assertEquals(List.of(false), ends);
        Checkpoints.in(folder).open().close(); // nobody holds the folder
    }

    /** Notes its calls, and throws in some. */
    private static TrainingListener noting(List<String> calls, String name, String... failures) {
        return new TrainingListener() {
            private void note(String call) {
                calls.add(call);
                if (List.of(failures).contains(call)) {
                    throw new IllegalStateException(call);
                }
            }

            @Override
            public void started(Training training, Checkpoint from) {
                note(name + " started");
            }

            @Override
            public void ended(Training training) {
                note(name + " ended");
            }
        };
    }

    @Test
    void everyListenerThatWasStartedIsToldOfTheEnd() {
        List<String> calls = new ArrayList<>();
        var small = adam().with(noting(calls, "a", "a ended"))
                .with(noting(calls, "b", "b started", "b ended"))
                .with(noting(calls, "c"));
        var thrown = assertThrows(IllegalStateException.class, () -> small.fit(1));
        assertEquals(List.of("a started", "b started", "a ended", "b ended"), calls);
        assertEquals("b started", thrown.getMessage());
        assertEquals("a ended", thrown.getSuppressed()[0].getMessage());
        assertEquals("b ended", thrown.getSuppressed()[0].getSuppressed()[0].getMessage());
    }

    @Test
    void anExceptionAtTheEndIsThrownBehindAllOthers() {
        List<String> calls = new ArrayList<>();
        var small = adam().with(noting(calls, "a", "a ended")).with(noting(calls, "b"));
        var thrown = assertThrows(IllegalStateException.class, () -> small.fit(1));
        assertEquals("a ended", thrown.getMessage());
        assertEquals(List.of("a started", "b started", "a ended", "b ended"), calls);
    }

    // ---- Checkpoints ----

    @Test
    void aCheckpointTellsHowGradientsWereTakenAndAnotherWayIsAWarning() {
        for (double norm : new double[] {2, 3}) {
            var model = LinearLayer.of(4, 3, Rng.of(1));
            Training training = Trainer.of(model, CrossEntropyLoss.of(), Optimizer.of(model.parameters(), Sgd.of(.1f)))
                    .withAccumulation(
                            GradientAccumulation.of(CrossEntropyLoss.of(), 1).withInstanceClipNorm(norm))
                    .withClipNorm(5)
                    .withCheckpoints(Checkpoints.in(folder))
                    .fit(SmallTraining.data(16).batches(8), (long) norm, Rng.of(0));
            assertEquals(2 * (long) norm, training.step());
            Checkpoint checkpoint = Checkpoints.in(folder).latest().orElseThrow();
            assertEquals(Double.toString(norm), checkpoint.text("settings.instanceClipNorm"));
            assertEquals("1", checkpoint.text("settings.microBatch"));
            assertEquals("1", checkpoint.text("settings.shards"));
            assertEquals("5.0", checkpoint.text("settings.clipNorm"));
        }
    }

    @Test
    void theBestCheckpointIsKept() {
        var small = adam().with(series("x", 3, 1, 2, 4, 5));
        var checkpoints = Checkpoints.in(folder).withLast(1).withLowest("x");
        small.trainer().withCheckpoints(checkpoints, 2).fit(small.batches, 5, small.rng);
        Checkpoint best = checkpoints.best().orElseThrow();
        assertEquals(2, best.count("training.epoch"));
        assertEquals(1, best.number("x"));
        assertEquals(5, checkpoints.latest().orElseThrow().count("training.epoch"));
    }

    @Test
    void aCheckpointOfAnotherModelOrOptimizerIsAnErrorAndChangesNothing() {
        adam().in(folder, 0).fit(1);
        var momentum = new SmallTraining(Sgd.of(.1f).withMomentum(.9f)).in(folder, 0);
        var before = momentum.bits();
        var e = assertThrows(IllegalArgumentException.class, () -> momentum.fit(2));
        assertTrue(String.valueOf(e.getMessage()).contains("velocity"), e.getMessage());
        assertEquals(before, momentum.bits());
        var other = LinearLayer.of(4, 3, Rng.of(1));
        var trainer = Trainer.of(other, CrossEntropyLoss.of(), Optimizer.of(other.parameters(), Adam.of(.02f)))
                .withCheckpoints(Checkpoints.in(folder));
        e = assertThrows(IllegalArgumentException.class, () -> trainer.fit(momentum.batches, 2, Rng.of(3)));
        assertTrue(String.valueOf(e.getMessage()).contains("layers.0.weight"), e.getMessage());
    }

    @Test
    void anotherRateGoesOnWithAWarning() {
        var whole = adam();
        whole.fit(2);
        adam().in(folder, 0).fit(1);
        var other = new SmallTraining(Adam.of(.01f)).in(folder, 0);
        assertEquals(2, other.fit(2).epoch());
        assertNotEquals(whole.bits(), other.bits());
    }
}
