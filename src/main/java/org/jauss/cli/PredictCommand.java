package org.jauss.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jauss.data.ImageFolder;
import org.jauss.io.JsonScanner;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Asks the network of a run what is on images. */
@Command(
        name = "predict",
        description = "Says what is on images: the most probable classes, and how probable they are. Images are cropped"
                + " in the middle and scaled to the size that the network has learned; if it learned from images that all"
                + " had this size, with a warning.")
final class PredictCommand extends RunProgram {
    @Parameters(index = "1..*", arity = "1..*", paramLabel = "IMAGE", description = "PNG, JPEG, GIF, BMP or TIFF.")
    private List<Path> images = List.of();

    @Option(names = "--top", order = 1, defaultValue = "1", paramLabel = "N", description = "Most classes to name.")
    private int top;

    @Option(names = "--invert", order = 2, description = "Swap black and white: MNIST is white on black.")
    private boolean invert;

    @Option(names = "--json", order = 3, description = "As JSON, with the probabilities of all classes.")
    private boolean json;

    @Override
    int run() {
        requireAtLeast("--top", top, 1);
        TrainCommand command = folder().command(this);
        RunFolder.Trained trained = folder().trained(this, command);
        ImageFolder read = ImageFolder.ofFiles(
                images, trained.shape().dim(0), trained.shape().dim(1));
        ImageFolder inputs = trained.shape().dim(2) == 1 ? read.grey() : read;
        if (command.data().isOfOneSize()) {
            warnOfOtherSizes(inputs, trained.shape());
        }
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < images.size(); i++) {
            Tensor x = inputs.read(0, i).x();
            try (var pass = Pass.inference()) {
                Tensor input = pass.input(invert ? x.neg().add(1) : x);
                float[] p = trained.model().forward(input).softmax(-1).toArray();
                lines.add(json ? json(images.get(i), p, trained) : text(images.get(i), p, trained));
            }
        }
        out().println(json ? "[\n" + String.join(",\n", lines) + "\n]" : String.join("\n", lines));
        return ExitCode.OK;
    }

    /** One warning for all images: what is scaled may look like nothing that the network has seen. */
    private void warnOfOtherSizes(ImageFolder inputs, Shape learned) {
        Shape size = Shape.of(learned.dim(0), learned.dim(1));
        List<String> others = IntStream.range(0, images.size())
                .filter(i -> !inputs.sizeInFile(i).equals(size))
                .mapToObj(i -> images.get(i) + " " + inputs.sizeInFile(i))
                .toList();
        if (!others.isEmpty()) {
            err().println("Warning: the network has learned images of " + size + " pixels; cropped and scaled: "
                    + others.get(0) + (others.size() > 1 ? " and " + (others.size() - 1) + " more" : ""));
        }
    }

    private String text(Path image, float[] p, RunFolder.Trained trained) {
        List<String> classes = ranked(p).stream()
                .limit(top)
                .map(c -> String.format(
                        Locale.ROOT, "%s %.4f", trained.classNames().get(c), p[c]))
                .toList();
        return image + ": " + String.join(", ", classes);
    }

    private static String json(Path image, float[] p, RunFolder.Trained trained) {
        List<Integer> ranked = ranked(p);
        List<String> all = ranked.stream()
                .map(c -> JsonScanner.quote(trained.classNames().get(c)) + ": " + p[c])
                .toList();
        int best = ranked.get(0);
        return "  {\"file\": " + JsonScanner.quote(image.toString()) + ", \"class\": "
                + JsonScanner.quote(trained.classNames().get(best)) + ", \"probability\": " + p[best]
                + ", \"probabilities\": {" + String.join(", ", all) + "}}";
    }

    /** The classes, the most probable one first. */
    private static List<Integer> ranked(float[] p) {
        return IntStream.range(0, p.length)
                .boxed()
                .sorted(Comparator.comparing((Integer c) -> -p[c]))
                .toList();
    }
}
