package org.jauss.examples.experiments;

import java.util.List;

/**
 * A figure that was measured earlier, in float64 by PyTorch, to stand beside the one here.
 *
 * @param figure the figure, as it was reported
 * @param labels the labels of the row that it belongs to, in the order of its axes
 */
record Earlier(String figure, List<String> labels) {
    Earlier {
        labels = List.copyOf(labels);
    }

    static Earlier of(String figure, Object... labels) {
        return new Earlier(
                figure, List.of(labels).stream().map(Object::toString).toList());
    }
}
