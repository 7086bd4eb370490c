package org.jauss.data;

import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A column of numbers or of categories, and what is known of it. */
final class CsvColumn {
    private static final int MOST_CATEGORIES = 1 << 20;

    private final String name;
    private final @Nullable List<String> categories;
    private final Map<String, Integer> codes = new HashMap<>();
    private final boolean refused;
    private final float fill;

    /**
     * A column.
     *
     * @param name its name
     * @param categories the categories, of which a text gives the position; null for numbers
     * @param refused whether a missing value is an error
     * @param fill the number for a missing one
     */
    private CsvColumn(String name, @Nullable List<String> categories, boolean refused, float fill) {
        this.name = name;
        this.categories = categories;
        this.refused = refused;
        this.fill = fill;
        if (categories != null) {
            for (int i = 0; i < categories.size(); i++) {
                codes.put(categories.get(i), i);
            }
        }
    }

    String name() {
        return name;
    }

    /** The categories; none for numbers. */
    List<String> categories() {
        return categories == null ? List.of() : categories;
    }

    /** What a field says. */
    float parse(String field, CsvRecords records) {
        boolean missing = isMissing(name, field, refused, records);
        if (categories == null) {
            return missing ? fill : number(name, field, records);
        }
        Integer code = codes.get(missing ? "" : field.strip());
        if (code == null) {
            throw records.broken("column " + DataException.show(name) + ": must be one of the " + categories.size()
                    + " texts " + DataException.show(String.join(", ", categories)) + ", but is "
                    + DataException.show(field));
        }
        return code;
    }

    private static boolean isMissing(String name, String field, boolean refused, CsvRecords records) {
        boolean missing = records.isMissing(field);
        if (missing && refused) {
            throw records.broken(
                    "column " + DataException.show(name) + ": the value is missing: " + DataException.show(field));
        }
        return missing;
    }

    /** Decimal notation alone: Java would also take hexadecimal numbers, suffixes and names for what is not finite. */
    private static float number(String name, String field, CsvRecords records) {
        String text = field.strip();
        float value = Float.NaN;
        if (text.chars().allMatch(c -> (c >= '0' && c <= '9') || "+-.eE".indexOf(c) >= 0)) {
            try {
                value = Float.parseFloat(text);
            } catch (NumberFormatException e) {
                // Signs or points in wrong places: still no number.
            }
        }
        if (!Float.isFinite(value)) {
            throw records.broken("column " + DataException.show(name) + ": must be a number within the range of floats,"
                    + " but is " + DataException.show(field));
        }
        return value;
    }

    /** A column while its training file is read. */
    static final class Learning {
        private final String name;
        private final int position;
        private final boolean category;
        private final boolean refused;
        private final Set<String> texts = new LinkedHashSet<>();
        private double sum;
        private long count;

        Learning(String name, int position, boolean category, boolean refused) {
            this.name = name;
            this.position = position;
            this.category = category;
            this.refused = refused;
        }

        void see(List<String> fields, CsvRecords records) {
            String field = fields.get(position);
            boolean missing = isMissing(name, field, refused, records);
            if (category) {
                texts.add(missing ? "" : field.strip());
                if (texts.size() > MOST_CATEGORIES) {
                    throw records.broken("column " + DataException.show(name) + ": there are more than "
                            + MOST_CATEGORIES + " categories");
                }
            } else if (!missing) {
                sum += number(name, field, records);
                count++;
            }
        }

        /** The column of a feature; without a constant the mean stands for what is missing. */
        CsvColumn learned(float constant, CsvRecords records) {
            if (category) {
                return new CsvColumn(name, sorted(), refused, 0);
            }
            boolean mean = !refused && Float.isNaN(constant);
            if (mean && count == 0) {
                throw records.broken("column " + DataException.show(name) + ": there is no number to take the mean of");
            }
            return new CsvColumn(name, null, refused, mean ? (float) (sum / count) : constant);
        }

        /** The column of a class, of which the names may be fixed. */
        CsvColumn label(List<String> classes) {
            return new CsvColumn(name, category ? classes.isEmpty() ? sorted() : classes : null, true, 0);
        }

        /** Whole numbers by their size, with what is missing before them; other texts by their letters. */
        private List<String> sorted() {
            boolean numbers = texts.stream().allMatch(text -> text.matches("-?[0-9]{1,18}|"));
            return texts.stream()
                    .sorted(
                            numbers
                                    ? Comparator.comparing((String text) ->
                                                    text.isEmpty() ? Long.MIN_VALUE : Long.parseLong(text))
                                            .thenComparing(Comparator.naturalOrder())
                                    : Comparator.naturalOrder())
                    .toList();
        }
    }
}
