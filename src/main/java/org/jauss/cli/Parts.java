package org.jauss.cli;

import java.util.List;
import org.jauss.data.Dataset;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Shape;

/**
 * A data set in its parts.
 *
 * @param training what is learned from
 * @param validation what tells which epoch was best; may be empty
 * @param test what is judged by in the end
 * @param shape the shape of an image, {@code [H, W, C]}
 * @param classNames the names of the classes
 */
record Parts(
        Dataset<IntTensor> training,
        Dataset<IntTensor> validation,
        Dataset<IntTensor> test,
        Shape shape,
        List<String> classNames) {}
