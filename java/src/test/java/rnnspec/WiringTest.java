package rnnspec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static rnnspec.Fixtures.assertFindings;
import static rnnspec.Fixtures.findings;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Who reads whom (SPEC [agree-3]), and what `decoding` asks for. */
class WiringTest {
    /** Features of width 3; layers as {@code name type inputs…}, the types without parameters. */
    private static String net(String... layers) {
        return document("{\"kind\": \"features\", \"size\": 3}", "", layers);
    }

    private static final String VOCABULARY =
            "\"vocabularies\": {\"v\": {\"unit\": \"token\", \"tokens\": [\"a\", \"b\"]}}, ";

    private static String tokens(String... layers) {
        return document("{\"kind\": \"tokens\", \"vocabulary\": \"v\"}", VOCABULARY, layers);
    }

    private static String document(String input, String vocabularies, String... layers) {
        List<String> written = new ArrayList<>();
        for (String layer : layers) {
            String[] words = layer.split(" ");
            StringBuilder inputs = new StringBuilder();
            for (int k = 2; k < words.length; k++) {
                inputs.append(k > 2 ? "\", \"" : "").append(words[k]);
            }
            String member = inputs.isEmpty() ? "" : ", \"inputs\": [\"" + inputs + "\"]";
            boolean isActivation = words[1].equals("activation");
            member += isActivation ? ", \"function\": \"relu\"" : "";
            String form = "{\"name\": \"%s\", \"type\": \"%s\"%s}";
            written.add(form.formatted(words[0], words[1], member));
        }
        return """
        {"rnnspec": "1.0-draft.3", "input": %s, %s"layers": [%s], "output": {"kind": "values"}, "tensors": {}}
        """
                .formatted(input, vocabularies, String.join(", ", written));
    }

    // --- inputs [agree-3] ---

    @Test
    void namesAreThoseOfEarlierLayers() {
        assertFindings(net("a activation", "b add a input", "c concat a b a"));
        assertFindings(net("a activation b", "b activation"), "INPUT_UNKNOWN /layers/0/inputs/0");
        assertFindings(net("a activation a"), "INPUT_UNKNOWN /layers/0/inputs/0");
        // Of several of one name the first; and the layer before is the layer before.
        assertFindings(
                net("a activation", "a last_step", "b activation a", "c time_reverse b"),
                "LAYER_UNUSED /layers/1",
                "NAME_REPEATED /layers/1/name");
        assertFindings(
                net("a last_step", "a activation", "b activation"), "NAME_REPEATED /layers/1/name");
    }

    @Test
    void aLayerThatNobodyReadsIsFound() {
        assertFindings(net("a activation", "b activation input"), "LAYER_UNUSED /layers/0");
        assertFindings(
                net("a activation", "b activation", "c activation input", "d activation"),
                "LAYER_UNUSED /layers/0",
                "LAYER_UNUSED /layers/1");
        // Not where a name is unknown: it may be the one.
        assertFindings(
                net("a activation", "b activation", "c add input x"),
                "INPUT_UNKNOWN /layers/2/inputs/1");
    }

    @Test
    void onlyTwoTypesReadTokensAndNothingElse() {
        assertFindings(tokens("o one_hot", "p activation"));
        assertFindings(tokens("o activation"), "LAYER_INPUT /layers/0/type");
        assertFindings(tokens("o one_hot", "p one_hot"), "LAYER_INPUT /layers/1/type");
        assertFindings(net("o one_hot"), "LAYER_INPUT /layers/0/type");
        assertFindings(tokens("o one_hot", "p one_hot input", "q add o p"));
        assertFindings(tokens("o one_hot", "q add o input"), "LAYER_INPUT /layers/1/type");
        assertFindings(
                tokens("o one_hot", "q add x input", "r activation o"),
                "INPUT_UNKNOWN /layers/1/inputs/0",
                "LAYER_INPUT /layers/1/type");
    }

