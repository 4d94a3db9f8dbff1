package rnnspec.vector;

import jdk.incubator.vector.FloatVector;
import rnnspec.Elementwise;
import rnnspec.kernel.Loops;

/**
 * Loops on the Vector API, of the widest vectors that this processor has. Rows are padded to whole
 * vectors.
 */
public final class VectorLoops implements Loops {
    /** For ServiceLoader. */
    public VectorLoops() {}

    @Override
    public String name() {
        return "vector";
    }

    @Override
    public int padded(int width) {
        return (width + Panels.LANES - 1) / Panels.LANES * Panels.LANES;
    }

    @Override
    public int columns(int blocks, int width) {
        return Panels.filled(blocks * padded(width));
    }

    @Override
    public Matrix pack(float[] w, int rows, int stride, int[] blocks, int width) {
        return new Panels(w, rows, stride, blocks, width, padded(width));
    }

    @Override
    public void sweep(Elementwise activation, float[] v, int from, int to, float[][] room) {
        switch (activation.function()) {
            case TANH -> Sweep.all(Sweep.TANH, v, room[0], room[1], room[2], from, to, 0, 0, 0);
            case SIGMOID ->
                    Sweep.all(Sweep.SIGMOID, v, room[0], room[1], room[2], from, to, 0, 0, 0);
            default -> activation.apply(v, from, to);
        }
    }

    @Override
    public void exp(float[] v, int to, float[][] room) {
        Sweep.all(Sweep.EXP, v, room[0], room[1], room[2], 0, to, 0, 0, 0);
    }

    @Override
    public void remember(float[] c, float[] a, int f, int i, int g, int width) {
        Sweep.all(Sweep.REMEMBER, c, a, a, a, 0, width, f, i, g);
    }

    @Override
    public void gate(float[] y, float[] a, int o, float[] u, int width) {
        Sweep.all(Sweep.GATE, y, a, u, a, 0, width, o, 0, 0);
    }

    @Override
    public void reset(float[] n, float[] a, int block, int width) {
        Sweep.all(Sweep.RESET, n, a, a, a, 0, width, block, 0, 0);
    }

    @Override
    public void mix(float[] h, float[] a, int z, float[] n, int width) {
        Sweep.all(Sweep.MIX, h, a, n, a, 0, width, z, 0, 0);
    }

    @Override
    public boolean areFinite(float[] v, int to) {
        return Finite.areFinite(v, to);
    }

    /**
     * How wide the vectors are.
     *
     * @return such as {@code vector, 512 bits}
     */
    @Override
    public String toString() {
        return "vector, " + FloatVector.SPECIES_PREFERRED.vectorBitSize() + " bits";
    }
}
