package rnnspec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import rnnspec.cells.Chain;

class RunTest {
    private static final int N = 3;
    private static final int T = 7;
    private static final int I = 5;
    private static final int H = 6;
    private static final int OUT = 4;

    private final Fixtures.Net net = new Fixtures.Net(I, H, OUT, 1);
    private final Plan plan = Plan.compile(net.model());
    private final Tensor input = Tensor.of(Fixtures.floats(new Random(2), N * T * I, 1), N, T, I);

    /** What the equations give in binary64, written down without any of the runtime. */
    private double[] equations(int n, int steps) {
        double[][] h = new double[2][H];
        double[][] c = new double[2][H];
        double[] y = new double[OUT];
        for (int t = 0; t < steps; t++) {
            double[] x = new double[I];
            for (int k = 0; k < I; k++) {
                x[k] = input.get((n * T + t) * I + k);
            }
            for (int layer = 0; layer < 2; layer++) {
                float[] w = net.weights.get("W" + layer);
                float[] r = net.weights.get("R" + layer);
                double[] a = new double[4 * H];
                for (int j = 0; j < 4 * H; j++) {
                    a[j] = layer == 0 ? net.weights.get("b0")[j] : 0;
                    for (int k = 0; k < x.length; k++) {
                        a[j] += x[k] * w[k * 4 * H + j];
                    }
                    for (int k = 0; k < H; k++) {
                        a[j] += h[layer][k] * r[k * 4 * H + j];
                    }
                }
                for (int j = 0; j < H; j++) {
                    double i = 1 / (1 + Math.exp(-a[j]));
                    double f = 1 / (1 + Math.exp(-a[H + j]));
                    double g = Math.tanh(a[2 * H + j]);
                    double o = 1 / (1 + Math.exp(-a[3 * H + j]));
                    c[layer][j] = f * c[layer][j] + i * g;
                    h[layer][j] = o * Math.tanh(c[layer][j]);
                }
                x = h[layer];
            }
            for (int j = 0; j < OUT; j++) {
                y[j] = net.weights.get("bd")[j];
                for (int k = 0; k < H; k++) {
                    y[j] += x[k] * net.weights.get("D")[k * OUT + j];
                }
            }
        }
        return y;
    }

    private static int[] bits(Tensor tensor) {
        int[] bits = new int[tensor.size()];
        for (int i = 0; i < bits.length; i++) {
            bits[i] = Float.floatToRawIntBits(tensor.get(i));
        }
        return bits;
    }

    private static void assertSame(State expected, State got) {
        assertEquals(expected.layers().keySet(), got.layers().keySet());
        expected.layers()
                .forEach(
                        (layer, arrays) ->
                                arrays.forEach(
                                        (name, array) ->
                                                assertArrayEquals(
                                                        bits(array),
                                                        bits(got.layers().get(layer).get(name)))));
    }

    private static void assertCode(String code, Runnable call) {
        RnnspecException found = assertThrows(RnnspecException.class, call::run);
        assertEquals(code, found.code());
        assertTrue(found.issues().get(0).place() instanceof Issue.Argument);
    }

    /** Steps [from, to) of some rows. */
    private Tensor part(int from, int to, int... rows) {
        float[] values = new float[rows.length * (to - from) * I];
        for (int n = 0; n < rows.length; n++) {
            System.arraycopy(
                    input.raw(),
                    (rows[n] * T + from) * I,
                    values,
                    n * (to - from) * I,
                    (to - from) * I);
        }
        return Tensor.of(values, rows.length, to - from, I);
    }

    @Test
    void theOutputIsThatOfTheEquations() {
        Tensor output = Run.run(plan, input).output();
        for (int n = 0; n < N; n++) {
            for (int t = 0; t < T; t++) {
                double[] expected = equations(n, t + 1);
                for (int j = 0; j < OUT; j++) {
                    assertEquals(expected[j], output.get((n * T + t) * OUT + j), 2e-6);
                }
            }
        }
    }

