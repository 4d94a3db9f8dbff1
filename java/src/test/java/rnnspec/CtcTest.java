package rnnspec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.PrimitiveIterator;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Labels by CTC [decode-8], and generating from a given state [decode-5]. */
class CtcTest {
    private static final int V = 4;

    /** A net that gives its input, or its softmax. */
    private static Plan plan(String layer, String kind, String decoding) {
        String json =
                """
                {"rnnspec": "1.0-draft.3", "input": {"kind": "features", "size": 4},
                "vocabularies": {"v": {"unit": "token", "tokens": ["-", "x", "yy", "z"], "separator": " "}},
                "layers": [{"name": "l", "type": %s}], "output": {"kind": "%s", "vocabulary": "v"}%s, "tensors": {}}
                """;
        return Plan.compile(Fixtures.load(json.formatted(layer, kind, decoding)));
    }

    private static final Plan PLAN =
            plan("\"time_reverse\"", "logits", ", \"decoding\": {\"mode\": \"ctc\", \"blank\": 0}");

    private static final Plan SOFTMAX =
            plan("\"activation\", \"function\": \"softmax\"", "probabilities", "");

    /** An input whose largest element at each step is the id of a path. */
    private static Tensor input(int... path) {
        float[] x = new float[path.length * V];
        for (int t = 0; t < path.length; t++) {
            x[t * V + path[t]] = 1;
        }
        return Tensor.of(x, 1, path.length, V);
    }

    private static Decoding.Labels one(Tensor x, Integer blank) {
        return Decoding.ctc(SOFTMAX, x, null, null, blank).get(0);
    }

    @Test
    void repeatsAndBlanksAreLeftOut() {
        assertEquals(List.of(1, 2), one(input(0, 1, 1, 0, 0, 2, 2), 0).ids());
        assertEquals(List.of(1, 1, 2), one(input(1, 0, 1, 2), 0).ids());
        assertEquals("x x yy", one(input(1, 0, 1, 2), 0).text());
        assertEquals(List.of(0, 1), one(input(0, 2, 2, 1), 2).ids());
        assertEquals(List.of(), one(input(3, 3), 3).ids());
        assertEquals(List.of(), one(input(), 3).ids());
        // Of several that are equal the lowest; what T takes away is equal.
        float[] equal = {-1, 2, 2, 2, 1e-20f, -1, 2e-20f, -1};
        assertEquals(List.of(1, 0), one(Tensor.of(equal, 1, 2, V), 3).ids());
        // The logits tell them apart, their softmax does not.
        float[] close = {0, 1e-9f, 2e-9f, 0};
        assertEquals(List.of(2), one(Tensor.of(close, 1, 1, V), 3).ids());
    }

    /** Any batch against the definition, with lengths, over a net that goes back in time. */
    @Test
    void rowsHaveTheirLengths() {
        Random random = new Random(1);
        for (int i = 0; i < 50; i++) {
            int steps = random.nextInt(7);
            float[] x = Fixtures.floats(random, 3 * steps * V, 1);
            int[] lengths = random.ints(3, 0, steps + 1).toArray();
            List<Decoding.Labels> got =
                    Decoding.ctc(PLAN, Tensor.of(x, 3, steps, V), lengths, null, null);
            for (int n = 0; n < 3; n++) {
                List<Integer> expected = new ArrayList<>();
                int before = -1;
                for (int t = lengths[n] - 1; t >= 0; t--) {
                    int best = 0;
                    for (int k = 1; k < V; k++) {
                        int at = (n * steps + t) * V;
                        best = x[at + k] > x[at + best] ? k : best;
                    }
                    if (best != before && best != 0) {
                        expected.add(best);
                    }
                    before = best;
                }
                assertEquals(expected, got.get(n).ids());
            }
        }
    }

    private static void assertCode(String code, Runnable call) {
        assertEquals(code, assertThrows(RnnspecException.class, call::run).code());
    }

    @Test
    void whatCannotBeReadIsTold() {
        Tensor wrong = Tensor.of(new float[3], 1, 1, 3);
        assertCode("RUN_OPTION", () -> Decoding.ctc(SOFTMAX, wrong, null, null, null));
        assertCode("RUN_OPTION", () -> Decoding.ctc(SOFTMAX, wrong, null, null, V));
        assertCode("RUN_OPTION", () -> Decoding.ctc(PLAN, wrong, null, null, -1));
        assertCode("RUN_SHAPE", () -> Decoding.ctc(PLAN, wrong, null, null, null));
        Plan last = plan("\"last_step\"", "logits", "");
        assertCode("RUN_DECODING", () -> Decoding.ctc(last, wrong, null, null, 0));
        State some = State.of(Map.of("l", Map.of()));
        assertCode("RUN_STATE", () -> Decoding.ctc(PLAN, input(1), null, some, null));
        assertEquals(List.of(3), Decoding.ctc(PLAN, input(1, 3), null, null, 1).get(0).ids());
    }

