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
    /** How many rows and steps of a forward net go through a layer before the next one has them. */
    private static final int PART = 64;

    private final Plan plan;
    private final int batch; // N

    private final Memory memory;

    /** The way of one time step. */
    private final Pass step;

    /** That of whole sequences, once one has come. */
    private Pass whole;

    /** A buffer's content; the outputs of a step. */
    private final float[] given; // [N · I]

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
        memory = new Memory(plan, batch);
        step = new Pass(plan, memory, batch, 1, 1, true);
        step.begin(null, 1);
        given = new float[plan.readsTokens() ? 0 : Arguments.product(batch, plan.inputWidth())];
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
     * @throws RnnspecException RUN_SHAPE, RUN_NONFINITE_INPUT, RUN_NONFINITE, or RUN_DIRECTION
     *     where the net is not forward ({@link Plan#isForward})
     */
    public void step(float[] x, float[] out) {
        Arguments.checkForward(plan);
        Arguments.checkFeatures(plan, "x", x.length, batch);
        Arguments.checkStep("out", out.length, batch, plan.outputWidth());
        step(x);
        System.arraycopy(produced, 0, out, 0, produced.length);
    }

    /**
     * One time step of a net that reads features. Allocates nothing.
     *
     * @param x [N, size], row-major, from its position to its limit, which stay
     * @param out [N, width], row-major, from its position to its limit, which stay; written
     * @throws RnnspecException RUN_SHAPE, RUN_NONFINITE_INPUT, RUN_NONFINITE, or RUN_DIRECTION
     *     where the net is not forward ({@link Plan#isForward})
     * @throws IllegalArgumentException if out is read-only
     */
    public void step(FloatBuffer x, FloatBuffer out) {
        Arguments.checkForward(plan);
        Arguments.checkFeatures(plan, "x", x.remaining(), batch);
        Arguments.checkStep("out", out.remaining(), batch, plan.outputWidth());
        Arguments.checkWritable("out", out);
        x.get(x.position(), given);
        step(given);
        out.put(out.position(), produced);
    }

    private void step(float[] x) {
        Tensor.checkFinite("x", x, 0, x.length);
        step.take(x, 1, 0, 1);
        produce();
    }

    /**
     * One time step of a net that reads token ids. Allocates nothing.
     *
     * @param ids [N]
     * @param out [N, width], row-major; written
     * @throws RnnspecException RUN_SHAPE, RUN_TOKEN, RUN_NONFINITE, or RUN_DIRECTION where the net
     *     is not forward ({@link Plan#isForward})
     */
    public void step(int[] ids, float[] out) {
        Arguments.checkForward(plan);
        Arguments.checkTokens(plan, "ids", ids.length, batch);
        Arguments.checkStep("out", out.length, batch, plan.outputWidth());
        step(ids);
        System.arraycopy(produced, 0, out, 0, produced.length);
    }

    /**
     * One time step of a net that reads token ids. Allocates nothing.
     *
     * @param ids [N]
     * @param out [N, width], row-major, from its position to its limit, which stay; written
     * @throws RnnspecException RUN_SHAPE, RUN_TOKEN, RUN_NONFINITE, or RUN_DIRECTION where the net
     *     is not forward ({@link Plan#isForward})
     * @throws IllegalArgumentException if out is read-only
     */
    public void step(int[] ids, FloatBuffer out) {
        Arguments.checkForward(plan);
        Arguments.checkTokens(plan, "ids", ids.length, batch);
        Arguments.checkStep("out", out.remaining(), batch, plan.outputWidth());
        Arguments.checkWritable("out", out);
        step(ids);
        out.put(out.position(), produced);
    }

    private void step(int[] ids) {
        for (int id : ids) {
            Arguments.checkToken(plan, id);
        }
        step.take(ids);
        produce();
    }

    /** One time step through all layers. */
    private void produce() {
        memory.keep();
        for (int i = 0; i < plan.units(); i++) {
            if (!plan.unit(i).isOnce()) {
                check(step.timed(i, 1));
            }
            if (!plan.unit(i).hasTime()) {
                check(step.once(i));
            }
        }
        step.collect(plan.units() - 1, 1, 1, produced);
    }

    /** If a value overflows, the state of all rows goes back [finite-1]. */
    private void check(boolean isFinite) {
        if (!isFinite) {
            memory.bringBack();
            throw RnnspecException.in(Codes.RUN_NONFINITE, "input");
        }
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
        Arguments.checkCount("out", out.remaining(), plan.outputShape(batch, steps));
        Arguments.checkWritable("out", out);
        Tensor copy = Tensor.of(x, x.remaining());
        copy.checkFinite("x");
        run(copy.raw(), null, steps, null).copyTo(out);
    }

    private Tensor run(float[] x, int[][] ids, int steps, int[] lengths) {
        int last = plan.units() - 1;
        return run(x, ids, steps, lengths, new int[] {last})[0];
    }

    /**
     * Runs over arguments that have been checked.
     *
     * @param layers whose outputs to give, as indexes; {@link Graph#INPUT} is the input after T
     * @return for each of them [N, T, width] or [N, width]
     */
    Tensor[] run(float[] x, int[][] ids, int steps, int[] lengths, int[] layers) {
        float[][] out = new float[layers.length][];
        for (int k = 0; k < out.length; k++) {
            out[k] = new float[Arguments.product(plan.shape(layers[k], batch, steps))];
        }
        memory.keep();
        Pass pass = pass(steps);
        pass.begin(lengths, steps);
        int most = plan.isForward() ? PART / Math.min(batch, PART) : Math.max(1, steps);
        for (int t = 0; t < pass.longest(); t += most) {
            int count = Math.min(most, pass.longest() - t);
            if (ids == null) {
                pass.take(x, steps, t, count);
            } else {
                pass.take(ids, t, count);
            }
            collect(pass, Graph.INPUT, layers, out, steps, ids == null ? count : 0);
            for (int i = 0; i < plan.units(); i++) {
                if (!plan.unit(i).isOnce()) {
                    check(pass.timed(i, count));
                    if (plan.unit(i).hasTime()) {
                        collect(pass, i, layers, out, steps, count);
                    }
                }
            }
        }
        for (int i = 0; i < plan.units(); i++) {
            if (!plan.unit(i).hasTime()) {
                check(pass.once(i));
                collect(pass, i, layers, out, steps, 0);
            }
        }
        Tensor[] tensors = new Tensor[out.length];
        for (int k = 0; k < out.length; k++) {
            tensors[k] = Tensor.wrap(out[k], plan.shape(layers[k], batch, steps));
        }
        return tensors;
    }

    /** Room for a call of so many steps; a forward net has it made once. */
    private Pass pass(int steps) {
        int part = PART / Math.min(batch, PART);
        if (!plan.isForward()) {
            // What goes back in time needs all steps of a row at once.
            return new Pass(plan, memory, batch, Math.max(1, steps), part, false);
        }
        if (whole == null || part > whole.capacity() && steps > whole.capacity()) {
            whole = new Pass(plan, memory, batch, Math.min(part, Math.max(1, steps)), part, false);
        }
        return whole;
    }

    /** Copies what a layer gave, if it is asked for, before its room is used again. */
    private static void collect(
            Pass pass, int layer, int[] layers, float[][] out, int steps, int count) {
        for (int k = 0; k < layers.length; k++) {
            if (layers[k] == layer) {
                pass.collect(layer, steps, count, out[k]);
            }
        }
    }

    /** The logits of the last step of row 0 (SPEC section 15). */
    float[] logits() {
        return Arrays.copyOf(step.output(plan.logits())[0], plan.width(plan.logits()));
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
