package org.jauss.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder with the checkpoints of one run, {@code checkpoint-000012.safetensors} for that of step 12: which of them are
 * kept, and which is the one to go on from.
 *
 * <pre>{@code
 * var checkpoints = Checkpoints.in(folder).withLast(3).withLowest("metrics.loss");
 * try (var writer = checkpoints.open()) {
 *     var start = checkpoints.latest(); // empty in a new run
 *     ...
 *     writer.save(step, checkpoint);
 * }
 * }</pre>
 *
 * <p>One writer has a folder at a time. Any number of readers may look for checkpoints meanwhile, in any process.
 */
public final class Checkpoints {
    /** The names of the files. */
    static final Pattern NAME = Pattern.compile("checkpoint-(\\d{6,18})\\.safetensors");

    private static final Logger LOGGER = LoggerFactory.getLogger(Checkpoints.class);

    /** How often to look again if files vanish between the look and the reading, since newer ones replaced them. */
    private static final int LOOKS = 10;

    private final Path folder;
    private final int last;
    private final @Nullable String key;
    private final boolean highest;

    /** A file and the step in its name. */
    record Saved(long step, Path file) {}

    private Checkpoints(Path folder, int last, @Nullable String key, boolean highest) {
        this.folder = folder;
        this.last = last;
        this.key = key;
        this.highest = highest;
    }

    /**
     * The checkpoints in a folder, of which the last three are kept.
     *
     * @param folder the folder; {@link #open} makes it if it is not there
     * @return the checkpoints
     */
    public static Checkpoints in(Path folder) {
        return new Checkpoints(folder, 3, null, false);
    }

    /**
     * The same folder with another number of checkpoints to keep.
     *
     * @param count how many of the latest checkpoints are kept, at least 1; with 1 there is none to fall back on if the
     *     file gets damaged
     * @return the checkpoints
     * @throws IllegalArgumentException if it is less than 1
     */
    public Checkpoints withLast(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("checkpoints: at least 1 must be kept, but is " + count);
        }
        return new Checkpoints(folder, count, key, highest);
    }

    /**
     * The same folder, where the best checkpoint is kept too: the one whose number is lowest, the earliest of them.
     * Checkpoints without this entry, or with NaN, are not the best.
     *
     * @param entry the key of a number in each checkpoint, such as {@code metrics.loss}
     * @return the checkpoints
     */
    public Checkpoints withLowest(String entry) {
        return new Checkpoints(folder, last, entry, false);
    }

    /**
     * As {@link #withLowest}, for a number that should be high, such as {@code metrics.accuracy}.
     *
     * @param entry the key of a number in each checkpoint
     * @return the checkpoints
     */
    public Checkpoints withHighest(String entry) {
        return new Checkpoints(folder, last, entry, true);
    }

    /**
     * Makes the folder if need be, and takes it: no other writer can open it until this one is closed or its process has
     * ended. What writers that were killed have left behind is deleted.
     *
     * @return a writer of checkpoints
     * @throws IllegalStateException if another writer, of this process or another one, has the folder
     * @throws UncheckedIOException if the folder cannot be made, locked or listed
     */
    public CheckpointWriter open() {
        return CheckpointWriter.open(this);
    }

    /**
     * Reads the latest checkpoint that is whole. If a later one is damaged, the log says so.
     *
     * @return the checkpoint, or empty if the folder has none
     * @throws UncheckedIOException if there are checkpoints but none is whole, or one cannot be read at all
     */
    public Optional<Checkpoint> latest() {
        return firstWhole(this::latestFirst);
    }

    /**
     * Reads the best checkpoint that is whole, by the entry of {@link #withLowest} or {@link #withHighest}. If a better
     * one is damaged, the log says so.
     *
     * @return the checkpoint, or empty if none has a number there
     * @throws IllegalStateException if no entry was named
     * @throws UncheckedIOException if there are checkpoints but none is whole, or one cannot be read at all
     */
    public Optional<Checkpoint> best() {
        String entry = key;
        if (entry == null) {
            throw new IllegalStateException("checkpoints: which is the best needs withLowest or withHighest");
        }
        return firstWhole(() -> bestFirst(entry));
    }

    @FunctionalInterface
    private interface Search {
        List<Saved> files();
    }

    private Optional<Checkpoint> firstWhole(Search search) {
        for (int look = 1; ; look++) {
            try {
                return firstWhole(search.files());
            } catch (UncheckedIOException e) {
                if (!(e.getCause() instanceof NoSuchFileException) || look == LOOKS) {
                    throw e;
                }
            }
        }
    }

    private Optional<Checkpoint> firstWhole(List<Saved> files) {
        UncheckedIOException damage = null;
        for (Saved saved : files) {
            try {
                return Optional.of(Checkpoint.read(saved.file()));
            } catch (UncheckedIOException e) {
                if (!MalformedFileException.isCauseOf(e)) {
                    throw e;
                }
                LOGGER.warn("{}; the next best checkpoint is used, if there is one", e.getMessage());
                damage = damage == null ? e : damage;
            }
        }
        if (damage != null) {
            throw new UncheckedIOException(
                    folder + ": none of " + files.size() + " checkpoints is whole: " + damage.getMessage(),
                    damage.getCause());
        }
        return Optional.empty();
    }

    /** The files to keep: the last ones, and the best one. */
    List<Saved> kept() {
        var kept = new ArrayList<>(latestFirst().stream().limit(last).toList());
        if (key != null) {
            bestFirst(key).stream().findFirst().ifPresent(kept::add);
        }
        return kept;
    }

    /** The files, that of the last step first. */
    List<Saved> latestFirst() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        var found = new ArrayList<Saved>();
        try (var files = Files.list(folder)) {
            files.forEach(file -> {
                Matcher matcher = NAME.matcher(file.getFileName().toString());
                if (matcher.matches()) {
                    found.add(new Saved(Long.parseLong(matcher.group(1)), file));
                }
            });
        } catch (IOException e) {
            throw AtomicFile.failed(folder, "listed", e);
        }
        found.sort(Comparator.comparing(Saved::step).reversed());
        return found;
    }

    private List<Saved> bestFirst(String entry) {
        record Scored(double score, Saved saved) {}
        var scored = new ArrayList<Scored>();
        for (Saved saved : latestFirst()) {
            double score = score(saved.file(), entry);
            if (!Double.isNaN(score)) {
                scored.add(new Scored(highest ? -score : score, saved));
            }
        }
        scored.sort(Comparator.comparing(Scored::score)
                .thenComparing(one -> one.saved().step()));
        return scored.stream().map(Scored::saved).toList();
    }

    /** The number that tells how good a checkpoint is, or NaN if there is none. */
    private static double score(Path file, String entry) {
        try {
            String text = Safetensors.metadata(file).get(entry);
            return text == null ? Double.NaN : Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(file + ": entry " + JsonScanner.quote(entry) + " must be a number", e);
        } catch (UncheckedIOException e) {
            if (!MalformedFileException.isCauseOf(e)) {
                throw e;
            }
            return Double.NaN;
        }
    }

    Path folder() {
        return folder;
    }

    /** The file of a step. */
    Path file(long step) {
        return folder.resolve(String.format(Locale.ROOT, "checkpoint-%06d.safetensors", step));
    }

    @Override
    public String toString() {
        String best = key == null ? "" : " and the one with the " + (highest ? "highest " : "lowest ") + key;
        return "Checkpoints in " + folder + ", keeping the last " + last + best;
    }
}
