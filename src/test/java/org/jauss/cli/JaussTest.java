package org.jauss.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.jauss.io.Safetensors;
import org.jauss.kernels.Parallel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/** The command line within this process: each subcommand, and what it says of wrong options. */
final class JaussTest {
    @TempDir
    private Path folder;

    private final @Nullable String threads = System.getProperty(Parallel.PROPERTY);

    @AfterEach
    void restoreThreads() {
        if (threads == null) {
            System.clearProperty(Parallel.PROPERTY);
        } else {
            System.setProperty(Parallel.PROPERTY, threads);
        }
    }

    /** What a command left. */
    private record Outcome(int code, String out, String err) {}

    private static Outcome run(String... args) {
        var out = new StringWriter();
        var err = new StringWriter();
        int code = Jauss.commandLine(new PrintWriter(out, true), new PrintWriter(err, true))
                .execute(args);
        return new Outcome(code, out.toString(), err.toString());
    }

    private static Outcome succeed(String... args) {
        Outcome outcome = run(args);
        assertEquals("", outcome.err());
        assertEquals(0, outcome.code());
        return outcome;
    }

    private static void assertBadOption(String message, String... args) {
        Outcome outcome = run(args);
        assertEquals(message + "; --help lists the options", outcome.err().strip());
        assertEquals(2, outcome.code());
        assertEquals("", outcome.out());
    }

    private static void assertFailure(String message, String... args) {
        Outcome outcome = run(args);
        assertEquals("Failed: " + message, outcome.err().strip());
        assertEquals(1, outcome.code());
    }

    private String path(String name) {
        return folder.resolve(name).toString();
    }

    /** Trains on some of the digits, and gives what is written. */
    private String digits(String name, int epochs, String... more) {
        List<String> args = new ArrayList<>(List.of("train", "digits", "--out", path(name), "--limit", "300"));
        args.addAll(List.of("--hidden", "16", "--batch", "30", "--epochs", Integer.toString(epochs)));
        args.addAll(List.of(more));
        return succeed(args.toArray(String[]::new)).out();
    }

    @Test
    void aTrainingLeavesWhatTheOtherCommandsNeed() {
        String run = path("run");
        String trained = digits("run", 2, "--rate", "0.02");
        assertTrue(trained.startsWith(run + ": 300 images to learn from, 144 for validation, 360 to test\n"), trained);
        for (String file : List.of("settings.properties", "metrics.csv", "best.safetensors", "report.html")) {
            assertTrue(Files.exists(folder.resolve("run").resolve(file)), file);
        }
        String judgement = trained.substring(trained.indexOf("accuracy"), trained.indexOf(';'));
        assertTrue(Double.parseDouble(judgement.substring(9, 15)) > .7, trained);

        String evaluated = succeed("evaluate", run).out();
        assertTrue(evaluated.startsWith("test: 360 images; " + judgement), evaluated);
        assertTrue(evaluated.contains("precision"), evaluated);
        String training = succeed("evaluate", run, "--part", "training").out();
        assertTrue(training.startsWith("training: 300 images; "), training);
    }

    @Test
    void aReportIsWrittenAgain() throws IOException {
        digits("run", 2);
        Path report = folder.resolve("run/report.html");
        Path metrics = folder.resolve("run/metrics.csv");
        String before = Files.readString(metrics);
        assertTrue(before.contains(",test.accuracy,"), before);
        Files.delete(report);
        Files.delete(metrics);
        assertEquals(report + "\n", succeed("report", path("run")).out());
        assertEquals(before, Files.readString(metrics));
        String page = Files.readString(report);
        for (String text :
                List.of("test.accuracy", "Confusion", "epoch 2 of 2, step 20, complete", "label-smoothing")) {
            assertTrue(page.contains(text), text);
        }
    }

    @Test
    void theReportOfARunThatHasNotEndedMakesNoStep() throws IOException {
        interruptedRun();
        String before = trainingLosses();
        succeed("report", path("run"));
        assertTrue(Files.readString(folder.resolve("run/report.html")).contains("it has not come to its end"));
        assertEquals(before, trainingLosses());
        assertTrue(Files.notExists(folder.resolve("run/best.safetensors")));
    }

    private String trainingLosses() throws IOException {
        return Files.readAllLines(folder.resolve("run/metrics.csv")).stream()
                .filter(line -> line.contains(",loss,"))
                .toList()
                .toString();
    }

