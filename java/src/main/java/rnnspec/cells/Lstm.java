package rnnspec.cells;

import java.util.Arrays;
import rnnspec.Elementwise;
import rnnspec.Tensor;
import rnnspec.kernel.Loops;

/**
 * One time step of a long short-term memory with its options (SPEC section 13.4). Its state is h,
 * of width P, and c, of width H.
 *
 * <p>Columns are blocks: input gate i, forget gate f, output gate o, candidate g; so the gates
 * stand side by side, and have their activation in one sweep unless a peephole to the new c comes
 * between. With a coupled gate one of the first two is absent, and its values are put behind the
 * others.
 */
public final class Lstm implements Cell {
    /**
     * The activations.
     *
     * @param gates of i, f and o
     * @param candidate of g
     * @param output of c for h
     */
    public record Activations(Elementwise gates, Elementwise candidate, Elementwise output) {}

    /**
     * How a cell departs from the plain one.
     *
     * @param coupled {@code input} or {@code forget}, the gate without a block, or null
     * @param clip of what the activations get, or +∞
     * @param cellClip of c, or +∞
     * @param isFull whether a gate with a peephole sees all of c, or but its own element
     * @param p the peepholes, [B−1, H], or [H, (B−1)H] if full; or null
     * @param projection what makes h narrower, P
     * @param q how, [H, P]; or null, and P is H
     * @param qb its bias, [P], or null
     * @param projectionClip of h, or +∞
     */
    public record Options(
            Object coupled,
            float clip,
            float cellClip,
            boolean isFull,
            float[] p,
            int projection,
            float[] q,
            float[] qb,
            float projectionClip) {}

    private final Loops loops;
    private final int hidden; // H
    private final int block; // elements from block to block
    private final Chain chain;
    private final Loops.Matrix r; // [P, BH]
    private final Activations activations;
    private final Options options;

    /** Where the blocks start. */
    private final int i;

    private final int f;
    private final int g;
    private final int o;

    /** The peepholes of the gates before the candidate, and of the output gate: one by one … */
    private final float[] diagonal; // [B − 1 blocks, padded] or null

    /** … or full. */
    private final Loops.Matrix inner; // [H, (B − 2)H] or null

    private final Loops.Matrix outer; // [H, H] or null

    private final Loops.Matrix q; // [H, P] or null
    private final float[] qb; // [P]

    /**
     * A cell with these parameters.
     *
     * @param loops what to work with
     * @param hidden H
     * @param chain with B blocks of columns
     * @param r [P, BH], row-major
     * @param activations three
     * @param options how it departs from the plain cell
     */
    public Lstm(
            Loops loops,
            int hidden,
            Chain chain,
            float[] r,
            Activations activations,
            Options options) {
        this.loops = loops;
        this.hidden = hidden;
        this.chain = chain;
        this.activations = activations;
        this.options = options;
        block = loops.padded(hidden);
        boolean isCoupled = options.coupled != null;
        int gates = isCoupled ? 1 : 2; // before the output gate
        o = gates * block;
        g = o + block;
        i = "input".equals(options.coupled) ? g + block : 0;
        f = !isCoupled ? block : i == 0 ? g + block : 0;
        int[] blocks = blocks(gates + 2, hidden);
        this.r = loops.pack(r, options.projection, blocks.length * hidden, blocks, hidden);
        float[] p = options.p;
        boolean isFull = p != null && options.isFull;
        // In p, as there is none for the candidate, the output gate is behind the others.
        int[] peeping = new int[gates + 1];
        Arrays.setAll(peeping, block -> block * hidden);
        int[] first = Arrays.copyOf(peeping, gates);
        int[] last = {gates * hidden};
        int stride = peeping.length * hidden;
        inner = isFull ? loops.pack(p, hidden, stride, first, hidden) : null;
        outer = isFull ? loops.pack(p, hidden, stride, last, hidden) : null;
        diagonal = p == null || isFull ? null : Chain.spread(loops, p, 0, peeping, hidden);
        int narrow = options.projection;
        q = options.q == null ? null : loops.pack(options.q, hidden, narrow, new int[1], narrow);
        qb = Chain.spread(loops, options.qb, narrow);
    }

