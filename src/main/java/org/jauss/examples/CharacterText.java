package org.jauss.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jauss.layers.Layer;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.KeyValueCache;
import org.jauss.tensor.Pass;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;

/**
 * A text as tokens: every tenth paragraph is held out, and a paragraph that occurs again is left out.
 *
 * @param alphabet the characters; a token is a position in it
 * @param training the text to learn from
 * @param heldOut the text to judge by
 */
record CharacterText(String alphabet, int[] training, int[] heldOut) {
    private static final int SHARE = 10;

    /** All texts in a file or folder; by default the licences that come with the JDK. */
    static CharacterText read(Path path) {
        Set<String> paragraphs = new LinkedHashSet<>();
        try (var files = Files.walk(path)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                for (String paragraph : text.replace("\r", "").split("\n\\s*\n", -1)) {
                    paragraphs.add(paragraph.strip().replaceAll("[^\\n\\x20-\\x7e]+", "?") + "\n\n");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("no text in " + path + ": name one by --text", e);
        }
        String all = String.join("", paragraphs);
        String alphabet =
                all.chars().sorted().distinct().mapToObj(Character::toString).collect(Collectors.joining());
        String[] parts = paragraphs.toArray(String[]::new);
        IntUnaryOperator token = alphabet::indexOf;
        return new CharacterText(
                alphabet,
                join(parts, false).chars().map(token).toArray(),
                join(parts, true).chars().map(token).toArray());
    }

    private static String join(String[] paragraphs, boolean heldOut) {
        return IntStream.range(0, paragraphs.length)
                .filter(i -> heldOut == (i % SHARE == SHARE - 1))
                .mapToObj(i -> paragraphs[i])
                .collect(Collectors.joining());
    }

    /** Pieces of the training text that start at random positions, a character longer than {@code length}. */
    IntTensor pieces(int count, int length, Rng rng) {
        int[] tokens = new int[count * (length + 1)];
        for (int i = 0; i < count; i++) {
            System.arraycopy(training, rng.below(i, training.length - length), tokens, i * (length + 1), length + 1);
        }
        return IntTensor.of(Shape.of(count, length + 1), tokens);
    }

    /** The pieces of the held-out text in their order; each starts with the last character of the one before. */
    IntTensor heldOutPieces(int length) {
        int count = (heldOut.length - 1) / length;
        int[] tokens = new int[count * (length + 1)];
        for (int i = 0; i < count; i++) {
            System.arraycopy(heldOut, i * length, tokens, i * (length + 1), length + 1);
        }
        return IntTensor.of(Shape.of(count, length + 1), tokens);
    }

    /** Bits per held-out character of counts with add-one smoothing, given the character before or none. */
    double countedBits(boolean givenBefore) {
        int v = alphabet.length();
        double[][] counts = new double[v][v];
        double[] totals = new double[v];
        for (int i = 1; i < training.length; i++) {
            int before = givenBefore ? training[i - 1] : 0;
            counts[before][training[i]]++;
            totals[before]++;
        }
        double bits = 0;
        for (int i = 1; i < heldOut.length; i++) {
            int before = givenBefore ? heldOut[i - 1] : 0;
            bits -= Math.log((counts[before][heldOut[i]] + 1) / (totals[before] + v)) / Math.log(2);
        }
        return bits / (heldOut.length - 1);
    }

    /**
     * Writes on after a first character, step by step. A model that has learned pieces of one length is not asked about
     * longer ones: then it starts again from the second half of the piece.
     */
    String write(Layer model, char first, int count, int length, Rng rng) {
        var text = new StringBuilder().append(first);
        var cache = KeyValueCache.of(length);
        int begin = 0;
        int fed = 0;
        while (text.length() <= count) {
            if (text.length() - begin > length) {
                cache = KeyValueCache.of(length);
                begin = text.length() - length / 2;
                fed = begin;
            }
            int[] next = text.substring(fed).chars().map(alphabet::indexOf).toArray();
            fed = text.length();
            try (var pass = Pass.generating(cache)) {
                Tensor tokens = IntTensor.of(Shape.of(1, next.length), next).toTensor();
                Tensor p = model.forward(pass.input(tokens)).softmax(-1);
                text.append(alphabet.charAt(draw(p, next.length - 1, rng.uniform(fed))));
            }
        }
        return text.toString();
    }

    private static int draw(Tensor p, int step, float left) {
        int token = 0;
        while (token < p.shape().dim(2) - 1 && left >= p.get(0, step, token)) {
            left -= p.get(0, step, token++);
        }
        return token;
    }
}