    @Test
    void aRunGoesOnWithItsOwnOptions() throws IOException {
        String[] options = {"--model", "cnn", "--filters", "4", "--schedule", "constant", "--flip", "--seed", "7"};
        digits("whole", 2, options);
        digits("half", 1, options);
        succeed("train", "--resume", "--out", path("half"), "--epochs", "2");
        assertArrayEquals(
                Files.readAllBytes(folder.resolve("whole/best.safetensors")),
                Files.readAllBytes(folder.resolve("half/best.safetensors")),
                "one epoch and one more are two");
        assertEquals(
                Files.readString(folder.resolve("whole/settings.properties")),
                Files.readString(folder.resolve("half/settings.properties")));
    }

    @Test
    void settingsThatDoNotFitTheCheckpointSpoilNothing() throws IOException {
        digits("run", 1);
        Path settings = folder.resolve("run/settings.properties");
        String before = Files.readString(settings);
        assertEquals(
                1,
                run("train", "--resume", "--out", path("run"), "--hidden", "20", "--epochs", "2")
                        .code());
        assertEquals(before, Files.readString(settings));
        succeed("evaluate", path("run"));
        try (var other = new RunFolder(folder.resolve("run")).checkpoints().open()) {
            assertNotNull(other, "another training has the folder");
            Outcome outcome = run("train", "--resume", "--out", path("run"), "--epochs", "2");
            assertEquals(1, outcome.code());
            assertTrue(outcome.err().contains("another writer"), outcome.err());
        }
        assertEquals(before, Files.readString(settings));
        succeed("train", "--resume", "--out", path("run"), "--epochs", "2");
        assertTrue(Files.readString(settings).contains("epochs=2\n"), "these are of the training that went on");
    }

    @ParameterizedTest
    @EnumSource
    void everyNormalizationTrains(NormalizationName norm) {
        digits("run", 1, "--norm", norm.toString(), "--model", "cnn", "--filters", "8");
        succeed("evaluate", path("run"));
    }

    @ParameterizedTest
    @EnumSource
    void everyOptimizerTrains(OptimizerName optimizer) {
        digits("run", 1, "--optimizer", optimizer.toString(), "--weight-decay", "0.01");
    }

    @ParameterizedTest
    @EnumSource
    void everyScheduleTrains(ScheduleName schedule) {
        digits("run", 1, "--schedule", schedule.toString(), "--warm-up", "3");
    }

    @Test
    void aSingleImageAtTheEndOfAnEpochIsLeftOutWhereTheNormNeedsMore() {
        for (String norm : List.of("batch", "layer")) {
            String[] options = {"--limit", "61", "--hidden", "8", "--batch", "30", "--epochs", "2", "--norm", norm};
            List<String> args = new ArrayList<>(List.of("train", "digits", "--out", path(norm)));
            args.addAll(List.of(options));
            String trained = succeed(args.toArray(String[]::new)).out();
            assertTrue(trained.contains(norm.equals("batch") ? "; 4 steps" : "; 6 steps"), trained);
        }
    }

    @Test
    void normsOfTheBatchNeedItAsAWhole() {
        String other = ", or take another norm, such as gaussian or layer";
        String whole = "--norm batch needs the batch as a whole: leave --micro-batch and --shards out" + other;
        assertBadDigits(whole, "--micro-batch", "8");
        assertBadDigits(whole, "--shards", "2");
        assertBadDigits(
                "--norm batch-renorm needs batches: --batch must be at least 2" + other,
                "--norm",
                "batch-renorm",
                "--batch",
                "1");
        assertBadOption(whole, "summary", "digits", "--batch", "128", "--micro-batch", "16");
    }

    @Test
    void allTheOtherOptionsAreTaken() {
        String trained = digits(
                "run",
                2,
                "--norm",
                "layer",
                "--micro-batch",
                "7",
                "--shards",
                "2",
                "--clip-norm",
                "1",
                "--momentum",
                "0.5",
                "--optimizer",
                "sgd",
                "--crop",
                "1",
                "--flip",
                "--cutout",
                "2",
                "--label-smoothing",
                "0.1",
                "--patience",
                "1",
                "--checkpoint-steps",
                "3",
                "--dropout",
                "0.1",
                "--threads",
                "1",
                "--validation",
                "0.3");
        assertTrue(trained.contains("300 images to learn from, 432 for validation"), trained);
        assertEquals("1", System.getProperty(Parallel.PROPERTY));
    }