    @Test
    void rowsDoNotTouchEachOther() {
        Run.Result whole = Run.run(plan, input, null, null);
        for (int n = 0; n < N; n++) {
            Tensor alone = Run.run(plan, part(0, T, n), null, null).output();
            for (int i = 0; i < alone.size(); i++) {
                assertEquals(
                        Float.floatToRawIntBits(alone.get(i)),
                        Float.floatToRawIntBits(whole.output().get(n * T * OUT + i)));
            }
        }
    }

    @Test
    void chunksAndStepsDoNotShow() {
        Run.Result whole = Run.run(plan, input, null, null);
        for (int cut = 0; cut <= T; cut++) {
            State state = Run.run(plan, part(0, cut, 0, 1, 2), null, null).state();
            assertSame(whole.state(), Run.run(plan, part(cut, T, 0, 1, 2), null, state).state());
        }
        Session session = new Session(plan, N);
        float[] out = new float[N * OUT];
        for (int t = 0; t < T; t++) {
            session.step(part(t, t + 1, 0, 1, 2).values(), out);
            for (int n = 0; n < N; n++) {
                for (int j = 0; j < OUT; j++) {
                    assertEquals(
                            Float.floatToRawIntBits(whole.output().get((n * T + t) * OUT + j)),
                            Float.floatToRawIntBits(out[n * OUT + j]));
                }
            }
        }
        assertSame(whole.state(), session.state());
        session.reset();
        assertArrayEquals(bits(whole.output()), bits(session.run(input, null)));
    }

    @Test
    void aStepPastTheLengthDoesNotExist() {
        float[] values = input.values();
        Arrays.fill(values, (T + 4) * I, 2 * T * I, Float.NaN);
        Run.Result got = Run.run(plan, Tensor.of(values, N, T, I), new int[] {T, 4, 0}, null);
        Run.Result four = Run.run(plan, part(0, 4, 1), null, null);
        for (int i = 0; i < T * OUT; i++) {
            int expected = i < 4 * OUT ? Float.floatToRawIntBits(four.output().get(i)) : 0;
            assertEquals(expected, Float.floatToRawIntBits(got.output().get(T * OUT + i)));
            assertEquals(0, Float.floatToRawIntBits(got.output().get(2 * T * OUT + i)));
        }
        for (String layer : List.of("one", "two")) {
            for (int j = 0; j < H; j++) {
                Tensor h = got.state().layers().get(layer).get("h");
                assertEquals(four.state().layers().get(layer).get("h").get(j), h.get(H + j));
                assertEquals(0, h.get(2 * H + j));
            }
        }
    }

    @Test
    void aForkGoesItsOwnWay() {
        Session session = new Session(plan, N);
        session.run(part(0, 3, 0, 1, 2), null);
        Session fork = session.fork();
        State before = session.state();
        Tensor one = fork.run(part(3, T, 0, 1, 2), null);
        assertSame(before, session.state());
        assertArrayEquals(bits(one), bits(session.run(part(3, T, 0, 1, 2), null)));
        session.restore(before);
        assertSame(before, session.state());
    }

