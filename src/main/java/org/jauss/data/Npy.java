package org.jauss.data;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * An array in the <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">npy format</a> of
 * NumPy, versions 1 to 3: booleans, whole numbers of 1 to 8 bytes with or without sign, and floats of 2, 4 or 8 bytes, in
 * either byte order, C or Fortran layout.
 *
 * <pre>{@code
 * Tensor x = Npy.read(file).tensor();
 * IntTensor labels = Npy.read(labelsFile).intTensor();
 * Npy.of(x).write(other);
 * }</pre>
 */
public final class Npy {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int LONGEST_HEADER = 1 << 16;
    private static final int ALIGNMENT = 64;
    private static final int MOST_AXES = 64;
    private static final String SPACE = "\\s{0,64}";
    private static final Pattern TYPE = Pattern.compile("'descr'" + SPACE + ":" + SPACE + "'([<>|=])([biuf])([1248])'");
    private static final Pattern LAYOUT = Pattern.compile("'fortran_order'" + SPACE + ":" + SPACE + "(True|False)");
    private static final Pattern SHAPE = Pattern.compile("'shape'" + SPACE + ":" + SPACE + "\\(([0-9, ]*)\\)");

    private final String name;
    private final Type type;
    private final boolean fortran;
    private final Shape shape;
    private final ByteBuffer elements;
    private final long start;

    /**
     * How an element is stored.
     *
     * @param kind b, i, u or f: boolean, whole number with or without sign, float
     * @param bytes the number of bytes
     */
    private record Type(char kind, int bytes) {
        boolean isKnown() {
            return switch (kind) {
                case 'b' -> bytes == 1;
                case 'f' -> bytes > 1;
                default -> true;
            };
        }
    }

    private Npy(String name, Type type, boolean fortran, Shape shape, ByteBuffer elements, long start) {
        this.name = name;
        this.type = type;
        this.fortran = fortran;
        this.shape = shape;
        this.elements = elements;
        this.start = start;
    }

    /**
     * An array of floats of 4 bytes.
     *
     * @param tensor the elements
     * @return a copy
     */
    public static Npy of(Tensor tensor) {
        ByteBuffer elements = little(tensor.size());
        elements.asFloatBuffer().put(tensor.data(), tensor.offset(), tensor.size());
        return new Npy("npy", new Type('f', Float.BYTES), false, tensor.shape(), elements, 0);
    }

    /**
     * An array of whole numbers of 4 bytes with sign.
     *
     * @param tensor the elements
     * @return a copy
     */
    public static Npy of(IntTensor tensor) {
        ByteBuffer elements = little(tensor.size());
        elements.asIntBuffer().put(tensor.toArray());
        return new Npy("npy", new Type('i', Integer.BYTES), false, tensor.shape(), elements, 0);
    }

