package org.jauss.train;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jauss.io.Checkpoint;
import org.jauss.io.Png;
import org.jauss.io.TensorBoardWriter;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Writes a training for TensorBoard: the numbers of the history at the steps they are of, behind each epoch the
 * distributions of the parameters, and every so many steps loss, auxiliary losses, gradient norm and learning rate.
 * What other listeners note when the training has ended is written if those come before this one. With a probe, behind
 * each epoch the {@link LayerStatistics} and the distributions of the outputs of the layers as well.
 *
 * <pre>{@code
 * trainer.with(TensorBoardListener.in(Path.of("runs/first")).withProbe(training.rows(0, 500).x()))
 * }</pre>
 *
 * <p>A training that goes on from a checkpoint writes another event file, and TensorBoard drops what the earlier ones have
 * of the steps that are made again.
 */
public final class TensorBoardListener implements TrainingListener {
    private final Path folder;
    private final long every;
    private final @Nullable Tensor probe;
    private final @Nullable Tensor images;
    private @Nullable TensorBoardWriter writer;

    /** How many numbers of each series of the history are written. */
    private final Map<String, Integer> written = new HashMap<>();

    private TensorBoardListener(Path folder, long every, @Nullable Tensor probe, @Nullable Tensor images) {
        this.folder = folder;
        this.every = every;
        this.probe = probe;
        this.images = images;
    }

    /**
     * A listener that writes the numbers of every tenth step.
     *
     * @param folder the folder of the run; made if it is not there
     * @return the listener, for one training at a time
     */
    public static TensorBoardListener in(Path folder) {
        return new TensorBoardListener(folder, 10, null, null);
    }

    /**
     * The same with the numbers of more or fewer steps.
     *
     * @param steps after how many steps numbers are written
     * @return a new listener
     * @throws IllegalArgumentException if the number is less than 1
     */
    public TensorBoardListener withSteps(long steps) {
        if (steps < 1) {
            throw new IllegalArgumentException(
                    "TensorBoard: steps between numbers must be at least 1, but are " + steps);
        }
        return new TensorBoardListener(folder, steps, probe, images);
    }

    /**
     * The same with statistics and distributions of the layers.
     *
     * @param inputs inputs of the model, some hundred instances, always the same
     * @return a new listener
     */
    public TensorBoardListener withProbe(Tensor inputs) {
        return new TensorBoardListener(folder, every, inputs, images);
    }

    /**
     * The same with some inputs as images, once at the start: what the model gets to see.
     *
     * @param inputs {@code [N, H, W]} or {@code [N, H, W, C]} with 1, 3 or 4 channels
     * @return a new listener
     * @throws ShapeException if they are no images
     */
    public TensorBoardListener withImages(Tensor inputs) {
        if (inputs.shape().rank() < 3 || !Png.isImage(inputs.shape().withoutFirst())) {
            throw new ShapeException(
                    "TensorBoard: images must be [N, H, W] or [N, H, W, C] with 1, 3 or 4 channels, but are "
                            + inputs.shape());
        }
        return new TensorBoardListener(folder, every, probe, inputs);
    }

    @Override
    public void started(Training training, Checkpoint from) {
        writer = TensorBoardWriter.open(folder);
        written.clear();
        History history = training.history();
        history.names().forEach(name -> written.put(name, history.of(name).size()));
        if (training.step() > 0) {
            writer.resume(training.step() + 1);
        } else {
            writer.text(
                    "settings",
                    0,
                    "    " + training.optimizer() + "\n    "
                            + training.trainer().accumulation());
            showImages(writer);
            showLayers(training, writer);
        }
        writer.flush();
    }

    private void showImages(TensorBoardWriter board) {
        if (images == null) {
            return;
        }
        float low = Float.POSITIVE_INFINITY;
        float high = Float.NEGATIVE_INFINITY;
        for (float value : images.toArray()) {
            low = Math.min(low, value);
            high = Math.max(high, value);
        }
        for (int i = 0; i < images.instances(); i++) {
            Tensor image =
                    images.rows(i, i + 1).reshape(images.shape().withoutFirst().dims());
            board.image("inputs/" + i, 0, image, low, low < high ? high : low + 1);
        }
    }

    @Override
    public void stepped(Training training, TrainingStep step) {
        if (training.step() % every == 0) {
            TensorBoardWriter board = Objects.requireNonNull(writer);
            showHistory(training, board);
            board.scalar("steps/loss", training.step(), step.loss());
            board.scalar("steps/auxiliaryLoss", training.step(), step.auxiliaryLoss());
            board.scalar("steps/gradientNorm", training.step(), step.gradientNorm());
            board.scalar("steps/learningRate", training.step(), step.learningRate());
        }
    }

    @Override
    public void epochEnded(Training training) {
        TensorBoardWriter board = Objects.requireNonNull(writer);
        showHistory(training, board);
        training.model()
                .parameters()
                .forEach((name, parameter) -> board.histogram("parameters/" + name, training.step(), parameter.data()));
        showLayers(training, board);
        board.flush();
    }

    /** The numbers that came to the history since the last time. */
    private void showHistory(Training training, TensorBoardWriter board) {
        for (String name : training.history().names()) {
            List<History.Point> points = training.history().of(name);
            for (History.Point point : points.subList(written.getOrDefault(name, 0), points.size())) {
                board.scalar(name.replace('.', '/'), point.step(), point.value());
            }
            written.put(name, points.size());
        }
    }

    private void showLayers(Training training, TensorBoardWriter board) {
        if (probe == null) {
            return;
        }
        long step = training.step();
        LayerStatistics.of(training.model(), probe)
                .forEach(layer ->
                        layer.numbers().forEach((name, value) -> board.scalar(name + "/" + layer.path(), step, value)));
        LayerObserver.run(
                training.model(), probe, (path, layer, x, y) -> board.histogram("outputs/" + path, step, y.toArray()));
    }

    @Override
    public void ended(Training training) {
        if (writer != null) {
            TensorBoardWriter board = writer;
            writer = null;
            try (board) {
                showHistory(training, board);
            }
        }
    }

    @Override
    public String toString() {
        return "TensorBoardListener[" + folder + "]";
    }
}
