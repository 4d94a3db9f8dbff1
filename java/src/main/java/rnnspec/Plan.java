package rnnspec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import rnnspec.cells.Cell;
import rnnspec.cells.Chain;
import rnnspec.cells.Elman;
import rnnspec.cells.Gru;
import rnnspec.cells.Lstm;

/**
 * A model made ready to run: parameters after T and laid out for the loops.
 *
 * <p>A Plan is immutable: share it between threads. It holds no reference to the model's tensors.
 */
public final class Plan {
    /**
     * A layer made ready. It has one of stateless, cells and merge, but for {@code time_reverse}
     * and {@code last_step}.
     *
     * @param layer as the model has it
     * @param inputs indexes of the layers it reads; {@link Graph#INPUT} is the net's input
     * @param width of its output
     * @param hasTime whether its output has time
     * @param isOnce whether it works once for each row, behind layers without time
     * @param stateless what it makes of a vector
     * @param cells of a recurrent layer, one for each direction in the order of its state's arrays
     * @param initial of each cell the initial state, [cell][array][P or H]
     * @param isReverse whether the first cell goes from the last step to the first; a second does
     * @param merge of several inputs, or of two cells
     * @param readsOneHot whether its input is one-hot, so that the token's id says it all
     */
    record Unit(
            Model.Layer layer,
            int[] inputs,
            int width,
            boolean hasTime,
            boolean isOnce,
            Stateless stateless,
            Cell[] cells,
            float[][][] initial,
            boolean isReverse,
            Merge merge,
            boolean readsOneHot) {}

    private final Model model;
    private final Unit[] units;
    private final int inputWidth;
    private final Model.Layer backward;

    private Plan(Model model, Unit[] units) {
        this.model = model;
        this.inputWidth = Graph.inputWidth(model);
        this.backward = model.backward();
        this.units = units;
    }

    /**
     * Makes a model ready to run.
     *
     * @param model the model
     * @return the plan
     */
    public static Plan compile(Model model) {
        Graph graph = new Graph(model);
        List<Unit> units = new ArrayList<>();
        for (Model.Layer layer : model.layers()) {
            Graph.Node node = graph.node(units.size());
            int input = node.inputs()[0];
            boolean oneHot = input >= 0 && model.layers().get(input).type() == Layout.ONE_HOT;
            boolean isRecurrent = layer.type().isRecurrent();
            boolean isBoth = layer.suffixes().size() > 1;
            units.add(
                    new Unit(
                            layer,
                            node.inputs(),
                            node.width(),
                            node.hasTime(),
                            !node.hasTime() && !layer.endsTime(),
                            isRecurrent ? null : stateless(model, layer, oneHot),
                            layer.suffixes().stream()
                                    .filter(suffix -> isRecurrent)
                                    .map(suffix -> cell(model, layer, suffix))
                                    .toArray(Cell[]::new),
                            layer.suffixes().stream()
                                    .map(suffix -> initial(model, layer, suffix))
                                    .toArray(float[][][]::new),
                            layer.is("direction", "reverse"),
                            isBoth
                                    ? Merge.of(layer.options().get("merge"))
                                    : Merge.of(layer.type()),
                            oneHot));
        }
        return new Plan(model.with(null, Map.of()), units.toArray(Unit[]::new));
    }

    private static Stateless stateless(Model model, Model.Layer layer, boolean oneHot) {
        return switch (layer.type()) {
            case EMBEDDING -> Stateless.embedding(flat(model, layer, "E"));
            case ONE_HOT -> Stateless.oneHot();
            case DENSE -> {
                float[][] w = rows(model, layer, "W");
                float[] b = flat(model, layer, "b");
                yield oneHot ? Stateless.denseOfOneHot(w, b) : Stateless.dense(w, b);
            }
            case AFFINE -> Stateless.affine(flat(model, layer, "s"), flat(model, layer, "t"));
            case ACTIVATION ->
                    switch (layer.function()) {
                        case SOFTMAX -> Stateless.softmax();
                        case LOG_SOFTMAX -> Stateless.logSoftmax();
                        default -> Stateless.elementwise(activation(layer, "activation"));
                    };
            case LAYER_NORM ->
                    Stateless.layerNorm(
                            new LayerNorm(
                                    layer.number("epsilon"),
                                    flat(model, layer, "gamma"),
                                    flat(model, layer, "beta")));
            default -> null;
        };
    }

    /** The cell of a direction. */
    private static Cell cell(Model model, Model.Layer layer, String suffix) {
        float[][] w = rows(model, layer, "W" + suffix);
        float[][] r = rows(model, layer, "R" + suffix);
        float[] b = flat(model, layer, "b" + suffix);
        float clip = layer.number("clip");
        return switch (layer.type()) {
            case ELMAN -> new Elman(w, r, b, activation(layer, "activation"), clip);
            case LSTM ->
                    new Lstm(
                            layer.size(),
                            w,
                            r,
                            b,
                            activation(layer, "gates"),
                            activation(layer, "candidate"),
                            activation(layer, "output"),
                            options(model, layer, suffix));
            case GRU -> {
                int edge = 2 * layer.size();
                int end = 3 * layer.size();
                yield new Gru(
                        part(w, r, b, 0, edge, activation(layer, "gates")),
                        part(w, r, b, edge, end, activation(layer, "candidate")),
                        layer.is("reset", "before"),
                        flat(model, layer, "rb" + suffix),
                        clip);
            }
            default -> throw new IllegalStateException(layer.type().word());
        };
    }

