package rnnspec;

import rnnspec.cells.Cell;
import rnnspec.cells.Chain;
import rnnspec.cells.Elman;
import rnnspec.cells.Gru;
import rnnspec.cells.Lstm;
import rnnspec.kernel.Loops;

/** Lays the layers of a model out for loops: parameters after T, packed. */
final class Maker {
    private final Model model;
    private final Loops loops;

    Maker(Model model, Loops loops) {
        this.model = model;
        this.loops = loops;
    }

    /**
     * What a layer without state computes; null for one that only moves vectors.
     *
     * @param before the layer that it reads first, or null for the net's input
     * @param width of its output
     * @param read the width of what it reads
     */
    Stateless stateless(Model.Layer layer, Model.Layer before, int width, int read) {
        return switch (layer.type()) {
            case EMBEDDING -> Stateless.embedding(table(layer));
            case ONE_HOT -> Stateless.oneHot();
            case DENSE -> Stateless.dense(chain(layer, before, "", new int[1], width), width);
            case AFFINE -> Stateless.affine(after(layer, "s", read), after(layer, "t", read), read);
            case ACTIVATION ->
                    switch (layer.function()) {
                        case SOFTMAX -> Stateless.softmax(loops, width);
                        case LOG_SOFTMAX -> Stateless.logSoftmax(loops, width);
                        default ->
                                Stateless.elementwise(
                                        loops, activation(layer, "activation"), width);
                    };
            case LAYER_NORM ->
                    Stateless.layerNorm(
                            new LayerNorm(
                                    read,
                                    layer.number("epsilon"),
                                    after(layer, "gamma", read),
                                    after(layer, "beta", read)));
            default -> null;
        };
    }

    /** The cell of a direction. */
    Cell cell(Model.Layer layer, Model.Layer before, String suffix) {
        int hidden = layer.size();
        int[] blocks =
                switch (layer.type()) {
                    case LSTM -> Lstm.blocks(layer.blocks(), hidden);
                    case GRU -> Gru.blocks(hidden);
                    default -> new int[1];
                };
        Chain chain = chain(layer, before, suffix, blocks, hidden);
        float[] r = flat(layer, "R" + suffix);
        float clip = layer.number("clip");
        return switch (layer.type()) {
            case ELMAN -> new Elman(loops, hidden, chain, r, activation(layer, "activation"), clip);
            case LSTM ->
                    new Lstm(
                            loops,
                            hidden,
                            chain,
                            r,
                            new Lstm.Activations(
                                    activation(layer, "gates"),
                                    activation(layer, "candidate"),
                                    activation(layer, "output")),
                            options(layer, suffix));
            case GRU ->
                    new Gru(
                            loops,
                            hidden,
                            chain,
                            r,
                            layer.is("reset", "before"),
                            flat(layer, "rb" + suffix),
                            activation(layer, "gates"),
                            activation(layer, "candidate"),
                            clip);
            default -> throw new IllegalStateException(layer.type().word());
        };
    }

    private Lstm.Options options(Model.Layer layer, String suffix) {
        return new Lstm.Options(
                layer.options().get("coupled"),
                layer.number("clip"),
                layer.number("cell_clip"),
                layer.is("peephole", "full"),
                flat(layer, "p" + suffix),
                layer.projection(),
                flat(layer, "Q" + suffix),
                flat(layer, "qb" + suffix),
                layer.number("projection_clip"));
    }

    /** Bias and input weights; of ids that one-hot or an embedding stands for, a table. */
    private Chain chain(
            Model.Layer layer, Model.Layer before, String suffix, int[] blocks, int width) {
        float[] b = flat(layer, "b" + suffix);
        float[] w = flat(layer, "W" + suffix);
        if (before != null && before.type() == Layout.ONE_HOT) {
            return Chain.ofOneHot(loops, b, w, blocks, width);
        }
        Chain chain = Chain.of(loops, b, w, blocks, width);
        boolean isEmbedded = before != null && before.type() == Layout.EMBEDDING;
        return isEmbedded ? chain.after(table(before)) : chain;
    }

    private static Elementwise activation(Model.Layer layer, String name) {
        return Elementwise.of(layer.activations().get(name));
    }

    /** The initial state of a direction, an array for each of its state [run-2]. */
    float[][] initial(Model.Layer layer, String suffix) {
        return layer.type().stateArrays().stream()
                .map(
                        array -> {
                            float[] given = flat(layer, array + "0" + suffix);
                            return Chain.spread(loops, given, layer.stateArrays().get(array));
                        })
                .toArray(float[][]::new);
    }

    /** A parameter as it stands in the model, or null if the layer hasn't got it. */
    private float[] flat(Model.Layer layer, String role) {
        String name = layer.parameters().get(role);
        return name == null ? null : model.tensors().get(name).raw();
    }

    /** A vector after T. */
    private float[] after(Model.Layer layer, String role, int width) {
        return Chain.spread(loops, flat(layer, role), width);
    }

    /** The rows of an embedding, after T. */
    private float[][] table(Model.Layer layer) {
        Tensor e = model.tensors().get(layer.parameters().get("E"));
        int width = e.dimensions().get(1);
        float[][] rows = new float[e.rows()][];
        for (int id = 0; id < rows.length; id++) {
            rows[id] = Chain.spread(loops, e.raw(), id * width, new int[1], width);
        }
        return rows;
    }
}
