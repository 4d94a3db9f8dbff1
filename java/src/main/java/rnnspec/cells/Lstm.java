package rnnspec.cells;

import rnnspec.Elementwise;
import rnnspec.Tensor;

/**
 * One time step of a long short-term memory (SPEC section 13.4). Its state is h and c.
 *
 * <p>Columns are four blocks of H: input gate i, forget gate f, candidate g, output gate o.
 */
public final class Lstm implements Cell {
    private final int hidden; // H
    private final float[][] w; // [I][4H]
    private final float[][] r; // [H][4H]
    private final float[] b; // [4H] or null
    private final Elementwise gates;
    private final Elementwise candidate;
    private final Elementwise output;

    /**
     * A cell with these parameters, after T; the arrays are its own from now on.
     *
     * @param w [I][4H]
     * @param r [H][4H]
     * @param b [4H], or null for no bias
     * @param gates activation of i, f and o
     * @param candidate activation of g
     * @param output activation of c for h
     */
    public Lstm(
            float[][] w,
            float[][] r,
            float[] b,
            Elementwise gates,
            Elementwise candidate,
            Elementwise output) {
        this.hidden = r.length;
        this.w = w;
        this.r = r;
        this.b = b;
        this.gates = gates;
        this.candidate = candidate;
        this.output = output;
    }

    @Override
    public float[][] scratch() {
        return new float[1][4 * hidden];
    }

    @Override
    public boolean step(float[] x, float[][] state, float[][] scratch) {
        Chain.start(scratch[0], b);
        Chain.add(scratch[0], x, w);
        return finish(state[0], state[1], scratch[0]);
    }

    @Override
    public boolean step(int id, float[][] state, float[][] scratch) {
        Chain.start(scratch[0], b);
        Chain.add(scratch[0], 1, w[id]);
        return finish(state[0], state[1], scratch[0]);
    }

    /** The recurrent part and the gates; all of them see the old h, and only c[j] the old c[j]. */
    private boolean finish(float[] h, float[] c, float[] a) {
        Chain.add(a, h, r);
        gates.apply(a, 0, 2 * hidden);
        candidate.apply(a, 2 * hidden, 3 * hidden);
        gates.apply(a, 3 * hidden, 4 * hidden);
        for (int j = 0; j < hidden; j++) {
            c[j] = Tensor.tiny((a[hidden + j] * c[j]) + (a[j] * a[2 * hidden + j]));
            // Nothing reads i[j] again: its place takes c'[j] to the output's activation.
            a[j] = c[j];
        }
        output.apply(a, 0, hidden);
        for (int j = 0; j < hidden; j++) {
            h[j] = Tensor.tiny(a[3 * hidden + j] * a[j]);
        }
        return true;
    }
}