    @Test
    void aFlagMayBeRepeatedOnResume() throws IOException {
        writeImages();
        String[] options = {"--size", "8", "--hidden", "8", "--batch", "6", "--epochs", "1", "--flip", "--grey"};
        List<String> args = new ArrayList<>(List.of("train", "images", "--out", path("run")));
        args.addAll(List.of("--data", path("photos")));
        args.addAll(List.of(options));
        succeed(args.toArray(String[]::new));
        Path settings = folder.resolve("run/settings.properties");
        String before = Files.readString(settings);
        assertTrue(before.contains("flip=true\n") && before.contains("grey=true\n"), before);
        succeed("train", "--resume", "--out", path("run"), "--flip", "--grey");
        assertEquals(before, Files.readString(settings));
    }

    private void writeImages() throws IOException {
        for (String part : List.of("train", "test")) {
            for (String name : List.of("dark", "light")) {
                Path place = Files.createDirectories(
                        folder.resolve("photos").resolve(part).resolve(name));
                for (int i = 0; i < 12; i++) {
                    var image = new BufferedImage(12, 10, BufferedImage.TYPE_INT_RGB);
                    for (int y = 0; y < 10; y++) {
                        for (int x = 0; x < 12; x++) {
                            int level = (name.equals("dark") ? 20 : 200) + (7 * x + 3 * y + 5 * i) % 40;
                            image.setRGB(x, y, level << 16 | level << 8 | level);
                        }
                    }
                    ImageIO.write(image, "png", place.resolve(i + ".png").toFile());
                }
            }
        }
    }

    @Test
    void imagesInFoldersAreLearnedAndRecognised() throws IOException {
        writeImages();
        String run = path("run");
        succeed(
                "train",
                "images",
                "--data",
                path("photos"),
                "--out",
                run,
                "--size",
                "8",
                "--grey",
                "--hidden",
                "8",
                "--epochs",
                "5",
                "--batch",
                "6",
                "--rate",
                "0.01");
        String dark = path("photos/test/dark/1.png");
        String light = path("photos/test/light/2.png");
        String[] lines =
                succeed("predict", run, dark, light, "--top", "2").out().split("\n", -1);
        assertTrue(lines[0].matches("\\Q" + dark + "\\E: dark [01][.]\\d{4}, light 0[.]\\d{4}"), lines[0]);
        assertTrue(lines[1].startsWith(light + ": light "), lines[1]);
        assertTrue(succeed("predict", run, dark, "--invert").out().startsWith(dark + ": light "));

        JsonNode json = new ObjectMapper()
                .readTree(succeed("predict", run, dark, light, "--json").out());
        assertEquals(2, json.size());
        assertEquals(dark, json.get(0).get("file").asText());
        assertEquals("dark", json.get(0).get("class").asText());
        double p = json.get(0).get("probability").asDouble();
        assertEquals(p, json.get(0).get("probabilities").get("dark").asDouble());
        // Two floats of softmax add up to 1 but for rounding.
        assertEquals(1, p + json.get(0).get("probabilities").get("light").asDouble(), 1e-6);

        Path moved = folder.resolve("moved");
        Files.move(folder.resolve("photos"), moved);
        assertTrue(
                succeed("evaluate", run, "--data", moved.toString()).out().startsWith("test: 24 images; accuracy 1.0"));
        assertFailure(path("photos") + ": there is no such file or folder", "evaluate", run);
        assertFailure(path("none.png") + ": there is no such file or folder", "predict", run, path("none.png"));
        String summary = succeed("summary", "images", "--data", moved.toString(), "--grey")
                .out();
        assertTrue(summary.contains("LinearLayer[256 -> 2]"), summary);
    }

