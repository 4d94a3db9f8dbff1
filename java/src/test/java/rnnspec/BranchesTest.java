package rnnspec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Nets that branch and join, what is probed in them, and what overflows (SPEC 12.7, 13.12, 14). */
class BranchesTest extends NamedTensors {
    private static final int N = 4;
    private static final int T = 6;
    private static final int[] LENGTHS = {T, 2, 0, 1};

    private final float[] x = Fixtures.floats(random, N * T * I, 1);
    private final Tensor input = Tensor.of(x, N, T, I);

    BranchesTest() {
        super(12);
    }

    private static final String TURN = "{\"name\": \"%s\", \"type\": \"time_reverse\"}";

    private static final String DENSE =
            "{\"name\": \"%1$s\", \"type\": \"dense\", \"inputs\": [\"%2$s\"], \"size\": 3, \"parameters\": {\"W\": \"%1$s\"}}";

    private static String join(String name, String type, String... inputs) {
        return "{\"name\": \"%s\", \"type\": \"%s\", \"inputs\": [\"%s\"]}"
                .formatted(name, type, String.join("\", \"", inputs));
    }

    /** Two branches, one of them over the input, joined in three ways, and a skip over all. */
    private Plan branches(String direction) {
        tensor("a", I, I);
        tensor("b", I, I);
        tensor("c", 4 * I, I);
        for (String name : List.of("W", "R")) {
            tensor("e" + name, I, I);
        }
        return plan(
                DENSE.formatted("a", "input"),
                """
                {"name": "e", "type": "elman", "hidden_size": 3, "direction": "%s", "activation": {"function": "tanh"}, "parameters": {"W": "eW", "R": "eR"}}"""
                        .formatted(direction),
                DENSE.formatted("b", "input"),
                join("sum", "add", "a", "b", "e"),
                join("product", "multiply", "b", "sum", "b"),
                join("all", "concat", "input", "product", "e", "sum"),
                DENSE.formatted("c", "all"),
                join("y", "add", "c", "input"));
    }

    private static final List<String> NAMES =
            List.of("a", "e", "b", "sum", "product", "all", "c", "y");

    @Test
    void joinsAreElementByElement() {
        Plan plan = branches("reverse");
        Map<String, Tensor> got = Run.run(plan, input, LENGTHS, null, NAMES).probe();
        for (int n = 0; n < N; n++) {
            for (int t = 0; t < T; t++) {
                for (int j = 0; j < I; j++) {
                    int at = (n * T + t) * I + j;
                    float a = got.get("a").get(at);
                    float b = got.get("b").get(at);
                    float e = got.get("e").get(at);
                    float sum = Tensor.tiny(Tensor.tiny(a + b) + e);
                    assertEquals(sum, got.get("sum").get(at));
                    float product = Tensor.tiny(Tensor.tiny(b * sum) * b);
                    assertEquals(product, got.get("product").get(at));
                    boolean isValid = t < LENGTHS[n];
                    float[] all = {isValid ? x[at] : 0, product, e, sum};
                    for (int k = 0; k < 4; k++) {
                        int place = (n * T + t) * 4 * I + k * I + j;
                        assertEquals(all[k], got.get("all").get(place));
                    }
                    float y = isValid ? Tensor.tiny(got.get("c").get(at) + x[at]) : 0;
                    assertEquals(y, got.get("y").get(at));
                }
            }
        }
    }

    @Test
    void whatIsProbedIsWhatEachLayerGives() {
        Plan plan = branches("forward");
        Run.Result all = Run.run(plan, input, LENGTHS, null, NAMES);
        assertEquals(NAMES, List.copyOf(all.probe().keySet()));
        assertArrayEquals(all.output().values(), all.probe().get("y").values());
        assertArrayEquals(
                Run.run(plan, input, LENGTHS, null).output().values(), all.output().values());
        for (String name : NAMES) {
            Run.Result one = Run.run(plan, input, LENGTHS, null, List.of(name, name));
            assertArrayEquals(all.probe().get(name).values(), one.probe().get(name).values());
            assertEquals(1, one.probe().size());
        }
        // A name of no layer comes after the faults of the state.
        List<String> input3 = List.of("a", "input");
        State wrong = State.of(Map.of());
        RnnspecException state =
                assertThrows(
                        RnnspecException.class, () -> Run.run(plan, input, null, wrong, input3));
        assertEquals("RUN_STATE", state.code());
        RnnspecException name =
                assertThrows(
                        RnnspecException.class, () -> Run.run(plan, input, null, null, input3));
        assertEquals("RUN_OPTION", name.code());
    }

    /** A run of many steps goes in parts; a session goes one by one. */
    @Test
    void partsDoNotShow() {
        Plan plan = branches("forward");
        int steps = 200;
        float[] many = Fixtures.floats(random, steps * I, 1);
        Tensor whole = Run.run(plan, Tensor.of(many, 1, steps, I)).output();
        Session session = new Session(plan);
        float[] out = new float[I];
        for (int t = 0; t < steps; t++) {
            session.step(Arrays.copyOfRange(many, t * I, (t + 1) * I), out);
            assertArrayEquals(Arrays.copyOfRange(whole.raw(), t * I, (t + 1) * I), out);
        }
        assertArrayEquals(
                whole.values(), Run.run(plan, Tensor.of(many, 1, steps, I)).output().values());
    }

