package org.jauss.train;

import org.jauss.optimizers.ReduceOnPlateau;

/**
 * Shows a number of the history to a schedule that drops when the number no longer gets better.
 *
 * <pre>{@code
 * var plateau = ReduceOnPlateau.of(1e-3f).withPatience(3);
 * Trainer.of(model, loss, Optimizer.of(model.parameters(), Adam.of(plateau)))
 *         .withValidation(heldOut.batches(256))
 *         .with(new PlateauListener(plateau, "validation.loss"))
 * }</pre>
 *
 * @param schedule the schedule of the optimiser, which keeps its state
 * @param series the series of the history, of which the schedule sees the number behind each epoch
 */
public record PlateauListener(ReduceOnPlateau schedule, String series) implements TrainingListener {
    @Override
    public void epochEnded(Training training) {
        boolean unused = schedule.observe(training.needed(series, this));
    }
}
