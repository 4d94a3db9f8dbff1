package rnnspec.cells;

import rnnspec.Tensor;
import rnnspec.kernel.Loops;

/**
 * The pre-activations of a layer, one accumulator for each output (SPEC section 12.3): the bias and
 * what the input adds. Immutable.
 *
 * <p>The columns are blocks, each padded; where the input is known by an id, the sums are too.
 */
public final class Chain {
    /** A table of sums has at most so many elements, if it is not there in place of W. */
    private static final long MOST = 1 << 20;

    private final float[] bias; // [columns], +0 without one
    private final Loops.Matrix w; // null where the table has it all
    private final float[][] table; // [ids][columns] or null

    private Chain(float[] bias, Loops.Matrix w, float[][] table) {
        this.bias = bias;
        this.w = w;
        this.table = table;
    }

    /**
     * The sums over rows of numbers.
     *
     * @param loops what to work with
     * @param b [columns of W] or null for no bias
     * @param w [inputs, columns], row-major
     * @param blocks the first column of each block, in the order in which they shall stand
     * @param width of each
     * @return the chain
     */
    public static Chain of(Loops loops, float[] b, float[] w, int[] blocks, int width) {
        int stride = blocks.length * width;
        Loops.Matrix packed = loops.pack(w, w.length / stride, stride, blocks, width);
        return new Chain(spread(loops, b, 0, blocks, width), packed, null);
    }

    /**
     * The sums over one-hot rows: one term each, as terms with a zero factor change nothing.
     *
     * @param loops what to work with
     * @param b [columns of W] or null for no bias
     * @param w [ids, columns], row-major
     * @param blocks the first column of each block, in the order in which they shall stand
     * @param width of each
     * @return the chain
     */
    public static Chain ofOneHot(Loops loops, float[] b, float[] w, int[] blocks, int width) {
        int stride = blocks.length * width;
        float[] bias = spread(loops, b, 0, blocks, width);
        float[][] table = new float[w.length / stride][];
        for (int id = 0; id < table.length; id++) {
            float[] row = spread(loops, w, id * stride, blocks, width);
            for (int j = 0; j < row.length; j++) {
                row[j] = bias[j] + row[j];
            }
            table[id] = row;
        }
        return new Chain(bias, null, table);
    }

    /**
     * The same behind an embedding: a table, unless it were large.
     *
     * @param e [ids][inputs], after T
     * @return the chain
     */
    public Chain after(float[][] e) {
        if ((long) e.length * bias.length > MOST) {
            return this;
        }
        float[][] sums = new float[e.length][bias.length];
        start(sums, e, e.length);
        return new Chain(bias, w, sums);
    }

    /**
     * A row of numbers after T with each block padded.
     *
     * @param loops what to work with
     * @param b where they stand, or null for +0
     * @param from where the row starts
     * @param blocks where in the row each block starts, in the order in which they shall stand
     * @param width of each
     * @return a new array
     */
    public static float[] spread(Loops loops, float[] b, int from, int[] blocks, int width) {
        float[] row = new float[loops.columns(blocks.length, width)];
        for (int block = 0; b != null && block < blocks.length; block++) {
            for (int j = 0; j < width; j++) {
                row[block * loops.padded(width) + j] = Tensor.tiny(b[from + blocks[block] + j]);
            }
        }
        return row;
    }

    /**
     * A vector after T, padded.
     *
     * @param loops what to work with
     * @param b its elements, or null for +0
     * @param width how many
     * @return a new array
     */
    public static float[] spread(Loops loops, float[] b, int width) {
        return spread(loops, b, 0, new int[1], width);
    }

    /**
     * How long a row of sums is.
     *
     * @return elements, with padding
     */
    public int columns() {
        return bias.length;
    }

    /**
     * Whether an id is all there is to know of an input.
     *
     * @return true if {@link #start(float[][], int[], int)} can be called
     */
    public boolean readsIds() {
        return table != null;
    }

    /**
     * Starts sums: the bias, then {@code x[k] × W[k, j]} for k ascending.
     *
     * @param sums rows, written
     * @param x rows of inputs
     * @param count how many rows
     */
    public void start(float[][] sums, float[][] x, int count) {
        for (int n = 0; n < count; n++) {
            System.arraycopy(bias, 0, sums[n], 0, bias.length);
        }
        w.add(sums, 0, x, 0, count);
    }

    /**
     * The same for inputs that ids stand for.
     *
     * @param sums rows, written
     * @param ids one for each row
     * @param count how many rows
     */
    public void start(float[][] sums, int[] ids, int count) {
        for (int n = 0; n < count; n++) {
            System.arraycopy(table[ids[n]], 0, sums[n], 0, bias.length);
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
}
