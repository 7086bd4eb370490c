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
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        assertEntry("tensor \"a\" has dtype \"F16\": only F32 can be read", ENTRY.replace("F32", "F16"));
        assertEntry("unknown key \"more\" in a tensor", ENTRY.replace("}", ",'more':1}"));
        assertEntry("tensor \"a\" needs dtype, shape and two data_offsets", "'a':{}");
        assertEntry("tensor \"a\" needs dtype, shape and two data_offsets", ENTRY.replace("[0,8]", "[0,8,9]"));
        assertEntry(
                "tensor \"a\" of shape [3] needs 12 bytes, but its data_offsets [0, 8] have 8",
                ENTRY.replace("[2]", "[3]"));
        assertEntry(
                "tensor \"a\" of shape [2] needs 8 bytes, but its data_offsets [8, 0] have -8",
                ENTRY.replace("[0,8]", "[8,0]"));
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
        Path tooLong = file("{" + " ".repeat(3_000_000) + "}", 0);
        var e = assertThrows(UncheckedIOException.class, () -> Safetensors.metadata(tooLong));
        assertTrue(e.getMessage().contains("but it must have from 2 to 2097152"), e.getMessage());
    }

    /** A damaged file is either said to be damaged or, where only elements changed, read in full. */
    @Test
    void damagedFilesGiveNothingButTheExceptionsPromised() throws IOException {
        Path file = folder.resolve("model");
        Safetensors.write(file, parameters(), Map.of("key", "value"));
        byte[] whole = Files.readAllBytes(file);
        int headerEnd =
                8 + ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getInt();
        Rng rng = Rng.of(20);
        int failed = 0;
        for (int round = 0; round < 300; round++) {
            Rng draw = rng.split();
            byte[] damaged = draw.below(0, 4) == 0 ? Arrays.copyOf(whole, draw.below(1, whole.length)) : whole.clone();
            for (int i = 0; i <= draw.below(2, 4) && damaged.length > 0; i++) {
                int within = draw.below(3, 8) == 0 ? damaged.length : Math.min(damaged.length, headerEnd);
                damaged[draw.below(10 + 2 * i, within)] = (byte) draw.bits(11 + 2 * i);
            }
            Files.write(file, damaged);
            Map<String, Parameter> into = parameters();
            try {
                Safetensors.read(file, into);
            } catch (UncheckedIOException | IllegalArgumentException e) {
                failed++;
                assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
                assertEquals(1, e.getMessage().lines().count(), e.getMessage());
                parameters().forEach((name, p) -> assertArrayEquals(bits(p), bits(into.get(name)), name));
            }
        }
        assertTrue(failed > 200, failed + " of 300 damaged files were rejected");
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
        var parameters = new LinkedHashMap<String, Parameter>();
        float[] many = new float[40_000];
        Rng rng = Rng.of(3);
        for (int i = 0; i < many.length; i++) {
            many[i] = rng.normal(i);
        }
        parameters.put("layers.0.weight", Parameter.of(Shape.of(2, 3), 1, -2, 3, 1e-40f, Float.MAX_VALUE, -0f));
        parameters.put("scalar", Parameter.of(Shape.SCALAR, Float.NaN));
        parameters.put("none", Parameter.full(Shape.of(4, 0), 0));
        parameters.put("\u00e9 \"quoted\"", Parameter.of(Shape.of(1), Float.NEGATIVE_INFINITY));
        parameters.put("many", Parameter.of(Shape.of(200, 200), many));
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
