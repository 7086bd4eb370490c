package org.jauss.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;

/**
 * Images in folders, one folder for each class: {@code ROOT/cat/1.jpg}. The names of the folders are those of the
 * classes, in alphabetical order, and within a class the files are in alphabetical order. Files whose names do not end
 * with {@code png}, {@code jpg}, {@code jpeg}, {@code gif}, {@code bmp}, {@code tif} or {@code tiff} are ignored, and
 * folders within the folder of a class.
 *
 * <p>Images are decoded by the JDK's ImageIO whenever they are asked for. Transparency is ignored, and of a file with
 * several images the first counts. A broken image is an error that names the file.
 *
 * <p><b>Shape:</b> {@code [N, height, width, channels]}, from 0 to 1.
 */
public final class ImageFolder implements Dataset<IntTensor> {
    private static final int RGB = 3;
    private static final Pattern IMAGE = Pattern.compile(".*[.](png|jpe?g|gif|bmp|tiff?)", Pattern.CASE_INSENSITIVE);

    private final List<Path> files;
    private final IntTensor labels;
    private final List<String> classNames;
    private final ImageDecoder decoder;
    private final List<DataException> broken;

    private ImageFolder(
            List<Path> files,
            IntTensor labels,
            List<String> classNames,
            ImageDecoder decoder,
            List<DataException> broken) {
        this.files = files;
        this.labels = labels;
        this.classNames = classNames;
        this.decoder = decoder;
        this.broken = broken;
    }

    /**
     * Finds the images of a folder; in colour, and cropped in the middle to the wanted size.
     *
     * @param root the folder of the folders
     * @param height the height of the images of the data set, at least 1
     * @param width their width, at least 1
     * @return the data set
     * @throws IllegalArgumentException if a length is below 1
     * @throws DataException if a folder cannot be read, there are no classes, or a class has no images
     */
    public static ImageFolder of(Path root, int height, int width) {
        requireSize(height, width);
        List<Path> classes = list(root, Files::isDirectory);
        if (classes.isEmpty()) {
            throw DataException.of(root.toString(), "there are no folders of classes in it");
        }
        var files = new ArrayList<Path>();
        var labels = IntStream.builder();
        for (int c = 0; c < classes.size(); c++) {
            List<Path> images = list(
                    classes.get(c),
                    file -> !Files.isDirectory(file)
                            && IMAGE.matcher(name(file)).matches());
            if (images.isEmpty()) {
                throw DataException.of(classes.get(c).toString(), "there are no images in it");
            }
            files.addAll(images);
            for (int i = 0; i < images.size(); i++) {
                labels.add(c);
            }
        }
        return new ImageFolder(
                List.copyOf(files),
                IntTensor.of(labels.build().toArray()),
                classes.stream().map(ImageFolder::name).toList(),
                new ImageDecoder(height, width, RGB, Fit.CROP),
                List.of());
    }

    /**
     * Images of which nobody knows the class, as they are given to a trained model; in colour, and cropped in the middle
     * to the wanted size. They all have the label 0, and there are no names of classes.
     *
     * @param files the files
     * @param height the height of the images of the data set, at least 1
     * @param width their width, at least 1
     * @return the data set, in the order of the files
     * @throws IllegalArgumentException if a length is below 1
     */
    public static ImageFolder ofFiles(List<Path> files, int height, int width) {
        requireSize(height, width);
        var decoder = new ImageDecoder(height, width, RGB, Fit.CROP);
        return new ImageFolder(List.copyOf(files), IntTensor.of(new int[files.size()]), List.of(), decoder, List.of());
    }

    private static void requireSize(int height, int width) {
        Images.requireAtLeast("ImageFolder", "height", height, 1);
        Images.requireAtLeast("ImageFolder", "width", width, 1);
    }

    private static List<Path> list(Path folder, Predicate<Path> wanted) {
        try (var entries = Files.list(folder)) {
            return entries.filter(wanted)
                    .sorted(Comparator.comparing(ImageFolder::name))
                    .toList();
        } catch (IOException e) {
            throw DataException.unreadable(folder.toString(), e);
        }
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    /**
     * Another way to the wanted size.
     *
     * @param fit the way
     * @return the changed data set
     */
    public ImageFolder withFit(Fit fit) {
        return with(new ImageDecoder(decoder.height(), decoder.width(), decoder.channels(), fit));
    }

    /**
     * Grey images, of one channel: .299 red + .587 green + .114 blue.
     *
     * @return the changed data set
     */
    public ImageFolder grey() {
        return with(new ImageDecoder(decoder.height(), decoder.width(), 1, decoder.fit()));
    }

    private ImageFolder with(ImageDecoder other) {
        return new ImageFolder(files, labels, classNames, other, broken);
    }

    /**
     * Leaves broken images out. It decodes all images once to find them.
     *
     * @return the data set of the others
     */
    public ImageFolder withoutBroken() {
        var sound = new ArrayList<Path>();
        var theirs = IntStream.builder();
        var found = new ArrayList<>(broken);
        for (int i = 0; i < files.size(); i++) {
            try {
                read(0, i);
                sound.add(files.get(i));
                theirs.add(labels.at(i));
            } catch (DataException e) {
                found.add(e);
            }
        }
        return new ImageFolder(
                List.copyOf(sound), IntTensor.of(theirs.build().toArray()), classNames, decoder, List.copyOf(found));
    }

    /**
     * What {@link #withoutBroken} left out.
     *
     * @return for each broken image what is wrong with it; its size is their number
     */
    public List<DataException> broken() {
        return broken;
    }

    /**
     * The size of an image before it is brought to that of the data set.
     *
     * @param position its position in the data set
     * @return {@code [height, width]}
     * @throws DataException if the file cannot be read
     * @throws IndexOutOfBoundsException if there is no such position
     */
    public Shape sizeInFile(int position) {
        return ImageDecoder.size(files.get(position));
    }

    @Override
    public int instances() {
        return files.size();
    }

    @Override
    public Batch<IntTensor> read(long epoch, int... positions) {
        IntTensor chosen = labelsOf(positions);
        Shape shape = Shape.of(positions.length, decoder.height(), decoder.width(), decoder.channels());
        float[] x = new float[shape.size()];
        for (int n = 0; n < positions.length; n++) {
            decoder.read(files.get(positions[n]), x, n * shape.size(1, 4));
        }
        return new Batch<>(Tensor.of(shape, x), chosen);
    }

    @Override
    public IntTensor labelsOf(int... positions) {
        Rows.check(instances(), positions);
        return Rows.INTS.select(labels, positions);
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }
}