    @Test
    void aStepAllocatesNothing() {
        String softmax = "{\"name\": \"s\", \"type\": \"activation\", \"function\": \"softmax\"}";
        String norm =
                "{\"name\": \"n\", \"type\": \"layer_norm\", \"epsilon\": 0.5, \"parameters\": {\"gamma\": \"gamma\", \"beta\": \"beta\"}}";
        tensor("gamma", 2 * I);
        tensor("beta", 2 * I);
        Plan plan =
                plan(softmax, join("j", "concat", "s", "input"), norm, join("y", "add", "n", "j"));
        float[] out = new float[2 * I];
        Fixtures.assertAllocatesNothing(new Session(plan), new float[] {1, 2, 3}, out);
    }

    /** Layers of one width in a row use each other's room, and none of it too early. */
    @Test
    void roomIsUsedAgain() {
        String[] layers = new String[20];
        for (int i = 0; i < layers.length; i++) {
            boolean isJoin = i % 3 == 2;
            String name = "n" + i;
            layers[i] =
                    isJoin
                            ? join(
                                    name,
                                    "add",
                                    "n" + (i - 1),
                                    i > 5 ? "n" + (i - 5) : "input",
                                    "n" + (i - 2))
                            : TURN.formatted(name);
        }
        Plan plan = plan(layers);
        Tensor output = Run.run(plan, input, LENGTHS, null).output();
        for (int n = 0; n < N; n++) {
            int length = LENGTHS[n];
            float[][] values = new float[layers.length + 1][length * I];
            float[] row = Arrays.copyOfRange(x, n * T * I, n * T * I + length * I);
            for (int i = 0; i < layers.length; i++) {
                float[] before = i == 0 ? row : values[i - 1];
                float[] far = i > 5 ? values[i - 5] : row;
                for (int t = 0; t < length; t++) {
                    for (int j = 0; j < I; j++) {
                        int at = t * I + j;
                        values[i][at] =
                                i % 3 == 2
                                        ? Tensor.tiny(
                                                Tensor.tiny(before[at] + far[at])
                                                        + values[i - 2][at])
                                        : before[(length - 1 - t) * I + j];
                    }
                }
            }
            int from = n * T * I;
            assertArrayEquals(
                    values[layers.length - 1],
                    Arrays.copyOfRange(output.raw(), from, from + length * I));
        }
    }

    // --- overflow ---

    private static final String GROWING =
            """
            {"rnnspec": "1.0-draft.3", "input": {"kind": "features", "size": 1}, "layers": [
            {"name": "g", "type": "elman", "hidden_size": 1, "activation": {"function": "linear"}, "parameters": {"W": "W", "R": "R"}}],
            "output": {"kind": "values"}, "tensors": {
            "W": {"dtype": "float32", "shape": [1, 1], "data": [1]},
            "R": {"dtype": "float32", "shape": [1, 1], "data": [1e10]}}}
            """;

    /** 1, 1e10, 1e20, 1e30, overflow: at every chunking, with the state before the call. */
    @Test
    void anOverflowLeavesTheStateBeforeTheCall() {
        Plan plan = Plan.compile(Fixtures.load(GROWING));
        float[] whole = new float[6];
        whole[0] = 1;
        for (int size = 1; size <= 6; size++) {
            Session session = new Session(plan);
            int done = 0;
            while (done < 6) {
                float[] chunk = Arrays.copyOfRange(whole, done, Math.min(6, done + size));
                float[] out = new float[chunk.length];
                State before = session.state();
                if (done + chunk.length <= 4) {
                    session.run(chunk, out);
                    done += chunk.length;
                    continue;
                }
                RnnspecException found =
                        assertThrows(RnnspecException.class, () -> session.run(chunk, out));
                assertEquals("RUN_NONFINITE", found.code());
                assertArrayEquals(new float[chunk.length], out);
                assertEquals(h(before), h(session.state()));
                break;
            }
            // What is in it goes on: a negative input brings the value back.
            float h = h(session.state());
            float[] out = new float[1];
            if (h > 0 && h < 1e27f) {
                session.step(new float[] {5}, out);
                float product = h * 1e10f;
                assertEquals(5 + product, out[0]);
            }
        }
    }

    /** u of a projection is looked at, though the clip of h hides that it is infinite. */
    @Test
    void uOfAProjectionIsLookedAt() {
        String json =
                """
                {"rnnspec": "1.0-draft.3", "input": {"kind": "features", "size": 1}, "layers": [
                {"name": "l", "type": "lstm", "hidden_size": 1, "projection_size": 1, "projection_clip": 2, "activations": {"gates": {"function": "linear"},
                "candidate": {"function": "linear"}, "output": {"function": "linear"}}, "parameters": {"W": "W", "R": "R", "Q": "Q"}}],
                "output": {"kind": "values"}, "tensors": {
                "W": {"dtype": "float32", "shape": [1, 4], "data": [1, 0, 1e30, 1e30]},
                "R": {"dtype": "float32", "shape": [1, 4], "data": [0, 0, 0, 0]},
                "Q": {"dtype": "float32", "shape": [1, 1], "data": [1]}}}
                """;
        Plan plan = Plan.compile(Fixtures.load(json));
        assertEquals(2, Run.run(plan, new float[] {1e-10f}).output().get(0));
        RnnspecException found =
                assertThrows(RnnspecException.class, () -> Run.run(plan, new float[] {1}));
        assertEquals("RUN_NONFINITE", found.code());
    }

    private static float h(State state) {
        return state.layers().get("g").get("h").get(0);
    }
}
