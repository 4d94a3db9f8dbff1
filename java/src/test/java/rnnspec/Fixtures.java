package rnnspec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.StringJoiner;
import java.util.stream.Stream;

/** Small models to test with. */
final class Fixtures {
    /** What most LSTMs have, as a member. */
    static final String LSTM_ACTIVATIONS =
            "\"activations\": {\"gates\": {\"function\": \"sigmoid\"},"
                    + " \"candidate\": {\"function\": \"tanh\"}, \"output\": {\"function\": \"tanh\"}}";

    /** Every kind of member that a document can have. */
    static final String FULL =
            """
            {"rnnspec": "1.0-draft.3", "name": "tiny \\u00e9\\ud83d\\ude00", "license": "CC0-1.0",
             "metadata": {"a": [1, 2.5, null, true, "x", {}], "b": {"c": -1e-3}},
             "input": {"kind": "tokens", "vocabulary": "v"},
             "vocabularies": {"v": {"unit": "codepoint", "tokens": ["", "a", "b", "é"], "start": 0, "end": 3, "extensions": {"ACME_v": 1}}},
             "layers": [
              {"name": "e", "type": "embedding", "size": 2, "parameters": {"E": "E"}, "extensions": {"ACME_e": {"x": [null, "y"]}}},
              {"name": "l", "type": "lstm", "hidden_size": 1, ACTIVATIONS, "output": "sequence", "parameters": {"W": "W", "R": "R", "b": "b", "h0": "h0", "c0": "c0"}},
              {"name": "g", "type": "gru", "hidden_size": 2, "reset": "after", "activations": {"gates": {"function": "hard_sigmoid", "alpha": 0.2, "beta": 0.5}, "candidate": {"function": "softsign"}}, "parameters": {"W": "gW", "R": "gR", "b": "gb", "rb": "rb", "h0": "gh0"}},
              {"name": "u", "type": "elman", "hidden_size": 1, "activation": {"function": "leaky_relu", "alpha": 0.125}, "parameters": {"W": "uW", "R": "uR"}},
              {"name": "f", "type": "affine", "parameters": {"s": "fs", "t": "ft"}},
              {"name": "p", "type": "activation", "function": "scaled_tanh", "alpha": 1.7159, "beta": 1e-38},
              {"name": "d", "type": "dense", "size": 4, "parameters": {"W": "D"}},
              {"name": "s", "type": "activation", "function": "softmax"}],
             "output": {"kind": "probabilities", "vocabulary": "v"},
             "decoding": {"mode": "sample", "temperature": 0.5, "top_k": 3, "top_p": 0.9},
             "examples": [{"kind": "exact", "input": [[1, 2]], "output": "o", "lengths": [0]}],
             "extensions": {"ACME_top": {"deep": {"er": [true]}}}, "extensions_required": [],
             "tensors": {
              "E": {"dtype": "float32", "shape": [4, 2], "data": [0.1, -0.2, 3e-1, 4, 5, 6, 7, -0.8]},
              "W": {"dtype": "float32", "shape": [2, 4], "data": "AACAPwAAAEAAAEBAAACAQAAAoEAAAMBAAADgQAAAAEE="},
              "R": {"dtype": "float16", "shape": [1, 4], "data": "ADwAOAA0ADA=", "extensions": {"ACME_r": null}},
              "b": {"dtype": "float32", "shape": [4], "data": [0.123456789012345678, 1e-30, 0, -1]},
              "h0": {"dtype": "float32", "shape": [1], "data": [0.5]},
              "c0": {"dtype": "float32", "shape": [1], "data": [-0.25]},
              "gW": {"dtype": "float32", "shape": [1, 6], "data": [1, 2, 3, 4, 5, 6]},
              "gR": {"dtype": "float32", "shape": [2, 6], "data": [1, 2, 3, 4, 5, 6, 6, 5, 4, 3, 2, 1]},
              "gb": {"dtype": "float32", "shape": [6], "data": [1, 2, 3, 4, 5, 6]},
              "rb": {"dtype": "float32", "shape": [2], "data": [0.5, -0.5]},
              "gh0": {"dtype": "float32", "shape": [2], "data": [0.25, 0.75]},
              "uW": {"dtype": "float32", "shape": [2, 1], "data": [0.5, -0.5]},
              "uR": {"dtype": "float32", "shape": [1, 1], "data": [0.5]},
              "fs": {"dtype": "float32", "shape": [1], "data": [2]},
              "ft": {"dtype": "float32", "shape": [1], "data": [-1]},
              "D": {"dtype": "float32", "shape": [1, 4], "data": [1, 2, 3, 4.5]},
              "o": {"dtype": "float32", "shape": [1, 2, 4], "data": [0, 0, 0, 0, 0, 0, 0, 0]}}}
            """
                    .replace("ACTIVATIONS", LSTM_ACTIVATIONS);