    // --- a given state ---

    /**
     * h sums up what it has read: token k adds 10 to the power of k; the output does not matter.
     */
    private static Plan sum(String start) {
        return Plan.compile(
                Fixtures.load(
                        """
                        {"rnnspec": "1.0-draft.3", "input": {"kind": "tokens", "vocabulary": "v"},
                        "vocabularies": {"v": {"unit": "codepoint", "tokens": ["a", "b", "c"]%s}},
                        "layers": [{"name": "o", "type": "one_hot"},
                        {"name": "h", "type": "elman", "hidden_size": 1, "activation": {"function": "linear"}, "parameters": {"W": "W", "R": "R"}},
                        {"name": "d", "type": "dense", "size": 3, "parameters": {"W": "D"}}],
                        "output": {"kind": "logits", "vocabulary": "v"}, "tensors": {
                        "W": {"dtype": "float32", "shape": [3, 1], "data": [1, 10, 100]},
                        "R": {"dtype": "float32", "shape": [1, 1], "data": [1]},
                        "D": {"dtype": "float32", "shape": [1, 3], "data": [0, -1, 1]}}}
                        """
                                .formatted(start)));
    }

    private static Decoding.Options from(float h) {
        Tensor array = Tensor.of(new float[] {h}, 1, 1);
        State state = State.of(Map.of("h", Map.of("h", array)));
        return Decoding.Options.NONE.withCount(1).withState(state);
    }

    /** The sign of h after all that was fed: c (2) above 0, a (0) at 0, b (1) below. */
    private static int first(Plan plan, Decoding.Options options, int... prime) {
        PrimitiveIterator.OfInt ids = Decoding.generate(plan, prime, options);
        return ids.nextInt();
    }

    @Test
    void startIsFedOnlyWhereNothingElseIs() {
        Plan plan = sum(", \"start\": 2");
        Decoding.Options none = Decoding.Options.NONE;
        // Without a state: 100 and then the prime.
        assertEquals(2, first(plan, none, 0));
        // From −100: with the start it comes to 0, with a prime alone to −90.
        assertEquals(0, first(plan, from(-100)));
        assertEquals(1, first(plan, from(-100), 1));
        assertEquals(0, first(plan, from(-100), 2));
        assertEquals(0, first(plan, from(-11), 0, 1));
        assertCode("RUN_PRIME", () -> Decoding.generate(sum(""), "", from(1)));
    }

    @Test
    void theStateIsJudgedLast() {
        Plan plan = sum("");
        Decoding.Options bad = from(Float.NaN);
        assertCode("RUN_NONFINITE_INPUT", () -> Decoding.generate(plan, "a", bad));
        assertCode("RUN_PRIME", () -> Decoding.generate(plan, "", bad));
        assertCode("RUN_TOKEN", () -> Decoding.generate(plan, new int[] {3}, bad));
        assertCode("RUN_OPTION", () -> Decoding.generate(plan, "a", bad.withSeed(-1)));
        State none = State.of(Map.of());
        assertCode("RUN_STATE", () -> Decoding.generate(plan, "a", bad.withState(none)));
        Decoding.Options ctc = new Decoding.Options(null, "ctc", null, null, null, -1, null);
        assertCode("RUN_DECODING", () -> Decoding.generate(plan, "a", ctc));
    }

    @Test
    void onlyForwardNetsGenerate() {
        String json =
                """
                {"rnnspec": "1.0-draft.3", "input": {"kind": "tokens", "vocabulary": "v"},
                "vocabularies": {"v": {"unit": "codepoint", "tokens": ["a"]}},
                "layers": [{"name": "o", "type": "one_hot"}, {"name": "t", "type": "time_reverse"}],
                "output": {"kind": "logits", "vocabulary": "v"}, "decoding": {"mode": "ctc", "blank": 0}, "tensors": {}}
                """;
        Plan back = Plan.compile(Fixtures.load(json));
        Decoding.Options none = Decoding.Options.NONE;
        assertCode("RUN_DECODING", () -> Decoding.generate(back, "a", none.greedy()));
        String turn = ", {\"name\": \"t\", \"type\": \"time_reverse\"}";
        Plan plan = Plan.compile(Fixtures.load(Fixtures.with(json, turn, "")));
        assertCode("RUN_DECODING", () -> Decoding.generate(plan, "a", none));
        assertEquals(0, Decoding.generate(plan, "a", none.greedy()).nextInt());
        assertEquals(
                List.of(), Decoding.ctc(plan, new int[][] {{0, 0}}, null, null, null).get(0).ids());
    }
}
