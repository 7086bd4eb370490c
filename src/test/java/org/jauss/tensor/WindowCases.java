package org.jauss.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.jauss.tensor.OpCases.BadRow;
import org.jauss.tensor.OpCases.Draw;
import org.jauss.tensor.OpCases.Row;

/** The rows of {@link OpCases} about windows: convolution, pooling, resampling and reflection. */
final class WindowCases {
    private static final Draw ANY = OpCases.uniform(-2, 2);
    private static final Sliding PLAIN = Sliding.of();

    private WindowCases() {}

    private static Shape shape(int... dims) {
        return Shape.of(dims);
    }

    private static Row row(
            String name,
            Draw draw,
            Function<List<Tensor>, Tensor> op,
            Function<List<Nd>, Nd> reference,
            Shape... shapes) {
        return new Row(name, op, reference, List.of(shapes), List.of(draw), true);
    }

    /** One axis of a definition: element k at output o sees {@code o stride + k dilation - before}. */
    private record Axis(int output, int stride, int dilation, int before) {}

    private static Axis axis(int output, int stride, int dilation, int before) {
        return new Axis(output, stride, dilation, before);
    }

    static List<Row> all() {
        List<Row> rows = new ArrayList<>();
        conv(rows);
        convTranspose(rows);
        pools(rows);
        adaptive(rows);
        resampling(rows);
        return rows;
    }

    // ---- Convolution ----

    private static void conv(List<Row> rows) {
        conv(rows, PLAIN, 1, shape(2, 6, 3), shape(3, 3, 4), axis(4, 1, 1, 0));
        conv(rows, PLAIN.withPadding(Padding.same()), 1, shape(1, 5, 2), shape(4, 2, 3), axis(5, 1, 1, 1));
        conv(rows, Sliding.by(2), 1, shape(0, 6, 3), shape(3, 3, 4), axis(2, 2, 1, 0));
        Sliding uneven = Sliding.by(2, 1).withPadding(Padding.of(new int[] {1, 0}, new int[] {0, 2}));
        conv(rows, uneven, 1, shape(2, 5, 4, 2), shape(3, 2, 2, 3), axis(2, 2, 1, 1), axis(5, 1, 1, 0));
        conv(
                rows,
                Sliding.by(2).withPadding(Padding.same()),
                1,
                shape(1, 5, 6, 2),
                shape(3, 3, 2, 3),
                axis(3, 2, 1, 1),
                axis(3, 2, 1, 0));
        conv(
                rows,
                PLAIN.withDilation(2, 1).withPadding(Padding.of(1)),
                2,
                shape(2, 4, 3, 4),
                shape(2, 3, 2, 6),
                axis(4, 1, 2, 1),
                axis(3, 1, 1, 1));
        conv(rows, PLAIN, 3, shape(2, 3, 4, 3), shape(2, 2, 1, 6), axis(2, 1, 1, 0), axis(3, 1, 1, 0));
        conv(rows, PLAIN, 1, shape(2, 3, 2, 3), shape(1, 1, 3, 5), axis(3, 1, 1, 0), axis(2, 1, 1, 0));
        conv(rows, PLAIN, 1, shape(0, 3, 2, 3), shape(1, 2, 3, 5), axis(3, 1, 1, 0), axis(1, 1, 1, 0));
        conv(
                rows,
                Sliding.by(1, 2, 1).withPadding(Padding.of(0, 1, 1)),
                1,
                shape(1, 3, 4, 3, 2),
                shape(2, 3, 2, 2, 2),
                axis(2, 1, 1, 0),
                axis(2, 2, 1, 1),
                axis(4, 1, 1, 1));
    }

