package org.jauss.experiments;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.jauss.kernels.Parallel;
import org.jauss.train.Interruption;
import org.jspecify.annotations.Nullable;

/** One run over the cells of an experiment. */
final class GridRun {
    private static final double NANOS_PER_SECOND = 1e9;

    private final Experiment experiment;
    private final Path folder;
    private final Experiment.Run run;
    private final Consumer<String> log;
    private final LongSupplier clock;
    private final List<Cell> cells;
    private final @Nullable Outcome[] outcomes;

    /** The next cell that nobody has taken. */
    private final AtomicInteger next = new AtomicInteger();

    private volatile boolean ends;
    private int ended;
    private int diverged;
    private int found;

    GridRun(
            Experiment experiment,
            Path folder,
            Predicate<Cell> which,
            Experiment.Run run,
            Consumer<String> log,
            LongSupplier clock) {
        this.experiment = experiment;
        this.folder = folder;
        this.run = run;
        this.log = log;
        this.clock = clock;
        this.cells = experiment.cells().stream().filter(which).toList();
        this.outcomes = new Outcome[cells.size()];
    }

    Results run(int threads) {
        Experiment.makeFolder(folder);
        for (int i = 0; i < outcomes.length; i++) {
            outcomes[i] = experiment.read(folder, cells.get(i)).orElse(null);
            if (outcomes[i] != null) {
                ended++;
                diverged += outcomes[i].problem() == null ? 0 : 1;
            }
        }
        found = ended;
        log.accept(
                experiment.name() + ": " + cells.size() + " cells" + (found > 0 ? ", " + found + " of them done" : ""));
        long start = clock.getAsLong();
        // The lanes are chunks of the pool that also runs the kernels: within a cell they then run in its own thread.
        Parallel.forChunks(threads, 1, (from, to) -> lane(start));
        if (ends) {
            throw new CancellationException("experiment " + experiment.name() + ": ended behind " + ended + " of "
                    + cells.size() + " cells; the next run goes on with the others");
        }
        List<Outcome> all = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            all.add(Objects.requireNonNull(outcome));
        }
        return new Results(experiment, all);
    }

    /** Runs one cell after the other. */
    private void lane(long start) {
        for (int i = next.getAndIncrement(); i < outcomes.length && !ends; i = next.getAndIncrement()) {
            if (outcomes[i] == null) {
                try {
                    run(i, start);
                } catch (Throwable e) { // also an Error must keep the other lanes from going on
                    ends = true;
                    throw e;
                }
            }
        }
    }

    private void run(int i, long start) {
        Cell cell = cells.get(i);
        long begin = clock.getAsLong();
        Map<String, Double> measures = Map.of();
        String problem = null;
        try {
            measures = run.run(cell);
            problem = notFinite(measures);
        } catch (ArithmeticException e) {
            problem = String.valueOf(e.getMessage());
        } catch (RuntimeException e) {
            if (!Interruption.isPending()) {
                throw new IllegalStateException("experiment " + experiment.name() + ": cell " + cell + ": " + e, e);
            }
        }
        if (Interruption.isPending()) {
            ends = true; // What the cell gave may be that of a training that was stopped.
            return;
        }
        var outcome = new Outcome(
                cell, problem == null ? measures : Map.of(), problem, (clock.getAsLong() - begin) / NANOS_PER_SECOND);
        write(outcome);
        outcomes[i] = outcome;
        note(outcome, start);
    }

    /** Writes the file of a cell that has ended; an interrupt while it is written counts only behind it. */
    private void write(Outcome outcome) {
        try {
            experiment.write(folder, outcome);
        } catch (UncheckedIOException e) {
            if (!Thread.interrupted()) {
                throw e;
            }
            ends = true;
            try {
                experiment.write(folder, outcome);
            } finally {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static @Nullable String notFinite(Map<String, Double> measures) {
        for (var measure : measures.entrySet()) {
            if (!Double.isFinite(measure.getValue())) {
                return measure.getKey() + " is " + measure.getValue();
            }
        }
        return null;
    }

    private synchronized void note(Outcome outcome, long start) {
        ended++;
        diverged += outcome.problem() == null ? 0 : 1;
        double seconds = (clock.getAsLong() - start) / NANOS_PER_SECOND;
        long left = Math.round(seconds / (ended - found) * (cells.size() - ended));
        log.accept(String.format(
                Locale.ROOT,
                "%s: cell %d of %d%s, %s left; %s: %s",
                experiment.name(),
                ended,
                cells.size(),
                diverged == 0 ? "" : " (" + diverged + " diverged)",
                Duration.ofSeconds(left).toString().substring(2).toLowerCase(Locale.ROOT),
                outcome.cell(),
                outcome.divergence().map(problem -> "diverged: " + problem).orElse(numbers(outcome.measures()))));
    }

    private static String numbers(Map<String, Double> measures) {
        List<String> numbers = new ArrayList<>();
        measures.forEach((name, value) -> numbers.add(String.format(Locale.ROOT, "%s %.4g", name, value)));
        return String.join(", ", numbers);
    }
}
