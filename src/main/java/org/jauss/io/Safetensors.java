package org.jauss.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Tensor;

/**
 * Named parameters in a file of the <a href="https://github.com/huggingface/safetensors">safetensors</a> format: the
 * length of the header as 8 little-endian bytes, the header in JSON, then the elements, little-endian. Written are floats
 * (dtype F32); other types are read if floats hold them exactly.
 *
 * <pre>{@code
 * Safetensors.write(file, model.parameters(), Map.of("epochs", "20"));
 * Safetensors.read(file, model.parameters());
 * }</pre>
 */
public final class Safetensors {
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
        var tensors = new LinkedHashMap<String, Tensor>();
        parameters.forEach((name, parameter) -> tensors.put(name, Tensor.of(parameter.shape(), parameter.data())));
        writeTensors(file, tensors, metadata);
    }

    /**
     * Reads parameters. The file must hold each of them in its shape and nothing else; all is read and checked before
     * the first one changes. Elements of other types than F32 are read if a float holds each of them exactly.
     *
     * @param file the file
     * @param into the parameters by name, as {@code model.parameters()} has them
     * @throws IllegalArgumentException if tensors are missing, unexpected or of another shape, or an element is no
     *     float; the message lists them
     * @throws UncheckedIOException if the file cannot be read or is malformed
     */
    public static void read(Path file, Map<String, Parameter> into) {
        var values = new LinkedHashMap<Parameter, float[]>();
        try (var reader = SafetensorsReader.open(file)) {
            SafetensorsHeader.requireSame(file.toString(), reader.header().shapes(), into);
            for (var parameter : into.entrySet()) {
                values.put(parameter.getValue(), reader.read(parameter.getKey()));
            }
        } catch (IOException e) {
            throw AtomicFile.failed(file, "read", e);
        }
        values.forEach(Parameter::set);
    }

    /**
     * Reads all tensors of a file. F32, F16, BF16, BOOL and short integers are read as they are; F64 and long integers
     * if a float holds each element exactly.
     *
     * @param file the file
     * @return name to tensor, in the order of the header
     * @throws IllegalArgumentException if an element is no float; the message names it
     * @throws UncheckedIOException if the file cannot be read, is malformed or needs more than half of the memory
     */
    public static Map<String, Tensor> read(Path file) {
        try (var reader = SafetensorsReader.open(file)) {
            return reader.readAll();
        } catch (IOException e) {
            throw AtomicFile.failed(file, "read", e);
        }
    }

    /**
     * Reads the strings about a file.
     *
     * @param file the file
     * @return key to value, in the order of the file
     * @throws UncheckedIOException if the file cannot be read or is malformed
     */
    public static Map<String, String> metadata(Path file) {
        try (var reader = SafetensorsReader.open(file)) {
            return Collections.unmodifiableMap(reader.header().metadata());
        } catch (IOException e) {
            throw AtomicFile.failed(file, "read", e);
        }
    }

    /** Writes tensors, and the right checksum into metadata that have the key of one. */
    static void writeTensors(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        var strings = new LinkedHashMap<>(metadata);
        strings.computeIfPresent(Checksum.KEY, (key, sum) -> Checksum.BLANK);
        String json = SafetensorsHeader.of(tensors, strings).toJson();
        AtomicFile.write(file, channel -> {
            byte[] header = header(json);
            var sum = new CRC32C();
            write(
                    channel,
                    SafetensorsReader.little(SafetensorsReader.PREFIX)
                            .putLong(header.length)
                            .flip(),
                    sum);
            write(channel, ByteBuffer.wrap(header), sum);
            for (Tensor tensor : tensors.values()) {
                writeData(channel, tensor, sum);
            }
            int place = Checksum.place(header);
            if (place >= 0) {
                channel.position(SafetensorsReader.PREFIX + place);
                write(channel, ByteBuffer.wrap(Checksum.digits(sum).getBytes(StandardCharsets.US_ASCII)), sum);
            }
        });
    }

    /** The header padded, so that the data begin at a multiple of 8 bytes. */
    private static byte[] header(String json) throws IOException {
        ByteBuffer text = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(json));
        byte[] header = new byte[text.remaining() + Math.floorMod(-text.remaining(), Long.BYTES)];
        Arrays.fill(header, (byte) ' ');
        text.get(header, 0, text.remaining());
        if (header.length > SafetensorsReader.longestHeader()) {
            throw new IOException(
                    "a header of " + header.length + " bytes: at most " + SafetensorsReader.longestHeader());
        }
        return header;
    }

    private static void writeData(FileChannel channel, Tensor tensor, CRC32C sum) throws IOException {
        ByteBuffer chunk = SafetensorsReader.little(CHUNK);
        int size = tensor.shape().size();
        for (int from = 0; from < size; from += CHUNK / Float.BYTES) {
            int length = Math.min(size - from, CHUNK / Float.BYTES);
            chunk.clear().asFloatBuffer().put(tensor.data(), tensor.offset() + from, length);
            write(channel, chunk.limit(length * Float.BYTES), sum);
        }
    }

    private static void write(FileChannel channel, ByteBuffer bytes, CRC32C sum) throws IOException {
        sum.update(bytes.duplicate());
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
