package rnnspec;

/**
 * An activation that takes one element at a time, with its alpha and beta (SPEC section 12.6).
 *
 * <p>Immutable. It works on many elements at once, so that which function it is, is asked once and
 * not in the loop.
 */
public final class Elementwise {
    private final Layout.Function function;
    private final float alpha;
    private final float beta;

    private Elementwise(Layout.Function function, float alpha, float beta) {
        this.function = function;
        this.alpha = alpha;
        this.beta = beta;
    }

    /** The activation as a model has it; alpha and beta are rounded, and T is applied to them. */
    static Elementwise of(Model.Activation activation) {
        return new Elementwise(
                activation.function(), number(activation.alpha()), number(activation.beta()));
    }

    private static float number(Double value) {
        return value == null ? 0 : Tensor.tiny(value.floatValue());
    }

    /**
     * Which function it is.
     *
     * @return the function
     */
    public Layout.Function function() {
        return function;
    }

    /**
     * Puts the activation of elements in their place.
     *
     * @param v the elements
     * @param from the first that is changed
     * @param to behind the last that is changed
     */
    public void apply(float[] v, int from, int to) {
        switch (function) {
            case LINEAR -> {
                for (int k = from; k < to; k++) {
                    v[k] = Tensor.tiny(v[k]);
                }
            }
            case TANH -> {
                for (int k = from; k < to; k++) {
                    v[k] = Activation.tanh(v[k]);
                }
            }
            case SIGMOID -> {
                for (int k = from; k < to; k++) {
                    v[k] = Activation.sigmoid(v[k]);
                }
            }
            case RELU -> {
                for (int k = from; k < to; k++) {
                    v[k] = Tensor.tiny(v[k] < 0 ? 0 : v[k]);
                }
            }
            case LEAKY_RELU -> {
                for (int k = from; k < to; k++) {
                    v[k] = Tensor.tiny(v[k] < 0 ? alpha * v[k] : v[k]);
                }
            }
            case ELU -> {
                for (int k = from; k < to; k++) {
                    v[k] = Tensor.tiny(v[k] < 0 ? alpha * (Activation.exp(v[k]) - 1) : v[k]);
                }
            }
            case SOFTPLUS -> {
                for (int k = from; k < to; k++) {
                    v[k] = softplus(v[k]);
                }
            }
            case SOFTSIGN -> {
                for (int k = from; k < to; k++) {
                    v[k] = Tensor.tiny(v[k] / (1 + Math.abs(v[k])));
                }
            }
            case HARD_SIGMOID -> {
                for (int k = from; k < to; k++) {
                    float a = (alpha * v[k]) + beta;
                    float l = a < 0 ? 0 : a;
                    v[k] = Tensor.tiny(1 < l ? 1 : l);
                }
            }
            case HARD_TANH -> {
                for (int k = from; k < to; k++) {
                    float l = v[k] < -1 ? -1 : v[k];
                    v[k] = Tensor.tiny(1 < l ? 1 : l);
                }
            }
            case THRESHOLDED_RELU -> {
                for (int k = from; k < to; k++) {
                    v[k] = Tensor.tiny(v[k] <= alpha ? 0 : v[k]);
                }
            }
            case SCALED_TANH -> {
                for (int k = from; k < to; k++) {
                    v[k] = Tensor.tiny(alpha * Activation.tanh(beta * v[k]));
                }
            }
            default -> throw new IllegalStateException(function.word());
        }
    }

    private static float softplus(float x) {
        return Tensor.tiny((x < 0 ? 0 : x) + Activation.log(1 + Activation.exp(-Math.abs(x))));
    }
}