    /** Both directions, every option, branches and the narrow dtypes. */
    static final String WIDE =
            """
            {"rnnspec": "1.0-draft.3", "input": {"kind": "features", "size": 2},
             "vocabularies": {"v": {"unit": "token", "tokens": ["a", "b", "c", "", "d"], "separator": " ", "padding": 3}},
             "layers": [
              {"name": "n", "type": "layer_norm", "epsilon": 1e-5, "parameters": {"gamma": "gamma", "beta": "beta"}},
              {"name": "l", "type": "lstm", "inputs": ["n"], "hidden_size": 1, ACTIVATIONS, "peephole": "full", "coupled": "input", "cell_clip": 2,
               "projection_size": 1, "projection_clip": 0.5, "clip": 1e38, "direction": "bidirectional", "merge": "concat",
               "parameters": {"W": "W", "R": "R", "p": "p", "Q": "Q", "c0": "c0",
                "W_reverse": "Wr", "R_reverse": "Rr", "p_reverse": "pr", "Q_reverse": "Qr", "qb_reverse": "qbr"}},
              {"name": "t", "type": "time_reverse", "inputs": ["n"]},
              {"name": "a", "type": "add", "inputs": ["l", "t", "input"]},
              {"name": "m", "type": "multiply", "inputs": ["a", "l"]},
              {"name": "j", "type": "concat", "inputs": ["m", "input"]},
              {"name": "r", "type": "elman", "hidden_size": 1, "direction": "reverse", "activation": {"function": "relu"}, "parameters": {"W": "rW", "R": "rR"}},
              {"name": "y", "type": "concat", "inputs": ["j", "r"]}],
             "output": {"kind": "logits", "vocabulary": "v"},
             "decoding": {"mode": "ctc", "blank": 4},
             "tensors": {
              "gamma": {"dtype": "bfloat16", "shape": [2], "data": "gD8AQA=="},
              "beta": {"dtype": "float16", "shape": [2], "data": "ADwAOA=="},
              "W": {"dtype": "int8", "shape": [2, 3], "axis": 0, "scale": [0.5, 0.1], "data": "AQL9BPt/"},
              "R": {"dtype": "bfloat16", "shape": [1, 3], "data": "gD8AQIC/"},
              "p": {"dtype": "float32", "shape": [1, 2], "data": [0.5, -0.5]},
              "Q": {"dtype": "float32", "shape": [1, 1], "data": [2]},
              "c0": {"dtype": "float32", "shape": [1], "data": [-0.25]},
              "Wr": {"dtype": "int8", "shape": [2, 3], "axis": 1, "scale": [0.5, 0.25, 0.125], "data": "AQL9BPuB"},
              "Rr": {"dtype": "float32", "shape": [1, 3], "data": [1, 0.5, 0.25]},
              "pr": {"dtype": "float32", "shape": [1, 2], "data": [0.5, -0.5]},
              "Qr": {"dtype": "float32", "shape": [1, 1], "data": [-1]},
              "qbr": {"dtype": "float32", "shape": [1], "data": [0.125]},
              "rW": {"dtype": "float32", "shape": [4, 1], "data": [1, 2, 3, 4]},
              "rR": {"dtype": "float32", "shape": [1, 1], "data": [0.5]}}}
            """
                    .replace("ACTIVATIONS", LSTM_ACTIVATIONS);

