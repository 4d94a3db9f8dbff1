package rnnspec.cells;

import java.util.Arrays;
import rnnspec.Elementwise;
import rnnspec.Tensor;

/**
 * One time step of a long short-term memory with its options (SPEC section 13.4). Its state is h,
 * of width P, and c, of width H.
 *
 * <p>Columns are blocks of H: input gate i, forget gate f, candidate g, output gate o. With a
 * coupled gate one of the first two is absent, and its values are put behind the others.
 */
public final class Lstm implements Cell {
    /**
     * How a cell departs from the plain one, parameters after T.
     *
     * @param coupled {@code input} or {@code forget}, the gate without a block, or null
     * @param clip of what the activations get, or +∞
     * @param cellClip of c, or +∞
     * @param isFull whether a gate with a peephole sees all of c, or but its own element
     * @param p the peepholes, [B−1][H], or [H][(B−1)H] if full; or null
     * @param q what makes h narrower, [H][P]; or null
     * @param qb its bias, [P], or null
     * @param projectionClip of h, or +∞
     */
    public record Options(
            Object coupled,
            float clip,
            float cellClip,
            boolean isFull,
            float[][] p,
            float[][] q,
            float[] qb,
            float projectionClip) {}

    private final int hidden; // H
    private final float[][] w; // [I][BH]
    private final float[][] r; // [P][BH]
    private final float[] b; // [BH] or null
    private final Elementwise gates;
    private final Elementwise candidate;
    private final Elementwise output;
    private final Options options;

    /** Where the blocks start in an array of 4H. */
    private final int i;

    private final int f;
    private final int g;
    private final int o;

    /** The peepholes of the gates before the candidate, and of the output gate. */
    private final float[][] inner; // [1 or 2][H], or [H][1 or 2 H] if full

    private final float[][] outer; // [1][H], or [H][H] if full

    /**
     * A cell with these parameters; the arrays are its own from now on.
     *
     * @param hidden H
     * @param w [I][BH]
     * @param r [P][BH]
     * @param b [BH], or null for no bias
     * @param gates activation of i, f and o
     * @param candidate activation of g
     * @param output activation of c for h
     * @param options how it departs from the plain cell
     */
    public Lstm(
            int hidden,
            float[][] w,
            float[][] r,
            float[] b,
            Elementwise gates,
            Elementwise candidate,
            Elementwise output,
            Options options) {
        this.hidden = hidden;
        this.w = w;
        this.r = r;
        this.b = b;
        this.gates = gates;
        this.candidate = candidate;
        this.output = output;
        this.options = options;
        g = options.coupled == null ? 2 * hidden : hidden;
        o = g + hidden;
        i = "input".equals(options.coupled) ? o + hidden : 0;
        f = options.coupled == null ? hidden : i == 0 ? o + hidden : 0;
        int edge = options.isFull ? g : g / hidden;
        inner = part(options, 0, edge);
        outer = part(options, edge, options.isFull ? o : edge + 1);
    }

    /** Some rows of diagonal peepholes, some columns of full ones; null where there are none. */
    private static float[][] part(Options options, int from, int to) {
        if (options.p == null) {
            return null;
        }
        return options.isFull
                ? Chain.columns(options.p, from, to)
                : Arrays.copyOfRange(options.p, from, to);
    }

    @Override
    public float[][] scratch() {
        int narrow = options.q == null ? 0 : r.length;
        return new float[][] {new float[4 * hidden], new float[hidden], new float[narrow]};
    }

    @Override
    public boolean step(float[] x, float[][] state, float[][] scratch) {
        Chain.start(scratch[0], b);
        Chain.add(scratch[0], x, w);
        return finish(state[0], state[1], scratch);
    }

    @Override
    public boolean step(int id, float[][] state, float[][] scratch) {
        Chain.start(scratch[0], b);
        Chain.add(scratch[0], 1, w[id]);
        return finish(state[0], state[1], scratch);
    }

    /** The recurrent part and the gates; all of them see the old h, and i and f the old c. */
    private boolean finish(float[] h, float[] c, float[][] scratch) {
        float[] a = scratch[0];
        float[] u = scratch[1];
        Chain.add(a, h, r);
        if (inner != null) {
            peep(a, c, inner);
        }
        Chain.clip(a, 0, o, options.clip);
        gates.apply(a, 0, g);
        candidate.apply(a, g, o);
        couple(a);
        for (int j = 0; j < hidden; j++) {
            c[j] = Tensor.tiny((a[f + j] * c[j]) + (a[i + j] * a[g + j]));
        }
        Chain.clip(c, 0, hidden, options.cellClip);
        if (outer != null) {
            System.arraycopy(a, o, u, 0, hidden);
            peep(u, c, outer);
            System.arraycopy(u, 0, a, o, hidden);
        }
        Chain.clip(a, o, o + hidden, options.clip);
        gates.apply(a, o, o + hidden);
        System.arraycopy(c, 0, u, 0, hidden);
        output.apply(u, 0, hidden);
        if (options.q != null) {
            return project(a, u, h, scratch[2]);
        }
        for (int j = 0; j < hidden; j++) {
            h[j] = Tensor.tiny(a[o + j] * u[j]);
        }
        return true;
    }

    /** Adds what gates see of the cell; a starts with their accumulators. */
    private void peep(float[] a, float[] c, float[][] p) {
        if (options.isFull) {
            Chain.add(a, c, p);
            return;
        }
        for (int gate = 0; gate < p.length; gate++) {
            for (int j = 0; j < hidden; j++) {
                a[gate * hidden + j] = a[gate * hidden + j] + (c[j] * p[gate][j]);
            }
        }
    }

    /** The gate that is computed from the other [coupled-1]; nothing where both have a block. */
    private void couple(float[] a) {
        int from = Math.min(i, f);
        int to = Math.max(i, f);
        for (int j = 0; j < hidden && to > o; j++) {
            a[to + j] = 1 - a[from + j];
        }
    }

    /** h from u; whether u is finite. */
    private boolean project(float[] a, float[] u, float[] h, float[] sum) {
        boolean isFinite = true;
        for (int j = 0; j < hidden; j++) {
            u[j] = Tensor.tiny(a[o + j] * u[j]);
            isFinite &= Math.abs(u[j]) <= Float.MAX_VALUE;
        }
        Chain.start(sum, options.qb);
        Chain.add(sum, u, options.q);
        for (int j = 0; j < h.length; j++) {
            h[j] = Tensor.tiny(sum[j]);
        }
        Chain.clip(h, 0, h.length, options.projectionClip);
        return isFinite;
    }
}
