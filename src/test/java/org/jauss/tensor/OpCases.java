package org.jauss.tensor;

import static org.jauss.tensor.Index.at;
import static org.jauss.tensor.Index.ellipsis;
import static org.jauss.tensor.Index.every;
import static org.jauss.tensor.Index.newAxis;
import static org.jauss.tensor.Index.range;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jauss.kernels.Binary;
import org.jauss.kernels.Unary;

/**
 * The table of ops: a row says how to call an op, what it should return by a naive definition, and on which shapes. Each
 * row is checked against that definition and by numerical gradients; each bad row against its exact message.
 */
final class OpCases {
    /** Inputs are multiples of this, so that a step of a power of two is taken without rounding. */
    private static final float GRID = 0x1p-10f;

    private OpCases() {}

    /** How to draw one input: its elements are a function of their position and a random source. */
    @FunctionalInterface
    interface Draw {
        float element(int position, int size, Rng rng);
    }

    /** One op on inputs of one set of shapes. */
    record Row(
            String name,
            Function<List<Tensor>, Tensor> op,
            Function<List<Nd>, Nd> reference,
            List<Shape> shapes,
            List<Draw> draws,
            boolean differentiable) {
        /** The values of all inputs, the same at every call. */
        List<float[]> inputs() {
            Rng rng = Rng.of(name.hashCode());
            List<float[]> inputs = new ArrayList<>();
            for (int i = 0; i < shapes.size(); i++) {
                float[] x = new float[shapes.get(i).size()];
                Rng own = rng.split();
                Draw draw = draws.get(Math.min(i, draws.size() - 1));
                for (int j = 0; j < x.length; j++) {
                    x[j] = draw.element(j, x.length, own);
                }
                inputs.add(x);
            }
            return inputs;
        }

        @Override
        public String toString() {
            return name + " " + shapes;
        }
    }

    /** A call that has to fail, and the message that it has to fail with. */
    record BadRow(String name, Function<List<Tensor>, Object> op, String message, List<Shape> shapes) {
        @Override
        public String toString() {
            return name + " " + shapes;
        }
    }

    // ---- How to draw ----

    static Draw uniform(float low, float high) {
        return (position, size, rng) -> Math.round((low + (high - low) * rng.uniform(position)) / GRID) * GRID;
    }

    /** Between -4 and 4, at least 1/16 away from where the function is not smooth. */
    static Draw awayFrom(float... kinks) {
        Draw any = uniform(-4, 4);
        return (position, size, rng) -> {
            float x = any.element(position, size, rng);
            for (float kink : kinks) {
                if (Math.abs(x - kink) < 0x1p-4f) {
                    x = kink + 0x1p-3f;
                }
            }
            return x;
        };
    }

    /** In random order numbers that are 1/8 apart, so that a small step changes no order. */
    static Draw apart(float shift) {
        return (position, size, rng) -> (rng.permutation(size)[position] - size / 2) * .125f + shift;
    }

    // ---- The rows ----

    private static final class Table {
        final List<Row> rows = new ArrayList<>();
        private List<Draw> draws = List.of(uniform(-2, 2));
        private boolean differentiable = true;

        /** How the inputs of all rows from here on are drawn; the last entry serves the remaining inputs. */
        Table drawing(Draw... next) {
            draws = List.of(next);
            return this;
        }

        Table constant(boolean next) {
            differentiable = !next;
            return this;
        }

        Table row(String name, Function<List<Tensor>, Tensor> op, Function<List<Nd>, Nd> reference, Shape... shapes) {
            rows.add(new Row(name, op, reference, List.of(shapes), draws, differentiable));
            return this;
        }

        Table unary(String name, UnaryOperator<Tensor> op, UnaryOperator<Nd> reference, Shape... alternatives) {
            for (Shape shape : alternatives) {
                row(name, in -> op.apply(in.get(0)), in -> reference.apply(in.get(0)), shape);
            }
            return this;
        }

        Table elementwise(String name, UnaryOperator<Tensor> op, DoubleUnaryOperator reference) {
            return unary(name, op, x -> x.map(reference), shape(3, 5), shape(), shape(0, 3));
        }
    }

    static Shape shape(int... dims) {
        return Shape.of(dims);
    }

    static List<Row> all() {
        Table table = new Table();
        unaryConstants(table);
        binaryConstants(table);
        elementwise(table);
        binaries(table);
        selections(table);
        reductions(table);
        alongOneAxis(table);
        products(table);
        norms(table);
        groupedNorms(table);
        views(table);
        movements(table);
        joins(table);
        sequences(table);
        table.rows.addAll(WindowCases.all());
        return table.rows;
    }

    private static void unaryConstants(Table table) {
        for (Unary op : Unary.values()) {
            float p = op == Unary.CLAMP ? -1 : op == Unary.POW ? 2.5f : .25f;
            float q = 1.5f;
            table.drawing(
                    switch (op) {
                        case ABS, RELU, LEAKY_RELU, ELU -> awayFrom(0);
                        case HARDSWISH -> awayFrom(-3, 3);
                        case CLAMP -> awayFrom(p, q);
                        case SQRT, RSQRT, LOG, RECIPROCAL, POW -> uniform(.75f, 4);
                        case LOG1P -> uniform(-.25f, 4);
                        default -> uniform(-2.5f, 2.5f);
                    });
            table.elementwise("Unary." + op, x -> UnaryOp.of(op, p, q, x), x -> op.value(x, p, q));
        }
    }

    private static void binaryConstants(Table table) {
        for (Binary op : Binary.values()) {
            switch (op) {
                case MAXIMUM, MINIMUM -> table.drawing(apart(0), apart(.0625f));
                case DIV -> table.drawing(uniform(-2, 2), uniform(1, 3));
                default -> table.drawing(uniform(-2, 2));
            }
            Shape[][] pairs = {
                {shape(3, 5), shape(3, 5)},
                {shape(), shape()},
                {shape(4), shape(3, 4)},
                {shape(3, 1), shape(1, 4)},
                {shape(2, 1, 3), shape(4, 1)},
                {shape(2, 3), shape()},
                {shape(0, 3), shape(3)},
                {shape(1, 3), shape(0, 1)}
            };
            for (Shape[] pair : pairs) {
                table.row(
                        "Binary." + op,
                        in -> BinaryOp.of(op, in.get(0), in.get(1)),
                        in -> in.get(0).with(in.get(1), op::value),
                        pair);
            }
        }
    }

    private static void elementwise(Table table) {
        table.drawing(uniform(-2.5f, 2.5f))
                .elementwise("neg", Tensor::neg, x -> -x)
                .elementwise("square", Tensor::square, x -> x * x)
                .elementwise("exp", Tensor::exp, Math::exp)
                .elementwise("expm1", Tensor::expm1, Math::expm1)
                .elementwise("sin", Tensor::sin, Math::sin)
                .elementwise("cos", Tensor::cos, Math::cos)
                .elementwise("erf", Tensor::erf, x -> 2 * normalCdf(x * Math.sqrt(2)) - 1)
                .elementwise("tanh", Tensor::tanh, x -> 1 - 2 / (Math.exp(2 * x) + 1))
                .elementwise("sigmoid", Tensor::sigmoid, x -> Math.exp(x) / (1 + Math.exp(x)))
                .elementwise("softplus", Tensor::softplus, x -> Math.log(1 + Math.exp(x)))
                .elementwise("silu", Tensor::silu, x -> x / (1 + Math.exp(-x)))
                .elementwise("gelu", Tensor::gelu, x -> x * normalCdf(x))
                .elementwise(
                        "geluTanh",
                        Tensor::geluTanh,
                        x -> .5 * x * (1 + Math.tanh(.7978845608028654 * (x + .044715 * Math.pow(x, 3)))))
                .elementwise("mish", Tensor::mish, x -> x * Math.tanh(Math.log(1 + Math.exp(x))))
                .elementwise("add", x -> x.add(1.5f), x -> x + 1.5)
                .elementwise("sub", x -> x.sub(1.5f), x -> x - 1.5)
                .elementwise("mul", x -> x.mul(-2.5f), x -> -2.5 * x)
                .elementwise("div", x -> x.div(-4), x -> -.25 * x);
        table.drawing(uniform(.75f, 4))
                .elementwise("sqrt", Tensor::sqrt, Math::sqrt)
                .elementwise("rsqrt", Tensor::rsqrt, x -> Math.pow(x, -.5))
                .elementwise("reciprocal", Tensor::reciprocal, x -> 1 / x)
                .elementwise("pow", x -> x.pow(1.5f), x -> x * Math.sqrt(x))
                .elementwise("pow", x -> x.pow(-2), x -> 1 / (x * x))
                .elementwise("log", Tensor::log, Math::log)
                .elementwise("log1p", Tensor::log1p, x -> Math.log(1 + x));
        table.drawing(uniform(-4, -1)).elementwise("pow", x -> x.pow(3), x -> x * x * x);
        table.drawing(awayFrom(0))
                .elementwise("abs", Tensor::abs, x -> x < 0 ? -x : x)
                .elementwise("relu", Tensor::relu, x -> x < 0 ? 0 : x)
                .elementwise("leakyRelu", x -> x.leakyRelu(.125f), x -> x < 0 ? x / 8 : x)
                .elementwise("elu", x -> x.elu(.5f), x -> x < 0 ? .5 * (Math.exp(x) - 1) : x);
        table.drawing(awayFrom(-3, 3))
                .elementwise("hardswish", Tensor::hardswish, x -> x <= -3 ? 0 : x >= 3 ? x : x * (x + 3) / 6);
        table.drawing(awayFrom(-1, 2)).elementwise("clamp", x -> x.clamp(-1, 2), x -> x < -1 ? -1 : x > 2 ? 2 : x);
        table.drawing(uniform(-2, 2)).constant(true).elementwise("detach", Tensor::detach, x -> x);
        table.constant(false);
        for (Shape shape : List.of(shape(3, 5), shape(), shape(0, 3), shape(2, 3, 4))) {
            // In a training pass with an equal key the mask is the same; outside training there is none.
            table.unary("dropout", x -> x.dropout(.25f), x -> x, shape);
        }
    }

