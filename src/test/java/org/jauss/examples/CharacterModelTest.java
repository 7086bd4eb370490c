package org.jauss.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs the program as a user would, on a text that a few steps are enough for. */
final class CharacterModelTest {
    @TempDir
    private Path folder;

    private static String run(int code, String... args) {
        var out = new StringWriter();
        assertEquals(code, CharacterModel.execute(new PrintWriter(out), args));
        return out.toString();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gru", "transformer"})
    void beatsTheCounts(String model) throws IOException {
        var text = new StringBuilder();
        for (int i = 0; i < 400; i++) { // a rule that needs more than the character before
            text.append("The number ").append(i % 7).append(i).append(" follows.\n\n");
        }
        Path file = Files.writeString(folder.resolve("text.txt"), text);
        String[] args = {"--text", file.toString(), "--model", model, "--steps", "120", "--width", "32"};
        String out = run(0, args);
        Matcher bits = Pattern.compile(
                        "unigram ([0-9.]+), bigram ([0-9.]+), " + model.toUpperCase(Locale.ROOT) + " ([0-9.]+)")
                .matcher(out);
        assertTrue(bits.find(), out);
        double bigram = Double.parseDouble(bits.group(2));
        assertTrue(bigram < Double.parseDouble(bits.group(1)), out);
        assertTrue(Double.parseDouble(bits.group(3)) < bigram, out);
        assertEquals(out, run(0, args), "the seed decides");
    }

    @Test
    void aTextThatIsNotThereIsAnError() {
        String missing = folder.resolve("none").toString();
        String out = run(1, "--text", missing);
        assertEquals("Failed: no text in " + missing + ": name one by --text", out.strip());
    }
}
