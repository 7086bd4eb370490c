package org.jauss.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;

/**
 * The bytes of a file, plain or compressed by gzip, read from front to back and never trusted: nothing is allocated
 * that the file cannot fill. Offsets count expanded bytes.
 */
final class ByteSource implements AutoCloseable {
    /** No stream of deflate is longer than this many times its compressed form. */
    private static final long MOST_EXPANSION = 1032;

    private static final int FIRST_CHUNK = 1 << 16;

    private final String name;
    private final InputStream bytes;
    private final long most; // bytes that there can be, expanded
    private final long memory; // bytes that they may take
    private long offset;

    /**
     * Bytes of any origin.
     *
     * @param name what messages call it
     * @param bytes the bytes, plain
     * @param most how many there can be
     * @param memory how many bytes of memory they may take
     */
    ByteSource(String name, InputStream bytes, long most, long memory) {
        this.name = name;
        this.bytes = bytes;
        this.most = most;
        this.memory = memory;
    }

    /** The bytes of memory that one file may take: half of what this JVM may have. */
    static long memory() {
        return Math.min(Integer.MAX_VALUE - 8L, Runtime.getRuntime().maxMemory() / 2);
    }

    /** The most bytes that something compressed can expand to. */
    static long mostOf(long compressed) {
        return Math.min(compressed, Long.MAX_VALUE / MOST_EXPANSION) * MOST_EXPANSION;
    }

    static ByteSource open(Path file) {
        try {
            return open(file.toString(), Files.newInputStream(file), Files.size(file));
        } catch (IOException e) {
            throw DataException.unreadable(file.toString(), e);
        }
    }

    /** Takes a stream over, which is closed if this fails. */
    static ByteSource open(String name, InputStream stream, long size) throws IOException {
        var plain = new BufferedInputStream(stream, FIRST_CHUNK);
        try {
            plain.mark(2);
            boolean gzip = plain.read() == 0x1f && plain.read() == 0x8b;
            plain.reset();
            return gzip
                    ? new ByteSource(
                            name, new BufferedInputStream(expand(name, plain), FIRST_CHUNK), mostOf(size), memory())
                    : new ByteSource(name, plain, size, memory());
        } catch (IOException | DataException e) {
            plain.close();
            throw e;
        }
    }

    private static InputStream expand(String name, InputStream plain) {
        try {
            return new GZIPInputStream(plain, FIRST_CHUNK);
        } catch (IOException e) {
            throw DataException.at(name, 0, "begins like gzip, but is none", e);
        }
    }

    /** The bytes, for a reader of its own; what goes wrong there is an {@link IOException}. */
    InputStream stream() {
        return bytes;
    }

    String name() {
        return name;
    }

    long offset() {
        return offset;
    }

    /** How many bytes there can be from here on. */
    long left() {
        return most - offset;
    }

    /** The next byte, from 0 to 255. */
    int next() {
        int value = read();
        if (value < 0) {
            throw at(offset, "ends too early");
        }
        offset++;
        return value;
    }

    /** The next four bytes, the most significant one first. */
    int nextInt() {
        return next() << 24 | next() << 16 | next() << 8 | next();
    }

    /**
     * The next bytes. More than there can be, or than may be taken, are refused at once; the array grows with what is
     * really there.
     *
     * @param count how many
     * @param at the offset of what announces them, for the message
     */
    byte[] next(long count, long at) {
        requireRoom(count, at);
        byte[] result = new byte[(int) Math.min(count, FIRST_CHUNK)];
        int length = 0;
        while (length < count) {
            if (length == result.length) {
                result = Arrays.copyOf(result, (int) Math.min(count, 2L * length));
            }
            int read;
            try {
                read = bytes.read(result, length, result.length - length);
            } catch (IOException e) {
                throw damaged(e);
            }
            if (read < 0) {
                throw at(offset, "ends too early");
            }
            length += read;
            offset += read;
        }
        return result;
    }

    /** Refuses an announced number of bytes that cannot be there or would not fit into memory. */
    void requireRoom(long count, long at) {
        if (count > left()) {
            throw at(at, "announces more than the file can hold: " + count + " bytes");
        }
        requireMemory(count, at);
    }

    /** Refuses more memory than a file may take. */
    void requireMemory(long count, long at) {
        if (count > memory) {
            throw at(
                    at,
                    "needs more than the " + memory + " bytes of memory that a file may take (more with -Xmx): "
                            + count);
        }
    }

    /** Requires that nothing is left. */
    void end() {
        if (read() >= 0) {
            throw at(offset, "must end here, but goes on");
        }
    }

    private int read() {
        try {
            return bytes.read();
        } catch (IOException e) {
            throw damaged(e);
        }
    }

    private DataException damaged(IOException e) {
        return DataException.at(name, offset, "the compressed data are damaged or cut off", e);
    }

    DataException at(long where, String problem) {
        return DataException.at(name, where, problem);
    }

    @Override
    public void close() {
        try {
            bytes.close();
        } catch (IOException e) {
            throw DataException.unreadable(name, e);
        }
    }
}
