package org.jauss.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.data.DMatrixSparseCSC;
import org.ejml.data.FMatrixRMaj;
import org.jauss.tensor.IntTensor;
import org.jauss.tensor.Rng;
import org.jauss.tensor.Shape;
import org.jauss.tensor.ShapeException;
import org.jauss.tensor.Tensor;
import org.junit.jupiter.api.Test;

/** Data sets in memory and views of them. */
final class DatasetTest {
    /** Instance i is (i, 10 i) with label i. */
    static Dataset<IntTensor> counted(int n) {
        float[] x = new float[2 * n];
        for (int i = 0; i < n; i++) {
            x[2 * i] = i;
            x[2 * i + 1] = 10 * i;
        }
        return Dataset.of(
                Tensor.of(Shape.of(n, 2), x), IntTensor.of(IntStream.range(0, n).toArray()));
    }

    @Test
    void instancesAreReadAtAnyPositionsAsOftenAsWanted() {
        Batch<IntTensor> read = counted(9).rows(3, 9).read(0, 5, 0, 5);
        assertArrayEquals(new int[] {8, 3, 8}, read.labels().toArray());
        assertArrayEquals(new float[] {8, 80, 3, 30, 8, 80}, read.x().toArray());
        assertArrayEquals(new int[] {8, 3}, counted(9).select(8, 3).labels().toArray());
        assertArrayEquals(
                new int[] {3, 8}, counted(9).select(8, 3).labelsOf(1, 0).toArray());
        assertEquals(0, counted(9).read(0).instances());
    }

    @Test
    void numbersAndDistributionsAreLabelsToo() {
        Dataset<Tensor> data = Dataset.of(Tensor.zeros(3, 2), Tensor.of(new float[][] {{1, 2}, {3, 4}, {5, 6}}));
        assertArrayEquals(new float[] {5, 6, 1, 2}, data.read(0, 2, 0).labels().toArray());
        assertArrayEquals(new float[] {3, 4}, data.rows(1, 2).labels().toArray());
        Dataset<IntTensor> tokens = Dataset.of(Tensor.zeros(2, 1), IntTensor.of(Shape.of(2, 3), 1, 2, 3, 4, 5, 6));
        assertArrayEquals(new int[] {4, 5, 6}, tokens.read(0, 1).labels().toArray());
        assertEquals(Shape.of(1, 3), tokens.read(0, 1).labels().shape());
    }

    @Test
    void whatLiesSideBySideIsNotCopied() {
        Dataset<IntTensor> data = counted(9);
        assertSame(data.x().data(), data.rows(2, 7).rows(1, 3).x().data());
        assertSame(data.x(), data.x());
    }

    @Test
    void bytesBecomeFloatsInABatch() {
        Dataset<IntTensor> data =
                Dataset.ofBytes(Shape.of(1, 2), new byte[] {0, (byte) 255, 51, (byte) 128}, 255, IntTensor.of(4, 5));
        Batch<IntTensor> batch = data.read(0, 1, 0);
        assertEquals(Shape.of(2, 1, 2), batch.x().shape());
        assertArrayEquals(new float[] {.2f, 128 / 255f, 0, 1}, batch.x().toArray());
        assertArrayEquals(new int[] {5, 4}, batch.labels().toArray());
    }

    @Test
    void matricesOfEjmlAreTensors() {
        Tensor x = Tensor.of(new float[][] {{1, 2, 3}, {4, 5, 6}});
        FMatrixRMaj matrix = Matrices.matrix(x);
        assertEquals(6, matrix.get(1, 2));
        assertArrayEquals(x.toArray(), Matrices.tensor(matrix).toArray());
        var doubles = new DMatrixRMaj(new double[][] {{.1, 2}, {3, 4}, {5, 6}});
        assertEquals(Shape.of(3, 2), Matrices.tensor(doubles).shape());
        assertArrayEquals(
                new float[] {.1f, 2, 3, 4, 5, 6}, Matrices.tensor(doubles).toArray());
        var sparse = new DMatrixSparseCSC(2, 2, 1);
        sparse.set(1, 0, 7);
        assertArrayEquals(new float[] {0, 0, 7, 0}, Matrices.tensor(sparse).toArray());
        var thrown = assertThrows(ShapeException.class, () -> Matrices.matrix(Tensor.zeros(2)));
        assertEquals("matrix: needs rank 2: [2] (rank 1)", thrown.getMessage());
    }

