package org.jauss.io;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jauss.tensor.Tensor;

/** An open safetensors file, whose header has been read and found to be sound. */
final class SafetensorsReader implements AutoCloseable {
    /** The length of the header. */
    static final int PREFIX = Long.BYTES;

    private static final int CHUNK = 1 << 16;
    private static final int LONGEST_ARRAY = Integer.MAX_VALUE - 8; // what JVMs can allocate

    private final Path file;
    private final FileChannel channel;
    private final byte[] text;
    private final SafetensorsHeader header;

    private SafetensorsReader(Path file, FileChannel channel, byte[] text, SafetensorsHeader header) {
        this.file = file;
        this.channel = channel;
        this.text = text;
        this.header = header;
    }

    static SafetensorsReader open(Path file) throws IOException {
        var channel = FileChannel.open(file);
        try {
            byte[] text = readHeader(file, channel);
            return new SafetensorsReader(file, channel, text, parse(file, text, channel.size()));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Enough for 100 000 tensors where there is 1 GB of memory, and less where there is less: read, a header of many short
     * strings takes some 30 times its length.
     */
    static int longestHeader() {
        return (int) Math.min(16 << 20, Runtime.getRuntime().maxMemory() / 64);
    }

    private static byte[] readHeader(Path file, FileChannel channel) throws IOException {
        long size = channel.size();
        if (size < PREFIX) {
            throw SafetensorsHeader.malformed(file, "it has " + size + " bytes, fewer than the length of a header");
        }
        ByteBuffer prefix = little(PREFIX);
        readFully(channel, prefix);
        long length = prefix.getLong(0);
        if (length < 2 || length > Math.min(size - PREFIX, longestHeader())) {
            throw SafetensorsHeader.malformed(
                    file,
                    "at byte 0: a header of " + Long.toUnsignedString(length) + " bytes, but it must have from 2 to "
                            + Math.min(size - PREFIX, longestHeader()) + " (the file has " + size + ")");
        }
        byte[] text = new byte[(int) length];
        readFully(channel, ByteBuffer.wrap(text));
        return text;
    }

    private static SafetensorsHeader parse(Path file, byte[] text, long size) {
        if (text[0] != '{') {
            throw SafetensorsHeader.malformed(file, "at byte " + PREFIX + ": the header must start with '{'");
        }
        ByteBuffer bytes = ByteBuffer.wrap(text);
        try {
            String json = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
            return SafetensorsHeader.parse(file, PREFIX, json, size - PREFIX - text.length);
        } catch (CharacterCodingException e) {
            throw SafetensorsHeader.malformed(file, "at byte " + (PREFIX + bytes.position()) + ": no UTF-8");
        }
    }

    SafetensorsHeader header() {
        return header;
    }

    /**
     * Requires that the file has a checksum, and the bytes that it is the checksum of.
     *
     * @throws UncheckedIOException if not
     */
    void requireWhole() throws IOException {
        int place = Checksum.place(text);
        if (place < 0) {
            throw MalformedFileException.of(file, "checkpoint", "it has no " + Checksum.KEY);
        }
        int end = place + Checksum.BLANK.length();
        String said = new String(text, place, Checksum.BLANK.length(), StandardCharsets.ISO_8859_1);
        byte[] blanked = text.clone();
        Arrays.fill(blanked, place, end, (byte) '0');
        var sum = new CRC32C();
        sum.update(little(PREFIX).putLong(text.length).flip());
        sum.update(blanked);
        channel.position(PREFIX + text.length);
        ByteBuffer chunk = little(CHUNK);
        while (channel.read(chunk.clear()) >= 0) {
            sum.update(chunk.flip());
        }
        if (!Checksum.digits(sum).equals(said)) {
            throw MalformedFileException.of(
                    file,
                    "checkpoint",
                    "it is damaged: at byte " + (PREFIX + place) + " its checksum is " + JsonScanner.quote(said)
                            + ", but that of its " + channel.size() + " bytes is \"" + Checksum.digits(sum) + "\"");
        }
    }

    /** Reads all tensors. */
    Map<String, Tensor> readAll() throws IOException {
        requireMemory();
        var tensors = new LinkedHashMap<String, Tensor>();
        for (var tensor : header.tensors().entrySet()) {
            tensors.put(tensor.getKey(), Tensor.of(tensor.getValue().shape(), read(tensor.getKey())));
        }
        return tensors;
    }

    /** A file with holes takes no room on the disk, and can be longer than the memory. */
    private void requireMemory() {
        long all = 0;
        long most = 0;
        for (SafetensorsHeader.Entry entry : header.tensors().values()) {
            all += entry.shape().size();
            most = Math.max(most, entry.shape().size());
        }
        if (most > LONGEST_ARRAY || all > Runtime.getRuntime().maxMemory() / 2 / Float.BYTES) {
            throw new UncheckedIOException(
                    file + ": its tensors have " + all + " elements, more than half of the memory of this JVM holds:"
                            + " give it more with -Xmx",
                    new IOException("too large"));
        }
    }

    /** Reads a tensor that is in the file. */
    float[] read(String name) throws IOException {
        SafetensorsHeader.Entry entry = Objects.requireNonNull(header.tensors().get(name));
        float[] data = new float[entry.shape().size()];
        channel.position(PREFIX + text.length + entry.begin());
        ByteBuffer chunk = little((int) Math.min(CHUNK, entry.end() - entry.begin()));
        int most = CHUNK / entry.dtype().bytes;
        for (int from = 0; from < data.length; from += most) {
            int length = Math.min(data.length - from, most);
            readFully(channel, chunk.clear().limit(length * entry.dtype().bytes));
            convert(name, entry, chunk.flip(), data, from, length);
        }
        return data;
    }

    private void convert(
            String name, SafetensorsHeader.Entry entry, ByteBuffer chunk, float[] data, int from, int length) {
        Dtype dtype = entry.dtype();
        if (dtype == Dtype.F32) {
            chunk.asFloatBuffer().get(data, from, length);
            return;
        }
        for (int i = 0; i < length; i++) {
            int at = i * dtype.bytes;
            if (!dtype.fits(chunk, at)) {
                long place = PREFIX + text.length + entry.begin() + (long) (from + i) * dtype.bytes;
                throw new IllegalArgumentException(file + ": at byte " + place + ": tensor " + JsonScanner.quote(name)
                        + " has the " + dtype + " " + dtype.text(chunk, at) + ", which no float32 holds exactly");
            }
            data[from + i] = dtype.get(chunk, at);
        }
    }

    private static void readFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new EOFException("the file ended at byte " + channel.position() + " while it was read");
            }
        }
    }

    static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
