package org.jauss.io;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.CRC32C;

/**
 * A CRC-32C in the metadata of a safetensors file, over all bytes of the file with its own eight digits as zeros. It
 * finds accidental damage, such as flipped bits; whoever wants to can make a file that passes.
 */
final class Checksum {
    /** The key in the metadata. */
    static final String KEY = "jauss.checksum";

    /** The digits before the sum is known. */
    static final String BLANK = "00000000";

    /** What comes before the digits. Within a string of JSON there is no quote without a backslash, so it is unique. */
    private static final byte[] BEFORE = ("\"" + KEY + "\":\"").getBytes(StandardCharsets.US_ASCII);

    private Checksum() {}

    /** Where the digits begin in a header, or -1 if there are none. */
    static int place(byte[] header) {
        for (int i = 0; i + BEFORE.length + BLANK.length() <= header.length; i++) {
            if (Arrays.equals(header, i, i + BEFORE.length, BEFORE, 0, BEFORE.length)) {
                return i + BEFORE.length;
            }
        }
        return -1;
    }

    static String digits(CRC32C sum) {
        return String.format(Locale.ROOT, "%08x", sum.getValue());
    }
}
