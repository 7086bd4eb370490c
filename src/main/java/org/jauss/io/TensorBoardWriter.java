package org.jauss.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.CRC32C;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/**
 * Writes what TensorBoard shows: an event file in the folder of a run. {@code tensorboard --logdir} on the folder above
 * shows all runs there.
 *
 * <pre>{@code
 * try (var board = TensorBoardWriter.open(Path.of("runs/first"))) {
 *     board.scalar("loss", step, loss);
 *     board.histogram("layers.0.weight", step, weight.data());
 *     board.flush();
 * }
 * }</pre>
 *
 * <p>Each record goes to the file as a whole, so that a program that is killed spoils none that came before. A run that
 * goes on opens a file of its own in the same folder, which TensorBoard reads after the earlier ones: see
 * {@link #resume}. Any number of threads may write. The form is that of TFRecord files of {@code Event} messages
 * ({@code event.proto} and {@code summary.proto} of TensorBoard).
 */
public final class TensorBoardWriter implements AutoCloseable {
    private static final int BUFFER = 1 << 16;

    // The fields of the messages.
    private static final int EVENT_WALL_TIME = 1;
    private static final int EVENT_STEP = 2;
    private static final int EVENT_FILE_VERSION = 3;
    private static final int EVENT_SUMMARY = 5;
    private static final int EVENT_SESSION_LOG = 7;
    private static final int SUMMARY_VALUE = 1;
    private static final int VALUE_TAG = 1;
    private static final int VALUE_SIMPLE_VALUE = 2;
    private static final int VALUE_IMAGE = 4;
    private static final int VALUE_HISTOGRAM = 5;
    private static final int VALUE_TENSOR = 8;
    private static final int VALUE_METADATA = 9;

    private final Path file;
    private final OutputStream out;
    private final Clock clock;
    private boolean closed;

    private TensorBoardWriter(Path file, OutputStream out, Clock clock) {
        this.file = file;
        this.out = out;
        this.clock = clock;
    }

    /**
     * Begins an event file, with the times of the system's clock.
     *
     * @param folder the folder of the run; made if it is not there
     * @return the writer
     * @throws UncheckedIOException if the file cannot be made
     */
    public static TensorBoardWriter open(Path folder) {
        return open(folder, Clock.systemUTC());
    }

    /**
     * Begins an event file.
     *
     * @param folder the folder of the run; made if it is not there
     * @param clock what tells the time of each event
     * @return the writer
     * @throws UncheckedIOException if the file cannot be made
     */
    public static TensorBoardWriter open(Path folder, Clock clock) {
        try {
            Files.createDirectories(folder);
            long seconds = clock.instant().getEpochSecond();
            for (int i = 0; ; i++) {
                // TensorBoard reads the files of a folder in the order of their names.
                Path file = folder.resolve(String.format(Locale.ROOT, "events.out.tfevents.%010d.%04d", seconds, i));
                try {
                    var out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                    var writer = new TensorBoardWriter(file, new BufferedOutputStream(out, BUFFER), clock);
                    writer.write(writer.event().text(EVENT_FILE_VERSION, "brain.Event:2"));
                    writer.flush();
                    return writer;
                } catch (FileAlreadyExistsException e) {
                    // Another writer began in the same second.
                }
            }
        } catch (IOException e) {
            throw AtomicFile.failed(folder, "opened for events", e);
        }
    }

    /**
     * The event file.
     *
     * @return its path
     */
    public Path file() {
        return file;
    }

    /**
     * Tells that the run goes on from a checkpoint: TensorBoard drops what earlier files of the run have of this step
     * and later ones.
     *
     * @param step the first step that is made again
     * @throws IllegalStateException if the writer is closed
     * @throws UncheckedIOException if it cannot be written
     */
    public void resume(long step) {
        int status = 1;
        int start = 1;
        for (int i = 0; i < 2; i++) { // to TensorBoard, the first start of a run is none that anything came before
            write(event(step).message(EVENT_SESSION_LOG, new ProtobufMessage().integer(status, start)));
        }
    }

    /**
     * Writes a number over time, such as a loss.
     *
     * @param tag its name; a slash puts tags into groups
     * @param step the step
     * @param value the number, shown in single precision
     * @throws IllegalStateException if the writer is closed
     * @throws UncheckedIOException if it cannot be written
     */
    public void scalar(String tag, long step, double value) {
        summary(step, value(tag).single(VALUE_SIMPLE_VALUE, (float) value));
    }

    /**
     * Writes how values are distributed: counts in 30 bins of equal width from the least value to the greatest one, or
     * in one bin if they are equal. Values that are not finite are left out.
     *
     * @param tag its name
     * @param step the step
     * @param values the values
     * @throws IllegalStateException if the writer is closed
     * @throws UncheckedIOException if it cannot be written
     */
    public void histogram(String tag, long step, float... values) {
        double sum = 0;
        double squares = 0;
        long count = 0;
        for (float value : values) {
            if (Float.isFinite(value)) {
                sum += value;
                squares += (double) value * value;
                count++;
            }
        }
        Bins bins = Bins.of(values);
        double[] counts = Arrays.stream(bins.counts()).asDoubleStream().toArray();
        summary(
                step,
                value(tag)
                        .message(
                                VALUE_HISTOGRAM,
                                new ProtobufMessage()
                                        .real(1, bins.low())
                                        .real(2, bins.high())
                                        .real(3, (double) count)
                                        .real(4, sum)
                                        .real(5, squares)
                                        .reals(6, limits(bins.low(), bins.high(), counts.length))
                                        .reals(7, counts)));
    }

