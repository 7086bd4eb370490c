package org.jauss.cli;

import java.util.Locale;

/** What the constants of enums are called on the command line. */
final class OptionValue {
    private OptionValue() {}

    /** {@code FASHION_MNIST} as {@code fashion-mnist}. */
    static String of(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
