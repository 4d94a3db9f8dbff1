package rnnspec;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A model that has been read and found right (SPEC section 5).
 *
 * <p>A Model is immutable: share it between threads. Only {@link Load} makes models, so whoever
 * holds one holds a valid one.
 */
public final class Model {
    /** The version of the format that is read and written here. */
    public static final String FORMAT = "1.0-draft.3";

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

    /** What a token is (section 7). */
    public enum Unit {
        BYTE("byte"),
        CODEPOINT("codepoint"),
        TOKEN("token");

        private final String word;

        Unit(String word) {
            this.word = word;
        }

        /**
         * The unit's name in a file.
         *
         * @return byte, codepoint or token
         */
        public String word() {
            return word;
        }

        static List<String> words() {
            return Arrays.stream(values()).map(Unit::word).toList();
        }

        static Unit of(String word) {
            return values()[words().indexOf(word)];
        }
    }

    /**
     * A vocabulary (section 7). The id of a token is its place. {@link rnnspec.Vocabulary} encodes
     * and decodes with it.
     *
     * @param unit what a token is
     * @param tokens each empty, or a byte as the character U+0000 to U+00FF, a Unicode scalar
     *     value, or any string
     * @param separator what stands between tokens in a text, or null
     * @param unknown an id, or null
     * @param start an id, or null
     * @param end an id, or null
     * @param padding an id, or null
     * @param extensions what others have added (5.3), or null
     */
    public record Vocabulary(
            Unit unit,
            List<String> tokens,
            String separator,
            Integer unknown,
            Integer start,
            Integer end,
            Integer padding,
            Map<String, Object> extensions) {

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
     * An activation (sections 8 and 12.6).
     *
     * @param function what it computes
     * @param alpha its first number, or null where the function has none
     * @param beta its second number, or null where the function has none
     */
    public record Activation(Layout.Function function, Double alpha, Double beta) {}

    /**
     * A layer (section 8).
     *
     * @param name unique among the layers
     * @param type what it computes
     * @param inputs names of earlier layers, or {@code input}; null where the file doesn't say,
     *     which is the layer before
     * @param size {@code size} or {@code hidden_size}, 0 if it has neither
     * @param options the members that say how it computes, as far as the file has them, by their
     *     names: strings such as {@code direction}, doubles such as {@code clip}, and the Integer
     *     {@code projection_size}
     * @param activations {@code activation} of an elman and of a layer of that type; {@code gates},
     *     {@code candidate} and, of an lstm, {@code output}
     * @param parameters role to name of a tensor
     * @param extensions what others have added (5.3), or null
     */
    public record Layer(
            String name,
            Layout type,
            List<String> inputs,
            int size,
            Map<String, Object> options,
            Map<String, Activation> activations,
            Map<String, String> parameters,
            Map<String, Object> extensions) {

        /** Whether the layer is a softmax or log_softmax. */
        boolean isNormalising() {
            return type == Layout.ACTIVATION && !function().isElementwise();
        }

        /** What a layer of type activation computes. */
        Layout.Function function() {
            return activations.get("activation").function();
        }

        /** Whether an option is this word; an absent one is none. */
        boolean is(String option, String word) {
            return word.equals(options.get(option));
        }

        /** A number of an option rounded to binary32, or +∞ if it is absent: a clip of nothing. */
        float number(String option) {
            return options.get(option) instanceof Double n
                    ? n.floatValue()
                    : Float.POSITIVE_INFINITY;
        }

        /** Whether the layer gives one vector for each row, without time [layer-5]. */
        boolean endsTime() {
            return type == Layout.LAST_STEP || is("output", "final");
        }

        /** What keeps the net from running step by step, or null [run-4]. */
        String backward() {
            if (type == Layout.TIME_REVERSE) {
                return type.word();
            }
            Object direction = options.get("direction");
            return direction == null || direction.equals("forward") ? null : (String) direction;
        }

        /** What the names of each direction have behind them [layer-8]. */
        List<String> suffixes() {
            boolean isBoth = is("direction", "bidirectional");
            return isBoth ? List.of("", Layout.REVERSE) : List.of("");
        }

        /** The width of a recurrent layer's h: P. */
        int projection() {
            return options.get("projection_size") instanceof Integer p ? p : size;
        }

        /** The number of blocks of the columns of W: B. */
        int blocks() {
            return type.blocks().size() - (options.containsKey("coupled") ? 1 : 0);
        }

        /** The parameters that the layer may have, in the order of the tables, by their names. */
        Map<String, Layout.Role> roles() {
            Map<String, Layout.Role> roles = new LinkedHashMap<>();
            for (String suffix : suffixes()) {
                type.roles().forEach(role -> roles.put(role.name() + suffix, role));
            }
            return roles;
        }

        /** The shape of a parameter, with so wide an input. */
        int[] shape(Layout.Role role, int input) {
            return role.shape(
                    new Layout.Sizes(input, size, projection(), blocks(), is("peephole", "full")));
        }

        /**
         * The arrays of the layer's state and their widths: P of h, H of c.
         *
         * @return by name, in the order of the tables; empty if the layer isn't recurrent
         */
        public Map<String, Integer> stateArrays() {
            Map<String, Integer> arrays = new LinkedHashMap<>();
            for (String suffix : suffixes()) {
                for (String array : type.stateArrays()) {
                    arrays.put(array + suffix, array.equals("h") ? projection() : size);
                }
            }
            return arrays;
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
     * @param mode greedy, sample or ctc
     * @param temperature of sample, else null
     * @param topK how many tokens to choose from, or null
     * @param topP what share of the weights to choose from, or null
     * @param blank of ctc the id that stands for no token, else null
     */
    public record Decoding(
            String mode, Double temperature, Integer topK, Double topP, Integer blank) {}

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
     * @param output [N, T, width], or [N, width] where the output has no time
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
            Map<String, Map<String, String>> finalState) {

        /** The names of all of its tensors. */
        Set<String> tensors() {
            Set<String> names = new HashSet<>();
            names.add(output);
            names.add(input);
            for (Map<String, Map<String, String>> arrays : Arrays.asList(state, finalState)) {
                if (arrays != null) {
                    arrays.values().forEach(named -> names.addAll(named.values()));
                }
            }
            return names;
        }
    }

    private final Map<String, String> texts;
    private final Map<String, Object> metadata;
    private final Input input;
    private final Map<String, Vocabulary> vocabularies;
    private final List<Layer> layers;
    private final Output output;
    private final Decoding decoding;
    private final List<Example> examples;
    private final Map<String, Object> extensions;
    private final List<String> extensionsRequired;
    private final Map<String, Map<String, Object>> tensorExtensions;
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
            Map<String, Object> extensions,
            List<String> extensionsRequired,
            Map<String, Map<String, Object>> tensorExtensions,
            Map<String, Tensor> tensors) {
        this.texts = texts;
        this.metadata = metadata;
        this.input = input;
        this.vocabularies = vocabularies;
        this.layers = layers;
        this.output = output;
        this.decoding = decoding;
        this.examples = examples;
        this.extensions = extensions;
        this.extensionsRequired = extensionsRequired;
        this.tensorExtensions = tensorExtensions;
        this.tensors = Collections.unmodifiableMap(tensors);
    }

    /** The same model with these tensors. */
    Model with(Map<String, Tensor> tensors) {
        return with(examples, tensors);
    }

    /** The same model with these examples and tensors. */
    Model with(List<Example> examples, Map<String, Tensor> tensors) {
        return new Model(
                texts,
                metadata,
                input,
                vocabularies,
                layers,
                output,
                decoding,
                examples,
                extensions,
                extensionsRequired,
                tensorExtensions,
                tensors);
    }

    // --- a short way in; Load does the work ---

    /**
     * Reads a model, with the limits of the specification; {@link Load} takes others.
     *
     * @param path the file; its name decides nothing
     * @return the model
     * @throws RnnspecException with all findings of the first stage that has an error
     * @throws IOException if the file can't be read
     */
    public static Model load(Path path) throws IOException {
        return Load.load(path);
    }

    /**
     * Reads a model, with the limits of the specification; {@link Load} takes others.
     *
     * @param in read to its end and not closed
     * @return the model
     * @throws RnnspecException with all findings of the first stage that has an error
     * @throws IOException if the stream can't be read
     */
    public static Model load(InputStream in) throws IOException {
        return Load.load(in);
    }

    /**
     * Reads a model, with the limits of the specification; {@link Load} takes others.
     *
     * @param bytes the file, JSON or msgpack; never changed
     * @return the model
     * @throws RnnspecException with all findings of the first stage that has an error
     */
    public static Model load(byte[] bytes) {
        return Load.load(bytes);
    }

    // --- its parts ---

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
     * What others have added to the file (5.3), by the name of the extension.
     *
     * @return as {@link #metadata}, or null
     */
    public Map<String, Object> extensions() {
        return extensions;
    }

    /** The extensions without which the file means something else: none, or null. */
    List<String> extensionsRequired() {
        return extensionsRequired;
    }

    /**
     * What others have added to tensors (5.3).
     *
     * @return for each tensor that has any, by its name, the extensions by theirs
     */
    public Map<String, Map<String, Object>> tensorExtensions() {
        return tensorExtensions;
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

    /** The first layer that keeps the net from running step by step, or null [run-4]. */
    Layer backward() {
        return layers.stream().filter(layer -> layer.backward() != null).findFirst().orElse(null);
    }
}
