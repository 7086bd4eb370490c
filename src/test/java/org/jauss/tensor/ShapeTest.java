package org.jauss.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

final class ShapeTest {
    @Test
    void lengths() {
        Shape shape = Shape.of(2, 3, 4);
        assertEquals(3, shape.rank());
        assertEquals(24, shape.size());
        assertEquals(4, shape.dim(-1));
        assertEquals(2, shape.dim(-3));
        assertEquals(1, shape.axis(-2));
        assertEquals(12, shape.size(1, 3));
        assertEquals(1, shape.size(1, 1));
        assertArrayEquals(new int[] {12, 4, 1}, shape.strides());
        assertEquals(Shape.of(2, 7, 4), shape.with(-2, 7));
        assertEquals(0, Shape.of(3, 0).size());
        assertEquals(1, Shape.SCALAR.size());
        assertEquals("[2, 3, 4]", shape.toString());
    }

    @Test
    void areValues() {
        int[] dims = {2, 3};
        Shape shape = Shape.of(dims);
        dims[0] = 9;
        shape.dims()[1] = 9;
        assertEquals(Shape.of(2, 3), shape);
        assertEquals(Shape.of(2, 3).hashCode(), shape.hashCode());
        assertNotEquals(Shape.of(3, 2), shape);
        assertNotEquals(Shape.of(2, 3, 1), shape);
        assertSame(Shape.SCALAR, Shape.of());
    }

    @Test
    void theShapeOfAnInstanceIsWithoutTheFirstDimension() {
        assertEquals(Shape.of(3, 4), Shape.of(2, 3, 4).withoutFirst());
        assertEquals(Shape.SCALAR, Shape.of(2).withoutFirst());
        var thrown = assertThrows(ShapeException.class, Shape.SCALAR::withoutFirst);
        assertEquals("axis: no axis 0 in shape []", thrown.getMessage());
    }

    @Test
    void broadcasting() {
        assertEquals(Shape.of(4, 2, 3), Shape.broadcast("op", Shape.of(2, 1), Shape.of(4, 1, 3)));
        assertEquals(Shape.of(3), Shape.broadcast("op", Shape.SCALAR, Shape.of(3)));
        assertEquals(Shape.of(0), Shape.broadcast("op", Shape.of(1), Shape.of(0)));
        assertArrayEquals(new int[] {0, 1, 0}, Shape.of(2, 1).stridesIn(Shape.of(4, 2, 3)));
    }

    @Test
    void anExceptionTellsWhereItHappened() {
        var inner = new ShapeException("matmul: no");
        assertEquals("matmul: no", inner.getMessage());
        var layer = inner.at("2", "LinearLayer[512 -> 10]");
        assertEquals("2 LinearLayer[512 -> 10]: matmul: no", layer.getMessage());
        var model = layer.at("layers", "Sequential");
        assertEquals("layers.2 LinearLayer[512 -> 10]: matmul: no", model.getMessage());
        assertArrayEquals(inner.getStackTrace(), model.getStackTrace());
    }

    @Test
    void anEmptyShapeMayBeLongElsewhere() {
        assertEquals(0, Shape.of(65_536, 65_536, 0).size());
    }
}