    /** The normal distribution function by Simpson's rule: slow, and nothing like the engine's. */
    private static double normalCdf(double x) {
        int intervals = 400;
        double h = x / intervals;
        double sum = 0;
        for (int i = 0; i <= intervals; i++) {
            double weight = i == 0 || i == intervals ? 1 : i % 2 == 0 ? 2 : 4;
            sum += weight * Math.exp(-.5 * i * h * i * h);
        }
        return .5 + sum * h / 3 / Math.sqrt(2 * Math.PI);
    }

    private static void binaries(Table table) {
        Shape[][] pairs = {{shape(2, 3), shape(2, 3)}, {shape(4, 3), shape(3)}, {shape(3), shape(2, 1)}};
        for (Shape[] pair : pairs) {
            table.drawing(uniform(-2, 2), uniform(1, 3));
            table.row("add", in -> in.get(0).add(in.get(1)), in -> in.get(0).with(in.get(1), (a, b) -> a + b), pair);
            table.row("sub", in -> in.get(0).sub(in.get(1)), in -> in.get(0).with(in.get(1), (a, b) -> a - b), pair);
            table.row("mul", in -> in.get(0).mul(in.get(1)), in -> in.get(0).with(in.get(1), (a, b) -> a * b), pair);
            table.row("div", in -> in.get(0).div(in.get(1)), in -> in.get(0).with(in.get(1), (a, b) -> a / b), pair);
            table.drawing(apart(0), apart(.0625f));
            table.row(
                    "maximum",
                    in -> in.get(0).maximum(in.get(1)),
                    in -> in.get(0).with(in.get(1), (a, b) -> a > b ? a : b),
                    pair);
            table.row(
                    "minimum",
                    in -> in.get(0).minimum(in.get(1)),
                    in -> in.get(0).with(in.get(1), (a, b) -> a < b ? a : b),
                    pair);
        }
    }

    private static void selections(Table table) {
        table.drawing(uniform(-2, 2));
        IntTensor flags = IntTensor.of(shape(2, 3), 1, 0, -7, 0, 0, 2);
        where(table, flags, shape(2, 3), shape(2, 3));
        where(table, flags, shape(), shape(3));
        where(table, flags, shape(4, 1, 1), shape(2, 1));
        where(table, IntTensor.of(shape(3, 1), 1, 0, 1), shape(4), shape(3, 4));
        where(table, IntTensor.of(shape(), 1), shape(2, 3), shape(3));
        where(table, IntTensor.of(shape(0, 3)), shape(3), shape(1, 3));
        where(table, flags.rows(1, 2), shape(2, 3), shape(3));
        table.unary(
                "maskedFill",
                x -> x.maskedFill(flags, -9),
                x -> x.with(mask(flags), (a, flag) -> flag != 0 ? -9 : a),
                shape(2, 3),
                shape(2, 2, 3));
        IntTensor column = IntTensor.of(shape(2, 1), 0, 1);
        table.unary(
                "maskedFill",
                x -> x.maskedFill(column, Float.NEGATIVE_INFINITY).softmax(0),
                x -> x.alongAxis(0, (line, i) -> i == 0 ? 1 : 0),
                shape(2, 3));
    }

    private static Nd mask(IntTensor flags) {
        return new Nd(
                flags.shape().dims(),
                Arrays.stream(flags.toArray()).asDoubleStream().toArray());
    }

    private static void where(Table table, IntTensor condition, Shape a, Shape b) {
        table.row(
                "where " + condition.shape(),
                in -> Tensor.where(condition, in.get(0), in.get(1)),
                in -> Nd.fill(
                        Nd.broadcast(condition.shape().dims(), Nd.broadcast(a.dims(), b.dims())),
                        index -> (mask(condition).at(index) != 0 ? in.get(0) : in.get(1)).at(index)),
                a,
                b);
    }

    private static void reductions(Table table) {
        Shape cube = shape(2, 3, 4);
        int[][] axesOfCube = {{}, {0}, {1}, {2}, {-1}, {0, 2}, {-1, 0}, {1, 2}, {0, 1, 2}};
        for (boolean keepDims : new boolean[] {false, true}) {
            for (int[] axes : axesOfCube) {
                reductions(table, keepDims, axes, cube);
            }
            reductions(table, keepDims, new int[0], shape());
            reductions(table, keepDims, new int[] {0}, shape(1, 5));
            reductions(table, keepDims, new int[] {1}, shape(0, 3));
            reductions(table, keepDims, new int[] {-2}, shape(5, 2, 1, 3));
            int[] first = {0};
            table.unary(
                    "sum keep", x -> x.sum(keepDims, first), x -> x.reduce(keepDims, first, OpCases::sum), shape(0, 3));
        }
        table.drawing(uniform(-2, 2));
        table.unary(
                "sum",
                x -> x.sum(),
                x -> x.reduce(false, new int[0], OpCases::sum),
                shape(3, 4),
                shape(0),
                shape(2, 0));
        table.unary("sum", x -> x.sum(1), x -> x.reduce(false, new int[] {1}, OpCases::sum), shape(3, 4), shape(4, 0));
        table.unary("mean", x -> x.mean(), x -> x.reduce(false, new int[0], OpCases::mean), shape(3, 4), shape());
        table.unary("mean", x -> x.mean(0, 1), x -> x.reduce(false, new int[] {0, 1}, OpCases::mean), shape(3, 4, 2));
    }

    private static void reductions(Table table, boolean keepDims, int[] axes, Shape shape) {
        String call = " keepDims=" + keepDims + " axes=" + Arrays.toString(axes);
        table.drawing(uniform(-2, 2));
        table.unary("sum" + call, x -> x.sum(keepDims, axes), x -> x.reduce(keepDims, axes, OpCases::sum), shape);
        table.unary("mean" + call, x -> x.mean(keepDims, axes), x -> x.reduce(keepDims, axes, OpCases::mean), shape);
        table.unary(
                "logSumExp" + call,
                x -> x.logSumExp(keepDims, axes),
                x -> x.reduce(keepDims, axes, OpCases::logSumExp),
                shape);
        table.unary(
                "var correction=0" + call,
                x -> x.var(0, keepDims, axes),
                x -> x.reduce(keepDims, axes, group -> variance(group, 0)),
                shape);
        int count = axes.length == 0
                ? shape.size()
                : Arrays.stream(axes).map(shape::dim).reduce(1, (a, b) -> a * b);
        if (count > 1) {
            table.unary(
                    "var correction=1" + call,
                    x -> x.var(1, keepDims, axes),
                    x -> x.reduce(keepDims, axes, group -> variance(group, 1)),
                    shape);
        }
        table.drawing(apart(0));
        table.unary(
                "max" + call,
                x -> x.max(keepDims, axes),
                x -> x.reduce(
                        keepDims, axes, group -> Arrays.stream(group).max().orElseThrow()),
                shape);
        table.unary(
                "min" + call,
                x -> x.min(keepDims, axes),
                x -> x.reduce(
                        keepDims, axes, group -> Arrays.stream(group).min().orElseThrow()),
                shape);
    }

    private static double sum(double... x) {
        return Arrays.stream(x).sum();
    }

    private static double mean(double... x) {
        return sum(x) / x.length;
    }

    private static double variance(double[] x, int correction) {
        double mean = mean(x);
        return Arrays.stream(x).map(v -> (v - mean) * (v - mean)).sum() / (x.length - correction);
    }

    private static double logSumExp(double... x) {
        return Math.log(Arrays.stream(x).map(Math::exp).sum());
    }

    private static void alongOneAxis(Table table) {
        table.drawing(uniform(-2, 2));
        for (int axis : new int[] {0, 1, 2, -1, -2}) {
            Shape[] shapes = {shape(2, 3, 4), shape(1, 5, 1), shape(2, 0, 3), shape(0, 3, 2)};
            table.unary(
                    "softmax " + axis,
                    x -> x.softmax(axis),
                    x -> x.alongAxis(axis, (line, i) -> Math.exp(line[i] - logSumExp(line))),
                    shapes);
            table.unary(
                    "logSoftmax " + axis,
                    x -> x.logSoftmax(axis),
                    x -> x.alongAxis(axis, (line, i) -> line[i] - logSumExp(line)),
                    shapes);
            table.unary(
                    "cumsum " + axis,
                    x -> x.cumsum(axis),
                    x -> x.alongAxis(axis, (line, i) -> sum(Arrays.copyOf(line, i + 1))),
                    shapes);
            table.unary(
                    "flip " + axis,
                    x -> x.flip(axis),
                    x -> x.alongAxis(axis, (line, i) -> line[line.length - 1 - i]),
                    shapes);
        }
        table.unary("softmax 0", x -> x.softmax(0), x -> x.map(v -> 1), shape(1));
    }

