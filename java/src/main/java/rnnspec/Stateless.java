package rnnspec;

import java.util.Arrays;
import rnnspec.cells.Chain;
import rnnspec.kernel.Loops;

/**
 * A layer without a state: what it makes of many vectors (SPEC section 13). Immutable.
 *
 * <p>Rows are arrays of the layer's width or longer ({@link Loops#padded}).
 */
interface Stateless {
    /**
     * Computes the layer.
     *
     * @param x rows of I elements, after T; of no meaning where the layer reads ids
     * @param ids for each row the token, or which element of x is 1; of no meaning where no token
     *     is read
     * @param count how many rows
     * @param y rows of the layer's width, written
     * @param room for {@link Loops#sweep}
     */
    void apply(float[][] x, int[] ids, int count, float[][] y, float[][] room);

    /** A layer that takes one vector at a time. */
    interface One {
        void apply(float[] x, float[] y, float[][] room);
    }

    private static Stateless each(One one) {
        return (x, ids, count, y, room) -> {
            for (int n = 0; n < count; n++) {
                one.apply(x[n], y[n], room);
            }
        };
    }

    /** 13.1: a row of E. */
    static Stateless embedding(float[][] e) {
        return (x, ids, count, y, room) -> {
            for (int n = 0; n < count; n++) {
                float[] row = e[ids[n]];
                System.arraycopy(row, 0, y[n], 0, row.length);
            }
        };
    }

    /** 13.2: 1 at the id. */
    static Stateless oneHot() {
        return (x, ids, count, y, room) -> {
            for (int n = 0; n < count; n++) {
                Arrays.fill(y[n], 0);
                y[n][ids[n]] = 1;
            }
        };
    }

    /** 13.6: sums over x, or by ids. */
    static Stateless dense(Chain chain, int width) {
        return (x, ids, count, y, room) -> {
            if (chain.readsIds()) {
                chain.start(y, ids, count);
            } else {
                chain.start(y, x, count);
            }
            for (int n = 0; n < count; n++) {
                tiny(y[n], width);
            }
        };
    }

    private static void tiny(float[] y, int width) {
        for (int j = 0; j < width; j++) {
            y[j] = Tensor.tiny(y[j]);
        }
    }

    /** 13.9: scale and shift, each [I] or longer. */
    static Stateless affine(float[] s, float[] t, int width) {
        return each(
                (x, y, room) -> {
                    for (int j = 0; j < width; j++) {
                        y[j] = Tensor.tiny((x[j] * s[j]) + t[j]);
                    }
                });
    }

    /** 13.10: one element at a time. */
    static Stateless elementwise(Loops loops, Elementwise activation, int width) {
        return each(
                (x, y, room) -> {
                    System.arraycopy(x, 0, y, 0, width);
                    loops.sweep(activation, y, 0, width, room);
                });
    }

    /** 13.7. */
    static Stateless softmax(Loops loops, int width) {
        return each(
                (x, y, room) -> {
                    float s = sumOfExp(loops, x, Activation.max(x, width), y, width, room);
                    for (int k = 0; k < width; k++) {
                        y[k] = Tensor.tiny(y[k] / s);
                    }
                });
    }

    /** 13.8. */
    static Stateless logSoftmax(Loops loops, int width) {
        return each(
                (x, y, room) -> {
                    float m = Activation.max(x, width);
                    float log = Activation.log(sumOfExp(loops, x, m, y, width, room));
                    for (int k = 0; k < width; k++) {
                        y[k] = Tensor.tiny((x[k] - m) - log);
                    }
                });
    }

    /** Puts e^(x − m) into e and gives its sum. */
    private static float sumOfExp(
            Loops loops, float[] x, float m, float[] e, int width, float[][] room) {
        for (int k = 0; k < width; k++) {
            e[k] = x[k] - m;
        }
        loops.exp(e, width, room);
        return Activation.sum(e, width);
    }

    /** 13.11. */
    static Stateless layerNorm(LayerNorm norm) {
        return each((x, y, room) -> norm.apply(x, y));
    }
}
