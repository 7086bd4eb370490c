package org.jauss.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The whole state of a training run, in one file: weights and other arrays in groups, and entries such as the epoch, the
 * metrics, the settings and the random sources.
 *
 * <pre>{@code
 * var state = optimizer.state();
 * Checkpoint.empty()
 *         .withParameters("model", model.parameters())
 *         .withArrays("optimizer", state.arrays())
 *         .withCounts("optimizer", state.counts())
 *         .with("random", rng)
 *         .with("epoch", epoch)
 *         .write(file);
 *
 * var checkpoint = Checkpoint.read(file);
 * checkpoint.requireFit("model", model.parameters());
 * optimizer.resume(new State(checkpoint.arrays("optimizer"), checkpoint.counts("optimizer")));
 * checkpoint.restore("model", model.parameters()); // cannot fail any more, so nothing is half loaded
 * }</pre>
 *
 * <p>The file is a <a href="https://github.com/huggingface/safetensors">safetensors</a> file that any reader of the
 * format reads: tensors named {@code GROUP.NAME}, and in its metadata the entries as text, {@code jauss.checkpoint}, the
 * version of this form, and {@code jauss.checksum}, a CRC-32C over the whole file with these eight digits as zeros.
 *
 * <p>A checkpoint is a value: the withers make new ones. They do not copy arrays, so that it should be written before
 * training goes on.
 */
public final class Checkpoint {
    private static final String RESERVED = "jauss.";
    private static final String VERSION_KEY = "jauss.checkpoint";
    private static final String VERSION = "1";

    /** Where it comes from, for messages. */
    private final String origin;

    private final Map<String, Tensor> tensors;
    private final Map<String, String> entries;

    private Checkpoint(String origin, Map<String, Tensor> tensors, Map<String, String> entries) {
        this.origin = origin;
        this.tensors = tensors;
        this.entries = entries;
    }

    /**
     * A checkpoint of nothing, to begin with.
     *
     * @return the checkpoint
     */
    public static Checkpoint empty() {
        return new Checkpoint("checkpoint", Map.of(), Map.of());
    }

    // ---- Arrays, in groups ----

    /**
     * The same checkpoint with parameters, such as those of a model.
     *
     * @param group the name of the group, without a dot, such as {@code model}
     * @param parameters name to parameter; not copied
     * @return the checkpoint with them
     * @throws IllegalArgumentException if the group is empty or has a dot
     */
    public Checkpoint withParameters(String group, Map<String, Parameter> parameters) {
        return withTensors(group, parameters, parameter -> Tensor.of(parameter.shape(), parameter.data()));
    }

    /**
     * The same checkpoint with arrays, such as the slots of an optimiser.
     *
     * @param group the name of the group, without a dot, such as {@code optimizer}
     * @param arrays name to array; not copied
     * @return the checkpoint with them
     * @throws IllegalArgumentException if the group is empty or has a dot
     */
    public Checkpoint withArrays(String group, Map<String, float[]> arrays) {
        return withTensors(group, arrays, Tensor::of);
    }

    private <V> Checkpoint withTensors(String group, Map<String, V> values, Function<V, Tensor> tensor) {
        String prefix = prefix(group);
        var more = new LinkedHashMap<>(tensors);
        values.forEach((name, value) -> more.put(prefix + name, tensor.apply(value)));
        return new Checkpoint(origin, more, entries);
    }

    /**
     * Requires that a group holds just these parameters, each in its shape; changes nothing.
     *
     * @param group the name of the group
     * @param parameters name to parameter, as {@code model.parameters()} has them
     * @throws IllegalArgumentException if tensors are missing, unexpected or of another shape; the message lists them
     */
    public void requireFit(String group, Map<String, Parameter> parameters) {
        var shapes = new LinkedHashMap<String, Shape>();
        group(group).forEach((name, tensor) -> shapes.put(name, tensor.shape()));
        SafetensorsHeader.requireSame(origin + ": " + group, shapes, parameters);
    }

    /**
     * Gives parameters the values of a group, in which they all must be in their shape, and nothing else. If anything is
     * wrong, nothing is changed.
     *
     * @param group the name of the group
     * @param into name to parameter, as {@code model.parameters()} has them
     * @throws IllegalArgumentException if tensors are missing, unexpected or of another shape; the message lists them
     */
    public void restore(String group, Map<String, Parameter> into) {
        requireFit(group, into);
        arrays(group)
                .forEach((name, array) -> Objects.requireNonNull(into.get(name)).set(array));
    }

