package org.jauss.data;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * The chunks of a PNG file: their lengths must fit into the file and their checksums be right. ImageIO checks neither
 * before it believes them.
 */
final class PngChunks {
    private static final long SIGNATURE = 0x89504E470D0A1A0AL;
    private static final int END = 0x49454E44; // IEND

    private PngChunks() {}

    /** Checks the chunks, if this is a PNG file at all. */
    static void check(String file, byte[] bytes) {
        ByteBuffer png = ByteBuffer.wrap(bytes);
        if (bytes.length < Long.BYTES || png.getLong() != SIGNATURE) {
            return;
        }
        int type = 0;
        while (type != END) {
            int start = png.position();
            if (png.remaining() < 12) {
                throw DataException.at(file, start, "the PNG file ends too early, before its last chunk");
            }
            long length = Integer.toUnsignedLong(png.getInt());
            if (length > png.remaining() - 8) {
                throw DataException.at(file, start, "a PNG chunk announces more than the file can hold: " + length);
            }
            type = png.getInt();
            var crc = new CRC32();
            crc.update(bytes, start + 4, (int) length + 4);
            png.position(start + 8 + (int) length);
            if (png.getInt() != (int) crc.getValue()) {
                throw DataException.at(file, start, "the checksum of a PNG chunk of " + length + " bytes is wrong");
            }
        }
    }
}
