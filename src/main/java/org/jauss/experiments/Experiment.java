package org.jauss.experiments;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jauss.io.Checkpoint;
import org.jauss.io.MalformedFileException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A grid of trainings: every combination of the values on its axes is a cell, which is run once.
 *
 * <pre>{@code
 * var norm = Axis.of("norm", Normalization.none(), Normalization.batch(), Normalization.gaussian());
 * var rate = Axis.of("rate", .01f, .1f);
 * var seed = Axis.of("seed", 1, 2, 3);
 * var results = Experiment.of("digits", norm, rate, seed).with("epochs", 10).run(folder, 2, cell -> {
 *     var rng = Rng.of(cell.get(seed));
 *     ...
 *     return Map.of("validation.accuracy", a, "test.accuracy", b);
 * });
 * System.out.print(results.meanOver(seed).bestOver(rate, "validation.accuracy").markdown("test.accuracy"));
 * }</pre>
 *
 * <p><b>Going on.</b> A cell that has ended is a file of the folder, which appears when it is complete; whoever runs the
 * experiment again with the same folder runs the other cells only, half-done ones from their start. More values on an
 * axis are more cells; the others stay. Name, version, settings and the names of the axes are the declaration: a folder
 * with cells of another one is refused. What the declaration does not say, the code of the cells above all, is for you
 * to watch: raise the version when it changes.
 *
 * <p><b>Divergence.</b> A cell that throws an {@link ArithmeticException}, as {@link org.jauss.train.Trainer} does when a
 * loss or gradient is not finite, or that measures a number that is not, is a result: it diverged. Any other exception
 * ends the experiment behind the cells that are being run.
 *
 * <p><b>Threads.</b> Cells run on the threads of the kernels, whose number is the system property {@code jauss.threads}:
 * each cell takes one of them, and what is left over helps with one of the cells. What a cell gives is a function of its
 * values alone as long as its code has no other source of randomness than {@code Rng.of(seed)}: any number of threads
 * gives the same results.
 *
 * @param name its name
 * @param version to be raised when the code of the cells changes
 * @param settings what all cells have in common, by name
 * @param axes what they differ in
 */
public record Experiment(String name, int version, Map<String, String> settings, List<Axis<?>> axes) {
    private static final Logger LOGGER = LoggerFactory.getLogger(Experiment.class);
    private static final String MEASURES = "measures";
    private static final String PROBLEM = "divergence";
    private static final String SECONDS = "seconds";
    private static final String LABELS = "labels";

    /** The code of a cell. */
    @FunctionalInterface
    public interface Run {
        /**
         * Trains and measures.
         *
         * @param cell the values; called for several cells at once if the experiment has several threads
         * @return what was measured, by name, such as {@code test.accuracy}
         * @throws ArithmeticException if the training diverges
         */
        Map<String, Double> run(Cell cell);
    }

    /**
     * Checks the declaration.
     *
     * @param name its name
     * @param version to be raised when the code of the cells changes
     * @param settings what all cells have in common, by name; copied
     * @param axes what they differ in; copied
     * @throws IllegalArgumentException if there is no axis, two have the same name, or a name is blank or more than a line
     */
    public Experiment {
        settings = Collections.unmodifiableMap(new LinkedHashMap<>(settings));
        axes = List.copyOf(axes);
        requireLine("experiment: the name", name);
        settings.forEach((key, value) -> {
            requireLine("experiment " + name + ": the name of a setting", key);
            requireLine("experiment " + name + ": setting " + key, value);
        });
        List<String> names = axes.stream().map(Axis::name).toList();
        if (names.isEmpty() || new HashSet<>(names).size() < names.size()) {
            throw new IllegalArgumentException(
                    "experiment " + name + ": needs axes with names of their own, but has " + names);
        }
    }

    /**
     * An experiment of version 1 without settings.
     *
     * @param name its name
     * @param axes what its cells differ in
     * @return the experiment
     * @throws IllegalArgumentException if there is no axis, or two have the same name
     */
    public static Experiment of(String name, Axis<?>... axes) {
        return new Experiment(name, 1, Map.of(), List.of(axes));
    }

    /**
     * The same with another version.
     *
     * @param other to be raised when the code of the cells changes
     * @return the changed experiment
     */
    public Experiment withVersion(int other) {
        return new Experiment(name, other, settings, axes);
    }

    /**
     * The same with one more setting, which becomes part of the declaration and stands below the tables.
     *
     * @param setting its name, such as {@code epochs}
     * @param value what it is in all cells
     * @return the changed experiment
     */
    public Experiment with(String setting, Object value) {
        Map<String, String> more = new LinkedHashMap<>(settings);
        more.put(setting, value.toString());
        return new Experiment(name, version, more, axes);
    }

    /** Requires a text of one line that is not blank. */
    static void requireLine(String what, String text) {
        if (text.isBlank() || text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0) {
            throw new IllegalArgumentException(what + " must be one line that is not blank, but is '" + text + "'");
        }
    }