    private static void products(Table table) {
        table.drawing(uniform(-2, 2));
        for (boolean ta : new boolean[] {false, true}) {
            for (boolean tb : new boolean[] {false, true}) {
                matmul(table, ta, tb, shape(3, 4), shape(4, 5));
                matmul(table, ta, tb, shape(1, 1), shape(1, 1));
                matmul(table, ta, tb, shape(2, 3, 4), shape(2, 4, 5));
                matmul(table, ta, tb, shape(2, 3, 4), shape(4, 5));
                matmul(table, ta, tb, shape(3, 4), shape(2, 4, 5));
                matmul(table, ta, tb, shape(2, 1, 3, 4), shape(3, 4, 2));
                matmul(table, ta, tb, shape(1, 3, 4), shape(2, 3, 4, 2));
                matmul(table, ta, tb, shape(2, 3, 2, 4), shape(4, 3));
                matmul(table, ta, tb, shape(2, 3, 2, 4), shape(2, 3, 4, 3));
                matmul(table, ta, tb, shape(3, 0), shape(0, 5));
                matmul(table, ta, tb, shape(0, 4), shape(4, 5));
                matmul(table, ta, tb, shape(3, 4), shape(4, 0));
                matmul(table, ta, tb, shape(0, 3, 4), shape(0, 4, 5));
                matmul(table, ta, tb, shape(0, 3, 4), shape(4, 5));
                matmul(table, ta, tb, shape(2, 3, 0), shape(0, 5));
                // A vector has nothing to transpose.
                matmul(table, ta, tb, shape(4), shape(4));
                matmul(table, ta, tb, shape(4), shape(4, 5));
                matmul(table, ta, tb, shape(3, 4), shape(4));
                matmul(table, ta, tb, shape(4), shape(2, 4, 5));
                matmul(table, ta, tb, shape(2, 3, 4), shape(4));
                matmul(table, ta, tb, shape(4), shape(2, 3, 4, 5));
                matmul(table, ta, tb, shape(2, 3, 2, 4), shape(4));
            }
        }
        table.row(
                "matmul",
                in -> in.get(0).matmul(in.get(1)),
                in -> in.get(0).matmul(in.get(1)),
                shape(3, 4),
                shape(4, 2));
        for (Shape x : List.of(shape(4), shape(3, 4), shape(2, 3, 4), shape(0, 4), shape(2, 0, 4))) {
            linear(table, x, 5);
        }
        linear(table, shape(3, 0), 5);
        linear(table, shape(3, 4), 0);
        linear(table, shape(3, 1), 1);
    }

    /** Shapes as they are multiplied; a transposed one is stored the other way round. */
    private static void matmul(Table table, boolean transposeA, boolean transposeB, Shape a, Shape b) {
        table.row(
                "matmul" + (transposeA ? " A^T" : "") + (transposeB ? " B^T" : ""),
                in -> in.get(0).matmul(transposeA, in.get(1), transposeB),
                in -> in.get(0).transposeIf(transposeA).matmul(in.get(1).transposeIf(transposeB)),
                stored(a, transposeA),
                stored(b, transposeB));
    }

    private static Shape stored(Shape shape, boolean transposed) {
        return transposed && shape.rank() > 1 ? shape.with(-1, shape.dim(-2)).with(-2, shape.dim(-1)) : shape;
    }

    private static void linear(Table table, Shape x, int out) {
        int in = x.dim(-1);
        table.row(
                "linear",
                t -> t.get(0).linear(t.get(1), t.get(2)),
                t -> t.get(0).matmul(t.get(1)).with(t.get(2), Double::sum),
                x,
                shape(in, out),
                shape(out));
        table.row(
                "linear without bias",
                t -> t.get(0).linear(t.get(1), null),
                t -> t.get(0).matmul(t.get(1)),
                x,
                shape(in, out));
    }

    private static void norms(Table table) {
        float[] mean = {.25f, -.5f, 0};
        float[] factor = {.5f, 1, 2};
        float infinite = Float.POSITIVE_INFINITY;
        for (Shape x : List.of(shape(4, 3), shape(3), shape(2, 2, 3), shape(0, 3))) {
            table.drawing(uniform(-2, 2));
            table.row(
                    "Normalize",
                    in -> Normalize.of(in.get(0), mean, factor, infinite, in.get(1), in.get(2)),
                    in -> affine(normalized(in.get(0), mean, factor, infinite), in.get(1), in.get(2)),
                    x,
                    shape(3),
                    shape(3));
            table.row(
                    "Normalize without scale",
                    in -> Normalize.of(in.get(0), mean, factor, infinite, null, in.get(1)),
                    in -> normalized(in.get(0), mean, factor, infinite).with(in.get(1), Double::sum),
                    x,
                    shape(3));
            table.row(
                    "Normalize without shift",
                    in -> Normalize.of(in.get(0), mean, factor, infinite, in.get(1), null),
                    in -> normalized(in.get(0), mean, factor, infinite).with(in.get(1), (a, b) -> a * b),
                    x,
                    shape(3));
            float[] centre = {1, 1, 1};
            float[] half = {.5f, .5f, .5f};
            table.drawing(awayFrom(-1.5f, 3.5f), uniform(-2, 2)); // z is clipped where |x - 1| / 2 > 1.25
            table.row(
                    "Normalize clipped",
                    in -> Normalize.of(in.get(0), centre, half, 1.25f, in.get(1), in.get(2)),
                    in -> affine(normalized(in.get(0), centre, half, 1.25f), in.get(1), in.get(2)),
                    x,
                    shape(3),
                    shape(3));
            table.row(
                    "Normalize plain",
                    in -> Normalize.of(in.get(0), centre, half, 1.25f, null, null),
                    in -> normalized(in.get(0), centre, half, 1.25f),
                    x);
        }
        table.drawing(uniform(-2, 2));
        for (Shape x : List.of(shape(4, 5), shape(5), shape(2, 3, 5), shape(0, 5), shape(3, 1))) {
            table.row(
                    "LayerNorm",
                    in -> LayerNorm.of(in.get(0), .125f, in.get(1), in.get(2)),
                    in -> affine(
                            in.get(0).alongAxis(-1, (line, i) -> standardised(line, i, .125)), in.get(1), in.get(2)),
                    x,
                    shape(x.dim(-1)),
                    shape(x.dim(-1)));
        }
        for (Shape x : List.of(shape(5, 3), shape(2, 1), shape(2, 3, 4))) {
            int c = x.dim(-1);
            table.row(
                    "BatchNorm",
                    in -> BatchNorm.of(in.get(0), .125f, in.get(1), in.get(2), new double[c], new double[c]),
                    in -> affine(
                            in.get(0)
                                    .reshape(x.size() / c, c)
                                    .alongAxis(0, (line, i) -> standardised(line, i, .125))
                                    .reshape(x.dims()),
                            in.get(1),
                            in.get(2)),
                    x,
                    shape(c),
                    shape(c));
        }
    }

    private static void groupedNorms(Table table) {
        table.drawing(uniform(-2, 2));
        for (Shape x : List.of(shape(4, 5), shape(5), shape(2, 3, 5), shape(0, 5), shape(3, 1))) {
            UnaryOperator<Nd> rms = z -> z.alongAxis(
                    -1,
                    (line, i) -> line[i]
                            / Math.sqrt(mean(Arrays.stream(line).map(v -> v * v).toArray()) + .125));
            table.row(
                    "RmsNorm",
                    in -> RmsNorm.of(in.get(0), .125f, in.get(1)),
                    in -> rms.apply(in.get(0)).with(in.get(1), (a, b) -> a * b),
                    x,
                    shape(x.dim(-1)));
            table.unary("RmsNorm plain", z -> RmsNorm.of(z, .125f, null), rms, x);
            table.unary(
                    "LayerNorm plain",
                    z -> LayerNorm.of(z, .125f, null, null),
                    z -> z.alongAxis(-1, (line, i) -> standardised(line, i, .125)),
                    x);
        }
        UnaryOperator<Nd> blocks = z -> z.reshape(2, 12)
                .alongAxis(-1, (line, i) -> standardised(line, i, .125))
                .reshape(2, 3, 4);
        table.row(
                "LayerNorm of blocks",
                in -> LayerNorm.of(in.get(0), .125f, in.get(1), in.get(2)),
                in -> affine(blocks.apply(in.get(0)), in.get(1), in.get(2)),
                shape(2, 3, 4),
                shape(3, 4),
                shape(3, 4));
        table.row(
                "RmsNorm of blocks",
                in -> RmsNorm.of(in.get(0), .125f, in.get(1)),
                in -> in.get(0)
                        .reshape(2, 12)
                        .alongAxis(
                                -1,
                                (line, i) -> line[i]
                                        / Math.sqrt(mean(Arrays.stream(line)
                                                        .map(v -> v * v)
                                                        .toArray())
                                                + .125))
                        .reshape(2, 3, 4)
                        .with(in.get(1), (a, b) -> a * b),
                shape(2, 3, 4),
                shape(3, 4));
        int[][] groupings = {{2, 5, 6, 1}, {2, 5, 6, 3}, {3, 4, 2, 2}, {1, 2, 1, 1}, {4, 1, 6, 2}, {0, 3, 4, 2}};
        for (int[] g : groupings) { // instances, positions, features, groups
            int width = g[2] / g[3];
            Shape x = shape(g[0], g[1], g[2]);
            UnaryOperator<Nd> normalized = z -> Nd.fill(z.dims(), index -> {
                double[] group = new double[g[1] * width];
                int first = index[2] / width * width;
                for (int i = 0; i < group.length; i++) {
                    group[i] = z.at(index[0], i / width, first + i % width);
                }
                return standardised(group, index[1] * width + index[2] - first, .125);
            });
            table.row(
                    "GroupNorm " + g[3],
                    in -> GroupNorm.of(in.get(0), g[3], .125f, in.get(1), in.get(2)),
                    in -> affine(normalized.apply(in.get(0)), in.get(1), in.get(2)),
                    x,
                    shape(g[2]),
                    shape(g[2]));
            table.row(
                    "GroupNorm without scale " + g[3],
                    in -> GroupNorm.of(in.get(0), g[3], .125f, null, in.get(1)),
                    in -> normalized.apply(in.get(0)).with(in.get(1), Double::sum),
                    x,
                    shape(g[2]));
        }
        UnaryOperator<Nd> columns = z -> z.alongAxis(0, (line, i) -> standardised(line, i, .125));
        table.row(
                "GroupNorm of rows",
                in -> GroupNorm.of(in.get(0), 2, .125f, in.get(1), null),
                in -> in.get(0)
                        .reshape(8, 2)
                        .alongAxis(-1, (line, i) -> standardised(line, i, .125))
                        .reshape(4, 4)
                        .with(in.get(1), (a, b) -> a * b),
                shape(4, 4),
                shape(4));
        table.unary(
                "BatchNorm plain",
                z -> BatchNorm.of(z, .125f, null, null, new double[3], new double[3]),
                columns,
                shape(5, 3));
        // Far from the running averages r and d are at their limits, so that a step does not move them.
        table.row(
                "BatchNorm renormalized",
                in -> BatchNorm.renormalized(
                        in.get(0),
                        .125f,
                        in.get(1),
                        in.get(2),
                        new float[] {9, -99, 9},
                        new float[] {.01f, 99, .01f},
                        1.5f,
                        2,
                        new double[3],
                        new double[3]),
                in -> {
                    Nd r = new Nd(new int[] {3}, new double[] {1.5, 1 / 1.5, 1.5});
                    Nd d = new Nd(new int[] {3}, new double[] {-2, 2, -2});
                    return affine(affine(columns.apply(in.get(0)), r, d), in.get(1), in.get(2));
                },
                shape(5, 3),
                shape(3),
                shape(3));
        for (Shape weight : List.of(shape(5, 3), shape(3, 2, 4), shape(2, 1))) {
            int c = weight.dim(-1);
            table.unary(
                    "WeightStandardization",
                    w -> WeightStandardization.of(w, 1.5f),
                    w -> w.reshape(weight.size() / c, c)
                            .alongAxis(0, (f, i) -> 1.5 * standardised(f, i, 0) / Math.sqrt(f.length))
                            .reshape(weight.dims()),
                    weight);
        }
    }

