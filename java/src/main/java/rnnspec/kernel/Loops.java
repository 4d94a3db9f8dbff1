package rnnspec.kernel;

import rnnspec.Elementwise;

/**
 * What takes the time of a net: products, and activations of whole rows (SPEC sections 12.3, 12.5).
 *
 * <p>There are two: plain loops, and those of the Vector API in a jar of their own. All the rest of
 * a net, its options too, is written once around them. Both give the same bits. Immutable: shared
 * between threads.
 *
 * <p>This package is for rnnspec's own jars. It is no part of what users may rely on.
 */
public interface Loops {
    /** Weights made ready for products. Immutable. */
    interface Matrix {
        /**
         * Adds {@code x[k] × W[k, j]} for k ascending to each element of some rows [chain-1].
         *
         * @param y rows of sums, as long as {@link Loops#columns} or longer, updated
         * @param first the first of them
         * @param x rows of inputs, of which as many elements are read as W has rows
         * @param from the first of them
         * @param count how many rows
         */
        void add(float[][] y, int first, float[][] x, int from, int count);
    }

    /**
     * What users are told.
     *
     * @return {@code plain} or {@code vector}
     */
    String name();

    /**
     * How long arrays are in which rows stand.
     *
     * @param width elements of a row, or of a block of its columns
     * @return that or somewhat more: what is behind the elements is worked on too
     */
    int padded(int width);

    /**
     * How long arrays are in which products stand.
     *
     * @param blocks of columns
     * @param width of each
     * @return elements, each block padded, and all of them perhaps once more
     */
    default int columns(int blocks, int width) {
        return blocks * padded(width);
    }

    /**
     * Makes some columns of a matrix ready for products; T is applied.
     *
     * @param w row-major
     * @param rows of the matrix
     * @param stride elements from row to row
     * @param blocks the first column of each block, in the order in which they shall stand
     * @param width of each block
     * @return the matrix with each block padded
     */
    Matrix pack(float[] w, int rows, int stride, int[] blocks, int width);

    /**
     * Puts the activation of elements in their place [activation-1].
     *
     * @param activation which
     * @param v the elements
     * @param from the first that is changed
     * @param to behind the last that is changed, but for padding
     * @param room three arrays as long as v for what lies between
     */
    void sweep(Elementwise activation, float[] v, int from, int to, float[][] room);

    /**
     * Puts e^x in the place of each x [exp-1].
     *
     * @param v the elements
     * @param to behind the last that is changed, but for padding
     * @param room as for {@link #sweep}
     */
    void exp(float[] v, int to, float[][] room);

    /**
     * Makes a new c of the old one [lstm-1]: {@code T((f × c) + (i × g))}.
     *
     * @param c updated
     * @param a holds the gates
     * @param f where the forget gate starts
     * @param i where the input gate starts
     * @param g where the candidate starts
     * @param width how many elements, but for padding
     */
    void remember(float[] c, float[] a, int f, int i, int g, int width);

    /**
     * Lets a gate work on what is behind it [lstm-1], [gru-2]: {@code T(o × u)}.
     *
     * @param y written
     * @param a holds the gate
     * @param o where it starts
     * @param u what is behind it
     * @param width how many elements, but for padding
     */
    void gate(float[] y, float[] a, int o, float[] u, int width);

    /**
     * Adds to sums over the input those over h after their reset [gru-3]: {@code p + T(r × d)}.
     *
     * @param n has p in its third block, gets the result in its first
     * @param a has the reset gate in its first block, d in its third
     * @param third where the third blocks start
     * @param width how many elements, but for padding
     */
    void reset(float[] n, float[] a, int third, int width);

    /**
     * Makes a new h of the old one [gru-4]: {@code T(((1 − z) × n) + (z × h))}.
     *
     * @param h updated
     * @param a holds the update gate
     * @param z where it starts
     * @param n the candidate
     * @param width how many elements, but for padding
     */
    void mix(float[] h, float[] a, int z, float[] n, int width);

    /**
     * Looks for what is infinite or NaN [finite-1].
     *
     * @param v the elements
     * @param to behind the last one
     * @return whether there is none
     */
    boolean areFinite(float[] v, int to);
}
