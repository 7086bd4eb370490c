package org.jauss.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What {@link EventFile} finds in the files; the numbers of fields are those of TensorBoard's {@code .proto} files. */
final class TensorBoardWriterTest {
    private static final Clock CLOCK = Clock.fixed(Instant.ofEpochSecond(1_700_000_000, 250_000_000), ZoneOffset.UTC);

    @TempDir
    private Path folder;

    /** The events of a file after the first, which tells the version. */
    private List<EventFile.Message> events(Consumer<TensorBoardWriter> calls) throws IOException {
        Path file;
        try (var writer = TensorBoardWriter.open(folder, CLOCK)) {
            file = writer.file();
            calls.accept(writer);
        }
        List<EventFile.Message> events = EventFile.read(file);
        assertEquals(Set.of(1, 3), events.get(0).fields().keySet());
        assertEquals("brain.Event:2", events.get(0).text(3));
        for (EventFile.Message event : events) {
            assertEquals(1_700_000_000.25, event.get(1));
        }
        return events.subList(1, events.size());
    }

    /** The value of the only event. */
    private EventFile.Message value(long step, String tag, Consumer<TensorBoardWriter> call) throws IOException {
        List<EventFile.Message> events = events(call);
        assertEquals(1, events.size());
        assertEquals(Set.of(1, 2, 5), events.get(0).fields().keySet());
        assertEquals(step, events.get(0).get(2));
        assertEquals(Set.of(1), events.get(0).message(5).fields().keySet());
        EventFile.Message value = events.get(0).message(5).message(1);
        assertEquals(tag, value.text(1));
        return value;
    }

    @Test
    void aScalar() throws IOException {
        for (long step : new long[] {0, 127, 128, 1L << 40, -1}) {
            EventFile.Message value =
                    value(step, "loss/tr\u00e4ining", writer -> writer.scalar("loss/tr\u00e4ining", step, .1));
            assertEquals(Set.of(1, 2), value.fields().keySet());
            assertEquals(.1f, value.get(2));
        }
        assertEquals(
                Float.NaN,
                value(3, "", writer -> writer.scalar("", 3, Double.NaN)).get(2));
    }

    @Test
    void manyEventsInTheirOrder() throws IOException {
        List<EventFile.Message> events = events(writer -> {
            for (int step = 0; step < 5000; step++) { // several buffers
                writer.scalar("loss", step, step);
            }
        });
        assertEquals(5000, events.size());
        for (int step = 0; step < 5000; step++) {
            assertEquals((long) step, events.get(step).get(2));
            assertEquals((float) step, events.get(step).message(5).message(1).get(2));
        }
    }

    private EventFile.Message histogram(float... values) throws IOException {
        EventFile.Message value = value(7, "weight", writer -> writer.histogram("weight", 7, values));
        assertEquals(Set.of(1, 5), value.fields().keySet());
        return value.message(5);
    }

    @Test
    void aHistogramHasBinsOfEqualWidth() throws IOException {
        float[] values = new float[302]; // from -10 to 20.1, a hundred in ten units, plus what is left out
        IntStream.range(0, 301).forEach(i -> values[i] = -10 + i / 10f);
        values[301] = Float.NaN;
        EventFile.Message histogram = histogram(values);
        assertEquals(-10.0, histogram.get(1));
        assertEquals(20.0, histogram.get(2));
        assertEquals(301.0, histogram.get(3));
        double sum = 0;
        double squares = 0;
        for (int i = 0; i <= 300; i++) {
            sum += values[i];
            squares += (double) values[i] * values[i];
        }
        assertEquals(sum, histogram.get(4));
        assertEquals(squares, histogram.get(5));
        double[] limits = histogram.doubles(6);
        double[] counts = histogram.doubles(7);
        for (int i = 0; i < 30; i++) {
            assertEquals(-9 + i, limits[i], 1e-9); // rounding of doubles
        }
        assertEquals(20.0, limits[29]);
        assertEquals(301.0, Arrays.stream(counts).sum());
        for (int i = 0; i < 30; i++) {
            assertEquals(i < 29 ? 10 : 11, counts[i], 1); // a tenth at the border may be a float too low
        }
    }

