package rnnspec;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The command {@code run} of the protocol, and its arrays (SPEC [protocol-3]). */
final class AdapterRun {
    private static final char[] DIGITS = "0123456789abcdef".toCharArray();

    private final Plan plan;
    private final boolean isStep;

    /** What the next chunk goes on from; null for the initial state. */
    private State state;

    /** For interface step, once a step could be made. */
    private Session session;

    AdapterRun(Plan plan, boolean isStep, State state) {
        this.plan = plan;
        this.isStep = isStep;
        this.state = state;
    }

    /** Runs one chunk: its output and the state after it, or a code and the state. */
    Map<String, Object> chunk(Map<?, ?> chunk) {
        Map<String, Object> result = new LinkedHashMap<>();
        Object input = chunk.get("input");
        int rows;
        if (input instanceof Map) {
            Tensor x = array(input);
            rows = x.dimensions().isEmpty() ? 0 : x.dimensions().get(0);
        } else {
            rows = ((List<?>) input).size();
        }
        int[] lengths =
                chunk.get("lengths") == null ? null : Adapter.integers(chunk.get("lengths"));
        try {
            Tensor output;
            if (input instanceof Map) {
                Tensor x = array(input);
                output = isStep ? steps(x) : whole(Run.run(plan, x, lengths, state));
            } else {
                int[][] ids = ids((List<?>) input);
                output = isStep ? steps(ids) : whole(Run.run(plan, ids, lengths, state));
            }
            result.put("output", array(output));
        } catch (RnnspecException fault) {
            result.put("code", fault.code());
        }
        if (isStep && session != null) {
            // What a session was given went through T.
            result.put("state", state(session.state()));
        } else if (state == null) {
            // No call has succeeded: the initial state, for as many rows as there seem to be.
            result.put("state", state(new Session(plan, Math.max(1, rows)).state()));
        } else {
            result.put("state", state(state));
        }
        return result;
    }

    private Tensor whole(Run.Result result) {
        state = result.state();
        return result.output();
    }

    /** One call for each time step; an argument is judged as in {@link Run}, the state last. */
    private Tensor steps(Tensor x) {
        List<Integer> shape = x.dimensions();
        int size = plan.inputWidth();
        if (shape.size() != 3 || shape.get(2) != size) {
            Run.checkInput(plan, x, -1, null);
        }
        int rows = shape.get(0);
        int steps = shape.get(1);
        float[] step = new float[rows * size];
        Output output = new Output(rows, steps);
        for (int t = 0; t < steps; t++) {
            for (int n = 0; n < rows; n++) {
                System.arraycopy(x.raw(), (n * steps + t) * size, step, n * size, size);
            }
            Run.checkInput(plan, Tensor.of(step, rows, 1, size), -1, null);
            session(rows).step(step, output.step);
            output.take(t);
            state = session.state();
        }
        return output.tensor();
    }

    private Tensor steps(int[][] ids) {
        int steps = ids.length == 0 ? 0 : ids[0].length;
        Output output = new Output(ids.length, steps);
        for (int t = 0; t < steps; t++) {
            int[][] step = new int[ids.length][1];
            int[] flat = new int[ids.length];
            for (int n = 0; n < ids.length; n++) {
                flat[n] = ids[n][t];
                step[n][0] = ids[n][t];
            }
            Run.checkInput(plan, step, -1, null);
            session(ids.length).step(flat, output.step);
            output.take(t);
            state = session.state();
        }
        return output.tensor();
    }

    /** The session, in the state to go on from. */
    private Session session(int rows) {
        if (session == null) {
            Session made = new Session(plan, rows);
            if (state != null) {
                made.restore(state);
            }
            session = made;
        }
        return session;
    }

    /** The output of a chunk, put together from its steps. */
    private final class Output {
        final float[] step;
        private final float[] all;
        private final int rows;
        private final int steps;
        private final int width = plan.outputWidth();

        Output(int rows, int steps) {
            this.rows = rows;
            this.steps = steps;
            step = new float[Run.product(rows, width)];
            all = new float[Run.product(rows, steps, width)];
        }

        void take(int t) {
            for (int n = 0; n < rows; n++) {
                System.arraycopy(step, n * width, all, (n * steps + t) * width, width);
            }
        }

        Tensor tensor() {
            return Tensor.wrap(all, rows, steps, width);
        }
    }

    // --- arrays and states as the protocol writes them ---

    static Tensor array(Object value) {
        Map<?, ?> array = (Map<?, ?>) value;
        String bits = (String) array.get("bits");
        float[] values = new float[bits.length() / 8];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(Integer.parseUnsignedInt(bits, 8 * i, 8 * i + 8, 16));
        }
        return Tensor.wrap(values, Adapter.integers(array.get("shape")));
    }

    static Map<String, Object> array(Tensor tensor) {
        char[] bits = new char[tensor.size() * 8];
        for (int i = 0; i < tensor.size(); i++) {
            int word = Float.floatToRawIntBits(tensor.get(i));
            for (int k = 7; k >= 0; k--) {
                bits[8 * i + k] = DIGITS[word & 15];
                word >>>= 4;
            }
        }
        return Document.members("shape", tensor.dimensions(), "bits", new String(bits));
    }

    static State state(Object value) {
        Map<String, Map<String, Tensor>> layers = new LinkedHashMap<>();
        ((Map<?, ?>) value)
                .forEach(
                        (layer, arrays) -> {
                            Map<String, Tensor> tensors = new LinkedHashMap<>();
                            ((Map<?, ?>) arrays)
                                    .forEach((name, any) -> tensors.put((String) name, array(any)));
                            layers.put((String) layer, tensors);
                        });
        return State.of(layers);
    }

    private static Map<String, Object> state(State state) {
        Map<String, Object> layers = new LinkedHashMap<>();
        state.layers()
                .forEach(
                        (layer, tensors) -> {
                            Map<String, Object> arrays = new LinkedHashMap<>();
                            tensors.forEach((name, tensor) -> arrays.put(name, array(tensor)));
                            layers.put(layer, arrays);
                        });
        return layers;
    }

    /** Token ids; rows that are no lists have none, so that the shape is wrong. */
    private static int[][] ids(List<?> rows) {
        return rows.stream()
                .map(row -> row instanceof List ? Adapter.integers(row) : new int[0])
                .toArray(int[][]::new);
    }
}