    private static Lstm.Options options(Model model, Model.Layer layer, String suffix) {
        return new Lstm.Options(
                layer.options().get("coupled"),
                layer.number("clip"),
                layer.number("cell_clip"),
                layer.is("peephole", "full"),
                rows(model, layer, "p" + suffix),
                rows(model, layer, "Q" + suffix),
                flat(model, layer, "qb" + suffix),
                layer.number("projection_clip"));
    }

    private static Gru.Part part(
            float[][] w, float[][] r, float[] b, int from, int to, Elementwise activation) {
        float[] bias = b == null ? null : Arrays.copyOfRange(b, from, to);
        return new Gru.Part(
                Chain.columns(w, from, to), Chain.columns(r, from, to), bias, activation);
    }

    private static Elementwise activation(Model.Layer layer, String name) {
        return Elementwise.of(layer.activations().get(name));
    }

    /** The initial state of a direction, an array for each of its state [run-2]. */
    private static float[][] initial(Model model, Model.Layer layer, String suffix) {
        return layer.type().stateArrays().stream()
                .map(
                        array -> {
                            float[] given = flat(model, layer, array + "0" + suffix);
                            int width = layer.stateArrays().get(array);
                            return given == null ? new float[width] : given;
                        })
                .toArray(float[][]::new);
    }

    /** A parameter after T, or null if the layer hasn't got it. */
    private static float[] flat(Model model, Model.Layer layer, String role) {
        String name = layer.parameters().get(role);
        if (name == null) {
            return null;
        }
        float[] values = model.tensors().get(name).values();
        for (int i = 0; i < values.length; i++) {
            values[i] = Tensor.tiny(values[i]);
        }
        return values;
    }

    /**
     * A matrix after T, an array for each row: that is what the JIT compiler vectorises. Null if
     * the layer hasn't got it.
     */
    private static float[][] rows(Model model, Model.Layer layer, String role) {
        String name = layer.parameters().get(role);
        if (name == null) {
            return null;
        }
        Tensor tensor = model.tensors().get(name);
        int count = tensor.dimensions().get(0);
        int width = tensor.dimensions().get(1);
        float[] values = tensor.raw();
        float[][] rows = new float[count][width];
        for (int k = 0; k < count; k++) {
            for (int j = 0; j < width; j++) {
                rows[k][j] = Tensor.tiny(values[k * width + j]);
            }
        }
        return rows;
    }

    /** The model that this plan runs, without its tensors. */
    Model model() {
        return model;
    }

    /** The layers, the first one first. */
    Unit unit(int index) {
        return units[index];
    }

    int units() {
        return units.length;
    }

    /** The index of a layer by its name, or −1. */
    int find(String name) {
        for (int i = 0; i < units.length; i++) {
            if (units[i].layer.name().equals(name)) {
                return i;
            }
        }
        return -1;
    }

    /** What generating looks at: the output, or what a softmax makes it of (SPEC section 15). */
    int logits() {
        Unit last = units[units.length - 1];
        return last.layer.isNormalising() ? last.inputs[0] : units.length - 1;
    }

    /**
     * Whether the net can run step by step: none of its layers goes back in time [run-4].
     *
     * @return true if {@link Session#step(float[], float[])} can run it
     */
    public boolean isForward() {
        return backward == null;
    }

    /** The first layer that goes back in time, or null. */
    Model.Layer backward() {
        return backward;
    }

    /**
     * Whether the net reads token ids.
     *
     * @return true for ids [N, T], false for features [N, T, size]
     */
    public boolean readsTokens() {
        return model.input() instanceof Model.Tokens;
    }

    /**
     * The width of the input: how many features, or V.
     *
     * @return the number of elements, or of possible ids
     */
    public int inputWidth() {
        return inputWidth;
    }

    /**
     * The width of the output.
     *
     * @return the number of elements at each time step, or for each row
     */
    public int outputWidth() {
        return units[units.length - 1].width;
    }

    /**
     * Whether the output has time [layer-5].
     *
     * @return true for an output [N, T, width], false for [N, width]
     */
    public boolean hasTime() {
        return units[units.length - 1].hasTime;
    }

    /** The width of a layer, or of the net's input. */
    int width(int index) {
        return index == Graph.INPUT ? inputWidth : units[index].width;
    }

    /** The shape of what a layer (or the input) gives, for so many rows and steps. */
    int[] shape(int index, int rows, int steps) {
        boolean hasTime = index == Graph.INPUT || units[index].hasTime;
        int width = width(index);
        return hasTime ? new int[] {rows, steps, width} : new int[] {rows, width};
    }

    /** The shape of the output for so many rows and steps. */
    int[] outputShape(int rows, int steps) {
        return shape(units.length - 1, rows, steps);
    }
}