    /**
     * The arrays of a group.
     *
     * @param group the name of the group
     * @return name to array, not copies; empty if there is no such group
     */
    public Map<String, float[]> arrays(String group) {
        var arrays = new LinkedHashMap<String, float[]>();
        group(group).forEach((name, tensor) -> arrays.put(name, tensor.data())); // each is at the start of its array
        return arrays;
    }

    private Map<String, Tensor> group(String group) {
        return part(prefix(group), tensors);
    }

    // ---- Entries ----

    /**
     * The same checkpoint with a text.
     *
     * @param key any key that does not begin with {@code jauss.}, such as {@code settings.rule}
     * @param text the text
     * @return the checkpoint with it
     * @throws IllegalArgumentException if the key is reserved
     */
    public Checkpoint with(String key, String text) {
        if (key.startsWith(RESERVED)) {
            throw new IllegalArgumentException(
                    "checkpoint: keys that begin with " + RESERVED + " are reserved: " + key);
        }
        var more = new TreeMap<>(entries);
        more.put(key, text);
        return new Checkpoint(origin, tensors, more);
    }

    /**
     * The same checkpoint with a whole number.
     *
     * @param key any key that does not begin with {@code jauss.}, such as {@code epoch}
     * @param count the number
     * @return the checkpoint with it
     * @throws IllegalArgumentException if the key is reserved
     */
    public Checkpoint with(String key, long count) {
        return with(key, Long.toString(count));
    }

    /**
     * The same checkpoint with a number, or with several, such as those of a metric over time.
     *
     * @param key any key that does not begin with {@code jauss.}, such as {@code metrics.loss}
     * @param numbers the numbers; kept to the bit, but for what is not a number
     * @return the checkpoint with them
     * @throws IllegalArgumentException if the key is reserved
     */
    public Checkpoint with(String key, double... numbers) {
        return with(key, DoubleStream.of(numbers).mapToObj(Double::toString).collect(Collectors.joining(" ")));
    }

    /**
     * The same checkpoint with the state of a random source.
     *
     * @param key any key that does not begin with {@code jauss.}, such as {@code random}
     * @param rng the source
     * @return the checkpoint with it
     * @throws IllegalArgumentException if the key is reserved
     */
    public Checkpoint with(String key, Rng rng) {
        Rng.State state = rng.state();
        return with(key, state.key() + " " + state.splits());
    }

    /**
     * The same checkpoint with whole numbers, such as the counts of an optimiser.
     *
     * @param group the name of the group, without a dot, such as {@code optimizer}
     * @param counts name to number
     * @return the checkpoint with them, under {@code GROUP.NAME}
     * @throws IllegalArgumentException if the group is empty or has a dot
     */
    public Checkpoint withCounts(String group, Map<String, Long> counts) {
        var texts = new LinkedHashMap<String, String>();
        counts.forEach((name, count) -> texts.put(name, Long.toString(count)));
        return withTexts(group, texts);
    }

    /**
     * The same checkpoint with texts, such as settings.
     *
     * @param group the name of the group, without a dot, such as {@code settings}
     * @param texts name to text
     * @return the checkpoint with them, under {@code GROUP.NAME}
     * @throws IllegalArgumentException if the group is empty, has a dot or is reserved
     */
    public Checkpoint withTexts(String group, Map<String, String> texts) {
        String prefix = prefix(group);
        Checkpoint all = this;
        for (var text : texts.entrySet()) {
            all = all.with(prefix + text.getKey(), text.getValue());
        }
        return all;
    }

    /**
     * A text.
     *
     * @param key its key
     * @return the text
     * @throws IllegalArgumentException if there is none; the message lists those that there are
     */
    public String text(String key) {
        String text = entries.get(key);
        if (text == null) {
            throw new IllegalArgumentException(
                    origin + ": there is no entry " + JsonScanner.quote(key) + " among " + entries.keySet());
        }
        return text;
    }

    /**
     * Whether there is an entry.
     *
     * @param key its key
     * @return whether it is there
     */
    public boolean has(String key) {
        return entries.containsKey(key);
    }

    /**
     * A whole number.
     *
     * @param key its key
     * @return the number
     * @throws IllegalArgumentException if there is none
     */
    public long count(String key) {
        return parsed(key, "a whole number", Long::parseLong);
    }

