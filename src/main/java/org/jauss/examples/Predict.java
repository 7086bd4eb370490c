package org.jauss.examples;

import java.nio.file.Path;
import java.util.Locale;
import org.jauss.data.Batch;
import org.jauss.data.Dataset;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Tensor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Loads a network that {@link TrainDigits} saved and shows what it says about one of the held-out digits. */
@Command(name = "Predict", description = "Shows a held-out digit and what a saved network says about it.")
public final class Predict extends DigitsProgram {
    private static final String INK = " .:-=+*#%@";
    private static final int SIDE = 8;

    @Parameters(paramLabel = "FILE", description = "The network, as TrainDigits saves it.")
    private Path file = Path.of("");

    @Option(names = "--index", defaultValue = "0", description = "Which held-out digit (default: ${DEFAULT-VALUE}).")
    private int index;

    /** The program, before it has read its options. */
    public Predict() {}

    /**
     * Predicts one digit.
     *
     * @param args the file and the options; {@code --help} lists them
     */
    public static void main(String[] args) {
        new Predict().start(args);
    }

    @Override
    void run() {
        Dataset<IntTensor> heldOut = digits().heldOut();
        int last = heldOut.instances() - 1;
        require(index >= 0 && index <= last, "--index must be from 0 to " + last + ", but is " + index);
        Batch<IntTensor> digit = heldOut.read(0, index);
        Tensor probabilities = Network.load(file).forward(digit.x()).softmax(-1);
        for (int row = 0; row < SIDE; row++) {
            var line = new StringBuilder();
            for (int column = 0; column < SIDE; column++) {
                char ink = INK.charAt(Math.round(digit.x().get(0, row * SIDE + column) * (INK.length() - 1)));
                line.append(ink).append(ink);
            }
            out().println(line.toString().stripTrailing());
        }
        for (int c = 0; c < probabilities.size(); c++) {
            float p = probabilities.get(0, c);
            out().println(String.format(Locale.ROOT, "%d  %.4f  %s", c, p, "#".repeat(Math.round(40 * p)))
                    .stripTrailing());
        }
        int predicted = probabilities.argmax(-1).at(0);
        out().println("predicted " + predicted + ", labelled " + digit.labels().at(0));
    }
}
