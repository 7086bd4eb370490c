package org.jauss.cli;

import java.util.List;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What the constants of enums are called on the command line. */
final class OptionValue {
    private OptionValue() {}

    /** {@code FASHION_MNIST} as {@code fashion-mnist}. */
    static String of(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Reads such names, in capitals as well; of a wrong one it says which there are. */
    static <E extends Enum<E>> ITypeConverter<E> converter(Class<E> type) {
        List<E> constants = List.of(type.getEnumConstants());
        return text -> constants.stream()
                .filter(constant -> of(constant).equalsIgnoreCase(text))
                .findFirst()
                .orElseThrow(
                        () -> new TypeConversionException("must be one of " + constants + ", but is '" + text + "'"));
    }
}
