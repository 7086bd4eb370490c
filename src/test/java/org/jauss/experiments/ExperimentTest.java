package org.jauss.experiments;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.jauss.io.JavaProcess;
import org.jauss.report.BarChart;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** The grid, its files and its tables, with cells that take no time. */
final class ExperimentTest {
    private static final Axis<String> NORM = Axis.of("norm", "none", "batch");
    private static final Axis<Double> RATE = Axis.of("rate", .25, .5);
    private static final Axis<Integer> SEED = Axis.of("seed", 1, 2, 3);
    private static final Experiment EXPERIMENT =
            Experiment.of("toy", NORM, RATE, SEED).with("epochs", 3);

    @TempDir
    private Path folder;

    private final List<String> seen = new ArrayList<>();

    /** What is best in validation is not in the test; none diverges once at .5, batch always at .25. */
    private Map<String, Double> run(Cell cell) {
        seen.add(cell.toString());
        double rate = cell.get(RATE);
        int seed = cell.get(SEED);
        if (cell.get(NORM).equals("none") ? rate == .5 && seed == 2 : rate == .25) {
            throw new ArithmeticException("step 7 is not finite");
        }
        return Map.of("validation", rate + seed, "test", seed - rate);
    }

    private Results results() {
        return EXPERIMENT.run(folder, 1, this::run);
    }

    @Test
    void cellsAreAllCombinations() {
        List<Cell> cells = EXPERIMENT.cells();
        assertEquals(12, cells.size());
        assertEquals("norm none, rate 0.25, seed 1", cells.get(0).toString());
        assertEquals("norm none, rate 0.25, seed 2", cells.get(1).toString());
        assertEquals("norm batch, rate 0.5, seed 3", cells.get(11).toString());
        assertEquals("0.5", cells.get(11).label(RATE));
    }

    @Test
    void aTableHasMeansSpreadsAndTheBestByValidation() {
        Comparison comparison = results().meanOver(SEED).bestOver(RATE, "validation");
        assertEquals("""
                | norm  | best rate |            test |
                | ----- | --------: | --------------: |
                | none  |      0.25 | 1.7500 ± 1.0000 |
                | batch |       0.5 | 1.5000 ± 1.0000 |

                mean ± standard deviation over seed [1, 2, 3]; best of rate [0.25, 0.5] by the highest validation; epochs 3
                """, comparison.markdown("test"));
        assertEquals("""
                norm,best rate,test,test deviation,test count,cells,diverged
                none,0.25,1.75,1.0,3,3,0
                batch,0.5,1.5,1.0,3,3,0
                """, comparison.csv("test"));
        Map<String, String> lowest = results()
                .meanOver(SEED, NORM)
                .lowestOver(RATE, "validation")
                .rows()
                .get(0)
                .best();
        assertEquals(Map.of("rate", "0.5"), lowest, "one cell of six diverged at .5, three at .25");
    }

    @Test
    void someCellsMayBeRunAlone() {
        Results some = EXPERIMENT.run(folder, 1, cell -> cell.get(RATE) == .25 && cell.get(SEED) < 3, this::run);
        assertEquals(
                List.of(
                        "norm none, rate 0.25, seed 1",
                        "norm none, rate 0.25, seed 2",
                        "norm batch, rate 0.25, seed 1",
                        "norm batch, rate 0.25, seed 2"),
                seen);
        Comparison best = some.meanOver(SEED).bestOver(RATE, "validation");
        assertEquals(
                List.of(2, 2), best.rows().stream().map(Comparison.Row::cells).toList());
        results();
        assertEquals(12, seen.size(), "the others, each once");
    }

    @Test
    void everyCellThatDidNotDivergeNeedsTheMeasure() {
        var results = Experiment.of("toy", SEED).run(folder, 1, cell -> {
            if (cell.get(SEED) == 1) {
                throw new ArithmeticException("step 7 is not finite");
            }
            return cell.get(SEED) == 2 ? Map.of("a", 1.0) : Map.of("b", 1.0);
        });
        String message = "comparison: 1 of 3 cells {} did not diverge, but lack measure a; there are [a, b]";
        Comparison comparison = results.meanOver(SEED);
        assertMessage(message, () -> comparison.markdown("a"));
        assertMessage(message, () -> comparison.csv("a"));
        assertMessage(
                "comparison: 1 of 1 cells {} did not diverge, but lack measure a; there are [b]",
                () -> results.meanOver().bestOver(SEED, "a").rows());
    }