    private static ByteBuffer little(int size) {
        if (size > Integer.MAX_VALUE / Float.BYTES) {
            throw new ShapeException("npy: at most " + Integer.MAX_VALUE / Float.BYTES + " elements: " + size);
        }
        return ByteBuffer.allocate(size * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Reads a file.
     *
     * @param file the file, plain or compressed by gzip
     * @return its array
     * @throws DataException if it cannot be read or is not of this format
     */
    public static Npy read(Path file) {
        try (var source = ByteSource.open(file)) {
            return read(source);
        }
    }

    /** Reads an array, after which the source ends. */
    static Npy read(ByteSource source) {
        if (!Arrays.equals(source.next(MAGIC.length, 0), MAGIC)) {
            throw source.at(0, "must begin with \\x93NUMPY, but does not");
        }
        int version = source.next();
        source.next(); // the minor version changes nothing
        if (version < 1 || version > 3) {
            throw source.at(MAGIC.length, "the version must be 1, 2 or 3, but is " + version);
        }
        long at = source.offset();
        long length = source.next() | source.next() << 8;
        if (version > 1) {
            length |= source.next() << 16 | (long) source.next() << 24;
        }
        if (length > LONGEST_HEADER) {
            throw source.at(at, "a header has at most " + LONGEST_HEADER + " bytes, but this one " + length);
        }
        long start = source.offset();
        String header = new String(source.next(length, at), StandardCharsets.UTF_8);
        Matcher ofType =
                find(TYPE, header, "'descr' with a boolean, whole number or float of 1 to 8 bytes", source, start);
        var type = new Type(ofType.group(2).charAt(0), Integer.parseInt(ofType.group(3)));
        if (!type.isKnown()) {
            throw source.at(start, "has elements of an unknown type: " + DataException.show(ofType.group()));
        }
        boolean fortran = find(LAYOUT, header, "'fortran_order' with True or False", source, start)
                .group(1)
                .equals("True");
        Shape shape = shape(
                find(SHAPE, header, "'shape' with lengths in brackets", source, start)
                        .group(1),
                type,
                source,
                start);
        var order = ofType.group(1).equals(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        long dataStart = source.offset();
        byte[] elements = source.next((long) shape.size() * type.bytes(), start);
        source.end();
        return new Npy(
                source.name(), type, fortran, shape, ByteBuffer.wrap(elements).order(order), dataStart);
    }

    private static Matcher find(Pattern pattern, String header, String what, ByteSource source, long start) {
        Matcher matcher = pattern.matcher(header);
        if (!matcher.find()) {
            throw source.at(start, "the header must have " + what + ", but is " + DataException.show(header));
        }
        return matcher;
    }

    /** The shape that a text names; its elements can be there, and fit into memory as floats. */
    private static Shape shape(String text, Type type, ByteSource source, long start) {
        String[] lengths = text.isBlank()
                ? new String[0]
                : text.strip().replaceFirst(",$", "").split(",", -1);
        int[] dims = new int[lengths.length];
        long elements = 1;
        for (int d = 0; d < dims.length; d++) {
            String length = lengths[d].strip();
            long value = length.matches("[0-9]{1,10}") ? Long.parseLong(length) : -1;
            if (value < 0 || value > Integer.MAX_VALUE || dims.length > MOST_AXES) {
                throw source.at(
                        start,
                        "a shape has at most " + MOST_AXES + " lengths below 2^31, but this one is "
                                + DataException.show(text));
            }
            dims[d] = (int) value;
            elements = value == 0 ? 0 : Math.min(elements, Integer.MAX_VALUE / value + 1) * value;
        }
        source.requireMemory(elements * Float.BYTES, start);
        source.requireRoom(elements * type.bytes(), start);
        return Shape.of(dims);
    }

    /**
     * The shape.
     *
     * @return the shape
     */
    public Shape shape() {
        return shape;
    }

    /**
     * The elements as floats; numbers of other types are rounded to the nearest float.
     *
     * @return a copy
     */
    public Tensor tensor() {
        float[] values = new float[shape.size()];
        forEach((i, stored) -> values[i] = floatAt(stored));
        return Tensor.of(shape, values);
    }

    /**
     * The elements as whole numbers; booleans are 0 and 1.
     *
     * @return a copy
     * @throws DataException if they are floats, or one is beyond 32 bits with sign
     */
    public IntTensor intTensor() {
        if (type.kind() == 'f') {
            throw DataException.of(name, "must have whole numbers, but has floats of " + type.bytes() + " bytes");
        }
        int[] values = new int[shape.size()];
        forEach((i, stored) -> {
            long value = longAt(stored);
            boolean beyond = type.kind() == 'u' && value < 0; // of 8 bytes
            if (beyond || value != (int) value) {
                throw DataException.at(
                        name,
                        start + (long) stored * type.bytes(),
                        "a whole number must be from -2^31 to 2^31 - 1, but is "
                                + (beyond ? Long.toUnsignedString(value) : value));
            }
            values[i] = (int) value;
        });
        return IntTensor.of(shape, values);
    }

    @FunctionalInterface
    private interface Visitor {
        void visit(int i, int stored);
    }

    /** Visits the elements in row-major order, and says where each is stored. */
    private void forEach(Visitor visitor) {
        int[] index = new int[shape.rank()];
        int[] steps = new int[shape.rank()];
        int step = 1;
        for (int d = 0; d < steps.length; d++) {
            steps[d] = step;
            step *= shape.dim(d);
        }
        int stored = 0;
        for (int i = 0; i < shape.size(); i++) {
            visitor.visit(i, fortran ? stored : i);
            for (int d = index.length - 1; d >= 0; d--) {
                stored += steps[d];
                if (++index[d] < shape.dim(d)) {
                    break;
                }
                stored -= steps[d] * index[d];
                index[d] = 0;
            }
        }
    }

    private float floatAt(int i) {
        return switch (type.kind() + Integer.toString(type.bytes())) {
            case "f2" -> half(elements.getShort(2 * i));
            case "f4" -> elements.getFloat(4 * i);
            case "f8" -> (float) elements.getDouble(8 * i);
            case "u8" -> {
                long value = elements.getLong(8 * i);
                // Beyond 2^63: half of it, where the last bit still counts in rounding.
                yield value >= 0 ? value : 2f * (value >>> 1 | (value & 1));
            }
            default -> longAt(i);
        };
    }

    private long longAt(int i) {
        long value = switch (type.bytes()) {
            case 1 -> elements.get(i);
            case 2 -> elements.getShort(2 * i);
            case 4 -> elements.getInt(4 * i);
            default -> elements.getLong(8 * i);
        };
        if (type.kind() == 'b') {
            return value == 0 ? 0 : 1;
        }
        return type.kind() == 'u' && type.bytes() < Long.BYTES ? value & ((1L << (8 * type.bytes())) - 1) : value;
    }

    /** A float of 2 bytes (IEEE 754 binary16). */
    static float half(short bits) {
        int exponent = bits >> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        float magnitude = switch (exponent) {
            case 0 -> fraction * 0x1p-24f;
            case 0x1f -> fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
            default -> Math.scalb(1 + fraction * 0x1p-10f, exponent - 15);
        };
        return bits < 0 ? -magnitude : magnitude;
    }

    /**
     * Writes a file of version 1, over one that is there.
     *
     * @param file the file
     * @throws DataException if it cannot be written
     */
    public void write(Path file) {
        try (var out = Files.newOutputStream(file)) {
            write(out);
        } catch (IOException e) {
            throw DataException.unwritable(file.toString(), e);
        }
    }

    void write(OutputStream out) throws IOException {
        String lengths = Arrays.stream(shape.dims()).mapToObj(dim -> dim + ",").collect(Collectors.joining(" "));
        String header = "{'descr': '" + (elements.order() == ByteOrder.BIG_ENDIAN ? '>' : '<') + type.kind()
                + type.bytes() + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': (" + lengths
                + "), }";
        int prefix = MAGIC.length + 4;
        int padding = Math.floorMod(-(prefix + header.length() + 1), ALIGNMENT);
        byte[] text = (header + " ".repeat(padding) + "\n").getBytes(StandardCharsets.US_ASCII);
        out.write(MAGIC);
        out.write(new byte[] {1, 0, (byte) text.length, (byte) (text.length >> 8)});
        out.write(text);
        byte[] body = new byte[elements.capacity()];
        elements.get(0, body);
        out.write(body);
    }

    @Override
    public String toString() {
        return "Npy" + shape + " " + type.kind() + type.bytes();
    }
}