    private Fixtures() {}

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static Model load(String json) {
        return Load.load(bytes(json));
    }

    /** Replaces one thing in a text, which must be there. */
    static String with(String text, String old, String replacement) {
        if (!text.contains(old)) {
            throw new IllegalArgumentException("not there: " + old);
        }
        return text.replace(old, replacement);
    }

    /** Asserts that steps of features allocate nothing: not one byte in 100,000 of them. */
    static void assertAllocatesNothing(Session session, float[] x, float[] out) {
        assertAllocatesNothing(() -> session.step(x, out));
    }

    /** Asserts that steps, when they are compiled, allocate not one byte in 100,000. */
    static void assertAllocatesNothing(Runnable step) {
        ThreadMXBean threads = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
        long thread = Thread.currentThread().getId();
        long least = Long.MAX_VALUE;
        // Asking allocates a little itself; and what is not compiled yet may.
        long asking = threads.getThreadAllocatedBytes(thread);
        asking = threads.getThreadAllocatedBytes(thread) - asking;
        for (int repeat = 0; repeat < 10 && least > asking; repeat++) {
            long before = threads.getThreadAllocatedBytes(thread);
            for (int i = 0; i < 100_000; i++) {
                step.run();
            }
            long bytes = threads.getThreadAllocatedBytes(thread) - before;
            least = Math.min(least, bytes);
        }
        assertTrue(least <= asking, least + " bytes");
    }

    /** What is found in a file: codes and places, sorted. */
    static List<String> findings(String json) {
        return Validate.validate(bytes(json)).stream()
                .map(issue -> issue.code().code() + " " + issue.where())
                .sorted()
                .toList();
    }

    /** Asserts that just that is found. */
    static void assertFindings(String json, String... expected) {
        assertEquals(Stream.of(expected).sorted().toList(), findings(json), json);
    }

    /** A net of features → lstm → lstm → dense with random weights, and its weights. */
    static final class Net {
        final int inputs;
        final int hidden;
        final int outputs;
        final Map<String, float[]> weights = new LinkedHashMap<>();
        private final StringJoiner tensors = new StringJoiner(",\n");
        private final Random random;

        Net(int inputs, int hidden, int outputs, long seed) {
            this.inputs = inputs;
            this.hidden = hidden;
            this.outputs = outputs;
            random = new Random(seed);
        }

        Model model() {
            tensor("W0", inputs, 4 * hidden);
            tensor("R0", hidden, 4 * hidden);
            tensor("b0", 4 * hidden);
            tensor("W1", hidden, 4 * hidden);
            tensor("R1", hidden, 4 * hidden);
            tensor("D", hidden, outputs);
            tensor("bd", outputs);
            return load(
                    """
                    {"rnnspec": "1.0-draft.3", "input": {"kind": "features", "size": %d},
                    "layers": [
                    {"name": "one", "type": "lstm", "hidden_size": %2$d, %5$s, "parameters": {"W": "W0", "R": "R0", "b": "b0"}},
                    {"name": "two", "type": "lstm", "hidden_size": %2$d, %5$s, "parameters": {"W": "W1", "R": "R1"}},
                    {"name": "out", "type": "dense", "size": %3$d, "parameters": {"W": "D", "b": "bd"}}],
                    "output": {"kind": "values"},
                    "tensors": {%4$s}}
                    """
                            .formatted(inputs, hidden, outputs, tensors, LSTM_ACTIVATIONS));
        }

        private void tensor(String name, int... shape) {
            float[] values = floats(random, (int) Tensor.count(shape), 0.7f);
            weights.put(name, values);
            StringJoiner data = new StringJoiner(", ", "[", "]");
            for (float value : values) {
                data.add(Float.toString(value));
            }
            tensors.add(
                    "\"%s\": {\"dtype\": \"float32\", \"shape\": %s, \"data\": %s}"
                            .formatted(name, Tensor.show(shape), data));
        }
    }

    static float[] floats(Random random, int count, float scale) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian() * scale;
        }
        return values;
    }
}
