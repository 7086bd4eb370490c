package org.jauss.data;

/** How an image comes to the size that is wanted. */
public enum Fit {
    /** It must have that size; any other is an error. */
    EXACT,
    /** It is resized, whatever becomes of its proportions. */
    STRETCH,
    /** The largest part in its middle that has the wanted proportions is resized; what is around it is cut off. */
    CROP
}
