package rnnspec;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Who reads whom, how wide, and with or without time (SPEC section 8, [layer-5], [agree-3]).
 *
 * <p>Also of models that are not right: what can't be told is {@link #UNKNOWN}, or null.
 */
final class Graph {
    /** A width that is unknown because of a finding. */
    static final int UNKNOWN = -1;

    /** The index of the net's input, and that of no layer at all. */
    static final int INPUT = -1;

    static final int NOBODY = -2;

    /** What {@code inputs} calls the net's input. */
    private static final String INPUT_NAME = "input";

    /**
     * A layer's place in the net.
     *
     * @param inputs indexes of the layers it reads, {@link #INPUT} or {@link #NOBODY}
     * @param read the width of what it reads, I; V where that is ids
     * @param width of its output
     * @param hasTime whether its output has time, or null if that is unknown
     * @param isRefused whether it can't read what it reads
     * @param isUneven whether the widths of its inputs don't fit
     */
    record Node(
            int[] inputs,
            int read,
            int width,
            Boolean hasTime,
            boolean isRefused,
            boolean isUneven) {
        boolean hasUnknownInput() {
            for (int input : inputs) {
                if (input == NOBODY) {
                    return true;
                }
            }
            return false;
        }
    }

    private final Model model;
    private final List<Node> nodes = new ArrayList<>();

    /** The first layer of each name. */
    private final Map<String, Integer> places = new HashMap<>();

    Graph(Model model) {
        this.model = model;
        for (Model.Layer layer : model.layers()) {
            nodes.add(node(layer));
            places.putIfAbsent(layer.name(), nodes.size() - 1);
        }
    }

    Node node(int index) {
        return nodes.get(index);
    }

    Node last() {
        return nodes.get(nodes.size() - 1);
    }

    /** What a layer reads by default: the one before it. */
    static List<String> before(List<Model.Layer> layers, int index) {
        return List.of(index == 0 ? INPUT_NAME : layers.get(index - 1).name());
    }

    /** For each layer whether the last one needs it. */
    boolean[] used() {
        boolean[] used = new boolean[nodes.size()];
        used[used.length - 1] = true;
        for (int i = used.length - 1; i >= 0; i--) {
            for (int input : nodes.get(i).inputs) {
                if (used[i] && input >= 0) {
                    used[input] = true;
                }
            }
        }
        return used;
    }

    /** The width of the net's input, or V for ids. */
    static int inputWidth(Model model) {
        if (model.input() instanceof Model.Features features) {
            return features.size();
        }
        Model.Vocabulary vocabulary = model.inputVocabulary();
        return vocabulary == null ? UNKNOWN : vocabulary.tokens().size();
    }

    private int[] inputs(Model.Layer layer) {
        if (layer.inputs() == null) {
            return new int[] {nodes.size() - 1};
        }
        return layer.inputs().stream()
                .mapToInt(
                        name -> name.equals(INPUT_NAME) ? INPUT : places.getOrDefault(name, NOBODY))
                .toArray();
    }

    private Node node(Model.Layer layer) {
        Layout type = layer.type();
        int[] inputs = inputs(layer);
        Node open = new Node(inputs, UNKNOWN, UNKNOWN, null, false, false);
        boolean readsIds = false;
        boolean anyTimeless = false;
        boolean anyTimed = false;
        boolean anyUnknown = false;
        for (int input : inputs) {
            Boolean time = input == INPUT ? Boolean.TRUE : null;
            readsIds |= input == INPUT && model.input() instanceof Model.Tokens;
            time = input >= 0 ? nodes.get(input).hasTime : time;
            anyUnknown |= time == null;
            anyTimed |= Boolean.TRUE.equals(time);
            anyTimeless |= Boolean.FALSE.equals(time);
        }
        boolean isRefused;
        if (type.readsTokens()) {
            isRefused = !readsIds && !open.hasUnknownInput();
        } else {
            boolean isMisplaced = anyTimeless && (anyTimed || !type.worksWithoutTime());
            isRefused = readsIds || isMisplaced && !anyUnknown;
        }
        boolean isKnown = !isRefused && !open.hasUnknownInput();
        int read = isKnown ? read(type, inputs) : UNKNOWN;
        boolean isUneven = isKnown && read == UNKNOWN && !anyWidthUnknown(inputs);
        return new Node(
                inputs,
                read,
                width(layer, read),
                time(layer, isKnown && !anyUnknown ? (Boolean) anyTimed : null),
                isRefused,
                isUneven);
    }

    /** The width of a layer, or of the net's input. */
    int widthOf(int input) {
        return input == INPUT ? inputWidth(model) : nodes.get(input).width;
    }

    private boolean anyWidthUnknown(int[] inputs) {
        for (int input : inputs) {
            if (widthOf(input) == UNKNOWN) {
                return true;
            }
        }
        return false;
    }

    /** The width of what a layer reads, unknown too if its inputs don't fit each other. */
    private int read(Layout type, int[] inputs) {
        int first = widthOf(inputs[0]);
        if (anyWidthUnknown(inputs)) {
            return UNKNOWN;
        }
        long sum = 0;
        boolean isEven = true;
        for (int input : inputs) {
            sum += widthOf(input);
            isEven &= widthOf(input) == first;
        }
        if (type == Layout.CONCAT) {
            return sum > Layout.Option.WIDEST ? UNKNOWN : (int) sum;
        }
        return isEven ? first : UNKNOWN;
    }

    private static int width(Model.Layer layer, int read) {
        if (layer.type().isRecurrent()) {
            return layer.projection() * (layer.is("merge", "concat") ? 2 : 1);
        }
        return layer.size() > 0 ? layer.size() : read;
    }

    private static Boolean time(Model.Layer layer, Boolean before) {
        if (layer.endsTime()) {
            return false;
        }
        return layer.type().isRecurrent() || layer.type().readsTokens() ? (Boolean) true : before;
    }
}
