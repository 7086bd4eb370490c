package org.jauss.train;

/**
 * What one step gave.
 *
 * @param loss the task loss of the batch, before the step
 * @param auxiliaryLoss the sum of the weighted auxiliary losses, such as the likelihoods of normalisations
 * @param gradientNorm the norm of the gradients before clipping, statistics left out
 * @param learningRate the learning rate of the optimiser's first rule
 * @param instances the number of instances in the batch
 */
public record TrainingStep(
        double loss, double auxiliaryLoss, double gradientNorm, double learningRate, int instances) {}
