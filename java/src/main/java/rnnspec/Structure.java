package rnnspec;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import rnnspec.Findings.Path;

/**
 * The structure pass: whether each part of the document is what SPEC sections 5 to 9 say it is.
 *
 * <p>The tables of the specification are the methods of this class, one for each object.
 */
final class Structure extends Checks {
    private static final Pattern VERSION =
            Pattern.compile("N\\.N(-draft\\.N)?".replace("N", "(0|[1-9][0-9]{0,8})"));

    private static final int WIDEST = 65_536;
    private static final int MOST_TOKENS = 2_097_152;
    private final Limits limits;

    /** The tensors that are sound in themselves. */
    private final Map<String, Tensor.Entry> entries = new LinkedHashMap<>();

    private Structure(Limits limits, Findings findings) {
        super(findings);
        this.limits = limits;
    }

    /**
     * Judges a document.
     *
     * @return its tensors; all of them, if nothing was found
     */
    static Map<String, Tensor.Entry> check(
            Map<String, Object> document, Limits limits, Findings findings) {
        Structure structure = new Structure(limits, findings);
        if (structure.version(document)) {
            structure.document(document);
        }
        return structure.entries;
    }

    // --- 5 the document ---

    /** Judges the version before everything else [version-1]. */
    private boolean version(Map<String, Object> document) {
        Path path = Path.TOP.to("rnnspec");
        if (!document.containsKey("rnnspec")) {
            findings.add(Codes.VERSION_MISSING, Path.TOP, "expected", Issue.quote(Model.FORMAT));
            return false;
        }
        Object value = document.get("rnnspec");
        if (!(value instanceof String version) || !VERSION.matcher(version).matches()) {
            findings.add(
                    Codes.VERSION_MALFORMED,
                    path,
                    "expected",
                    Issue.quote(Model.FORMAT),
                    "got",
                    show(value));
            return false;
        }
        if (!version.equals(Model.FORMAT)) {
            findings.add(
                    Codes.VERSION_UNSUPPORTED,
                    path,
                    "expected",
                    Model.FORMAT,
                    "got",
                    Issue.quote(version));
            return false;
        }
        return true;
    }

    private void document(Map<String, Object> document) {
        object(
                document,
                Path.TOP,
                must("rnnspec", this::text),
                may("$schema", this::text),
                may("name", this::text),
                may("version", this::text),
                may("description", this::text),
                may("license", this::text),
                may("metadata", this::metadata),
                must("input", this::input),
                may("vocabularies", named(this::vocabulary)),
                must("layers", this::layers),
                must("output", this::output),
                may("decoding", this::decoding),
                may("examples", list(0, this::example)),
                must("tensors", named(this::tensor)));
    }

    /** Anything may stand in metadata but bytes [doc-3]. */
    private void metadata(Object value, Path path) {
        if (!(value instanceof Map)) {
            wrongType("an object", value, path);
            return;
        }
        record Place(Object value, Path path) {}
        Deque<Place> left = new ArrayDeque<>(List.of(new Place(value, path)));
        while (!left.isEmpty()) {
            Place place = left.pop();
            if (place.value instanceof MsgpackReader.Bytes) {
                wrongType("anything but bytes", place.value, place.path);
            } else if (place.value instanceof Map<?, ?> map) {
                map.forEach((key, member) -> left.push(new Place(member, place.path.to(key))));
            } else if (place.value instanceof List<?> list) {
                for (int i = 0; i < list.size(); i++) {
                    left.push(new Place(list.get(i), place.path.to(i)));
                }
            }
        }
    }

    private void input(Object value, Path path) {
        switch (variant("kind", value, path, List.of("tokens", "features"))) {
            case "tokens" ->
                    object(value, path, must("kind", this::text), must("vocabulary", this::text));
            case "features" ->
                    object(
                            value,
                            path,
                            must("kind", this::text),
                            must("size", integer(1, WIDEST)),
                            may("names", list(0, this::text)),
                            may("units", list(0, this::text)),
                            may("sample_rate", number(0.001, 1e9)));
            default -> {}
        }
    }

    // --- 6 tensors ---

    private void tensor(Object value, Path path) {
        Map<String, Object> found = new HashMap<>();
        object(
                value,
                path,
                must("dtype", words(Tensor.Dtype.words())),
                must("shape", (shape, at) -> found.put("shape", shape(shape, at))),
                must("data", (data, at) -> found.put("data", data(data, at))));
        // Entries of a file with findings are never looked at.
        if (found.get("shape") instanceof int[] shape
                && found.get("data") != null
                && ((Map<?, ?>) value).get("dtype") instanceof String dtype
                && Tensor.Dtype.words().contains(dtype)) {
            entries.put(
                    (String) path.step(),
                    new Tensor.Entry(Tensor.Dtype.of(dtype), shape, found.get("data")));
        }
    }

    /** Gives the shape, or null with findings. */
    private int[] shape(Object value, Path path) {
        if (!(value instanceof List<?> list)) {
            wrongType("a list", value, path);
            return null;
        }
        if (list.isEmpty() || list.size() > 3) {
            wrongLength("1 to 3 dimensions", list.size(), path);
            return null;
        }
        Check dimension = integer(1, Integer.MAX_VALUE);
        int[] shape = new int[list.size()];
        boolean sound = true;
        for (int i = 0; i < shape.length; i++) {
            dimension.check(list.get(i), path.to(i));
            if (list.get(i) instanceof Double n && n >= 1 && n == (int) (double) n) {
                shape[i] = (int) (double) n;
            } else {
                sound = false;
            }
        }
        if (sound && Tensor.count(shape) > limits.elements()) {
            findings.add(
                    Codes.LIMIT_ELEMENTS,
                    path,
                    "limit",
                    Long.toString(limits.elements()),
                    "got",
                    Tensor.show(shape));
            return null;
        }
        return sound ? shape : null;
    }

