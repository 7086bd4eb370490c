package org.jauss.io;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jauss.tensor.Parameter;

/**
 * Named parameters in a file of the <a href="https://github.com/huggingface/safetensors">safetensors</a> format: the
 * length of the header as 8 little-endian bytes, the header in JSON, then the elements as little-endian floats (dtype
 * F32, the only one here).
 *
 * <pre>{@code
 * Safetensors.write(file, model.parameters(), Map.of("epochs", "20"));
 * Safetensors.read(file, model.parameters());
 * }</pre>
 */
public final class Safetensors {
    private static final int PREFIX = Long.BYTES;
    private static final int LONGEST_HEADER = 2 << 20;
    private static final int CHUNK = 1 << 16;

    private Safetensors() {}

    /**
     * Writes parameters in the order of the map, metadata in that of the keys. The file appears under its name only when it is complete, and then
     * replaces one that was there.
     *
     * @param file the file; its folder exists
     * @param parameters name to parameter
     * @param metadata strings about the file
     * @throws UncheckedIOException if it cannot be written; nothing is left behind then
     * @throws IllegalArgumentException if a parameter has the reserved name {@code __metadata__}
     */
    public static void write(Path file, Map<String, Parameter> parameters, Map<String, String> metadata) {
        String json = SafetensorsHeader.of(parameters, metadata).toJson();
        Path temporary = file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            try (var channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                writeHeader(channel, json);
                for (Parameter parameter : parameters.values()) {
                    writeData(channel, parameter.data());
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw failed(file, "written", e);
        } finally {
            delete(temporary);
        }
    }

    /**
     * Reads parameters. The file must hold each of them in its shape and nothing else; all is read and checked before
     * the first one changes.
     *
     * @param file the file
     * @param into the parameters by name, as {@code model.parameters()} has them
     * @throws IllegalArgumentException if tensors are missing, unexpected or of another shape; the message lists them
     * @throws UncheckedIOException if the file cannot be read or is malformed
     */
    public static void read(Path file, Map<String, Parameter> into) {
        var values = new LinkedHashMap<Parameter, float[]>();
        try (var channel = FileChannel.open(file)) {
            SafetensorsHeader header = readHeader(file, channel);
            header.requireSame(file, into);
            long dataStart = channel.position();
            for (var parameter : into.entrySet()) {
                float[] data = new float[parameter.getValue().shape().size()];
                channel.position(dataStart + header.begin(parameter.getKey()));
                readData(channel, data);
                values.put(parameter.getValue(), data);
            }
        } catch (IOException e) {
            throw failed(file, "read", e);
        }
        values.forEach(Parameter::set);
    }

    /**
     * Reads the strings about a file.
     *
     * @param file the file
     * @return key to value, in the order of the file
     * @throws UncheckedIOException if the file cannot be read or is malformed
     */
    public static Map<String, String> metadata(Path file) {
        try (var channel = FileChannel.open(file)) {
            return Collections.unmodifiableMap(readHeader(file, channel).metadata());
        } catch (IOException e) {
            throw failed(file, "read", e);
        }
    }

    private static void writeHeader(FileChannel channel, String json) throws IOException {
        String aligned = json + " ".repeat(Math.floorMod(-json.getBytes(StandardCharsets.UTF_8).length, Long.BYTES));
        ByteBuffer text = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(aligned));
        if (text.remaining() > LONGEST_HEADER) {
            throw new IOException("a header of " + text.remaining() + " bytes: at most " + LONGEST_HEADER);
        }
        ByteBuffer prefix = little(PREFIX).putLong(text.remaining()).flip();
        writeFully(channel, prefix);
        writeFully(channel, text);
    }

    private static void writeData(FileChannel channel, float[] data) throws IOException {
        ByteBuffer chunk = little(CHUNK);
        for (int from = 0; from < data.length; from += CHUNK / Float.BYTES) {
            int length = Math.min(data.length - from, CHUNK / Float.BYTES);
            chunk.clear().asFloatBuffer().put(data, from, length);
            writeFully(channel, chunk.limit(length * Float.BYTES));
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Reads the header and leaves the channel at the start of the data. */
    private static SafetensorsHeader readHeader(Path file, FileChannel channel) throws IOException {
        long size = channel.size();
        if (size < PREFIX) {
            throw SafetensorsHeader.malformed(file, "it has " + size + " bytes, fewer than the length of a header");
        }
        ByteBuffer prefix = little(PREFIX);
        readFully(channel, prefix);
        long length = prefix.getLong(0);
        if (length < 2 || length > Math.min(size - PREFIX, LONGEST_HEADER)) {
            throw SafetensorsHeader.malformed(
                    file,
                    "at byte 0: a header of " + Long.toUnsignedString(length) + " bytes, but it must have from 2 to "
                            + Math.min(size - PREFIX, LONGEST_HEADER) + " (the file has " + size + ")");
        }
        ByteBuffer text = little((int) length);
        readFully(channel, text);
        if (text.get(0) != '{') {
            throw SafetensorsHeader.malformed(file, "at byte " + PREFIX + ": the header must start with '{'");
        }
        String json;
        try {
            json = StandardCharsets.UTF_8.newDecoder().decode(text.flip()).toString();
        } catch (CharacterCodingException e) {
            throw SafetensorsHeader.malformed(file, "at byte " + (PREFIX + text.position()) + ": no UTF-8");
        }
        return SafetensorsHeader.parse(file, PREFIX, json, size - PREFIX - length);
    }

    private static void readData(FileChannel channel, float[] data) throws IOException {
        ByteBuffer chunk = little(CHUNK);
        for (int from = 0; from < data.length; from += CHUNK / Float.BYTES) {
            int length = Math.min(data.length - from, CHUNK / Float.BYTES);
            readFully(channel, chunk.clear().limit(length * Float.BYTES));
            chunk.flip().asFloatBuffer().get(data, from, length);
        }
    }

    private static void readFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new EOFException("the file ended at byte " + channel.position() + " while it was read");
            }
        }
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static UncheckedIOException failed(Path file, String verb, IOException e) {
        String reason = e instanceof NoSuchFileException
                ? "there is no such file or folder"
                : e instanceof AccessDeniedException ? "access is denied" : e.getMessage();
        return new UncheckedIOException(file + ": cannot be " + verb + ": " + reason, e);
    }

    private static void delete(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            // What went wrong before matters more, and it is being reported.
        }
    }
}