    @Test
    void imagesOfAnotherSizeThanThoseLearnedAreAWarning() throws IOException {
        digits("run", 1);
        String large = path("large.png");
        String small = path("small.png");
        ImageIO.write(
                new BufferedImage(40, 30, BufferedImage.TYPE_BYTE_GRAY),
                "png",
                Path.of(large).toFile());
        ImageIO.write(
                new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY),
                "png",
                Path.of(small).toFile());
        succeed("predict", path("run"), small);
        Outcome warned = run("predict", path("run"), small, large, large);
        assertEquals(
                "Warning: the network has learned images of [8, 8] pixels; cropped and scaled: " + large
                        + " [30, 40] and 1 more",
                warned.err().strip());
        assertEquals(0, warned.code());
        assertEquals(3, warned.out().lines().count());
    }

    @Test
    void aRunIsOfItsClasses() throws IOException {
        writeImages();
        String[] options = {"--size", "8", "--hidden", "8", "--batch", "6"};
        List<String> args = new ArrayList<>(List.of("train", "images", "--out", path("run"), "--epochs", "1"));
        args.addAll(List.of("--data", path("photos")));
        args.addAll(List.of(options));
        succeed(args.toArray(String[]::new));
        for (String part : List.of("train", "test")) {
            Path photos = folder.resolve("photos").resolve(part);
            Files.move(photos.resolve("dark"), photos.resolve("shadow"));
        }
        String message = "the network has learned the classes [dark, light], but those of the data are [light, shadow]";
        assertFailure(message, "evaluate", path("run"));
        assertFailure(message, "report", path("run"));
        Outcome resumed = run("train", "--resume", "--out", path("run"), "--epochs", "2");
        assertEquals("Failed: " + message, resumed.err().strip());
        assertEquals(1, resumed.code());
    }

    @Test
    void theFirstImagesAreOfAllClasses() throws IOException {
        writeImages();
        for (String validation : List.of("0", "0.1")) {
            var options = new DataOptions();
            new CommandLine(options)
                    .setCaseInsensitiveEnumValuesAllowed(true)
                    .parseArgs("images", "--data", path("photos"), "--validation", validation, "--limit", "8");
            int[] labels = options.load().training().labels().toArray();
            assertEquals(8, labels.length);
            assertEquals(2, Arrays.stream(labels).distinct().count(), "validation " + validation);
        }
    }

    @Test
    void foldersWithoutPartsAreDivided() throws IOException {
        writeImages();
        String[] options = {"--size", "8", "--hidden", "8", "--epochs", "1", "--batch", "6"};
        List<String> args = new ArrayList<>(List.of("train", "images", "--out", path("run")));
        args.addAll(List.of("--data", path("photos/train")));
        args.addAll(List.of(options));
        String trained = succeed(args.toArray(String[]::new)).out();
        assertTrue(trained.contains("17 images to learn from, 2 for validation, 5 to test"), trained);

        Files.move(folder.resolve("photos/test/dark"), folder.resolve("photos/test/black"));
        assertFailure(
                path("photos") + ": train and test must have the same classes, but they are [dark, light] and [black,"
                        + " light]",
                "train",
                "images",
                "--data",
                path("photos"),
                "--out",
                path("other"));
    }

    @Test
    void aSummaryNeedsNoFiles() {
        String summary = succeed(
                        "summary",
                        "cifar-100",
                        "--model",
                        "cnn",
                        "--norm",
                        "gaussian",
                        "--batch",
                        "96",
                        "--micro-batch",
                        "8")
                .out();
        assertTrue(summary.contains("LinearLayer[128 -> 100]"), summary);
        assertTrue(summary.contains("batch of 96"), summary);
        assertTrue(summary.contains("micro-batch of 8"), summary);
    }

    @Test
    void completionKnowsSubcommandsAndOptions() {
        String script = succeed("generate-completion").out();
        for (String word :
                List.of("train", "evaluate", "predict", "summary", "report", "--micro-batch", "fashion-mnist")) {
            assertTrue(script.contains(word), word);
        }
        for (NormalizationName norm : NormalizationName.values()) {
            assertTrue(script.contains("\"" + norm + "\""), norm.toString());
        }
    }

    @Test
    void helpAndVersionAreShown() {
        assertTrue(succeed("--help").out().contains("130 if interrupted"));
        assertTrue(succeed("train", "--help").out().contains("--micro-batch=N"));
        assertTrue(succeed("--version").out().startsWith("jauss "));
    }

    @Test
    void wrongOptionsAreSaidWithTheRule() {
        assertBadOption("Missing required subcommand");
        assertBadOption("Unknown option: '--nope'", "train", "--nope");
        assertBadOption(
                "DATA must be named: one of [digits, mnist, fashion-mnist, cifar-10, cifar-100, images]", "train");
        assertBadOption("images needs --data, the folder of the folders of classes", "train", "images");
        assertBadDigits(
                "Invalid value for option '--norm': must be one of [none, batch, batch-renorm, layer, rms, group, instance,"
                        + " gaussian], but is 'batchRenorm'",
                "--norm",
                "batchRenorm");
        assertBadDigits("--epochs must be at least 1, but is 0", "--epochs", "0");
        assertBadDigits("--batch must be at least 1, but is 0", "--batch", "0");
        assertBadDigits("--micro-batch must be at least 1, but is 0", "--micro-batch", "0");
        assertBadDigits("--shards must be at least 1, but is 0", "--shards", "0");
        assertBadDigits("--limit must be at least 1, but is 0", "--limit", "0");
        assertBadDigits("--size must be at least 1, but is 0", "--size", "0");
        assertBadDigits("--depth must be at least 1, but is 0", "--depth", "0");
        assertBadDigits("--groups must be at least 1, but is 0", "--groups", "0");
        assertBadDigits("--threads must be at least 1, but is 0", "--threads", "0");
        assertBadDigits("--crop must be at least 0, but is -1", "--crop", "-1");
        assertBadDigits("--cutout must be at least 0, but is -1", "--cutout", "-1");
        assertBadDigits("--warm-up must be at least 0, but is -1", "--warm-up", "-1");
        assertBadDigits("--patience must be at least 0, but is -1", "--patience", "-1");
        assertBadDigits("--checkpoint-steps must be at least 0, but is -1", "--checkpoint-steps", "-1");
        assertBadDigits("--rate must be above 0, but is 0.0", "--rate", "0");
        assertBadDigits("--clip-norm must be above 0, but is 0.0", "--clip-norm", "0");
        assertBadDigits("--dropout must be at least 0 and below 1, but is 1.0", "--dropout", "1");
        assertBadDigits("--validation must be at least 0 and below 1, but is 1.0", "--validation", "1");
        assertBadDigits("--hidden must be from 1 to 16384, but one is 0", "--hidden", "8,0");
        assertBadDigits("--filters must be from 1 to 16384, but one is 99999", "--filters", "99999");
        assertBadDigits("--momentum is for sgd and rmsprop, not for adam", "--momentum", "0.9");
        assertBadDigits("--norm instance needs positions to normalise over: --model cnn", "--norm", "instance");
        assertBadDigits(
                "--patience needs validation: --validation must be above 0", "--patience", "1", "--validation", "0");
        assertBadDigits(
                "--filters: 4 stages halve the image too often: it has 8 x 8 pixels",
                "--model",
                "cnn",
                "--filters",
                "2,2,2,2");
        assertEquals(
                2,
                run("train", "digits", "--out", path("x"), "--norm", "group", "--hidden", "9")
                        .code());
        assertEquals(
                2, run("train", "digits", "--out", path("x"), "--norm", "other").code());
        assertEquals(
                2,
                run("train", "digits", "--out", path("x"), "--momentum", "-1", "--optimizer", "sgd")
                        .code());
    }

    private void assertBadDigits(String message, String... options) {
        List<String> args = new ArrayList<>(List.of("train", "digits", "--out", path("none")));
        args.addAll(List.of(options));
        assertBadOption(message, args.toArray(String[]::new));
        assertTrue(Files.notExists(folder.resolve("none")), "nothing is left of it");
    }

    @Test
    void runsAreNotOverwrittenAndMustBeThere() {
        digits("run", 1);
        String run = path("run");
        assertBadOption(
                run + ": there is a run already: --resume goes on with it, --out names another folder",
                "train",
                "digits",
                "--out",
                run);
        String none = path("none");
        String rule = none + ": is no folder of a run: there is no settings.properties";
        assertBadOption(rule, "train", "--resume", "--out", none);
        assertBadOption(rule, "evaluate", none);
        assertBadOption(rule, "predict", none, "x.png");
        assertBadOption(rule, "report", none);
        assertBadOption("--top must be at least 1, but is 0", "predict", none, "x.png", "--top", "0");
        assertBadOption(
                "--part validation: the run has no such images",
                "evaluate",
                withoutValidation(),
                "--part",
                "validation");
    }

    private String withoutValidation() {
        digits("all", 1, "--validation", "0");
        return path("all");
    }

    @Test
    void brokenRunsAreNamed() throws IOException {
        digits("run", 1);
        Path weights = folder.resolve("run/best.safetensors");
        Files.delete(weights);
        assertFailure(
                path("run") + ": the training has not come to its end; go on with: jauss train --resume --out "
                        + path("run"),
                "evaluate",
                path("run"));
        Safetensors.write(weights, Map.of(), Map.of("shape", "1"));
        assertFailure(
                weights + ": its metadata must name the shape of the images, but it is '1'", "evaluate", path("run"));
        Path settings = folder.resolve("run/settings.properties");
        Files.writeString(settings, "norm=other\n");
        Outcome outcome = run("evaluate", path("run"));
        assertEquals(2, outcome.code());
        assertTrue(outcome.err().startsWith(settings + ": Invalid value for option '--norm'"), outcome.err());
    }

    @Test
    void settingsChangedByHandGetTheMessagesOfTheCommandLine() throws IOException {
        digits("run", 1);
        Path settings = folder.resolve("run/settings.properties");
        String whole = Files.readString(settings);
        String data =
                settings + ": DATA must be named: one of [digits, mnist, fashion-mnist, cifar-10, cifar-100, images]";
        Files.writeString(settings, whole.replace("DATA=digits\n", ""));
        assertBadOption(data, "evaluate", path("run"));
        assertBadOption(data, "report", path("run"));
        String hidden = settings + ": --hidden must be from 1 to 16384, but one is 0";
        Files.writeString(settings, whole.replace("hidden=16\n", "hidden=0\n"));
        assertBadOption(hidden, "evaluate", path("run"));
        assertBadOption(hidden, "predict", path("run"), "x.png");
        assertBadOption(hidden, "report", path("run"));
        Files.writeString(
                settings, whole.replace("norm=batch\n", "norm=group\n").replace("groups=8\n", "groups=7\n"));
        Outcome outcome = run("evaluate", path("run"));
        assertEquals(2, outcome.code());
        assertTrue(outcome.err().startsWith(settings + ": "), outcome.err());
    }

    @Test
    void missingDataNamesTheFilesAndWhereTheyComeFrom() {
        Outcome outcome = run("train", "fashion-mnist", "--data", path("none"), "--out", path("run"));
        assertEquals(1, outcome.code());
        assertTrue(
                outcome.err()
                        .startsWith("Failed: " + path("none") + ": files of FASHION_MNIST are missing: "
                                + "train-images-idx3-ubyte, "),
                outcome.err());
        assertTrue(outcome.err().contains("https://github.com/zalandoresearch/fashion-mnist"), outcome.err());
        assertTrue(Files.notExists(folder.resolve("run")));
    }

    @Test
    void aRunThatDivergesFails() {
        Outcome outcome = run(
                "train",
                "digits",
                "--out",
                path("run"),
                "--optimizer",
                "sgd",
                "--rate",
                "1e30",
                "--norm",
                "none",
                "--schedule",
                "constant");
        assertEquals(1, outcome.code());
        assertTrue(outcome.err().startsWith("Failed: training: step "), outcome.err());
        Outcome debug = run("train", "--resume", "--out", path("run"), "--debug");
        assertEquals(1, debug.code());
        assertTrue(debug.err().contains("at org.jauss.train.TrainingLoop"), debug.err());
    }

    /** A training for ever, interrupted when it has a checkpoint. */
    private Outcome interruptedRun() {
        Thread trainer = Thread.currentThread();
        Path checkpoint = folder.resolve("run/checkpoints/checkpoint-000001.safetensors");
        var watcher = new Thread(() -> {
            while (Files.notExists(checkpoint)) {
                Thread.onSpinWait();
            }
            trainer.interrupt();
        });
        watcher.start();
        Outcome outcome =
                run("train", "digits", "--out", path("run"), "--limit", "60", "--hidden", "8", "--epochs", "9999999");
        assertTrue(Thread.interrupted());
        return outcome;
    }

    @Test
    void anInterruptedTrainingEndsWithItsOwnCode() throws IOException {
        Outcome outcome = interruptedRun();
        assertEquals(130, outcome.code());
        assertTrue(outcome.out().contains("go on with: jauss train --resume --out " + path("run")), outcome.out());
        assertEquals("", outcome.err());
        String metrics = Files.readString(folder.resolve("run/metrics.csv"));
        assertFalse(metrics.contains(",test."), "the test part is looked at once, at the end");
    }

    /** What the README tells people to type is understood, and what it says of files is right. */
    @Test
    void theCommandsOfTheReadmeAreUnderstood() throws IOException {
        List<String> commands = Files.readAllLines(Path.of("README.md")).stream()
                .filter(line -> line.startsWith("jauss "))
                .toList();
        assertTrue(commands.size() >= 9, commands.toString());
        for (String command : commands) {
            String[] words = command.split(" ", -1);
            var out = new PrintWriter(new StringWriter());
            Jauss.commandLine(out, out).parseArgs(Arrays.copyOfRange(words, 1, words.length));
        }
    }
}
