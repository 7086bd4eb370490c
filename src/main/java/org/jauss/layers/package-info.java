/**
 * Layers: {@link org.jauss.layers.Layer} is one method, models are records or
 * {@link org.jauss.layers.Sequential Sequential} lists of layers, and
 * {@link org.jauss.layers.GaussianNormLayer} is the layer that the library is named for. Layers keep no state but their
 * parameters; features are the last axis everywhere.
 */
@NullMarked
package org.jauss.layers;

import org.jspecify.annotations.NullMarked;
