package rnnspec.cells;

import java.util.Arrays;
import rnnspec.Elementwise;
import rnnspec.kernel.Loops;

/**
 * One time step of a gated recurrent unit (SPEC section 13.5). Its state is h.
 *
 * <p>Columns are blocks: reset gate r, update gate z, candidate n.
 */
public final class Gru implements Cell {
    private final Loops loops;
    private final int hidden; // H
    private final int block; // elements from block to block
    private final Chain chain;
    private final Loops.Matrix all; // [H, 3H] with a reset after the product with R, else null
    private final Loops.Matrix gates; // [H, 2H] with a reset before it, else null
    private final Loops.Matrix candidate; // [H, H] with a reset before it, else null
    private final float[] recurrentBias; // [H], with a reset after
    private final Elementwise gate;
    private final Elementwise output;
    private final float clip;

    /**
     * A cell with these parameters.
     *
     * @param loops what to work with
     * @param hidden H
     * @param chain with three blocks of columns
     * @param r [H, 3H], row-major
     * @param before whether h is reset before its product with R, or the product after it
     * @param recurrentBias rb, [H], or null for none; only with a reset after
     * @param gate activation of r and z
     * @param output activation of n
     * @param clip of what the activations get, or +∞
     */
    public Gru(
            Loops loops,
            int hidden,
            Chain chain,
            float[] r,
            boolean before,
            float[] recurrentBias,
            Elementwise gate,
            Elementwise output,
            float clip) {
        this.loops = loops;
        this.hidden = hidden;
        this.chain = chain;
        this.gate = gate;
        this.output = output;
        this.clip = clip;
        block = loops.padded(hidden);
        int[] blocks = blocks(hidden);
        int stride = 3 * hidden;
        all = before ? null : loops.pack(r, hidden, stride, blocks, hidden);
        gates = before ? loops.pack(r, hidden, stride, Arrays.copyOf(blocks, 2), hidden) : null;
        candidate = before ? loops.pack(r, hidden, stride, new int[] {blocks[2]}, hidden) : null;
        this.recurrentBias = Chain.spread(loops, recurrentBias, hidden);
    }

    /**
     * In which order the blocks of columns stand here.
     *
     * @param hidden H
     * @return the first column of r, z and n
     */
    public static int[] blocks(int hidden) {
        return new int[] {0, hidden, 2 * hidden};
    }

    @Override
    public Chain chain() {
        return chain;
    }

    /** Reset after: sums of all three blocks with R. Before: sums of n, and u. */
    @Override
    public float[][][] scratch(int rows) {
        return all != null
                ? new float[1][rows][chain.columns()]
                : new float[2][rows][loops.columns(1, hidden)];
    }

    @Override
    public boolean step(
            float[][] sums,
            int first,
            int count,
            float[][][] state,
            float[][][] scratch,
            float[][] room) {
        float[][] h = state[0];
        if (all == null) {
            return before(sums, first, count, h, scratch, room);
        }
        float[][] both = scratch[0];
        for (int n = 0; n < count; n++) {
            System.arraycopy(sums[first + n], 0, both[n], 0, 2 * block);
            System.arraycopy(recurrentBias, 0, both[n], 2 * block, block);
        }
        all.add(both, 0, h, 0, count);
        for (int n = 0; n < count; n++) {
            float[] rzd = both[n];
            float[] a = sums[first + n];
            gates(rzd, room);
            // The candidate goes to the front, where r and z of the inputs are done with.
            loops.reset(a, rzd, 2 * block, hidden);
            update(rzd, a, h[n], room);
        }
        return true;
    }

    /** With u = r × h in the place of h; whether u is finite. */
    private boolean before(
            float[][] sums,
            int first,
            int count,
            float[][] h,
            float[][][] scratch,
            float[][] room) {
        boolean isFinite = true;
        gates.add(sums, first, h, 0, count);
        for (int n = 0; n < count; n++) {
            float[] a = sums[first + n];
            float[] u = scratch[1][n];
            gates(a, room);
            loops.gate(u, a, 0, h[n], hidden);
            isFinite &= loops.areFinite(u, hidden);
            System.arraycopy(a, 2 * block, scratch[0][n], 0, block);
        }
        candidate.add(scratch[0], 0, scratch[1], 0, count);
        for (int n = 0; n < count; n++) {
            update(sums[first + n], scratch[0][n], h[n], room);
        }
        return isFinite;
    }

    private void gates(float[] rz, float[][] room) {
        Chain.clip(rz, 0, 2 * block, clip);
        loops.sweep(gate, rz, 0, 2 * block, room);
    }

    /** The candidate from its sums, which stand first in n, and the new h. */
    private void update(float[] rz, float[] n, float[] h, float[][] room) {
        Chain.clip(n, 0, hidden, clip);
        loops.sweep(output, n, 0, hidden, room);
        loops.mix(h, rz, block, n, hidden);
    }
}
