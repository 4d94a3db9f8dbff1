package rnnspec;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A net with its state, for calls that go on where the last one ended (SPEC section 14).
 *
 * <p>A session belongs to one thread at a time. A call that throws leaves the state as it was.
 */
public final class Session {
    private final Plan plan;
    private final int batch; // N

    /** The output of each layer for the row at hand; of an lstm, this is its h. */
    private final float[][] outputs; // [layer][width]

    /** Of each lstm the state, what it was before the call, and room for the gates. */
    private final float[][][] h; // [layer][N][H]

    private final float[][][] c; // [layer][N][H]
    private final float[][][] oldH; // [layer][N][H]
    private final float[][][] oldC; // [layer][N][H]
    private final float[][] gates; // [layer][4H]

    /** The input of the row at hand after T, and the outputs of a step until all rows are done. */
    private final float[] input; // [I]

    private final float[] produced; // [N · width]

    /**
     * A session in the initial state.
     *
     * @param plan what to run
     * @param batch the number of rows N, at least 1
     * @throws RnnspecException RUN_OPTION if the number of rows is below 1
     */
    public Session(Plan plan, int batch) {
        if (batch < 1) {
            throw RnnspecException.in(
                    Codes.RUN_OPTION,
                    "batch",
                    "name",
                    "batch",
                    "expected",
                    "1 or more",
                    "got",
                    Integer.toString(batch));
        }
        this.plan = plan;
        this.batch = batch;
        int units = plan.units();
        outputs = new float[units][];
        h = new float[units][][];
        c = new float[units][][];
        oldH = new float[units][][];
        oldC = new float[units][][];
        gates = new float[units][];
        for (int i = 0; i < units; i++) {
            int width = plan.unit(i).width();
            if (plan.unit(i).cell() == null) {
                outputs[i] = new float[width];
            } else {
                h[i] = new float[batch][width];
                c[i] = new float[batch][width];
                oldH[i] = new float[batch][width];
                oldC[i] = new float[batch][width];
                gates[i] = new float[Layout.BLOCKS.size() * width];
            }
        }
        input = new float[plan.readsTokens() ? 0 : plan.inputWidth()];
        produced = new float[Run.product(batch, plan.outputWidth())];
    }

    /**
     * A session of one row in the initial state.
     *
     * @param plan what to run
     */
    public Session(Plan plan) {
        this(plan, 1);
    }

    // --- one time step ---

    /**
     * One time step of a net that reads features. Allocates nothing.
     *
     * @param x [N · size], row-major
     * @param out [N · width], written
     * @throws RnnspecException RUN_SHAPE, RUN_NONFINITE_INPUT or RUN_NONFINITE
     */
    public void step(float[] x, float[] out) {
        Run.checkLength("x", x.length, plan.readsTokens() ? -1 : batch * input.length);
        Run.checkLength("out", out.length, produced.length);
        Run.checkFinite("x", x, 0, x.length);
        keep();
        for (int n = 0; n < batch; n++) {
            take(x, n * input.length);
            forward(n, -1, produced, n * plan.outputWidth());
        }
        System.arraycopy(produced, 0, out, 0, produced.length);
    }

    /**
     * One time step of a net that reads token ids. Allocates nothing.
     *
     * @param ids [N]
     * @param out [N · width], written
     * @throws RnnspecException RUN_SHAPE, RUN_TOKEN or RUN_NONFINITE
     */
    public void step(int[] ids, float[] out) {
        Run.checkLength("ids", ids.length, plan.readsTokens() ? batch : -1);
        Run.checkLength("out", out.length, produced.length);
        for (int id : ids) {
            Run.checkToken(plan, id);
        }
        keep();
        for (int n = 0; n < batch; n++) {
            forward(n, ids[n], produced, n * plan.outputWidth());
        }
        System.arraycopy(produced, 0, out, 0, produced.length);
    }

    // --- whole sequences ---

    /**
     * Runs over a sequence of features.
     *
     * @param x [N, T, size]
     * @param lengths valid steps of each row, or null for all
     * @return [N, T, width]; +0 at and past a row's length
     * @throws RnnspecException RUN_SHAPE, RUN_LENGTH, RUN_NONFINITE_INPUT or RUN_NONFINITE
     */
    public Tensor run(Tensor x, int[] lengths) {
        int steps = Run.checkInput(plan, x, batch, lengths);
        return run(x.raw(), null, steps, lengths);
    }

    /**
     * Runs over a sequence of token ids.
     *
     * @param ids [N][T]
     * @param lengths valid steps of each row, or null for all
     * @return [N, T, width]; +0 at and past a row's length
     * @throws RnnspecException RUN_SHAPE, RUN_LENGTH, RUN_TOKEN or RUN_NONFINITE
     */
    public Tensor run(int[][] ids, int[] lengths) {
        int steps = Run.checkInput(plan, ids, batch, lengths);
        return run(null, ids, steps, lengths);
    }