    @Test
    void histogramsOfLittle() throws IOException {
        EventFile.Message one = histogram(3, Float.POSITIVE_INFINITY, 3);
        assertEquals(2.0, one.get(3));
        assertArrayEquals(new double[] {3}, one.doubles(6));
        assertArrayEquals(new double[] {2}, one.doubles(7));
        for (float[] nothing : new float[][] {{}, {Float.NaN, Float.NEGATIVE_INFINITY}}) {
            EventFile.Message none = histogram(nothing);
            for (int field = 1; field <= 5; field++) {
                assertEquals(0.0, none.get(field));
            }
            assertArrayEquals(new double[0], none.doubles(6));
            assertArrayEquals(new double[0], none.doubles(7));
        }
        EventFile.Message widest = histogram(-Float.MAX_VALUE, Float.MAX_VALUE);
        assertEquals(1, widest.doubles(7)[0]);
        assertEquals(1, widest.doubles(7)[29]);
    }

    /** The samples of the PNG, row by row, and the numbers beside it. */
    private int[] image(int channels, Tensor image, Consumer<TensorBoardWriter> call) throws IOException {
        EventFile.Message value = value(2, "image", call);
        assertEquals(Set.of(1, 4), value.fields().keySet());
        EventFile.Message message = value.message(4);
        assertEquals((long) image.shape().dim(0), message.get(1));
        assertEquals((long) image.shape().dim(1), message.get(2));
        assertEquals((long) channels, message.get(3));
        BufferedImage read = ImageIO.read(new ByteArrayInputStream(message.bytes(4)));
        Raster raster = read.getRaster();
        assertEquals(channels, raster.getNumBands());
        assertEquals(image.shape().dim(0), read.getHeight());
        assertEquals(image.shape().dim(1), read.getWidth());
        return raster.getPixels(0, 0, read.getWidth(), read.getHeight(), (int[]) null);
    }

    @Test
    void imagesOfOneThreeAndFourChannels() throws IOException {
        Tensor grey = Tensor.of(Shape.of(2, 3), 0, .2f, .4f, .6f, .8f, 1);
        int[] levels = {0, 51, 102, 153, 204, 255};
        assertArrayEquals(levels, image(1, grey, writer -> writer.image("image", 2, grey)));
        Tensor one = grey.reshape(3, 2, 1);
        assertArrayEquals(levels, image(1, one, writer -> writer.image("image", 2, one)));
        Tensor colours = grey.reshape(2, 1, 3);
        assertArrayEquals(levels, image(3, colours, writer -> writer.image("image", 2, colours)));
        Tensor clear = Tensor.of(Shape.of(1, 2, 4), 0, .2f, .4f, .6f, 1, .8f, 1, 1);
        assertArrayEquals(
                new int[] {0, 51, 102, 153, 255, 204, 255, 255},
                image(4, clear, writer -> writer.image("image", 2, clear)));
        EventFile.Message value = value(2, "image", writer -> writer.image("image", 2, colours));
        BufferedImage read =
                ImageIO.read(new ByteArrayInputStream(value.message(4).bytes(4)));
        assertEquals(0xff003366, read.getRGB(0, 0), "red, green and blue in this order");
    }

    @Test
    void valuesOutsideTheRangeAreBlackOrFull() throws IOException {
        Tensor image = Tensor.of(Shape.of(1, 7), -2, -1, 0, 1, 2, Float.NaN, Float.POSITIVE_INFINITY);
        assertArrayEquals(
                new int[] {0, 0, 128, 255, 255, 0, 255},
                image(1, image, writer -> writer.image("image", 2, image, -1, 1)));
    }

    @Test
    void aText() throws IOException {
        EventFile.Message value = value(1, "settings", writer -> writer.text("settings", 1, "*rate* \u00b5"));
        assertEquals(Set.of(1, 8, 9), value.fields().keySet());
        assertEquals("text", value.message(9).message(1).text(1));
        assertEquals(2L, value.message(9).get(4)); // DATA_CLASS_TENSOR
        EventFile.Message tensor = value.message(8);
        assertEquals(7L, tensor.get(1)); // DT_STRING
        assertEquals(1L, tensor.message(2).message(2).get(1)); // one dimension of length 1
        assertEquals("*rate* \u00b5", tensor.text(8));
    }

