package org.jauss.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Arrays go from pass to pass, and what nobody asks for is let go. */
final class WorkspaceTest {
    private static Set<float[]> arrays() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }

    /** Ends a pass without leaving the workspace to other tests. */
    private static void endPass(Workspace workspace) {
        Workspace.giveBack(workspace);
        Set<Workspace> others = new HashSet<>();
        for (Workspace next = Workspace.borrow(); next != workspace; next = Workspace.borrow()) {
            assertTrue(others.add(next));
            if (others.size() > 64) {
                return; // it was one too many, and not kept
            }
        }
    }

    @Test
    void arraysAreUsedAgain() {
        Workspace workspace = new Workspace();
        float[] five = workspace.lend(5);
        float[] other = workspace.lend(5);
        assertNotSame(five, other);
        assertEquals(5, five.length);
        endPass(workspace);
        assertEquals(10, workspace.idleFloats());
        Set<float[]> again = arrays();
        again.add(workspace.lend(5));
        again.add(workspace.lend(5));
        assertTrue(again.contains(five) && again.contains(other));
        assertFalse(again.contains(workspace.lend(5)));
        assertEquals(0, workspace.idleFloats());
    }

    @Test
    void anArrayCanComeBackEarlyOrStayAway() {
        Workspace workspace = new Workspace();
        float[] early = workspace.lend(7);
        float[] kept = workspace.lend(7);
        assertTrue(workspace.takeBack(early));
        assertFalse(workspace.takeBack(early), "twice");
        assertSame(early, workspace.lend(7));
        assertTrue(workspace.forget(kept));
        assertFalse(workspace.takeBack(kept), "it is the user's now");
        assertFalse(workspace.takeBack(new float[7]), "a stranger");
        endPass(workspace);
        assertEquals(7, workspace.idleFloats());
    }

    @Test
    void manyLengths() {
        Workspace workspace = new Workspace();
        for (int length = 0; length < 1000; length++) {
            assertEquals(length, workspace.lend(length).length);
        }
        endPass(workspace);
        assertEquals(999 * 1000 / 2, workspace.idleFloats());
        for (int length = 0; length < 1000; length++) {
            assertEquals(length, workspace.lend(length).length);
        }
        assertEquals(0, workspace.idleFloats());
    }

    @Test
    void whatNoPassAsksForIsLetGo() {
        Workspace workspace = new Workspace();
        workspace.lend(100);
        workspace.lend(100);
        workspace.lend(3000);
        for (int pass = 0; pass < Workspace.WINDOW; pass++) {
            endPass(workspace);
            workspace.lend(100);
        }
        endPass(workspace);
        for (int pass = 0; pass < 2 * Workspace.WINDOW; pass++) {
            workspace.lend(100);
            endPass(workspace);
        }
        assertEquals(100, workspace.idleFloats());
    }

    @Test
    void aLoopGetsTheSameArraysAtEveryPass() {
        Set<float[]> seen = arrays();
        for (int step = 0; step < 10; step++) {
            try (var pass = Pass.inference()) {
                seen.add(pass.array(12345));
            }
        }
        assertEquals(1, seen.size());
    }
}
