package org.jauss.examples.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jauss.layers.Normalization;
import org.jauss.layers.Sequential;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs the experiments as a user would, on small budgets and digits. */
final class PaperExperimentsTest {
    /** The experiments on digits or on no images at all. */
    private static final Set<String> DIGITS =
            Set.of("micro-batches", "half-he", "drift", "depths", "rivals-deep", "memory", "large-batch");

    @TempDir
    private Path folder;

    private String failure(String... args) {
        var err = new StringWriter();
        int code = PaperExperiments.execute(new PrintWriter(err), args);
        assertEquals(2, code, err.toString());
        return err.toString();
    }

    /** Runs an experiment with one seed and gives its page. */
    private String page(String experiment, String options) throws IOException {
        List<String> args = new ArrayList<>(List.of(experiment, "--seeds", "0", "--set", "digits"));
        args.addAll(List.of("--out", folder.resolve("pages").toString()));
        args.addAll(List.of("--cells", folder.resolve("cells").toString()));
        args.addAll(List.of(options.split(" ")));
        var err = new StringWriter();
        int code = PaperExperiments.execute(new PrintWriter(err), args.toArray(new String[0]));
        assertEquals("", err.toString());
        assertEquals(0, code);
        Path pages = folder.resolve("pages");
        // The page of an experiment with other images than its own is named after them.
        String name = (DIGITS.contains(experiment) ? experiment : experiment + "-digits")
                + (options.contains("--anew") ? "-anew" : "");
        String page = Files.readString(pages.resolve(name + ".md"));
        if (page.contains("![")) {
            assertTrue(Files.readString(pages.resolve(name + ".svg")).startsWith("<svg"), experiment);
        }
        return page;
    }

    /** The numbers in the first row of the page that begins so, what is none being NaN. */
    private static double[] row(String page, int occurrence, String... labels) {
        String line = page.lines()
                .filter(text -> Arrays.asList(cells(text))
                        .subList(0, Math.min(labels.length, cells(text).length))
                        .equals(List.of(labels)))
                .skip(occurrence)
                .findFirst()
                .orElseThrow(() -> new AssertionError(List.of(labels) + " in " + page));
        return Arrays.stream(cells(line))
                .skip(labels.length)
                .mapToDouble(cell -> cell.matches("[-+]?[0-9.]+(e[-+][0-9]+)?.*")
                        ? Double.parseDouble(cell.replaceFirst(" .*", ""))
                        : Double.NaN)
                .toArray();
    }

    private static String[] cells(String line) {
        return line.startsWith("| ") ? line.substring(2).strip().split("\\s*\\|\\s*") : new String[0];
    }

    @Test
    void gradientsOfMicroBatchesAreThoseOfTheBatchButForBatchNorm() throws IOException {
        String options = "--budget .3 --only norm=robust,projected,batch --only micro-batch=32,4,1";
        String page = page("micro-batches", options);
        for (String norm : List.of("robust", "projected")) {
            for (double difference : row(page, 1, norm)) {
                assertEquals(0, difference, 1e-5, norm + " in float32 over 60 steps: " + page);
            }
            double[] accuracies = row(page, 0, norm);
            assertEquals(accuracies[0], accuracies[2], page);
            assertTrue(accuracies[0] > .8, page);
        }
        double[] differences = row(page, 1, "batch");
        assertEquals(0, differences[0]);
        assertTrue(differences[1] > .01, page);
        assertTrue(Double.isNaN(differences[2]), "not defined: " + page);
        assertTrue(page.contains("| batch, micro-batch 1 | not defined | not defined |"), page);
        assertTrue(page.contains("| batch, micro-batch 4 | .956 | 0."), page);
        assertEquals(page, page("micro-batches", options), "nothing is trained again");
    }

    @Test
    void memoryOneByOneDoesNotDependOnTheBatch() throws IOException {
        String page = page("memory", "--only norm=layer,robust --only batch=2,8");
        for (String norm : List.of("layer", "robust")) {
            double[] whole = row(page, 0, norm, "whole");
            assertEquals(4, whole[1] / whole[0], .2, page);
            double[] single = row(page, 0, norm, "one-by-one");
            assertEquals(single[0], single[1], page);
            assertTrue(single[0] < .6 * whole[0], page);
        }
    }

