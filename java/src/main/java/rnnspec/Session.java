package rnnspec;

import java.nio.FloatBuffer;
import java.util.Arrays;

/**
 * A net with its state, for calls that go on where the last one ended (SPEC section 14).
 *
 * <p>A Session belongs to one thread at a time. A call that throws leaves the state as it was, and
 * what it would have written unwritten. Where the output has no time ({@link Plan#hasTime}), it is
 * [N, width] instead of [N, T, width].
 */
public final class Session {
    private final Plan plan;
    private final int batch; // N

    /** The output of each layer without a state for the row at hand. */
    private final float[][] outputs; // [layer][width]

    /** The state of the cells, and of each room for a step. */
    private final Memory memory;

    private final float[][][] scratch; // [layer]

    /** A buffer's content; the input of the row at hand after T; the outputs of a step. */
    private final float[] given; // [N · I]

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
        memory = new Memory(plan, batch);
        scratch = new float[units][][];
        for (int i = 0; i < units; i++) {
            Plan.Unit unit = plan.unit(i);
            if (unit.cell() == null) {
                outputs[i] = new float[unit.width()];
            } else {
                scratch[i] = unit.cell().scratch();
            }
        }
        input = new float[plan.readsTokens() ? 0 : plan.inputWidth()];
        given = new float[Arguments.product(batch, input.length)];
        produced = new float[Arguments.product(batch, plan.outputWidth())];
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
     * @param x [N, size], row-major
     * @param out [N, width], row-major; written
     * @throws RnnspecException RUN_SHAPE, RUN_NONFINITE_INPUT or RUN_NONFINITE
     */
    public void step(float[] x, float[] out) {
        Arguments.checkFeatures(plan, "x", x.length, batch);
        Arguments.checkCount("out", out.length, batch, plan.outputWidth());
        step(x);
        System.arraycopy(produced, 0, out, 0, produced.length);
    }

    /**
     * One time step of a net that reads features. Allocates nothing.
     *
     * @param x [N, size], row-major, from its position to its limit, which stay
     * @param out [N, width], row-major, from its position to its limit, which stay; written
     * @throws RnnspecException RUN_SHAPE, RUN_NONFINITE_INPUT or RUN_NONFINITE
     * @throws IllegalArgumentException if out is read-only
     */
    public void step(FloatBuffer x, FloatBuffer out) {
        Arguments.checkFeatures(plan, "x", x.remaining(), batch);
        Arguments.checkCount("out", out, batch, plan.outputWidth());
        x.get(x.position(), given);
        step(given);
        out.put(out.position(), produced);
    }

    private void step(float[] x) {
        Tensor.checkFinite("x", x, 0, x.length);
        memory.keep();
        for (int n = 0; n < batch; n++) {
            take(x, n * input.length);
            produce(n, -1);
        }
    }

    /**
     * One time step of a net that reads token ids. Allocates nothing.
     *
     * @param ids [N]
     * @param out [N, width], row-major; written
     * @throws RnnspecException RUN_SHAPE, RUN_TOKEN or RUN_NONFINITE
     */
    public void step(int[] ids, float[] out) {
        Arguments.checkTokens(plan, "ids", ids.length, batch);
        Arguments.checkCount("out", out.length, batch, plan.outputWidth());
        step(ids);
        System.arraycopy(produced, 0, out, 0, produced.length);
    }

    /**
     * One time step of a net that reads token ids. Allocates nothing.
     *
     * @param ids [N]
     * @param out [N, width], row-major, from its position to its limit, which stay; written
     * @throws RnnspecException RUN_SHAPE, RUN_TOKEN or RUN_NONFINITE
     * @throws IllegalArgumentException if out is read-only
     */
    public void step(int[] ids, FloatBuffer out) {
        Arguments.checkTokens(plan, "ids", ids.length, batch);
        Arguments.checkCount("out", out, batch, plan.outputWidth());
        step(ids);
        out.put(out.position(), produced);
    }

    private void step(int[] ids) {
        for (int id : ids) {
            Arguments.checkToken(plan, id);
        }
        memory.keep();
        for (int n = 0; n < batch; n++) {
            produce(n, ids[n]);
        }
    }

    /** One time step of one row, through all layers. */
    private void produce(int n, int id) {
        float[] y = forward(0, plan.timed(), n, id, input);
        y = forward(plan.timed(), plan.units(), n, -1, y);
        System.arraycopy(y, 0, produced, n * y.length, y.length);
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
        int steps = Arguments.check(plan, x, batch, lengths);
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
        int steps = Arguments.check(plan, ids, batch, lengths);
        return run(null, ids, steps, lengths);
    }

    /**
     * Runs over a sequence of features; T follows from their number.
     *
     * @param x [N, T, size], row-major
     * @param out [N, T, width], row-major; written
     * @throws RnnspecException RUN_SHAPE, RUN_NONFINITE_INPUT or RUN_NONFINITE
     */
    public void run(float[] x, float[] out) {
        int steps = Arguments.steps(plan, "x", x.length, batch);
        Arguments.checkCount("out", out.length, plan.outputShape(batch, steps));
        Tensor.checkFinite("x", x, 0, x.length);
        run(x, null, steps, null).copyTo(out);
    }