    @Test
    void aRunThatGoesOnSaysFromWhere() throws IOException {
        List<EventFile.Message> events = events(writer -> writer.resume(40));
        assertEquals(2, events.size()); // TensorBoard takes no notice of the first
        for (EventFile.Message event : events) {
            assertEquals(Set.of(1, 2, 7), event.fields().keySet());
            assertEquals(40L, event.get(2));
            assertEquals(1L, event.message(7).get(1)); // SessionLog.START
        }
    }

    @Test
    void filesOfOneSecondAreTwoAndInOrder() throws IOException {
        Path first;
        Path second;
        try (var one = TensorBoardWriter.open(folder.resolve("a/b"), CLOCK);
                var two = TensorBoardWriter.open(folder.resolve("a/b"), CLOCK)) {
            first = one.file();
            second = two.file();
        }
        assertEquals("events.out.tfevents.1700000000.0000", first.getFileName().toString());
        assertEquals("events.out.tfevents.1700000000.0001", second.getFileName().toString());
        assertEquals(1, EventFile.read(first).size());
    }

    @Test
    void eventsHaveTheTimeOfTheSystem() throws IOException {
        double before = Instant.now().getEpochSecond();
        Path file;
        try (var writer = TensorBoardWriter.open(folder)) {
            file = writer.file();
        }
        double time = (double) EventFile.read(file).get(0).get(1);
        assertTrue(time >= before && time <= Instant.now().getEpochSecond() + 1.0, "time " + time);
    }

    @Test
    void whatIsFlushedCanBeReadWhileTheWriterIsOpen() throws IOException {
        try (var writer = TensorBoardWriter.open(folder, CLOCK)) {
            assertEquals(1, EventFile.read(writer.file()).size());
            writer.scalar("loss", 1, 1);
            writer.flush();
            assertEquals(2, EventFile.read(writer.file()).size());
            writer.histogram("large", 1, new float[100]);
            for (int i = 0; i < 3000; i++) {
                writer.scalar("loss", i, 1);
            }
            // What has reached the file by itself ends with a whole record, as a kill would leave it.
            assertNotEquals(2, EventFile.read(writer.file()).size());
        }
    }

    @Test
    void threadsMayShareAWriter() throws IOException {
        List<EventFile.Message> events =
                events(writer -> IntStream.range(0, 4000).parallel().forEach(i -> writer.scalar("loss", i, i)));
        List<Long> steps = new ArrayList<>(
                events.stream().map(event -> (Long) event.get(2)).sorted().toList());
        assertEquals(IntStream.range(0, 4000).mapToObj(i -> (long) i).toList(), steps);
    }

    @Test
    void wrongUseIsNamed() throws IOException {
        var writer = TensorBoardWriter.open(folder, CLOCK);
        for (Shape shape : List.of(
                Shape.SCALAR,
                Shape.of(4),
                Shape.of(2, 2, 2),
                Shape.of(2, 2, 5),
                Shape.of(1, 2, 2, 3),
                Shape.of(2, 0, 3),
                Shape.of(2, 2, 0))) {
            var e = assertThrows(
                    ShapeException.class, () -> writer.image("x", 1, Tensor.of(shape, new float[shape.size()])));
            assertEquals(
                    "image: must be [H, W], or [H, W, C] with 1, 3 or 4 channels, but is " + shape, e.getMessage());
        }
        Tensor image = Tensor.of(Shape.of(1, 1), 0);
        for (float[] range : new float[][] {{1, 1}, {2, 1}, {Float.NaN, 1}, {0, Float.POSITIVE_INFINITY}}) {
            var e = assertThrows(IllegalArgumentException.class, () -> writer.image("x", 1, image, range[0], range[1]));
            assertEquals(
                    "image: the range must go up and be finite, but is " + range[0] + " to " + range[1],
                    e.getMessage());
        }
        writer.close();
        writer.close();
        for (Executable call :
                List.<Executable>of(() -> writer.scalar("x", 1, 1), writer::flush, () -> writer.resume(1))) {
            assertEquals(
                    writer.file() + ": the writer of events is closed",
                    assertThrows(IllegalStateException.class, call).getMessage());
        }
        Path file = Files.write(folder.resolve("file"), new byte[1]);
        var e = assertThrows(UncheckedIOException.class, () -> TensorBoardWriter.open(file));
        assertTrue(e.getMessage().startsWith(file + ": cannot be opened for events: "), e.getMessage());
    }
}
