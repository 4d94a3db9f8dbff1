package rnnspec;

/** A vector brought to mean 0 and variance 1, then scaled and shifted (SPEC section 13.11). */
final class LayerNorm {
    private final float epsilon;
    private final float[] gamma; // [I]
    private final float[] beta; // [I]

    /** With these parameters, after T. */
    LayerNorm(float epsilon, float[] gamma, float[] beta) {
        this.epsilon = epsilon;
        this.gamma = gamma;
        this.beta = beta;
    }

    /** Puts what becomes of x into y, both [I]. */
    void apply(float[] x, float[] y) {
        int n = gamma.length;
        float m = Activation.sum(x) / n;
        for (int j = 0; j < n; j++) {
            float d = Tensor.tiny(x[j] - m);
            y[j] = d * d;
        }
        float v = Activation.sum(y) / n;
        // The root of a binary32 in binary64, rounded once more, is the nearest binary32.
        float q = 1 / (float) Math.sqrt(v + epsilon);
        for (int j = 0; j < n; j++) {
            float d = Tensor.tiny(x[j] - m);
            y[j] = Tensor.tiny(((d * q) * gamma[j]) + beta[j]);
        }
    }
}