    /** Runs over arguments that have been checked. */
    Tensor run(float[] x, int[][] ids, int steps, int[] lengths) {
        int width = plan.outputWidth();
        float[] out = new float[Run.product(batch, steps, width)];
        keep();
        for (int n = 0; n < batch; n++) {
            int valid = lengths == null ? steps : lengths[n];
            for (int t = 0; t < valid; t++) {
                int at = n * steps + t;
                if (ids == null) {
                    take(x, at * input.length);
                }
                forward(n, ids == null ? -1 : ids[n][t], out, at * width);
            }
        }
        return Tensor.wrap(out, batch, steps, width);
    }

    private void take(float[] x, int from) {
        for (int k = 0; k < input.length; k++) {
            input[k] = Tensor.tiny(x[from + k]);
        }
    }

    /** One time step of one row; if a value overflows, the state of all rows goes back. */
    private void forward(int n, int id, float[] out, int at) {
        float[] x = input;
        for (int i = 0; i < plan.units(); i++) {
            Plan.Unit unit = plan.unit(i);
            float[] y = unit.cell() == null ? outputs[i] : h[i][n];
            switch (unit.layer().type()) {
                case EMBEDDING -> System.arraycopy(unit.table(), id * y.length, y, 0, y.length);
                case ONE_HOT -> {
                    Arrays.fill(y, 0);
                    y[id] = 1;
                }
                case LSTM -> {
                    if (unit.readsOneHot()) {
                        unit.cell().step(id, y, c[i][n], gates[i]);
                    } else {
                        unit.cell().step(x, y, c[i][n], gates[i]);
                    }
                }
                case DENSE -> Run.dense(unit, x, id, y);
                case ACTIVATION -> Run.normalise(unit, x, y);
            }
            // No need to look at c: it can't overflow, as no gate is above 1 and the largest float
            // plus 1 is the largest float; and where it is NaN, h is.
            if (Tensor.firstNonfinite(y, 0, y.length) >= 0) {
                bringBack();
                throw RnnspecException.in(Codes.RUN_NONFINITE, "input");
            }
            x = y;
        }
        System.arraycopy(x, 0, out, at, x.length);
    }

    /** The logits of the last step of row 0 (SPEC section 15). */
    float[] logits() {
        int last = plan.units() - 1;
        // What a softmax reads. Alone, it reads the input.
        int i = plan.unit(last).layer().isNormalising() ? last - 1 : last;
        return i < 0 ? input : h[i] == null ? outputs[i] : h[i][0];
    }

    // --- state ---

    private void keep() {
        copy(h, oldH);
        copy(c, oldC);
    }

    private void bringBack() {
        copy(oldH, h);
        copy(oldC, c);
    }

    private void copy(float[][][] from, float[][][] to) {
        for (int i = 0; i < from.length; i++) {
            for (int n = 0; from[i] != null && n < batch; n++) {
                System.arraycopy(from[i][n], 0, to[i][n], 0, from[i][n].length);
            }
        }
    }

    /**
     * The state.
     *
     * @return a copy
     */
    public State state() {
        Map<String, Map<String, Tensor>> layers = new LinkedHashMap<>();
        for (int i = 0; i < h.length; i++) {
            if (h[i] != null) {
                Map<String, Tensor> arrays = new LinkedHashMap<>();
                arrays.put("h", together(h[i]));
                arrays.put("c", together(c[i]));
                layers.put(plan.unit(i).layer().name(), arrays);
            }
        }
        return State.of(layers);
    }

    private Tensor together(float[][] rows) {
        int width = rows[0].length;
        float[] values = new float[batch * width];
        for (int n = 0; n < batch; n++) {
            System.arraycopy(rows[n], 0, values, n * width, width);
        }
        return Tensor.wrap(values, batch, width);
    }

    /**
     * Sets the state.
     *
     * @param state of any net whose recurrent layers have the same names and sizes
     * @throws RnnspecException RUN_STATE if it does not fit, RUN_NONFINITE_INPUT if it isn't finite
     */
    public void restore(State state) {
        Run.checkState(plan, state, batch);
        for (int i = 0; i < h.length; i++) {
            if (h[i] != null) {
                Map<String, Tensor> arrays = state.layers().get(plan.unit(i).layer().name());
                apart(arrays.get("h"), h[i]);
                apart(arrays.get("c"), c[i]);
            }
        }
    }

    private void apart(Tensor tensor, float[][] rows) {
        int width = rows[0].length;
        for (int n = 0; n < batch; n++) {
            for (int j = 0; j < width; j++) {
                rows[n][j] = Tensor.tiny(tensor.get(n * width + j));
            }
        }
    }

    /** Goes back to the initial state. */
    public void reset() {
        for (int i = 0; i < h.length; i++) {
            for (int n = 0; h[i] != null && n < batch; n++) {
                Arrays.fill(h[i][n], 0);
                Arrays.fill(c[i][n], 0);
            }
        }
    }

    /**
     * A second session with a copy of the state.
     *
     * @return a session that goes its own way from here on
     */
    public Session fork() {
        Session fork = new Session(plan, batch);
        fork.copy(h, fork.h);
        fork.copy(c, fork.c);
        return fork;
    }
}
