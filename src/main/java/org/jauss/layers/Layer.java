package org.jauss.layers;

import java.util.Map;
import org.jauss.tensor.Parameter;
import org.jauss.tensor.Shape;
import org.jauss.tensor.Tensor;

/**
 * A function of tensors with parameters. A lambda or a method such as {@code Tensor::relu} is a layer without any.
 *
 * <p>Layers and models with parameters are records: the names of their components become the names of the parameters,
 * as in {@code layers.1.mean}. A class that is no record overrides {@link #visit}.
 */
@FunctionalInterface
public interface Layer {
    /**
     * Applies the layer, in the mode of the pass of {@code x}.
     *
     * @param x the input
     * @return the output, in the same pass
     * @throws org.jauss.tensor.ShapeException if the shape of {@code x} does not fit
     */
    Tensor forward(Tensor x);

    /**
     * Shows the parameters and layers that this layer directly consists of, in order. The default takes them from the
     * components of a record: parameters, layers, and lists of them, whose names are counted. Any other class is
     * taken to have none.
     *
     * @param visitor sees them
     * @throws IllegalStateException if parameters or layers would be missed: held by a class that is no record, by a
     *     lambda, or by a component that is neither one of them nor a list
     */
    default void visit(Visitor visitor) {
        Components.visit(this, visitor);
    }

    /**
     * All parameters of this layer and the layers within, by name, in order of declaration. A parameter used twice goes
     * by its first name.
     *
     * @return name to parameter
     */
    default Map<String, Parameter> parameters() {
        return Components.parameters(this);
    }

    /**
     * This layer, under the empty name, and all layers within, by path, in order of declaration.
     *
     * @return path to layer
     */
    default Map<String, Layer> layersByPath() {
        return Components.layers(this);
    }

    /**
     * What this layer or model computes and keeps, layer by layer: shapes, parameters, multiply-adds and activation
     * memory. It is found out by running the model, on zeros, so that it holds for any graph.
     *
     * @param instance the shape of one instance of the input, without the axis of instances: {@code [28, 28, 1]}
     * @return the summary; its text is a table
     * @throws org.jauss.tensor.ShapeException if the shape does not fit
     */
    default Summary summary(Shape instance) {
        return Summary.of(this, instance);
    }

    /** Sees what a layer consists of. */
    interface Visitor {
        /**
         * A parameter.
         *
         * @param name its name within the layer
         * @param parameter the parameter
         */
        void parameter(String name, Parameter parameter);

        /**
         * A layer within the layer.
         *
         * @param name its name within the layer
         * @param inner the layer
         */
        void layer(String name, Layer inner);
    }
}