    @Test
    void divergedCellsAreShown() {
        Comparison comparison = results().meanOver(SEED);
        assertEquals("""
                | norm  | rate |            test | diverged |
                | ----- | ---- | --------------: | -------: |
                | none  | 0.25 | 1.7500 ± 1.0000 |          |
                | none  | 0.5  | 1.5000 ± 1.4142 |   1 of 3 |
                | batch | 0.25 |        diverged |   3 of 3 |
                | batch | 0.5  | 1.5000 ± 1.0000 |          |

                mean ± standard deviation over seed [1, 2, 3]; epochs 3
                """, comparison.markdown("test"));
        assertEquals("""
                | norm  |       rate 0.25 |                          rate 0.5 |
                | ----- | --------------: | --------------------------------: |
                | none  | 1.7500 ± 1.0000 | 1.5000 ± 1.4142 (1 of 3 diverged) |
                | batch |        diverged |                   1.5000 ± 1.0000 |

                test: mean ± standard deviation over seed [1, 2, 3]; epochs 3
                """, comparison.markdownAcross(RATE, "test"));
        assertEquals("batch,0.25,,,0,3,3", comparison.csv("test").split("\n", -1)[3]);
        assertEquals(
                """
                norm,rate,seed,test,validation,divergence
                none,0.25,1,0.75,1.25,
                none,0.25,2,1.75,2.25,
                none,0.25,3,2.75,3.25,
                none,0.5,1,0.5,1.5,
                none,0.5,2,,,step 7 is not finite
                """,
                String.join(
                        "",
                        results()
                                .csv()
                                .lines()
                                .limit(6)
                                .map(line -> line + "\n")
                                .toList()));
    }

    @Test
    void aFigureHasABarForEachCombination() {
        BarChart figure = results().meanOver(SEED).figure(RATE, "test");
        assertEquals(List.of("rate 0.25", "rate 0.5"), figure.categories());
        assertEquals("norm none", figure.series().get(0).name());
        assertEquals(
                new BarChart.Bar(1.75, .75, 2.75), figure.series().get(0).bars().get(0));
        assertEquals("norm batch", figure.series().get(1).name());
        assertTrue(Double.isNaN(figure.series().get(1).bars().get(0).value()), "all cells diverged");
        assertEquals(
                "test",
                results()
                        .meanOver(SEED, NORM)
                        .figure(RATE, "test")
                        .series()
                        .get(0)
                        .name());
    }

    @Test
    void aMeasureThatIsNotFiniteIsADivergence() {
        var results = Experiment.of("nan", SEED).run(folder, 1, cell -> Map.of("a", cell.get(SEED) == 2 ? 0.0 / 0 : 1));
        assertEquals("a is NaN", results.outcomes().get(1).divergence().orElseThrow());
        assertEquals(Map.of(), results.outcomes().get(1).measures());
    }

    @Test
    void finishedCellsAreNotRunAgain() throws IOException {
        Results first = results();
        assertEquals(12, seen.size());
        seen.clear();
        assertEquals(first.csv(), results().csv());
        assertEquals(List.of(), seen);

        Cell cell = EXPERIMENT.cells().get(5);
        Path file = EXPERIMENT.file(folder, cell);
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        assertEquals(first.csv(), results().csv());
        assertEquals(List.of(cell.toString()), seen, "a damaged file is as none");
    }

    @Test
    void aFileThatCannotBeReadIsNotTakenForDamaged() throws IOException {
        results();
        seen.clear();
        Path file = EXPERIMENT.file(folder, EXPERIMENT.cells().get(5));
        Files.delete(file);
        Files.createDirectory(file); // can be opened but not read
        var thrown = assertThrows(UncheckedIOException.class, this::results);
        assertTrue(thrown.getMessage().startsWith(file + ": cannot be read: "), thrown.getMessage());
        assertEquals(List.of(), seen);
    }

    @Test
    void moreValuesOnAnAxisAreMoreCells() {
        results();
        seen.clear();
        Axis<Integer> more = Axis.of("seed", 1, 2, 3, 4);
        var larger = Experiment.of("toy", NORM, RATE, more).with("epochs", 3);
        assertEquals(
                16,
                larger.run(folder, 1, cell -> {
                            seen.add(cell.toString());
                            return Map.of();
                        })
                        .outcomes()
                        .size());
        assertEquals(4, seen.size());
        assertTrue(seen.stream().allMatch(cell -> cell.endsWith("seed 4")), seen.toString());
    }

