package rnnspec;

import java.util.Arrays;
import java.util.Random;
import rnnspec.kernel.Loops;
import rnnspec.kernel.PlainLoops;

/**
 * Compares loops with the plain ones, bit for bit, on some numbers, before nets are left to them.
 *
 * <p>It is short, so that loading stays so. The conformance suite is the long proof.
 */
final class KernelProof {
    private static final Loops PLAIN = PlainLoops.INSTANCE;

    /** Not numbers, both infinities and both zeros, where T and the clamps begin, and halves. */
    private static final float[] EDGES = {
        Float.NaN,
        Float.POSITIVE_INFINITY,
        Float.NEGATIVE_INFINITY,
        0f,
        -0f,
        0x1p-51f,
        0x1p-52f,
        -0x1p-51f,
        -0x1p-149f,
        0.625f,
        -0.625f,
        Math.nextDown(0.625f),
        64f,
        -64f,
        64.5f,
        -64.5f,
        88.7f,
        88.8f,
        89.5f,
        -35.3f,
        -35.4f,
        35.3f,
        35.4f,
        17f,
        -17f,
        1e30f,
        -1e30f,
        31.9f
    };

    private final Loops loops;
    private final Random random = new Random(7);

    private KernelProof(Loops loops) {
        this.loops = loops;
    }

    /** What is wrong with loops, or null. */
    static String fault(Loops loops) {
        KernelProof proof = new KernelProof(loops);
        // One row and many; columns that fill panels, and some that leave a rest.
        boolean areProducts = true;
        for (int[] shape : new int[][] {{1, 3, 1, 5}, {9, 7, 4, 40}, {2, 3, 1, 300}}) {
            areProducts &= proof.products(shape[0], shape[1], shape[2], shape[3]);
        }
        if (!areProducts) {
            return "products";
        }
        for (Layout.Function function : Layout.Function.values()) {
            if (function.isElementwise() && !proof.sweep(function)) {
                return function.word();
            }
        }
        if (!proof.exp()) {
            return "exp";
        }
        String cell = proof.cells();
        if (cell != null) {
            return cell;
        }
        return proof.finite() ? null : "the search for what is not finite";
    }

    private float[] floats(int count) {
        float[] values = new float[count];
        for (int k = 0; k < count; k++) {
            values[k] = (random.nextFloat() - 0.5f) * (1 << random.nextInt(5));
        }
        return values;
    }

    /** The blocks of a matrix but the first, the last one first, over rows but the first. */
    private boolean products(int count, int inputs, int blocks, int width) {
        int stride = (blocks + 1) * width;
        int[] starts = new int[blocks];
        for (int block = 0; block < blocks; block++) {
            starts[block] = (blocks - block) * width;
        }
        float[] w = floats(inputs * stride);
        float[][] x = new float[count + 1][];
        float[][] y = new float[count + 2][];
        float[][] expected = new float[count + 2][];
        for (int n = 0; n < y.length; n++) {
            expected[n] = floats(blocks * width);
            y[n] = spread(expected[n], blocks, width);
            x[Math.min(n, count)] = floats(inputs);
        }
        loops.pack(w, inputs, stride, starts, width).add(y, 2, x, 1, count);
        PLAIN.pack(w, inputs, stride, starts, width).add(expected, 2, x, 1, count);
        boolean areSame = true;
        for (int n = 0; n < y.length; n++) {
            areSame &= Arrays.equals(spread(expected[n], blocks, width), y[n]);
        }
        return areSame;
    }

    private float[] spread(float[] row, int blocks, int width) {
        float[] padded = new float[loops.columns(blocks, width)];
        for (int j = 0; j < row.length; j++) {
            padded[j / width * loops.padded(width) + j % width] = row[j];
        }
        return padded;
    }

    /** Edges, then numbers from all over. */
    private float[] arguments() {
        float[] x = Arrays.copyOf(EDGES, 80);
        for (int k = EDGES.length; k < x.length; k++) {
            x[k] = (float) random.nextGaussian() * (k % 3 == 0 ? 30 : 1);
        }
        return x;
    }

    private boolean sweep(Layout.Function function) {
        int numbers = function.members().size();
        Elementwise activation =
                Elementwise.of(
                        new Model.Activation(
                                function, numbers > 0 ? 0.75 : null, numbers > 1 ? 0.5 : null));
        float[] expected = arguments();
        int to = expected.length;
        float[] y = Arrays.copyOf(expected, loops.padded(to));
        int from = loops.padded(1);
        PLAIN.sweep(activation, expected, from, to, new float[3][to]);
        loops.sweep(activation, y, from, to, new float[3][y.length]);
        return Arrays.equals(expected, 0, to, y, 0, to);
    }

    private boolean exp() {
        float[] expected = arguments();
        int to = expected.length;
        float[] y = Arrays.copyOf(expected, loops.padded(to));
        PLAIN.exp(expected, to, new float[3][to]);
        loops.exp(y, to, new float[3][y.length]);
        return Arrays.equals(expected, 0, to, y, 0, to);
    }

    /** What cells do between their gates; three blocks, one after the other. */
    private String cells() {
        int block = loops.padded(40);
        int width = 39;
        String[] names = {"remember", "gate", "reset", "mix"};
        for (int kind = 0; kind < names.length; kind++) {
            float[] v = floats(3 * block);
            float[] a = floats(3 * block);
            a[1] = Float.POSITIVE_INFINITY;
            a[2] = 0x1p-60f;
            float[] u = floats(block);
            float[] expected = v.clone();
            update(PLAIN, kind, expected, a, u, block, width);
            update(loops, kind, v, a, u, block, width);
            if (!Arrays.equals(expected, 0, width, v, 0, width)) {
                return names[kind];
            }
        }
        return null;
    }

    private static void update(
            Loops loops, int kind, float[] v, float[] a, float[] u, int block, int width) {
        switch (kind) {
            case 0 -> loops.remember(v, a, block, 0, 2 * block, width);
            case 1 -> loops.gate(v, a, 0, u, width);
            case 2 -> loops.reset(v, a, 2 * block, width);
            default -> loops.mix(v, a, block, u, width);
        }
    }

    private boolean finite() {
        boolean isRight = true;
        for (int n = 0; n < 70; n += 23) {
            float[] v = floats(70);
            isRight &= loops.areFinite(v, 70);
            v[n] = EDGES[n % 3];
            isRight &= !loops.areFinite(v, 70) && loops.areFinite(v, n);
        }
        return isRight;
    }
}