    @Test
    void aBatchTooLargeForTheHeapRunsInParts() throws Exception {
        String small = "large-batch --batch 32 --only norm=batch,robust --only micro-batch=1,32";
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:+UseG1GC", "-Xmx32m"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), PaperExperiments.class.getName()));
        command.addAll(List.of(small.split(" ")));
        command.addAll(List.of("--out", folder.resolve("pages").toString()));
        command.addAll(List.of("--cells", folder.resolve("cells").toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String log = new String(process.getInputStream().readAllBytes(), Charset.defaultCharset());
        assertEquals(0, process.waitFor(), log);
        String page = page("large-batch", small.substring(small.indexOf("--")) + " --beside 32");
        double[] parts = row(page, 0, "robust", "1");
        assertEquals(1.4, parts[0], .2, "MiB: " + page);
        assertTrue(parts[2] > 0, "in 32 MiB: " + page);
        double[] whole = row(page, 0, "robust", "32");
        assertEquals(32, whole[0] / parts[0], 1.2, "both rounded to .1: " + page);
        assertEquals(parts[1], whole[1], 1e-4, "loss behind two steps in float32: " + page);
        assertTrue(Double.isNaN(whole[2]) && whole[3] > 0, "out of memory in 32 MiB alone: " + page);
        double[] norm = row(page, 0, "batch", "32");
        assertTrue(Double.isNaN(norm[2]) && norm[3] > 0, page);
        assertTrue(page.contains("-Xmx32m --add"), page);
        var err = new StringWriter();
        String[] other = {
            "large-batch", "--beside", "33", "--cells", folder.resolve("others").toString()
        };
        assertEquals(1, PaperExperiments.execute(new PrintWriter(err), other));
        assertTrue(err.toString().contains("--beside 33 needs an earlier run of this experiment with -Xmx33m"));
    }

    @Test
    void twentyLayersWithSmallWeightsNeedANorm() throws IOException {
        String page = page("half-he", "--budget .4 --only norm=none,projected --only rate=0.1");
        assertTrue(row(page, 0, "none")[1] < .2, page);
        assertTrue(row(page, 0, "projected")[1] > .3, page);
    }

    @Test
    void statisticsFollowADrift() throws IOException {
        String page = page("drift", "--only norm=frozen,robust --only rate=0.003,0.01");
        assertTrue(row(page, 0, "robust")[1] > row(page, 0, "frozen")[1] + .05, page);
    }

    @Test
    void pixelsOfAnyScaleAreLearned() throws IOException {
        String page = page("scaled-pixels", "--images 500 --only norm=none,batch,robust --only rate=0.03");
        assertTrue(row(page, 0, "none", "1").length < 2 || !(row(page, 0, "none", "1")[1] > .3), page);
        assertTrue(row(page, 0, "robust", "1")[1] > .6, page);
        assertTrue(Double.isNaN(row(page, 0, "batch", "1")[1]), page);
    }

    @Test
    void onlyBatchNormNeedsTwoRows() throws IOException {
        String page = page("batch-sizes", "--budget .1 --images 400 --only batch=1,32 --only rate=0.03");
        for (String norm : List.of("none", "layer", "robust", "projected")) {
            assertTrue(row(page, 0, norm)[0] >= 0, page);
        }
        assertTrue(Double.isNaN(row(page, 0, "batch")[0]), page);
        assertTrue(row(page, 0, "batch")[1] > 0, page);
    }

    @Test
    void depthsEndInAVerdict() throws IOException {
        String page = page(
                "depths",
                "--budget .1 --only depth=2,10 --only rate=0.03 --only batch=1,64"
                        + " --only norm=none,batch,robust,projected");
        double own = row(page, 0, "2", "robust")[1];
        double lead = row(page, 1, "2", "robust")[0];
        assertEquals(own - row(page, 0, "2", "batch")[1], lead, .0006, "rounded to three places: " + page);
        assertTrue(Files.exists(folder.resolve("pages/depths-1.svg")), "a figure for each depth");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rivals-deep", "rivals-cnn", "rivals-resnet"})
    void rivalsEndInAVerdict(String experiment) throws IOException {
        String options = "--budget .02 --images 100 --only standardized=false --only rate=0.01 --only batch=2";
        String page = page(experiment, options);
        for (String norm : List.of("none", "batch", "layer", "robust", "projected")) {
            assertTrue(row(page, 0, "false", norm)[0] >= 0, page);
        }
        double lead = row(page, 0, "false", "robust")[0] - row(page, 0, "false", "none")[0];
        assertEquals(lead, row(page, 1, "false", "robust")[1], .0006, "rounded to three places: " + page);
    }

    @Test
    void ofALearningRateThatWasBestInShortTrainingsAloneThereAreFullOnes() throws IOException {
        String page = page(
                "rivals-deep",
                "--budget .2 --search .5 --only standardized=false --only norm=none,robust --only rate=0.003,0.3"
                        + " --only batch=4");
        assertTrue(page.contains("trainings of one seed with 0.5 of the steps"), page);
        assertEquals(2, row(page, 0, "false", "none", "4").length, "both rates: " + page);
        assertEquals(4, files("rivals-deep-search"), page);
        assertEquals(2, files("rivals-deep"), page);
    }

    @Test
    void statisticsMeasuredAnewHaveAPageOfTheirOwn() throws IOException {
        String options =
                "--budget .5 --only standardized=true --only norm=none,robust --only rate=0.03 --only batch=32";
        String learned = page("rivals-deep", options);
        String anew = page("rivals-deep", options + " --anew");
        assertTrue(anew.contains("; statistics measured anew"), anew);
        assertTrue(anew.contains("--only batch=32 --anew\""), anew);
        assertEquals(row(learned, 0, "true", "none")[0], row(anew, 0, "true", "none")[0], "nothing to measure");
        assertNotEquals(row(learned, 0, "true", "robust")[0], row(anew, 0, "true", "robust")[0], anew);
    }

    private int files(String experiment) throws IOException {
        try (var files = Files.list(folder.resolve("cells").resolve(experiment))) {
            return (int) files.count();
        }
    }

    @Test
    void thePapersNetworkGoesThroughInParts() throws IOException {
        String page = page(
                "paper-network",
                "--budget .05 --images 64 --only standardized=false --only optimizer=sgd"
                        + " --only factor=0.3 --only batch=1,64 --only norm=batch,robust");
        assertTrue(Double.isNaN(row(page, 0, "batch", "false", "sgd")[0]), page);
        assertTrue(row(page, 0, "robust", "false", "sgd")[1] >= 0, page);
    }

    @Test
    void shiftedImagesAreTold() throws IOException {
        String page = page("shifts", "--budget .5 --only shift=noise,moved");
        for (String shift : List.of("noise", "moved")) {
            double[] row = row(page, 0, shift);
            assertTrue(row[1] > .8, "Gaussians: " + page);
            assertTrue(row[2] > .6, "confidence: " + page);
            assertTrue(row[3] > 3 * row[4], "drift of the set, in logarithms: " + page);
        }
    }

    @Test
    void separationCountsPairs() {
        assertEquals(1, Shifts.separation(new double[] {1, 2}, new double[] {3, 4, 5}));
        assertEquals(0, Shifts.separation(new double[] {3, 4, 5}, new double[] {1, 2}));
        assertEquals(.5, Shifts.separation(new double[] {1, 1}, new double[] {1, 1}));
        assertEquals(2.5 / 4, Shifts.separation(new double[] {1, 3}, new double[] {3, 2}), 1e-15, "2 pairs and a tie");
    }

    @Test
    void thePapersNetworkHasThePapersParameters() {
        Sequential model = new Networks(Norm.ROBUST.way()).cnn(Shape.of(32, 32, 3), 64, Rng.of(0));
        int learned = model.parameters().entrySet().stream()
                .filter(entry -> !entry.getKey().endsWith("varianceFloor"))
                .map(entry -> entry.getValue().shape())
                .mapToInt(Shape::size)
                .sum();
        assertEquals(204_354, learned);
    }

    @Test
    void aResidualNetworkNormalizesBehindEachConvolutionOrEachActivation() {
        Shape image = Shape.of(8, 8, 3);
        Sequential before = new Networks(Normalization.batch()).resnet(image, 4, Rng.of(0));
        Sequential behind = new Networks(Norm.ROBUST.way()).resnet(image, 4, Rng.of(0));
        assertEquals(9, count(before, "runningMean"), "one behind each of 1 + 6 + 2 convolutions");
        assertEquals(8, count(behind, "logStd"), "one behind each of 1 + 6 activations and one on the input");
        for (Sequential model : List.of(before, behind)) {
            assertEquals(
                    Shape.of(2, 10), model.forward(Tensor.zeros(2, 8, 8, 3)).shape());
            for (Parameter parameter : model.parameters().values()) {
                assertTrue(IntStream.range(0, parameter.data().length)
                        .allMatch(i -> Float.isFinite(parameter.data()[i])));
            }
        }
    }

    private static long count(Sequential model, String name) {
        return model.parameters().keySet().stream()
                .filter(path -> path.endsWith(name))
                .count();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--budget 0 | --budget must be above 0, but is 0.0",
                "--images 0 | --images must be at least 1, but is 0",
                "--search 1 | --search must be between 0 and 1, but is 1.0",
                "--search .5 | --search is an option of rivals-deep",
                "--anew | --anew is an option of rivals-deep",
                "--threads 0 | --threads must be at least 1, but is 0",
                "--only rate=7 | --only rate must be some of 0.003,0.01,0.03,0.1,0.3, but is 7",
                "--only depth=7 | --only must name one of the axes [norm, rate, seed], but names depth",
                "--set nothing | 'nothing' is no set of images",
            })
    void wrongOptionsAreNamed(String options, String message) {
        List<String> args = new ArrayList<>(List.of("half-he"));
        args.addAll(List.of(options.split(" ")));
        assertTrue(failure(args.toArray(new String[0])).contains(message), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mnist", "fashion-mnist", "cifar-10"})
    void missingFilesAreAFailure(String set) {
        var err = new StringWriter();
        int code = PaperExperiments.execute(new PrintWriter(err), "half-he", "--set", set, "--data", folder.toString());
        assertEquals(1, code);
        assertTrue(err.toString().contains("are missing"), err.toString());
    }
}