    @Test
    void cellsOfAnotherDeclarationAreRefused() {
        results();
        seen.clear();
        assertRefused("version is 2, but was 1", EXPERIMENT.withVersion(2));
        assertRefused("setting epochs is 4, but was 3", EXPERIMENT.with("epochs", 4));
        assertRefused("setting epochs is not there, but was 3", Experiment.of("toy", NORM, RATE, SEED));
        assertRefused(
                "name is other, but was toy",
                Experiment.of("other", NORM, RATE, SEED).with("epochs", 3));
        Axis<Double> renamed = new Axis<>("step", RATE.labels(), RATE.values());
        assertRefused(
                "axes is norm, step, seed, but was norm, rate, seed",
                Experiment.of("toy", NORM, renamed, SEED).with("epochs", 3));
        assertEquals(List.of(), seen, "nothing is run before the refusal");
    }

    private void assertRefused(String difference, Experiment other) {
        var thrown = assertThrows(IllegalStateException.class, () -> other.run(folder, 1, this::run));
        String file = other.file(folder, other.cells().get(0)).toString();
        assertEquals(
                file + ": is of another declaration of the experiment: " + difference
                        + ". Use another folder, or delete this one",
                thrown.getMessage());
    }

    @Test
    void aCellThatFailsIsNamedAndEndsTheExperiment() {
        var failure = assertThrows(
                IllegalStateException.class,
                () -> EXPERIMENT.run(folder, 1, cell -> {
                    if (cell.get(SEED) == 3) {
                        throw new IllegalArgumentException("no such thing");
                    }
                    return run(cell);
                }));
        assertEquals(
                "experiment toy: cell norm none, rate 0.25, seed 3: java.lang.IllegalArgumentException: no such thing",
                failure.getMessage());
        assertEquals(2, seen.size());
        results();
        assertEquals(12, seen.size(), "the two that had ended before are kept");
    }

    @Test
    void anInterruptEndsItWithoutTheCellThatIsBeingRun() {
        var thrown = assertThrows(
                CancellationException.class,
                () -> EXPERIMENT.run(folder, 1, cell -> {
                    if (seen.size() == 4) {
                        Thread.currentThread().interrupt();
                        throw new CancellationException("as whoever is interrupted may do");
                    }
                    return run(cell);
                }));
        assertTrue(Thread.interrupted());
        assertEquals(
                "experiment toy: ended behind 4 of 12 cells; the next run goes on with the others",
                thrown.getMessage());
        results();
        assertEquals(12, seen.size());
    }

    @Test
    void anInterruptWhileAFileIsWrittenKeepsTheCell() {
        int[] looks = {0};
        var grid = new GridRun(EXPERIMENT, folder, cell -> true, this::run, line -> {}, () -> {
            if (++looks[0] == 3) { // the run begins, the cell begins, the cell has ended
                Thread.currentThread().interrupt();
            }
            return 0;
        });
        var thrown = assertThrows(CancellationException.class, () -> grid.run(1));
        assertTrue(Thread.interrupted());
        assertEquals(
                "experiment toy: ended behind 1 of 12 cells; the next run goes on with the others",
                thrown.getMessage());
        results();
        assertEquals(12, seen.size());
    }

    @Test
    void theLogSaysHowMuchIsLeft() {
        List<String> lines = new ArrayList<>();
        long[] now = {0};
        var grid = new GridRun(
                EXPERIMENT,
                folder,
                cell -> true,
                cell -> {
                    now[0] += 30_000_000_000L;
                    return run(cell);
                },
                lines::add,
                () -> now[0]);
        grid.run(1);
        assertEquals("toy: 12 cells", lines.get(0));
        assertEquals(
                "toy: cell 1 of 12, 5m30s left; norm none, rate 0.25, seed 1: test 0.7500, validation 1.250",
                lines.get(1));
        assertEquals(
                "toy: cell 5 of 12 (1 diverged), 3m30s left; norm none, rate 0.5, seed 2: diverged: step 7 is not finite",
                lines.get(5));
        assertEquals(
                "toy: cell 12 of 12 (4 diverged), 0s left; norm batch, rate 0.5, seed 3: test 2.500, validation 3.500",
                lines.get(12));
        lines.clear();
        new GridRun(EXPERIMENT, folder, cell -> true, this::run, lines::add, () -> 0).run(1);
        assertEquals(List.of("toy: 12 cells, 12 of them done"), lines);
    }

    /** Waits to be killed in the third cell. */
    static final class Endless {
        private Endless() {}

