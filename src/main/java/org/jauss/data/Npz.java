package org.jauss.data;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/** Named arrays in a file of NumPy: a zip archive of {@link Npy} files, compressed or not. */
public final class Npz {
    private static final String SUFFIX = ".npy";

    private Npz() {}

    /**
     * Reads a file. All arrays together take at most half of the memory of this JVM, whatever they are compressed to.
     *
     * @param file the file
     * @return name to array, in the order of the file
     * @throws DataException if it cannot be read or is not of this format
     */
    public static Map<String, Npy> read(Path file) {
        var arrays = new LinkedHashMap<String, Npy>();
        long memory = ByteSource.memory();
        try (var zip = new ZipFile(file.toFile())) {
            for (var entry : Collections.list(zip.entries())) {
                String name = file + "!" + entry.getName();
                if (!entry.getName().endsWith(SUFFIX)) {
                    throw DataException.of(name, "must be an array, whose name ends with " + SUFFIX);
                }
                long most = ByteSource.mostOf(Math.min(entry.getCompressedSize(), Files.size(file)));
                var sum = new CheckedInputStream(zip.getInputStream(entry), new CRC32());
                try (var source = new ByteSource(name, sum, most, memory)) {
                    Npy array = Npy.read(source);
                    if (sum.getChecksum().getValue() != entry.getCrc()) { // which ZipFile does not look at
                        throw source.at(source.offset(), "the checksum of the archive is another one");
                    }
                    arrays.put(entry.getName().substring(0, entry.getName().length() - SUFFIX.length()), array);
                    memory -= source.offset();
                }
            }
        } catch (ZipException e) {
            throw DataException.of(file.toString(), "is no sound zip archive: " + e.getMessage());
        } catch (IOException e) {
            throw DataException.unreadable(file.toString(), e);
        }
        return Collections.unmodifiableMap(arrays);
    }

    /**
     * Writes a file, compressed, over one that is there.
     *
     * @param file the file
     * @param arrays name to array
     * @throws DataException if it cannot be written
     */
    public static void write(Path file, Map<String, Npy> arrays) {
        try (var zip = new ZipOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            for (var array : arrays.entrySet()) {
                zip.putNextEntry(new ZipEntry(array.getKey() + SUFFIX));
                array.getValue().write(zip);
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw DataException.unwritable(file.toString(), e);
        }
    }
}
