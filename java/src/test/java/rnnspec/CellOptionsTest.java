package rnnspec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.StringJoiner;
import org.junit.jupiter.api.Test;

/** The options of cells, and layer_norm, against their equations in binary64 (SPEC section 13). */
class CellOptionsTest {
    private static final int I = 3;
    private static final int H = 4;
    private static final int P = 2;
    private static final int T = 6;

    private final Random random = new Random(5);
    private final Map<String, float[]> weights = new HashMap<>();
    private final StringJoiner tensors = new StringJoiner(",\n");
    private final StringJoiner parameters = new StringJoiner(", ");
    private final float[] x = Fixtures.floats(random, T * I, 1.5f);

    private void tensor(String name, int... shape) {
        float[] values = Fixtures.floats(random, (int) Tensor.count(shape), 1);
        weights.put(name, values);
        String form = "\"%s\": {\"dtype\": \"float32\", \"shape\": %s, \"data\": %s}";
        tensors.add(form.formatted(name, Tensor.show(shape), Arrays.toString(values)));
        parameters.add("\"%s\": \"%s\"".formatted(name, name));
    }

    private Tensor run(String layer) {
        String json =
                """
                {"rnnspec": "1.0-draft.3", "input": {"kind": "features", "size": %d},
                "layers": [{"name": "cell", %s, "parameters": {%s}}],
                "output": {"kind": "values"}, "tensors": {%s}}
                """
                        .formatted(I, layer, parameters, tensors);
        return Run.run(Plan.compile(Fixtures.load(json)), x).output();
    }

    private static double sigmoid(double a) {
        return 1 / (1 + Math.exp(-a));
    }

    private static double clip(double a, double k) {
        return Math.max(-k, Math.min(k, a));
    }

    /** b + x W + h R at a column, of a step; without h if it is null. */
    private double sum(String b, int columns, int column, int t, double[] h) {
        double a = weights.get(b) == null ? 0 : weights.get(b)[column];
        for (int k = 0; k < I; k++) {
            a += (double) x[t * I + k] * weights.get("W")[k * columns + column];
        }
        for (int k = 0; h != null && k < h.length; k++) {
            a += h[k] * weights.get("R")[k * columns + column];
        }
        return a;
    }

    private static void assertSteps(double[][] expected, Tensor output) {
        int width = expected[0].length;
        double largest = 0;
        for (int t = 0; t < T; t++) {
            for (int j = 0; j < width; j++) {
                assertEquals(expected[t][j], output.get(t * width + j), 4e-6, t + ", " + j);
                largest = Math.max(largest, Math.abs(expected[t][j]));
            }
        }
        assertTrue(largest > 0.05, "nothing to see");
    }

    // --- lstm ---

    private static final double NONE = Double.POSITIVE_INFINITY;

    /** What an lstm is made of, for the equations below. */
    private record Options(
            String peephole,
            String coupled,
            double clip,
            double cellClip,
            boolean projected,
            double projectionClip) {

        int blocks() {
            return coupled == null ? 4 : 3;
        }

        /** The block of a gate by its letter, as [layer-2] has it. */
        int block(char gate) {
            String order = coupled == null ? "ifgo" : coupled.equals("input") ? "fgo" : "igo";
            return order.indexOf(gate);
        }

        /** The block of a gate in p [layer-6]. */
        int peep(char gate) {
            String order = coupled == null ? "ifo" : coupled.equals("input") ? "fo" : "io";
            return order.indexOf(gate);
        }

        String json() {
            StringBuilder json = new StringBuilder("\"type\": \"lstm\", \"hidden_size\": " + H);
            json.append(", ").append(Fixtures.LSTM_ACTIVATIONS);
            json.append(peephole == null ? "" : ", \"peephole\": \"" + peephole + "\"");
            json.append(coupled == null ? "" : ", \"coupled\": \"" + coupled + "\"");
            json.append(clip == NONE ? "" : ", \"clip\": " + clip);
            json.append(cellClip == NONE ? "" : ", \"cell_clip\": " + cellClip);
            json.append(projected ? ", \"projection_size\": " + P : "");
            json.append(projectionClip == NONE ? "" : ", \"projection_clip\": " + projectionClip);
            return json.toString();
        }
    }

