package org.jauss.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;

/** Contents of files for tests of readers. */
final class Bytes {
    private Bytes() {}

    static byte[] gzip(byte[] bytes) {
        var compressed = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(compressed)) {
            out.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return compressed.toByteArray();
    }

    /** An IDX file. */
    static byte[] idx(int magic, int[] dims, int... body) {
        var bytes = ByteBuffer.allocate(4 + 4 * dims.length + body.length).putInt(magic);
        Arrays.stream(dims).forEach(bytes::putInt);
        for (int value : body) {
            bytes.put((byte) value);
        }
        return bytes.array();
    }

    /** Records of CIFAR: record r has the label r % classes, and byte i of its pixels is r + i. */
    static byte[] cifar(int records, int labelBytes, int classes) {
        byte[] bytes = new byte[records * (labelBytes + 3072)];
        for (int r = 0; r < records; r++) {
            int start = r * (labelBytes + 3072);
            bytes[start + labelBytes - 1] = (byte) (r % classes);
            for (int i = 0; i < 3072; i++) {
                bytes[start + labelBytes + i] = (byte) (r + i);
            }
        }
        return bytes;
    }
}