    /** The right ends of the bins. */
    private static double[] limits(double low, double high, int bins) {
        double[] limits = new double[bins];
        for (int i = 0; i < bins; i++) {
            limits[i] = i == bins - 1 ? high : low + (high - low) * (i + 1) / bins;
        }
        return limits;
    }

    /**
     * Writes an image whose values are from 0 to 1.
     *
     * @param tag its name
     * @param step the step
     * @param image <b>Shape:</b> {@code [H, W]} or {@code [H, W, C]}, where C is 1 for grey, 3 for red, green and blue,
     *     or 4 with opacity
     * @throws ShapeException if it has another shape or no pixel
     * @throws IllegalStateException if the writer is closed
     * @throws UncheckedIOException if it cannot be written
     */
    public void image(String tag, long step, Tensor image) {
        image(tag, step, image, 0, 1);
    }

    /**
     * Writes an image, {@code (value - low) / (high - low)} of full brightness. What is outside the range is black or
     * full, and NaN is black.
     *
     * @param tag its name
     * @param step the step
     * @param image <b>Shape:</b> {@code [H, W]} or {@code [H, W, C]}, where C is 1 for grey, 3 for red, green and blue,
     *     or 4 with opacity
     * @param low what is shown black
     * @param high what is shown at full brightness, above {@code low}
     * @throws ShapeException if it has another shape or no pixel
     * @throws IllegalArgumentException if the range is empty or not finite
     * @throws IllegalStateException if the writer is closed
     * @throws UncheckedIOException if it cannot be written
     */
    public void image(String tag, long step, Tensor image, float low, float high) {
        byte[] png = Png.of(image, low, high);
        Shape shape = image.shape();
        summary(
                step,
                value(tag)
                        .message(
                                VALUE_IMAGE,
                                new ProtobufMessage()
                                        .integer(1, shape.dim(0))
                                        .integer(2, shape.dim(1))
                                        .integer(3, Png.channels(shape))
                                        .bytes(4, png)));
    }

    /**
     * Writes a text.
     *
     * @param tag its name
     * @param step the step
     * @param markdown the text, in which TensorBoard understands Markdown
     * @throws IllegalStateException if the writer is closed
     * @throws UncheckedIOException if it cannot be written
     */
    public void text(String tag, long step, String markdown) {
        int stringType = 7;
        int tensorClass = 2;
        var plugin = new ProtobufMessage().text(1, "text");
        var metadata = new ProtobufMessage().message(1, plugin).integer(4, tensorClass);
        var shape = new ProtobufMessage().message(2, new ProtobufMessage().integer(1, 1)); // [1]
        var tensor =
                new ProtobufMessage().integer(1, stringType).message(2, shape).text(8, markdown);
        summary(step, value(tag).message(VALUE_METADATA, metadata).message(VALUE_TENSOR, tensor));
    }

    private static ProtobufMessage value(String tag) {
        return new ProtobufMessage().text(VALUE_TAG, tag);
    }

    private void summary(long step, ProtobufMessage value) {
        write(event(step).message(EVENT_SUMMARY, new ProtobufMessage().message(SUMMARY_VALUE, value)));
    }

    private ProtobufMessage event(long step) {
        return event().integer(EVENT_STEP, step);
    }

    private ProtobufMessage event() {
        Instant now = clock.instant();
        return new ProtobufMessage().real(EVENT_WALL_TIME, now.getEpochSecond() + now.getNano() * 1e-9);
    }

    /** Writes a record of a TFRecord file: its length, the checksum of that, the data, the checksum of them. */
    private synchronized void write(ProtobufMessage event) {
        requireOpen();
        byte[] data = event.toBytes();
        byte[] length = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(data.length)
                .array();
        byte[] record = ByteBuffer.allocate(Long.BYTES + 2 * Integer.BYTES + data.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(length)
                .putInt(maskedChecksum(length))
                .put(data)
                .putInt(maskedChecksum(data))
                .array();
        try {
            out.write(record); // the buffer is flushed between records, never within one
        } catch (IOException e) {
            throw AtomicFile.failed(file, "written", e);
        }
    }

    private static int maskedChecksum(byte[] bytes) {
        var sum = new CRC32C();
        sum.update(bytes);
        return Integer.rotateRight((int) sum.getValue(), 15) + 0xa282ead8;
    }

    /**
     * Hands all events to the system, so that TensorBoard can read them.
     *
     * @throws IllegalStateException if the writer is closed
     * @throws UncheckedIOException if they cannot be written
     */
    public synchronized void flush() {
        requireOpen();
        try {
            out.flush();
        } catch (IOException e) {
            throw AtomicFile.failed(file, "written", e);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException(file + ": the writer of events is closed");
        }
    }

    /**
     * Writes all events and ends the file.
     *
     * @throws UncheckedIOException if they cannot be written
     */
    @Override
    public synchronized void close() {
        closed = true;
        try {
            out.close();
        } catch (IOException e) {
            throw AtomicFile.failed(file, "written", e);
        }
    }
}
