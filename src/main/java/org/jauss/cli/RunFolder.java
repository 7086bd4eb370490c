package org.jauss.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.function.Supplier;
import org.jauss.io.AtomicFile;
import org.jauss.io.Checkpoints;
import org.jauss.io.Safetensors;
import org.jauss.layers.Sequential;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * What a training leaves behind: its options ({@code settings.properties}), checkpoints, the best weights
 * ({@code best.safetensors}, at its end), a report ({@code report.html}) and its numbers ({@code metrics.csv},
 * {@code statistics.csv}).
 *
 * @param folder the folder
 */
record RunFolder(Path folder) {
    private static final String SHAPE = "shape";
    private static final String CLASSES = "classes";

    /**
     * A trained network.
     *
     * @param model the network with its best weights
     * @param shape the shape of the images that it takes, {@code [H, W, C]}
     * @param classNames the names of its classes
     */
    record Trained(Sequential model, Shape shape, List<String> classNames) {}

    private Path settings() {
        return folder.resolve("settings.properties");
    }

    Path weights() {
        return folder.resolve("best.safetensors");
    }

    Path report() {
        return folder.resolve("report.html");
    }

    Checkpoints checkpoints() {
        return Checkpoints.in(folder.resolve("checkpoints"));
    }

    /** Whether a training has begun here. */
    boolean isRun() {
        return Files.exists(settings());
    }

    /** Notes the options. */
    void writeSettings(TrainCommand command) {
        AtomicFile.write(settings(), Settings.write(command.spec()).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The command that made this run, with options of another command line before its own.
     *
     * @param program the command that asks
     * @param args a command line of {@code train}
     * @throws ParameterException if there is no run here
     */
    TrainCommand command(Program program, String... args) {
        program.require(
                isRun(),
                folder + ": is no folder of a run: there is no " + settings().getFileName());
        Properties properties = Settings.read(read(settings()));
        CommandLine root = Jauss.commandLine(program.out(), program.err());
        CommandLine train = Objects.requireNonNull(root.getSubcommands().get("train"));
        train.setDefaultValueProvider(arg -> Settings.value(properties, arg));
        return fromSettings(program, () -> {
            root.parseArgs(args);
            return train.getCommand();
        });
    }

    /** Makes something of the options of this run; if they are wrong, it says in which file. */
    <T> T fromSettings(Program program, Supplier<T> maker) {
        try {
            return maker.get();
        } catch (ParameterException e) {
            throw new ParameterException(program.spec().commandLine(), settings() + ": " + e.getMessage(), e);
        }
    }

    /** The command that made this run. */
    TrainCommand command(Program program) {
        return command(program, "train", "--out", folder.toString());
    }

    void writeWeights(Sequential model, Parts parts) {
        String shape = String.join(
                ",",
                Arrays.stream(parts.shape().dims()).mapToObj(Integer::toString).toList());
        Safetensors.write(
                weights(),
                model.parameters(),
                Map.of(SHAPE, shape, CLASSES, new SameClasses(parts.classNames()).joined()));
    }

    /** Builds the network again and reads its best weights. */
    Trained trained(Program program, TrainCommand command) {
        if (!Files.exists(weights())) {
            throw new IllegalStateException(folder + ": the training has not come to its end; go on with: jauss train"
                    + " --resume --out " + folder);
        }
        Map<String, String> metadata = Safetensors.metadata(weights());
        String shape = metadata.getOrDefault(SHAPE, "");
        if (!shape.matches("[1-9][0-9]{0,4},[1-9][0-9]{0,4},[1-9][0-9]?")) {
            throw new IllegalStateException(
                    weights() + ": its metadata must name the shape of the images, but it is '" + shape + "'");
        }
        Shape image = Shape.of(
                Arrays.stream(shape.split(",")).mapToInt(Integer::parseInt).toArray());
        List<String> classes = SameClasses.split(metadata.getOrDefault(CLASSES, ""));
        Sequential model = fromSettings(program, () -> {
            command.model().check(program);
            return program.fromOptions(() -> command.model().build(image, classes.size(), Rng.of(0)));
        });
        Safetensors.read(weights(), model.parameters());
        return new Trained(model, image, classes);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e, e);
        }
    }
}