    @Test
    void aMapChangesInputsAndMayChangeTheirShape() {
        Dataset<IntTensor> mapped = counted(4).map(x -> Tensor.concat(0, x, x.mul(2)));
        assertEquals(Shape.of(4, 4), mapped.x().shape());
        assertArrayEquals(new float[] {3, 30, 6, 60}, mapped.read(0, 3).x().toArray());
        assertArrayEquals(new int[] {3}, mapped.read(0, 3).labels().toArray());
        var thrown = assertThrows(
                ShapeException.class,
                () -> counted(2).map(x -> x.get(0) == 0 ? x : Tensor.zeros(3)).x());
        assertEquals("map: the inputs of a batch must have one shape: [2] and [3] for instance 1", thrown.getMessage());
    }

    @Test
    void whatARandomMapDoesIsAFunctionOfKeyEpochAndInstance() {
        var data = counted(5).map(new GaussianNoise(1), Rng.of(3));
        var again = counted(5).map(new GaussianNoise(1), Rng.of(3));
        float[] whole = data.read(2, 0, 1, 2, 3, 4).x().toArray();
        for (int i = 0; i < 5; i++) {
            assertArrayEquals(
                    Arrays.copyOfRange(whole, 2 * i, 2 * i + 2),
                    again.read(2, i).x().toArray());
            assertArrayEquals(
                    Arrays.copyOfRange(whole, 2 * i, 2 * i + 2),
                    again.select(i).read(2, 0).x().toArray());
            assertFalse(Arrays.equals(
                    again.read(2, i).x().toArray(), again.read(3, i).x().toArray()));
        }
        var other = counted(5).map(new GaussianNoise(1), Rng.of(4));
        assertFalse(Arrays.equals(whole, other.read(2, 0, 1, 2, 3, 4).x().toArray()));
        assertTrue(whole[0] != whole[2] - 1, "instances differ in their noise");
    }

    @Test
    void namesOfClassesGoWithTheirData() {
        var named = counted(4).withClassNames(List.of("a", "b", "c", "d"));
        assertEquals(
                List.of("a", "b", "c", "d"),
                named.map(x -> x.mul(2)).select(0, 2).rows(0, 1).classNames());
        assertEquals(List.of(), counted(4).classNames());
        assertSame(named.x(), named.x());
        assertArrayEquals(new int[] {2}, named.labelsOf(2).toArray());
    }

    @Test
    void aDataSetOfOnesOwnNeedsTwoMethods() {
        Dataset<IntTensor> squares = new Dataset<>() {
            @Override
            public int instances() {
                return 4;
            }

            @Override
            public Batch<IntTensor> read(long epoch, int... positions) {
                float[] x = new float[positions.length];
                for (int i = 0; i < x.length; i++) {
                    x[i] = positions[i] * positions[i];
                }
                return new Batch<>(Tensor.of(x), IntTensor.of(positions.clone()));
            }
        };
        assertArrayEquals(new int[] {0, 1, 2, 3}, squares.labels().toArray());
        assertArrayEquals(new float[] {4, 9}, squares.rows(2, 4).x().toArray());
    }

    @Test
    void wrongArgumentsAreRejected() {
        var shape = assertThrows(ShapeException.class, () -> Dataset.of(Tensor.zeros(3, 2), IntTensor.of(1, 2)));
        assertEquals(
                "batch: needs one label for each instance along the first axis: [3, 2] and 2 labels",
                shape.getMessage());
        var bytes = assertThrows(
                ShapeException.class, () -> Dataset.ofBytes(Shape.of(2), new byte[3], 255, IntTensor.of(1)));
        assertEquals(
                "byte data: needs one label for each instance: 3 bytes, instances of [2] and labels [1]",
                bytes.getMessage());
        var position = assertThrows(ShapeException.class, () -> counted(3).select(3));
        assertEquals("read: no instance 3 in 3", position.getMessage());
        assertThrows(ShapeException.class, () -> counted(3).read(0, -1));
        assertThrows(ShapeException.class, () -> counted(3).labelsOf(3));
        assertThrows(ShapeException.class, () -> counted(3).rows(0, 2).read(0, 2));
        assertThrows(ShapeException.class, () -> counted(3).rows(2, 4));
        var size = assertThrows(IllegalArgumentException.class, () -> counted(3).batches(0));
        assertEquals("batches: the size must be at least 1, but is 0", size.getMessage());
    }
}