    private static Nd affine(Nd z, Nd scale, Nd shift) {
        return z.with(scale, (a, b) -> a * b).with(shift, Double::sum);
    }

    private static Nd normalized(Nd x, float[] mean, float[] factor, float limit) {
        return Nd.fill(x.dims(), index -> {
            int j = index[index.length - 1];
            return Math.max(-limit, Math.min(limit, (x.at(index) - mean[j]) * factor[j]));
        });
    }

    private static double standardised(double[] line, int i, double epsilon) {
        return (line[i] - mean(line)) / Math.sqrt(variance(line, 0) + epsilon);
    }

    private static void views(Table table) {
        table.drawing(uniform(-2, 2));
        table.unary("reshape", x -> x.reshape(4, 3), x -> x.reshape(4, 3), shape(2, 6), shape(12), shape(3, 2, 2));
        table.unary("reshape", x -> x.reshape(2, -1), x -> x.reshape(2, 6), shape(12), shape(4, 3));
        table.unary("reshape", x -> x.reshape(-1), x -> x.reshape(x.data().length), shape(), shape(2, 3), shape(0, 4));
        table.unary("reshape", x -> x.reshape(), x -> x.reshape(), shape(1, 1), shape());
        table.unary("reshape", x -> x.reshape(3, 0, 2), x -> x.reshape(3, 0, 2), shape(0));
        table.unary("flatten 1", x -> x.flatten(1), x -> x.reshape(2, 12), shape(2, 3, 4));
        table.unary("flatten 0", x -> x.flatten(0), x -> x.reshape(24), shape(2, 3, 4));
        table.unary("flatten -1", x -> x.flatten(-1), x -> x, shape(2, 3, 4));
        table.unary("flatten 0", x -> x.flatten(0), x -> x.reshape(1), shape());
        table.unary("flatten 1", x -> x.flatten(1), x -> x.reshape(0, 12), shape(0, 3, 4));
        table.unary("squeeze 1", x -> x.squeeze(1), x -> x.reshape(2, 3), shape(2, 1, 3));
        table.unary("squeeze -1", x -> x.squeeze(-1), x -> x.reshape(), shape(1));
        table.unary("squeeze 0", x -> x.squeeze(0), x -> x.reshape(0), shape(1, 0));
        table.unary("unsqueeze 1", x -> x.unsqueeze(1), x -> x.reshape(2, 1, 3), shape(2, 3));
        table.unary("unsqueeze -1", x -> x.unsqueeze(-1), x -> x.reshape(2, 3, 1), shape(2, 3));
        table.unary("unsqueeze 0", x -> x.unsqueeze(0), x -> x.reshape(1), shape());
        table.unary("unsqueeze 2", x -> x.unsqueeze(2), x -> x.reshape(0, 3, 1), shape(0, 3));
        table.unary("rows 1 to 3", x -> x.rows(1, 3), x -> box(x, 0, 1, 3), shape(4, 2), shape(3), shape(4, 0));
        table.unary("rows 2 to 2", x -> x.rows(2, 2), x -> box(x, 0, 2, 2), shape(2, 3));
        table.unary("rows twice", x -> x.rows(1, 4).rows(1, 2), x -> box(x, 0, 2, 3), shape(4, 2, 2));
    }

    private static Nd box(Nd x, int axis, int from, int to) {
        int[] dims = x.dims().clone();
        dims[axis] = to - from;
        return Nd.fill(dims, index -> {
            int[] shifted = index.clone();
            shifted[axis] += from;
            return element(x, shifted);
        });
    }

    /** An element by its exact index: axes of length 1 do not repeat. */
    private static double element(Nd x, int... index) {
        for (int d = 0; d < index.length; d++) {
            if (index[d] < 0 || index[d] >= x.dims()[d]) {
                throw new IndexOutOfBoundsException(Arrays.toString(index));
            }
        }
        return x.at(index);
    }

