package org.jauss.losses;

import org.jauss.tensor.Index;
import org.jauss.tensor.Tensor;

/** Several embeddings for each instance, {@code [N, K, D]}. */
final class Embeddings {
    private Embeddings() {}

    /** One of them for all instances, {@code [N, D]}. */
    static Tensor of(Tensor all, int k) {
        return all.index(Index.all(), Index.at(k));
    }
}
