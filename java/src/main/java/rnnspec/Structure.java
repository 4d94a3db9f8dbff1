package rnnspec;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import rnnspec.Findings.Path;

/**
 * The structure pass: whether each part of a model is what SPEC sections 5 to 9 say it is.
 *
 * <p>The tables of the specification are the methods of this class, one for each object.
 */
final class Structure extends DocumentChecks {
    private static final int MOST_FEATURES = 65_536;
    private static final int MOST_TOKENS = 2_097_152;
    private final LayerStructure layers;

    private Structure(Limits limits, Findings findings) {
        super(limits, findings);
        layers = new LayerStructure(limits, findings);
    }

    /**
     * Judges a document.
     *
     * @return its tensors; all of them, if nothing was found
     */
    static Map<String, StoredTensor> check(
            Map<String, Object> document, Limits limits, Findings findings) {
        Structure structure = new Structure(limits, findings);
        if (structure.version(document) && structure.required(document)) {
            structure.document(document);
        }
        return structure.entries;
    }

    // --- 5 the document ---

    /** Judges what the file can't do without; false if nothing else is to be judged. */
    private boolean required(Map<String, Object> document) {
        boolean isKnown = true;
        if (document.get("extensions_required") instanceof List<?> names) {
            for (int i = 0; i < names.size(); i++) {
                if (names.get(i) instanceof String name && EXTENSION.matcher(name).matches()) {
                    findings.add(
                            Codes.EXTENSION_UNKNOWN,
                            Path.TOP.to("extensions_required").to(i),
                            "got",
                            Issue.quote(name),
                            "expected",
                            "no extension");
                    isKnown = false;
                }
            }
        }
        return isKnown;
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
                may("vocabularies", named(this::name, this::vocabulary)),
                must("layers", layers::layers),
                must("output", this::output),
                may("decoding", this::decoding),
                may("examples", list(0, this::example)),
                may("extensions", this::extensions),
                may("extensions_required", list(0, this::extensionName)),
                must("tensors", this::tensors));
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
                            must("size", integer(1, MOST_FEATURES)),
                            may("names", list(0, this::text)),
                            may("units", list(0, this::text)),
                            may("sample_rate", number(0.001, 1e9)));
            default -> {}
        }
    }

    // --- 7 vocabularies ---

    private void vocabulary(Object value, Path path) {
        String word = variant("unit", value, path, Model.Unit.words());
        if (word.isEmpty()) {
            return;
        }
        Model.Unit unit = Model.Unit.of(word);
        Stream.Builder<Member> members = Stream.builder();
        members.add(must("unit", this::text)).add(must("tokens", tokens(unit)));
        if (unit == Model.Unit.TOKEN) {
            members.add(may("separator", this::separator));
        }
        for (String special : Model.Vocabulary.SPECIAL) {
            members.add(may(special, integer(0, FARTHEST)));
        }
        members.add(may("extensions", this::extensions));
        object(value, path, members.build().toArray(Member[]::new));
    }

    private Check tokens(Model.Unit unit) {
        Check token =
                switch (unit) {
                    case BYTE -> this::byteToken;
                    case CODEPOINT -> this::codepointToken;
                    case TOKEN -> this::text;
                };
        return (value, path) -> {
            if (value instanceof List<?> list && list.size() > MOST_TOKENS) {
                wrongLength("1 to " + MOST_TOKENS + " tokens", list.size(), path);
            } else {
                list(1, token).check(value, path);
            }
        };
    }

    private void byteToken(Object value, Path path) {
        String expected = "an integer 0 to 255, or nothing";
        if (value instanceof Double n) {
            if (!(n >= 0 && n <= 255 && n == Math.rint(n))) {
                wrongToken(expected, value, path);
            }
        } else if (!(value instanceof String)) {
            wrongType(expected, value, path);
        } else if (!value.equals("")) {
            wrongToken(expected, value, path);
        }
    }

    private void codepointToken(Object value, Path path) {
        text(value, path);
        if (value instanceof String token && token.codePointCount(0, token.length()) > 1) {
            wrongToken("one Unicode scalar value, or nothing", value, path);
        }
    }

    private void separator(Object value, Path path) {
        text(value, path);
        if ("".equals(value)) {
            wrongToken("a separator of one character or more", value, path);
        }
    }

    private void wrongToken(String expected, Object value, Path path) {
        findings.add(Codes.STRUCTURE_TOKEN, path, "expected", expected, "got", show(value));
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
        List<String> modes = List.of("greedy", "sample", "ctc");
        // Without a known mode nothing is said about what must be there [doc-6].
        boolean isKnown = mode instanceof String && modes.contains(mode);
        Stream.Builder<Member> members = Stream.builder();
        members.add(must("mode", words(modes)));
        if (!isKnown || mode.equals("sample")) {
            members.add(new Member("temperature", isKnown, number(0x1p-7, 0x1p7)))
                    .add(may("top_k", integer(1, Integer.MAX_VALUE)))
                    .add(may("top_p", number(0x1p-20, 1)));
        }
        if (!isKnown || mode.equals("ctc")) {
            members.add(new Member("blank", isKnown, integer(0, FARTHEST)));
        }
        object(value, path, members.build().toArray(Member[]::new));
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
            map.forEach((layer, arrays) -> stateArrays(arrays, path.to(layer)));
        } else {
            wrongType("an object", value, path);
        }
    }
}
