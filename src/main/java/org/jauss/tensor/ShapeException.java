package org.jauss.tensor;

/**
 * Shapes that do not fit an op. The message is one line: where, op, rule, shapes, the unequal numbers; for instance
 * {@code layers.2 LinearLayer[512 -> 10]: matmul: inner dimensions differ: [32, 784] x [512, 10] (784 != 512)}.
 */
public final class ShapeException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    /** The names of the containers, outermost first. */
    private final String path;

    /** The layer. */
    private final String where;

    /** Op, rule, shapes and numbers. */
    private final String problem;

    /**
     * A mismatch in an op.
     *
     * @param problem op, rule, shapes and numbers: {@code "matmul: inner dimensions differ: ..."}
     */
    public ShapeException(String problem) {
        this("", "", problem);
    }

    private ShapeException(String path, String where, String problem) {
        super((path + " " + where).strip() + (path.isEmpty() && where.isEmpty() ? "" : ": ") + problem);
        this.path = path;
        this.where = where;
        this.problem = problem;
    }

    /**
     * The same mismatch, seen from the container of the layer in which it happened.
     *
     * @param component the name under which the container knows the layer, such as {@code layers.2}
     * @param layer the layer; of nested layers the innermost stays in the message
     * @return an exception with the place in front
     */
    public ShapeException at(String component, Object layer) {
        String longer = path.isEmpty() ? component : component + "." + path;
        var located = new ShapeException(longer, where.isEmpty() ? layer.toString() : where, problem);
        located.setStackTrace(getStackTrace());
        return located;
    }
}
