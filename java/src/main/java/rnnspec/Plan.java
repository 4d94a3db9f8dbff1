package rnnspec;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import rnnspec.cells.Lstm;

/**
 * A model made ready to run: parameters after T and laid out for the loops.
 *
 * <p>Never changes, and threads may share it. It holds no reference to the model's tensors.
 */
public final class Plan {
    /**
     * A layer made ready.
     *
     * @param layer as the model has it
     * @param width of its output
     * @param table E of an embedding, [V · size], else null
     * @param rows W of a dense layer, [I][size], else null
     * @param bias b of a dense layer, [size], or null
     * @param cell of an lstm, else null
     * @param readsOneHot whether its input is one-hot, so that the token's id says it all
     */
    record Unit(
            Model.Layer layer,
            int width,
            float[] table,
            float[][] rows,
            float[] bias,
            Lstm cell,
            boolean readsOneHot) {}

    private final Model model;
    private final Unit[] units;

    private Plan(Model model, Unit[] units) {
        this.model = model;
        this.units = units;
    }

    /**
     * Makes a model ready to run.
     *
     * @param model the model
     * @return the plan
     */
    public static Plan compile(Model model) {
        List<Unit> units = new ArrayList<>();
        Model.Vocabulary vocabulary = model.inputVocabulary();
        int width =
                model.input() instanceof Model.Features features
                        ? features.size()
                        : vocabulary.tokens().size();
        boolean oneHot = false;
        for (Model.Layer layer : model.layers()) {
            width = layer.size() > 0 ? layer.size() : width;
            units.add(
                    new Unit(
                            layer,
                            width,
                            flat(model, layer, "E"),
                            layer.type() == Layout.DENSE ? rows(model, layer, "W") : null,
                            flat(model, layer, "b"),
                            layer.type() == Layout.LSTM ? cell(model, layer) : null,
                            oneHot));
            oneHot = layer.type() == Layout.ONE_HOT;
        }
        return new Plan(model.with(Map.of()), units.toArray(Unit[]::new));
    }

    private static Lstm cell(Model model, Model.Layer layer) {
        return new Lstm(rows(model, layer, "W"), rows(model, layer, "R"), flat(model, layer, "b"));
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

    /**
     * The model that this plan runs, without its tensors.
     *
     * @return its other parts
     */
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
        return model.input() instanceof Model.Features features
                ? features.size()
                : model.inputVocabulary().tokens().size();
    }

    /**
     * The width of the output.
     *
     * @return the number of elements at each time step
     */
    public int outputWidth() {
        return units[units.length - 1].width;
    }
}
