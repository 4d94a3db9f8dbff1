package rnnspec.kernel;

import rnnspec.Activation;
import rnnspec.Elementwise;
import rnnspec.Tensor;

/** Loops in plain Java, in the shapes that the JIT compiler vectorises. Rows have no padding. */
public final class PlainLoops implements Loops {
    /** The only one. */
    public static final PlainLoops INSTANCE = new PlainLoops();

    /**
     * A matrix with an array for each row, as a loop over a part of a large array is not
     * vectorised.
     *
     * @param rows [inputs][columns]
     */
    private record Rows(float[][] rows) implements Matrix {
        @Override
        public void add(float[][] y, int first, float[][] x, int from, int count) {
            for (int n = 0; n < count; n++) {
                add(y[first + n], x[from + n]);
            }
        }

        private void add(float[] y, float[] x) {
            int k = 0;
            for (; k + 4 <= rows.length; k += 4) {
                add(
                        y,
                        x[k],
                        rows[k],
                        x[k + 1],
                        rows[k + 1],
                        x[k + 2],
                        rows[k + 2],
                        x[k + 3],
                        rows[k + 3]);
            }
            for (; k < rows.length; k++) {
                add(y, x[k], rows[k]);
            }
        }

        private static void add(float[] y, float x, float[] w) {
            for (int j = 0; j < w.length; j++) {
                y[j] = y[j] + (x * w[j]);
            }
        }

        /** Four terms in a pass, still one after the other: this is where the time goes. */
        private static void add(
                float[] y,
                float x0,
                float[] w0,
                float x1,
                float[] w1,
                float x2,
                float[] w2,
                float x3,
                float[] w3) {
            for (int j = 0; j < w0.length; j++) {
                y[j] = (((y[j] + (x0 * w0[j])) + (x1 * w1[j])) + (x2 * w2[j])) + (x3 * w3[j]);
            }
        }
    }

    private PlainLoops() {}

    @Override
    public String name() {
        return "plain";
    }

    @Override
    public int padded(int width) {
        return width;
    }

    @Override
    public Matrix pack(float[] w, int rows, int stride, int[] blocks, int width) {
        float[][] packed = new float[rows][blocks.length * width];
        for (int k = 0; k < rows; k++) {
            for (int block = 0; block < blocks.length; block++) {
                for (int j = 0; j < width; j++) {
                    float value = w[k * stride + blocks[block] + j];
                    packed[k][block * width + j] = Tensor.tiny(value);
                }
            }
        }
        return new Rows(packed);
    }

    @Override
    public void sweep(Elementwise activation, float[] v, int from, int to, float[][] room) {
        switch (activation.function()) {
            case TANH -> Activation.tanh(v, from, to, room);
            case SIGMOID -> Activation.sigmoid(v, from, to, room);
            default -> activation.apply(v, from, to);
        }
    }

    @Override
    public void exp(float[] v, int to, float[][] room) {
        Activation.exp(v, to, room);
    }

    @Override
    public void remember(float[] c, float[] a, int f, int i, int g, int width) {
        for (int j = 0; j < width; j++) {
            c[j] = Tensor.tiny((a[f + j] * c[j]) + (a[i + j] * a[g + j]));
        }
    }

    @Override
    public void gate(float[] y, float[] a, int o, float[] u, int width) {
        for (int j = 0; j < width; j++) {
            y[j] = Tensor.tiny(a[o + j] * u[j]);
        }
    }

    @Override
    public void reset(float[] n, float[] a, int third, int width) {
        for (int j = 0; j < width; j++) {
            n[j] = n[third + j] + Tensor.tiny(a[j] * a[third + j]);
        }
    }

    @Override
    public void mix(float[] h, float[] a, int z, float[] n, int width) {
        for (int j = 0; j < width; j++) {
            h[j] = Tensor.tiny(((1 - a[z + j]) * n[j]) + (a[z + j] * h[j]));
        }
    }

    @Override
    public boolean areFinite(float[] v, int to) {
        for (int k = 0; k < to; k++) {
            if (!(Math.abs(v[k]) <= Float.MAX_VALUE)) {
                return false;
            }
        }
        return true;
    }
}