    /**
     * Runs over a sequence of features; T follows from their number.
     *
     * @param x [N, T, size], row-major, from its position to its limit, which stay
     * @param out [N, T, width], row-major, from its position to its limit, which stay; written
     * @throws RnnspecException RUN_SHAPE, RUN_NONFINITE_INPUT or RUN_NONFINITE
     * @throws IllegalArgumentException if out is read-only
     */
    public void run(FloatBuffer x, FloatBuffer out) {
        int steps = Arguments.steps(plan, "x", x.remaining(), batch);
        Arguments.checkCount("out", out, plan.outputShape(batch, steps));
        Tensor copy = Tensor.of(x, x.remaining());
        copy.checkFinite("x");
        run(copy.raw(), null, steps, null).copyTo(out);
    }

    /** Runs over arguments that have been checked. */
    Tensor run(float[] x, int[][] ids, int steps, int[] lengths) {
        int[] shape = plan.outputShape(batch, steps);
        float[] out = new float[Arguments.product(shape)];
        int width = plan.outputWidth();
        memory.keep();
        for (int n = 0; n < batch; n++) {
            int valid = lengths == null ? steps : lengths[n];
            for (int t = 0; t < valid; t++) {
                int at = n * steps + t;
                if (ids == null) {
                    take(x, at * input.length);
                }
                float[] y = forward(0, plan.timed(), n, ids == null ? -1 : ids[n][t], input);
                if (plan.hasTime()) {
                    System.arraycopy(y, 0, out, at * width, width);
                }
            }
            if (!plan.hasTime()) {
                float[] y = forward(plan.timed(), plan.units(), n, -1, last(n, valid));
                System.arraycopy(y, 0, out, n * width, width);
            }
        }
        return Tensor.wrap(out, shape);
    }

    /** What the layer that ends time gives after so many valid steps [final-1], [last-step-1]. */
    private float[] last(int n, int valid) {
        int i = plan.timed() - 1;
        if (plan.unit(i).cell() != null) {
            return memory.of(i, n)[0];
        }
        if (valid == 0) {
            Arrays.fill(outputs[i], 0);
        }
        return outputs[i];
    }

    private void take(float[] x, int from) {
        for (int k = 0; k < input.length; k++) {
            input[k] = Tensor.tiny(x[from + k]);
        }
    }

    /**
     * Some layers at one time step of one row, over the output of the one before them; if a value
     * overflows, the state of all rows goes back [finite-1].
     */
    private float[] forward(int from, int to, int n, int id, float[] before) {
        float[] x = before;
        for (int i = from; i < to; i++) {
            Plan.Unit unit = plan.unit(i);
            float[] y;
            boolean isFinite = true;
            if (unit.cell() == null) {
                y = outputs[i];
                unit.stateless().apply(x, id, y);
            } else {
                float[][] state = memory.of(i, n);
                isFinite =
                        unit.readsOneHot()
                                ? unit.cell().step(id, state, scratch[i])
                                : unit.cell().step(x, state, scratch[i]);
                for (int k = 1; k < state.length; k++) {
                    isFinite &= Tensor.firstNonfinite(state[k], 0, state[k].length) < 0;
                }
                y = state[0];
            }
            if (!isFinite || Tensor.firstNonfinite(y, 0, y.length) >= 0) {
                memory.bringBack();
                throw RnnspecException.in(Codes.RUN_NONFINITE, "input");
            }
            x = y;
        }
        return x;
    }

    /** The logits of the last step of row 0 (SPEC section 15). */
    float[] logits() {
        int last = plan.units() - 1;
        // What a softmax reads. Alone, it reads the input.
        int i = plan.unit(last).layer().isNormalising() ? last - 1 : last;
        return i < 0 ? input : outputs[i] == null ? memory.of(i, 0)[0] : outputs[i];
    }

    // --- state ---

    /**
     * The state.
     *
     * @return a copy
     */
    public State state() {
        return memory.state();
    }

    /**
     * Sets the state.
     *
     * @param state of any net whose recurrent layers have the same names, arrays and sizes
     * @throws RnnspecException RUN_STATE if it does not fit, RUN_NONFINITE_INPUT if it isn't finite
     */
    public void restore(State state) {
        Arguments.checkState(plan, state, batch);
        memory.restore(state);
    }

    /** Goes back to the initial state: h0 and c0 where the net has them, else +0. */
    public void reset() {
        memory.reset();
    }

    /**
     * A second session with a copy of the state.
     *
     * @return a session that goes its own way from here on
     */
    public Session fork() {
        Session fork = new Session(plan, batch);
        fork.memory.takeFrom(memory);
        return fork;
    }
}
