package org.jauss.examples;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.Locale;
import org.jauss.layers.Layer;
import org.jauss.tensor.Rng;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Learns a text character by character, compares with counts of characters, and writes on. */
@Command(name = "CharacterModel", mixinStandardHelpOptions = true, description = "Learns to write like a text.")
public final class CharacterModel implements Runnable {
    private static final int LENGTH = 64;

    @Option(names = "--text", description = "A file, or a folder of texts (default: the licences of this JDK).")
    private Path text = Path.of(System.getProperty("java.home"), "legal");

    @Option(names = "--model", description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private CharacterNetwork network = CharacterNetwork.GRU;

    @Option(names = "--steps", description = "Steps of training (default: ${DEFAULT-VALUE}).")
    private int steps = 1000;

    @Option(names = "--width", description = "Features of each step (default: ${DEFAULT-VALUE}).")
    private int width = 128;

    @Option(names = "--seed", description = "Seed of all randomness (default: ${DEFAULT-VALUE}).")
    private long seed = 1;

    private final PrintWriter out;

    private CharacterModel(PrintWriter out) {
        this.out = out;
    }

    /**
     * Trains, compares and writes.
     *
     * @param args the options; {@code --help} lists them
     */
    public static void main(String[] args) {
        System.exit(execute(new PrintWriter(System.out, true, Charset.defaultCharset()), args));
    }

    static int execute(PrintWriter out, String... args) {
        return new CommandLine(new CharacterModel(out))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setErr(out)
                .setExecutionExceptionHandler((e, commandLine, parsed) -> {
                    out.println("Failed: " + e.getMessage());
                    return CommandLine.ExitCode.SOFTWARE;
                })
                .execute(args);
    }

    @Override
    public void run() {
        var rng = Rng.of(seed);
        var data = CharacterText.read(text);
        Layer model = network.build(data.alphabet().length(), width, rng.split());
        CharacterNetwork.train(model, data, LENGTH, steps, rng);
        out.printf("%d characters to learn from, %d held out%n", data.training().length, data.heldOut().length);
        out.printf(
                Locale.ROOT,
                "bits per held-out character: unigram %.3f, bigram %.3f, %s %.3f%n",
                data.countedBits(false),
                data.countedBits(true),
                network,
                CharacterNetwork.bits(model, data, LENGTH));
        out.println(data.write(model, 'T', 300, LENGTH, rng));
    }
}
