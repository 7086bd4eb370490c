package org.jauss.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of NumPy, made byte by byte after the description of the format. */
final class NpyTest {
    @TempDir
    private Path folder;

    static byte[] npy(int version, String header, byte[] body) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        var bytes = ByteBuffer.allocate(12 + text.length + body.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
        if (version == 1) {
            bytes.putShort((short) text.length);
        } else {
            bytes.putInt(text.length);
        }
        bytes.put(text).put(body);
        byte[] result = new byte[bytes.position()];
        bytes.get(0, result);
        return result;
    }

    private static String header(String type, boolean fortran, String shape) {
        return "{'descr': '" + type + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': (" + shape
                + "), }\n";
    }

    private Npy read(byte[] bytes) throws IOException {
        return Npy.read(Files.write(folder.resolve("a.npy"), bytes));
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits.replace(" ", ""));
    }

    @Test
    void everyTypeInBothByteOrders() throws IOException {
        assertFloats("<f4", "0000803f 000000c0", 1, -2);
        assertFloats(">f4", "3f800000 c0000000", 1, -2);
        assertFloats("<f8", "000000000000f03f 9a9999999999b93f", 1, .1f);
        assertFloats(">f8", "3ff0000000000000 bfe0000000000000", 1, -.5f);
        assertFloats(
                "<f2",
                "003c 00c0 ff7b 0100 007c 00fc 0080",
                1,
                -2,
                65504,
                0x1p-24f,
                Float.POSITIVE_INFINITY,
                Float.NEGATIVE_INFINITY,
                -0f);
        assertFloats(">f2", "3c00 7e00", 1, Float.NaN);
        assertInts("|b1", "00 01 02", 0, 1, 1);
        assertInts("|i1", "ff 7f", -1, 127);
        assertInts("|u1", "ff 7f", 255, 127);
        assertInts("<i2", "feff 0100", -2, 1);
        assertInts(">u2", "fffe 0001", 65534, 1);
        assertInts("<i4", "feffffff 01000000", -2, 1);
        assertInts(">u4", "7fffffff 00000001", Integer.MAX_VALUE, 1);
        assertInts("<i8", "feffffffffffffff 0100000000000000", -2, 1);
        assertInts(">u8", "000000007fffffff 0000000000000001", Integer.MAX_VALUE, 1);
        assertFloats("<u8", "ffffffffffffffff 0000000000000080", 0x1p64f, 0x1p63f);
        assertFloats("<u4", "ffffffff", 0x1p32f);
    }

    private void assertFloats(String type, String body, float... expected) throws IOException {
        Npy array = read(npy(1, header(type, false, expected.length + ","), hex(body)));
        assertArrayEquals(expected, array.tensor().toArray());
        if (type.contains("f")) {
            var thrown = assertThrows(DataException.class, array::intTensor);
            assertEquals(
                    folder.resolve("a.npy") + ": must have whole numbers, but has floats of " + type.charAt(2)
                            + " bytes",
                    thrown.getMessage());
        }
    }

    private void assertInts(String type, String body, int... expected) throws IOException {
        Npy array = read(npy(1, header(type, false, expected.length + ","), hex(body)));
        assertArrayEquals(expected, array.intTensor().toArray());
        for (int i = 0; i < expected.length; i++) {
            assertEquals((float) expected[i], array.tensor().get(i));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void everyVersion(int version) throws IOException {
        assertArrayEquals(
                new float[] {1},
                read(npy(version, header("<f4", false, "1,"), hex("0000803f")))
                        .tensor()
                        .toArray());
    }

    @Test
    void theLayoutOfFortranIsTurnedRound() throws IOException {
        byte[] body = new byte[2 * 3 * 4];
        for (int i = 0; i < body.length; i++) {
            body[i] = (byte) i;
        }
        Tensor x = read(npy(1, header("|u1", true, "2, 3, 4"), body)).tensor();
        assertEquals(Shape.of(2, 3, 4), x.shape());
        for (int i = 0; i < 2; i++) {
            for (int j = 0; j < 3; j++) {
                for (int k = 0; k < 4; k++) {
                    assertEquals(i + 2 * j + 6 * k, x.get(i, j, k));
                }
            }
        }
    }

    @Test
    void scalarsAndEmptyArrays() throws IOException {
        assertEquals(
                1,
                read(npy(1, header("<f4", false, ""), hex("0000803f"))).tensor().item());
        assertEquals(
                Shape.of(0, 5),
                read(npy(1, header("<f4", true, "0, 5"), hex(""))).tensor().shape());
        assertEquals(
                Shape.of(0),
                read(npy(1, header("<i4", false, "0,"), hex(""))).intTensor().shape());
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        Path file = folder.resolve("x.npy");
        Tensor x = Tensor.of(Shape.of(2, 3), 1, 2, 3, 4, .5f, Float.NaN).rows(1, 2);
        Npy.of(x).write(file);
        assertEquals(Shape.of(1, 3), Npy.read(file).shape());
        assertArrayEquals(x.toArray(), Npy.read(file).tensor().toArray());
        Npy.of(IntTensor.of(3, -4)).write(file);
        assertArrayEquals(new int[] {3, -4}, Npy.read(file).intTensor().toArray());
        byte[] bytes = Files.readAllBytes(file);
        assertEquals(128 + 8, bytes.length, "the header is aligned to 64 bytes");
        assertEquals('\n', bytes[127]);
        Npy fortran = read(npy(1, header(">i2", true, "2, 2"), hex("0001 0002 0003 0004")));
        fortran.write(file);
        assertArrayEquals(new int[] {1, 3, 2, 4}, Npy.read(file).intTensor().toArray());
        assertEquals("Npy[2, 2] i2", fortran.toString());
        Files.write(file, Bytes.gzip(Files.readAllBytes(file)));
        assertArrayEquals(new int[] {1, 3, 2, 4}, Npy.read(file).intTensor().toArray());
        var thrown = assertThrows(
                DataException.class, () -> fortran.write(folder.resolve("none").resolve("x")));
        assertEquals(folder.resolve("none").resolve("x") + ": there is no such file or folder", thrown.getMessage());
    }

    @Test
    void brokenFilesSayWhereAndWhy() throws IOException {
        broken("at byte 0: announces more than the file can hold: 6 bytes", hex("934e"));
        broken("at byte 0: must begin with \\x93NUMPY, but does not", hex("934e554d505a 0100"));
        broken("at byte 6: the version must be 1, 2 or 3, but is 4", npy(4, "", hex("")));
        broken("at byte 8: announces more than the file can hold: 200 bytes", hex("934e554d5059 0100 c800"));
        broken(
                "at byte 8: a header has at most 65536 bytes, but this one 4294967295",
                hex("934e554d5059 0200 ffffffff"));
        String types = "at byte 10: the header must have 'descr' with a boolean, whole number or float of 1 to 8 bytes,"
                + " but is \"{'descr': '";
        broken(types, npy(1, header("<c8", false, "1,"), hex("00")));
        broken(types, npy(1, header("|O", false, "1,"), hex("00")));
        broken(
                "at byte 10: has elements of an unknown type: \"'descr': '<f1'\"",
                npy(1, header("<f1", false, "1,"), hex("00")));
        broken(
                "at byte 10: has elements of an unknown type: \"'descr': '<b8'\"",
                npy(1, header("<b8", false, "1,"), hex("00")));
        broken(
                "at byte 10: the header must have 'fortran_order' with True or False, but is \"",
                npy(1, "{'descr': '<f4', 'shape': ()}", hex("00000000")));
        broken(
                "at byte 10: the header must have 'shape' with lengths in brackets, but is \"",
                npy(1, header("<f4", false, "-1,"), hex("")));
        broken(
                "at byte 10: a shape has at most 64 lengths below 2^31, but this one is \"2147483648,\"",
                npy(1, header("<f4", false, "2147483648,"), hex("")));
        broken(
                "at byte 10: a shape has at most 64 lengths below 2^31, but this one is \"1,,1\"",
                npy(1, header("<f4", false, "1,,1"), hex("")));
        broken(
                "at byte 10: a shape has at most 64 lengths below 2^31, but this one is \"0,",
                npy(1, header("<f4", false, "0,".repeat(65)), hex("")));
        broken("at byte 10: needs more than the ", npy(1, header("<f4", false, "2147483647, 2147483647"), hex("")));
        broken(
                "at byte 10: announces more than the file can hold: 8 bytes",
                npy(1, header("<f4", false, "2,"), hex("00000000")));
        int end = 10 + header("<f4", false, "1,").length() + 4;
        broken(
                "at byte " + end + ": must end here, but goes on",
                npy(1, header("<f4", false, "1,"), hex("0000000000")));
        Npy large = read(npy(1, header("<i8", false, "2,"), hex("0000000000000000 0000008000000000")));
        var thrown = assertThrows(DataException.class, large::intTensor);
        assertEquals(
                folder.resolve("a.npy") + ": at byte "
                        + (10 + header("<i8", false, "2,").length() + 8)
                        + ": a whole number must be from -2^31 to 2^31 - 1, but is 2147483648",
                thrown.getMessage());
        Npy unsigned = read(npy(1, header("<u8", false, "1,"), hex("ffffffffffffffff")));
        thrown = assertThrows(DataException.class, unsigned::intTensor);
        assertTrue(thrown.getMessage().endsWith("but is 18446744073709551615"), thrown.getMessage());
    }

    private void broken(String problem, byte[] bytes) {
        var thrown = assertThrows(DataException.class, () -> read(bytes));
        assertTrue(thrown.getMessage().startsWith(folder.resolve("a.npy") + ": " + problem), thrown.getMessage());
    }

    @Test
    void archivesHoldNamedArrays() {
        Path file = folder.resolve("a.npz");
        var arrays = new LinkedHashMap<String, Npy>();
        arrays.put("x", Npy.of(Tensor.of(new float[][] {{1, 2}, {3, 4}})));
        arrays.put("labels", Npy.of(IntTensor.of(5, 6)));
        Npz.write(file, arrays);
        var read = Npz.read(file);
        assertEquals(List.of("x", "labels"), new ArrayList<>(read.keySet()));
        assertArrayEquals(new float[] {1, 2, 3, 4}, read.get("x").tensor().toArray());
        assertArrayEquals(new int[] {5, 6}, read.get("labels").intTensor().toArray());
        var thrown = assertThrows(DataException.class, () -> Npz.write(folder, arrays));
        assertTrue(thrown.getMessage().startsWith(folder + ": cannot be written: "), thrown.getMessage());
    }

    private static byte[] zip(String name, byte[] content) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry(name));
            zip.write(content);
            zip.closeEntry();
        }
        return bytes.toByteArray();
    }

    @Test
    void brokenArchivesSayWhereAndWhy() throws IOException {
        Path file = folder.resolve("a.npz");
        brokenArchive(file + ": is no sound zip archive: ", new byte[100]);
        brokenArchive(file + ": is no sound zip archive: ", new byte[0]);
        brokenArchive(
                file + "!readme.txt: must be an array, whose name ends with .npy", zip("readme.txt", new byte[1]));
        brokenArchive(file + "!x.npy: at byte 0: must begin with \\x93NUMPY, but does not", zip("x.npy", new byte[9]));
        byte[] array = npy(1, header("|u1", false, "4,"), new byte[] {1, 2, 3, 4});
        byte[] sound = zip("x.npy", array);
        byte[] flipped = sound.clone();
        flipped[30 + 5 + 60] ^= 4; // within the compressed data
        brokenArchive(file + "!x.npy: at byte ", flipped);
        Files.delete(file);
        var missing = assertThrows(DataException.class, () -> Npz.read(file));
        assertEquals(file + ": there is no such file or folder", missing.getMessage());
    }

    @Test
    void bombsAreRefused() throws IOException {
        // An array of zeros that is as large as it says, but takes more than the memory that a file may take as floats.
        long bytes = ByteSource.memory() / 4 + 1;
        var bomb = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bomb)) {
            zip.putNextEntry(new ZipEntry("x.npy"));
            zip.write(npy(1, header("|u1", false, bytes + ","), new byte[0]));
            byte[] zeros = new byte[1 << 16];
            for (long i = 0; i < bytes; i += zeros.length) {
                zip.write(zeros);
            }
            zip.closeEntry();
        }
        brokenArchive(folder.resolve("a.npz") + "!x.npy: at byte 10: needs more than the ", bomb.toByteArray());
        // More than its compressed form can hold.
        brokenArchive(
                folder.resolve("a.npz") + "!x.npy: at byte 10: announces more than the file can hold: 10000000 bytes",
                zip("x.npy", npy(1, header("|u1", false, "10000000,"), new byte[10])));
    }

    private void brokenArchive(String message, byte[] bytes) throws IOException {
        Path file = Files.write(folder.resolve("a.npz"), bytes);
        var thrown = assertThrows(DataException.class, () -> Npz.read(file));
        assertTrue(thrown.getMessage().startsWith(message), thrown.getMessage());
    }
}