    /** A gate's accumulator, after its peephole and clip. */
    private double gate(Options of, char gate, int j, int t, double[] h, double[] c) {
        int columns = of.blocks() * H;
        double a = sum("b", columns, of.block(gate) * H + j, t, h);
        if (of.peephole != null && gate != 'g') {
            float[] p = weights.get("p");
            int block = of.peep(gate);
            if (of.peephole.equals("diagonal")) {
                a += c[j] * p[block * H + j];
            } else {
                for (int k = 0; k < H; k++) {
                    a += c[k] * p[k * (of.blocks() - 1) * H + block * H + j];
                }
            }
        }
        return clip(a, of.clip);
    }

    private void assertLstm(Options of, String... more) {
        weights.clear();
        int width = of.projected ? P : H;
        tensor("W", I, of.blocks() * H);
        tensor("R", width, of.blocks() * H);
        tensor("b", of.blocks() * H);
        if (of.peephole != null) {
            int inner = (of.blocks() - 1) * H;
            tensor(
                    "p",
                    of.peephole.equals("full")
                            ? new int[] {H, inner}
                            : new int[] {of.blocks() - 1, H});
        }
        if (of.projected) {
            tensor("Q", H, P);
        }
        for (String role : more) {
            tensor(role, role.equals("c0") ? H : width);
        }
        Tensor output = run(of.json());
        double[] h = initial("h0", width);
        double[] c = initial("c0", H);
        double[][] expected = new double[T][];
        for (int t = 0; t < T; t++) {
            double[] next = new double[H];
            double[] u = new double[H];
            for (int j = 0; j < H; j++) {
                double i = 0;
                double f = 0;
                if (!"input".equals(of.coupled)) {
                    i = sigmoid(gate(of, 'i', j, t, h, c));
                }
                if (!"forget".equals(of.coupled)) {
                    f = sigmoid(gate(of, 'f', j, t, h, c));
                }
                i = "input".equals(of.coupled) ? 1 - f : i;
                f = "forget".equals(of.coupled) ? 1 - i : f;
                double g = Math.tanh(gate(of, 'g', j, t, h, c));
                next[j] = clip(f * c[j] + i * g, of.cellClip);
            }
            for (int j = 0; j < H; j++) {
                u[j] = sigmoid(gate(of, 'o', j, t, h, next)) * Math.tanh(next[j]);
            }
            c = next;
            h = of.projected ? project(u, of.projectionClip) : u;
            expected[t] = h;
        }
        assertSteps(expected, output);
    }

    private double[] project(double[] u, double k) {
        double[] h = new double[P];
        for (int j = 0; j < P; j++) {
            h[j] = weights.containsKey("qb") ? weights.get("qb")[j] : 0;
            for (int n = 0; n < H; n++) {
                h[j] += u[n] * weights.get("Q")[n * P + j];
            }
            h[j] = clip(h[j], k);
        }
        return h;
    }

    private double[] initial(String role, int width) {
        double[] values = new double[width];
        if (weights.containsKey(role)) {
            Arrays.setAll(values, j -> weights.get(role)[j]);
        }
        return values;
    }

    @Test
    void peepholes() {
        assertLstm(new Options("diagonal", null, NONE, NONE, false, NONE), "h0", "c0");
    }

    @Test
    void fullPeepholes() {
        assertLstm(new Options("full", null, NONE, NONE, false, NONE), "c0");
    }

    @Test
    void coupledGates() {
        assertLstm(new Options(null, "input", NONE, NONE, false, NONE), "c0");
    }

    @Test
    void coupledTheOtherWay() {
        assertLstm(new Options(null, "forget", NONE, NONE, false, NONE), "c0");
    }

    @Test
    void cellClip() {
        assertLstm(new Options(null, null, NONE, 0.25, false, NONE), "c0");
    }

    @Test
    void clipOfPreActivations() {
        assertLstm(new Options(null, null, 0.375, NONE, false, NONE));
    }

    @Test
    void projection() {
        assertLstm(new Options(null, null, NONE, NONE, true, NONE), "h0");
    }

    @Test
    void projectionWithBiasAndClip() {
        assertLstm(new Options(null, null, NONE, NONE, true, 0.5), "qb", "h0");
    }

