package org.jauss.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders of images made on the spot. */
final class ImageFolderTest {
    @TempDir
    private Path folder;

    /** An image whose pixel in row h, column w has red 10 h, green 10 w and blue 200. */
    private static BufferedImage image(int height, int width, int type) {
        var image = new BufferedImage(width, height, type);
        for (int h = 0; h < height; h++) {
            for (int w = 0; w < width; w++) {
                image.setRGB(w, h, 0xff0000c8 | ((10 * h) << 16) | ((10 * w) << 8));
            }
        }
        return image;
    }

    static byte[] encode(BufferedImage image, String format) throws IOException {
        var bytes = new ByteArrayOutputStream();
        assertTrue(ImageIO.write(image, format, bytes), format);
        return bytes.toByteArray();
    }

    static byte[] encode(int height, int width, String format) throws IOException {
        return encode(image(height, width, BufferedImage.TYPE_INT_RGB), format);
    }

    private Path file(String name, byte[] bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.resolveSibling(""));
        return Files.write(file, bytes);
    }

    @Test
    void foldersAreClassesInAlphabeticalOrder() throws IOException {
        file("dog/2.png", encode(2, 3, "png"));
        file("dog/10.PNG", encode(2, 3, "png"));
        file("cat/a.png", encode(2, 3, "png"));
        file("cat/notes.txt", new byte[] {1});
        file("cat/deeper/b.png", encode(2, 3, "png"));
        file("readme.png", new byte[] {1});
        ImageFolder data = ImageFolder.of(folder, 2, 3);
        assertEquals(List.of("cat", "dog"), data.classNames());
        assertArrayEquals(new int[] {0, 1, 1}, data.labels().toArray());
        Tensor x = data.read(0, 2, 0).x();
        assertEquals(Shape.of(2, 2, 3, 3), x.shape());
        for (int h = 0; h < 2; h++) {
            for (int w = 0; w < 3; w++) {
                assertEquals(10 * h / 255f, x.get(1, h, w, 0));
                assertEquals(10 * w / 255f, x.get(1, h, w, 1));
                assertEquals(200 / 255f, x.get(1, h, w, 2));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"png, 0", "bmp, 0", "tiff, 0", "gif, .05", "jpg, .05"}) // GIF has a palette, JPEG is lossy
    void everyFormat(String format, float tolerance) throws IOException {
        file("a/1." + format, encode(2, 2, format));
        Tensor x = ImageFolder.of(folder, 2, 2).x();
        assertEquals(10 / 255f, x.get(0, 1, 0, 0), tolerance);
        assertEquals(200 / 255f, x.get(0, 1, 0, 2), tolerance);
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                BufferedImage.TYPE_3BYTE_BGR,
                BufferedImage.TYPE_INT_ARGB,
                BufferedImage.TYPE_4BYTE_ABGR,
                BufferedImage.TYPE_INT_BGR
            })
    void everyKindOfPixel(int type) throws IOException {
        file("a/1.png", encode(image(2, 2, type), "png"));
        Tensor x = ImageFolder.of(folder, 2, 2).x();
        assertArrayEquals(
                new float[] {10 / 255f, 0, 200 / 255f},
                Rows.instance(x, 0)
                        .rows(1, 2)
                        .index(org.jauss.tensor.Index.at(0), org.jauss.tensor.Index.at(0))
                        .toArray());
    }

    @Test
    void greyIsReadAsItIsStored() throws IOException {
        for (int type : new int[] {BufferedImage.TYPE_BYTE_GRAY, BufferedImage.TYPE_USHORT_GRAY}) {
            var grey = new BufferedImage(2, 1, type);
            int white = type == BufferedImage.TYPE_BYTE_GRAY ? 255 : 65535;
            grey.getRaster().setSample(0, 0, 0, white / 5);
            grey.getRaster().setSample(1, 0, 0, white);
            file("a/1.png", encode(grey, "png"));
            assertArrayEquals(
                    new float[] {.2f, .2f, .2f, 1, 1, 1},
                    ImageFolder.of(folder, 1, 2).x().toArray());
            assertArrayEquals(
                    new float[] {.2f, 1},
                    ImageFolder.of(folder, 1, 2).grey().x().toArray());
        }
    }

    @Test
    void colourBecomesGrey() throws IOException {
        file("a/1.png", encode(2, 2, "png"));
        Tensor x = ImageFolder.of(folder, 2, 2).grey().x();
        assertEquals(Shape.of(1, 2, 2, 1), x.shape());
        assertEquals((.299f * 10 + .587f * 10 + .114f * 200) / 255, x.get(0, 1, 1, 0), 1e-6); // roundings
    }

    @Test
    void imagesComeToTheWantedSize() throws IOException {
        file("a/1.png", encode(4, 8, "png"));
        Tensor cropped = ImageFolder.of(folder, 2, 2).x();
        Tensor stretched = ImageFolder.of(folder, 2, 2).withFit(Fit.STRETCH).x();
        assertEquals(Shape.of(1, 2, 2, 3), cropped.shape());
        // By symmetry of the filter the mean over the image is that of the part: rows 0 to 3, columns 2 to 5 or 0 to 7.
        assertEquals(15 / 255f, mean(cropped, 0), 1e-6); // roundings
        assertEquals(35 / 255f, mean(cropped, 1), 1e-6);
        assertEquals(35 / 255f, mean(stretched, 1), 1e-6);
        assertTrue(stretched.get(0, 0, 1, 1) > cropped.get(0, 0, 1, 1), "it shows more");
        var thrown = assertThrows(
                DataException.class,
                () -> ImageFolder.of(folder, 2, 2).withFit(Fit.EXACT).x());
        assertEquals(
                folder.resolve("a").resolve("1.png") + ": must be of 2 x 2 pixels, but is of 4 x 8",
                thrown.getMessage());
        assertEquals(
                Shape.of(1, 4, 8, 3),
                ImageFolder.of(folder, 4, 8).withFit(Fit.EXACT).x().shape());
    }

    private static float mean(Tensor images, int channel) {
        return images.mean(0, 1, 2).get(channel);
    }

    @Test
    void resamplingInterpolatesAndAverages() {
        float[] line = {0, 1, 2, 3, 4, 5, 6, 7};
        double[] whole = {0, 0, 1, 8};
        assertArrayEquals(line, Resampling.resize(line, 1, 8, 1, whole, 1, 8));
        // Twice as large: a quarter and three quarters of neighbours, and the edge pixel at the edge.
        assertArrayEquals(
                new float[] {0, .25f, .75f, 1.25f},
                Arrays.copyOf(Resampling.resize(line, 1, 8, 1, whole, 1, 16), 4),
                1e-6f);
        // Half as large: weights 1, 3, 3, 1 (over 8) of four pixels; at the edge the first is missing.
        float[] half = Resampling.resize(line, 1, 8, 1, whole, 1, 4);
        assertArrayEquals(new float[] {5 / 7f, 2.5f, 4.5f, 7 - 5 / 7f}, half, 1e-6f);
        // A checkerboard becomes grey.
        float[] checkerboard = new float[16 * 16];
        for (int i = 0; i < checkerboard.length; i++) {
            checkerboard[i] = (i + i / 16) % 2;
        }
        for (float value : Resampling.resize(checkerboard, 16, 16, 1, new double[] {0, 0, 16, 16}, 4, 4)) {
            assertEquals(.5, value, .02); // the triangle is cut off at the edges
        }
    }

    @Test
    void brokenImagesAreNamedAndCanBeLeftOut() throws IOException {
        file("a/1.png", encode(2, 2, "png"));
        file("b/2.jpg", new byte[] {1, 2, 3});
        file("b/3.png", encode(2, 2, "png"));
        file("b/4.png", new byte[0]);
        ImageFolder all = ImageFolder.of(folder, 2, 2);
        Path broken = folder.resolve("b").resolve("2.jpg");
        var thrown = assertThrows(DataException.class, all::x);
        assertEquals(broken + ": at byte 0: is no image of a kind that ImageIO reads", thrown.getMessage());
        assertEquals(0, all.broken().size());
        ImageFolder sound = all.withoutBroken();
        assertEquals(2, sound.broken().size());
        assertEquals(thrown.getMessage(), sound.broken().get(0).getMessage());
        assertArrayEquals(new int[] {0, 1}, sound.labels().toArray());
        assertEquals(Shape.of(2, 2, 2, 3), sound.x().shape());
        assertEquals(2, sound.grey().broken().size());
    }

    @Test
    void imagesThatAreCutOffOrHaveFlippedBitsAreBroken() throws IOException {
        byte[] png = encode(40, 40, "png");
        broken("png", Arrays.copyOf(png, png.length - 20), "announces more than the file can hold");
        broken("png", Arrays.copyOf(png, png.length - 12), "the PNG file ends too early, before its last chunk");
        byte[] flipped = png.clone();
        flipped[50] ^= 1;
        broken("png", flipped, ": at byte 33: the checksum of a PNG chunk of ");
        byte[] jpg = encode(40, 40, "jpg");
        broken("jpg", Arrays.copyOf(jpg, jpg.length - 20), ": the image is damaged: ");
        broken("jpg", Arrays.copyOf(jpg, 100), ": cannot be decoded: ");
    }

    @Test
    void bombsAreRefused() throws IOException {
        byte[] png = encode(2, 2, "png");
        ByteBuffer.wrap(png).putInt(16, 60_000).putInt(20, 60_000);
        var crc = new CRC32();
        crc.update(png, 12, 17);
        ByteBuffer.wrap(png).putInt(29, (int) crc.getValue());
        broken("png", png, " pixels, but this one has 60000 x 60000");
    }

    private void broken(String format, byte[] bytes, String problem) throws IOException {
        Path file = file("a/1." + format, bytes);
        ImageFolder data = ImageFolder.of(folder, 2, 2);
        var thrown = assertThrows(DataException.class, data::x);
        assertTrue(thrown.getMessage().startsWith(file.toString()), thrown.getMessage());
        assertTrue(thrown.getMessage().contains(problem), thrown.getMessage());
        Files.delete(file);
    }

    @Test
    void foldersWithoutClassesOrImagesAreNamed() throws IOException {
        var thrown = assertThrows(DataException.class, () -> ImageFolder.of(folder, 2, 2));
        assertEquals(folder + ": there are no folders of classes in it", thrown.getMessage());
        Path empty = Files.createDirectory(folder.resolve("a"));
        thrown = assertThrows(DataException.class, () -> ImageFolder.of(folder, 2, 2));
        assertEquals(empty + ": there are no images in it", thrown.getMessage());
        Path missing = folder.resolve("none");
        thrown = assertThrows(DataException.class, () -> ImageFolder.of(missing, 2, 2));
        assertEquals(missing + ": there is no such file or folder", thrown.getMessage());
        var size = assertThrows(IllegalArgumentException.class, () -> ImageFolder.of(folder, 0, 2));
        assertEquals("ImageFolder: height must be at least 1, but is 0", size.getMessage());
    }
}
