package rnnspec;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * The types of layers: which members and parameters each has, of which shape, in which order (SPEC
 * section 8). Here and nowhere else.
 */
public enum Layout {
    EMBEDDING(
            "embedding",
            "size",
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            new Role("E", true, Extent.I, Extent.S)),

    ONE_HOT("one_hot"),

    ELMAN(
            "elman",
            "hidden_size",
            List.of("h"),
            List.of("h"),
            List.of("activation"),
            List.of(Option.CLIP),
            new Role("W", true, Extent.I, Extent.BLOCKS),
            new Role("R", true, Extent.P, Extent.BLOCKS),
            new Role("b", false, Extent.BLOCKS),
            new Role("h0", false, Extent.P)),

    LSTM(
            "lstm",
            "hidden_size",
            List.of("h", "c"),
            List.of("i", "f", "g", "o"),
            List.of("gates", "candidate", "output"),
            List.of(
                    new Option("peephole", false, List.of("diagonal", "full")),
                    new Option("coupled", false, List.of("input", "forget")),
                    new Option("cell_clip", false, Option.SMALLEST, Option.LARGEST),
                    new Option("projection_size", false, 1, Option.WIDEST),
                    new Option("projection_clip", false, Option.SMALLEST, Option.LARGEST),
                    Option.CLIP),
            new Role("W", true, Extent.I, Extent.BLOCKS),
            new Role("R", true, Extent.P, Extent.BLOCKS),
            new Role("b", false, Extent.BLOCKS),
            new Role("p", true, Extent.PEEPHOLE_ROWS, Extent.PEEPHOLE_COLUMNS),
            new Role("Q", true, Extent.S, Extent.P),
            new Role("qb", false, Extent.P),
            new Role("h0", false, Extent.P),
            new Role("c0", false, Extent.S)),

    GRU(
            "gru",
            "hidden_size",
            List.of("h"),
            List.of("r", "z", "n"),
            List.of("gates", "candidate"),
            List.of(new Option("reset", true, List.of("before", "after")), Option.CLIP),
            new Role("W", true, Extent.I, Extent.BLOCKS),
            new Role("R", true, Extent.P, Extent.BLOCKS),
            new Role("b", false, Extent.BLOCKS),
            new Role("rb", false, Extent.S),
            new Role("h0", false, Extent.P)),

    DENSE(
            "dense",
            "size",
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            new Role("W", true, Extent.I, Extent.S),
            new Role("b", false, Extent.S)),

    AFFINE(
            "affine",
            null,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            new Role("s", true, Extent.I),
            new Role("t", true, Extent.I)),

    LAYER_NORM(
            "layer_norm",
            null,
            List.of(),
            List.of(),
            List.of(),
            List.of(new Option("epsilon", true, Option.SMALLEST, 1)),
            new Role("gamma", true, Extent.I),
            new Role("beta", true, Extent.I)),

    ACTIVATION("activation", null, List.of(), List.of(), List.of("activation"), List.of()),

    ADD("add"),

    MULTIPLY("multiply"),

    CONCAT("concat"),

    LAST_STEP("last_step"),

    TIME_REVERSE("time_reverse");

    /**
     * The functions of activations and which numbers each asks for (SPEC section 12.6). The last
     * two need the whole vector and stand in layers of type activation only.
     */
    public enum Function {
        LINEAR("linear"),
        TANH("tanh"),
        SIGMOID("sigmoid"),
        RELU("relu"),
        LEAKY_RELU("leaky_relu", "alpha"),
        ELU("elu", "alpha"),
        SOFTPLUS("softplus"),
        SOFTSIGN("softsign"),
        HARD_SIGMOID("hard_sigmoid", "alpha", "beta"),
        HARD_TANH("hard_tanh"),
        THRESHOLDED_RELU("thresholded_relu", "alpha"),
        SCALED_TANH("scaled_tanh", "alpha", "beta"),
        SOFTMAX("softmax"),
        LOG_SOFTMAX("log_softmax");

        private final String word;
        private final List<String> members;

        Function(String word, String... members) {
            this.word = word;
            this.members = List.of(members);
        }

        /**
         * The function's name in a file.
         *
         * @return such as {@code tanh}
         */
        public String word() {
            return word;
        }

        /** The members beside {@code function}: none, alpha, or alpha and beta. */
        List<String> members() {
            return members;
        }

        /** Whether the function takes one element at a time. */
        boolean isElementwise() {
            return this != SOFTMAX && this != LOG_SOFTMAX;
        }

        /** The words of all functions, or of those that take one element at a time. */
        static List<String> words(boolean elementwise) {
            return Arrays.stream(values())
                    .filter(function -> !elementwise || function.isElementwise())
                    .map(Function::word)
                    .toList();
        }

        static Function of(String word) {
            return values()[words(false).indexOf(word)];
        }
    }

    /** What a role or an array of the other direction has behind its name [layer-8]. */
    static final String REVERSE = "_reverse";

    /** The arrays that the state of some layer has, in the order of the tables. */
    static final List<String> STATE_ARRAYS = List.of("h", "c", "h" + REVERSE, "c" + REVERSE);

