package org.jauss.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;

/**
 * Binary files of CIFAR, whose images are read on demand. Files are opened for each batch and closed again: that costs
 * little beside the reading, holds no file open, and a thread that is interrupted while it reads harms no other.
 *
 * @param files the files
 * @param firsts for each file the position of its first record, and at the end the number of all records
 * @param labelBytes the number of bytes before the pixels of a record, of which the last is the label
 * @param labels all labels
 */
record CifarData(List<Path> files, int[] firsts, int labelBytes, IntTensor labels) implements Dataset<IntTensor> {
    private static final int SIDE = 32;
    private static final int PLANE = SIDE * SIDE;
    private static final int CHANNELS = 3;
    private static final int IMAGE = CHANNELS * PLANE;
    private static final float WHITE = 255;
    private static final int RECORDS_AT_ONCE = 256;
    private static final int MOST_RECORDS = 1 << 28;

    static CifarData open(List<Path> files, int labelBytes, int classes) {
        int[] firsts = new int[files.size() + 1];
        int[] labels = {};
        for (int f = 0; f < files.size(); f++) {
            try (var channel = FileChannel.open(files.get(f))) {
                int records = records(files.get(f).toString(), channel.size(), labelBytes + IMAGE, firsts[f]);
                firsts[f + 1] = firsts[f] + records;
                labels = Arrays.copyOf(labels, firsts[f + 1]);
                readLabels(files.get(f).toString(), channel, labelBytes, classes, labels, firsts[f]);
            } catch (IOException e) {
                throw DataException.unreadable(files.get(f).toString(), e);
            }
        }
        return new CifarData(List.copyOf(files), firsts, labelBytes, IntTensor.of(labels));
    }

    private static int records(String file, long size, int record, int before) {
        if (size % record != 0) {
            throw DataException.at(
                    file,
                    size - size % record,
                    "must consist of records of " + record + " bytes, but the last one has " + size % record);
        }
        long most = Math.min(MOST_RECORDS, Runtime.getRuntime().maxMemory() / 2 / Integer.BYTES) - before;
        if (size / record > most) {
            throw DataException.of(
                    file, "there is room for the labels of " + most + " records, but it has " + size / record);
        }
        return (int) (size / record);
    }

    private static void readLabels(
            String file, FileChannel channel, int labelBytes, int classes, int[] labels, int first) throws IOException {
        int record = labelBytes + IMAGE;
        ByteBuffer chunk = ByteBuffer.allocateDirect(RECORDS_AT_ONCE * record);
        for (int from = first; from < labels.length; from += RECORDS_AT_ONCE) {
            int count = Math.min(RECORDS_AT_ONCE, labels.length - from);
            long start = (long) (from - first) * record;
            readFully(file, channel, start, chunk.clear().limit(count * record));
            for (int i = 0; i < count; i++) {
                int at = i * record + labelBytes - 1;
                labels[from + i] = chunk.get(at) & 0xff;
                if (labels[from + i] >= classes) {
                    throw DataException.at(
                            file,
                            start + at,
                            "a label must be from 0 to " + (classes - 1) + ", but is " + labels[from + i]);
                }
            }
        }
    }

    private static void readFully(String file, FileChannel channel, long start, ByteBuffer into) throws IOException {
        while (into.hasRemaining()) {
            long at = start + into.position();
            if (channel.read(into, at) < 0) {
                throw DataException.at(file, at, "ends too early: it was longer when it was opened");
            }
        }
    }

    @Override
    public int instances() {
        return labels.size();
    }

    @Override
    public Batch<IntTensor> read(long epoch, int... positions) {
        IntTensor chosen = labelsOf(positions);
        float[] x = new float[Shape.of(positions.length, IMAGE).size()];
        for (int f = 0; f < files.size(); f++) {
            readImages(f, x, positions);
        }
        return new Batch<>(Tensor.of(Shape.of(positions.length, SIDE, SIDE, CHANNELS), x), chosen);
    }

    /** Reads the images that are in one of the files. */
    private void readImages(int f, float[] x, int... positions) {
        int[] members = IntStream.range(0, positions.length)
                .filter(n -> positions[n] >= firsts[f] && positions[n] < firsts[f + 1])
                .toArray();
        if (members.length == 0) {
            return;
        }
        String file = files.get(f).toString();
        byte[] planes = new byte[IMAGE];
        try (var channel = FileChannel.open(files.get(f))) {
            for (int n : members) {
                long start = (long) (positions[n] - firsts[f]) * (labelBytes + IMAGE) + labelBytes;
                readFully(file, channel, start, ByteBuffer.wrap(planes));
                toPixels(planes, x, n * IMAGE);
            }
        } catch (IOException e) {
            throw DataException.unreadable(file, e);
        }
    }

    private static void toPixels(byte[] planes, float[] x, int at) {
        for (int i = 0; i < PLANE; i++) {
            x[at + 3 * i] = (planes[i] & 0xff) / WHITE;
            x[at + 3 * i + 1] = (planes[PLANE + i] & 0xff) / WHITE;
            x[at + 3 * i + 2] = (planes[2 * PLANE + i] & 0xff) / WHITE;
        }
    }

    @Override
    public IntTensor labelsOf(int... positions) {
        Rows.check(instances(), positions);
        return Rows.INTS.select(labels, positions);
    }

    @Override
    public String toString() {
        return "CifarData" + files;
    }
}