    private static void conv(List<Row> rows, Sliding sliding, int groups, Shape x, Shape weight, Axis... axes) {
        Shape bias = shape(weight.dim(-1));
        String name = "conv " + sliding + ", " + groups + " groups";
        rows.add(row(
                name,
                ANY,
                in -> in.get(0).conv(in.get(1), in.get(2), sliding, groups),
                in -> convolved(in.get(0), in.get(1), groups, axes).with(in.get(2), Double::sum),
                x,
                weight,
                bias));
        rows.add(row(
                name + " without bias",
                ANY,
                in -> in.get(0).conv(in.get(1), null, sliding, groups),
                in -> convolved(in.get(0), in.get(1), groups, axes),
                x,
                weight));
    }

    private static Nd convolved(Nd x, Nd weight, int groups, Axis... axes) {
        int rank = axes.length;
        int channels = weight.dims()[rank];
        int filters = weight.dims()[rank + 1];
        int[] kernel = Arrays.copyOf(weight.dims(), rank);
        return Nd.fill(result(x, axes, filters), at -> {
            int filter = at[rank + 1];
            int first = filter / (filters / groups) * channels;
            return sum(kernel, k -> {
                int[] from = seen(x, at, k, axes);
                double sum = 0;
                for (int c = 0; from.length > 0 && c < channels; c++) {
                    from[rank + 1] = first + c;
                    int[] w = Arrays.copyOf(k, rank + 2);
                    w[rank] = c;
                    w[rank + 1] = filter;
                    sum += x.at(from) * weight.at(w);
                }
                return sum;
            });
        });
    }

    private static int[] result(Nd x, Axis[] axes, int features) {
        int[] dims = x.dims().clone();
        for (int d = 0; d < axes.length; d++) {
            dims[d + 1] = axes[d].output();
        }
        dims[axes.length + 1] = features;
        return dims;
    }

    /** The index that element k of the window at an index sees, or nothing outside the input. */
    private static int[] seen(Nd x, int[] at, int[] k, Axis... axes) {
        int[] from = at.clone();
        for (int d = 0; d < axes.length; d++) {
            from[d + 1] = at[d + 1] * axes[d].stride() + k[d] * axes[d].dilation() - axes[d].before();
            if (from[d + 1] < 0 || from[d + 1] >= x.dims()[d + 1]) {
                return new int[0];
            }
        }
        return from;
    }

    private static double sum(int[] dims, ToDoubleFunction<int[]> term) {
        return Arrays.stream(Nd.fill(dims, term).data()).sum();
    }

    private static void convTranspose(List<Row> rows) {
        convTranspose(rows, PLAIN, 1, shape(2, 4, 3), shape(3, 2, 3), axis(6, 1, 1, 0));
        convTranspose(
                rows,
                Sliding.by(2).withPadding(Padding.of(1)),
                1,
                shape(1, 3, 2, 2),
                shape(3, 3, 3, 2),
                axis(5, 2, 1, 1),
                axis(3, 2, 1, 1));
        convTranspose(
                rows,
                Sliding.by(2).withPadding(Padding.same()),
                1,
                shape(1, 3, 2, 2),
                shape(3, 1, 3, 2),
                axis(6, 2, 1, 0),
                axis(4, 2, 1, 0));
        convTranspose(rows, PLAIN.withDilation(2), 2, shape(2, 3, 4), shape(2, 3, 4), axis(5, 1, 2, 0));
        convTranspose(rows, PLAIN, 1, shape(0, 4, 3), shape(3, 2, 3), axis(6, 1, 1, 0));
        rows.add(row(
                "convTranspose with output padding",
                ANY,
                in -> in.get(0).convTranspose(in.get(1), null, Sliding.by(3, 2), 1, 2, 1),
                in -> transposed(in.get(0), in.get(1), 1, axis(7, 3, 1, 0), axis(6, 2, 1, 0)),
                shape(1, 2, 2, 2),
                shape(2, 3, 1, 2)));
    }

