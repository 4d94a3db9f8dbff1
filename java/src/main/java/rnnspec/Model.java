package rnnspec;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model that has been read and found right; never changes, and threads may share it (SPEC section
 * 5).
 *
 * <p>Only {@link Load} makes models, so whoever holds one holds a valid one.
 */
public final class Model {
    /** The version of the format that is read and written here. */
    public static final String FORMAT = "1.0-draft.1";

    /** The members that are for people, in the order of SPEC section 5. */
    static final List<String> TEXTS =
            List.of("$schema", "name", "version", "description", "license");

    /** What the net reads (5.2). */
    public sealed interface Input permits Tokens, Features {}

    /**
     * Input of token ids, [N, T].
     *
     * @param vocabulary name of their vocabulary
     */
    public record Tokens(String vocabulary) implements Input {}

    /**
     * Input of float32, [N, T, size].
     *
     * @param size how many features
     * @param names one for each feature, or null
     * @param units one for each feature, or null
     * @param sampleRate time steps per second, or null
     */
    public record Features(int size, List<String> names, List<String> units, Double sampleRate)
            implements Input {}

    /**
     * A vocabulary of unit codepoint (section 7). The id of a token is its place.
     *
     * @param tokens each empty or one Unicode scalar value
     * @param unknown an id, or null
     * @param start an id, or null
     * @param end an id, or null
     * @param padding an id, or null
     */
    public record Vocabulary(
            List<String> tokens, Integer unknown, Integer start, Integer end, Integer padding) {

        static final String UNIT = "codepoint";
        static final List<String> SPECIAL = List.of("unknown", "start", "end", "padding");

        /** The special ids by name, without those that are absent. */
        Map<String, Integer> special() {
            Map<String, Integer> ids = new LinkedHashMap<>();
            ids.put("unknown", unknown);
            ids.put("start", start);
            ids.put("end", end);
            ids.put("padding", padding);
            ids.values().removeIf(id -> id == null);
            return ids;
        }
    }

    /**
     * A layer (section 8).
     *
     * @param name unique among the layers
     * @param type what it computes
     * @param size {@code size} or {@code hidden_size}, 0 if it has neither
     * @param function of an activation, else null
     * @param parameters role to name of a tensor
     */
    public record Layer(
            String name, Layout type, int size, String function, Map<String, String> parameters) {

        /** Whether the layer is a softmax or log_softmax. */
        boolean isNormalising() {
            return type == Layout.ACTIVATION;
        }
    }

    /**
     * What the net gives (9.1).
     *
     * @param kind logits, log_probabilities, probabilities or values
     * @param vocabulary name of a vocabulary, or null
     * @param labels one for each element, or null
     */
    public record Output(String kind, String vocabulary, List<String> labels) {}

    /**
     * How to generate unless the caller says otherwise (9.2).
     *
     * @param mode greedy or sample
     * @param temperature of sample, else null
     */
    public record Decoding(String mode, Double temperature) {}

    /**
     * The system that a reference example comes from.
     *
     * @param system its name
     * @param version its version
     */
    public record Source(String system, String version) {}

    /**
     * What the net gives for an input (9.3). Strings are names of tensors.
     *
     * @param kind exact or reference
     * @param source of a reference, else null
     * @param tolerance of a reference, else null
     * @param ids N lists of T token ids, or null for a net that reads features
     * @param input [N, T, size], or null for a net that reads tokens
     * @param lengths of the N rows, or null
     * @param state layer to array to tensor, or null
     * @param output [N, T, width]
     * @param finalState as state
     */
    public record Example(
            String kind,
            Source source,
            Double tolerance,
            List<List<Integer>> ids,
            String input,
            List<Integer> lengths,
            Map<String, Map<String, String>> state,
            String output,
            Map<String, Map<String, String>> finalState) {}

    private final Map<String, String> texts;
    private final Map<String, Object> metadata;
    private final Input input;
    private final Map<String, Vocabulary> vocabularies;
    private final List<Layer> layers;
    private final Output output;
    private final Decoding decoding;
    private final List<Example> examples;
    private final Map<String, Tensor> tensors;

    Model(
            Map<String, String> texts,
            Map<String, Object> metadata,
            Input input,
            Map<String, Vocabulary> vocabularies,
            List<Layer> layers,
            Output output,
            Decoding decoding,
            List<Example> examples,
            Map<String, Tensor> tensors) {
        this.texts = texts;
        this.metadata = metadata;
        this.input = input;
        this.vocabularies = vocabularies;
        this.layers = layers;
        this.output = output;
        this.decoding = decoding;
        this.examples = examples;
        this.tensors = Collections.unmodifiableMap(tensors);
    }

    /** The same model with these tensors. */
    Model with(Map<String, Tensor> tensors) {
        return new Model(
                texts, metadata, input, vocabularies, layers, output, decoding, examples, tensors);
    }

    /**
     * The members for people: {@code $schema}, {@code name}, {@code version}, {@code description}
     * and {@code license}.
     *
     * @return those that the file has
     */
    public Map<String, String> texts() {
        return texts;
    }

    /**
     * What the file says beyond this format: maps, lists, strings, doubles, booleans and nulls.
     *
     * @return the metadata, or null
     */
    public Map<String, Object> metadata() {
        return metadata;
    }

    /**
     * What the net reads.
     *
     * @return tokens or features
     */
    public Input input() {
        return input;
    }

    /**
     * The vocabularies by name.
     *
     * @return in file order, or null
     */
    public Map<String, Vocabulary> vocabularies() {
        return vocabularies;
    }

    /**
     * The layers, the first one first.
     *
     * @return at least one
     */
    public List<Layer> layers() {
        return layers;
    }

    /**
     * What the net gives.
     *
     * @return the output
     */
    public Output output() {
        return output;
    }

    /**
     * How to generate unless the caller says otherwise.
     *
     * @return the defaults, or null
     */
    public Decoding decoding() {
        return decoding;
    }

    /**
     * What the net gives for some inputs.
     *
     * @return the examples, or null
     */
    public List<Example> examples() {
        return examples;
    }

    /**
     * The tensors by name.
     *
     * @return in file order
     */
    public Map<String, Tensor> tensors() {
        return tensors;
    }

    /** The vocabulary of the net's input, or null. */
    Vocabulary inputVocabulary() {
        return input instanceof Tokens tokens ? find(tokens.vocabulary()) : null;
    }

    /** The vocabulary of that name, or null; also for the name null. */
    Vocabulary find(String name) {
        return name == null || vocabularies == null ? null : vocabularies.get(name);
    }

    Layer last() {
        return layers.get(layers.size() - 1);
    }
}
