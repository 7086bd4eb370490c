package org.jauss.data;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.jauss.tensor.Shape;

/**
 * Reads image files by ImageIO, which knows PNG, JPEG, GIF, BMP and TIFF.
 *
 * @param height the height that is wanted
 * @param width the width that is wanted
 * @param channels 3 for red, green and blue, 1 for grey
 * @param fit how an image comes to that size
 */
record ImageDecoder(int height, int width, int channels, Fit fit) {
    private static final long MOST_BYTES = 1L << 28;
    private static final long MOST_PIXELS = 1L << 26;
    private static final int RGB = 3;

    /** The memory that a pixel takes while an image is decoded, as bytes and as floats. */
    private static final int BYTES_PER_PIXEL = 32;

    /** Reads a file into an array, {@code [height, width, channels]} from 0 to 1. */
    void read(Path file, float[] into, int at) {
        byte[] bytes = bytes(file);
        String name = file.toString();
        PngChunks.check(name, bytes);
        BufferedImage image = decode(name, bytes, reader -> reader.read(0));
        int h = image.getHeight();
        int w = image.getWidth();
        if (fit == Fit.EXACT && (h != height || w != width)) {
            throw DataException.of(
                    name, "must be of " + height + " x " + width + " pixels, but is of " + h + " x " + w);
        }
        float[] pixels = pixels(image);
        float[] resized = h == height && w == width
                ? pixels
                : Resampling.resize(pixels, h, w, channels, box(h, w), height, width);
        System.arraycopy(resized, 0, into, at, resized.length);
    }

    /** The size that an image has in its file, {@code [height, width]}. */
    static Shape size(Path file) {
        return decode(file.toString(), bytes(file), reader -> Shape.of(reader.getHeight(0), reader.getWidth(0)));
    }

    private static byte[] bytes(Path file) {
        try (var source = ByteSource.open(file)) {
            if (source.left() > MOST_BYTES) {
                throw source.at(0, "an image file has at most " + MOST_BYTES + " bytes, but this one " + source.left());
            }
            return source.next(source.left(), 0);
        }
    }

    /** The part that is resized: top, left, height and width. */
    private double[] box(int h, int w) {
        if (fit == Fit.STRETCH) {
            return new double[] {0, 0, h, w};
        }
        double scale = Math.min((double) h / height, (double) w / width);
        return new double[] {(h - scale * height) / 2, (w - scale * width) / 2, scale * height, scale * width};
    }

    /** What is read of a file. */
    private interface Reading<T> {
        T of(ImageReader reader) throws IOException;
    }

    private static <T> T decode(String file, byte[] bytes, Reading<T> reading) {
        List<String> warnings = new ArrayList<>();
        try (ImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            var readers = ImageIO.getImageReaders(stream);
            if (!readers.hasNext()) {
                throw DataException.at(file, 0, "is no image of a kind that ImageIO reads");
            }
            ImageReader reader = readers.next();
            try {
                reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
                reader.setInput(stream, true, true);
                requireSize(file, reader.getHeight(0), reader.getWidth(0));
                T result = reading.of(reader);
                if (!warnings.isEmpty()) { // a file that is cut off is filled up with grey and a warning
                    throw DataException.at(file, position(stream), "the image is damaged: " + warnings.get(0));
                }
                return result;
            } catch (DataException e) {
                throw e;
            } catch (IOException | RuntimeException e) { // the readers of the JDK throw either for broken files
                throw DataException.at(file, position(stream), "cannot be decoded", e);
            } finally {
                reader.dispose();
            }
        } catch (IOException e) {
            throw DataException.unreadable(file, e);
        }
    }

    private static void requireSize(String file, int h, int w) {
        long most = Math.min(MOST_PIXELS, ByteSource.memory() / BYTES_PER_PIXEL);
        if ((long) h * w > most) {
            throw DataException.at(
                    file, 0, "an image has at most " + most + " pixels, but this one has " + h + " x " + w);
        }
    }

    private static long position(ImageInputStream stream) {
        try {
            return stream.getStreamPosition();
        } catch (IOException e) {
            return 0;
        }
    }

    /** The pixels, from 0 to 1. */
    private float[] pixels(BufferedImage image) {
        int h = image.getHeight();
        int w = image.getWidth();
        int bands = image.getRaster().getNumBands();
        float[] pixels = new float[h * w * channels];
        // As they are stored, where that is possible: getRGB would also convert grey to another gamma, and is slow.
        boolean stored = image.getColorModel() instanceof ComponentColorModel model
                && !model.isAlphaPremultiplied()
                && (model.getTransferType() == DataBuffer.TYPE_BYTE
                        || model.getTransferType() == DataBuffer.TYPE_USHORT)
                && (model.getColorSpace().getType() == ColorSpace.TYPE_GRAY
                        || model.getColorSpace().getType() == ColorSpace.TYPE_RGB);
        float white = stored ? (1 << image.getSampleModel().getSampleSize(0)) - 1 : 0xff;
        int[] samples = new int[w * Math.max(RGB, bands)];
        for (int row = 0; row < h; row++) {
            if (stored) {
                image.getRaster().getPixels(0, row, w, 1, samples);
            } else {
                bands = RGB;
                image.getRGB(0, row, w, 1, samples, 0, w);
                for (int i = w - 1; i >= 0; i--) { // from the end: three samples take the place of one
                    int rgb = samples[i];
                    samples[RGB * i] = rgb >> 16 & 0xff;
                    samples[RGB * i + 1] = rgb >> 8 & 0xff;
                    samples[RGB * i + 2] = rgb & 0xff;
                }
            }
            for (int i = 0; i < w; i++) {
                convert(samples, i * bands, bands < RGB, white, pixels, (row * w + i) * channels);
            }
        }
        return pixels;
    }

    /** Converts a pixel: grey is .299 red + .587 green + .114 blue (ITU-R BT.601). */
    private void convert(int[] samples, int from, boolean grey, float white, float[] pixels, int at) {
        float red = samples[from] / white;
        float green = grey ? red : samples[from + 1] / white;
        float blue = grey ? red : samples[from + 2] / white;
        if (channels == RGB) {
            pixels[at] = red;
            pixels[at + 1] = green;
            pixels[at + 2] = blue;
        } else {
            pixels[at] = grey ? red : .299f * red + .587f * green + .114f * blue;
        }
    }
}
