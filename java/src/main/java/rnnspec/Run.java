package rnnspec;

import java.util.Map;
import rnnspec.cells.Chain;

/** Runs a net over whole sequences, from a state to a state (SPEC section 14). */
public final class Run {
    /**
     * What a run gives.
     *
     * @param output [N, T, width]
     * @param state after the last valid step of each row
     */
    public record Result(Tensor output, State state) {}

    private Run() {}

    /**
     * Runs a net that reads features over all steps, from the initial state.
     *
     * @param plan the net
     * @param input [N, T, size]
     * @return output and state
     * @throws RnnspecException RUN_SHAPE, RUN_NONFINITE_INPUT or RUN_NONFINITE
     */
    public static Result run(Plan plan, Tensor input) {
        return run(plan, input, null, null);
    }

    /**
     * Runs a net that reads token ids over all steps, from the initial state.
     *
     * @param plan the net
     * @param ids [N][T]
     * @return output and state
     * @throws RnnspecException RUN_SHAPE, RUN_TOKEN or RUN_NONFINITE
     */
    public static Result run(Plan plan, int[][] ids) {
        return run(plan, ids, null, null);
    }

    /**
     * Runs a net that reads features.
     *
     * @param plan the net
     * @param input [N, T, size]
     * @param lengths valid steps of each row, or null for all
     * @param state from before, or null for the initial state
     * @return output, +0 at and past a row's length, and state
     * @throws RnnspecException RUN_SHAPE, RUN_LENGTH, RUN_NONFINITE_INPUT, RUN_STATE or
     *     RUN_NONFINITE
     */
    public static Result run(Plan plan, Tensor input, int[] lengths, State state) {
        int steps = checkInput(plan, input, -1, lengths);
        return run(plan, input.raw(), null, input.dimensions().get(0), steps, lengths, state);
    }

    /**
     * Runs a net that reads token ids.
     *
     * @param plan the net
     * @param ids [N][T]
     * @param lengths valid steps of each row, or null for all
     * @param state from before, or null for the initial state
     * @return output, +0 at and past a row's length, and state
     * @throws RnnspecException RUN_SHAPE, RUN_LENGTH, RUN_TOKEN, RUN_STATE, RUN_NONFINITE_INPUT or
     *     RUN_NONFINITE
     */
    public static Result run(Plan plan, int[][] ids, int[] lengths, State state) {
        int steps = checkInput(plan, ids, -1, lengths);
        return run(plan, null, ids, ids.length, steps, lengths, state);
    }

    private static Result run(
            Plan plan, float[] x, int[][] ids, int rows, int steps, int[] lengths, State state) {
        if (state != null) {
            checkState(plan, state, rows);
        }
        product(rows, steps, plan.outputWidth());
        Session session = new Session(plan, rows);
        if (state != null) {
            session.restore(state);
        }
        return new Result(session.run(x, ids, steps, lengths), session.state());
    }

    // --- layers without a state ---

    /** One time step of a dense layer (SPEC section 13.4). */
    static void dense(Plan.Unit unit, float[] x, int id, float[] y) {
        Chain.start(y, unit.bias());
        if (unit.readsOneHot()) {
            Chain.add(y, 1, unit.rows()[id]);
        } else {
            Chain.add(y, x, unit.rows());
        }
        for (int j = 0; j < y.length; j++) {
            y[j] = Tensor.tiny(y[j]);
        }
    }

    /** One time step of softmax or log_softmax (SPEC sections 13.5, 13.6). */
    static void normalise(Plan.Unit unit, float[] x, float[] y) {
        if (unit.layer().function().equals("softmax")) {
            Activation.softmax(x, y);
        } else {
            Activation.logSoftmax(x, y);
        }
    }

    // --- arguments, in the order of [run-5] ---

    /** Judges features and lengths; rows −1 allows any number. Gives T. */
    static int checkInput(Plan plan, Tensor x, int rows, int[] lengths) {
        int size = plan.inputWidth();
        int[] shape = x.shape();
        boolean fits = !plan.readsTokens() && shape.length == 3 && shape[2] == size;
        if (!fits || shape[0] == 0 || rows >= 0 && shape[0] != rows) {
            String expected = plan.readsTokens() ? "token ids [N, T]" : "[N, T, " + size + "]";
            throw wrongShape("input", expected, Tensor.show(shape));
        }
        int steps = shape[1];
        checkLengths(lengths, shape[0], steps);
        for (int n = 0; n < shape[0]; n++) {
            int valid = lengths == null ? steps : lengths[n];
            int from = n * steps * size;
            checkFinite("input", x.raw(), from, from + valid * size);
        }
        return steps;
    }

