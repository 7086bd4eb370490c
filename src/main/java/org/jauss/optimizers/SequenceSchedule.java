package org.jauss.optimizers;

/** See {@link Schedule#then}. */
record SequenceSchedule(Schedule first, long steps, Schedule next) implements Schedule {
    private static final String FIRST = "first.";
    private static final String NEXT = "next.";

    SequenceSchedule {
        Options.requireAbove0("Schedule.then", "steps", steps);
    }

    @Override
    public float at(long step) {
        return step < steps ? first.at(step) : next.at(step - steps);
    }

    @Override
    public State state() {
        return first.state().named(FIRST).with(next.state().named(NEXT));
    }

    @Override
    public void resume(State state) {
        var reader = new StateReader(state);
        State ofFirst = reader.like(first.state().named(FIRST));
        State ofNext = reader.like(next.state().named(NEXT));
        reader.requireFitAndEnd();
        first.resume(ofFirst.part(FIRST));
        next.resume(ofNext.part(NEXT));
    }
}
