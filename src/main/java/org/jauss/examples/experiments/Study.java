package org.jauss.examples.experiments;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jauss.experiments.Axis;
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
            names = "--cells",
            order = 7,
            paramLabel = "FOLDER",
            defaultValue = "target/experiments",
            description = "Has a folder of finished trainings for each experiment, which are not run again"
                    + " (default: ${DEFAULT-VALUE}).")
    private Path cells = Path.of("");

    @Option(
            names = "--out",
            order = 8,
            paramLabel = "FOLDER",
            defaultValue = "src/site/markdown/experiments",
            description = "Where the page and its figures are written (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("");

    @Option(
            names = "--threads",
            order = 9,
            paramLabel = "N",
            description = "Trainings at once (default: the threads of the kernels).")
    private @Nullable Integer threads;

    @Option(names = "--help", order = 10, usageHelp = true, description = "Show this text.")
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
        return run(threads == null ? Parallel.threads() : threads, run, grid);
    }

    /** Runs a grid whose cells need the machine to themselves. */
    final Results runAlone(Experiment.Run run, Axis<?>... grid) {
        return run(1, run, grid);
    }

    private Results run(int atOnce, Experiment.Run run, Axis<?>... grid) {
        for (String name : only.keySet()) {
            require(axes.contains(name), "--only must name one of the axes " + axes + ", but names " + name);
        }
        return new Experiment(spec.name(), 1, settings(), List.of(grid)).run(cells.resolve(spec.name()), atOnce, run);
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        if (loaded) {
            settings.put("images", source() + (images() == Integer.MAX_VALUE ? "" : " " + images()));
        }
        if (budget != 1) {
            settings.put("budget", Double.toString(budget));
        }
        return settings;
    }

    /** A page with a title; its last part says how it was made. */
    final Page page(String title) {
        return new Page(out, spec.name(), title);
    }

    /** The command that makes the page again, the folders of the machine left out. */
    final String command() {
        return command("", "");
    }

    /** The same with arguments of one's own for the JVM, ending in a blank, and for the experiment, after one. */
    final String command(String jvm, String more) {
        var args = new StringBuilder(spec.name());
        for (String name : List.of("--set", "--images", "--budget", "--seeds", "--only", "--batch")) {
            OptionSpec option = spec.commandLine().getParseResult().matchedOption(name);
            if (option != null) {
                option.originalStringValues()
                        .forEach(value ->
                                args.append(' ').append(name).append(' ').append(value));
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
