package org.jauss.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.jauss.optimizers.Adam;
import org.jauss.optimizers.ReduceOnPlateau;
import org.jauss.optimizers.Rule;
import org.jauss.optimizers.Sgd;
import org.junit.jupiter.api.Test;

/** Of two descriptions only what differs is told. */
final class ChangeTest {
    private static String changes(Object was, Object is) {
        return Change.between("rule", was.toString(), is.toString()).toString();
    }

    @Test
    void onlyTheComponentsThatDifferAreTold() {
        assertEquals("[]", changes(Adam.of(.1f), Adam.of(.1f)));
        assertEquals("[rule.learningRate.rate: 0.02 -> 0.01]", changes(Adam.of(.02f), Adam.of(.01f)));
        assertEquals(
                "[rule.learningRate.rate: 0.1 -> 0.2, rule.momentum: 0.0 -> 0.9]",
                changes(Sgd.of(.1f), Sgd.of(.2f).withMomentum(.9f)));
    }

    @Test
    void aComponentWithoutANameHasThatOfItsOwner() {
        Rule patient = Sgd.of(ReduceOnPlateau.of(.1f).withPatience(3));
        assertEquals(
                "[rule.learningRate.rate: 0.1 -> 0.2, rule.learningRate.patience: 3 -> 4]",
                changes(patient, Sgd.of(ReduceOnPlateau.of(.2f).withPatience(4))));
    }

    @Test
    void anotherClassIsToldAsAWhole() {
        assertEquals("[rule: Lion[beta1=0.9] -> Adam[beta1=0.9]]", changes("Lion[beta1=0.9]", "Adam[beta1=0.9]"));
        assertEquals("[rule: A[x=1] -> A[x=1, y=2]]", changes("A[x=1]", "A[x=1, y=2]"));
        assertEquals("[rule: 5.0 -> unknown]", changes("5.0", "unknown"));
        assertEquals("[rule.x: [1, 2] -> [1, 3]]", changes("A[x=[1, 2]]", "A[x=[1, 3]]"));
    }
}
