package org.jauss.optimizers;

import java.util.LinkedHashMap;
import java.util.Map;

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
    public Map<String, float[]> state() {
        var state = new LinkedHashMap<String, float[]>();
        first.state().forEach((name, value) -> state.put(FIRST + name, value));
        next.state().forEach((name, value) -> state.put(NEXT + name, value));
        return state;
    }

    @Override
    public void resume(Map<String, float[]> state) {
        first.resume(part(FIRST, state));
        next.resume(part(NEXT, state));
    }

    private static Map<String, float[]> part(String prefix, Map<String, float[]> state) {
        var part = new LinkedHashMap<String, float[]>();
        state.forEach((name, value) -> {
            if (name.startsWith(prefix)) {
                part.put(name.substring(prefix.length()), value);
            }
        });
        return part;
    }
}
