package org.jauss.io;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A message in the <a href="https://protobuf.dev/programming-guides/encoding/">wire format</a> of Protocol Buffers, field
 * after field.
 */
final class ProtobufMessage {
    private static final int VARINT = 0;
    private static final int EIGHT_BYTES = 1;
    private static final int LENGTH_DELIMITED = 2;
    private static final int FOUR_BYTES = 5;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** An {@code int32}, {@code int64} or enum. */
    ProtobufMessage integer(int field, long value) {
        tag(field, VARINT);
        varint(value);
        return this;
    }

    /** A {@code float}. */
    ProtobufMessage single(int field, float value) {
        tag(field, FOUR_BYTES);
        little(Float.BYTES, Float.floatToRawIntBits(value));
        return this;
    }

    /** A {@code double}. */
    ProtobufMessage real(int field, double value) {
        tag(field, EIGHT_BYTES);
        little(Double.BYTES, Double.doubleToRawLongBits(value));
        return this;
    }

    /** A packed {@code repeated double}. */
    ProtobufMessage reals(int field, double... values) {
        var packed = new ProtobufMessage();
        for (double value : values) {
            packed.little(Double.BYTES, Double.doubleToRawLongBits(value));
        }
        return message(field, packed);
    }

    /** A {@code string}. */
    ProtobufMessage text(int field, String value) {
        return bytes(field, value.getBytes(StandardCharsets.UTF_8));
    }

    /** A message. */
    ProtobufMessage message(int field, ProtobufMessage value) {
        return bytes(field, value.toBytes());
    }

    /** A {@code bytes}. */
    ProtobufMessage bytes(int field, byte[] value) {
        tag(field, LENGTH_DELIMITED);
        varint(value.length);
        bytes.writeBytes(value);
        return this;
    }

    byte[] toBytes() {
        return bytes.toByteArray();
    }

    private void tag(int field, int type) {
        varint(((long) field << 3) | type);
    }

    /** Seven bits a byte, the lowest first; all but the last byte have the top bit set. */
    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes.write(((int) rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        bytes.write((int) rest);
    }

    private void little(int count, long bits) {
        for (int i = 0; i < count; i++) {
            bytes.write((int) (bits >>> (8 * i)));
        }
    }
}
