package rnnspec.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import rnnspec.Tensor;
import rnnspec.kernel.Loops;

/**
 * A matrix in panels of four vectors of consecutive columns, each row of W after the other; the
 * last panel is filled up with +0.
 *
 * <p>Sums stay in local variables, and so in registers, over all rows of a panel. A product and a
 * sum are two roundings: there is no {@code fma}.
 *
 * <p>The three methods that do the work have more than 325 bytes of code, so that the JIT compiler
 * does not inline them. Where it does, it may stop halfway at its limit of nodes, and what is left
 * of the vectors then lives in objects, a hundred times slower.
 */
final class Panels implements Loops.Matrix {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    static final int LANES = FLOATS.length();
    static final int PANEL = 4 * LANES;

    private final int rows;
    private final int columns; // whole panels
    private final float[] w;

    /** See {@link Loops#pack}. */
    Panels(float[] from, int rows, int stride, int[] blocks, int width, int padded) {
        this.rows = rows;
        columns = filled(blocks.length * padded);
        w = new float[Math.multiplyExact(rows, columns)];
        for (int block = 0; block < blocks.length; block++) {
            for (int j = 0; j < width; j += LANES) {
                int lanes = Math.min(LANES, width - j);
                int at = blocks[block] + j;
                int to = place(block * padded + j);
                for (int k = 0; k < rows; k++) {
                    for (int lane = 0; lane < lanes; lane++) {
                        w[to + k * PANEL + lane] = Tensor.tiny(from[at + k * stride + lane]);
                    }
                }
            }
        }
    }

    /** So many columns in whole panels. */
    static int filled(int columns) {
        return (columns + PANEL - 1) / PANEL * PANEL;
    }

    /** Where the first row of the vector of a column stands. */
    private int place(int column) {
        return column / PANEL * PANEL * rows + column % PANEL;
    }

    @Override
    public void add(float[][] y, int first, float[][] x, int from, int count) {
        int n = 0;
        for (; n + 4 <= count; n += 4) {
            int at = first + n;
            int k = from + n;
            for (int j = 0; j < columns; j += 2 * LANES) {
                fourRows(
                        y[at], y[at + 1], y[at + 2], y[at + 3], j, x[k], x[k + 1], x[k + 2],
                        x[k + 3], w, place(j), rows);
            }
        }
        for (; n < count; n++) {
            int j = 0;
            for (; j + 2 * PANEL <= columns; j += 2 * PANEL) {
                twoPanels(y[first + n], j, x[from + n], w, j * rows, (j + PANEL) * rows, rows);
            }
            if (j < columns) {
                onePanel(y[first + n], j, x[from + n], w, j * rows, rows);
            }
        }
    }

    /** One row: the panels that start at p and q. */
    private static void twoPanels(float[] y, int j, float[] x, float[] w, int p, int q, int rows) {
        FloatVector a = FloatVector.fromArray(FLOATS, y, j);
        FloatVector b = FloatVector.fromArray(FLOATS, y, j + LANES);
        FloatVector c = FloatVector.fromArray(FLOATS, y, j + 2 * LANES);
        FloatVector d = FloatVector.fromArray(FLOATS, y, j + 3 * LANES);
        FloatVector e = FloatVector.fromArray(FLOATS, y, j + 4 * LANES);
        FloatVector f = FloatVector.fromArray(FLOATS, y, j + 5 * LANES);
        FloatVector g = FloatVector.fromArray(FLOATS, y, j + 6 * LANES);
        FloatVector h = FloatVector.fromArray(FLOATS, y, j + 7 * LANES);
        for (int k = 0; k < rows; k++) {
            FloatVector s = FloatVector.broadcast(FLOATS, x[k]);
            int at = p + k * PANEL;
            int bt = q + k * PANEL;
            a = a.add(s.mul(FloatVector.fromArray(FLOATS, w, at)));
            b = b.add(s.mul(FloatVector.fromArray(FLOATS, w, at + LANES)));
            c = c.add(s.mul(FloatVector.fromArray(FLOATS, w, at + 2 * LANES)));
            d = d.add(s.mul(FloatVector.fromArray(FLOATS, w, at + 3 * LANES)));
            e = e.add(s.mul(FloatVector.fromArray(FLOATS, w, bt)));
            f = f.add(s.mul(FloatVector.fromArray(FLOATS, w, bt + LANES)));
            g = g.add(s.mul(FloatVector.fromArray(FLOATS, w, bt + 2 * LANES)));
            h = h.add(s.mul(FloatVector.fromArray(FLOATS, w, bt + 3 * LANES)));
        }
        a.intoArray(y, j);
        b.intoArray(y, j + LANES);
        c.intoArray(y, j + 2 * LANES);
        d.intoArray(y, j + 3 * LANES);
        e.intoArray(y, j + 4 * LANES);
        f.intoArray(y, j + 5 * LANES);
        g.intoArray(y, j + 6 * LANES);
        h.intoArray(y, j + 7 * LANES);
    }