    @Test
    void allOptionsTogether() {
        assertLstm(new Options("full", "input", 0.75, 0.5, true, 0.25), "qb", "h0", "c0");
    }

    @Test
    void allOptionsTheOtherWay() {
        assertLstm(new Options("diagonal", "forget", 0.75, 0.5, true, NONE), "qb", "h0", "c0");
    }

    // --- the other cells ---

    @Test
    void clipOfAnElman() {
        tensor("W", I, H);
        tensor("R", H, H);
        tensor("b", H);
        Tensor output =
                run(
                        "\"type\": \"elman\", \"hidden_size\": 4, \"activation\": {\"function\": \"linear\"}, \"clip\": 0.5");
        double[] h = new double[H];
        double[][] expected = new double[T][];
        for (int t = 0; t < T; t++) {
            double[] next = new double[H];
            for (int j = 0; j < H; j++) {
                next[j] = clip(sum("b", H, j, t, h), 0.5);
            }
            h = next;
            expected[t] = h;
        }
        assertSteps(expected, output);
    }

    private void assertGru(String reset) {
        tensor("W", I, 3 * H);
        tensor("R", H, 3 * H);
        tensor("b", 3 * H);
        Tensor output =
                run(
                        """
                        "type": "gru", "hidden_size": 4, "reset": "%s", "clip": 0.5, "activations":
                        {"gates": {"function": "sigmoid"}, "candidate": {"function": "tanh"}}"""
                                .formatted(reset));
        double[] h = new double[H];
        double[][] expected = new double[T][];
        for (int t = 0; t < T; t++) {
            double[] r = new double[H];
            double[] u = new double[H];
            for (int j = 0; j < H; j++) {
                r[j] = sigmoid(clip(sum("b", 3 * H, j, t, h), 0.5));
                u[j] = r[j] * h[j];
            }
            double[] next = new double[H];
            for (int j = 0; j < H; j++) {
                double z = sigmoid(clip(sum("b", 3 * H, H + j, t, h), 0.5));
                double d = 0;
                for (int k = 0; k < H; k++) {
                    d += h[k] * weights.get("R")[k * 3 * H + 2 * H + j];
                }
                double a =
                        reset.equals("before")
                                ? sum("b", 3 * H, 2 * H + j, t, u)
                                : sum("b", 3 * H, 2 * H + j, t, null) + r[j] * d;
                next[j] = (1 - z) * Math.tanh(clip(a, 0.5)) + z * h[j];
            }
            h = next;
            expected[t] = h;
        }
        assertSteps(expected, output);
    }

    @Test
    void clipOfAGruWithTheResetBefore() {
        assertGru("before");
    }

    @Test
    void clipOfAGruWithTheResetAfter() {
        assertGru("after");
    }

    @Test
    void layerNorm() {
        tensor("gamma", I);
        tensor("beta", I);
        Tensor output = run("\"type\": \"layer_norm\", \"epsilon\": 0.01");
        double[][] expected = new double[T][I];
        for (int t = 0; t < T; t++) {
            double m = 0;
            double v = 0;
            for (int j = 0; j < I; j++) {
                m += x[t * I + j] / (double) I;
            }
            for (int j = 0; j < I; j++) {
                v += Math.pow(x[t * I + j] - m, 2) / I;
            }
            for (int j = 0; j < I; j++) {
                expected[t][j] =
                        (x[t * I + j] - m) / Math.sqrt(v + 0.01) * weights.get("gamma")[j]
                                + weights.get("beta")[j];
            }
        }
        assertSteps(expected, output);
    }

    /** The tree of [sum-1], element by element. */
    @Test
    void sumIsATreeOfSixteen() {
        for (int n : new int[] {1, 2, 15, 16, 17, 40, 100}) {
            float[] v = Fixtures.floats(random, n, 1e3f);
            float[] s = new float[16];
            for (int k = 0; k < n; k++) {
                s[k % 16] = s[k % 16] + v[k];
            }
            for (int width = 8; width > 0; width /= 2) {
                for (int i = 0; i < width; i++) {
                    s[i] = s[i] + s[i + width];
                }
            }
            assertEquals(s[0], Activation.sum(v, n), "of " + n);
        }
    }
}