    /**
     * A member of a layer that says how it computes: a word, or a number.
     *
     * @param name its key in a file
     * @param required whether it may not be absent
     * @param words what it may be, the default first, if there is one; null for a number
     * @param low the least number
     * @param high the largest number
     */
    record Option(String name, boolean required, List<String> words, double low, double high) {
        /** The largest width that a layer may say, and that a concat may have. */
        static final int WIDEST = 65_536;

        static final double SMALLEST = 0x1p-50;
        static final double LARGEST = 1e38;
        static final Option CLIP = new Option("clip", false, SMALLEST, LARGEST);

        /** What every recurrent layer has beside its own. */
        static final List<Option> RECURRENT =
                List.of(
                        new Option(
                                "direction", false, List.of("forward", "reverse", "bidirectional")),
                        new Option("merge", true, List.of("concat", "sum", "multiply", "average")),
                        new Option("output", false, List.of("sequence", "final")));

        Option(String name, boolean required, List<String> words) {
            this(name, required, words, 0, 0);
        }

        Option(String name, boolean required, double low, double high) {
            this(name, required, null, low, high);
        }

        /** Whether the number is an integer: a width. */
        boolean isWhole() {
            return words == null && high == WIDEST;
        }
    }

    /** One dimension of a parameter (SPEC section 8), S being {@code size} or H. */
    enum Extent {
        I,
        S,
        P,
        BLOCKS,
        PEEPHOLE_ROWS,
        PEEPHOLE_COLUMNS
    }

    /**
     * What the shapes of a layer's parameters depend on.
     *
     * @param input I, or V
     * @param size S
     * @param projection P
     * @param blocks B
     * @param isFull whether a peephole is full
     */
    record Sizes(int input, int size, int projection, int blocks, boolean isFull) {
        private int of(Extent extent) {
            return switch (extent) {
                case I -> input;
                case S -> size;
                case P -> projection;
                case BLOCKS -> blocks * size;
                case PEEPHOLE_ROWS -> isFull ? size : blocks - 1;
                case PEEPHOLE_COLUMNS -> isFull ? (blocks - 1) * size : size;
            };
        }
    }

    /**
     * A parameter.
     *
     * @param name its key in {@code parameters}
     * @param required whether it may not be absent
     * @param extents its shape
     */
    record Role(String name, boolean required, List<Extent> extents) {
        Role(String name, boolean required, Extent... extents) {
            this(name, required, List.of(extents));
        }

        /** Whether the shape depends on the width of the layer's input. */
        boolean needsInput() {
            return extents.contains(Extent.I);
        }

        /** The member of the layer without which there is no such role, or null. */
        String option() {
            return switch (name) {
                case "p" -> "peephole";
                case "Q", "qb" -> "projection_size";
                case "rb" -> "reset";
                default -> null;
            };
        }

        int[] shape(Sizes sizes) {
            return extents.stream().mapToInt(sizes::of).toArray();
        }
    }

    private final String word;
    private final String sizeMember;
    private final List<String> stateArrays;
    private final List<String> blocks;
    private final List<String> activations;
    private final List<Option> options;
    private final List<Role> roles;

    Layout(String word) {
        this(word, null, List.of(), List.of(), List.of(), List.of());
    }

    Layout(
            String word,
            String sizeMember,
            List<String> stateArrays,
            List<String> blocks,
            List<String> activations,
            List<Option> options,
            Role... roles) {
        this.word = word;
        this.sizeMember = sizeMember;
        this.stateArrays = stateArrays;
        this.blocks = blocks;
        this.activations = activations;
        List<Option> common = stateArrays.isEmpty() ? List.of() : Option.RECURRENT;
        this.options = Stream.concat(options.stream(), common.stream()).toList();
        this.roles = List.of(roles);
    }

    /**
     * The type's name in a file.
     *
     * @return such as {@code lstm}
     */
    public String word() {
        return word;
    }

    /** The member that says the layer's width, or null if the layer has none. */
    String sizeMember() {
        return sizeMember;
    }

    /** The members that say how the layer computes, in the order of the tables. */
    List<Option> options() {
        return options;
    }

    /** The parameters in the order of the tables. */
    List<Role> roles() {
        return roles;
    }

    /** The blocks of the columns of W, R and b, each of H columns [layer-2], [layer-4]. */
    List<String> blocks() {
        return blocks;
    }

    /** What the layer's activations are called; one called {@code activation} stands alone. */
    List<String> activations() {
        return activations;
    }

    /**
     * The arrays of the state of one direction, the first [N, P], the second [N, H].
     *
     * @return their names; empty if the layer isn't recurrent
     */
    List<String> stateArrays() {
        return stateArrays;
    }

    boolean isRecurrent() {
        return !stateArrays.isEmpty();
    }

    /** Whether the layer reads token ids. */
    boolean readsTokens() {
        return this == EMBEDDING || this == ONE_HOT;
    }

    /** Whether the layer has several inputs. */
    boolean joins() {
        return this == ADD || this == MULTIPLY || this == CONCAT;
    }

    /** Whether the layer can read one that gives no time [layer-5]. */
    boolean worksWithoutTime() {
        return joins()
                || this == DENSE
                || this == AFFINE
                || this == LAYER_NORM
                || this == ACTIVATION;
    }

    static List<String> words() {
        return Arrays.stream(values()).map(Layout::word).toList();
    }

    static Layout of(String word) {
        return values()[words().indexOf(word)];
    }
}
