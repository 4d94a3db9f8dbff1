package rnnspec;

import java.nio.FloatBuffer;
import java.util.Collection;
import java.util.Map;

/** Judges the arguments of calls, in the order of SPEC [run-5]. */
final class Arguments {
    /** Java has no larger arrays. */
    private static final int LARGEST = Integer.MAX_VALUE - 8;

    private Arguments() {}

    // --- whole inputs ---

    /** Judges features and lengths; rows −1 allows any number. Gives T. */
    static int check(Plan plan, Tensor x, int rows, int[] lengths) {
        int size = plan.inputWidth();
        int[] shape = x.shape();
        boolean fits = !plan.readsTokens() && shape.length == 3 && shape[2] == size;
        if (!fits || shape[0] == 0 || rows >= 0 && shape[0] != rows) {
            throw Tensor.wrongShape("input", expected(plan, rows), Tensor.show(shape));
        }
        int steps = shape[1];
        checkLengths(lengths, shape[0], steps);
        for (int n = 0; n < shape[0]; n++) {
            int valid = lengths == null ? steps : lengths[n];
            int from = n * steps * size;
            Tensor.checkFinite("input", x.raw(), from, from + valid * size);
        }
        return steps;
    }

    /** Judges ids and lengths; rows −1 allows any number. Gives T. */
    static int check(Plan plan, int[][] ids, int rows, int[] lengths) {
        int steps = ids.length == 0 ? 0 : ids[0].length;
        boolean fits = plan.readsTokens() && ids.length > 0 && (rows < 0 || ids.length == rows);
        String got = "ids " + Tensor.show(ids.length, steps);
        for (int[] row : ids) {
            if (row.length != steps) {
                fits = false;
                got = "rows of %d and of %d ids".formatted(steps, row.length);
            }
        }
        if (!fits) {
            throw Tensor.wrongShape("input", expected(plan, rows), got);
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

    /** The shape of an input, for people. */
    private static String expected(Plan plan, int rows) {
        String n = rows < 0 ? "N" : Integer.toString(rows);
        return plan.readsTokens()
                ? "ids [%s, T]".formatted(n)
                : "[%s, T, %d]".formatted(n, plan.inputWidth());
    }

    private static void checkLengths(int[] lengths, int rows, int steps) {
        if (lengths == null) {
            return;
        }
        if (lengths.length != rows) {
            throw Tensor.wrongShape("lengths", Tensor.show(rows), Tensor.show(lengths.length));
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

    /** Judges whether the net can run step by step [run-7]. */
    static void checkForward(Plan plan) {
        Model.Layer layer = plan.backward();
        if (layer != null) {
            throw RnnspecException.in(
                    Codes.RUN_DIRECTION,
                    "plan",
                    "got",
                    layer.backward(),
                    "name",
                    Issue.quote(layer.name()));
        }
    }

    /** The layers of these names as indexes [run-8]. */
    static int[] find(Plan plan, Collection<String> names) {
        return names.stream()
                .mapToInt(
                        name -> {
                            int index = plan.find(name);
                            if (index < 0) {
                                throw RnnspecException.in(
                                        Codes.RUN_OPTION,
                                        "probe",
                                        "name",
                                        "probe",
                                        "expected",
                                        "names of layers",
                                        "got",
                                        Issue.quote(name));
                            }
                            return index;
                        })
                .toArray();
    }

    // --- flat arguments ---

    /** Judges the number of elements of one time step of features. */
    static void checkFeatures(Plan plan, String name, int got, int rows) {
        if (plan.readsTokens()) {
            throw Tensor.wrongShape(name, "ids " + Tensor.show(rows), got + " numbers");
        }
        checkStep(name, got, rows, plan.inputWidth());
    }

    /** Judges the number of elements of one time step of ids. */
    static void checkTokens(Plan plan, String name, int got, int rows) {
        if (!plan.readsTokens()) {
            String expected = "features " + Tensor.show(rows, plan.inputWidth());
            throw Tensor.wrongShape(name, expected, "ids " + Tensor.show(got));
        }
        checkStep(name, got, rows, 1);
    }

    /** Judges the number of elements of one time step; allocates nothing if it is right. */
    static void checkStep(String name, int got, int rows, int width) {
        if (got != (long) rows * width) {
            checkCount(name, got, width == 1 ? new int[] {rows} : new int[] {rows, width});
        }
    }

    /** The T of so many features. */
    static int steps(Plan plan, String name, int got, int rows) {
        long step = (long) rows * plan.inputWidth();
        if (plan.readsTokens() || got % step != 0) {
            throw Tensor.wrongShape(name, expected(plan, rows), got + " numbers");
        }
        return (int) (got / step);
    }

    static void checkCount(String name, int got, int... shape) {
        long expected = Tensor.count(shape);
        if (got != expected) {
            throw Tensor.wrongShape(
                    name, Tensor.show(shape) + ", " + expected + " elements", Tensor.show(got));
        }
    }

    /** Judges a buffer that is to be written. */
    static void checkWritable(String name, FloatBuffer got) {
        if (got.isReadOnly()) {
            throw new IllegalArgumentException(
                    name + ": expected a buffer to write to, got one that is read-only");
        }
    }

    /** The size of an array to be, if Java can have it. */
    static int product(int... shape) {
        long count = Tensor.count(shape);
        if (count > LARGEST) {
            throw Tensor.wrongShape(
                    "input", "an output of at most " + LARGEST + " elements", Tensor.show(shape));
        }
        return (int) count;
    }

    // --- state ---

    static void checkState(Plan plan, State state, int rows) {
        int recurrent = 0;
        for (int i = 0; i < plan.units(); i++) {
            Model.Layer layer = plan.unit(i).layer();
            if (!layer.type().isRecurrent()) {
                continue;
            }
            recurrent++;
            Map<String, Tensor> arrays = state.layers().get(layer.name());
            Map<String, Integer> expected = layer.stateArrays();
            if (arrays == null || arrays.size() != expected.size()) {
                String got = arrays == null ? "nothing" : arrays.keySet().toString();
                throw wrongState(layer, String.join(", ", expected.keySet()), got);
            }
            expected.forEach(
                    (name, width) -> {
                        Tensor array = arrays.get(name);
                        if (array == null || !array.hasShape(rows, width)) {
                            String shape = name + " " + Tensor.show(rows, width);
                            throw wrongState(
                                    layer,
                                    shape,
                                    array == null ? "nothing" : Tensor.show(array.dimensions()));
                        }
                    });
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
        for (Map<String, Tensor> arrays : state.layers().values()) {
            arrays.values().forEach(array -> array.checkFinite("state"));
        }
    }

    private static RnnspecException wrongState(Model.Layer layer, String arrays, String got) {
        return RnnspecException.in(
                Codes.RUN_STATE,
                "state",
                "expected",
                "%s of %s".formatted(arrays, Issue.quote(layer.name())),
                "got",
                Issue.escape(got));
    }
}
