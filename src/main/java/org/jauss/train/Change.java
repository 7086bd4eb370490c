package org.jauss.train;

import java.util.ArrayList;
import java.util.List;

/**
 * A setting that is not what it was.
 *
 * @param name where it is, such as {@code rule.learningRate.rate}
 * @param was its value then
 * @param is its value now
 */
record Change(String name, String was, String is) {
    /**
     * What differs between two texts. Those of records, {@code Sgd[learningRate=ConstantSchedule[rate=0.1], momentum=0.9]},
     * are compared component by component, if both are of one class.
     */
    static List<Change> between(String name, String was, String is) {
        if (was.equals(is)) {
            return List.of();
        }
        List<String> before = components(was);
        List<String> after = components(is);
        if (!names(before).equals(names(after)) || before.size() < 2) {
            return List.of(new Change(name, was, is));
        }
        List<Change> changes = new ArrayList<>();
        for (int i = 1; i < before.size(); i++) {
            String component = name(before.get(i));
            changes.addAll(between(
                    component.isEmpty() ? name : name + "." + component, value(before.get(i)), value(after.get(i))));
        }
        return changes;
    }

    /** The class of a record, with a {@code =} behind it, and its components; the text alone if it is none. */
    private static List<String> components(String text) {
        List<String> components = new ArrayList<>();
        int open = text.indexOf('[');
        if (open <= 0 || !text.endsWith("]")) {
            return List.of(text);
        }
        components.add(text.substring(0, open) + "=");
        int depth = 0;
        int start = open + 1;
        for (int i = start; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '[' ? 1 : c == ']' ? -1 : 0;
            if (depth < 0 || (depth == 0 && c == ',')) {
                components.add(text.substring(start, i).strip());
                start = i + 1;
            }
        }
        return components;
    }

    private static List<String> names(List<String> components) {
        return components.stream().map(Change::name).toList();
    }

    /** What is before the {@code =}; nothing if there is none. */
    private static String name(String component) {
        int equals = component.indexOf('=');
        return equals < 0 || component.substring(0, equals).contains("[") ? "" : component.substring(0, equals);
    }

    private static String value(String component) {
        String name = name(component);
        return name.isEmpty() ? component : component.substring(name.length() + 1);
    }

    @Override
    public String toString() {
        return name + ": " + was + " -> " + is;
    }
}
