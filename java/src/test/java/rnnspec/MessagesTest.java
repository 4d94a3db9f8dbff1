package rnnspec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every code of the registry as this runtime raises it: complete, short, safe to print. */
class MessagesTest {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{[a-z]+\\}");

    private static final String BASE =
            """
            {"rnnspec": "1.0-draft.3", "input": {"kind": "tokens", "vocabulary": "v"},
            "vocabularies": {"v": {"unit": "codepoint", "tokens": ["a", "b"]}},
            "layers": [{"name": "first", "type": "one_hot"},
            {"name": "memory", "type": "lstm", "hidden_size": 1, ACTIVATIONS, "parameters": {"W": "W", "R": "R"}},
            {"name": "last", "type": "dense", "size": 2, "parameters": {"W": "D"}}],
            "output": {"kind": "logits", "vocabulary": "v"},
            "examples": [{"kind": "exact", "input": [[0, 1]], "output": "y"}],
            "tensors": {
            "W": {"dtype": "float32", "shape": [2, 4], "data": [1, 2, 3, 4, 5, 6, 7, 8]},
            "R": {"dtype": "float32", "shape": [1, 4], "data": [1, 2, 3, 4]},
            "D": {"dtype": "float32", "shape": [1, 2], "data": [1, 2]},
            "y": {"dtype": "float32", "shape": [1, 2, 2], "data": [1, 2, 3, 4]}}}
            """
                    .replace("ACTIVATIONS", Fixtures.LSTM_ACTIVATIONS);

    private static final String FEATURES =
            """
            {"rnnspec": "1.0-draft.3", "input": {"kind": "features", "size": 1},
            "layers": [{"name": "d", "type": "dense", "size": 1, "parameters": {"W": "D"}}],
            "output": {"kind": "values"},
            "tensors": {"D": {"dtype": "float32", "shape": [1, 1], "data": [3e38]}}}
            """;

    /** A name that somebody has chosen to do harm. */
    private static final String HARMFUL =
            "\u202e\n\u001b[31m".repeat(500) + "\u0000\u2028\ufeff" + "w\u0301😀".repeat(3000);

    private final Map<String, List<Issue>> raised = new LinkedHashMap<>();
    private String name = "other";

    // --- what raises which code ---

    private void reading(String code, byte[] bytes, Limits limits) {
        raised.put(code, Validate.validate(bytes, limits));
    }

    private void reading(String code, String json) {
        reading(code, json.getBytes(StandardCharsets.UTF_8), Limits.DEFAULT);
    }

    private void limit(String code, String limit, long value) {
        reading(code, Fixtures.bytes(BASE), Limits.DEFAULT.with(limit, value));
    }

    /** The base with something else in one place. */
    private void changed(String code, String old, String replacement) {
        reading(code, Fixtures.with(BASE, old, replacement));
    }

    private void call(String code, Runnable call) {
        raised.put(code, assertThrows(RnnspecException.class, call::run, code).issues());
    }

