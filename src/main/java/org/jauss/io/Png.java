package org.jauss.io;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;

/** Images as PNG. */
public final class Png {
    private Png() {}

    /**
     * The PNG of an image, {@code (value - low) / (high - low)} of full brightness. What is outside the range is black or
     * full, and NaN is black.
     *
     * @param image <b>Shape:</b> {@code [H, W]} or {@code [H, W, C]}, where C is 1 for grey, 3 for red, green and blue,
     *     or 4 with opacity
     * @param low what is shown black
     * @param high what is shown at full brightness, above {@code low}
     * @return the content of a PNG file
     * @throws ShapeException if it has another shape or no pixel
     * @throws IllegalArgumentException if the range is empty or not finite
     */
    public static byte[] of(Tensor image, float low, float high) {
        Shape shape = image.shape();
        if (!isImage(shape)) {
            throw new ShapeException("image: must be [H, W], or [H, W, C] with 1, 3 or 4 channels, but is " + shape);
        }
        if (!(low < high && high - low < Float.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "image: the range must go up and be finite, but is " + low + " to " + high);
        }
        int type = switch (channels(shape)) {
            case 1 -> BufferedImage.TYPE_BYTE_GRAY;
            case 3 -> BufferedImage.TYPE_3BYTE_BGR;
            default -> BufferedImage.TYPE_4BYTE_ABGR;
        };
        float[] values = image.toArray();
        int[] samples = new int[values.length];
        for (int i = 0; i < samples.length; i++) {
            double share = Math.max(0, Math.min(1, ((double) values[i] - low) / ((double) high - low)));
            samples[i] = (int) Math.round(255 * share); // NaN becomes 0
        }
        int height = shape.dim(0);
        int width = shape.dim(1);
        var pixels = new BufferedImage(width, height, type);
        pixels.getRaster().setPixels(0, 0, width, height, samples);
        var bytes = new ByteArrayOutputStream();
        try (var out = new MemoryCacheImageOutputStream(bytes)) {
            if (!ImageIO.write(pixels, "png", out)) {
                throw new IllegalStateException("image: this JVM has no writer of PNG files");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("image: cannot be made a PNG", e);
        }
        return bytes.toByteArray();
    }

    /**
     * Whether a tensor of this shape is an image.
     *
     * @param shape any shape
     * @return true for {@code [H, W]} and for {@code [H, W, C]} with 1, 3 or 4 channels, if it has a pixel
     */
    public static boolean isImage(Shape shape) {
        boolean channels = shape.rank() == 2 || (shape.rank() == 3 && shape.dim(2) <= 4 && shape.dim(2) != 2);
        return channels && shape.size() > 0;
    }

    static int channels(Shape shape) {
        return shape.rank() == 3 ? shape.dim(2) : 1;
    }
}