        public static void main(String[] arguments) {
            EXPERIMENT.run(Path.of(arguments[0]), 1, cell -> {
                if (cell.toString().equals("norm none, rate 0.25, seed 3")) {
                    System.out.println("third");
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }
                return new ExperimentTest().run(cell);
            });
        }
    }

    @Test
    @Timeout(60)
    void aKilledExperimentGoesOn() throws IOException, InterruptedException {
        try (var process = JavaProcess.start(Endless.class, folder.toString())) {
            assertEquals("third", process.line());
            process.kill();
        }
        results();
        assertEquals(10, seen.size(), "two cells had ended before");
        assertEquals("norm none, rate 0.25, seed 3", seen.get(0));
    }

    @Test
    void declarationsAreChecked() {
        assertMessage("axis a: needs values and one label for each, but has 0 values and 0 labels", () -> Axis.of("a"));
        assertMessage("axis a: each value once, but they are [1, 1]", () -> Axis.of("a", 1, 1));
        assertMessage("axis: the name must be one line that is not blank, but is ''", () -> Axis.of("", 1));
        assertMessage("axis a: a label must be one line that is not blank, but is ' '", () -> Axis.of("a", " "));
        assertMessage("axis a: a label must be one line that is not blank, but is 'b\n'", () -> Axis.of("a", "b\n"));
        UnaryOperator<String> lambda = text -> text;
        for (Object value : List.of(lambda, List.of(lambda))) {
            assertMessage(
                    "axis a: " + value + " has another name in every JVM: give names by Axis.of(name, map)",
                    () -> Axis.of("a", value));
        }
        assertEquals(List.of("sgd@0.1"), Axis.of("a", "sgd@0.1").labels());
        assertEquals(
                List.of("same"),
                Axis.of("a", new LinkedHashMap<>(Map.of("same", lambda))).labels());
        assertMessage("experiment toy: needs axes with names of their own, but has []", () -> Experiment.of("toy"));
        assertMessage(
                "experiment toy: needs axes with names of their own, but has [norm, norm]",
                () -> Experiment.of("toy", NORM, NORM));
        assertMessage(
                "experiment toy: setting a must be one line that is not blank, but is ''",
                () -> Experiment.of("toy", NORM).with("a", ""));
        assertMessage("experiment: threads must be at least 1, but are 0", () -> EXPERIMENT.run(folder, 0, this::run));
        Axis<Integer> other = Axis.of("other", 1);
        assertMessage(
                "experiment: axis other is none of [norm, rate, seed]",
                () -> EXPERIMENT.cells().get(0).get(other));
        Results results = results();
        assertMessage("experiment toy: axis other is none of [norm, rate, seed]", () -> results.meanOver(other));
        assertMessage("comparison: axis seed is named twice", () -> results.meanOver(SEED, SEED));
        assertMessage(
                "comparison: one measure chooses on all axes: test, not validation",
                () -> results.meanOver(SEED).bestOver(RATE, "test").bestOver(NORM, "validation"));
        assertMessage(
                "comparison: 3 of 3 cells {norm=none, rate=0.25} did not diverge, but lack measure x; there are [test,"
                        + " validation]",
                () -> results.meanOver(SEED).markdown("x"));
        assertMessage(
                "comparison: 3 of 3 cells {rate=0.25} did not diverge, but lack measure x; there are [test, validation]",
                () -> results.meanOver(SEED).bestOver(NORM, "x").rows());
        assertMessage(
                "comparison: axis seed is none of those that are left: [norm, rate]",
                () -> results.meanOver(SEED).markdownAcross(SEED, "test"));
    }

    private static void assertMessage(String message, Executable executable) {
        assertEquals(
                message,
                assertThrows(IllegalArgumentException.class, executable).getMessage());
    }

    @Test
    void aFolderThatCannotBeMadeIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        var thrown = assertThrows(UncheckedIOException.class, () -> EXPERIMENT.run(file.resolve("x"), 1, this::run));
        assertTrue(
                thrown.getMessage().startsWith(file.resolve("x") + ": the folder cannot be made: "),
                thrown.getMessage());
    }

    @Test
    void tablesQuoteWhatNeedsIt() {
        var table = new Table(List.of("a,b", "c"), List.of(List.of("say \"x\"", "1|2")));
        assertEquals("\"a,b\",c\n\"say \"\"x\"\"\",1|2\n", table.csv());
        assertTrue(table.markdown(1).contains("1\\|2"));
    }
}
