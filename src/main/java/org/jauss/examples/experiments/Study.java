package org.jauss.examples.experiments;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jauss.experiments.Axis;
import org.jauss.experiments.Cell;
import org.jauss.experiments.Experiment;
import org.jauss.experiments.Results;
import org.jauss.kernels.Parallel;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What the experiments have in common: options, axes that can be cut short, the grid, the page. */
@Command(sortOptions = false, usageHelpWidth = 100)
abstract class Study implements Callable<Integer> {
    private final Source usual;
    private final int usualImages;
    private final Set<String> axes = new LinkedHashSet<>();
    private boolean loaded;

    @Option(
            names = "--set",
            order = 1,
            description = "The images: digits, mnist, fashion-mnist or cifar-10 (default: that of the experiment).")
    private @Nullable Source set;

    @Option(
            names = "--data",
            order = 2,
            paramLabel = "FOLDER",
            description = "Has the files of the set (default: where the library looks for them); digits need none.")
    private @Nullable Path data;

    @Option(
            names = "--images",
            order = 3,
            paramLabel = "N",
            description = "Most images to learn from (default: that of the experiment).")
    private @Nullable Integer images;

    @Option(
            names = "--budget",
            order = 4,
            paramLabel = "FACTOR",
            defaultValue = "1",
            description = "Factor on the steps of each training (default: ${DEFAULT-VALUE}).")
    private double budget;

    @Option(
            names = "--seeds",
            order = 5,
            split = ",",
            paramLabel = "N",
            defaultValue = "0,1,2",
            description = "One training each (default: ${DEFAULT-VALUE}).")
    private List<Integer> seeds = List.of();

    @Option(
            names = "--only",
            order = 6,
            paramLabel = "AXIS=VALUE,...",
            description = "Takes these values of an axis alone, such as --only batch=1,8; once for each axis.")
    private Map<String, String> only = new LinkedHashMap<>();

    @Option(
            names = "--search",
            order = 7,
            paramLabel = "FACTOR",
            description =
                    "Chooses learning rates by trainings of the first seed with this factor of the steps, and trains"
                            + " in full with the best alone (default: with all of them); of rivals-... and paper-network.")
    private @Nullable Double search;

    @Option(
            names = "--anew",
            order = 8,
            description =
                    "Measures the statistics of norms anew before a network is tested; of rivals-... and paper-network.")
    private boolean anew;

    @Option(
            names = "--cells",
            order = 9,
            paramLabel = "FOLDER",
            defaultValue = "target/experiments",
            description = "Has a folder of finished trainings for each experiment, which are not run again"
                    + " (default: ${DEFAULT-VALUE}).")
    private Path cells = Path.of("");