    /**
     * All cells, the last axis running fastest.
     *
     * @return the cells
     */
    public List<Cell> cells() {
        int count = axes.stream().mapToInt(axis -> axis.values().size()).reduce(1, Math::multiplyExact);
        List<Cell> cells = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] at = new int[axes.size()];
            int rest = i;
            for (int a = at.length - 1; a >= 0; a--) {
                int size = axes.get(a).values().size();
                at[a] = rest % size;
                rest /= size;
            }
            cells.add(new Cell(axes, at));
        }
        return cells;
    }

    /**
     * Runs the cells that have no file yet. The log (SLF4J, INFO) has a line for each, with the remaining time.
     *
     * @param folder where the files of the cells are; it is made if it is not there
     * @param threads how many cells are run at once, at least 1; more than {@code jauss.threads} never are
     * @param run the code of a cell
     * @return what came of all cells
     * @throws IllegalArgumentException if there is no thread
     * @throws IllegalStateException if the folder has cells of another declaration, or a cell fails
     * @throws java.util.concurrent.CancellationException if the thread is interrupted or the JVM ends; cells that had
     *     ended before have their files
     * @throws UncheckedIOException if a file cannot be read or written
     */
    public Results run(Path folder, int threads, Run run) {
        return run(folder, threads, cell -> true, run);
    }

    /**
     * As {@link #run(Path, int, Run)}, but only some of the cells: those with the learning rate that was best in shorter
     * trainings, for example.
     *
     * @param folder where the files of the cells are; it is made if it is not there
     * @param threads how many cells are run at once, at least 1; more than {@code jauss.threads} never are
     * @param which tells which cells are run
     * @param run the code of a cell
     * @return what came of these cells
     * @throws IllegalArgumentException if there is no thread
     * @throws IllegalStateException if the folder has cells of another declaration, or a cell fails
     * @throws java.util.concurrent.CancellationException if the thread is interrupted or the JVM ends; cells that had
     *     ended before have their files
     * @throws UncheckedIOException if a file cannot be read or written
     */
    public Results run(Path folder, int threads, Predicate<Cell> which, Run run) {
        if (threads < 1) {
            throw new IllegalArgumentException("experiment: threads must be at least 1, but are " + threads);
        }
        return new GridRun(this, folder, which, run, LOGGER::info, System::nanoTime).run(threads);
    }

    /** What the files of all cells have in common. */
    private Map<String, String> declaration() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("name", name);
        all.put("version", Integer.toString(version));
        all.put("axes", String.join("\n", axes.stream().map(Axis::name).toList()));
        settings.forEach((key, value) -> all.put("setting " + key, value));
        return all;
    }

    /** The file of a cell, a function of its labels alone. */
    Path file(Path folder, Cell cell) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(String.join("\n", cell.labels().values()).getBytes(StandardCharsets.UTF_8));
            return folder.resolve("cell-" + HexFormat.of().formatHex(digest, 0, 8) + ".safetensors");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    /** Writes the file of a cell that has ended. */
    void write(Path folder, Outcome outcome) {
        Checkpoint checkpoint = Checkpoint.empty()
                .withTexts("experiment", declaration())
                .withTexts(LABELS, outcome.cell().labels())
                .with(SECONDS, outcome.seconds());
        for (var measure : outcome.measures().entrySet()) {
            checkpoint = checkpoint.with(MEASURES + "." + measure.getKey(), measure.getValue());
        }
        if (outcome.problem() != null) {
            checkpoint = checkpoint.with(PROBLEM, outcome.problem());
        }
        checkpoint.write(file(folder, outcome.cell()));
    }

    /**
     * Reads the file of a cell, if it is there and whole.
     *
     * @throws IllegalStateException if it is of another declaration
     * @throws UncheckedIOException if it cannot be read at all: it may be whole
     */
    Optional<Outcome> read(Path folder, Cell cell) {
        Path file = file(folder, cell);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        Checkpoint checkpoint;
        try {
            checkpoint = Checkpoint.read(file);
        } catch (UncheckedIOException e) {
            if (!MalformedFileException.isCauseOf(e)) {
                throw e;
            }
            LOGGER.warn("{}; the cell is run again", e.getMessage());
            return Optional.empty();
        }
        requireSame(file, "the experiment", checkpoint.texts("experiment"), declaration());
        requireSame(file, "the cell", checkpoint.texts(LABELS), cell.labels());
        Map<String, Double> measures = new LinkedHashMap<>();
        checkpoint
                .texts(MEASURES)
                .keySet()
                .forEach(measure -> measures.put(measure, checkpoint.number(MEASURES + "." + measure)));
        String problem = checkpoint.has(PROBLEM) ? checkpoint.text(PROBLEM) : null;
        return Optional.of(new Outcome(cell, measures, problem, checkpoint.number(SECONDS)));
    }

    private static void requireSame(Path file, String what, Map<String, String> then, Map<String, String> now) {
        var keys = new TreeSet<>(then.keySet());
        keys.addAll(now.keySet());
        List<String> differences = new ArrayList<>();
        for (String key : keys) {
            if (!Objects.equals(then.get(key), now.get(key))) {
                differences.add(key + " is " + show(now.get(key)) + ", but was " + show(then.get(key)));
            }
        }
        if (!differences.isEmpty()) {
            throw new IllegalStateException(file + ": is of another declaration of " + what + ": "
                    + String.join("; ", differences) + ". Use another folder, or delete this one");
        }
    }

    private static String show(@Nullable String value) {
        return value == null ? "not there" : value.replace("\n", ", ");
    }

    /** Makes the folder, so that this fails before the work rather than behind the first cell. */
    static void makeFolder(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": the folder cannot be made: " + e.getMessage(), e);
        }
    }
}