    private static void movements(Table table) {
        table.drawing(uniform(-2, 2));
        int[][] orders = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}, {-1, 0, -2}};
        for (int[] order : orders) {
            table.unary(
                    "permute " + Arrays.toString(order),
                    x -> x.permute(order),
                    x -> x.permute(order),
                    shape(2, 3, 4),
                    shape(3, 0, 2));
        }
        table.unary("permute []", x -> x.permute(), x -> x, shape());
        table.unary("transpose 0 1", x -> x.transpose(0, 1), x -> x.permute(1, 0), shape(3, 4), shape(0, 2));
        table.unary("transpose -1 0", x -> x.transpose(-1, 0), x -> x.permute(2, 1, 0), shape(2, 3, 4));
        table.unary("transpose 1 1", x -> x.transpose(1, 1), x -> x, shape(2, 3));
        indices(table);
        int[] wide = {2, 3, 4};
        table.unary(
                "broadcastTo",
                x -> x.broadcastTo(wide),
                x -> Nd.fill(wide, x::at),
                shape(2, 3, 4),
                shape(),
                shape(4),
                shape(3, 1),
                shape(2, 1, 1),
                shape(1, 4));
        table.unary(
                "broadcastTo", x -> x.broadcastTo(0, 3), x -> Nd.fill(new int[] {0, 3}, x::at), shape(3), shape(1, 1));
        table.unary(
                "flip",
                x -> x.flip(0),
                x -> x.alongAxis(0, (line, i) -> line[line.length - 1 - i]),
                shape(4),
                shape(0));
        for (float value : new float[] {0, -1.5f}) {
            int[] before = {1, 0};
            int[] after = {0, 2};
            table.unary(
                    "pad " + value,
                    x -> x.pad(before, after, value),
                    x -> Nd.fill(
                            new int[] {x.dims()[0] + 1, x.dims()[1] + 2},
                            index -> index[0] >= 1 && index[1] < x.dims()[1]
                                    ? element(x, index[0] - 1, index[1])
                                    : value),
                    shape(2, 3),
                    shape(0, 3),
                    shape(1, 1));
        }
        table.unary("pad of a scalar", x -> x.pad(new int[0], new int[0], 7), x -> x, shape());
        take(table, IntTensor.of(2, 0, 2, 2));
        take(table, IntTensor.of(shape(2, 3), 0, 1, 2, 2, 1, 0));
        take(table, IntTensor.of(shape(), 1));
        take(table, IntTensor.of());
        table.unary("take 0", x -> x.take(IntTensor.of(shape(0)), 0), x -> x.reshape(0, 3), shape(0, 3));
    }

    private static void take(Table table, IntTensor indices) {
        for (int axis : new int[] {0, 1, -1}) {
            table.unary(
                    "take " + indices.shape() + " on " + axis,
                    x -> x.take(indices, axis),
                    x -> {
                        int a = x.axis(axis);
                        int inserted = indices.shape().rank();
                        int[] dims = new int[x.rank() - 1 + inserted];
                        for (int d = 0; d < dims.length; d++) {
                            dims[d] = d < a
                                    ? x.dims()[d]
                                    : d < a + inserted ? indices.shape().dim(d - a) : x.dims()[d - inserted + 1];
                        }
                        return Nd.fill(dims, index -> {
                            int position = 0;
                            for (int d = 0; d < inserted; d++) {
                                position = position * indices.shape().dim(d) + index[a + d];
                            }
                            int[] from = new int[x.rank()];
                            for (int d = 0; d < from.length; d++) {
                                from[d] = d < a ? index[d] : d == a ? indices.at(position) : index[d - 1 + inserted];
                            }
                            return element(x, from);
                        });
                    },
                    shape(3, 4),
                    shape(3, 3, 3),
                    shape(4, 3, 2, 3));
        }
    }

    private static void joins(Table table) {
        table.drawing(uniform(-2, 2));
        concat(table, 0, shape(2, 3), shape(1, 3), shape(0, 3));
        concat(table, 1, shape(2, 3), shape(2, 1), shape(2, 2));
        concat(table, -1, shape(2, 1, 2), shape(2, 1, 3));
        concat(table, 1, shape(2, 3, 2), shape(2, 1, 2));
        concat(table, 1, shape(0, 3), shape(0, 2));
        concat(table, 0, shape(3));
        for (int axis : new int[] {0, 1, 2, -1, -3}) {
            stack(table, axis, shape(2, 3), 3);
        }
        stack(table, 0, shape(), 4);
        stack(table, 1, shape(0, 2), 2);
    }

    /** Each row names the elements it should find by their positions in the tensor. */
    private static void indices(Table table) {
        Shape shape = shape(3, 4, 5);
        index(table, shape, x -> x.index(), shape(3, 4, 5), i -> i);
        index(table, shape, x -> x.index(at(1)), shape(4, 5), i -> new int[] {1, i[0], i[1]});
        index(table, shape, x -> x.index(at(-1), at(0), at(2)), shape(), i -> new int[] {2, 0, 2});
        index(table, shape, x -> x.index(range(1, 3)), shape(2, 4, 5), i -> new int[] {i[0] + 1, i[1], i[2]});
        index(table, shape, x -> x.index(range(-2, -1)), shape(1, 4, 5), i -> new int[] {1, i[1], i[2]});
        index(table, shape, x -> x.index(Index.all(), Index.from(2)), shape(3, 2, 5), i ->
                new int[] {i[0], i[1] + 2, i[2]});
        index(table, shape, x -> x.index(ellipsis(), at(3)), shape(3, 4), i -> new int[] {i[0], i[1], 3});
        index(table, shape, x -> x.index(at(0), ellipsis()), shape(4, 5), i -> new int[] {0, i[0], i[1]});
        index(table, shape, x -> x.index(ellipsis(), every(-1)), shape, i -> new int[] {i[0], i[1], 4 - i[2]});
        index(table, shape, x -> x.index(every(2), every(-3)), shape(2, 2, 5), i ->
                new int[] {2 * i[0], 3 - 3 * i[1], i[2]});
        index(table, shape, x -> x.index(newAxis(), at(1), newAxis()), shape(1, 1, 4, 5), i ->
                new int[] {1, i[2], i[3]});
        index(table, shape, x -> x.index(range(1, 1)), shape(0, 4, 5), i -> i);
        index(table, shape(0, 2), x -> x.index(Index.all(), at(1)), shape(0), i -> i);
        index(table, shape(0, 2), x -> x.index(every(-2)), shape(0, 2), i -> i);
        index(table, shape(), x -> x.index(newAxis()), shape(1), i -> new int[0]);
        table.unary(
                "select rows",
                x -> x.select(IntTensor.of(1, 0, 1)),
                x -> Nd.fill(new int[] {2, 2}, i -> x.at(2 * i[0], i[1])),
                shape(3, 2));
        table.unary(
                "select elements",
                x -> x.select(IntTensor.of(shape(2, 2), 0, 1, 1, 0)),
                x -> Nd.fill(new int[] {2}, i -> x.at(i[0], 1 - i[0])),
                shape(2, 2));
        table.unary(
                "select nothing",
                x -> x.select(IntTensor.of(0, 0)),
                x -> Nd.fill(new int[] {0, 3}, i -> 0),
                shape(2, 3));
    }

    private static void index(
            Table table, Shape shape, UnaryOperator<Tensor> op, Shape result, UnaryOperator<int[]> found) {
        String name =
                "index to " + result + " at " + Arrays.toString(result.size() == 0 ? null : found.apply(new int[4]));
        table.unary(name, op, x -> Nd.fill(result.dims(), i -> element(x, found.apply(i))), shape);
    }

    private static void concat(Table table, int axis, Shape... shapes) {
        table.row(
                "concat " + axis,
                in -> Tensor.concat(axis, in.toArray(Tensor[]::new)),
                in -> {
                    int a = in.get(0).axis(axis);
                    int[] dims = in.get(0).dims().clone();
                    dims[a] = in.stream().mapToInt(x -> x.dims()[a]).sum();
                    return Nd.fill(dims, index -> {
                        int[] within = index.clone();
                        int part = 0;
                        while (within[a] >= in.get(part).dims()[a]) {
                            within[a] -= in.get(part++).dims()[a];
                        }
                        return element(in.get(part), within);
                    });
                },
                shapes);
    }

    private static void stack(Table table, int axis, Shape shape, int count) {
        table.row(
                "stack " + axis,
                in -> Tensor.stack(axis, in.toArray(Tensor[]::new)),
                in -> {
                    int a = Math.floorMod(axis, shape.rank() + 1);
                    int[] dims = IntStream.rangeClosed(0, shape.rank())
                            .map(d -> d < a ? shape.dim(d) : d == a ? count : shape.dim(d - 1))
                            .toArray();
                    return Nd.fill(dims, index -> {
                        int[] within = IntStream.range(0, index.length)
                                .filter(d -> d != a)
                                .map(d -> index[d])
                                .toArray();
                        return element(in.get(index[a]), within);
                    });
                },
                IntStream.range(0, count).mapToObj(i -> shape).toArray(Shape[]::new));
    }

    // ---- Shapes that do not fit ----

    private static final class BadTable {
        final List<BadRow> rows = new ArrayList<>();

        void row(String name, Function<List<Tensor>, Object> op, String message, Shape... shapes) {
            rows.add(new BadRow(name, op, message, List.of(shapes)));
        }

        void unary(String name, Function<Tensor, Object> op, String message, Shape shape) {
            row(name, in -> op.apply(in.get(0)), message, shape);
        }
    }

    static List<BadRow> bad() {
        BadTable table = new BadTable();
        badElements(table);
        badReductions(table);
        badProducts(table);
        badNorms(table);
        badGroupedNorms(table);
        badViews(table);
        badMovements(table);
        badJoins(table);
        badShapes(table);
        badSequences(table);
        table.rows.addAll(WindowCases.bad());
        return table.rows;
    }

    private static void badElements(BadTable table) {
        for (Binary op : Binary.values()) {
            String name = op.name().toLowerCase(Locale.ROOT);
            table.row(
                    name,
                    in -> BinaryOp.of(op, in.get(0), in.get(1)),
                    name + ": shapes do not broadcast: [2, 3] and [4] (3 != 4)",
                    shape(2, 3),
                    shape(4));
        }
        table.row(
                "add",
                in -> in.get(0).add(in.get(1)),
                "add: shapes do not broadcast: [2, 1] and [3, 4] (2 != 3)",
                shape(2, 1),
                shape(3, 4));
        table.row(
                "add of nothing",
                in -> in.get(0).add(in.get(1)),
                "add: shapes do not broadcast: [0] and [2] (0 != 2)",
                shape(0),
                shape(2));
        IntTensor flags = IntTensor.of(1, 0, 1);
        table.row(
                "where",
                in -> Tensor.where(flags, in.get(0), in.get(1)),
                "where: shapes do not broadcast: [2, 4] and [2, 3] (4 != 3)",
                shape(2, 4),
                shape(2, 3));
        table.row(
                "where condition",
                in -> Tensor.where(flags, in.get(0), in.get(1)),
                "where: shapes do not broadcast: [3] and [2, 4] (3 != 4)",
                shape(2, 4),
                shape(2, 4));
        table.unary(
                "maskedFill",
                x -> x.maskedFill(flags, 0),
                "maskedFill: shapes do not broadcast: [3] and [2, 4] (3 != 4)",
                shape(2, 4));
        table.unary(
                "maskedFill larger mask",
                x -> x.maskedFill(IntTensor.of(shape(2, 3), 0, 0, 0, 0, 0, 0), 0),
                "maskedFill: [2, 3] does not broadcast to [3]",
                shape(3));
    }

    private static void badReductions(BadTable table) {
        table.unary("sum", x -> x.sum(2), "axis: no axis 2 in shape [2, 3]", shape(2, 3));
        table.unary("sum", x -> x.sum(-3), "axis: no axis -3 in shape [2, 3]", shape(2, 3));
        table.unary("sum of a scalar", x -> x.sum(0), "axis: no axis 0 in shape []", shape());
        table.unary("mean twice", x -> x.mean(1, -1), "reduce: axis -1 is named twice for shape [2, 3]", shape(2, 3));
        table.unary("var", x -> x.var(0, false, 5), "axis: no axis 5 in shape [2, 3]", shape(2, 3));
        table.unary("max of nothing", x -> x.max(false, 0), "max: nothing to reduce: [0, 3]", shape(0, 3));
        table.unary("max of nothing at all", x -> x.max(false), "max: nothing to reduce: [0, 3]", shape(0, 3));
        table.unary("min of nothing", x -> x.min(true, 1), "min: nothing to reduce: [2, 0]", shape(2, 0));
        table.unary("logSumExp of nothing", x -> x.logSumExp(false), "logSumExp: nothing to reduce: [0]", shape(0));
        table.unary("softmax", x -> x.softmax(1), "axis: no axis 1 in shape [3]", shape(3));
        table.unary("softmax of a scalar", x -> x.softmax(-1), "axis: no axis -1 in shape []", shape());
        table.unary("logSoftmax", x -> x.logSoftmax(-2), "axis: no axis -2 in shape [3]", shape(3));
        table.unary("cumsum", x -> x.cumsum(3), "axis: no axis 3 in shape [3]", shape(3));
        table.unary("argmax", x -> x.argmax(1), "axis: no axis 1 in shape [3]", shape(3));
        table.unary("argmax of nothing", x -> x.argmax(1), "argmax: axis 1 is empty: [3, 0]", shape(3, 0));
    }

    private static void badProducts(BadTable table) {
        table.row(
                "matmul",
                in -> in.get(0).matmul(in.get(1)),
                "matmul: inner dimensions differ: [32, 784] x [512, 10] (784 != 512)",
                shape(32, 784),
                shape(512, 10));
        table.row(
                "matmul transposed",
                in -> in.get(0).matmul(true, in.get(1), true),
                "matmul: inner dimensions differ: [4, 3]^T x [5, 2]^T (4 != 2)",
                shape(4, 3),
                shape(5, 2));
        table.row(
                "matmul of a scalar",
                in -> in.get(0).matmul(in.get(1)),
                "matmul: a factor is a scalar: [] x [3, 2]",
                shape(),
                shape(3, 2));
        table.row(
                "matmul of vectors",
                in -> in.get(0).matmul(in.get(1)),
                "matmul: inner dimensions differ: [3] x [4] (3 != 4)",
                shape(3),
                shape(4));
        table.row(
                "matmul of a vector",
                in -> in.get(0).matmul(in.get(1)),
                "matmul: inner dimensions differ: [3] x [4, 2] (3 != 4)",
                shape(3),
                shape(4, 2));
        table.row(
                "matmul by a vector",
                in -> in.get(0).matmul(true, in.get(1), false),
                "matmul: inner dimensions differ: [4, 2]^T x [3] (4 != 3)",
                shape(4, 2),
                shape(3));
        table.row(
                "matmul batches",
                in -> in.get(0).matmul(in.get(1)),
                "matmul: batch: shapes do not broadcast: [2] and [3] (2 != 3)",
                shape(2, 3, 4),
                shape(3, 4, 5));
        table.row(
                "linear",
                in -> in.get(0).linear(in.get(1), null),
                "matmul: inner dimensions differ: [2, 3] x [4, 5] (3 != 4)",
                shape(2, 3),
                shape(4, 5));
        table.row(
                "linear of a scalar",
                in -> in.get(0).linear(in.get(1), null),
                "matmul: inner dimensions differ: [] x [4, 5] (a scalar != 4)",
                shape(),
                shape(4, 5));
        table.row(
                "linear by a vector",
                in -> in.get(0).linear(in.get(1), null),
                "linear: the weight is not a matrix: [4]",
                shape(2, 4),
                shape(4));
        table.row(
                "linear bias",
                in -> in.get(0).linear(in.get(1), in.get(2)),
                "linear: the bias does not fit the weight: [4] != [5]",
                shape(2, 4),
                shape(4, 5),
                shape(4));
    }

    private static void badNorms(BadTable table) {
        table.unary(
                "Normalize",
                x -> Normalize.of(x, new float[4], new float[4], 1, null, null),
                "normalize: the last axis is not the number of features: [2, 3] (3 != 4)",
                shape(2, 3));
        table.unary(
                "Normalize of a scalar",
                x -> Normalize.of(x, new float[4], new float[4], 1, null, null),
                "normalize: the last axis is not the number of features: [] (a scalar != 4)",
                shape());
        table.row(
                "Normalize scale",
                in -> Normalize.of(in.get(0), new float[3], new float[3], 1, in.get(1), null),
                "normalize: scale or shift does not fit the features: [2] != [3]",
                shape(2, 3),
                shape(2));
        table.row(
                "LayerNorm",
                in -> LayerNorm.of(in.get(0), 1, in.get(1), in.get(1)),
                "normalize: the last axis is not the number of features: [2, 3] (3 != 4)",
                shape(2, 3),
                shape(4));
        table.row(
                "LayerNorm shift",
                in -> LayerNorm.of(in.get(0), 1, in.get(1), in.get(2)),
                "normalize: scale or shift does not fit the features: [4] != [3]",
                shape(2, 3),
                shape(3),
                shape(4));
        table.row(
                "BatchNorm",
                in -> BatchNorm.of(in.get(0), 1, in.get(1), in.get(1), new double[3], new double[3]),
                "batchNorm: statistics of a batch need at least two rows: [1, 3]"
                        + " (if it is what is left at the end of an epoch, fullBatches leaves it out)",
                shape(1, 3),
                shape(3));
        table.row(
                "BatchNorm features",
                in -> BatchNorm.of(in.get(0), 1, in.get(1), in.get(1), new double[4], new double[4]),
                "normalize: the last axis is not the number of features: [2, 3] (3 != 4)",
                shape(2, 3),
                shape(4));
    }

    private static void badGroupedNorms(BadTable table) {
        table.row(
                "RmsNorm",
                in -> RmsNorm.of(in.get(0), 1, in.get(1)),
                "normalize: the last axis is not the number of features: [2, 3] (3 != 4)",
                shape(2, 3),
                shape(4));
        table.row(
                "LayerNorm of blocks",
                in -> LayerNorm.of(in.get(0), 1, null, in.get(1)),
                "normalize: the last axes are not those of the scale: [4] and [3, 4] (rank 1 < 2)",
                shape(4),
                shape(3, 4));
        table.unary(
                "RmsNorm of a scalar",
                x -> RmsNorm.of(x, 1, null),
                "normalize: the last axis is not the number of features: [] (a scalar != 1)",
                shape());
        table.row(
                "GroupNorm",
                in -> GroupNorm.of(in.get(0), 2, 1, in.get(1), in.get(1)),
                "normalize: the last axis is not the number of features: [2, 3, 6] (6 != 4)",
                shape(2, 3, 6),
                shape(4));
        table.row(
                "GroupNorm shift",
                in -> GroupNorm.of(in.get(0), 2, 1, in.get(1), in.get(2)),
                "normalize: scale or shift does not fit the features: [4] != [6]",
                shape(2, 3, 6),
                shape(6),
                shape(4));
        table.unary(
                "GroupNorm groups",
                x -> GroupNorm.of(x, 4, 1, null, null),
                "groupNorm: 6 features do not divide into 4 groups: [2, 3, 6]",
                shape(2, 3, 6));
        table.unary(
                "GroupNorm of a vector",
                x -> GroupNorm.of(x, 1, 1, null, null),
                "groupNorm: needs an axis of instances and one of features: [6]",
                shape(6));
        table.unary(
                "GroupNorm of single elements",
                x -> GroupNorm.of(x, 6, 1, null, null),
                "groupNorm: statistics of a group need at least two elements: [2, 6] in 6 groups",
                shape(2, 6));
        table.unary(
                "WeightStandardization",
                w -> WeightStandardization.of(w, 1),
                "weightStandardization: a filter needs at least two weights: [1, 4]",
                shape(1, 4));
        table.unary(
                "WeightStandardization of a scalar",
                w -> WeightStandardization.of(w, 1),
                "weightStandardization: a filter needs at least two weights: []",
                shape());
    }

    private static void badViews(BadTable table) {
        table.unary("item", Tensor::item, "item: not a single element: [2]", shape(2));
        table.unary("item of nothing", Tensor::item, "item: not a single element: [0]", shape(0));
        table.unary("get", x -> x.get(1, 3), "get: no element [1, 3] in shape [2, 3]", shape(2, 3));
        table.unary("get", x -> x.get(-1, 0), "get: no element [-1, 0] in shape [2, 3]", shape(2, 3));
        table.unary("get", x -> x.get(1), "get: no element [1] in shape [2, 3]", shape(2, 3));
        table.unary("get", x -> x.get(1, 0, 0), "get: no element [1, 0, 0] in shape [2, 3]", shape(2, 3));
        table.unary(
                "reshape",
                x -> x.reshape(4, 2),
                "reshape: element counts differ: [2, 3] to [4, 2] (6 != 8)",
                shape(2, 3));
        table.unary(
                "reshape open",
                x -> x.reshape(4, -1),
                "reshape: [2, 3] does not fit [4, -1] (6 elements, not a multiple of 4)",
                shape(2, 3));
        table.unary(
                "reshape of nothing",
                x -> x.reshape(0, -1),
                "reshape: [0, 3] does not fit [0, -1] (0 elements, not a multiple of 0)",
                shape(0, 3));
        table.unary("reshape", x -> x.reshape(-1, -1), "reshape: more than one -1: [-1, -1]", shape(2, 3));
        table.unary("reshape", x -> x.reshape(-2, -3), "shape: a dimension is negative: [-2, -3]", shape(2, 3));
        table.unary("flatten", x -> x.flatten(2), "axis: no axis 2 in shape [2, 3]", shape(2, 3));
        table.unary("squeeze", x -> x.squeeze(1), "squeeze: axis 1 of [2, 3] has not length 1 (3 != 1)", shape(2, 3));
        table.unary("squeeze", x -> x.squeeze(2), "axis: no axis 2 in shape [2, 3]", shape(2, 3));
        table.unary("unsqueeze", x -> x.unsqueeze(4), "unsqueeze: no place 4 for an axis in shape [2, 3]", shape(2, 3));
        table.unary(
                "unsqueeze", x -> x.unsqueeze(-4), "unsqueeze: no place -4 for an axis in shape [2, 3]", shape(2, 3));
        table.unary("rows", x -> x.rows(1, 3), "rows: no rows 1 to 3 in 2", shape(2, 3));
        table.unary("rows", x -> x.rows(-1, 1), "rows: no rows -1 to 1 in 2", shape(2, 3));
        table.unary("rows", x -> x.rows(2, 1), "rows: no rows 2 to 1 in 2", shape(2, 3));
        table.unary("rows of a scalar", x -> x.rows(0, 1), "axis: no axis 0 in shape []", shape());
        table.unary("instances of a scalar", Tensor::instances, "axis: no axis 0 in shape []", shape());
    }

    private static void badMovements(BadTable table) {
        table.unary("permute", x -> x.permute(0), "permute: 1 axes for shape [2, 3]", shape(2, 3));
        table.unary("permute", x -> x.permute(1, -1), "permute: axis -1 is named twice: [1, -1]", shape(2, 3));
        table.unary("permute", x -> x.permute(0, 2), "axis: no axis 2 in shape [2, 3]", shape(2, 3));
        table.unary("transpose", x -> x.transpose(0, 2), "axis: no axis 2 in shape [2, 3]", shape(2, 3));
        table.unary(
                "index",
                x -> x.index(at(0), Index.all(), at(1)),
                "index: too many indices: [at(0), all(), at(1)] for shape [2, 3]",
                shape(2, 3));
        table.unary(
                "index",
                x -> x.index(ellipsis(), ellipsis()),
                "index: more than one ellipsis: [ellipsis(), ellipsis()] for shape [2, 3]",
                shape(2, 3));
        table.unary(
                "index",
                x -> x.index(Index.all(), range(2, 4)),
                "index: no range(2, 4) on axis 1 of [2, 3] (length 3)",
                shape(2, 3));
        table.unary(
                "index",
                x -> x.index(range(1, 0)),
                "index: no range(1, 0) on axis 0 of [2, 3] (length 2)",
                shape(2, 3));
        table.unary("index", x -> x.index(at(-3)), "index: no at(-3) on axis 0 of [2, 3] (length 2)", shape(2, 3));
        table.unary("index", x -> x.index(at(0)), "index: no at(0) on axis 0 of [0] (length 0)", shape(0));
        table.unary(
                "index", x -> x.index(Index.from(3)), "index: no from(3) on axis 0 of [2, 3] (length 2)", shape(2, 3));
        table.unary(
                "select",
                x -> x.select(IntTensor.of(1, 0, 1)),
                "select: the mask does not have the leading axes: [3] for shape [2, 3]",
                shape(2, 3));
        table.unary(
                "select",
                x -> x.select(IntTensor.of(shape(1, 1), 1)),
                "select: the mask does not have the leading axes: [1, 1] for shape [1]",
                shape(1));
        table.unary(
                "broadcastTo",
                x -> x.broadcastTo(4, 4),
                "broadcastTo: shapes do not broadcast: [2, 4] and [4, 4] (2 != 4)",
                shape(2, 4));
        table.unary(
                "broadcastTo less",
                x -> x.broadcastTo(4),
                "broadcastTo: [2, 4] does not broadcast to [4]",
                shape(2, 4));
        table.unary("broadcastTo one", x -> x.broadcastTo(1), "broadcastTo: [4] does not broadcast to [1]", shape(4));
        table.unary("flip", x -> x.flip(1), "axis: no axis 1 in shape [3]", shape(3));
        table.unary(
                "pad",
                x -> x.pad(new int[] {1}, new int[] {1, 1}, 0),
                "pad: 1 and 2 widths for shape [2, 3]",
                shape(2, 3));
        table.unary(
                "pad",
                x -> x.pad(new int[] {1, 0}, new int[] {1, -1}, 0),
                "pad: a width is negative: [1, 0] and [1, -1]",
                shape(2, 3));
        table.unary(
                "take",
                x -> x.take(IntTensor.of(0, 3), 1),
                "take: index 3 at position 1 is outside axis 1 of [2, 3] (0 to 2)",
                shape(2, 3));
        table.unary(
                "take",
                x -> x.take(IntTensor.of(-1), -2),
                "take: index -1 at position 0 is outside axis -2 of [2, 3] (0 to 1)",
                shape(2, 3));
        table.unary("take", x -> x.take(IntTensor.of(0), 2), "axis: no axis 2 in shape [2, 3]", shape(2, 3));
    }

    private static void badJoins(BadTable table) {
        table.row("concat of nothing", in -> Tensor.concat(0), "concat: no tensors to join");
        table.row("stack of nothing", in -> Tensor.stack(0), "concat: no tensors to join");
        table.row(
                "concat",
                in -> Tensor.concat(1, in.get(0), in.get(1)),
                "concat: shapes differ beyond axis 1: [2, 3] and [4, 3]",
                shape(2, 3),
                shape(4, 3));
        table.row(
                "concat ranks",
                in -> Tensor.concat(0, in.get(0), in.get(1)),
                "concat: shapes differ beyond axis 0: [2, 3] and [3]",
                shape(2, 3),
                shape(3));
        table.row(
                "concat of scalars",
                in -> Tensor.concat(0, in.get(0), in.get(1)),
                "axis: no axis 0 in shape []",
                shape(),
                shape());
        table.row(
                "stack",
                in -> Tensor.stack(0, in.get(0), in.get(1)),
                "concat: shapes differ beyond axis 0: [1, 2] and [1, 3]",
                shape(2),
                shape(3));
    }

    private static void badShapes(BadTable table) {
        table.row("tensor", in -> Tensor.of(shape(2, 3), 1, 2), "tensor: 2 values for shape [2, 3] (6 elements)");
        table.row(
                "tensor of rows",
                in -> Tensor.of(new float[][] {{1, 2}, {3}}),
                "tensor: rows differ in length: row 1 has 1 elements, row 0 has 2");
        table.row("int tensor", in -> IntTensor.of(shape(2), 1), "int tensor: 1 values for shape [2] (2 elements)");
        table.row("int rows", in -> IntTensor.of(1, 2).rows(1, 3), "rows: no rows 1 to 3 in 2");
        table.row("parameter", in -> Parameter.of(shape(2), 1), "parameter: 1 values for shape [2] (2 elements)");
        table.row("shape", in -> Shape.of(2, -1), "shape: a dimension is negative: [2, -1]");
        table.row("shape", in -> Shape.of(65536, 32768), "shape: more than 2^31 - 1 elements: [65536, 32768]");
        table.row("zeros", in -> Tensor.zeros(3, -3), "shape: a dimension is negative: [3, -3]");
        table.row("with", in -> shape(2).with(1, 3), "axis: no axis 1 in shape [2]");
        table.row(
                "gradients",
                in -> new Gradients().set(Parameter.full(shape(2), 0), 1, 2, 3),
                "gradient: 3 values for shape [2]");
    }

    // ---- Sequences ----

    private static void sequences(Table table) {
        table.drawing(uniform(-.5f, .5f)); // small: over time curvature multiplies
        for (Cell cell : Cell.values()) {
            if (cell != Cell.RELU) { // whose kinks no drawing avoids; SequenceTest has it
                recurrence(table, cell, shape(2, 3, 2), 3, null, false);
                recurrence(table, cell, shape(3, 4, 2), 2, IntTensor.of(4, 2, 0), true);
                recurrence(table, cell, shape(3, 4, 2), 2, IntTensor.of(1, 4, 3), false);
                recurrence(table, cell, shape(2, 1, 2, 1), 1, null, true);
                recurrence(table, cell, shape(2, 0, 2), 2, null, false);
                recurrence(table, cell, shape(0, 3, 2), 2, null, false);
            }
        }
        table.drawing(uniform(-1, 1));
        AttentionOptions plain = AttentionOptions.defaults();
        attention(table, plain, shape(2, 3, 4), shape(2, 3, 4), shape(2, 3, 4));
        attention(table, plain, shape(2, 3), shape(4, 3), shape(4, 5));
        attention(table, plain.withCausal(), shape(2, 3, 4, 2), shape(2, 3, 4, 2), shape(2, 3, 4, 2));
        attention(table, plain.withCausal().withScale(.25f), shape(3, 2), shape(5, 2), shape(5, 1));
        attention(
                table,
                plain.withMask(IntTensor.of(shape(2, 1, 4), 1, 0, 1, 1, 0, 0, 0, 0)), // the second sees nothing
                shape(2, 3, 2),
                shape(2, 4, 2),
                shape(2, 4, 3));
        attention(table, plain, shape(0, 3, 2), shape(0, 3, 2), shape(0, 3, 2));
        attention(table, plain, shape(2, 0, 2), shape(2, 3, 2), shape(2, 3, 2));
        attention(table, plain, shape(2, 3, 2), shape(2, 0, 2), shape(2, 0, 2));
        for (int heads : new int[] {1, 2}) {
            table.row(
                    "MultiHeadAttention " + heads,
                    in -> MultiHeadAttention.self(in.get(0), heads, plain.withCausal()),
                    in -> headByHead(in.get(0), heads),
                    shape(2, 3, 12));
        }
        table.row("Rotary", in -> Rotary.of(in.get(0), 4, 4, 10, 3), in -> turned(in.get(0)), shape(2, 3, 5));
        table.row("Rotary", in -> Rotary.of(in.get(0), 4, 4, 10, 3), in -> turned(in.get(0)), shape(0, 3, 4));
        Tensor tokens = Tensor.of(shape(2, 2), 2, 0, 0, 2);
        table.row(
                "Embedding",
                in -> Embedding.of(tokens, in.get(0), -1),
                in -> Nd.fill(new int[] {2, 2, 4}, i -> element(in.get(0), (int) tokens.get(i[0], i[1]), i[2])),
                shape(3, 4));
        table.row(
                "Embedding of nothing",
                in -> Embedding.of(Tensor.zeros(0, 2), in.get(0), -1),
                in -> in.get(0)
                        .reshape(3, 4)
                        .matmul(Nd.fill(new int[] {4, 0}, i -> 0))
                        .reshape(0, 2, 4),
                shape(3, 4));
    }

    private static void recurrence(Table table, Cell cell, Shape x, int h, IntTensor lengths, boolean reverse) {
        int width = cell.gates() * h;
        Shape state = Shape.of(Arrays.copyOf(x.dims(), x.rank() - 1)).with(-1, h);
        Shape weight = shape(x.dim(-1), width);
        Shape recurrent = shape(h, width);
        Shape bias = shape(width);
        table.row(
                "Recurrence " + cell + (reverse ? " reverse" : "") + (lengths == null ? "" : " with lengths"),
                in -> {
                    var weights = new Recurrence.Weights(in.get(1), in.get(2), in.get(3), in.get(4));
                    var initial = new Recurrence.State(in.get(5), cell.hasCell() ? in.get(6) : null);
                    var result = Recurrence.of(cell, in.get(0), weights, initial, lengths, reverse);
                    Tensor all = Tensor.concat(
                            0,
                            result.output().flatten(0),
                            result.state().hidden().flatten(0));
                    Tensor last = result.state().cell();
                    return last == null ? all : Tensor.concat(0, all, last.flatten(0));
                },
                in -> stepByStep(cell, in, h, lengths, reverse),
                cell.hasCell()
                        ? new Shape[] {x, weight, recurrent, bias, bias, state, state}
                        : new Shape[] {x, weight, recurrent, bias, bias, state});
    }

    /** Outputs, final hidden state and final cell, one sequence, step and feature at a time. */
    private static Nd stepByStep(Cell cell, List<Nd> in, int h, IntTensor lengths, boolean reverse) {
        int[] dims = in.get(0).dims();
        int t = dims[dims.length - 2];
        int c = dims[dims.length - 1];
        int n = in.get(5).data().length / h;
        double[] x = in.get(0).data();
        double[] output = new double[n * t * h];
        double[] hidden = in.get(5).data().clone();
        double[] memory = cell.hasCell() ? in.get(6).data().clone() : new double[0];
        for (int i = 0; i < n; i++) {
            int length = lengths == null ? t : lengths.at(i);
            for (int s = 0; s < length; s++) {
                int time = reverse ? length - 1 - s : s;
                double[] a =
                        affine(in.get(1), in.get(3), Arrays.copyOfRange(x, (i * t + time) * c, (i * t + time + 1) * c));
                double[] u = affine(in.get(2), in.get(4), Arrays.copyOfRange(hidden, i * h, (i + 1) * h));
                for (int j = 0; j < h; j++) {
                    switch (cell) {
                        case TANH, RELU -> hidden[i * h + j] = Math.tanh(a[j] + u[j]);
                        case LSTM -> {
                            memory[i * h + j] = logistic(a[h + j] + u[h + j]) * memory[i * h + j]
                                    + logistic(a[j] + u[j]) * Math.tanh(a[2 * h + j] + u[2 * h + j]);
                            hidden[i * h + j] = logistic(a[3 * h + j] + u[3 * h + j]) * Math.tanh(memory[i * h + j]);
                        }
                        case GRU -> {
                            double z = logistic(a[h + j] + u[h + j]);
                            double next = Math.tanh(a[2 * h + j] + logistic(a[j] + u[j]) * u[2 * h + j]);
                            hidden[i * h + j] = (1 - z) * next + z * hidden[i * h + j];
                        }
                    }
                    output[(i * t + time) * h + j] = hidden[i * h + j];
                }
            }
        }
        double[] all = Arrays.copyOf(output, output.length + hidden.length + memory.length);
        System.arraycopy(hidden, 0, all, output.length, hidden.length);
        System.arraycopy(memory, 0, all, output.length + hidden.length, memory.length);
        return new Nd(new int[] {all.length}, all);
    }

    private static double[] affine(Nd weight, Nd bias, double... row) {
        double[] sums = bias.data().clone();
        for (int j = 0; j < sums.length; j++) {
            for (int k = 0; k < row.length; k++) {
                sums[j] += row[k] * weight.data()[k * sums.length + j];
            }
        }
        return sums;
    }

    private static double logistic(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static void attention(Table table, AttentionOptions options, Shape... qkv) {
        table.row(
                "scaledDotProductAttention" + (options.causal() ? " causal" : "")
                        + (options.mask() == null ? "" : " masked"),
                in -> Tensor.scaledDotProductAttention(in.get(0), in.get(1), in.get(2), options),
                in -> attended(in.get(0), in.get(1), in.get(2), options),
                qkv);
    }

    private static Nd attended(Nd q, Nd k, Nd v, AttentionOptions options) {
        double scale = options.scale() != 0 ? options.scale() : 1 / Math.sqrt(q.dims()[q.rank() - 1]);
        Nd products = q.matmul(k.transposeIf(true));
        Nd e = Nd.fill(products.dims(), i -> {
            int[] dims = products.dims();
            boolean seen = !options.causal() || i[dims.length - 1] <= i[dims.length - 2];
            IntTensor mask = options.mask();
            return seen && (mask == null || mask(mask).at(i) != 0) ? Math.exp(scale * element(products, i)) : 0;
        });
        Nd weights = e.alongAxis(-1, (line, i) -> line[i] / Math.max(sum(line), Double.MIN_NORMAL));
        return weights.matmul(v);
    }

    private static Nd headByHead(Nd qkv, int heads) {
        int n = qkv.dims()[0];
        int t = qkv.dims()[1];
        int features = qkv.dims()[2] / 3;
        int width = features / heads;
        Nd split = qkv.reshape(n, t, 3, heads, width).permute(2, 0, 3, 1, 4);
        Nd[] parts = new Nd[3];
        for (int p = 0; p < 3; p++) {
            parts[p] = box(split, 0, p, p + 1).reshape(n, heads, t, width);
        }
        return attended(
                        parts[0],
                        parts[1],
                        parts[2],
                        AttentionOptions.defaults().withCausal())
                .permute(0, 2, 1, 3)
                .reshape(n, t, features);
    }

    /** By complex numbers: each pair is multiplied by e^(i angle). */
    private static Nd turned(Nd x) {
        return Nd.fill(x.dims(), i -> {
            int j = i[2];
            if (j >= 4) {
                return element(x, i);
            }
            double angle = (i[1] + 3) * Math.pow(10, -(j / 2) / 2.0);
            double re = element(x, i[0], i[1], j - j % 2);
            double im = element(x, i[0], i[1], j - j % 2 + 1);
            return j % 2 == 0
                    ? re * Math.cos(angle) - im * Math.sin(angle)
                    : re * Math.sin(angle) + im * Math.cos(angle);
        });
    }

    private static void badSequences(BadTable table) {
        badRecurrence(
                table, "lstm: the input needs the axes [..., T, C]: [2]", null, shape(2), shape(2, 12), shape(3, 12));
        badRecurrence(
                table,
                "lstm: inner dimensions differ: [2, 4, 5] x [2, 12] (5 != 2)",
                null,
                shape(2, 4, 5),
                shape(2, 12),
                shape(3, 12));
        badRecurrence(
                table,
                "lstm: the weights need 4 gates of 3 features: [2, 9] and [3, 12] (9 and 12 != 12)",
                null,
                shape(2, 4, 2),
                shape(2, 9),
                shape(3, 12));
        badRecurrence(
                table, "lstm: a weight is not a matrix: [2] and [3, 12]", null, shape(2, 4, 2), shape(2), shape(3, 12));
        badRecurrence(
                table,
                "lstm: length 5 of sequence 1 is not within 0 to 4",
                IntTensor.of(0, 5),
                shape(2, 4, 2),
                shape(2, 12),
                shape(3, 12));
        badRecurrence(
                table,
                "lstm: the mask of sequence 1 has a gap: step 1 is not valid, but step 3 is",
                IntTensor.of(shape(2, 4), 1, 1, 1, 1, 1, 0, 0, 1),
                shape(2, 4, 2),
                shape(2, 12),
                shape(3, 12));
        badRecurrence(
                table,
                "lstm: neither lengths [2] nor a mask [2, 4]: [3]",
                IntTensor.of(1, 2, 3),
                shape(2, 4, 2),
                shape(2, 12),
                shape(3, 12));
        table.row(
                "Recurrence bias",
                in -> Recurrence.of(
                        Cell.GRU,
                        in.get(0),
                        new Recurrence.Weights(in.get(1), in.get(2), in.get(3), null),
                        null,
                        null,
                        false),
                "gru: a bias does not fit the weights: [8] != [9]",
                shape(2, 4, 2),
                shape(2, 9),
                shape(3, 9),
                shape(8));
        table.row(
                "Recurrence state",
                in -> Recurrence.of(
                        Cell.TANH,
                        in.get(0),
                        new Recurrence.Weights(in.get(1), in.get(2), null, null),
                        Recurrence.State.of(in.get(3)),
                        null,
                        false),
                "rnn: the initial hidden state does not fit: [3] != [2, 3]",
                shape(2, 4, 2),
                shape(2, 3),
                shape(3, 3),
                shape(3));
        table.row(
                "attention",
                in -> Tensor.scaledDotProductAttention(in.get(0), in.get(1), in.get(1), AttentionOptions.defaults()),
                "attention: needs q [..., L, D], k [..., S, D] and v [..., S, E]: [2, 3, 4], [2, 3, 5] and [2, 3, 5]",
                shape(2, 3, 4),
                shape(2, 3, 5));
        table.unary(
                "attention mask",
                x -> Tensor.scaledDotProductAttention(
                        x, x, x, AttentionOptions.defaults().withMask(IntTensor.of(shape(2, 1, 1, 3)))),
                "int tensor: 0 values for shape [2, 1, 1, 3] (6 elements)",
                shape(2, 3, 4));
        table.unary(
                "attention mask",
                x -> Tensor.scaledDotProductAttention(
                        x, x, x, AttentionOptions.defaults().withMask(IntTensor.of(shape(1, 1, 1, 3), 1, 1, 1))),
                "attention: the mask does not broadcast: [1, 1, 1, 3] to [2, 3, 3]",
                shape(2, 3, 4));
        table.unary(
                "heads",
                x -> MultiHeadAttention.self(x, 3, AttentionOptions.defaults()),
                "attention: 3 heads do not divide 4 features",
                shape(2, 3, 12));
        table.unary(
                "heads",
                x -> MultiHeadAttention.self(x, 2, AttentionOptions.defaults()),
                "attention: self needs [N, T, 3 D]: [2, 12]",
                shape(2, 12));
        table.row(
                "heads of others",
                in -> MultiHeadAttention.cross(in.get(0), in.get(1), 3, 2, 0, AttentionOptions.defaults()),
                "attention: 3 keys and values do not fit: [2, 3, 4] and [2, 2, 8] != [N, S, 2 D]",
                shape(2, 3, 4),
                shape(2, 2, 8));
        table.unary(
                "rotary",
                x -> Rotary.of(x, 4, 3, 10, 0),
                "rotary: 4 features of [2, 3, 4] are not whole heads of an even width (3)",
                shape(2, 3, 4));
        table.unary(
                "embedding",
                x -> Embedding.of(Tensor.of(shape(1, 2), 1, 3), x, -1),
                "embedding: the token at position 1 of [1, 2] is no whole number from 0 to 2: 3.0",
                shape(3, 4));
        table.unary(
                "embedding",
                x -> Embedding.of(Tensor.of(.5f), x, -1),
                "embedding: the token at position 0 of [1] is no whole number from 0 to 2: 0.5",
                shape(3, 4));
        table.unary(
                "embedding",
                x -> Embedding.of(Tensor.of(Float.NaN), x, -1),
                "embedding: the token at position 0 of [1] is no whole number from 0 to 2: NaN",
                shape(3, 4));
        table.unary("embedding", x -> Embedding.of(x, x, -1), "embedding: the table is not a matrix: [3]", shape(3));
        table.row(
                "toTensor",
                in -> IntTensor.of(1, (1 << 24) + 1).toTensor(),
                "toTensor: 16777217 at position 1 of [2] is not exact as a float (more than 2^24)");
        var cache = KeyValueCache.of(4);
        cache.begin();
        var slot = cache.slot(0);
        slot.append(Tensor.zeros(2, 1, 6));
        table.unary(
                "append",
                slot::append,
                "key-value cache: it holds 2 sequences of 6 features, not [3, 1, 6]",
                shape(3, 1, 6));
    }

    private static void badRecurrence(BadTable table, String message, IntTensor lengths, Shape... shapes) {
        table.row(
                "Recurrence",
                in -> Recurrence.of(
                        Cell.LSTM,
                        in.get(0),
                        new Recurrence.Weights(in.get(1), in.get(2), null, null),
                        null,
                        lengths,
                        false),
                message,
                shapes);
    }
}
