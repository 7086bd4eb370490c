package org.jauss.tensor;

/**
 * What to take along one axis, for {@link Tensor#index}. With a static import of the factories an expression reads much
 * as in NumPy: {@code x.index(at(-1), all(), range(2, 5), newAxis())} is {@code x[-1, :, 2:5, None]}, and
 * {@code x.index(ellipsis(), every(-1))} is {@code x[..., ::-1]}.
 *
 * <p>Positions count from 0, or negative from the end. Axes that no index names are taken whole.
 */
public sealed interface Index {
    /**
     * One position; the axis goes away.
     *
     * @param position the position
     * @return the index
     */
    static Index at(int position) {
        return new At(position);
    }

    /**
     * The positions from one (inclusive) to another (exclusive).
     *
     * @param from the first position
     * @param to the position after the last; the length of the axis for the rest of it
     * @return the index
     */
    static Index range(int from, int to) {
        return new Range(from, to);
    }

    /**
     * The positions from one on.
     *
     * @param position the first position
     * @return the index
     */
    static Index from(int position) {
        return new From(position);
    }

    /**
     * The whole axis.
     *
     * @return the index
     */
    static Index all() {
        return new Every(1);
    }

    /**
     * Every so many positions of the whole axis, from the first on, or backwards from the last.
     *
     * @param step the distance, not 0; -1 reverses the axis
     * @return the index
     * @throws IllegalArgumentException if the step is 0
     */
    static Index every(int step) {
        return new Every(step);
    }

    /**
     * As many whole axes as are left for it; at most once.
     *
     * @return the index
     */
    static Index ellipsis() {
        return new Ellipsis();
    }

    /**
     * A new axis of length 1.
     *
     * @return the index
     */
    static Index newAxis() {
        return new NewAxis();
    }

    /**
     * One position.
     *
     * @param position the position
     */
    record At(int position) implements Index {
        @Override
        public String toString() {
            return "at(" + position + ")";
        }
    }

    /**
     * Positions in a row.
     *
     * @param from the first
     * @param to the one after the last
     */
    record Range(int from, int to) implements Index {
        @Override
        public String toString() {
            return "range(" + from + ", " + to + ")";
        }
    }

    /**
     * The rest of an axis.
     *
     * @param position its first position
     */
    record From(int position) implements Index {
        @Override
        public String toString() {
            return "from(" + position + ")";
        }
    }

    /**
     * Positions at equal distance.
     *
     * @param step the distance
     */
    record Every(int step) implements Index {
        /**
         * Checks the step.
         *
         * @param step the distance, not 0
         * @throws IllegalArgumentException if it is 0
         */
        public Every {
            if (step == 0) {
                throw new IllegalArgumentException("index: the step must not be 0");
            }
        }

        @Override
        public String toString() {
            return step == 1 ? "all()" : "every(" + step + ")";
        }
    }

    /** All axes that the other indices leave. */
    record Ellipsis() implements Index {
        @Override
        public String toString() {
            return "ellipsis()";
        }
    }

    /** An axis of length 1. */
    record NewAxis() implements Index {
        @Override
        public String toString() {
            return "newAxis()";
        }
    }
}
