package rnnspec;

/** A vector brought to mean 0 and variance 1, then scaled and shifted (SPEC section 13.11). */
final class LayerNorm {
    private final int n; // I
    private final float epsilon;
    private final float[] gamma; // [I] or longer
    private final float[] beta; // [I] or longer

    /** For vectors of n elements, with these parameters, after T. */
    LayerNorm(int n, float epsilon, float[] gamma, float[] beta) {
        this.n = n;
        this.epsilon = epsilon;
        this.gamma = gamma;
        this.beta = beta;
    }

    /** Puts what becomes of x into y, both [I] or longer. */
    void apply(float[] x, float[] y) {
        float m = Activation.sum(x, n) / n;
        for (int j = 0; j < n; j++) {
            float d = Tensor.tiny(x[j] - m);
            y[j] = d * d;
        }
        float v = Activation.sum(y, n) / n;
        // The root of a binary32 in binary64, rounded once more, is the nearest binary32.
        float q = 1 / (float) Math.sqrt(v + epsilon);
        for (int j = 0; j < n; j++) {
            float d = Tensor.tiny(x[j] - m);
            y[j] = Tensor.tiny(((d * q) * gamma[j]) + beta[j]);
        }
    }
}
