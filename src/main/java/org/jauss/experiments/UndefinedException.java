package org.jauss.experiments;

/** What a cell should measure is not defined for its values, such as batch norm over a batch of one instance. */
public final class UndefinedException extends ArithmeticException {
    private static final long serialVersionUID = 1;

    /**
     * Says what is not defined.
     *
     * @param message what is not defined
     */
    public UndefinedException(String message) {
        super(message);
    }
}
