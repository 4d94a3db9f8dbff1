package rnnspec;

import java.util.Arrays;
import java.util.List;

/**
 * The types of layers: which parameters each has, of which shape, in which order (SPEC section 8).
 *
 * <p>I is the width of a layer's input (V, the number of tokens, for an embedding), S its {@code
 * size} or {@code hidden_size}. Here and nowhere else.
 */
public enum Layout {
    EMBEDDING(
            "embedding",
            "size",
            List.of(),
            List.of(),
            List.of(),
            new Role("E", true, Extent.I, Extent.S)),

    ONE_HOT("one_hot", null, List.of(), List.of(), List.of()),

    ELMAN(
            "elman",
            "hidden_size",
            List.of("h"),
            List.of("h"),
            List.of("activation"),
            new Role("W", true, Extent.I, Extent.BLOCKS),
            new Role("R", true, Extent.S, Extent.BLOCKS),
            new Role("b", false, Extent.BLOCKS),
            new Role("h0", false, Extent.S)),

    LSTM(
            "lstm",
            "hidden_size",
            List.of("h", "c"),
            List.of("i", "f", "g", "o"),
            List.of("gates", "candidate", "output"),
            new Role("W", true, Extent.I, Extent.BLOCKS),
            new Role("R", true, Extent.S, Extent.BLOCKS),
            new Role("b", false, Extent.BLOCKS),
            new Role("h0", false, Extent.S),
            new Role("c0", false, Extent.S)),

    GRU(
            "gru",
            "hidden_size",
            List.of("h"),
            List.of("r", "z", "n"),
            List.of("gates", "candidate"),
            new Role("W", true, Extent.I, Extent.BLOCKS),
            new Role("R", true, Extent.S, Extent.BLOCKS),
            new Role("b", false, Extent.BLOCKS),
            new Role("rb", false, Extent.S),
            new Role("h0", false, Extent.S)),

    DENSE(
            "dense",
            "size",
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
            new Role("s", true, Extent.I),
            new Role("t", true, Extent.I)),

    ACTIVATION("activation", null, List.of(), List.of(), List.of("activation")),

    LAST_STEP("last_step", null, List.of(), List.of(), List.of());

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

    /** The values of a recurrent layer's {@code output}; the first is the default. */
    static final List<String> OUTPUTS = List.of("sequence", "final");

    /** The values of a GRU's {@code reset}. */
    static final List<String> RESETS = List.of("before", "after");

    /** One dimension of a parameter; BLOCKS are all the blocks of columns, each of S. */
    enum Extent {
        I,
        S,
        BLOCKS
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
    }

    private final String word;
    private final String sizeMember;
    private final List<String> stateArrays;
    private final List<String> blocks;
    private final List<String> activations;
    private final List<Role> roles;

    Layout(
            String word,
            String sizeMember,
            List<String> stateArrays,
            List<String> blocks,
            List<String> activations,
            Role... roles) {
        this.word = word;
        this.sizeMember = sizeMember;
        this.stateArrays = stateArrays;
        this.blocks = blocks;
        this.activations = activations;
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
     * The arrays of the layer's state, each of shape [N, H].
     *
     * @return their names; empty if the layer isn't recurrent
     */
    public List<String> stateArrays() {
        return stateArrays;
    }

    boolean isRecurrent() {
        return !stateArrays.isEmpty();
    }

    /** Whether the layer reads token ids. */
    boolean readsTokens() {
        return this == EMBEDDING || this == ONE_HOT;
    }

    /** Whether the layer can stand behind one that gives no time [layer-5]. */
    boolean worksWithoutTime() {
        return this == DENSE || this == AFFINE || this == ACTIVATION;
    }

    /** The shape of a parameter. */
    int[] shape(Role role, int input, int size) {
        return role.extents.stream()
                .mapToInt(
                        extent ->
                                switch (extent) {
                                    case I -> input;
                                    case S -> size;
                                    case BLOCKS -> blocks.size() * size;
                                })
                .toArray();
    }

    static List<String> words() {
        return Arrays.stream(values()).map(Layout::word).toList();
    }

    static Layout of(String word) {
        return values()[words().indexOf(word)];
    }
}