    @Test
    void whatHasNoTimeIsReadByFew() {
        assertFindings(net("l last_step", "a activation", "b add l a", "c concat a b"));
        for (String type : List.of("last_step", "time_reverse")) {
            assertFindings(net("l last_step", "x " + type), "LAYER_INPUT /layers/1/type");
        }
        for (String type : List.of("add", "multiply", "concat")) {
            String json = net("l last_step", "x " + type + " l input");
            assertFindings(json, "LAYER_INPUT /layers/1/type");
            // What is unknown behind it is not judged.
            assertFindings(
                    json.replace("]}], ", "]}, {\"name\": \"t\", \"type\": \"time_reverse\"}], "),
                    "LAYER_INPUT /layers/1/type");
        }
        // One unknown, and the check of all is not made.
        assertFindings(net("l last_step", "x add l input y"), "INPUT_UNKNOWN /layers/1/inputs/2");
    }

    @Test
    void widthsMustBeEqual() {
        assertFindings(
                net("c concat input input", "a add c input"), "INPUT_WIDTH /layers/1/inputs");
        assertFindings(
                net("c concat input input", "a multiply input input c", "b add a c"),
                "INPUT_WIDTH /layers/1/inputs");
        String wide = "%s concat" + " input".repeat(21_845);
        assertFindings(net(wide.formatted("c")));
        assertFindings(
                net("c concat" + " input".repeat(21_846), "d activation", "e add d input"),
                "INPUT_WIDTH /layers/0/inputs");
        // Time and width: only the first.
        assertFindings(
                net("c concat input input", "l last_step", "a add l input"),
                "LAYER_INPUT /layers/2/type");
    }

    @Test
    void inputsHaveTheirNumber() {
        for (String type : List.of("add", "multiply", "concat")) {
            assertFindings(net("a " + type), "STRUCTURE_MISSING /layers/0/inputs");
            assertFindings(net("a " + type + " input"), "STRUCTURE_LENGTH /layers/0/inputs");
        }
        assertFindings(net("a activation input input"), "STRUCTURE_LENGTH /layers/0/inputs");
        String json = net("a activation input");
        assertFindings(json.replace("[\"input\"]", "[]"), "STRUCTURE_LENGTH /layers/0/inputs");
        assertFindings(json.replace("[\"input\"]", "[1]"), "STRUCTURE_TYPE /layers/0/inputs/0");
        assertFindings(json.replace("[\"input\"]", "\"input\""), "STRUCTURE_TYPE /layers/0/inputs");
    }

    @Test
    void theDefaultIsLeftOutOfTheDigest() {
        Model said = Fixtures.load(net("a activation input", "b activation a", "c add a b"));
        Model silent = Fixtures.load(net("a activation", "b activation", "c add a b"));
        assertEquals(Digest.fingerprint(silent), Digest.fingerprint(said));
        assertEquals(List.of("input"), said.layers().get(0).inputs());
        Model other = Fixtures.load(net("a activation", "b activation", "c add b a"));
        assertNotEquals(Digest.structure(silent), Digest.structure(other));
    }

    // --- decoding ---

    @Test
    void aBlankStandsWithCtcOnly() {
        String json =
                tokens("o one_hot").replace("\"values\"", "\"values\", \"vocabulary\": \"v\"");
        String form = "\"decoding\": {%s}, \"tensors\"";
        record Told(String decoding, List<String> findings) {}
        for (Told told :
                List.of(
                        new Told("\"mode\": \"ctc\", \"blank\": 1", List.of()),
                        new Told(
                                "\"mode\": \"ctc\", \"blank\": 2",
                                List.of("ID_RANGE /decoding/blank")),
                        new Told("\"mode\": \"ctc\"", List.of("STRUCTURE_MISSING /decoding/blank")),
                        new Told(
                                "\"mode\": \"greedy\", \"blank\": 1",
                                List.of("STRUCTURE_UNKNOWN_KEY /decoding/blank")),
                        new Told(
                                "\"mode\": \"ctc\", \"blank\": 1, \"top_k\": 1",
                                List.of("STRUCTURE_UNKNOWN_KEY /decoding/top_k")),
                        new Told(
                                "\"mode\": \"beam\", \"blank\": 1, \"top_k\": 1",
                                List.of("STRUCTURE_ENUM /decoding/mode")))) {
            String whole = json.replace("\"tensors\"", form.formatted(told.decoding));
            assertEquals(told.findings, findings(whole), told.decoding);
        }
    }
}
