package org.jauss.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** CSV files with their columns, categories and gaps. */
final class CsvTest {
    private static final String ANIMALS = """
            name,legs,colour,weight,kind
            Rex,4,brown,12.5,dog
            "Miez, the 2nd",4,black,3e0,cat
            Bello,3,brown,-7,dog
            Tweety,2,"yel""low",.25,bird
            """;

    @TempDir
    private Path folder;

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("a.csv"), text);
    }

    private static Csv<IntTensor> animals() {
        return Csv.ofClasses("kind").withCategories("colour").without("name");
    }

    @Test
    void columnsBecomeNumbersCategoriesAndClasses() throws IOException {
        Path file = file(ANIMALS);
        LearnedCsv<IntTensor> csv = animals().learn(file);
        Dataset<IntTensor> data = csv.read(file);
        assertEquals(List.of("legs", "colour", "weight"), csv.features());
        assertEquals(List.of("black", "brown", "yel\"low"), csv.categories("colour"));
        assertEquals(List.of(), csv.categories("legs"));
        assertEquals(List.of("bird", "cat", "dog"), csv.classNames());
        assertEquals(csv.classNames(), data.classNames());
        assertEquals(Shape.of(4, 3), data.x().shape());
        assertArrayEquals(
                new float[] {4, 1, 12.5f, 4, 0, 3, 3, 1, -7, 2, 2, .25f},
                data.x().toArray());
        assertArrayEquals(new int[] {2, 1, 2, 0}, data.labels().toArray());
    }

    @Test
    void whatWasLearnedReadsOtherFiles() throws IOException {
        LearnedCsv<IntTensor> csv = animals().learn(file(ANIMALS));
        Path test =
                file("more,kind,weight,colour,legs\nx,cat,1,yel\"\"low,4\n".replace("yel\"\"low", "\"yel\"\"low\""));
        Dataset<IntTensor> data = csv.read(test);
        assertArrayEquals(new float[] {4, 2, 1}, data.x().toArray());
        assertArrayEquals(new int[] {1}, data.labels().toArray());
        Path unlabelled = file("weight,colour,legs\n1,black,2\n");
        assertArrayEquals(new float[] {2, 0, 1}, csv.inputs(unlabelled).toArray());
        var thrown = assertThrows(DataException.class, () -> csv.read(unlabelled));
        assertEquals(
                unlabelled + ": at line 1: there is no column \"kind\" among \"weight, colour, legs\"",
                thrown.getMessage());
        Path unknown = file(ANIMALS.replace("black", "green"));
        thrown = assertThrows(DataException.class, () -> csv.read(unknown));
        assertEquals(
                unknown
                        + ": at line 3: column \"colour\": must be one of the 3 texts \"black, brown, yel\"low\", but is"
                        + " \"green\"",
                thrown.getMessage());
    }

    @Test
    void numbersArePredictedToo() throws IOException {
        Path file = file("a,b,c\n1,2,3\n4,5,6\n");
        Dataset<Tensor> data = Csv.ofNumbers("c", "a").learn(file).read(file);
        assertArrayEquals(new float[] {2, 5}, data.x().toArray());
        assertArrayEquals(new float[] {3, 1, 6, 4}, data.labels().toArray());
        assertEquals(List.of(), data.classNames());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void whateverEndsALine(String end) throws IOException {
        String text = "\uFEFFa,y\n1,p\n\n 2 , q \n3,\"p\"".replace("\n", end);
        Path file = file(text);
        Dataset<IntTensor> data = Csv.ofClasses("y").learn(file).read(file);
        assertArrayEquals(new float[] {1, 2, 3}, data.x().toArray());
        assertArrayEquals(new int[] {0, 1, 0}, data.labels().toArray());
    }

    @Test
    void otherFormats() throws IOException {
        Path file = file("1;'a;b';NA\n2;c;4\n");
        var format = CsvFormat.of()
                .withSeparator(';')
                .withQuote('\'')
                .withoutHeader()
                .withMissing("NA", "?");
        LearnedCsv<IntTensor> csv =
                Csv.ofClasses("2").withFormat(format).withConstantForMissing(-1).learn(file);
        assertEquals(List.of("a;b", "c"), csv.classNames());
        assertEquals(List.of("1", "3"), csv.features());
        assertArrayEquals(new float[] {1, -1, 2, 4}, csv.read(file).x().toArray());
        Files.write(file, Bytes.gzip(Files.readAllBytes(file)));
        assertArrayEquals(new float[] {1, -1, 2, 4}, csv.read(file).x().toArray());
    }

    @Test
    void classesThatAreNumbersAreSortedAsNumbers() throws IOException {
        Path file = file("x,y,c\n1,10,\n2,9,x\n3,-1,y\n");
        var csv =
                Csv.ofClasses("y").withCategories("c").withConstantForMissing(0).learn(file);
        assertEquals(List.of("-1", "9", "10"), csv.classNames());
        assertEquals(List.of("", "x", "y"), csv.categories("c"));
        assertArrayEquals(new int[] {2, 1, 0}, csv.read(file).labels().toArray());
        var given = Csv.ofClasses("y", List.of("9", "10", "-1")).without("c").learn(file);
        assertEquals(List.of("9", "10", "-1"), given.classNames());
        assertArrayEquals(new int[] {1, 0, 2}, given.read(file).labels().toArray());
    }

    @Test
    void missingValuesTakeTheMeanOfTheTrainingFile() throws IOException {
        Csv<IntTensor> csv = Csv.ofClasses("y").withMeanForMissing();
        LearnedCsv<IntTensor> learned = csv.learn(file("a,y\n1,p\n,p\n4,q\n"));
        assertArrayEquals(
                new float[] {2.5f, 7}, learned.read(file("a,y\n,p\n7,p\n")).x().toArray());
        Path none = file("a,y\n,p\n");
        var thrown = assertThrows(DataException.class, () -> csv.learn(none));
        assertEquals(none + ": at line 2: column \"a\": there is no number to take the mean of", thrown.getMessage());
    }

    @Test
    void aFileIsReadLineByLineToo() throws IOException {
        Path file = file(ANIMALS);
        LearnedCsv<IntTensor> csv = animals().learn(file);
        Dataset<IntTensor> data = csv.read(file);
        Batches<IntTensor> batches = csv.stream(file).batches(3);
        for (long epoch = 0; epoch < 2; epoch++) {
            try (var iterator = batches.epoch(epoch).iterator()) {
                Batch<IntTensor> first = iterator.next();
                assertArrayEquals(data.rows(0, 3).x().toArray(), first.x().toArray());
                assertArrayEquals(
                        data.rows(0, 3).labels().toArray(), first.labels().toArray());
                assertEquals(1, iterator.next().instances());
                assertFalse(iterator.hasNext());
            }
        }
        Path broken = file(ANIMALS.replace(".25", "x"));
        var iterator = csv.stream(broken).batches(1).iterator();
        for (int i = 0; i < 3; i++) {
            iterator.next();
        }
        assertThrows(DataException.class, iterator::next);
    }

    @Test
    void brokenFilesSayWhereAndWhy() throws IOException {
        broken("at line 1: there is no line", "");
        broken("at line 1: there is no column \"kind\" among \"a, b\"", "a,b\n");
        broken("at line 1: two columns have the name \"legs\"", "legs,legs,kind\n");
        broken("at line 3: there must be 5 fields, but are 4", ANIMALS.replace("3e0,", ""));
        broken("at line 3: there must be 5 fields, but are 6", ANIMALS.replace("3e0,", "3,3,"));
        broken(
                "at line 4: column \"legs\": must be a number within the range of floats, but is \"three\"",
                ANIMALS.replace("Bello,3", "Bello,three"));
        for (String bad : List.of("NaN", "1e99", "0x1p3", "1f", "Infinity", "1-", "\u0661", "1,5")) {
            broken(
                    "at line 4: column \"legs\": must be a number within the range of floats, but is \"" + bad + '"',
                    ANIMALS.replace("Bello,3", "Bello,\"" + bad + '"'));
        }
        broken("at line 4: column \"legs\": the value is missing: \"\"", ANIMALS.replace("Bello,3", "Bello,"));
        broken("at line 4: column \"colour\": the value is missing: \" \"", ANIMALS.replace("3,brown", "3, "));
        broken("at line 5: column \"kind\": the value is missing: \"\"", ANIMALS.replace("bird", ""));
        broken(
                "at line 4: column \"legs\": must be a number within the range of floats, but is \"?" + "9".repeat(39)
                        + "...\"",
                ANIMALS.replace("Bello,3", "Bello,\u001b" + "9".repeat(80)));
        broken("at line 1: what follows cannot be read: ", "a,\"b\nno end".repeat(3));
        broken("at line 4: what follows cannot be read: ", ANIMALS.replace("bird", "\"bird"));
    }

    @Test
    void otherEncodingsAndBrokenCompressionAreSaidToBe() throws IOException {
        Path file = folder.resolve("a.csv");
        Files.write(file, "kind\n\u00e4\n".getBytes(StandardCharsets.ISO_8859_1));
        broken(file, "at line 1: what follows cannot be read: java.nio.charset.MalformedInputException");
        byte[] whole = Bytes.gzip(ANIMALS.getBytes(StandardCharsets.UTF_8));
        Files.write(file, Arrays.copyOf(whole, whole.length - 9));
        broken(file, "at line 1: what follows cannot be read: java.io.EOFException");
        Files.delete(file);
        broken(file, "there is no such file or folder");
    }

    private void broken(String problem, String text) throws IOException {
        broken(file(text), problem);
    }

    private static void broken(Path file, String problem) {
        var thrown = assertThrows(DataException.class, () -> animals().learn(file));
        assertTrue(thrown.getMessage().startsWith(file + ": " + problem), thrown.getMessage());
    }

    @Test
    void wrongUseIsNamed() throws IOException {
        var nan = assertThrows(
                IllegalArgumentException.class, () -> Csv.ofClasses("y").withConstantForMissing(Float.NaN));
        assertEquals("csv: the constant for what is missing must be a number, but is NaN", nan.getMessage());
        var same = assertThrows(
                IllegalArgumentException.class, () -> CsvFormat.of().withSeparator('"'));
        assertEquals("csv: separator and quote must differ and end no line: \"\"\" and \"\"\"", same.getMessage());
        assertThrows(IllegalArgumentException.class, () -> CsvFormat.of().withQuote('\n'));
        LearnedCsv<IntTensor> csv = animals().learn(file(ANIMALS));
        var feature = assertThrows(IllegalArgumentException.class, () -> csv.categories("x"));
        assertEquals("csv: there is no feature x among [legs, colour, weight]", feature.getMessage());
    }

    /** The class path of this test without the library that reads CSV. */
    private static URL[] withoutFastCsv() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("fastcsv"))
                .map(entry -> {
                    try {
                        return Path.of(entry).toUri().toURL();
                    } catch (MalformedURLException e) {
                        throw new IllegalArgumentException(e);
                    }
                })
                .toArray(URL[]::new);
    }

    @Test
    void aMissingLibraryIsNamed() throws ReflectiveOperationException, IOException {
        try (var loader = new URLClassLoader(withoutFastCsv(), ClassLoader.getPlatformClassLoader())) {
            Class<?> csv = loader.loadClass(Csv.class.getName());
            Object animals = csv.getMethod("ofClasses", String.class).invoke(null, "kind");
            var thrown = assertThrows(
                    InvocationTargetException.class,
                    () -> csv.getMethod("learn", Path.class).invoke(animals, file(ANIMALS)));
            assertEquals(
                    "csv: needs FastCSV on the class path: the Maven artifact de.siegmar:fastcsv, version 4",
                    thrown.getCause().getMessage());
        }
    }
}