    /** Judges ids and lengths; rows −1 allows any number. Gives T. */
    static int checkInput(Plan plan, int[][] ids, int rows, int[] lengths) {
        int steps = ids.length == 0 ? 0 : ids[0].length;
        boolean fits = plan.readsTokens() && ids.length > 0 && (rows < 0 || ids.length == rows);
        for (int[] row : ids) {
            fits &= row.length == steps;
        }
        if (!fits) {
            String expected =
                    plan.readsTokens() ? "[N, T]" : "features [N, T, " + plan.inputWidth() + "]";
            throw wrongShape("input", expected, ids.length + " rows of ids");
        }
        checkLengths(lengths, ids.length, steps);
        for (int n = 0; n < ids.length; n++) {
            int valid = lengths == null ? steps : lengths[n];
            for (int t = 0; t < valid; t++) {
                checkToken(plan, ids[n][t]);
            }
        }
        return steps;
    }

    private static void checkLengths(int[] lengths, int rows, int steps) {
        if (lengths == null) {
            return;
        }
        if (lengths.length != rows) {
            throw wrongShape("lengths", "[" + rows + "]", Tensor.show(lengths.length));
        }
        for (int length : lengths) {
            if (length < 0 || length > steps) {
                throw RnnspecException.in(
                        Codes.RUN_LENGTH,
                        "lengths",
                        "got",
                        Integer.toString(length),
                        "expected",
                        Integer.toString(steps));
            }
        }
    }

    static void checkToken(Plan plan, int id) {
        if (id < 0 || id >= plan.inputWidth()) {
            throw RnnspecException.in(
                    Codes.RUN_TOKEN,
                    "input",
                    "got",
                    Integer.toString(id),
                    "expected",
                    Integer.toString(plan.inputWidth() - 1));
        }
    }

    static void checkFinite(String name, float[] values, int from, int to) {
        int bad = Tensor.firstNonfinite(values, from, to);
        if (bad >= 0) {
            throw RnnspecException.in(
                    Codes.RUN_NONFINITE_INPUT,
                    name,
                    "name",
                    name,
                    "got",
                    Float.toString(values[bad]));
        }
    }

    /** Judges the length of a flat argument; −1 is never right: the net reads the other kind. */
    static void checkLength(String name, int got, int expected) {
        if (got != expected) {
            throw wrongShape(
                    name,
                    expected < 0 ? "the other kind of input" : expected + " elements",
                    got + " elements");
        }
    }

    static void checkState(Plan plan, State state, int rows) {
        int recurrent = 0;
        for (int i = 0; i < plan.units(); i++) {
            Model.Layer layer = plan.unit(i).layer();
            if (layer.type().stateArrays().isEmpty()) {
                continue;
            }
            recurrent++;
            Map<String, Tensor> arrays = state.layers().get(layer.name());
            if (arrays == null || arrays.size() != layer.type().stateArrays().size()) {
                throw wrongState(layer, rows, arrays == null ? "nothing" : arrays.keySet() + "");
            }
            for (String name : layer.type().stateArrays()) {
                Tensor array = arrays.get(name);
                if (array == null || !array.hasShape(rows, layer.size())) {
                    throw wrongState(layer, rows, name + ": " + array);
                }
            }
        }
        if (state.layers().size() != recurrent) {
            throw RnnspecException.in(
                    Codes.RUN_STATE,
                    "state",
                    "expected",
                    recurrent + " layers",
                    "got",
                    Integer.toString(state.layers().size()));
        }
        state.layers()
                .values()
                .forEach(
                        arrays ->
                                arrays.values()
                                        .forEach(
                                                array ->
                                                        checkFinite(
                                                                "state",
                                                                array.raw(),
                                                                0,
                                                                array.size())));
    }

    private static RnnspecException wrongState(Model.Layer layer, int rows, String got) {
        return RnnspecException.in(
                Codes.RUN_STATE,
                "state",
                "expected",
                "%s of layer %s, each %s"
                        .formatted(
                                layer.type().stateArrays(),
                                layer.name(),
                                Tensor.show(rows, layer.size())),
                "got",
                Issue.escape(got));
    }

    private static RnnspecException wrongShape(String name, String expected, String got) {
        return RnnspecException.in(
                Codes.RUN_SHAPE, name, "name", name, "expected", expected, "got", got);
    }

    /** The size of an array to be, if Java can have it. */
    static int product(int... shape) {
        long count = Tensor.count(shape);
        if (count > Integer.MAX_VALUE - 8) {
            throw wrongShape("input", "an output of fewer elements", Tensor.show(shape));
        }
        return (int) count;
    }
}
