package org.jauss.data;

import java.util.Iterator;
import java.util.function.Supplier;

/**
 * Work in order: each call of {@code next} is quick or reads from a stream, by one thread at a time; the work itself is
 * a pure function that any thread may run.
 *
 * @param <R> what the work gives
 */
interface Tasks<R> extends Iterator<Supplier<R>>, AutoCloseable {
    @Override
    void close();
}
