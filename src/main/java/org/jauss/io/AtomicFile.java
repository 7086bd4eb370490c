package org.jauss.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Files that appear under their name only when they are complete and on the disk: whatever stops the program, there is
 * the old file or the new one. What is being written has a name that no other writer chooses.
 */
public final class AtomicFile {
    private static final Pattern TEMPORARY = Pattern.compile("\\.(.+)\\.[0-9a-f-]{36}\\.tmp");

    private AtomicFile() {}

    /** What writes the content. */
    @FunctionalInterface
    interface Content {
        void writeTo(FileChannel channel) throws IOException;
    }

    /**
     * Writes a file, and replaces one that was there; nothing is left behind if that fails.
     *
     * @param file the file
     * @param bytes its content
     * @throws UncheckedIOException if it cannot be written
     */
    public static void write(Path file, byte[] bytes) {
        write(file, channel -> {
            ByteBuffer rest = ByteBuffer.wrap(bytes);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
        });
    }

    /** Writes a file, and replaces one that was there; nothing is left behind if that fails. */
    static void write(Path file, Content content) {
        Path temporary = file.resolveSibling("." + file.getFileName() + "." + UUID.randomUUID() + ".tmp");
        try {
            try (var channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                content.writeTo(channel);
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
            forceFolder(file);
        } catch (IOException e) {
            throw failed(file, "written", e);
        } finally {
            delete(temporary);
        }
    }

    /** Puts the name of a file on the disk, where the system lets a folder be opened: Windows does not, nor needs it. */
    private static void forceFolder(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (folder == null) {
            return;
        }
        try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // The file is complete either way; only a crash of the whole system could lose its name now.
        }
    }

    /**
     * Deletes what writers that were killed have left behind.
     *
     * @param folder where
     * @param names the names of the files that they were writing; no other writer may be writing such a file now
     */
    static void deleteLeftOvers(Path folder, Pattern names) throws IOException {
        List<Path> files;
        try (var listed = Files.list(folder)) {
            files = listed.toList();
        }
        for (Path file : files) {
            Matcher matcher = TEMPORARY.matcher(file.getFileName().toString());
            if (matcher.matches() && names.matcher(matcher.group(1)).matches()) {
                delete(file);
            }
        }
    }

    private static void delete(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            // What went wrong before matters more, and it is being reported.
        }
    }

    /** Why a file cannot be read or written. */
    static UncheckedIOException failed(Path file, String verb, IOException e) {
        String reason = e instanceof NoSuchFileException
                ? "there is no such file or folder"
                : e instanceof AccessDeniedException
                        ? "access is denied"
                        : e instanceof ClosedByInterruptException ? "the thread was interrupted" : e.getMessage();
        return new UncheckedIOException(file + ": cannot be " + verb + ": " + reason, e);
    }
}