    private static void convTranspose(
            List<Row> rows, Sliding sliding, int groups, Shape x, Shape weight, Axis... axes) {
        rows.add(row(
                "convTranspose " + sliding + ", " + groups + " groups",
                ANY,
                in -> in.get(0).convTranspose(in.get(1), in.get(2), sliding, groups),
                in -> transposed(in.get(0), in.get(1), groups, axes).with(in.get(2), Double::sum),
                x,
                weight,
                shape(weight.dim(-2) * groups)));
    }

    /** What arrives at each position: all terms whose window sees it. */
    private static Nd transposed(Nd x, Nd weight, int groups, Axis... axes) {
        int rank = axes.length;
        int perGroup = weight.dims()[rank];
        int channels = weight.dims()[rank + 1];
        int[] walk = Arrays.copyOf(weight.dims(), 2 * rank + 1); // window, then channels, then input positions
        walk[rank] = channels;
        System.arraycopy(x.dims(), 1, walk, rank + 1, rank);
        return Nd.fill(
                result(x, axes, perGroup * groups),
                at -> sum(walk, k -> {
                    int group = at[rank + 1] / perGroup;
                    boolean meets = k[rank] / (channels / groups) == group;
                    int[] from = at.clone();
                    for (int d = 0; d < rank; d++) {
                        from[d + 1] = k[rank + 1 + d];
                        int target = from[d + 1] * axes[d].stride() + k[d] * axes[d].dilation() - axes[d].before();
                        meets &= target == at[d + 1];
                    }
                    from[rank + 1] = k[rank];
                    int[] w = Arrays.copyOf(k, rank + 2);
                    w[rank] = at[rank + 1] % perGroup;
                    w[rank + 1] = k[rank];
                    return meets ? x.at(from) * weight.at(w) : 0;
                }));
    }

    // ---- Pooling ----

    private static void pools(List<Row> rows) {
        pool(rows, Sliding.by(2), new int[] {2}, shape(2, 5, 3), axis(2, 2, 1, 0));
        pool(rows, Sliding.by(2), new int[] {2}, shape(0, 5, 3), axis(2, 2, 1, 0));
        pool(
                rows,
                PLAIN.withPadding(Padding.of(1)),
                new int[] {3, 2},
                shape(2, 4, 3, 2),
                axis(4, 1, 1, 1),
                axis(4, 1, 1, 1));
        pool(
                rows,
                Sliding.by(2).withPadding(Padding.same()),
                new int[] {3, 3},
                shape(1, 5, 6, 2),
                axis(3, 2, 1, 1),
                axis(3, 2, 1, 0));
        pool(
                rows,
                Sliding.by(1, 2).withDilation(2, 1).withPadding(Padding.of(1, 0)),
                new int[] {2, 2},
                shape(1, 4, 5, 1),
                axis(4, 1, 2, 1),
                axis(2, 2, 1, 0));
        pool(
                rows,
                Sliding.by(2),
                new int[] {2, 1, 2},
                shape(1, 4, 3, 2, 2),
                axis(2, 2, 1, 0),
                axis(2, 2, 1, 0),
                axis(1, 2, 1, 0));
    }

    private static void pool(List<Row> rows, Sliding sliding, int[] kernel, Shape shape, Axis... axes) {
        String name = " " + Arrays.toString(kernel) + " " + sliding;
        int size = Arrays.stream(kernel).reduce(1, (a, b) -> a * b);
        rows.add(row(
                "maxPool" + name,
                OpCases.apart(0),
                in -> in.get(0).maxPool(kernel, sliding),
                in -> pooled(
                        in.get(0), kernel, axes, box -> Arrays.stream(box).max().orElse(0)),
                shape));
        rows.add(row(
                "avgPool" + name,
                ANY,
                in -> in.get(0).avgPool(kernel, sliding, true),
                in -> pooled(in.get(0), kernel, axes, box -> Arrays.stream(box).sum() / size),
                shape));
        rows.add(row(
                "avgPool of elements" + name,
                ANY,
                in -> in.get(0).avgPool(kernel, sliding, false),
                in -> pooled(
                        in.get(0),
                        kernel,
                        axes,
                        box -> Arrays.stream(box).average().orElse(0)),
                shape));
    }

