package rnnspec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BinaryOperator;
import org.junit.jupiter.api.Test;

/** Nets that go back in time, against forward runs of their parts (SPEC 13.13, 13.14). */
class DirectionsTest extends NamedTensors {
    private static final int N = 4;
    private static final int T = 6;
    private static final int H = 2;
    private static final int[] LENGTHS = {T, 2, 0, 1};

    private final float[] x = Fixtures.floats(random, N * T * I, 1);
    private final Tensor input = Tensor.of(x, N, T, I);

    DirectionsTest() {
        super(11);
    }

    /** Weights of two directions of a GRU, to be put into nets of either or both. */
    private void weights() {
        for (String name : List.of("f", "r")) {
            tensor(name + "W", I, 3 * H);
            tensor(name + "R", H, 3 * H);
            tensor(name + "h", H);
        }
    }

    private static final String PARAMETERS =
            "\"W%2$s\": \"%1$sW\", \"R%2$s\": \"%1$sR\", \"h0%2$s\": \"%1$sh\"";

    private static String gru(String members, String parameters) {
        return """
        {"name": "g", "type": "gru", "hidden_size": 2, "reset": "before", "activations":
        {"gates": {"function": "sigmoid"}, "candidate": {"function": "tanh"}}, %s, "parameters": {%s}}"""
                .formatted(members, parameters);
    }

    private static String forward(String more) {
        return gru("\"direction\": \"forward\"" + more, PARAMETERS.formatted("f", ""));
    }

    private static String reverse(String more) {
        return gru("\"direction\": \"reverse\"" + more, PARAMETERS.formatted("r", ""));
    }

    private static String both(String merge, String more) {
        String members = "\"direction\": \"bidirectional\", \"merge\": \"%s\"%s";
        return gru(
                members.formatted(merge, more),
                PARAMETERS.formatted("f", "") + ", " + PARAMETERS.formatted("r", "_reverse"));
    }

    private static final String TURN = "{\"name\": \"%s\", \"type\": \"time_reverse\"}";

    /** The rows of the input, each with its valid steps from the last to the first. */
    private Tensor turned(int[] lengths) {
        float[] turned = x.clone();
        for (int n = 0; n < N; n++) {
            for (int t = 0; t < lengths[n]; t++) {
                int from = (n * T + lengths[n] - 1 - t) * I;
                System.arraycopy(x, from, turned, (n * T + t) * I, I);
            }
        }
        return Tensor.of(turned, N, T, I);
    }

    /** Steps as they would be if each row were turned, in a tensor of this width. */
    private static float[] turn(Tensor tensor, int[] lengths) {
        int width = tensor.size() / (N * T);
        float[] turned = new float[tensor.size()];
        for (int n = 0; n < N; n++) {
            for (int t = 0; t < lengths[n]; t++) {
                int from = (n * T + lengths[n] - 1 - t) * width;
                System.arraycopy(tensor.raw(), from, turned, (n * T + t) * width, width);
            }
        }
        return turned;
    }

    private static State state(Random random, String... arrays) {
        Map<String, Tensor> all = new HashMap<>();
        for (String array : arrays) {
            all.put(array, Tensor.of(Fixtures.floats(random, N * H, 0.5f), N, H));
        }
        return State.of(Map.of("g", all));
    }

    private static Tensor array(State state, String name) {
        return state.layers().get("g").get(name);
    }

    // --- directions ---

    @Test
    void reverseIsForwardOverTurnedRows() {
        weights();
        // The same weights, the other direction.
        Plan reverse = plan(gru("\"direction\": \"reverse\"", PARAMETERS.formatted("f", "")));
        Plan forward = plan(forward(""));
        for (State given : Arrays.asList(null, state(random, "h"))) {
            Run.Result expected = Run.run(forward, turned(LENGTHS), LENGTHS, given);
            Run.Result got = Run.run(reverse, input, LENGTHS, given);
            assertArrayEquals(turn(expected.output(), LENGTHS), got.output().values());
            float[] h = array(got.state(), "h").values();
            assertArrayEquals(array(expected.state(), "h").values(), h);
        }
        Plan turning = plan(TURN.formatted("a"), forward(""), TURN.formatted("b"));
        assertArrayEquals(
                Run.run(reverse, input, LENGTHS, null).output().values(),
                Run.run(turning, input, LENGTHS, null).output().values());
    }

    private static float[] merge(float[] y, float[] w, int width, BinaryOperator<Float> merge) {
        if (merge == null) {
            float[] all = new float[2 * y.length];
            for (int i = 0; i < y.length; i++) {
                int at = i / width * 2 * width + i % width;
                all[at] = y[i];
                all[at + width] = w[i];
            }
            return all;
        }
        float[] all = new float[y.length];
        for (int i = 0; i < y.length; i++) {
            all[i] = Tensor.tiny(merge.apply(y[i], w[i]));
        }
        return all;
    }

    @Test
    void bothDirectionsAreMerged() {
        weights();
        Map<String, BinaryOperator<Float>> merges = new LinkedHashMap<>();
        merges.put("concat", null);
        merges.put("sum", (y, w) -> y + w);
        merges.put("multiply", (y, w) -> y * w);
        merges.put("average", (y, w) -> (y + w) * 0.5f);
        State given = state(random, "h", "h_reverse");
        State one = State.of(Map.of("g", Map.of("h", array(given, "h"))));
        State two = State.of(Map.of("g", Map.of("h", array(given, "h_reverse"))));
        merges.forEach(
                (merge, of) -> {
                    for (boolean isGiven : new boolean[] {true, false}) {
                        Run.Result y =
                                Run.run(plan(forward("")), input, LENGTHS, isGiven ? one : null);
                        Run.Result w =
                                Run.run(plan(reverse("")), input, LENGTHS, isGiven ? two : null);
                        State from = isGiven ? given : null;
                        Run.Result got = Run.run(plan(both(merge, "")), input, LENGTHS, from);
                        assertArrayEquals(
                                merge(y.output().values(), w.output().values(), H, of),
                                got.output().values(),
                                merge);
                        float[] h = array(y.state(), "h").values();
                        float[] back = array(w.state(), "h").values();
                        assertArrayEquals(h, array(got.state(), "h").values());
                        assertArrayEquals(back, array(got.state(), "h_reverse").values());
                        String isFinal = ", \"output\": \"final\"";
                        Run.Result last = Run.run(plan(both(merge, isFinal)), input, LENGTHS, from);
                        assertArrayEquals(merge(h, back, H, of), last.output().values(), merge);
                        assertEquals(2, last.output().shape().length);
                    }
                });
    }

    @Test
    void onlyForwardNetsGoStepByStep() {
        weights();
        for (Plan plan :
                List.of(
                        plan(reverse("")),
                        plan(both("sum", ", \"output\": \"final\"")),
                        plan(TURN.formatted("g")))) {
            assertFalse(plan.isForward());
            Session session = new Session(plan);
            RnnspecException found =
                    assertThrows(
                            RnnspecException.class, () -> session.step(new float[7], new float[0]));
            assertEquals("RUN_DIRECTION", found.code());
            assertTrue(found.getMessage().contains("in the layer \"g\""), found.getMessage());
            // Whole sequences go, one after the other.
            Tensor row = Tensor.of(Arrays.copyOf(x, T * I), 1, T, I);
            Tensor first = session.run(row, null);
            Run.Result again = Run.run(plan, row, null, session.state());
            assertArrayEquals(Run.run(plan, row).output().values(), first.values());
            assertArrayEquals(session.run(row, null).values(), again.output().values());
        }
        assertTrue(plan(forward("")).isForward());
    }
}