    @Option(
            names = "--out",
            order = 10,
            paramLabel = "FOLDER",
            defaultValue = "src/site/markdown/experiments",
            description = "Where the page and its figures are written (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("");

    @Option(
            names = "--threads",
            order = 11,
            paramLabel = "N",
            description = "Trainings at once (default: the threads of the kernels).")
    private @Nullable Integer threads;

    @Option(names = "--help", order = 12, usageHelp = true, description = "Show this text.")
    @SuppressWarnings("UnusedVariable") // picocli reads it.
    private boolean help;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it.
    private CommandSpec spec;

    /**
     * A study.
     *
     * @param usual its images
     * @param usualImages how many of them are learned from at most
     */
    Study(Source usual, int usualImages) {
        this.usual = usual;
        this.usualImages = usualImages;
    }

    /** Runs the experiment and writes the page. */
    abstract void study();

    @Override
    public final Integer call() {
        if (threads != null) {
            require(threads >= 1, "--threads must be at least 1, but is " + threads);
            System.setProperty(Parallel.PROPERTY, threads.toString()); // read at the first use of the kernels
        }
        require(budget > 0 && budget < Double.POSITIVE_INFINITY, "--budget must be above 0, but is " + budget);
        require(search == null || (search > 0 && search < 1), "--search must be between 0 and 1, but is " + search);
        require(images == null || images >= 1, "--images must be at least 1, but is " + images);
        study();
        return CommandLine.ExitCode.OK;
    }

    /** The images. */
    final Source.Parts load() {
        loaded = true;
        return source().load(data, images());
    }

    private Source source() {
        return set == null ? usual : set;
    }

    private int images() {
        return images == null ? usualImages : images;
    }

    /** A number of epochs, cut short by the budget. */
    final double epochs(double full) {
        return budget * full;
    }

    /** The axis of the seeds. */
    final Axis<Integer> seed() {
        return axis("seed", seeds.toArray(new Integer[0]));
    }

    /** An axis, cut short if the user says so. */
    @SafeVarargs
    @SuppressWarnings("varargs") // Axis.of does not keep the array.
    final <T> Axis<T> axis(String name, T... values) {
        Axis<T> all = Axis.of(name, values);
        axes.add(name);
        String some = only.get(name);
        if (some == null) {
            return all;
        }
        List<String> labels = new ArrayList<>(all.labels());
        labels.retainAll(List.of(some.split(",")));
        require(
                labels.size() == some.split(",").length,
                "--only " + name + " must be some of " + String.join(",", all.labels()) + ", but is " + some);
        return new Axis<>(
                name,
                labels,
                labels.stream()
                        .map(label -> all.values().get(all.labels().indexOf(label)))
                        .toList());
    }

    /** Runs a grid over axes, its settings being the options that bear on the results. */
    final Results run(Experiment.Run run, Axis<?>... grid) {
        requireNoSearchOrAnew();
        return run(name(), budget, List.of(grid), cell -> true, run);
    }

    /** The same one cell at a time, for what needs the machine and its memory to itself. */
    final Results runAlone(Experiment.Run run, Axis<?>... grid) {
        requireNoSearchOrAnew();
        return run(name(), budget, List.of(grid), cell -> true, 1, run);
    }

    private void requireNoSearchOrAnew() {
        String those = " is an option of rivals-deep, rivals-cnn, rivals-resnet and paper-network";
        require(search == null, "--search" + those);
        require(!anew, "--anew" + those);
    }

    /** Whether the statistics of norms are measured anew before a network is tested. */
    final boolean anew() {
        return anew;
    }

    /** A training whose steps have a factor. */
    interface Training {
        /** Trains and measures. */
        Map<String, Double> run(Cell cell, double budget);
    }

    /**
     * Trainings at several learning rates.
     *
     * @param best has the best rate at least
     * @param rates has all of them, perhaps from shorter trainings
     * @param text how the rate was chosen
     */
    record Search(Results best, Results rates, String text) {}

    /** Runs a grid over some axes, learning rates and seeds, in full at all rates or at the best of shorter trainings. */
    final Search search(Training training, Axis<?> rate, Axis<Integer> seed, Axis<?>... others) {
        List<Axis<?>> grid = new ArrayList<>(List.of(others));
        grid.add(rate);
        grid.add(seed);
        Experiment.Run full = cell -> training.run(cell, budget);
        if (search == null) {
            Results all = run(name(), budget, grid, cell -> true, full);
            return new Search(all, all, "Each entry has the " + rate.name() + " that is best on validation images");
        }
        double less = budget * search;
        Integer first = seed.values().get(0);
        Results rates = run(
                name() + "-search", less, grid, cell -> first.equals(cell.get(seed)), cell -> training.run(cell, less));
        Map<Map<String, String>, Map<String, String>> chosen = new HashMap<>();
        rates.meanOver(seed)
                .bestOver(rate, Page.VALIDATION)
                .rows()
                .forEach(row -> chosen.put(row.labels(), row.best()));
        Results best = run(
                name(),
                budget,
                grid,
                cell -> {
                    Map<String, String> labels = cell.labels();
                    labels.remove(seed.name());
                    String label = labels.remove(rate.name());
                    return Map.of(rate.name(), label).equals(chosen.get(labels));
                },
                full);
        return new Search(
                best,
                rates,
                "Each entry has the " + rate.name()
                        + " that was best on validation images in trainings of one seed with " + search
                        + " of the steps");
    }

    private Results run(String name, double factor, List<Axis<?>> grid, Predicate<Cell> which, Experiment.Run run) {
        return run(name, factor, grid, which, threads == null ? Parallel.threads() : threads, run);
    }

    private Results run(
            String name, double factor, List<Axis<?>> grid, Predicate<Cell> which, int atOnce, Experiment.Run run) {
        for (String axis : only.keySet()) {
            require(axes.contains(axis), "--only must name one of the axes " + axes + ", but names " + axis);
        }
        return new Experiment(name, 1, settings(factor), grid).run(cells.resolve(name), atOnce, which, run);
    }

    private Map<String, String> settings(double factor) {
        Map<String, String> settings = new LinkedHashMap<>();
        if (loaded) {
            settings.put("images", source() + (images() == Integer.MAX_VALUE ? "" : " " + images()));
        }
        if (factor != 1) {
            settings.put("budget", Double.toString(factor));
        }
        if (anew) {
            settings.put("statistics", "measured anew");
        }
        return settings;
    }

    /** A page with a title; its last part says how it was made. */
    final Page page(String title) {
        return new Page(out, name(), title);
    }

    /** What cells and page are called. */
    private String name() {
        String images = set == null || set == usual ? "" : "-" + set;
        return spec.name() + images + (anew ? "-anew" : "");
    }

    /** The command that makes the page again, the folders of the machine left out. */
    final String command() {
        return command("", "");
    }

    /** The same with arguments of one's own for the JVM, ending in a blank, and for the experiment, after one. */
    final String command(String jvm, String more) {
        var args = new StringBuilder(spec.name());
        for (String name :
                List.of("--set", "--images", "--budget", "--seeds", "--only", "--search", "--anew", "--batch")) {
            OptionSpec option = spec.commandLine().getParseResult().matchedOption(name);
            if (option != null) {
                option.originalStringValues()
                        .forEach(value -> args.append(' ')
                                .append(name)
                                .append(option.arity().max() == 0 ? "" : " " + value));
            }
        }
        if (loaded && source() != Source.DIGITS) {
            args.append(" --data FOLDER");
        }
        args.append(more);
        return "MAVEN_OPTS=\"" + jvm
                + "--add-modules jdk.incubator.vector\" mvn -q compile exec:java \\\n    -Dexec.mainClass="
                + PaperExperiments.class.getName() + " -Dexec.args=\"" + args + "\"";
    }

    /** Requires something of the options. */
    final void require(boolean condition, String rule) {
        if (!condition) {
            throw new ParameterException(spec.commandLine(), rule);
        }
    }
}