    /** Gives the data as Decimals or Bytes, or null with a finding. */
    private Object data(Object value, Path path) {
        if (value instanceof MsgpackReader.Bytes) {
            return value;
        }
        if (value instanceof JsonReader.Decimals decimals) {
            if (decimals.offender() == null) {
                return decimals;
            }
            findings.add(
                    Codes.STRUCTURE_TYPE,
                    path.to(decimals.count()),
                    "expected",
                    "a number",
                    "got",
                    decimals.offender());
            return null;
        }
        if (value instanceof JsonReader.Base64Text text) {
            MsgpackReader.Bytes bytes = StrictBase64.decode(text);
            if (bytes == null) {
                findings.add(
                        Codes.STRUCTURE_BASE64,
                        path,
                        "expected",
                        "base64 with padding",
                        "got",
                        text.length() + " bytes of text that are not");
            }
            return bytes;
        }
        wrongType("the data of a tensor", value, path);
        return null;
    }

    // --- 7 vocabularies ---

    private void vocabulary(Object value, Path path) {
        if (variant("unit", value, path, List.of(Model.Vocabulary.UNIT)).isEmpty()) {
            return;
        }
        object(
                value,
                path,
                must("unit", this::text),
                must("tokens", this::tokens),
                may("unknown", integer(0, FARTHEST)),
                may("start", integer(0, FARTHEST)),
                may("end", integer(0, FARTHEST)),
                may("padding", integer(0, FARTHEST)));
    }

    private void tokens(Object value, Path path) {
        if (value instanceof List<?> list && list.size() > MOST_TOKENS) {
            wrongLength("1 to " + MOST_TOKENS + " tokens", list.size(), path);
            return;
        }
        list(1, this::token).check(value, path);
    }

    private void token(Object value, Path path) {
        text(value, path);
        if (value instanceof String token && token.codePointCount(0, token.length()) > 1) {
            findings.add(
                    Codes.STRUCTURE_TOKEN,
                    path,
                    "expected",
                    "one Unicode scalar value, or nothing",
                    "got",
                    Issue.quote(token));
        }
    }

    // --- 8 layers ---

    private void layers(Object value, Path path) {
        if (value instanceof List<?> list && list.size() > limits.layers()) {
            findings.add(
                    Codes.LIMIT_LAYERS,
                    path,
                    "limit",
                    Long.toString(limits.layers()),
                    "got",
                    Integer.toString(list.size()));
            return;
        }
        list(1, this::layer).check(value, path);
    }

    private void layer(Object value, Path path) {
        String word = variant("type", value, path, Layout.words());
        if (word.isEmpty()) {
            return;
        }
        Layout type = Layout.of(word);
        Stream.Builder<Member> members = Stream.builder();
        members.add(must("name", this::name)).add(must("type", this::text));
        if (type.sizeMember() != null) {
            members.add(must(type.sizeMember(), integer(1, WIDEST)));
        }
        if (type == Layout.ACTIVATION) {
            members.add(must("function", words(Layout.FUNCTIONS)));
        }
        if (!type.roles().isEmpty()) {
            Member[] roles =
                    type.roles().stream()
                            .map(role -> new Member(role.name(), role.required(), this::text))
                            .toArray(Member[]::new);
            members.add(must("parameters", (object, at) -> object(object, at, roles)));
        }
        object(value, path, members.build().toArray(Member[]::new));
    }

    // --- 9 output, decoding, examples ---

    private void output(Object value, Path path) {
        List<String> kinds = List.of("logits", "log_probabilities", "probabilities", "values");
        if (!variant("kind", value, path, kinds).isEmpty()) {
            object(
                    value,
                    path,
                    must("kind", this::text),
                    may("vocabulary", this::text),
                    may("labels", list(0, this::text)));
        }
    }

    private void decoding(Object value, Path path) {
        Object mode = value instanceof Map<?, ?> map ? map.get("mode") : null;
        Member modes = must("mode", words(List.of("greedy", "sample")));
        Check temperature = number(0x1p-7, 0x1p7);
        if ("greedy".equals(mode)) {
            object(value, path, modes);
        } else if ("sample".equals(mode)) {
            object(value, path, modes, must("temperature", temperature));
        } else {
            object(value, path, modes, may("temperature", temperature));
        }
    }

    private void example(Object value, Path path) {
        String kind = variant("kind", value, path, List.of("exact", "reference"));
        if (kind.isEmpty()) {
            return;
        }
        Stream.Builder<Member> members = Stream.builder();
        members.add(must("kind", this::text));
        if (kind.equals("reference")) {
            members.add(must("source", this::source)).add(must("tolerance", number(0, 1)));
        }
        members.add(must("input", this::exampleInput))
                .add(may("lengths", list(0, integer(0, FARTHEST))))
                .add(may("state", this::state))
                .add(must("output", this::text))
                .add(may("final_state", this::state));
        object(value, path, members.build().toArray(Member[]::new));
    }

    private void source(Object value, Path path) {
        object(value, path, must("system", this::text), must("version", this::text));
    }

    private void exampleInput(Object value, Path path) {
        if (value instanceof List) {
            list(1, list(1, integer(0, FARTHEST))).check(value, path);
        } else if (!(value instanceof String)) {
            wrongType("lists of token ids, or the name of a tensor", value, path);
        }
    }

    private void state(Object value, Path path) {
        if (value instanceof Map<?, ?> map) {
            map.forEach(
                    (layer, arrays) ->
                            object(
                                    arrays,
                                    path.to(layer),
                                    must("h", this::text),
                                    may("c", this::text)));
        } else {
            wrongType("an object", value, path);
        }
    }
}
