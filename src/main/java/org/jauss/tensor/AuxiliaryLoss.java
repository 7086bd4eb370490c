package org.jauss.tensor;

/**
 * A term that a layer added to the loss of a pass.
 *
 * @param source the layer that added it
 * @param weight its weight in the total loss
 * @param value the value of the term, before the weight
 */
public record AuxiliaryLoss(Object source, float weight, float value) {}
