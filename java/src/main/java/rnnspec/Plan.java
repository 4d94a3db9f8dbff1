package rnnspec;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import rnnspec.cells.Cell;
import rnnspec.kernel.Loops;

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
     * @param narrow of a recurrent layer the width of h
     * @param hasTime whether its output has time
     * @param isOnce whether it works once for each row, behind layers without time
     * @param stateless what it makes of vectors
     * @param cells of a recurrent layer, one for each direction in the order of its state's arrays
     * @param initial of each cell the initial state, [cell][array][P or H, padded]
     * @param isReverse whether the first cell goes from the last step to the first; a second does
     * @param merge of several inputs, or of two cells
     */
    record Unit(
            Model.Layer layer,
            int[] inputs,
            int width,
            int narrow,
            boolean hasTime,
            boolean isOnce,
            Stateless stateless,
            Cell[] cells,
            float[][][] initial,
            boolean isReverse,
            Merge merge) {}

    private final Model model;
    private final Loops loops;
    private final Unit[] units;
    private final int inputWidth;
    private final Model.Layer backward;

    private Plan(Model model, Loops loops, Unit[] units) {
        this.model = model;
        this.loops = loops;
        this.inputWidth = Graph.inputWidth(model);
        this.backward = model.backward();
        this.units = units;
    }

    /**
     * Makes a model ready to run, on the best loops that are there ({@link Kernel}).
     *
     * @param model the model
     * @return the plan
     * @throws IllegalStateException if loops are forced that are not there, with what to do
     */
    public static Plan compile(Model model) {
        return compile(model, Kernel.chosen());
    }

    /**
     * Makes a model ready to run on loops of the caller's choice; the bits are the same.
     *
     * @param model the model
     * @param kernel {@code plain} or {@code vector}
     * @return the plan
     * @throws IllegalStateException if there are no such loops, with what to do
     */
    public static Plan compile(Model model, String kernel) {
        return compile(model, Kernel.named(kernel));
    }

    static Plan compile(Model model, Loops loops) {
        Graph graph = new Graph(model);
        Maker maker = new Maker(model, loops);
        List<Unit> units = new ArrayList<>();
        for (Model.Layer layer : model.layers()) {
            Graph.Node node = graph.node(units.size());
            int input = node.inputs()[0];
            Model.Layer before = input == Graph.INPUT ? null : model.layers().get(input);
            boolean isRecurrent = layer.type().isRecurrent();
            boolean isBoth = layer.suffixes().size() > 1;
            units.add(
                    new Unit(
                            layer,
                            node.inputs(),
                            node.width(),
                            isRecurrent ? layer.projection() : node.width(),
                            node.hasTime(),
                            !node.hasTime() && !layer.endsTime(),
                            isRecurrent
                                    ? null
                                    : maker.stateless(layer, before, node.width(), node.read()),
                            layer.suffixes().stream()
                                    .filter(suffix -> isRecurrent)
                                    .map(suffix -> maker.cell(layer, before, suffix))
                                    .toArray(Cell[]::new),
                            layer.suffixes().stream()
                                    .map(suffix -> maker.initial(layer, suffix))
                                    .toArray(float[][][]::new),
                            layer.is("direction", "reverse"),
                            isBoth
                                    ? Merge.of(layer.options().get("merge"))
                                    : Merge.of(layer.type())));
        }
        return new Plan(model.with(null, Map.of()), loops, units.toArray(Unit[]::new));
    }

    /** The model that this plan runs, without its tensors. */
    Model model() {
        return model;
    }

    /** What the plan is laid out for. */
    Loops loops() {
        return loops;
    }

    /**
     * Which loops the plan runs on.
     *
     * @return {@code plain} or {@code vector}
     */
    public String kernel() {
        return loops.name();
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
