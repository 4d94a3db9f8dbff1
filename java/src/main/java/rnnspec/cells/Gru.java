package rnnspec.cells;

import rnnspec.Elementwise;
import rnnspec.Tensor;

/**
 * One time step of a gated recurrent unit (SPEC section 13.5). Its state is h.
 *
 * <p>The columns of a file are three blocks of H: reset gate r, update gate z, candidate n. Here
 * those of the gates and those of the candidate stand apart, as the candidate's recurrent part
 * needs the reset gate.
 */
public final class Gru implements Cell {
    /**
     * A part of the parameters: the columns of the two gates, or of the candidate.
     *
     * @param w [I][columns]
     * @param r [H][columns]
     * @param b [columns], or null for no bias
     * @param activation of the columns
     */
    public record Part(float[][] w, float[][] r, float[] b, Elementwise activation) {}

    private final int hidden; // H
    private final Part gates; // columns r, z: 2H
    private final Part candidate; // columns n: H
    private final boolean isReset; // before the product with R, else after it
    private final float[] recurrentBias; // [H] or null
    private final float clip;

    /**
     * A cell with these parameters, after T; the arrays are its own from now on.
     *
     * @param gates the columns of r and z, 2H
     * @param candidate the columns of n, H
     * @param before whether h is reset before its product with R, or the product after it
     * @param recurrentBias rb, [H], or null for none; only with a reset after
     * @param clip of what the activations get, or +∞
     */
    public Gru(Part gates, Part candidate, boolean before, float[] recurrentBias, float clip) {
        this.hidden = candidate.r.length;
        this.gates = gates;
        this.candidate = candidate;
        this.isReset = before;
        this.recurrentBias = recurrentBias;
        this.clip = clip;
    }

    @Override
    public float[][] scratch() {
        return new float[][] {new float[2 * hidden], new float[hidden], new float[hidden]};
    }

    @Override
    public boolean step(float[] x, float[][] state, float[][] scratch) {
        start(scratch);
        Chain.add(scratch[0], x, gates.w);
        Chain.add(scratch[1], x, candidate.w);
        return finish(state[0], scratch);
    }

    @Override
    public boolean step(int id, float[][] state, float[][] scratch) {
        start(scratch);
        Chain.add(scratch[0], 1, gates.w[id]);
        Chain.add(scratch[1], 1, candidate.w[id]);
        return finish(state[0], scratch);
    }

    private void start(float[][] scratch) {
        Chain.start(scratch[0], gates.b);
        Chain.start(scratch[1], candidate.b);
    }

    private boolean finish(float[] h, float[][] scratch) {
        float[] rz = scratch[0];
        float[] n = scratch[1];
        Chain.add(rz, h, gates.r);
        Chain.clip(rz, 0, 2 * hidden, clip);
        gates.activation.apply(rz, 0, 2 * hidden);
        boolean isFinite = isReset ? before(h, rz, n, scratch[2]) : after(h, rz, n, scratch[2]);
        Chain.clip(n, 0, hidden, clip);
        candidate.activation.apply(n, 0, hidden);
        for (int j = 0; j < hidden; j++) {
            float z = rz[hidden + j];
            h[j] = Tensor.tiny(((1 - z) * n[j]) + (z * h[j]));
        }
        return isFinite;
    }

    /** The recurrent part of n with u = r × h in the place of h; whether u is finite. */
    private boolean before(float[] h, float[] rz, float[] n, float[] u) {
        boolean isFinite = true;
        for (int k = 0; k < hidden; k++) {
            u[k] = Tensor.tiny(rz[k] * h[k]);
            isFinite &= Math.abs(u[k]) <= Float.MAX_VALUE;
        }
        Chain.add(n, u, candidate.r);
        return isFinite;
    }

    /** The recurrent part of n in an accumulator d of its own, times r. */
    private boolean after(float[] h, float[] rz, float[] n, float[] d) {
        Chain.start(d, recurrentBias);
        Chain.add(d, h, candidate.r);
        for (int j = 0; j < hidden; j++) {
            n[j] = n[j] + Tensor.tiny(rz[j] * d[j]);
        }
        return true;
    }
}
