package rnnspec.cells;

import rnnspec.Activation;
import rnnspec.Tensor;

/**
 * One time step of a long short-term memory (SPEC section 13.3).
 *
 * <p>Columns are four blocks of H: input gate i, forget gate f, candidate g, output gate o.
 */
public final class Lstm {
    private final int hidden; // H
    private final float[][] w; // [I][4H]
    private final float[][] r; // [H][4H]
    private final float[] b; // [4H] or null

    /**
     * A cell with these parameters, after T; the arrays are its own from now on.
     *
     * @param w [I][4H]
     * @param r [H][4H]
     * @param b [4H], or null for no bias
     */
    public Lstm(float[][] w, float[][] r, float[] b) {
        this.hidden = r.length;
        this.w = w;
        this.r = r;
        this.b = b;
    }

    /**
     * One step over a vector.
     *
     * @param x [I], after T
     * @param h [H], updated; also the cell's output
     * @param c [H], updated
     * @param a [4H], scratch
     */
    public void step(float[] x, float[] h, float[] c, float[] a) {
        Chain.start(a, b);
        Chain.add(a, x, w);
        finish(h, c, a);
    }

    /**
     * One step over a one-hot vector.
     *
     * @param id which element is 1
     * @param h [H], updated; also the cell's output
     * @param c [H], updated
     * @param a [4H], scratch
     */
    public void step(int id, float[] h, float[] c, float[] a) {
        Chain.start(a, b);
        Chain.add(a, 1, w[id]);
        finish(h, c, a);
    }

    /** The recurrent part and the gates; all of them see the old h, and only c[j] the old c[j]. */
    private void finish(float[] h, float[] c, float[] a) {
        Chain.add(a, h, r);
        for (int j = 0; j < hidden; j++) {
            float i = Activation.sigmoid(a[j]);
            float f = Activation.sigmoid(a[hidden + j]);
            float g = Activation.tanh(a[2 * hidden + j]);
            float o = Activation.sigmoid(a[3 * hidden + j]);
            c[j] = Tensor.tiny((f * c[j]) + (i * g));
            h[j] = Tensor.tiny(o * Activation.tanh(c[j]));
        }
    }
}
