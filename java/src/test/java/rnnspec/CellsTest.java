package rnnspec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.StringJoiner;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** The three cells against their equations in binary64, and what stands behind them. */
class CellsTest {
    private static final int I = 3;
    private static final int H = 4;
    private static final int T = 6;

    private static final String GATES = "{\"function\": \"sigmoid\"}";
    private static final String CANDIDATE = "{\"function\": \"tanh\"}";
    private static final String ODD = "{\"function\": \"softsign\"}";
    private static final DoubleUnaryOperator SIGMOID = x -> 1 / (1 + Math.exp(-x));
    private static final DoubleUnaryOperator SOFTSIGN = x -> x / (1 + Math.abs(x));

    private final Random random = new Random(3);
    private final Map<String, float[]> weights = new HashMap<>();
    private final StringJoiner tensors = new StringJoiner(",\n");
    private final float[] x = Fixtures.floats(random, T * I, 1);

    private String tensor(String name, int... shape) {
        float[] values = Fixtures.floats(random, (int) Tensor.count(shape), 0.8f);
        weights.put(name, values);
        String form = "\"%s\": {\"dtype\": \"float32\", \"shape\": %s, \"data\": %s}";
        tensors.add(form.formatted(name, Tensor.show(shape), Arrays.toString(values)));
        return "\"%s\": \"%s\"".formatted(name, name);
    }

    private Plan plan(String layers) {
        String json =
                """
                {"rnnspec": "1.0-draft.3", "input": {"kind": "features", "size": %d}, "layers": [%s],
                "output": {"kind": "values"}, "tensors": {%s}}
                """;
        return Plan.compile(Fixtures.load(json.formatted(I, layers, tensors)));
    }

    private String cell(String type, String options, int blocks, String... more) {
        StringJoiner parameters = new StringJoiner(", ");
        parameters.add(tensor("W", I, blocks * H)).add(tensor("R", H, blocks * H));
        parameters.add(tensor("b", blocks * H));
        for (String role : more) {
            parameters.add(tensor(role, H));
        }
        return "{\"name\": \"cell\", \"type\": \"%s\", \"hidden_size\": %d, %s, \"parameters\": {%s}}"
                .formatted(type, H, options, parameters);
    }

    /** b + x W (+ h R) at a column, of a step. */
    private double sum(int columns, int column, int t, double[] h) {
        double a = weights.get("b")[column];
        for (int k = 0; k < I; k++) {
            a += (double) x[t * I + k] * weights.get("W")[k * columns + column];
        }
        for (int k = 0; h != null && k < H; k++) {
            a += h[k] * weights.get("R")[k * columns + column];
        }
        return a;
    }

    private double[] initial(String role) {
        double[] values = new double[H];
        Arrays.setAll(values, j -> weights.get(role)[j]);
        return values;
    }

    private void assertSteps(Plan plan, double[][] expected) {
        Tensor output = Run.run(plan, x).output();
        for (int t = 0; t < T; t++) {
            for (int j = 0; j < H; j++) {
                assertEquals(expected[t][j], output.get(t * H + j), 3e-6, t + ", " + j);
            }
        }
    }

    @Test
    void elman() {
        Plan plan = plan(cell("elman", "\"activation\": " + ODD, 1, "h0"));
        double[] h = initial("h0");
        double[][] expected = new double[T][H];
        for (int t = 0; t < T; t++) {
            for (int j = 0; j < H; j++) {
                expected[t][j] = SOFTSIGN.applyAsDouble(sum(H, j, t, h));
            }
            h = expected[t];
        }
        assertSteps(plan, expected);
    }

