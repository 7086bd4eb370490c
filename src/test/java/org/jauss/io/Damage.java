package org.jauss.io;

import java.util.Arrays;
import org.jauss.tensor.Rng;

/** Damaged copies of a file, the same ones in each run: cut off, longer, with other bytes and flipped bits. */
final class Damage {
    private final byte[] whole;
    private final int headerEnd;
    private final Rng rng = Rng.of(20);

    /** Most of the damage is done to the first {@code headerEnd} bytes. */
    Damage(byte[] whole, int headerEnd) {
        this.whole = whole;
        this.headerEnd = headerEnd;
    }

    /** A copy that differs from the file. */
    byte[] next() {
        byte[] damaged;
        do {
            damaged = draw();
        } while (Arrays.equals(damaged, whole));
        return damaged;
    }

    private byte[] draw() {
        Rng draw = rng.split();
        byte[] damaged = switch (draw.below(0, 8)) {
            case 0, 1 -> Arrays.copyOf(whole, draw.below(1, whole.length));
            case 2 -> Arrays.copyOf(whole, whole.length + 1 + draw.below(1, 100));
            default -> whole.clone();
        };
        for (int i = 0; i <= draw.below(2, 4) && damaged.length > 0; i++) {
            int within = draw.below(3, 8) == 0 ? damaged.length : Math.min(damaged.length, headerEnd);
            int at = draw.below(10 + 3 * i, within);
            damaged[at] = draw.below(11 + 3 * i, 2) == 0
                    ? (byte) draw.bits(12 + 3 * i)
                    : (byte) (damaged[at] ^ 1 << draw.below(12 + 3 * i, 8));
        }
        return damaged;
    }
}
