package org.jauss.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes the checkpoints of one run into a folder that nobody else writes into; see {@link Checkpoints}. */
public final class CheckpointWriter implements AutoCloseable {
    private static final Logger LOGGER = LoggerFactory.getLogger(CheckpointWriter.class);
    private static final String LOCK = ".checkpoints.lock";
    private static final long STEPS = 1_000_000_000_000_000_000L;

    /**
     * The folders that this JVM has locked. The lock of a file is that of the process: to open the file a second time and
     * close it would release the lock, so that has to be ruled out before.
     */
    private static final Set<Path> LOCKED = ConcurrentHashMap.newKeySet();

    private final Checkpoints checkpoints;
    private final Path folder;
    private final FileChannel lock;

    private CheckpointWriter(Checkpoints checkpoints, Path folder, FileChannel lock) {
        this.checkpoints = checkpoints;
        this.folder = folder;
        this.lock = lock;
    }

    static CheckpointWriter open(Checkpoints checkpoints) {
        Path given = checkpoints.folder();
        try {
            Path folder = Files.createDirectories(given).toRealPath();
            if (!LOCKED.add(folder)) {
                throw taken(given);
            }
            try {
                return locked(checkpoints, folder);
            } catch (IOException | RuntimeException e) {
                LOCKED.remove(folder);
                throw e;
            }
        } catch (IOException e) {
            throw AtomicFile.failed(given, "opened for checkpoints", e);
        }
    }

    private static CheckpointWriter locked(Checkpoints checkpoints, Path folder) throws IOException {
        // The system releases the lock when the process ends, in whatever way. The file stays: to delete it would let
        // two
        // writers lock two files of this name.
        var lock = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (lock.tryLock() == null) {
                throw taken(checkpoints.folder());
            }
            AtomicFile.deleteLeftOvers(folder, Checkpoints.NAME);
            return new CheckpointWriter(checkpoints, folder, lock);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private static IllegalStateException taken(Path folder) {
        return new IllegalStateException(folder + ": another writer, of this process or another one, writes checkpoints"
                + " here: give each run a folder of its own");
    }

    /**
     * Writes the checkpoint of a step, then deletes those that need not be kept. A checkpoint of the same step is
     * replaced. Whatever stops the program meanwhile, the checkpoints that were there are whole, and so is the new one
     * once this method has returned.
     *
     * @param step the step, at least 0 and below 10^18
     * @param checkpoint the checkpoint
     * @return its file
     * @throws IllegalArgumentException if the step is outside its range
     * @throws IllegalStateException if a whole checkpoint of a later step is there, which another run must have written,
     *     or this writer is closed
     * @throws UncheckedIOException if it cannot be written; the checkpoints that were there remain
     */
    public Path save(long step, Checkpoint checkpoint) {
        if (step < 0 || step >= STEPS) {
            throw new IllegalArgumentException("checkpoint: the step must be from 0 to 10^18 - 1, but is " + step);
        }
        if (!lock.isOpen()) {
            throw new IllegalStateException(checkpoints.folder() + ": the writer of checkpoints is closed");
        }
        for (Checkpoints.Saved later : checkpoints.latestFirst()) {
            if (later.step() > step) {
                setAside(later.file(), step);
            }
        }
        Path file = checkpoints.file(step);
        checkpoint.write(file);
        deleteOthers();
        return file;
    }

    /** Renames a damaged checkpoint of a later step, so that this step becomes the latest one. */
    private static void setAside(Path file, long step) {
        try {
            Checkpoint.read(file);
        } catch (UncheckedIOException e) {
            if (!MalformedFileException.isCauseOf(e)) {
                throw e;
            }
            Path aside = file.resolveSibling(file.getFileName() + ".damaged");
            LOGGER.warn("{}; renamed to {}", e.getMessage(), aside.getFileName());
            try {
                Files.move(file, aside, StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException failure) {
                throw AtomicFile.failed(file, "renamed", failure);
            }
            return;
        }
        throw new IllegalStateException(file + ": is of a later step than the " + step
                + " that is to be saved: give each run a folder of its own, or go on from the latest checkpoint");
    }

    private void deleteOthers() {
        var kept = new HashSet<>(checkpoints.kept());
        for (Checkpoints.Saved saved : checkpoints.latestFirst()) {
            if (!kept.contains(saved)) {
                try {
                    Files.deleteIfExists(saved.file());
                } catch (IOException e) {
                    LOGGER.warn("{}: cannot be deleted, though it need not be kept: {}", saved.file(), e.getMessage());
                }
            }
        }
    }

    /** Lets others write into the folder. */
    @Override
    public void close() {
        if (lock.isOpen()) {
            try {
                lock.close();
            } catch (IOException e) {
                throw AtomicFile.failed(checkpoints.folder(), "released", e);
            } finally {
                LOCKED.remove(folder);
            }
        }
    }
}
