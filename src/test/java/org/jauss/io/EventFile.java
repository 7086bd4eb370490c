package org.jauss.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads TFRecord files and protobuf messages, from their specifications and nothing of the code under test. */
public final class EventFile {
    private EventFile() {}

    /** The messages of a file whose records are all whole. */
    public static List<Message> read(Path file) throws IOException {
        return records(Files.readAllBytes(file)).stream().map(Message::of).toList();
    }

    private static List<byte[]> records(byte[] file) {
        var records = new ArrayList<byte[]>();
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            byte[] length = new byte[8];
            bytes.get(length);
            assertEquals(masked(length), bytes.getInt(), "checksum of the length at byte " + bytes.position());
            byte[] data = new byte
                    [(int) ByteBuffer.wrap(length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong()];
            bytes.get(data);
            assertEquals(masked(data), bytes.getInt(), "checksum of the data at byte " + bytes.position());
            records.add(data);
        }
        return records;
    }

    /** CRC-32C bit by bit, masked as TFRecord files have it. */
    private static int masked(byte[] bytes) {
        int sum = -1;
        for (byte b : bytes) {
            sum ^= b & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                sum = (sum & 1) == 0 ? sum >>> 1 : sum >>> 1 ^ 0x82F63B78;
            }
        }
        sum = ~sum;
        return (sum >>> 15 | sum << 17) + 0xa282ead8;
    }

    /** A message whose fields occur once each; a field of no length is bytes. */
    public record Message(Map<Integer, Object> fields) {
        static Message of(byte[] data) {
            var fields = new TreeMap<Integer, Object>();
            ByteBuffer bytes = ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN);
            while (bytes.hasRemaining()) {
                long key = varint(bytes);
                Object value = switch ((int) (key & 7)) {
                    case 0 -> varint(bytes);
                    case 1 -> bytes.getDouble();
                    case 2 -> {
                        byte[] content = new byte[(int) varint(bytes)];
                        bytes.get(content);
                        yield content;
                    }
                    case 5 -> bytes.getFloat();
                    default -> throw new AssertionError("wire type of key " + key);
                };
                assertTrue(fields.put((int) (key >>> 3), value) == null, "field " + (key >>> 3) + " occurs twice");
            }
            return new Message(fields);
        }

        private static long varint(ByteBuffer bytes) {
            long value = 0;
            for (int shift = 0; ; shift += 7) {
                byte next = bytes.get();
                value |= (next & 0x7fL) << shift;
                if (next >= 0) {
                    return value;
                }
            }
        }

        public Object get(int field) {
            return fields.get(field);
        }

        byte[] bytes(int field) {
            return (byte[]) fields.get(field);
        }

        public String text(int field) {
            return new String(bytes(field), StandardCharsets.UTF_8);
        }

        public Message message(int field) {
            return of(bytes(field));
        }

        public double[] doubles(int field) {
            ByteBuffer packed = ByteBuffer.wrap(bytes(field)).order(ByteOrder.LITTLE_ENDIAN);
            double[] doubles = new double[packed.remaining() / Double.BYTES];
            packed.asDoubleBuffer().get(doubles);
            return doubles;
        }
    }
}