    @Test
    void aFailedCallLeavesTheStateAsItWas() {
        String json =
                """
                {"rnnspec": "1.0-draft.3", "input": {"kind": "features", "size": 1},
                "layers": [{"name": "l", "type": "lstm", "hidden_size": 1, %s, "parameters": {"W": "W", "R": "R"}},
                {"name": "d", "type": "dense", "size": 1, "parameters": {"W": "D"}},
                {"name": "e", "type": "dense", "size": 1, "parameters": {"W": "E"}}],
                "output": {"kind": "values"}, "tensors": {
                "W": {"dtype": "float32", "shape": [1, 4], "data": [1, 1, 1, 1]},
                "R": {"dtype": "float32", "shape": [1, 4], "data": [1, 1, 1, 1]},
                "D": {"dtype": "float32", "shape": [1, 1], "data": [3e38]},
                "E": {"dtype": "float32", "shape": [1, 1], "data": [3]}}}
                """
                        .formatted(Fixtures.LSTM_ACTIVATIONS);
        Session session = new Session(Plan.compile(Fixtures.load(json)), 2);
        float[] out = {7, 7};
        session.step(new float[] {0, 0}, out);
        State before = session.state();
        assertCode("RUN_NONFINITE", () -> session.step(new float[] {0, 5}, out));
        assertSame(before, session.state());
        assertArrayEquals(new float[] {0, 0}, out);
        assertCode(
                "RUN_NONFINITE",
                () -> session.run(Tensor.of(new float[] {0.1f, 0.1f, 0.1f, 5}, 2, 2, 1), null));
        assertSame(before, session.state());
        assertCode("RUN_NONFINITE_INPUT", () -> session.step(new float[] {1, Float.NaN}, out));
        assertSame(before, session.state());
    }

    @Test
    void wrongArgumentsAreNamedInOrder() {
        Tensor none = Tensor.of(new float[0], 0, T, I);
        Tensor narrow = Tensor.of(new float[N * T], N, T, 1);
        float[] values = input.values();
        values[0] = Float.POSITIVE_INFINITY;
        Tensor infinite = Tensor.of(values, N, T, I);
        State bad = State.of(Map.of());
        assertCode("RUN_SHAPE", () -> Run.run(plan, none, null, null));
        assertCode("RUN_SHAPE", () -> Run.run(plan, narrow, new int[] {9}, bad));
        assertCode("RUN_SHAPE", () -> Run.run(plan, new int[][] {{1}}, null, null));
        assertCode("RUN_SHAPE", () -> Run.run(plan, infinite, new int[] {9, 1}, bad));
        assertCode("RUN_LENGTH", () -> Run.run(plan, infinite, new int[] {1, T + 1, 1}, bad));
        assertCode("RUN_LENGTH", () -> Run.run(plan, infinite, new int[] {1, -1, 1}, bad));
        assertCode("RUN_NONFINITE_INPUT", () -> Run.run(plan, infinite, null, bad));
        assertCode("RUN_STATE", () -> Run.run(plan, input, null, bad));
        assertCode(
                "RUN_STATE",
                () -> Run.run(plan, part(0, T, 1), null, new Session(plan, N).state()));
        Map<String, Map<String, Tensor>> layers =
                new LinkedHashMap<>(new Session(plan, N).state().layers());
        layers.put("two", Map.of("h", Tensor.of(new float[N * H], N, H), "c", nanState()));
        assertCode("RUN_NONFINITE_INPUT", () -> Run.run(plan, input, null, State.of(layers)));
        layers.put("three", layers.get("one"));
        assertCode("RUN_STATE", () -> Run.run(plan, input, null, State.of(layers)));
        Session session = new Session(plan);
        assertCode("RUN_SHAPE", () -> session.step(new float[I + 1], new float[OUT]));
        assertCode("RUN_SHAPE", () -> session.step(new float[I], new float[OUT + 1]));
        assertCode("RUN_SHAPE", () -> session.step(new int[1], new float[OUT]));
        assertCode("RUN_SHAPE", () -> session.run(input, null));
        assertCode("RUN_OPTION", () -> new Session(plan, 0));
    }

    private static Tensor nanState() {
        float[] values = new float[N * H];
        values[3] = Float.NaN;
        return Tensor.of(values, N, H);
    }

