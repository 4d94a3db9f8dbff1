package rnnspec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import rnnspec.cells.Cell;
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
     * A layer made ready.
     *
     * @param layer as the model has it
     * @param width of its output
     * @param stateless what it computes, or null if it is recurrent
     * @param cell what it computes if it is recurrent, else null
     * @param initial of a cell the initial state, [arrays][H]; the others have none
     * @param readsOneHot whether a cell's input is one-hot, so that the token's id says it all
     */
    record Unit(
            Model.Layer layer,
            int width,
            Stateless stateless,
            Cell cell,
            float[][] initial,
            boolean readsOneHot) {}

    private final Model model;
    private final Unit[] units;

    /** How many layers, from the first on, work at each time step; the others once for each row. */
    private final int timed;

    private Plan(Model model, Unit[] units, int timed) {
        this.model = model;
        this.units = units;
        this.timed = timed;
    }

    /**
     * Makes a model ready to run.
     *
     * @param model the model
     * @return the plan
     */
    public static Plan compile(Model model) {
        List<Unit> units = new ArrayList<>();
        int timed = model.layers().size();
        int width = inputWidth(model);
        boolean oneHot = false;
        for (Model.Layer layer : model.layers()) {
            width = layer.size() > 0 ? layer.size() : width;
            boolean isCell = layer.type().isRecurrent();
            units.add(
                    new Unit(
                            layer,
                            width,
                            isCell ? null : stateless(model, layer, oneHot),
                            isCell ? cell(model, layer) : null,
                            initial(model, layer),
                            oneHot));
            oneHot = layer.type() == Layout.ONE_HOT;
            timed = layer.endsTime() ? Math.min(timed, units.size()) : timed;
        }
        return new Plan(model.with(Map.of()), units.toArray(Unit[]::new), timed);
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
            case LAST_STEP -> Stateless.lastStep();
            default -> throw new IllegalStateException(layer.type().word());
        };
    }

    private static Cell cell(Model model, Model.Layer layer) {
        float[][] w = rows(model, layer, "W");
        float[][] r = rows(model, layer, "R");
        float[] b = flat(model, layer, "b");
        return switch (layer.type()) {
            case ELMAN -> new Elman(w, r, b, activation(layer, "activation"));
            case LSTM ->
                    new Lstm(
                            w,
                            r,
                            b,
                            activation(layer, "gates"),
                            activation(layer, "candidate"),
                            activation(layer, "output"));
            case GRU -> {
                int edge = 2 * layer.size();
                int end = 3 * layer.size();
                yield new Gru(
                        part(w, r, b, 0, edge, activation(layer, "gates")),
                        part(w, r, b, edge, end, activation(layer, "candidate")),
                        layer.reset().equals("before"),
                        flat(model, layer, "rb"));
            }
            default -> throw new IllegalStateException(layer.type().word());
        };
    }

    private static Gru.Part part(
            float[][] w, float[][] r, float[] b, int from, int to, Elementwise activation) {
        float[] bias = b == null ? null : Arrays.copyOfRange(b, from, to);
        return new Gru.Part(columns(w, from, to), columns(r, from, to), bias, activation);
    }

    private static float[][] columns(float[][] rows, int from, int to) {
        return Arrays.stream(rows)
                .map(row -> Arrays.copyOfRange(row, from, to))
                .toArray(float[][]::new);
    }

    private static Elementwise activation(Model.Layer layer, String name) {
        return Elementwise.of(layer.activations().get(name));
    }

    /** The initial state, an array for each of the layer's state [run-2]. */
    private static float[][] initial(Model model, Model.Layer layer) {
        return layer.type().stateArrays().stream()
                .map(array -> flat(model, layer, array + "0"))
                .map(array -> array == null ? new float[layer.size()] : array)
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

    /** A matrix after T, an array for each row: that is what the JIT compiler vectorises. */
    private static float[][] rows(Model model, Model.Layer layer, String role) {
        Tensor tensor = model.tensors().get(layer.parameters().get(role));
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

    int timed() {
        return timed;
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
        return inputWidth(model);
    }

    private static int inputWidth(Model model) {
        return model.input() instanceof Model.Features features
                ? features.size()
                : model.inputVocabulary().tokens().size();
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
        return timed == units.length && !units[timed - 1].layer.endsTime();
    }

    /** The shape of the output for so many rows and steps. */
    int[] outputShape(int rows, int steps) {
        return hasTime() ? new int[] {rows, steps, outputWidth()} : new int[] {rows, outputWidth()};
    }
}