    private static Nd pooled(Nd x, int[] kernel, Axis[] axes, ToDoubleFunction<double[]> f) {
        int elements = Arrays.stream(kernel).reduce(1, (a, b) -> a * b);
        return Nd.fill(
                result(x, axes, x.dims()[axes.length + 1]),
                at -> f.applyAsDouble(IntStream.range(0, elements)
                        .mapToObj(i -> seen(x, at, Nd.index(kernel, i), axes))
                        .filter(from -> from.length > 0)
                        .mapToDouble(x::at)
                        .toArray()));
    }

    private static void adaptive(List<Row> rows) {
        adaptive(rows, shape(2, 5, 3), 3);
        adaptive(rows, shape(2, 2, 3), 5);
        adaptive(rows, shape(1, 5, 7, 2), 2, 3);
        adaptive(rows, shape(0, 4, 4, 2), 1, 4);
        adaptive(rows, shape(1, 3, 2, 4, 1), 2, 1, 3);
    }

    private static void adaptive(List<Row> rows, Shape shape, int... lengths) {
        rows.add(row(
                "adaptiveMaxPool " + Arrays.toString(lengths),
                OpCases.apart(0),
                in -> in.get(0).adaptiveMaxPool(lengths),
                in -> boxed(in.get(0), lengths, box -> Arrays.stream(box).max().orElse(0)),
                shape));
        rows.add(row(
                "adaptiveAvgPool " + Arrays.toString(lengths),
                ANY,
                in -> in.get(0).adaptiveAvgPool(lengths),
                in -> boxed(
                        in.get(0), lengths, box -> Arrays.stream(box).average().orElse(0)),
                shape));
    }

    private static Nd boxed(Nd x, int[] lengths, ToDoubleFunction<double[]> f) {
        int[] dims = x.dims().clone();
        System.arraycopy(lengths, 0, dims, 1, lengths.length);
        return Nd.fill(
                dims,
                at -> f.applyAsDouble(IntStream.range(0, x.data().length)
                        .filter(i -> {
                            int[] from = Nd.index(x.dims(), i);
                            boolean inside = from[0] == at[0] && from[dims.length - 1] == at[dims.length - 1];
                            for (int d = 1; d < dims.length - 1; d++) {
                                double scale = (double) x.dims()[d] / dims[d];
                                inside &= from[d] >= Math.floor(at[d] * scale)
                                        && from[d] < Math.ceil((at[d] + 1) * scale);
                            }
                            return inside;
                        })
                        .mapToDouble(i -> x.data()[i])
                        .toArray()));
    }

    // ---- Resampling ----

    private static void resampling(List<Row> rows) {
        int[][] lengths = {{6}, {5}, {2}, {4, 9}, {6, 2}};
        for (int[] to : lengths) {
            for (Shape shape : to.length == 1 ? List.of(shape(2, 3, 2), shape(0, 3, 2)) : List.of(shape(2, 2, 3, 2))) {
                for (Interpolation interpolation : Interpolation.values()) {
                    rows.add(row(
                            "upsample " + interpolation + " " + Arrays.toString(to),
                            ANY,
                            in -> in.get(0).upsample(interpolation, to),
                            in -> resampled(in.get(0), interpolation, to),
                            shape));
                }
            }
        }
        int[] before = {1, 0, 2};
        int[] after = {0, 0, 2};
        for (Shape shape : List.of(shape(2, 1, 3), shape(3, 2, 4), shape(2, 0, 3))) {
            rows.add(row(
                    "reflectionPad",
                    ANY,
                    in -> in.get(0).reflectionPad(before, after),
                    in -> Nd.fill(
                            new int[] {shape.dim(0) + 1, shape.dim(1), shape.dim(2) + 4},
                            at -> in.get(0)
                                    .at(mirrored(at[0] - 1, shape.dim(0)), at[1], mirrored(at[2] - 2, shape.dim(2)))),
                    shape));
        }
    }

