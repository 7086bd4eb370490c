package org.jauss.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jauss.io.Safetensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs the programs about digits as a user would, on a small budget. */
final class TrainDigitsTest {
    @TempDir
    private Path folder;

    private record Outcome(int code, String out, String err) {}

    private static Outcome run(DigitsProgram program, String... args) {
        var out = new StringWriter();
        var err = new StringWriter();
        int code = program.execute(new PrintWriter(out), new PrintWriter(err), args);
        return new Outcome(code, out.toString(), err.toString());
    }

    private static Outcome train(String... args) {
        return run(new TrainDigits(), args);
    }

    @Test
    void theComparisonPrintsItsTablesAndSavesANetworkThatPredicts() throws IOException {
        Path file = folder.resolve("new/digits.safetensors");
        String[] args = {"--epochs", "2", "--batch-sizes", "1,64", "--out", file.toString()};
        Outcome first = train(args);
        assertEquals("", first.err());
        assertEquals(0, first.code());
        assertTrue(first.out().contains("1437 digits to learn from, 360 held out"), first.out());
        assertTrue(first.out().endsWith("is saved in " + file.toAbsolutePath() + System.lineSeparator()), first.out());
        assertFalse(
                Pattern.compile("\\p{Cntrl}")
                        .matcher(first.out().replaceAll("\\R", ""))
                        .find(),
                first.out());
        for (String line : first.out()
                .lines()
                .filter(line -> !line.contains(file.toString()))
                .toList()) {
            assertTrue(line.length() <= 100, line);
        }
        for (String network : List.of("none", "Gaussian norm")) {
            assertTrue(accuracy(first, network, "1") > .9, first.out());
            assertTrue(accuracy(first, network, "64") > .4, first.out());
            // Micro-batches differ by rounding alone, here in no prediction.
            assertEquals(accuracy(first, network, "64"), accuracy(first, network, "64 x 1"), first.out());
            for (double difference : gradientDifferences(first, network)) {
                assertTrue(difference <= 1e-5, first.out());
            }
        }
        assertTrue(row(first, "batch norm", "1").matches("0\\.0200( +-){4}"), first.out());
        assertTrue(row(first, "batch norm", "64 x 1").matches("0\\.1600( +-){4}"), first.out());
        assertTrue(accuracy(first, "batch norm", "64") > .4, first.out());
        assertEquals(Map.of("normalization", "GAUSSIAN", "hidden", "64,48,32"), Safetensors.metadata(file));

        byte[] saved = Files.readAllBytes(file);
        assertEquals(first.out(), train(args).out(), "the same seed gives the same numbers");
        assertArrayEquals(saved, Files.readAllBytes(file));

        Outcome prediction = run(new Predict(), file.toString(), "--index", "3");
        assertEquals("", prediction.err());
        assertEquals(0, prediction.code());
        assertEquals(19, prediction.out().lines().count());
        assertTrue(prediction.out().contains("@@"), prediction.out());
        assertTrue(prediction.out().strip().matches("(?s).*predicted \\d, labelled \\d"), prediction.out());
    }

    @Test
    void helpListsTheOptions() {
        Outcome help = train("--help");
        assertEquals(0, help.code());
        assertEquals("", help.err());
        for (String option :
                List.of("epochs", "learning-rate", "seed", "batch-sizes", "data", "out", "debug", "help")) {
            assertTrue(help.out().contains("--" + option), help.out());
        }
    }

    @Test
    void badOptionsAreNamedAndEndWithCode2() {
        String end = "; --help lists the options";
        assertBadOption("Unknown option: '--bogus'" + end, "--bogus");
        assertBadOption("Invalid value for option '--epochs': 'many' is not an int" + end, "--epochs", "many");
        assertBadOption("--epochs must be at least 1, but is 0" + end, "--epochs", "0");
        assertBadOption("--learning-rate must be above 0, but is NaN" + end, "--learning-rate", "NaN");
        assertBadOption("--learning-rate must be above 0, but is -1.0" + end, "--learning-rate", "-1");
        String rule = "--batch-sizes must be from 1 to the 1437 digits to learn from, but one is ";
        String out = folder.resolve("x").toString();
        assertBadOption(rule + 0 + end, "--batch-sizes", "8,0", "--out", out);
        assertBadOption(rule + 1438 + end, "--batch-sizes", "1438", "--out", out);
        assertBadOption("--out must be a file, but " + folder + " is a folder" + end, "--out", folder.toString());
    }

