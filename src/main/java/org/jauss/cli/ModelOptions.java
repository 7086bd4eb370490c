package org.jauss.cli;

import java.util.ArrayList;
import java.util.List;
import org.jauss.layers.ActivationLayer;
import org.jauss.layers.Conv2dLayer;
import org.jauss.layers.DropoutLayer;
import org.jauss.layers.FlattenLayer;
import org.jauss.layers.Initializer;
import org.jauss.layers.Layer;
import org.jauss.layers.LinearLayer;
import org.jauss.layers.MaxPool2dLayer;
import org.jauss.layers.Normalization;
import org.jauss.layers.Sequential;
import org.jauss.tensor.Padding;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which network. */
final class ModelOptions {
    private static final int[] WINDOW = {3, 3};
    private static final int MOST = 1 << 14;

    /** The kinds of networks. */
    enum Kind {
        /** Linear layers. */
        MLP,
        /** Convolutions with max pooling, then linear layers. */
        CNN;

        /** The name on the command line. */
        @Override
        public String toString() {
            return OptionValue.of(this);
        }
    }

    @Option(
            names = "--model",
            order = 10,
            defaultValue = "mlp",
            description =
                    "${COMPLETION-CANDIDATES}: linear layers, or convolutions of 3 x 3 and max pooling before them.")
    private Kind kind = Kind.MLP;

    @Option(
            names = "--hidden",
            order = 11,
            split = ",",
            paramLabel = "N",
            description = "Widths of the hidden linear layers (default: 512,256 for mlp, 128 for cnn).")
    private @Nullable List<Integer> hidden;

    @Option(
            names = "--filters",
            order = 12,
            split = ",",
            defaultValue = "32,64",
            paramLabel = "N",
            description = "Filters of the convolutions of each stage of a cnn.")
    private List<Integer> filters = List.of();

    @Option(
            names = "--depth",
            order = 13,
            defaultValue = "1",
            paramLabel = "N",
            description = "Convolutions in a stage, before its max pooling.")
    private int depth;

    @Option(
            names = "--norm",
            order = 14,
            defaultValue = "batch",
            description = "Normalisation: ${COMPLETION-CANDIDATES}.")
    private NormalizationName norm = NormalizationName.BATCH;

    @Option(
            names = "--groups",
            order = 15,
            defaultValue = "8",
            paramLabel = "N",
            description = "Groups of channels, for --norm group.")
    private int groups;

    @Option(
            names = "--dropout",
            order = 16,
            defaultValue = "0",
            paramLabel = "RATE",
            description = "Share of the features that is dropped before each linear layer but the first of an mlp.")
    private float dropout;

    void check(Program program) {
        for (int width : widths()) {
            requireWidth(program, "--hidden", width);
        }
        for (int count : filters) {
            requireWidth(program, "--filters", count);
        }
        program.requireAtLeast("--depth", depth, 1);
        program.requireAtLeast("--groups", groups, 1);
        program.require(dropout >= 0 && dropout < 1, "--dropout must be at least 0 and below 1, but is " + dropout);
        program.require(
                norm != NormalizationName.INSTANCE || kind == Kind.CNN,
                "--norm instance needs positions to normalise over: --model cnn");
    }

    /** Requires that batches go through as the norm needs it. */
    void checkParts(Program program, int batch, int atOnce, int shards) {
        if (norm.needsBatch()) {
            String others = ", or take another norm, such as gaussian or layer";
            program.require(batch > 1, "--norm " + norm + " needs batches: --batch must be at least 2" + others);
            program.require(
                    atOnce == batch && shards == 1,
                    "--norm " + norm + " needs the batch as a whole: leave --micro-batch and --shards out" + others);
        }
    }

    /** Whether a single row cannot be learned from. */
    boolean needsBatch() {
        return norm.needsBatch();
    }

    private static void requireWidth(Program program, String option, int width) {
        program.require(width >= 1 && width <= MOST, option + " must be from 1 to " + MOST + ", but one is " + width);
    }

    private List<Integer> widths() {
        return hidden != null ? hidden : kind == Kind.MLP ? List.of(512, 256) : List.of(128);
    }

    /**
     * The network with new weights: He normal for hidden layers, LeCun normal for the last one.
     *
     * @throws IllegalArgumentException if the options do not fit each other or the images
     */
    Sequential build(Shape image, int classes, Rng rng) {
        int channels = image.dim(-1);
        Normalization way = norm.of(groups);
        List<Layer> layers = new ArrayList<>();
        layers.add(StandardizeLayer.of(channels));
        int features = image.size();
        if (kind == Kind.CNN) {
            features = addConvolutions(layers, image, way, rng);
        } else {
            layers.add(new FlattenLayer());
            layers.addAll(way.input(features));
        }
        // Behind the last stage there is one position, over which an instance has no spread.
        Normalization flat = norm == NormalizationName.INSTANCE ? Normalization.none() : way;
        boolean first = kind == Kind.MLP;
        for (int width : widths()) {
            addDropout(layers, !first);
            first = false;
            layers.addAll(
                    flat.hidden(LinearLayer.of(features, width, Initializer.heNormal(), rng), ActivationLayer.relu()));
            features = width;
        }
        addDropout(layers, !first);
        layers.add(LinearLayer.of(features, classes, Initializer.lecunNormal(), rng));
        return new Sequential(layers);
    }

    /** Adds the stages, and gives the number of features behind them. */
    private int addConvolutions(List<Layer> layers, Shape image, Normalization way, Rng rng) {
        int channels = image.dim(-1);
        int height = image.dim(0);
        int width = image.dim(1);
        layers.addAll(way.input(channels));
        for (int count : filters) {
            for (int i = 0; i < depth; i++) {
                var convolution = Conv2dLayer.of(channels, count, WINDOW, 1, Initializer.heNormal(), rng)
                        .withPadding(Padding.same());
                layers.addAll(way.hidden(convolution, ActivationLayer.relu()));
                channels = count;
            }
            if (height < 2 || width < 2) {
                throw new IllegalArgumentException(
                        "--filters: " + filters.size() + " stages halve the image too often: it has " + image.dim(0)
                                + " x " + image.dim(1) + " pixels");
            }
            layers.add(MaxPool2dLayer.of(2));
            height /= 2;
            width /= 2;
        }
        layers.add(new FlattenLayer());
        return height * width * channels;
    }

    private void addDropout(List<Layer> layers, boolean wanted) {
        if (wanted && dropout > 0) {
            layers.add(new DropoutLayer(dropout));
        }
    }
}