    @Test
    void lstmWithOtherActivations() {
        String options =
                "\"activations\": {\"gates\": %s, \"candidate\": %s, \"output\": {\"function\": \"linear\"}}"
                        .formatted(GATES, ODD);
        Plan plan = plan(cell("lstm", options, 4, "h0", "c0"));
        double[] h = initial("h0");
        double[] c = initial("c0");
        double[][] expected = new double[T][H];
        for (int t = 0; t < T; t++) {
            for (int j = 0; j < H; j++) {
                double i = SIGMOID.applyAsDouble(sum(4 * H, j, t, h));
                double f = SIGMOID.applyAsDouble(sum(4 * H, H + j, t, h));
                double g = SOFTSIGN.applyAsDouble(sum(4 * H, 2 * H + j, t, h));
                c[j] = f * c[j] + i * g;
                expected[t][j] = SIGMOID.applyAsDouble(sum(4 * H, 3 * H + j, t, h)) * c[j];
            }
            h = expected[t];
        }
        assertSteps(plan, expected);
    }

    private static final String ACTIVATIONS =
            "\"activations\": {\"gates\": %s, \"candidate\": %s}".formatted(GATES, CANDIDATE);

    @Test
    void gruWithTheResetBefore() {
        Plan plan = plan(cell("gru", "\"reset\": \"before\", " + ACTIVATIONS, 3, "h0"));
        double[] h = initial("h0");
        double[][] expected = new double[T][H];
        for (int t = 0; t < T; t++) {
            double[] u = new double[H];
            for (int j = 0; j < H; j++) {
                u[j] = SIGMOID.applyAsDouble(sum(3 * H, j, t, h)) * h[j];
            }
            for (int j = 0; j < H; j++) {
                double z = SIGMOID.applyAsDouble(sum(3 * H, H + j, t, h));
                double n = Math.tanh(sum(3 * H, 2 * H + j, t, u));
                expected[t][j] = (1 - z) * n + z * h[j];
            }
            h = expected[t];
        }
        assertSteps(plan, expected);
    }

    @Test
    void gruWithTheResetAfter() {
        Plan plan = plan(cell("gru", "\"reset\": \"after\", " + ACTIVATIONS, 3, "rb", "h0"));
        double[] h = initial("h0");
        double[][] expected = new double[T][H];
        for (int t = 0; t < T; t++) {
            for (int j = 0; j < H; j++) {
                double r = SIGMOID.applyAsDouble(sum(3 * H, j, t, h));
                double z = SIGMOID.applyAsDouble(sum(3 * H, H + j, t, h));
                double d = weights.get("rb")[j];
                for (int k = 0; k < H; k++) {
                    d += h[k] * weights.get("R")[k * 3 * H + 2 * H + j];
                }
                double n = Math.tanh(sum(3 * H, 2 * H + j, t, null) + r * d);
                expected[t][j] = (1 - z) * n + z * h[j];
            }
            h = expected[t];
        }
        assertSteps(plan, expected);
    }

    // --- behind a layer that gives no time ---

    private static final String AFFINE =
            ", {\"name\": \"a\", \"type\": \"affine\", \"parameters\": {%s, %s}}";

    private String affine(int width) {
        return AFFINE.formatted(tensor("s", width), tensor("t", width));
    }

    private float affine(float value, int j) {
        float product = value * weights.get("s")[j];
        return product + weights.get("t")[j];
    }

    /** The first rows of one batch: T steps, 2 steps, none. */
    private Run.Result batch(Plan plan) {
        float[] rows = new float[3 * x.length];
        for (int n = 0; n < 3; n++) {
            System.arraycopy(x, 0, rows, n * x.length, x.length);
        }
        return Run.run(plan, Tensor.of(rows, 3, T, I), new int[] {T, 2, 0}, null);
    }

