package org.jauss.io;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The types of elements that can be read. */
enum Dtype {
    BOOL(1, (bytes, at) -> bytes.get(at) >> 1 == 0 ? bytes.get(at) : Double.NaN),
    U8(1, (bytes, at) -> Byte.toUnsignedInt(bytes.get(at))),
    I8(1, ByteBuffer::get),
    U16(2, (bytes, at) -> Short.toUnsignedInt(bytes.getShort(at))),
    I16(2, ByteBuffer::getShort),
    F16(2, (bytes, at) -> half(bytes.getShort(at))),
    BF16(2, (bytes, at) -> Float.intBitsToFloat(bytes.getShort(at) << 16)),
    U32(4, (bytes, at) -> Integer.toUnsignedLong(bytes.getInt(at))),
    I32(4, ByteBuffer::getInt),
    F32(4, ByteBuffer::getFloat),
    U64(8, (bytes, at) -> unsigned(bytes.getLong(at))),
    I64(8, (bytes, at) -> signed(bytes.getLong(at))),
    F64(8, ByteBuffer::getDouble);

    /** The size of an element. */
    final int bytes;

    private final Element element;

    @FunctionalInterface
    private interface Element {
        double at(ByteBuffer bytes, int at);
    }

    Dtype(int bytes, Element element) {
        this.bytes = bytes;
        this.element = element;
    }

    /** The type of a name in a header. */
    static Optional<Dtype> named(String name) {
        return Arrays.stream(values())
                .filter(dtype -> dtype.name().equals(name))
                .findFirst();
    }

    static String names() {
        return Arrays.stream(values()).map(Dtype::name).collect(Collectors.joining(", "));
    }

    /** Whether a float holds an element exactly. */
    boolean fits(ByteBuffer bytes, int at) {
        double value = element.at(bytes, at);
        return (float) value == value || (Double.isNaN(value) && isFloat());
    }

    /** An element that fits. */
    float get(ByteBuffer bytes, int at) {
        return (float) element.at(bytes, at);
    }

    /** An element as one writes it. */
    String text(ByteBuffer bytes, int at) {
        return switch (this) {
            case BOOL -> Byte.toString(bytes.get(at));
            case I64 -> Long.toString(bytes.getLong(at));
            case U64 -> Long.toUnsignedString(bytes.getLong(at));
            case F64 -> Double.toString(element.at(bytes, at));
            default -> Long.toString((long) element.at(bytes, at));
        };
    }

    private boolean isFloat() {
        return this == F16 || this == BF16 || this == F32 || this == F64;
    }

    /** Half precision: a sign, 5 bits of exponent, 10 of fraction (IEEE 754). */
    private static float half(short bits) {
        int exponent = bits >> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        float magnitude = switch (exponent) {
            case 0 -> fraction * 0x1p-24f;
            case 0x1f -> fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
            default -> Math.scalb(1 + fraction * 0x1p-10f, exponent - 15);
        };
        return bits < 0 ? -magnitude : magnitude;
    }

    /** A number as a double, or NaN if that cannot hold it. */
    private static double signed(long value) {
        double nearest = value;
        return (long) nearest == value && value != Long.MAX_VALUE ? nearest : Double.NaN;
    }

    private static double unsigned(long value) {
        if (value >= 0) {
            return signed(value);
        }
        return (value & 1) == 0 ? 2 * signed(value >>> 1) : Double.NaN;
    }
}
