package rnnspec.cells;

import rnnspec.Elementwise;
import rnnspec.kernel.Loops;

/** One time step of an Elman net (SPEC section 13.3). Its state is h. */
public final class Elman implements Cell {
    private final Loops loops;
    private final int hidden; // H
    private final Chain chain; // [H]
    private final Loops.Matrix r; // [H, H]
    private final Elementwise activation;
    private final float clip;

    /**
     * A cell with these parameters.
     *
     * @param loops what to work with
     * @param hidden H
     * @param chain with one block of columns
     * @param r [H, H], row-major
     * @param activation of the sum
     * @param clip of the sum before that, or +∞
     */
    public Elman(
            Loops loops, int hidden, Chain chain, float[] r, Elementwise activation, float clip) {
        this.loops = loops;
        this.hidden = hidden;
        this.chain = chain;
        this.r = loops.pack(r, hidden, hidden, new int[1], hidden);
        this.activation = activation;
        this.clip = clip;
    }

    @Override
    public Chain chain() {
        return chain;
    }

    @Override
    public float[][][] scratch(int rows) {
        return new float[0][][];
    }

    @Override
    public boolean step(
            float[][] sums,
            int first,
            int count,
            float[][][] state,
            float[][][] scratch,
            float[][] room) {
        r.add(sums, first, state[0], 0, count);
        for (int n = 0; n < count; n++) {
            float[] a = sums[first + n];
            Chain.clip(a, 0, hidden, clip);
            loops.sweep(activation, a, 0, hidden, room);
            System.arraycopy(a, 0, state[0][n], 0, hidden);
        }
        return true;
    }
}