    @Test
    void finalGivesTheLastH() {
        String cell =
                cell(
                        "gru",
                        "\"reset\": \"before\", \"output\": \"final\", " + ACTIVATIONS,
                        3,
                        "h0");
        String affine = affine(H);
        Plan plan = plan(cell + affine);
        Plan steps = plan(cell.replace("\"final\"", "\"sequence\"") + affine);
        Run.Result result = batch(plan);
        Tensor whole = Run.run(steps, x).output();
        assertArrayEquals(new int[] {3, H}, result.output().shape());
        for (int j = 0; j < H; j++) {
            assertEquals(whole.get((T - 1) * H + j), result.output().get(j));
            assertEquals(whole.get(H + j), result.output().get(H + j));
            float none = affine(weights.get("h0")[j], j);
            assertEquals(none, result.output().get(2 * H + j));
            assertEquals(
                    weights.get("h0")[j],
                    result.state().layers().get("cell").get("h").get(2 * H + j));
        }
        Session session = new Session(plan);
        float[] out = new float[H];
        for (int t = 0; t < T; t++) {
            session.step(Arrays.copyOfRange(x, t * I, (t + 1) * I), out);
        }
        for (int j = 0; j < H; j++) {
            assertEquals(result.output().get(j), out[j]);
        }
        assertArrayEquals(new int[] {1, H}, Run.run(plan, new float[0]).output().shape());
    }

    @Test
    void lastStepGivesItsInputOrZero() {
        Plan plan = plan("{\"name\": \"l\", \"type\": \"last_step\"}" + affine(I));
        Tensor output = batch(plan).output();
        assertArrayEquals(new int[] {3, I}, output.shape());
        for (int j = 0; j < I; j++) {
            assertEquals(affine(x[(T - 1) * I + j], j), output.get(j));
            assertEquals(affine(x[I + j], j), output.get(I + j));
            assertEquals(weights.get("t")[j], output.get(2 * I + j));
        }
        assertEquals(Map.of(), batch(plan).state().layers());
    }

    // --- what is not finite ---

    private static void assertOverflow(String json, State state) {
        Plan plan = Plan.compile(Fixtures.load(json));
        Session session = new Session(plan);
        session.restore(state);
        float[] out = {7};
        RnnspecException found =
                assertThrows(RnnspecException.class, () -> session.step(new float[] {1}, out));
        assertEquals("RUN_NONFINITE", found.code());
        assertEquals(7, out[0]);
        assertEquals(1e30f, session.state().layers().get("l").get("h").get(0));
    }

    private static Tensor large() {
        return Tensor.of(new float[] {1e30f}, 1, 1);
    }

    /** u = r × h overflows; everything else stays finite: n saturates, z is 0. */
    @Test
    void uOfAGruIsLookedAt() {
        assertOverflow(
                """
                {"rnnspec": "1.0-draft.3", "input": {"kind": "features", "size": 1}, "layers": [
                {"name": "l", "type": "gru", "hidden_size": 1, "reset": "before", "activations":
                {"gates": {"function": "linear"}, "candidate": {"function": "tanh"}}, "parameters": {"W": "W", "R": "R"}}],
                "output": {"kind": "values"}, "tensors": {
                "W": {"dtype": "float32", "shape": [1, 3], "data": [1e30, 0, 0]},
                "R": {"dtype": "float32", "shape": [1, 3], "data": [0, 0, 1]}}}
                """,
                State.of(Map.of("l", Map.of("h", large()))));
    }

    /** c overflows, and the output's activation makes h finite again. */
    @Test
    void cOfAnLstmIsLookedAt() {
        assertOverflow(
                """
                {"rnnspec": "1.0-draft.3", "input": {"kind": "features", "size": 1}, "layers": [
                {"name": "l", "type": "lstm", "hidden_size": 1, "activations": {"gates": {"function": "linear"},
                "candidate": {"function": "tanh"}, "output": {"function": "hard_tanh"}}, "parameters": {"W": "W", "R": "R"}}],
                "output": {"kind": "values"}, "tensors": {
                "W": {"dtype": "float32", "shape": [1, 4], "data": [0, 1e30, 0, 1]},
                "R": {"dtype": "float32", "shape": [1, 4], "data": [0, 0, 0, 0]}}}
                """,
                State.of(Map.of("l", Map.of("h", large(), "c", large()))));
    }
}