    private static void assertBadOption(String message, String... args) {
        Outcome outcome = train(args);
        assertEquals(message, outcome.err().strip());
        assertEquals(2, outcome.code());
        assertEquals("", outcome.out());
    }

    @Test
    void failuresAreOneLineAndEndWithCode1() throws IOException {
        Path bad = Files.writeString(folder.resolve("bad.csv"), "1,2\n");
        String out = folder.resolve("x").toString();
        Outcome outcome = train("--data", bad.toString(), "--out", out);
        assertEquals(1, outcome.code());
        assertEquals(
                "Failed: " + bad + ": at line 1: there is no column \"65\" among \"1, 2\"",
                outcome.err().strip());
        Outcome debug = train("--data", bad.toString(), "--out", out, "--debug");
        assertTrue(debug.err().contains("at org.jauss.data.Csv"), debug.err());
        Outcome blocked = train("--out", bad.resolve("x").toString());
        assertEquals(1, blocked.code());
        assertTrue(blocked.err().contains("its folder cannot be made"), blocked.err());
    }

    @Test
    void aRunThatDivergesIsSaidToAndDoesNotEndTheOthers() {
        String out = folder.resolve("x").toString();
        Outcome outcome = train("--learning-rate", "1e30", "--epochs", "1", "--batch-sizes", "64", "--out", out);
        assertEquals(1, outcome.code());
        assertTrue(row(outcome, "none", "64").contains(" diverged "), outcome.out());
        assertTrue(row(outcome, "Gaussian norm", "64 x 1").contains(" diverged "), outcome.out());
        assertEquals(
                "Failed: there is no network with Gaussian norm to save: lower the learning rate",
                outcome.err().strip());
    }

    @Test
    void ownDataAreUsed() throws IOException {
        var rows = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            rows.append("0,".repeat(i % 10))
                    .append("16,")
                    .append("3,".repeat(63 - i % 10))
                    .append(i % 10)
                    .append('\n');
        }
        Path own = Files.writeString(folder.resolve("own.csv"), rows);
        String out = folder.resolve("x").toString();
        Outcome outcome = train("--data", own.toString(), "--batch-sizes", "4", "--epochs", "1", "--out", out);
        assertEquals("", outcome.err());
        assertTrue(outcome.out().contains("40 digits to learn from, 10 held out"), outcome.out());
    }

    @Test
    void onlyNetworksForDigitsCanPredict() throws IOException {
        Path foreign = folder.resolve("foreign");
        for (String hidden : List.of("", "0", "1,", "99999", "64,64,64,64,64,64,64,64,64,64,64")) {
            Safetensors.write(foreign, Map.of(), Map.of("normalization", "NONE", "hidden", hidden));
            assertForeign(foreign);
        }
        Safetensors.write(foreign, Map.of(), Map.of("normalization", "OTHER", "hidden", "64"));
        assertForeign(foreign);
        Safetensors.write(foreign, Map.of(), Map.of("normalization", "NONE", "hidden", "2"));
        Outcome missing = run(new Predict(), foreign.toString());
        assertEquals(1, missing.code());
        assertTrue(missing.err().contains("\"layers.0.weight\" is missing"), missing.err());
        assertEquals(1, run(new Predict(), folder.resolve("none").toString()).code());
        Outcome index = run(new Predict(), foreign.toString(), "--index", "360");
        assertEquals(2, index.code());
        assertEquals(
                "--index must be from 0 to 359, but is 360; --help lists the options",
                index.err().strip());
        assertEquals(2, run(new Predict()).code());
    }

    private static void assertForeign(Path file) {
        Outcome outcome = run(new Predict(), file.toString());
        assertEquals(1, outcome.code());
        assertTrue(outcome.err().contains("is no network for digits"), outcome.err());
    }

    private static double accuracy(Outcome outcome, String network, String batch) {
        return Double.parseDouble(row(outcome, network, batch).split(" +", -1)[1]);
    }

    /** What follows the name and the batch in the row of a run. */
    private static String row(Outcome outcome, String network, String batch) {
        var row = Pattern.compile("(?m)^" + network + " +" + batch + " +([0-9.]+ .*)$")
                .matcher(outcome.out());
        assertTrue(row.find(), outcome.out());
        return row.group(1);
    }

    private static double[] gradientDifferences(Outcome outcome, String network) {
        var row = Pattern.compile("(?m)^" + network + " +(\\S+e-\\d+) +(\\S+e-\\d+)$")
                .matcher(outcome.out());
        assertTrue(row.find(), outcome.out());
        return new double[] {Double.parseDouble(row.group(1)), Double.parseDouble(row.group(2))};
    }
}