    private static byte[] hex(int... bytes) {
        byte[] all = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            all[i] = (byte) bytes[i];
        }
        return all;
    }

    /** The name as it stands in JSON. */
    private String quoted() {
        StringBuilder json = new StringBuilder("\"");
        name.chars().forEach(c -> json.append("\\u%04x".formatted(c)));
        return json.append('"').toString();
    }

    private Map<String, List<Issue>> everything() {
        reading("BYTES_EMPTY", "");
        limit("LIMIT_SIZE", "size", 9);
        reading("BYTES_FOREIGN", "version https://git-lfs.github.com/spec/v1");
        reading("BYTES_BOM", "\ufeff{}");
        reading("BYTES_UNRECOGNISED", hex(0xC1), Limits.DEFAULT);
        reading("BYTES_UTF8", hex('{', 0xFF), Limits.DEFAULT);
        reading("SYNTAX_UNEXPECTED", "{\u202e");
        reading("SYNTAX_END", "{\"a\"");
        reading("SYNTAX_TRAILING", "{} \u2028");
        reading("SYNTAX_DUPLICATE_KEY", "{%s: 1, %s: 2}".formatted(quoted(), quoted()));
        reading("SYNTAX_SURROGATE", "{\"\\ud800x\": 1}");
        reading("SYNTAX_UTF8", hex(0x81, 0xA1, 0xFF, 0xC0), Limits.DEFAULT);
        reading("SYNTAX_NUMBER_RANGE", "{\"a\": " + "9".repeat(60) + "e999}");
        reading("SYNTAX_KEY", hex(0x81, 0x01, 0x01), Limits.DEFAULT);
        reading("SYNTAX_FORMAT", hex(0x81, 0xA1, 'a', 0xC1), Limits.DEFAULT);
        limit("LIMIT_DEPTH", "depth", 1);
        limit("LIMIT_STRING", "string", 3);
        limit("LIMIT_NUMBER", "number", 0);
        limit("LIMIT_MEMBERS", "members", 1);
        limit("LIMIT_VALUES", "values", 1);
        structure();
        agreement();
        calls();
        return raised;
    }

    private void structure() {
        reading("VERSION_MISSING", "{}");
        changed("VERSION_MALFORMED", "\"1.0-draft.3\"", quoted());
        changed("VERSION_UNSUPPORTED", "1.0-draft.3", "999999999.999999999-draft.999999999");
        reading(
                "VERSION_TRIED",
                Fixtures.bytes(BASE.replace("1.0-draft.3", "999999999.999999999-draft.999999999")),
                Limits.DEFAULT.tryingAnyway());
        boolean isLong = name.equals(HARMFUL);
        String vendor = isLong ? "A".repeat(32) + "_" + "x".repeat(95) : "ACME_pitch";
        changed(
                "EXTENSION_UNKNOWN",
                "{\"rnn",
                "{\"extensions_required\": [\"" + vendor + "\"], \"rnn");
        changed("STRUCTURE_TYPE", "[[0, 1]]", "{}");
        changed("STRUCTURE_MISSING", ", \"vocabulary\": \"v\"},\n\"voc", "},\n\"voc");
        changed(
                "STRUCTURE_UNKNOWN_KEY",
                "\"type\": \"lstm\"",
                quoted() + ": 1, \"type\": \"lstm\"");
        changed("STRUCTURE_ENUM", "\"lstm\"", quoted());
        changed(
                "STRUCTURE_RANGE",
                "\"hidden_size\": 1",
                "\"hidden_size\": -1.7976931348623157e308");
        String member = "\"extensions\": {%s: 1}, ".formatted(quoted());
        changed("STRUCTURE_NAME", "\"unit\"", member + "\"unit\"");
        changed("STRUCTURE_LENGTH", "[2, 4]", "[2, 4, 1, 1, 1]");
        changed("STRUCTURE_TOKEN", "\"b\"]", quoted() + "]");
        changed("STRUCTURE_BASE64", "[1, 2]}", "\"" + "!".repeat(9000) + "\"}");
        limit("LIMIT_LAYERS", "layers", 1);
        limit("LIMIT_ELEMENTS", "elements", 7);
    }

    private void agreement() {
        String longest = "n".repeat(128);
        changed("NAME_REPEATED", "\"last\"", "\"first\"");
        changed("NAME_RESERVED", "\"last\"", "\"input\"");
        changed(
                "VOCABULARY_UNKNOWN",
                "\"logits\", \"vocabulary\": \"v\"",
                "\"logits\", \"vocabulary\": " + quoted());
        String unused = "\"%s\": {\"unit\": \"token\", \"tokens\": [\"a\"]}".formatted(longest);
        changed("VOCABULARY_UNUSED", "{\"v\":", "{" + unused + ", \"v\":");
        changed("VOCABULARY_SIZE", "\"size\": 2", "\"size\": 65536");
        changed("LABELS_COUNT", "\"logits\",", "\"logits\", \"labels\": [],");
        changed("ID_RANGE", "[[0, 1]]", "[[0, 1e15]]");
        changed("LAYER_INPUT", "\"type\": \"one_hot\"", "\"type\": \"last_step\"");
        String inputs = "\"type\": \"dense\", \"inputs\": [%s]";
        changed("INPUT_UNKNOWN", "\"type\": \"dense\"", inputs.formatted(quoted()));
        changed("LAYER_UNUSED", "\"type\": \"dense\"", inputs.formatted("\"first\""));
        changed(
                "INPUT_WIDTH",
                "{\"name\": \"last\"",
                "{\"name\": \"sum\", \"type\": \"add\", \"inputs\": [%s\"memory\", \"first\"]}, {\"name\": \"last\""
                        .formatted("\"memory\", ".repeat(900)));
        changed("TENSOR_UNKNOWN", "\"W\": \"D\"", "\"W\": " + quoted());
        changed("TENSOR_REUSED", "\"W\": \"D\"", "\"W\": \"y\"");
        changed(
                "TENSOR_UNUSED",
                "\"y\": {",
                "\"%s\": {\"dtype\": \"float32\", \"shape\": [1], \"data\": [1]}, \"y\": {"
                        .formatted(longest));
        changed("TENSOR_SHAPE", "[2, 4]", "[500, 500, 500]");
        changed(
                "TENSOR_DTYPE",
                "\"float32\", \"shape\": [1, 2, 2], \"data\": [1, 2, 3, 4]",
                "\"float16\", \"shape\": [1, 2, 2], \"data\": \"AAAAAAAAAAA=\"");
        changed(
                "TENSOR_ENCODING",
                "\"float32\", \"shape\": [1, 2],",
                "\"float16\", \"shape\": [1, 2],");
        changed("TENSOR_LENGTH", "[1, 2]}", "[1, 2, 3]}");
        changed("TENSOR_NONFINITE", "[1, 2]}", "[1, -1e300]}");
        String int8 =
                "{\"dtype\": \"int8\", \"axis\": 0, \"shape\": [1, 2], \"scale\": [%s], \"data\": \"gAE=\"}";
        String d = "{\"dtype\": \"float32\", \"shape\": [1, 2], \"data\": [1, 2]}";
        changed("TENSOR_SCALE", d, int8.formatted("-3.4028235e38"));
        changed("TENSOR_QUANTUM", d, int8.formatted("1"));
        changed("OUTPUT_KIND", "\"logits\"", "\"log_probabilities\"");
        reading(
                "DECODING_OUTPUT",
                Fixtures.with(
                        FEATURES,
                        "\"tensors\"",
                        "\"decoding\": {\"mode\": \"greedy\"}, \"tensors\""));
        changed("EXAMPLE_INPUT", "[[0, 1]]", "[[0, 1], [0]]");
        String state = "\"state\": {%s: {\"h\": \"W\"}}, \"output\": \"y\"";
        changed("LAYER_UNKNOWN", "\"output\": \"y\"", state.formatted(quoted()));
        changed("STATE_INCOMPLETE", "\"output\": \"y\"", state.formatted("\"memory\""));
        changed("VOCABULARY_REPEATED", "[\"a\", \"b\"]", "[\"a\", \"a\"]");
        changed("VOCABULARY_EMPTY", "[\"a\", \"b\"]", "[\"a\", \"\"]");
    }

    private void calls() {
        Plan tokens = Plan.compile(Fixtures.load(BASE));
        Plan features = Plan.compile(Fixtures.load(FEATURES));
        Tensor infinite = Tensor.of(new float[] {Float.NEGATIVE_INFINITY}, 1, 1, 1);
        Decoding.Options none = Decoding.Options.NONE;
        call("RUN_SHAPE", () -> Run.run(features, Tensor.of(new float[10], 2, 5)));
        call("RUN_NONFINITE_INPUT", () -> Run.run(features, infinite));
        call("RUN_TOKEN", () -> Run.run(tokens, new int[][] {{Integer.MIN_VALUE}}));
        call("RUN_LENGTH", () -> Run.run(tokens, new int[][] {{1}}, new int[] {-7}, null));
        Map<String, Tensor> arrays = Map.of("h", Tensor.of(new float[0], 0), name, infinite);
        State wrong = State.of(Map.of("memory", arrays));
        call("RUN_STATE", () -> Run.run(tokens, new int[][] {{1}}, null, wrong));
        call("RUN_NONFINITE", () -> Run.run(features, new float[] {2}));
        String last = "{\"name\": \"last\"";
        String turn = "{\"name\": \"%s\", \"type\": \"time_reverse\"}, ".formatted("n".repeat(128));
        Plan backward = Plan.compile(Fixtures.load(Fixtures.with(BASE, last, turn + last)));
        call("RUN_DIRECTION", () -> new Session(backward).step(new int[1], new float[2]));
        call("RUN_TEXT", () -> Decoding.generate(tokens, name + "\u0007", none));
        call("RUN_DECODING", () -> Decoding.generate(features, "", none));
        call("RUN_PRIME", () -> Decoding.generate(tokens, "", none));
        call(
                "RUN_OPTION",
                () ->
                        Decoding.generate(
                                tokens,
                                "a",
                                new Decoding.Options(0, name, null, null, null, 0, null)));
    }

    // --- what is asked of them ---

    private static List<Issue> all(Map<String, List<Issue>> raised) {
        List<Issue> all = new ArrayList<>();
        raised.forEach(
                (code, issues) -> {
                    List<Issue> own =
                            issues.stream().filter(i -> i.code().code().equals(code)).toList();
                    assertFalse(own.isEmpty(), code + " was not raised but " + issues);
                    all.addAll(issues);
                });
        assertEquals(new TreeSet<>(Codes.CODES.keySet()), new TreeSet<>(raised.keySet()));
        for (Issue issue : all) {
            String message = issue.message();
            assertFalse(PLACEHOLDER.matcher(message).find(), message);
            assertTrue(message.endsWith("; " + issue.fix()), message);
            for (int c : message.codePoints().toArray()) {
                int type = Character.getType(c);
                boolean isSafe =
                        type != Character.CONTROL
                                && type != Character.FORMAT
                                && type != Character.LINE_SEPARATOR
                                && type != Character.PARAGRAPH_SEPARATOR
                                && type != Character.SURROGATE;
                assertTrue(isSafe, () -> "U+%04X in %s".formatted(c, message));
            }
        }
        return all;
    }

    @Test
    void everyCodeIsToldInAtMost200Characters() {
        for (Issue issue : all(everything())) {
            assertTrue(issue.message().length() <= 200, issue.message());
        }
    }

    @Test
    void whoeverChoosesTheNamesItStaysHarmlessAndBelow300() {
        name = HARMFUL;
        for (Issue issue : all(everything())) {
            assertTrue(issue.message().length() <= 300, issue.message());
        }
    }

    @Test
    void theNearestWordsStandFirst() {
        name = "hiden_size";
        Issue key = everything().get("STRUCTURE_UNKNOWN_KEY").get(0);
        assertTrue(key.expected().startsWith("expected one of `hidden_size`, "), key.expected());
        assertEquals("none", Choices.of(List.of()));
        assertEquals("`a`, `b`", Choices.of(List.of("a", "b")));
    }
}
