package org.jauss.io;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * The header of a safetensors file.
 *
 * @param metadata strings about the file
 * @param tensors where each tensor is
 */
record SafetensorsHeader(Map<String, String> metadata, Map<String, Entry> tensors) {
    static final String METADATA = "__metadata__";

    /** As many as NumPy has. */
    private static final int MOST_DIMENSIONS = 64;

    /**
     * Where a tensor is.
     *
     * @param dtype the type of its elements
     * @param shape its shape
     * @param begin its first byte, from the start of the data
     * @param end one past its last byte
     */
    record Entry(Dtype dtype, Shape shape, long begin, long end) {}

    /** The header for tensors that are written one after the other. */
    static SafetensorsHeader of(Map<String, Tensor> contents, Map<String, String> metadata) {
        var tensors = new LinkedHashMap<String, Entry>();
        long begin = 0;
        for (var tensor : contents.entrySet()) {
            if (tensor.getKey().equals(METADATA)) {
                throw new IllegalArgumentException("safetensors: no parameter can have the name " + METADATA);
            }
            Shape shape = tensor.getValue().shape();
            long end = begin + (long) Dtype.F32.bytes * shape.size();
            tensors.put(tensor.getKey(), new Entry(Dtype.F32, shape, begin, end));
            begin = end;
        }
        return new SafetensorsHeader(new TreeMap<>(metadata), tensors); // equal content, equal bytes
    }

    String toJson() {
        var members = new ArrayList<String>();
        if (!metadata.isEmpty()) {
            members.add(metadata.entrySet().stream()
                    .map(entry -> JsonScanner.quote(entry.getKey()) + ":" + JsonScanner.quote(entry.getValue()))
                    .collect(Collectors.joining(",", "\"" + METADATA + "\":{", "}")));
        }
        tensors.forEach((name, entry) -> members.add(JsonScanner.quote(name) + ":{\"dtype\":\"" + entry.dtype
                + "\",\"shape\":"
                + IntStream.of(entry.shape.dims())
                        .mapToObj(Integer::toString)
                        .collect(Collectors.joining(",", "[", "]"))
                + ",\"data_offsets\":[" + entry.begin + "," + entry.end + "]}"));
        return members.stream().collect(Collectors.joining(",", "{", "}"));
    }

    /** Reads a header and checks that its tensors fill the data without gap or overlap. */
    static SafetensorsHeader parse(Path file, long offset, String json, long dataLength) {
        var scanner = new JsonScanner(file, offset, json);
        var metadata = new LinkedHashMap<String, String>();
        var tensors = new LinkedHashMap<String, Entry>();
        scanner.object(name -> {
            if (name.equals(METADATA)) {
                scanner.object(key -> metadata.put(key, scanner.string()));
            } else {
                tensors.put(name, entry(scanner, name));
            }
        });
        scanner.end();
        var header = new SafetensorsHeader(metadata, tensors);
        header.requireFilled(file, dataLength);
        return header;
    }

    private static Entry entry(JsonScanner scanner, String name) {
        var numbers = new HashMap<String, List<Long>>();
        var dtype = new StringBuilder();
        scanner.object(key -> {
            switch (key) {
                case "dtype" -> dtype.append(scanner.string());
                case "shape", "data_offsets" -> {
                    var list = new ArrayList<Long>();
                    scanner.array(() -> list.add(scanner.integer()));
                    numbers.put(key, list);
                }
                default -> throw scanner.error("unknown key " + JsonScanner.quote(key) + " in a tensor");
            }
        });
        String tensor = "tensor " + JsonScanner.quote(name);
        List<Long> dims = numbers.get("shape");
        List<Long> offsets = numbers.get("data_offsets");
        if (dtype.isEmpty() || dims == null || offsets == null || offsets.size() != 2) {
            throw scanner.error(tensor + " needs dtype, shape and two data_offsets");
        }
        Dtype type = Dtype.named(dtype.toString())
                .orElseThrow(() -> scanner.error(tensor + " has dtype " + JsonScanner.quote(dtype.toString())
                        + ": only these can be read: " + Dtype.names()));
        Shape shape = shape(scanner, tensor, dims);
        long length = offsets.get(1) - offsets.get(0);
        if (length != (long) type.bytes * shape.size()) {
            throw scanner.error(tensor + " of shape " + shape + " needs " + (long) type.bytes * shape.size()
                    + " bytes, but its data_offsets " + offsets + " have " + length);
        }
        return new Entry(type, shape, offsets.get(0), offsets.get(1));
    }

    private static Shape shape(JsonScanner scanner, String tensor, List<Long> dims) {
        if (dims.size() > MOST_DIMENSIONS) {
            throw scanner.error(tensor + " has " + dims.size() + " dimensions: at most " + MOST_DIMENSIONS);
        }
        if (dims.stream().anyMatch(dim -> dim > Integer.MAX_VALUE)) {
            throw scanner.error(tensor + " has a dimension above 2^31 - 1");
        }
        try {
            return Shape.of(dims.stream().mapToInt(Long::intValue).toArray());
        } catch (ShapeException e) {
            throw scanner.error(tensor + ": " + e.getMessage());
        }
    }

    private void requireFilled(Path file, long dataLength) {
        var inOrder = new ArrayList<>(tensors.entrySet());
        inOrder.sort(Comparator.comparing(
                Map.Entry::getValue, Comparator.comparing(Entry::begin).thenComparing(Entry::end)));
        long filled = 0;
        for (var tensor : inOrder) {
            Entry entry = tensor.getValue();
            String place = "tensor " + JsonScanner.quote(tensor.getKey()) + " at data_offsets [" + entry.begin + ", "
                    + entry.end + "] ";
            if (entry.end > dataLength) {
                throw malformed(file, place + "is outside the " + dataLength + " bytes of data");
            }
            if (entry.begin != filled) {
                throw malformed(
                        file,
                        place + (entry.begin < filled ? "overlaps the tensor before it" : "leaves a gap before it")
                                + ", which ends at " + filled);
            }
            filled = entry.end;
        }
        if (filled != dataLength) {
            throw malformed(file, "the tensors end at byte " + filled + " of " + dataLength + " bytes of data");
        }
    }

    /** Requires that a file holds just these parameters. */
    static void requireSame(String where, Map<String, Shape> shapes, Map<String, Parameter> parameters) {
        var problems = new ArrayList<String>();
        parameters.forEach((name, parameter) -> {
            Shape shape = shapes.get(name);
            if (shape == null) {
                problems.add(JsonScanner.quote(name) + " is missing");
            } else if (!shape.equals(parameter.shape())) {
                problems.add(JsonScanner.quote(name) + " has shape " + shape + " instead of " + parameter.shape());
            }
        });
        for (String name : shapes.keySet()) {
            if (!parameters.containsKey(name)) {
                problems.add(JsonScanner.quote(name) + " is unexpected");
            }
        }
        if (!problems.isEmpty()) {
            String shown = String.join(", ", problems.subList(0, Math.min(10, problems.size())));
            throw new IllegalArgumentException(where + ": does not fit the parameters: " + shown
                    + (problems.size() > 10 ? " and " + (problems.size() - 10) + " more" : ""));
        }
    }

    /** The shapes of all tensors. */
    Map<String, Shape> shapes() {
        var shapes = new LinkedHashMap<String, Shape>();
        tensors.forEach((name, entry) -> shapes.put(name, entry.shape));
        return shapes;
    }

    static UncheckedIOException malformed(Path file, String rule) {
        return MalformedFileException.of(file, "safetensors file", rule);
    }
}
