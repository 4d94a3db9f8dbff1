package rnnspec;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The command {@code run} of the protocol (SPEC [protocol-3]). */
final class AdapterRun {
    private final Plan plan;
    private final boolean isStep;

    /** Layers whose outputs to answer, or null. */
    private final List<String> probe;

    /** What the next chunk goes on from; null for the initial state. */
    private State state;

    /** For interface step, once a step could be made. */
    private Session session;

    AdapterRun(Plan plan, boolean isStep, State state, List<String> probe) {
        this.plan = plan;
        this.isStep = isStep;
        this.state = state;
        this.probe = probe;
    }

    /** Runs one chunk: its output and the state after it, or a code and the state. */
    Map<String, Object> chunk(Map<?, ?> chunk) {
        Map<String, Object> result = new LinkedHashMap<>();
        Object input = chunk.get("input");
        int rows;
        if (input instanceof Map) {
            Tensor x = AdapterArrays.array(input);
            rows = x.dimensions().isEmpty() ? 0 : x.dimensions().get(0);
        } else {
            rows = ((List<?>) input).size();
        }
        int[] lengths =
                chunk.get("lengths") == null ? null : Adapter.integers(chunk.get("lengths"));
        List<String> names = probe == null ? List.of() : probe;
        try {
            if (input instanceof Map) {
                Tensor x = AdapterArrays.array(input);
                answer(result, isStep ? steps(x) : Run.run(plan, x, lengths, state, names));
            } else {
                int[][] ids = AdapterArrays.ids((List<?>) input);
                answer(result, isStep ? steps(ids) : Run.run(plan, ids, lengths, state, names));
            }
        } catch (RnnspecException fault) {
            result.put("code", fault.code());
        }
        if (isStep && session != null) {
            // What a session was given went through T.
            result.put("state", AdapterArrays.state(session.state()));
        } else if (state == null) {
            // No call has succeeded: the initial state, for as many rows as there seem to be.
            result.put("state", AdapterArrays.state(new Session(plan, Math.max(1, rows)).state()));
        } else {
            result.put("state", AdapterArrays.state(isStep ? restored() : state));
        }
        return result;
    }

    /** The given state as a session has it, after T; as it came, if it fits none. */
    private State restored() {
        int rows = 1;
        for (Map<String, Tensor> arrays : state.layers().values()) {
            for (Tensor array : arrays.values()) {
                rows = Math.max(1, array.rows());
            }
        }
        Session session = new Session(plan, rows);
        try {
            session.restore(state);
        } catch (RnnspecException misfit) {
            return state;
        }
        return session.state();
    }

    private void answer(Map<String, Object> answer, Run.Result result) {
        state = result.state();
        answer.put("output", AdapterArrays.array(result.output()));
        if (probe != null) {
            Map<String, Object> probed = new LinkedHashMap<>();
            result.probe().forEach((name, tensor) -> probed.put(name, AdapterArrays.array(tensor)));
            answer.put("probe", probed);
        }
    }

    /** One call for each time step; an argument is judged as in {@link Run}, the state last. */
    private Run.Result steps(Tensor x) {
        List<Integer> shape = x.dimensions();
        int size = plan.inputWidth();
        if (shape.size() != 3 || shape.get(2) != size) {
            Arguments.check(plan, x, -1, null);
        }
        int rows = shape.get(0);
        int steps = shape.get(1);
        float[] step = new float[rows * size];
        Output output = new Output(rows, steps);
        for (int t = 0; t < steps; t++) {
            for (int n = 0; n < rows; n++) {
                System.arraycopy(x.raw(), (n * steps + t) * size, step, n * size, size);
            }
            Arguments.check(plan, Tensor.of(step, rows, 1, size), -1, null);
            session(rows).step(step, output.step);
            output.take(t);
            state = session.state();
        }
        return output.result();
    }

    private Run.Result steps(int[][] ids) {
        int steps = ids.length == 0 ? 0 : ids[0].length;
        Output output = new Output(ids.length, steps);
        for (int t = 0; t < steps; t++) {
            int[][] step = new int[ids.length][1];
            int[] flat = new int[ids.length];
            for (int n = 0; n < ids.length; n++) {
                flat[n] = ids[n][t];
                step[n][0] = ids[n][t];
            }
            Arguments.check(plan, step, -1, null);
            session(ids.length).step(flat, output.step);
            output.take(t);
            state = session.state();
        }
        return output.result();
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

    /** The output of a chunk, put together from its steps; without time, that of the last one. */
    private final class Output {
        final float[] step;
        private final float[] all;
        private final int rows;
        private final int steps;
        private final int width = plan.outputWidth();

        Output(int rows, int steps) {
            this.rows = rows;
            this.steps = steps;
            step = new float[Arguments.product(rows, width)];
            all = new float[Arguments.product(plan.outputShape(rows, steps))];
        }

        void take(int t) {
            for (int n = 0; n < rows; n++) {
                int at = plan.hasTime() ? n * steps + t : n;
                System.arraycopy(step, n * width, all, at * width, width);
            }
        }

        Run.Result result() {
            Tensor output = Tensor.wrap(all, plan.outputShape(rows, steps));
            return new Run.Result(output, state, Map.of());
        }
    }
}
