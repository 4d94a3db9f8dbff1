package rnnspec;

import java.util.Arrays;
import rnnspec.cells.Chain;

/**
 * A layer without a state, with its parameters after T: what it makes of one vector (SPEC section
 * 13). Immutable.
 */
interface Stateless {
    /**
     * Computes the layer.
     *
     * @param x [I], after T; of no meaning where the layer reads an id
     * @param id the token, or which element of x is 1; −1 if that is not known
     * @param y [width], written
     */
    void apply(float[] x, int id, float[] y);

    /** 13.1: a row of E. */
    static Stateless embedding(float[] e) {
        return (x, id, y) -> System.arraycopy(e, id * y.length, y, 0, y.length);
    }

    /** 13.2: 1 at the id. */
    static Stateless oneHot() {
        return (x, id, y) -> {
            Arrays.fill(y, 0);
            y[id] = 1;
        };
    }

    /** 13.6: [I][size] and a bias or null. */
    static Stateless dense(float[][] w, float[] b) {
        return (x, id, y) -> {
            Chain.start(y, b);
            Chain.add(y, x, w);
            tiny(y);
        };
    }

    /** The same behind one-hot: a row of W, as terms with a zero factor change nothing. */
    static Stateless denseOfOneHot(float[][] w, float[] b) {
        return (x, id, y) -> {
            Chain.start(y, b);
            Chain.add(y, 1, w[id]);
            tiny(y);
        };
    }

    private static void tiny(float[] y) {
        for (int j = 0; j < y.length; j++) {
            y[j] = Tensor.tiny(y[j]);
        }
    }

    /** 13.9: scale and shift, each [I]. */
    static Stateless affine(float[] s, float[] t) {
        return (x, id, y) -> {
            for (int j = 0; j < y.length; j++) {
                y[j] = Tensor.tiny((x[j] * s[j]) + t[j]);
            }
        };
    }

    /** 13.10: one element at a time. */
    static Stateless elementwise(Elementwise activation) {
        return (x, id, y) -> {
            System.arraycopy(x, 0, y, 0, y.length);
            activation.apply(y, 0, y.length);
        };
    }

    /** 13.7. */
    static Stateless softmax() {
        return (x, id, y) -> Activation.softmax(x, y);
    }

    /** 13.8. */
    static Stateless logSoftmax() {
        return (x, id, y) -> Activation.logSoftmax(x, y);
    }

    /** 13.11. */
    static Stateless layerNorm(LayerNorm norm) {
        return (x, id, y) -> norm.apply(x, y);
    }
}
