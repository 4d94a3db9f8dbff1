package rnnspec.cells;

import java.util.Arrays;

/**
 * The pre-activations of a layer: one accumulator for each output (SPEC section 12.3).
 *
 * <p>a has one element for each output j, and may have more behind them; the matrix one row for
 * each input k, each with an element for each output. The order of the terms of an accumulator is
 * that of the calls, and of k.
 */
public final class Chain {
    private Chain() {}

    /**
     * Starts every accumulator: {@code a[j] = 0 + b[j]}.
     *
     * @param a [outputs] or more, written
     * @param b [outputs], after T and so never −0; or null for no bias
     */
    public static void start(float[] a, float[] b) {
        if (b == null) {
            Arrays.fill(a, 0);
        } else {
            System.arraycopy(b, 0, a, 0, b.length);
        }
    }

    /**
     * Adds {@code x[k] × W[k, j]} for k ascending.
     *
     * @param a [outputs] or more, the first of them updated
     * @param x [inputs]
     * @param w [inputs][outputs]
     */
    public static void add(float[] a, float[] x, float[][] w) {
        int k = 0;
        for (; k + 4 <= w.length; k += 4) {
            add(a, x[k], w[k], x[k + 1], w[k + 1], x[k + 2], w[k + 2], x[k + 3], w[k + 3]);
        }
        for (; k < w.length; k++) {
            add(a, x[k], w[k]);
        }
    }

    /**
     * Adds {@code x × w[j]}; with x = 1 this is what a one-hot input comes to, as terms with a zero
     * factor never change an accumulator.
     *
     * @param a [outputs] or more, the first of them updated
     * @param x one input
     * @param w [outputs], its row
     */
    public static void add(float[] a, float x, float[] w) {
        for (int j = 0; j < w.length; j++) {
            a[j] = a[j] + (x * w[j]);
        }
    }

    /**
     * Clips accumulators to −K … K [clip-1].
     *
     * @param a updated
     * @param from the first that is clipped
     * @param to behind the last that is clipped
     * @param k the bound; +∞ clips nothing
     */
    public static void clip(float[] a, int from, int to, float k) {
        if (k == Float.POSITIVE_INFINITY) {
            return;
        }
        for (int j = from; j < to; j++) {
            float l = a[j] < -k ? -k : a[j];
            a[j] = k < l ? k : l;
        }
    }

    /**
     * Some columns of a matrix.
     *
     * @param rows the matrix
     * @param from the first column
     * @param to behind the last column
     * @return a copy of those
     */
    public static float[][] columns(float[][] rows, int from, int to) {
        return Arrays.stream(rows)
                .map(row -> Arrays.copyOfRange(row, from, to))
                .toArray(float[][]::new);
    }

    /** Four terms in a pass, still one after the other: this is where the time goes. */
    private static void add(
            float[] a,
            float x0,
            float[] w0,
            float x1,
            float[] w1,
            float x2,
            float[] w2,
            float x3,
            float[] w3) {
        for (int j = 0; j < w0.length; j++) {
            a[j] = (((a[j] + (x0 * w0[j])) + (x1 * w1[j])) + (x2 * w2[j])) + (x3 * w3[j]);
        }
    }
}
