package rnnspec.cells;

import rnnspec.Elementwise;

/** One time step of an Elman net (SPEC section 13.3). Its state is h. */
public final class Elman implements Cell {
    private final float[][] w; // [I][H]
    private final float[][] r; // [H][H]
    private final float[] b; // [H] or null
    private final Elementwise activation;
    private final float clip;

    /**
     * A cell with these parameters, after T; the arrays are its own from now on.
     *
     * @param w [I][H]
     * @param r [H][H]
     * @param b [H], or null for no bias
     * @param activation of the sum
     * @param clip of the sum before that, or +∞
     */
    public Elman(float[][] w, float[][] r, float[] b, Elementwise activation, float clip) {
        this.w = w;
        this.r = r;
        this.b = b;
        this.activation = activation;
        this.clip = clip;
    }

    @Override
    public float[][] scratch() {
        return new float[1][r.length];
    }

    @Override
    public boolean step(float[] x, float[][] state, float[][] scratch) {
        Chain.start(scratch[0], b);
        Chain.add(scratch[0], x, w);
        return finish(state[0], scratch[0]);
    }

    @Override
    public boolean step(int id, float[][] state, float[][] scratch) {
        Chain.start(scratch[0], b);
        Chain.add(scratch[0], 1, w[id]);
        return finish(state[0], scratch[0]);
    }

    private boolean finish(float[] h, float[] a) {
        Chain.add(a, h, r);
        Chain.clip(a, 0, a.length, clip);
        activation.apply(a, 0, a.length);
        System.arraycopy(a, 0, h, 0, h.length);
        return true;
    }
}