    @Test
    void tokensAreJudgedAtValidStepsOnly() {
        Plan tokens = Plan.compile(Fixtures.load(Fixtures.FULL));
        assertCode("RUN_TOKEN", () -> Run.run(tokens, new int[][] {{1, 4}}, null, null));
        assertCode("RUN_TOKEN", () -> Run.run(tokens, new int[][] {{-1}}, null, null));
        assertCode("RUN_SHAPE", () -> Run.run(tokens, new int[][] {{1}, {1, 2}}, null, null));
        assertCode("RUN_SHAPE", () -> Run.run(tokens, new int[0][], null, null));
        assertCode("RUN_SHAPE", () -> Run.run(tokens, input, null, null));
        assertEquals(8, Run.run(tokens, new int[][] {{1, 4}}, new int[] {1}, null).output().size());
        assertCode("RUN_TOKEN", () -> new Session(tokens).step(new int[] {4}, new float[4]));
    }

    /** Bit by bit what the definition of an accumulator gives, whatever the loops look like. */
    @Test
    void aChainAddsTermByTerm() {
        Random random = new Random(5);
        for (int inputs = 1; inputs < 20; inputs++) {
            float[] x = Fixtures.floats(random, inputs, 1);
            float[] w = Fixtures.floats(random, inputs * 7, 1);
            float[] b = inputs % 2 == 0 ? Fixtures.floats(random, 7, 1) : null;
            Chain chain = Chain.of(Kernel.chosen(), b, w, new int[1], 7);
            float[][] a = new float[3][chain.columns()];
            chain.start(a, new float[][] {x, x, x}, 2);
            for (int j = 0; j < 7; j++) {
                float expected = b == null ? 0 : b[j];
                for (int k = 0; k < inputs; k++) {
                    float term = x[k] * w[k * 7 + j];
                    expected = expected + term;
                }
                assertEquals(Float.floatToRawIntBits(expected), Float.floatToRawIntBits(a[0][j]));
                assertEquals(expected, a[1][j]);
                assertEquals(0, a[2][j]);
            }
        }
    }

    /** One-hot input as a row lookup has the bits of the multiplication. */
    @Test
    void oneHotIsARowLookup() {
        String head =
                """
                {"rnnspec": "1.0-draft.3", "input": %s,
                "vocabularies": {%s}, "layers": [%s
                {"name": "l", "type": "lstm", "hidden_size": 1, ACTIVATIONS, "parameters": {"W": "W", "R": "R", "b": "b"}}],
                "output": {"kind": "values"}, "tensors": {
                "W": {"dtype": "float32", "shape": [2, 4], "data": [1.1, -1.2, 1.3, 1.4, -0.5, 0.6, -0.7, 0.8]},
                "R": {"dtype": "float32", "shape": [1, 4], "data": [0.1, 0.2, 0.3, 0.4]},
                "b": {"dtype": "float32", "shape": [4], "data": [0.5, 0.6, 0.7, 0.8]}}}
                """
                        .replace("ACTIVATIONS", Fixtures.LSTM_ACTIVATIONS);
        String tokens = "{\"kind\": \"tokens\", \"vocabulary\": \"v\"}";
        String vocabulary = "\"v\": {\"unit\": \"codepoint\", \"tokens\": [\"a\", \"b\"]}";
        Model lookup =
                Fixtures.load(
                        head.formatted(
                                tokens, vocabulary, "{\"name\": \"o\", \"type\": \"one_hot\"},"));
        Model product =
                Fixtures.load(head.formatted("{\"kind\": \"features\", \"size\": 2}", "", ""));
        Tensor oneHot = Tensor.of(new float[] {1, 0, 0, 1, 0, 1}, 1, 3, 2);
        assertArrayEquals(
                bits(Run.run(Plan.compile(product), oneHot, null, null).output()),
                bits(Run.run(Plan.compile(lookup), new int[][] {{0, 1, 1}}).output()));
    }

    @Test
    void aStepAllocatesNothing() {
        Session session = new Session(plan, N);
        float[] x = part(0, 1, 0, 1, 2).values();
        float[] out = new float[N * OUT];
        Fixtures.assertAllocatesNothing(session, x, out);
    }
}