    private static int mirrored(int i, int n) {
        return i < 0 ? -i : i >= n ? 2 * n - 2 - i : i;
    }

    /** One axis after the other. */
    private static Nd resampled(Nd x, Interpolation interpolation, int... lengths) {
        Nd y = x;
        for (int d = 1; d <= lengths.length; d++) {
            int axis = d;
            Nd from = y;
            int n = from.dims()[d];
            int[] dims = from.dims().clone();
            dims[d] = lengths[d - 1];
            y = Nd.fill(dims, at -> {
                double scale = (double) n / dims[axis];
                boolean nearest = interpolation == Interpolation.NEAREST;
                double position = nearest ? Math.floor(at[axis] * scale) : Math.max(0, (at[axis] + .5) * scale - .5);
                int low = Math.min(n - 1, (int) position);
                double share = position - low;
                int[] left = at.clone();
                int[] right = at.clone();
                left[axis] = low;
                right[axis] = Math.min(n - 1, low + 1);
                return (1 - share) * from.at(left) + share * from.at(right);
            });
        }
        return y;
    }

    // ---- Shapes that do not fit ----

    static List<BadRow> bad() {
        List<BadRow> rows = new ArrayList<>();
        String conv = "conv2d: channels differ: [2, 8, 8, 3] with kernel [3, 3, 4, 8] ";
        badConv(rows, PLAIN, 1, conv + "(3 != 4)", shape(2, 8, 8, 3), shape(3, 3, 4, 8), shape(8));
        badConv(rows, PLAIN, 2, conv + "(3 != 2 groups x 4)", shape(2, 8, 8, 3), shape(3, 3, 4, 8), shape(8));
        badConv(
                rows,
                PLAIN,
                3,
                "conv1d: the last axis of the kernel is no multiple of the groups: [3, 1, 8] (8 and 3)",
                shape(2, 8, 3),
                shape(3, 1, 8),
                shape(8));
        badConv(
                rows,
                PLAIN,
                0,
                "conv1d: the last axis of the kernel is no multiple of the groups: [3, 3, 8] (8 and 0)",
                shape(2, 8, 3),
                shape(3, 3, 8),
                shape(8));
        badConv(
                rows,
                PLAIN,
                1,
                "conv2d: the input must have 4 axes: [8, 8, 3] (3 != 4)",
                shape(8, 8, 3),
                shape(3, 3, 3, 8),
                shape(8));
        badConv(
                rows,
                PLAIN,
                1,
                "conv: the kernel must have 3 to 5 axes: [3, 8] (2)",
                shape(8, 3),
                shape(3, 8),
                shape(8));
        badConv(
                rows,
                PLAIN,
                1,
                "conv3d: the bias does not fit the kernel: [3] != [8]",
                shape(1, 4, 4, 4, 3),
                shape(3, 3, 3, 3, 8),
                shape(3));
        badConv(
                rows,
                PLAIN.withDilation(3),
                1,
                "conv2d: the window does not fit: [2, 8, 6, 3] with kernel [3, 3, 3, 8] (7 > 6)",
                shape(2, 8, 6, 3),
                shape(3, 3, 3, 8),
                shape(8));
        badConv(
                rows,
                Sliding.by(1, 2, 1),
                1,
                "conv2d: stride has 3 numbers for 2 axes: [1, 2, 1]",
                shape(2, 8, 6, 3),
                shape(3, 3, 3, 8),
                shape(8));
        badConv(
                rows,
                PLAIN.withPadding(Padding.of(1, 1)),
                1,
                "conv1d: padding has 2 numbers for 1 axis: [1, 1]",
                shape(2, 6, 3),
                shape(3, 3, 8),
                shape(8));
        rows.add(new BadRow(
                "convTranspose channels",
                in -> in.get(0).convTranspose(in.get(1), null, PLAIN, 1),
                "convTranspose2d: channels differ: [1, 4, 4, 3] with kernel [3, 3, 3, 8] (3 != 8)",
                List.of(shape(1, 4, 4, 3), shape(3, 3, 3, 8))));
        rows.add(new BadRow(
                "convTranspose output padding",
                in -> in.get(0).convTranspose(in.get(1), null, Sliding.by(2), 1, 2),
                "convTranspose1d: the output padding must be from 0 to below stride or dilation: 2 (2)",
                List.of(shape(1, 4, 3), shape(3, 8, 3))));
        rows.add(new BadRow(
                "convTranspose to nothing",
                in -> in.get(0).convTranspose(in.get(1), null, PLAIN.withPadding(Padding.of(2)), 1),
                "convTranspose1d: the result would be empty: [1, 1, 3] with kernel [3, 8, 3] (-1 < 1 on axis 1)",
                List.of(shape(1, 1, 3), shape(3, 8, 3))));
        bad(
                rows,
                x -> x.maxPool(new int[] {3, 3}, PLAIN),
                "maxPool2d: the window does not fit: [1, 2, 5, 1] with window [3, 3] (3 > 2)",
                shape(1, 2, 5, 1));
        bad(
                rows,
                x -> x.avgPool(new int[] {2}, PLAIN.withPadding(Padding.of(2)), true),
                "avgPool1d: the padding must be less than the window: 2 >= 2",
                shape(1, 2, 5));
        bad(rows, x -> x.maxPool(new int[0], PLAIN), "maxPool0d: needs 1 to 3 axes: []", shape(1, 2));
        bad(
                rows,
                x -> x.adaptiveAvgPool(2, 2),
                "adaptiveAvgPool2d: the input must have 4 axes: [1, 2, 5] (3 != 4)",
                shape(1, 2, 5));
        bad(
                rows,
                x -> x.adaptiveMaxPool(2, 0),
                "adaptiveMaxPool2d: lengths must be at least 1: [1, 2, 5, 1] to [2, 0] (0 < 1)",
                shape(1, 2, 5, 1));
        bad(
                rows,
                x -> x.upsample(Interpolation.NEAREST, 4),
                "upsample1d: lengths must be at least 1: [1, 0, 1] to [4] (0 < 1)",
                shape(1, 0, 1));
        bad(rows, x -> x.upsample(Interpolation.NEAREST), "upsample0d: needs 1 or 2 axes: []", shape(1, 2));
        bad(
                rows,
                x -> x.reflectionPad(new int[] {0, 3}, new int[] {0, 1}),
                "reflectionPad: widths must be from 0 to below the length: [2, 3] by [0, 3] and [0, 1] (3 >= 3)",
                shape(2, 3));
        bad(
                rows,
                x -> x.reflectionPad(new int[] {0, -1}, new int[] {0, 1}),
                "reflectionPad: widths must be from 0 to below the length: [2, 3] by [0, -1] and [0, 1] (-1 < 0)",
                shape(2, 3));
        bad(
                rows,
                x -> x.reflectionPad(new int[1], new int[2]),
                "reflectionPad: 1 and 2 widths for shape [2, 3]",
                shape(2, 3));
        return rows;
    }

    private static void bad(List<BadRow> rows, Function<Tensor, Object> op, String message, Shape shape) {
        rows.add(new BadRow(message.split(":", 2)[0], in -> op.apply(in.get(0)), message, List.of(shape)));
    }

    private static void badConv(List<BadRow> rows, Sliding sliding, int groups, String message, Shape... shapes) {
        rows.add(new BadRow(
                "conv", in -> in.get(0).conv(in.get(1), in.get(2), sliding, groups), message, List.of(shapes)));
    }
}
