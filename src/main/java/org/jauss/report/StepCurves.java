package org.jauss.report;

import java.util.ArrayList;
import java.util.List;
import org.jauss.io.Checkpoint;
import org.jauss.train.History;
import org.jauss.train.TrainingStep;

/**
 * The numbers of the steps of a training, few enough to draw: means over blocks of steps that double in length whenever
 * there are too many.
 */
final class StepCurves {
    private static final List<String> NAMES = List.of("loss", "auxiliaryLoss", "gradientNorm", "learningRate");
    private static final int COLUMNS = NAMES.size() + 1;
    private static final int MOST = 256;

    /** For each block its last step and the means. */
    private List<double[]> blocks = new ArrayList<>();

    private long length = 1;
    private double[] sums = new double[COLUMNS];
    private long steps;

    void add(long step, TrainingStep made) {
        sums[0] = step;
        sums[1] += made.loss();
        sums[2] += made.auxiliaryLoss();
        sums[3] += made.gradientNorm();
        sums[4] += made.learningRate();
        if (++steps < length) {
            return;
        }
        for (int i = 1; i < COLUMNS; i++) {
            sums[i] /= steps;
        }
        blocks.add(sums);
        sums = new double[COLUMNS];
        steps = 0;
        if (blocks.size() == MOST) {
            halve();
        }
    }

    private void halve() {
        List<double[]> pairs = new ArrayList<>();
        for (int b = 0; b < MOST; b += 2) {
            double[] pair = blocks.get(b + 1);
            for (int i = 1; i < COLUMNS; i++) {
                pair[i] = (pair[i] + blocks.get(b)[i]) / 2;
            }
            pairs.add(pair);
        }
        blocks = pairs;
        length *= 2;
    }

    History history() {
        var history = new History();
        for (double[] block : blocks) {
            for (int i = 1; i < COLUMNS; i++) {
                history.add(NAMES.get(i - 1), (long) block[0], block[i]);
            }
        }
        return history;
    }

    Checkpoint save(Checkpoint checkpoint, String key) {
        double[] numbers = new double[COLUMNS * (blocks.size() + 1)];
        for (int b = 0; b <= blocks.size(); b++) {
            System.arraycopy(b < blocks.size() ? blocks.get(b) : sums, 0, numbers, b * COLUMNS, COLUMNS);
        }
        return checkpoint.with(key, numbers).with(key + ".length", length).with(key + ".steps", steps);
    }

    void restore(Checkpoint checkpoint, String key) {
        double[] numbers = checkpoint.numbers(key);
        blocks.clear();
        for (int b = 0; b < numbers.length / COLUMNS; b++) {
            double[] block = new double[COLUMNS];
            System.arraycopy(numbers, b * COLUMNS, block, 0, COLUMNS);
            blocks.add(block);
        }
        sums = blocks.remove(blocks.size() - 1);
        length = checkpoint.count(key + ".length");
        steps = checkpoint.count(key + ".steps");
    }
}
