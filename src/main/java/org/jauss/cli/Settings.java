package org.jauss.cli;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The options of a training as a file of properties, from which the next command takes them as defaults. */
final class Settings {
    /** What says nothing about the training itself. */
    private static final Set<String> LEFT_OUT = Set.of("--out", "--resume", "--threads", "--debug", "--help");

    private Settings() {}

    /** All options with their values, defaults too: other versions may have other defaults. */
    static String write(CommandSpec spec) {
        var properties = new Properties();
        for (ArgSpec arg : spec.args()) {
            Object value = arg.getValue();
            if (value != null && !LEFT_OUT.contains(name(arg))) {
                properties.setProperty(key(arg), text(value));
            }
        }
        var text = new StringWriter();
        try {
            properties.store(text, null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString()
                .lines()
                .filter(line -> !line.startsWith("#")) // the time
                .sorted()
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }

    private static String text(Object value) {
        if (value instanceof Path path) {
            return path.toAbsolutePath().toString();
        }
        return value instanceof Collection<?> all
                ? all.stream().map(Object::toString).collect(Collectors.joining(","))
                : value.toString();
    }

    /** The defaults that such a text sets. */
    static Properties read(String text) {
        var properties = new Properties();
        try {
            properties.load(new StringReader(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties;
    }

    /** The value of an option in a file, or null. */
    static @Nullable String value(Properties properties, ArgSpec arg) {
        return properties.getProperty(key(arg));
    }

    private static String key(ArgSpec arg) {
        return name(arg).replaceFirst("^--", "");
    }

    private static String name(ArgSpec arg) {
        return arg instanceof OptionSpec option ? option.longestName() : arg.paramLabel();
    }
}