    /**
     * A number.
     *
     * @param key its key
     * @return the number
     * @throws IllegalArgumentException if there is none
     */
    public double number(String key) {
        return parsed(key, "a number", Double::parseDouble);
    }

    /**
     * Several numbers.
     *
     * @param key their key
     * @return the numbers
     * @throws IllegalArgumentException if there are none under this key
     */
    public double[] numbers(String key) {
        return parsed(
                key,
                "numbers with spaces between them",
                text -> text.isEmpty()
                        ? new double[0]
                        : Arrays.stream(text.split(" ", -1))
                                .mapToDouble(Double::parseDouble)
                                .toArray());
    }

    /**
     * A random source that goes on as the one that was saved.
     *
     * @param key its key
     * @return the source
     * @throws IllegalArgumentException if there is none
     */
    public Rng rng(String key) {
        return parsed(key, "the state of a random source", text -> {
            List<Long> state =
                    Arrays.stream(text.split(" ", -1)).map(Long::valueOf).toList();
            if (state.size() != 2) {
                throw new IllegalArgumentException(text);
            }
            return Rng.of(new Rng.State(state.get(0), state.get(1)));
        });
    }

    private <T> T parsed(String key, String what, Function<String, T> parser) {
        String text = text(key);
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    origin + ": entry " + JsonScanner.quote(key) + " must be " + what + ", but is "
                            + JsonScanner.quote(text),
                    e);
        }
    }

    /**
     * The whole numbers of a group.
     *
     * @param group the name of the group
     * @return name to number; empty if there is no such group
     * @throws IllegalArgumentException if one of them is no whole number
     */
    public Map<String, Long> counts(String group) {
        var counts = new LinkedHashMap<String, Long>();
        texts(group).keySet().forEach(name -> counts.put(name, count(prefix(group) + name)));
        return counts;
    }

    /**
     * The texts of a group.
     *
     * @param group the name of the group
     * @return name to text; empty if there is no such group
     */
    public Map<String, String> texts(String group) {
        return Collections.unmodifiableMap(part(prefix(group), entries));
    }

    private static String prefix(String group) {
        if (group.isEmpty() || group.indexOf('.') >= 0) {
            throw new IllegalArgumentException("checkpoint: the name of a group must have a letter and no dot, but is "
                    + JsonScanner.quote(group));
        }
        return group + ".";
    }

    private static <V> Map<String, V> part(String prefix, Map<String, V> all) {
        var part = new LinkedHashMap<String, V>();
        all.forEach((name, value) -> {
            if (name.startsWith(prefix)) {
                part.put(name.substring(prefix.length()), value);
            }
        });
        return part;
    }

    // ---- Files ----

    /**
     * Writes a file. It appears under its name only when it is complete and on the disk, and then replaces one that was
     * there: whatever stops the program, there is the old file or the new one.
     *
     * @param file the file; its folder exists
     * @throws UncheckedIOException if it cannot be written; nothing is left behind then
     */
    public void write(Path file) {
        var metadata = new LinkedHashMap<>(entries);
        metadata.put(VERSION_KEY, VERSION);
        metadata.put(Checksum.KEY, Checksum.BLANK);
        Safetensors.writeTensors(file, tensors, metadata);
    }

    /**
     * Reads a file and checks that it is whole: that its bytes are those that were written.
     *
     * @param file the file
     * @return the checkpoint
     * @throws UncheckedIOException if the file cannot be read, is malformed or damaged, is no checkpoint, was written by
     *     a version of this library that does it in another way, or needs more than half of the memory
     */
    public static Checkpoint read(Path file) {
        try (var reader = SafetensorsReader.open(file)) {
            reader.requireWhole();
            var entries = new TreeMap<>(reader.header().metadata());
            entries.remove(Checksum.KEY);
            @Nullable String version = entries.remove(VERSION_KEY);
            if (!VERSION.equals(version)) {
                throw new IOException(
                        "it is a checkpoint of version " + version + ", but this library reads version " + VERSION);
            }
            return new Checkpoint(file.toString(), reader.readAll(), entries);
        } catch (IOException e) {
            throw AtomicFile.failed(file, "read", e);
        }
    }

    @Override
    public String toString() {
        return origin + " of " + tensors.size() + " arrays and the entries " + entries;
    }
}