    /**
     * In which order the blocks of columns stand here.
     *
     * @param count B: 4, or 3 with a coupled gate
     * @param hidden H
     * @return the first columns of those of i and f that are there, of o and of g
     */
    public static int[] blocks(int count, int hidden) {
        int[] blocks = new int[count];
        Arrays.setAll(blocks, block -> block * hidden);
        blocks[count - 2] = (count - 1) * hidden;
        blocks[count - 1] = (count - 2) * hidden;
        return blocks;
    }

    @Override
    public Chain chain() {
        return chain;
    }

    @Override
    public int columns() {
        return Math.max(chain.columns(), 4 * block);
    }

    /** What is behind the output gate or comes of it, then sums of the projection. */
    @Override
    public float[][][] scratch(int rows) {
        return new float[][][] {
            new float[rows][loops.columns(1, hidden)], new float[rows][qb.length]
        };
    }

    /** All gates see the old h, and i and f the old c. */
    @Override
    public boolean step(
            float[][] sums,
            int first,
            int count,
            float[][][] state,
            float[][][] scratch,
            float[][] room) {
        float[][] h = state[0];
        float[][] c = state[1];
        float[][] u = scratch[0];
        r.add(sums, first, h, 0, count);
        if (inner != null) {
            inner.add(sums, first, c, 0, count);
        }
        for (int n = 0; n < count; n++) {
            cell(sums[first + n], c[n], room);
        }
        if (outer != null) {
            for (int n = 0; n < count; n++) {
                System.arraycopy(sums[first + n], o, u[n], 0, block);
            }
            outer.add(u, 0, c, 0, count);
            for (int n = 0; n < count; n++) {
                System.arraycopy(u[n], 0, sums[first + n], o, block);
            }
        }
        for (int n = 0; n < count; n++) {
            output(sums[first + n], c[n], u[n], q == null ? h[n] : u[n], room);
        }
        return q == null || project(u, h, scratch[1], count);
    }

    /** The new c; also the output gate, if it sees nothing of it. */
    private void cell(float[] a, float[] c, float[][] room) {
        boolean isOpen = options.p == null;
        peep(a, 0, o, c);
        Chain.clip(a, 0, isOpen ? g : o, options.clip);
        Chain.clip(a, g, g + block, options.clip);
        loops.sweep(activations.gates, a, 0, isOpen ? g : o, room);
        loops.sweep(activations.candidate, a, g, g + block, room);
        if (options.coupled != null) {
            couple(a);
        }
        loops.remember(c, a, f, i, g, hidden);
        Chain.clip(c, 0, hidden, options.cellClip);
    }

    /** The output gate, and y of it and c. */
    private void output(float[] a, float[] c, float[] u, float[] y, float[][] room) {
        if (options.p != null) {
            peep(a, o, g, c);
            Chain.clip(a, o, g, options.clip);
            loops.sweep(activations.gates, a, o, g, room);
        }
        System.arraycopy(c, 0, u, 0, hidden);
        loops.sweep(activations.output, u, 0, hidden, room);
        loops.gate(y, a, o, u, hidden);
    }

    /** Adds what the gates from … to see of their own element of the cell. */
    private void peep(float[] a, int from, int to, float[] c) {
        for (int at = from; diagonal != null && at < to; at += block) {
            for (int j = 0; j < hidden; j++) {
                a[at + j] = a[at + j] + (c[j] * diagonal[at + j]);
            }
        }
    }

    /** The gate that is computed from the other [coupled-1]. */
    private void couple(float[] a) {
        int from = Math.min(i, f);
        int to = Math.max(i, f);
        for (int j = 0; j < hidden; j++) {
            a[to + j] = 1 - a[from + j];
        }
    }

    /** h from u; whether u is finite. */
    private boolean project(float[][] u, float[][] h, float[][] sums, int count) {
        boolean isFinite = true;
        for (int n = 0; n < count; n++) {
            isFinite &= loops.areFinite(u[n], hidden);
            System.arraycopy(qb, 0, sums[n], 0, qb.length);
        }
        q.add(sums, 0, u, 0, count);
        for (int n = 0; n < count; n++) {
            for (int j = 0; j < options.projection; j++) {
                h[n][j] = Tensor.tiny(sums[n][j]);
            }
            Chain.clip(h[n], 0, options.projection, options.projectionClip);
        }
        return isFinite;
    }
}
