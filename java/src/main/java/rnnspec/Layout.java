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
    EMBEDDING("embedding", "size", List.of(), new Role("E", true, Extent.I, Extent.S)),

    ONE_HOT("one_hot", null, List.of()),

    LSTM(
            "lstm",
            "hidden_size",
            List.of("h", "c"),
            new Role("W", true, Extent.I, Extent.BLOCKS),
            new Role("R", true, Extent.S, Extent.BLOCKS),
            new Role("b", false, Extent.BLOCKS)),

    DENSE(
            "dense",
            "size",
            List.of(),
            new Role("W", true, Extent.I, Extent.S),
            new Role("b", false, Extent.S)),

    ACTIVATION("activation", null, List.of());

    /** The blocks of the columns of an LSTM's W, R and b, each of H columns [layer-2]. */
    static final List<String> BLOCKS = List.of("i", "f", "g", "o");

    /** The functions of a layer of type activation. */
    static final List<String> FUNCTIONS = List.of("softmax", "log_softmax");

    /** One dimension of a parameter. */
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

        int[] shape(int input, int size) {
            return extents.stream()
                    .mapToInt(
                            extent ->
                                    switch (extent) {
                                        case I -> input;
                                        case S -> size;
                                        case BLOCKS -> BLOCKS.size() * size;
                                    })
                    .toArray();
        }
    }

    private final String word;
    private final String sizeMember;
    private final List<String> stateArrays;
    private final List<Role> roles;

    Layout(String word, String sizeMember, List<String> stateArrays, Role... roles) {
        this.word = word;
        this.sizeMember = sizeMember;
        this.stateArrays = stateArrays;
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

    /**
     * The arrays of the layer's state, each of shape [N, H].
     *
     * @return their names; empty if the layer isn't recurrent
     */
    public List<String> stateArrays() {
        return stateArrays;
    }

    /** Whether the layer reads token ids. */
    boolean readsTokens() {
        return this == EMBEDDING || this == ONE_HOT;
    }

    static List<String> words() {
        return Arrays.stream(values()).map(Layout::word).toList();
    }

    static Layout of(String word) {
        return values()[words().indexOf(word)];
    }
}
