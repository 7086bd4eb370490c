package org.jauss.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SafetensorsTest {
    private static final String ENTRY = "'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}";

    @TempDir
    private Path folder;

    @Test
    void whatIsWrittenIsReadBackToTheBit() {
        Map<String, Parameter> written = parameters();
        var metadata = Map.of("widths", "64,32", "quote \" \\ \n \u0001 \u2028", "\u00e9\u6f22\ud83d\ude00");
        Path file = folder.resolve("model.safetensors");
        Safetensors.write(file, written, metadata);
        Map<String, Parameter> read = parameters();
        read.values().forEach(parameter -> Arrays.fill(parameter.data(), 9));
        Safetensors.read(file, read);
        written.forEach((name, parameter) -> assertArrayEquals(bits(parameter), bits(read.get(name)), name));
        assertEquals(metadata, Safetensors.metadata(file));
    }

    @Test
    void theBytesAreThoseOfTheFormat() throws IOException {
        Path file = folder.resolve("bytes");
        var parameters = new LinkedHashMap<String, Parameter>();
        parameters.put("b", Parameter.of(Shape.of(1, 2), 1, -2));
        parameters.put("a", Parameter.of(Shape.SCALAR, .5f));
        Safetensors.write(file, parameters, Map.of("z", "1", "k", "v"));
        String json = json("{'__metadata__':{'k':'v','z':'1'},'b':{'dtype':'F32','shape':[1,2],'data_offsets':[0,8]},"
                + "'a':{'dtype':'F32','shape':[],'data_offsets':[8,12]}}");
        String padded = json + " ".repeat(7 - (json.length() + 7) % 8);
        ByteBuffer expected = ByteBuffer.allocate(8 + padded.length() + 12).order(ByteOrder.LITTLE_ENDIAN);
        expected.putLong(padded.length()).put(padded.getBytes(StandardCharsets.UTF_8));
        expected.putFloat(1).putFloat(-2).putFloat(.5f);
        assertArrayEquals(expected.array(), Files.readAllBytes(file));
        assertEquals(0, padded.length() % 8);
    }

    @Test
    void nothingAtAllCanBeWrittenAndRead() {
        Path file = folder.resolve("empty");
        Safetensors.write(file, Map.of(), Map.of());
        Safetensors.read(file, Map.of());
        assertEquals(Map.of(), Safetensors.metadata(file));
    }

    @Test
    void headersOfOtherWritersAreRead() throws IOException {
        Path file = file(
                "{\n 'b' : {'data_offsets' :[ 0, 4 ],\t'shape':[],'dtype':'F32'},\r\n"
                        + "'\\u0061\\n\\/':{'dtype':'F32','shape':[0,3],'data_offsets':[4,4]} }  ",
                4);
        Parameter b = Parameter.of(Shape.SCALAR, 5);
        Safetensors.read(file, Map.of("b", b, "a\n/", Parameter.full(Shape.of(0, 3), 0)));
        assertEquals(0, b.data()[0]);
    }

    @Test
    void aFileThatDoesNotFitChangesNothingAndSaysAllThatIsWrong() {
        Path file = folder.resolve("other");
        var written = new LinkedHashMap<String, Parameter>();
        written.put("same", Parameter.of(Shape.of(2), 1, 2));
        written.put("shape", Parameter.of(Shape.of(2), 1, 2));
        written.put("more\n", Parameter.of(Shape.of(2), 1, 2));
        Safetensors.write(file, written, Map.of());
        var wanted = new LinkedHashMap<String, Parameter>();
        wanted.put("same", Parameter.of(Shape.of(2), 7, 7));
        wanted.put("gone", Parameter.of(Shape.of(2), 7, 7));
        wanted.put("shape", Parameter.of(Shape.of(1, 2), 7, 7));
        var e = assertThrows(IllegalArgumentException.class, () -> Safetensors.read(file, wanted));
        assertEquals(
                file + ": does not fit the parameters: \"gone\" is missing, \"shape\" has shape [2] instead of [1, 2],"
                        + " \"more\\u000a\" is unexpected",
                e.getMessage());
        wanted.values().forEach(parameter -> assertArrayEquals(new float[] {7, 7}, parameter.data()));
    }

    @Test
    void longListsOfProblemsAreCut() {
        Path file = folder.resolve("none");
        Safetensors.write(file, Map.of(), Map.of());
        var wanted = new LinkedHashMap<String, Parameter>();
        for (int i = 0; i < 1000; i++) {
            wanted.put("p" + i, Parameter.of(Shape.SCALAR, 0));
        }
        var e = assertThrows(IllegalArgumentException.class, () -> Safetensors.read(file, wanted));
        assertTrue(e.getMessage().endsWith("\"p9\" is missing and 990 more"), e.getMessage());
    }

    @Test
    void malformedHeadersAreNamedWithTheRuleTheyBreak() throws IOException {
        assertMalformed("it has 3 bytes, fewer than the length of a header", new byte[3]);
        assertMalformed("at byte 0: a header of 0 bytes, but it must have from 2 to 0 (the file has 8)", new byte[8]);
        assertMalformed(
                "at byte 0: a header of 18446744073709551615 bytes, but it must have from 2 to 2 (the file has 10)",
                new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, '{', '}'});
        assertMalformed("at byte 8: the header must start with '{'", " {}", 0);
        assertMalformed("at byte 10: expected '\"'", "{ ", 0);
        assertMalformed("at byte 9: expected '\"'", "{1:2}", 0);
        assertMalformed("at byte 12: expected ':'", "{'a'1}", 0);
        assertMalformed("at byte 11: expected nothing more", "{} {}", 0);
        assertMalformed("at byte 65: the key \"a\" occurs twice", "{" + ENTRY + ",'a'", 8);
        assertMalformed("at byte 11: a string does not end", "{'a", 0);
        assertMalformed("at byte 11: a control character in a string", "{'a\n':1}", 0);
        assertMalformed("at byte 11: no such escape in a string", "{'\\x':1}", 0);
        assertMalformed("at byte 11: no such escape in a string", "{'\\u00g0':1}", 0);
        assertMalformed("at byte 9: expected '\"'", "{,}", 0);
        assertMalformed("at byte 9: no UTF-8", new byte[] {3, 0, 0, 0, 0, 0, 0, 0, '{', (byte) 0xC0, '}'});
        assertMalformed("at byte 29: expected '\"'", "{'__metadata__':{'k':1}}", 0);
    }

    @Test
    void malformedTensorsAreNamedWithTheRuleTheyBreak() throws IOException {
        assertEntry(
                "tensor \"a\" has dtype \"F8_E4M3\": only these can be read: BOOL, U8, I8, U16, I16, F16, BF16, U32, I32,"
                        + " F32, U64, I64, F64",
                ENTRY.replace("F32", "F8_E4M3"));
        assertEntry("unknown key \"more\" in a tensor", ENTRY.replace("}", ",'more':1}"));
        assertEntry("tensor \"a\" needs dtype, shape and two data_offsets", "'a':{}");
        assertEntry("tensor \"a\" needs dtype, shape and two data_offsets", ENTRY.replace("[0,8]", "[0,8,9]"));
        assertEntry(
                "tensor \"a\" of shape [3] needs 12 bytes, but its data_offsets [0, 8] have 8",
                ENTRY.replace("[2]", "[3]"));
        assertEntry(
                "tensor \"a\" of shape [2] needs 8 bytes, but its data_offsets [8, 0] have -8",
                ENTRY.replace("[0,8]", "[8,0]"));
        assertEntry("tensor \"a\" has 65 dimensions: at most 64", ENTRY.replace("[2]", "[2" + ",1".repeat(64) + "]"));
        assertEntry("tensor \"a\" has a dimension above 2^31 - 1", ENTRY.replace("[2]", "[2147483648]"));
        assertEntry(
                "tensor \"a\": shape: more than 2^31 - 1 elements: [65536, 65536]",
                ENTRY.replace("[2]", "[65536,65536]"));
        for (String number : List.of("-1", "1.0", "1e3", "01", "9007199254740992", "99999999999999999999", "null")) {
            assertEntry("expected a whole number from 0 to 2^53 - 1", ENTRY.replace("[2]", "[" + number + "]"));
        }
        assertMalformed("tensor \"a\" at data_offsets [0, 8] is outside the 7 bytes of data", "{" + ENTRY + "}", 7);
        assertMalformed("the tensors end at byte 8 of 9 bytes of data", "{" + ENTRY + "}", 9);
        String second = ENTRY.replace("'a'", "'b'");
        assertMalformed(
                "tensor \"b\" at data_offsets [4, 12] overlaps the tensor before it, which ends at 8",
                "{" + ENTRY + "," + second.replace("[0,8]", "[4,12]") + "}",
                12);
        assertMalformed(
                "tensor \"b\" at data_offsets [12, 20] leaves a gap before it, which ends at 8",
                "{" + ENTRY + "," + second.replace("[0,8]", "[12,20]") + "}",
                20);
    }

    @Test
    void deepAndLongHeadersDoNoHarm() throws IOException {
        int length = 2_000_000;
        assertThrows(UncheckedIOException.class, () -> Safetensors.metadata(file("{'a':".repeat(length / 5), 0)));
        assertThrows(UncheckedIOException.class, () -> Safetensors.metadata(file("{" + "[".repeat(length), 0)));
        assertThrows(
                UncheckedIOException.class,
                () -> Safetensors.metadata(file("{'a':{'shape':[0" + ",0".repeat(length) + "]}}", 0)));
        int most = SafetensorsReader.longestHeader();
        var strings = new StringBuilder("{'__metadata__':{'':''"); // what takes the most memory for its length
        for (int i = 0; strings.length() < most - 20; i++) {
            strings.append(",'").append(Integer.toString(i, 36)).append("':''");
        }
        assertTrue(Safetensors.metadata(file(strings + "}}", 0)).size() > most / 15);
        Path tooLong = file("{" + " ".repeat(most) + "}", 0);
        var e = assertThrows(UncheckedIOException.class, () -> Safetensors.metadata(tooLong));
        assertTrue(e.getMessage().contains("but it must have from 2 to " + most + " "), e.getMessage());
    }

    /** A damaged file is either said to be damaged or, where only elements changed, read in full. */
    @Test
    void damagedFilesGiveNothingButTheExceptionsPromised() throws IOException {
        Path file = folder.resolve("model");
        Safetensors.write(file, small(), Map.of("key", "value"));
        byte[] whole = Files.readAllBytes(file);
        var damage = new Damage(whole, headerEnd(whole));
        int failed = 0;
        for (int round = 0; round < 1000; round++) {
            Files.write(file, damage.next());
            Map<String, Parameter> into = small();
            try {
                Safetensors.read(file, into);
            } catch (UncheckedIOException | IllegalArgumentException e) {
                failed++;
                assertNamed(file, e);
                small().forEach((name, p) -> assertArrayEquals(bits(p), bits(into.get(name)), name));
            }
            try {
                Safetensors.read(file);
            } catch (UncheckedIOException | IllegalArgumentException e) {
                assertNamed(file, e);
            }
        }
        assertTrue(failed > 600, failed + " of 1000 damaged files were rejected");
    }

    private static void assertNamed(Path file, RuntimeException e) {
        assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    }

    private static int headerEnd(byte[] file) {
        return 8 + ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt();
    }

    // ---- Files of other programs ----

    /** A file with one vector of a type, whose elements are the given bytes, little-endian. */
    private Path foreign(String dtype, int length, String bytes) throws IOException {
        byte[] data = HexFormat.of().parseHex(bytes.replace(" ", ""));
        Path file = file(
                "{'a':{'dtype':'" + dtype + "','shape':[" + length + "],'data_offsets':[0," + data.length + "]}}", 0);
        Files.write(file, data, StandardOpenOption.APPEND);
        return file;
    }

    /** The bytes were written down by hand from IEEE 754 and two's complement. */
    @ParameterizedTest
    @CsvSource({
        "BOOL, 00 01, 0 1",
        "U8, 00 80 ff, 0 128 255",
        "I8, 00 80 ff, 0 -128 -1",
        "U16, 0100 ffff, 1 65535",
        "I16, 0100 ffff 0080, 1 -1 -32768",
        "F16, 003c 00c0 ff7b 0100 0004 0080 5535 007c 00fc 007e,"
                + " 1 -2 65504 0x1p-24 0x1p-14 -0 0.33325195 Infinity -Infinity NaN",
        "BF16, 803f 20c1 8000 807f c07f, 1 -10 1.17549435E-38 Infinity NaN",
        "U32, 00000080 01000000 00ffffff, 2147483648 1 4294967040",
        "I32, 00000080 ffffffff 00000001, -2147483648 -1 16777216",
        "U64, 0000000000000080 00000000 00ffffff 0300000000000000, 0x1p63 0x0.ffffffp64 3",
        "I64, 0000000000000080 ffffffffffffffff 000000000000f03f, -0x1p63 -1 0x1.ff8p61",
        "F64, 000000000000f03f 000000000000f0ff 000000000000f87f 0000000000000080, 1 -Infinity NaN -0",
    })
    void elementsOfOtherTypesAreReadExactly(String dtype, String bytes, String numbers) throws IOException {
        float[] expected = floats(numbers);
        Path file = foreign(dtype, expected.length, bytes);
        Tensor all = Safetensors.read(file).get("a");
        assertArrayEquals(expected, all.toArray());
        Parameter a = Parameter.full(Shape.of(expected.length), 9);
        Safetensors.read(file, Map.of("a", a));
        assertArrayEquals(expected, a.data());
    }

    private static float[] floats(String numbers) {
        String[] words = numbers.split(" ", -1);
        float[] floats = new float[words.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = Float.parseFloat(words[i]);
        }
        return floats;
    }

    @ParameterizedTest
    @CsvSource({
        "BOOL, 01 02, 1, 2",
        "U32, ffffffff, 0, 4294967295",
        "I32, 00000000 01000001, 4, 16777217",
        "U64, ffffffffffffffff, 0, 18446744073709551615",
        "U64, 0100000000000080, 0, 9223372036854775809",
        "I64, ffffffffffffff7f, 0, 9223372036854775807",
        "I64, 0000000000000000 0100000000002000, 8, 9007199254740993",
        "F64, 000000000000f03f 9a9999999999b93f, 8, 0.1",
        "F64, 000000000000f07e, 0, 2.7430620343968443E303",
    })
    void elementsThatNoFloatHoldsAreNamed(String dtype, String bytes, int at, String number) throws IOException {
        int length = bytes.split(" ", -1).length;
        Path file = foreign(dtype, length, bytes);
        int dataStart = headerEnd(Files.readAllBytes(file));
        Parameter a = Parameter.full(Shape.of(length), 9);
        for (Executable read :
                List.<Executable>of(() -> Safetensors.read(file), () -> Safetensors.read(file, Map.of("a", a)))) {
            var e = assertThrows(IllegalArgumentException.class, read);
            assertEquals(
                    file + ": at byte " + (dataStart + at) + ": tensor \"a\" has the " + dtype + " " + number
                            + ", which no float32 holds exactly",
                    e.getMessage());
        }
        assertEquals(9, a.data()[0]);
    }

    @Test
    void everyHalfIsReadAsTheFormulaSays() throws IOException {
        var halves = ByteBuffer.allocate(2 << 16).order(ByteOrder.LITTLE_ENDIAN);
        for (int bits = 0; bits < 1 << 16; bits++) {
            halves.putShort((short) bits);
        }
        Path file = foreign("F16", 1 << 16, HexFormat.of().formatHex(halves.array()));
        float[] read = Safetensors.read(file).get("a").toArray();
        for (int bits = 0; bits < 1 << 16; bits++) {
            int exponent = bits >> 10 & 31;
            int fraction = bits & 1023;
            double magnitude = exponent == 0
                    ? fraction / 1024.0 * Math.pow(2, -14)
                    : exponent == 31
                            ? fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN
                            : (1 + fraction / 1024.0) * Math.pow(2, exponent - 15);
            assertEquals(bits >> 15 == 0 ? magnitude : -magnitude, read[bits], "half " + bits);
        }
    }

    /** A file with holes takes no room on the disk, and is as long as it says. */
    @Test
    void moreThanMemoryHoldsIsRefusedAtOnce() throws IOException {
        long elements = Integer.MAX_VALUE;
        Path file = file("{'a':{'dtype':'U8','shape':[" + elements + "],'data_offsets':[0," + elements + "]}}", 0);
        try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[1]), channel.size() + elements - 1);
        }
        var e = assertThrows(UncheckedIOException.class, () -> Safetensors.read(file));
        assertEquals(
                file + ": its tensors have 2147483647 elements, more than half of the memory of this JVM holds: give it"
                        + " more with -Xmx",
                e.getMessage());
    }

    @Test
    void aFileIsReplacedAsAWholeOrNotAtAll() throws IOException {
        Path file = folder.resolve("model");
        Safetensors.write(file, Map.of("a", Parameter.of(Shape.SCALAR, 1)), Map.of());
        Safetensors.write(file, Map.of("a", Parameter.of(Shape.SCALAR, 2)), Map.of());
        Parameter a = Parameter.of(Shape.SCALAR, 0);
        Safetensors.read(file, Map.of("a", a));
        assertEquals(2, a.data()[0]);
        assertEquals(List.of(file), files());

        byte[] before = Files.readAllBytes(file);
        String unpaired = "\ud800";
        assertThrows(UncheckedIOException.class, () -> Safetensors.write(file, Map.of(), Map.of(unpaired, "")));
        assertArrayEquals(before, Files.readAllBytes(file));
        assertEquals(List.of(file), files());
    }

    @Test
    void aFailedWriteLeavesNothingBehind() throws IOException {
        Path inTheWay = Files.createDirectories(folder.resolve("folder/inner")).getParent();
        var taken = assertThrows(UncheckedIOException.class, () -> Safetensors.write(inTheWay, Map.of(), Map.of()));
        assertTrue(taken.getMessage().startsWith(inTheWay + ": cannot be written: "), taken.getMessage());
        assertEquals(List.of(inTheWay), files());
        Path nowhere = folder.resolve("no/where");
        var missing = assertThrows(UncheckedIOException.class, () -> Safetensors.write(nowhere, Map.of(), Map.of()));
        assertEquals(nowhere + ": cannot be written: there is no such file or folder", missing.getMessage());
        var reserved = Map.of("__metadata__", Parameter.of(Shape.SCALAR, 1));
        var name = assertThrows(
                IllegalArgumentException.class, () -> Safetensors.write(folder.resolve("r"), reserved, Map.of()));
        assertEquals("safetensors: no parameter can have the name __metadata__", name.getMessage());
        assertFalse(Files.exists(folder.resolve("r")));
    }

    @Test
    void whatCannotBeReadIsSaidToBe() {
        Path missing = folder.resolve("missing");
        var e = assertThrows(UncheckedIOException.class, () -> Safetensors.read(missing, Map.of()));
        assertEquals(missing + ": cannot be read: there is no such file or folder", e.getMessage());
        var directory = assertThrows(UncheckedIOException.class, () -> Safetensors.metadata(folder));
        assertTrue(directory.getMessage().startsWith(folder + ": "), directory.getMessage());
    }

    private static Map<String, Parameter> parameters() {
        Map<String, Parameter> parameters = small();
        float[] many = new float[40_000];
        Rng rng = Rng.of(3);
        for (int i = 0; i < many.length; i++) {
            many[i] = rng.normal(i);
        }
        parameters.put("many", Parameter.of(Shape.of(200, 200), many));
        return parameters;
    }

    private static Map<String, Parameter> small() {
        var parameters = new LinkedHashMap<String, Parameter>();
        parameters.put("layers.0.weight", Parameter.of(Shape.of(2, 3), 1, -2, 3, 1e-40f, Float.MAX_VALUE, -0f));
        parameters.put("scalar", Parameter.of(Shape.SCALAR, Float.NaN));
        parameters.put("none", Parameter.full(Shape.of(4, 0), 0));
        parameters.put("\u00e9 \"quoted\"", Parameter.of(Shape.of(1), Float.NEGATIVE_INFINITY));
        return parameters;
    }

    private static int[] bits(Parameter parameter) {
        int[] bits = new int[parameter.data().length];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(parameter.data()[i]);
        }
        return bits;
    }

    private List<Path> files() throws IOException {
        try (var files = Files.list(folder)) {
            return files.toList();
        }
    }

    /** JSON with its quotes; a quote in this test is easier to read as an apostrophe. */
    private static String json(String text) {
        return text.replace('\'', '"');
    }

    private Path file(String header, int data) throws IOException {
        byte[] text = json(header).getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + text.length + data).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(text.length).put(text);
        return Files.write(Files.createTempFile(folder, "header", ""), bytes.array());
    }

    private void assertEntry(String rule, String entry) throws IOException {
        Path file = file("{" + entry + "}", 8);
        var e = assertThrows(UncheckedIOException.class, () -> Safetensors.metadata(file), entry);
        assertTrue(e.getMessage().startsWith(file + ": is no valid safetensors file: at byte "), e.getMessage());
        assertTrue(e.getMessage().endsWith(": " + rule), e.getMessage());
    }

    private void assertMalformed(String rule, String header, int data) throws IOException {
        assertMalformed(rule, file(header, data));
    }

    private void assertMalformed(String rule, byte[] content) throws IOException {
        assertMalformed(rule, Files.write(folder.resolve("raw"), content));
    }

    private static void assertMalformed(String rule, Path file) {
        var e = assertThrows(UncheckedIOException.class, () -> Safetensors.metadata(file));
        assertEquals(file + ": is no valid safetensors file: " + rule, e.getMessage());
    }
}
