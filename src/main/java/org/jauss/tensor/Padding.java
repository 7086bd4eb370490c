package org.jauss.tensor;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * How many positions are added around the axes that a window slides over: either as many as it takes for the result to
 * be {@code ceil(input / stride)} long, the odd one behind (as in Keras, and in PyTorch where the stride is 1), or given
 * numbers. What is added counts as zero in a convolution and as minus infinity in the search for a maximum.
 *
 * @param isSame whether it follows from the shapes
 * @param before how many are added in front, one number for all axes or one for each
 * @param after how many are added behind
 */
public record Padding(boolean isSame, List<Integer> before, List<Integer> after) {
    /**
     * A padding.
     *
     * @param isSame whether it follows from the shapes
     * @param before how many are added in front, one number for all axes or one for each
     * @param after how many are added behind
     * @throws IllegalArgumentException if there are no numbers or one is negative
     */
    public Padding {
        before = Sliding.checked("padding", 0, before);
        after = Sliding.checked("padding", 0, after);
    }

    /**
     * As many as it takes for the result to be {@code ceil(input / stride)} long, half of them in front, rounded down.
     *
     * @return the padding
     */
    public static Padding same() {
        return new Padding(true, List.of(0), List.of(0));
    }

    /**
     * None: windows stay within the input.
     *
     * @return the padding
     */
    public static Padding valid() {
        return of(0);
    }

    /**
     * The same number in front and behind.
     *
     * @param widths one number for all axes, or one for each
     * @return the padding
     * @throws IllegalArgumentException if there are no numbers or one is negative
     */
    public static Padding of(int... widths) {
        return of(widths, widths);
    }

    /**
     * Numbers for each side.
     *
     * @param before how many in front, one number for all axes or one for each
     * @param after how many behind
     * @return the padding
     * @throws IllegalArgumentException if there are no numbers or one is negative
     */
    public static Padding of(int[] before, int[] after) {
        return new Padding(
                false,
                Arrays.stream(before).boxed().toList(),
                Arrays.stream(after).boxed().toList());
    }

    @Override
    public String toString() {
        return isSame ? "same" : text(before) + (before.equals(after) ? "" : " to " + text(after));
    }

    /** Such as {@code 2x3}. */
    static String text(List<Integer> numbers) {
        return numbers.stream().map(Object::toString).collect(Collectors.joining("x"));
    }
}