    /** One row: the panel that starts at p, two rows of W in a turn. */
    private static void onePanel(float[] y, int j, float[] x, float[] w, int p, int rows) {
        FloatVector a = FloatVector.fromArray(FLOATS, y, j);
        FloatVector b = FloatVector.fromArray(FLOATS, y, j + LANES);
        FloatVector c = FloatVector.fromArray(FLOATS, y, j + 2 * LANES);
        FloatVector d = FloatVector.fromArray(FLOATS, y, j + 3 * LANES);
        for (int k = 0; k < rows - 1; k += 2) {
            FloatVector s = FloatVector.broadcast(FLOATS, x[k]);
            int at = p + k * PANEL;
            a = a.add(s.mul(FloatVector.fromArray(FLOATS, w, at)));
            b = b.add(s.mul(FloatVector.fromArray(FLOATS, w, at + LANES)));
            c = c.add(s.mul(FloatVector.fromArray(FLOATS, w, at + 2 * LANES)));
            d = d.add(s.mul(FloatVector.fromArray(FLOATS, w, at + 3 * LANES)));
            s = FloatVector.broadcast(FLOATS, x[k + 1]);
            a = a.add(s.mul(FloatVector.fromArray(FLOATS, w, at + PANEL)));
            b = b.add(s.mul(FloatVector.fromArray(FLOATS, w, at + PANEL + LANES)));
            c = c.add(s.mul(FloatVector.fromArray(FLOATS, w, at + PANEL + 2 * LANES)));
            d = d.add(s.mul(FloatVector.fromArray(FLOATS, w, at + PANEL + 3 * LANES)));
        }
        if (rows % 2 != 0) {
            FloatVector s = FloatVector.broadcast(FLOATS, x[rows - 1]);
            int at = p + (rows - 1) * PANEL;
            a = a.add(s.mul(FloatVector.fromArray(FLOATS, w, at)));
            b = b.add(s.mul(FloatVector.fromArray(FLOATS, w, at + LANES)));
            c = c.add(s.mul(FloatVector.fromArray(FLOATS, w, at + 2 * LANES)));
            d = d.add(s.mul(FloatVector.fromArray(FLOATS, w, at + 3 * LANES)));
        }
        a.intoArray(y, j);
        b.intoArray(y, j + LANES);
        c.intoArray(y, j + 2 * LANES);
        d.intoArray(y, j + 3 * LANES);
    }

    /** Four rows, which share what is read of W: half of a panel, which starts at p. */
    private static void fourRows(
            float[] y0,
            float[] y1,
            float[] y2,
            float[] y3,
            int j,
            float[] x0,
            float[] x1,
            float[] x2,
            float[] x3,
            float[] w,
            int p,
            int rows) {
        FloatVector a0 = FloatVector.fromArray(FLOATS, y0, j);
        FloatVector b0 = FloatVector.fromArray(FLOATS, y0, j + LANES);
        FloatVector a1 = FloatVector.fromArray(FLOATS, y1, j);
        FloatVector b1 = FloatVector.fromArray(FLOATS, y1, j + LANES);
        FloatVector a2 = FloatVector.fromArray(FLOATS, y2, j);
        FloatVector b2 = FloatVector.fromArray(FLOATS, y2, j + LANES);
        FloatVector a3 = FloatVector.fromArray(FLOATS, y3, j);
        FloatVector b3 = FloatVector.fromArray(FLOATS, y3, j + LANES);
        for (int k = 0; k < rows; k++) {
            FloatVector u = FloatVector.fromArray(FLOATS, w, p + k * PANEL);
            FloatVector v = FloatVector.fromArray(FLOATS, w, p + k * PANEL + LANES);
            FloatVector s = FloatVector.broadcast(FLOATS, x0[k]);
            a0 = a0.add(s.mul(u));
            b0 = b0.add(s.mul(v));
            s = FloatVector.broadcast(FLOATS, x1[k]);
            a1 = a1.add(s.mul(u));
            b1 = b1.add(s.mul(v));
            s = FloatVector.broadcast(FLOATS, x2[k]);
            a2 = a2.add(s.mul(u));
            b2 = b2.add(s.mul(v));
            s = FloatVector.broadcast(FLOATS, x3[k]);
            a3 = a3.add(s.mul(u));
            b3 = b3.add(s.mul(v));
        }
        a0.intoArray(y0, j);
        b0.intoArray(y0, j + LANES);
        a1.intoArray(y1, j);
        b1.intoArray(y1, j + LANES);
        a2.intoArray(y2, j);
        b2.intoArray(y2, j + LANES);
        a3.intoArray(y3, j);
        b3.intoArray(y3, j + LANES);
    }
}
