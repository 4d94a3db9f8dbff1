package rnnspec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** The activations of 12.6 against their textbook formulas in binary64. */
class ElementwiseTest {
    private static final double ALPHA = 0.3;
    private static final double BETA = -0.7;

    /** As a file's decimals arrive: rounded to binary32. */
    private static final double A = (float) ALPHA;

    private static final double B = (float) BETA;

    private static Map<Layout.Function, DoubleUnaryOperator> textbook() {
        Map<Layout.Function, DoubleUnaryOperator> all = new EnumMap<>(Layout.Function.class);
        all.put(Layout.Function.LINEAR, x -> x);
        all.put(Layout.Function.TANH, Math::tanh);
        all.put(Layout.Function.SIGMOID, x -> 1 / (1 + Math.exp(-x)));
        all.put(Layout.Function.RELU, x -> Math.max(0, x));
        all.put(Layout.Function.LEAKY_RELU, x -> x >= 0 ? x : A * x);
        all.put(Layout.Function.ELU, x -> x >= 0 ? x : A * Math.expm1(x));
        all.put(Layout.Function.SOFTPLUS, x -> x > 30 ? x : Math.log1p(Math.exp(x)));
        all.put(Layout.Function.SOFTSIGN, x -> x / (1 + Math.abs(x)));
        all.put(Layout.Function.HARD_SIGMOID, x -> Math.min(1, Math.max(0, A * x + B)));
        all.put(Layout.Function.HARD_TANH, x -> Math.min(1, Math.max(-1, x)));
        all.put(Layout.Function.THRESHOLDED_RELU, x -> x > A ? x : 0);
        all.put(Layout.Function.SCALED_TANH, x -> A * Math.tanh(B * x));
        return all;
    }

    private static Elementwise of(Layout.Function function, double alpha, double beta) {
        int numbers = function.members().size();
        return Elementwise.of(
                new Model.Activation(
                        function, numbers > 0 ? alpha : null, numbers > 1 ? beta : null));
    }

    private static float one(Elementwise activation, float x) {
        float[] v = {9, x, 9};
        activation.apply(v, 1, 2);
        assertTrue(v[0] == 9 && v[2] == 9);
        return v[1];
    }

    @Test
    void everyFunctionIsThatOfTheTextbook() {
        Random random = new Random(1);
        Map<Layout.Function, DoubleUnaryOperator> textbook = textbook();
        for (Layout.Function function : Layout.Function.values()) {
            if (!function.isElementwise()) {
                continue;
            }
            Elementwise activation = of(function, ALPHA, BETA);
            for (int i = 0; i < 20_000; i++) {
                float x = (float) random.nextGaussian() * (i % 3 == 0 ? 50 : 2);
                double expected = textbook.get(function).applyAsDouble(x);
                double error = Math.abs(expected - one(activation, x));
                assertTrue(
                        error <= 2.5e-7 * Math.max(1, Math.abs(expected)),
                        function + " of " + x + ": " + one(activation, x) + ", not " + expected);
            }
        }
    }

    @Test
    void nanGoesThroughAndTinyBecomesPlusZero() {
        for (Layout.Function function : textbook().keySet()) {
            Elementwise activation = of(function, 0, 0);
            assertTrue(Float.isNaN(one(activation, Float.NaN)), function.word());
            float ofZero = one(activation, -0f);
            assertEquals(
                    Float.floatToRawIntBits(Math.abs(ofZero)), Float.floatToRawIntBits(ofZero));
        }
        assertEquals(0, one(of(Layout.Function.LINEAR, 0, 0), 0x1p-52f));
        assertEquals(0x1p-51f, one(of(Layout.Function.LINEAR, 0, 0), 0x1p-51f));
        assertEquals(0, one(of(Layout.Function.RELU, 0, 0), 0x1p-52f));
        assertEquals(0, one(of(Layout.Function.LEAKY_RELU, 0x1p-30, 0), -0x1p-30f));
    }

    /** alpha and beta are rounded to binary32, and T is applied to them. */
    @Test
    void theNumbersAreSinglesAfterT() {
        assertEquals(0, one(of(Layout.Function.SCALED_TANH, 0x1p-60, 1), 5));
        float large = one(of(Layout.Function.LEAKY_RELU, 0x1p-52, 0), -0x1p100f);
        assertEquals(0, large);
        Elementwise threshold = of(Layout.Function.THRESHOLDED_RELU, 0.1, 0);
        assertEquals(0, one(threshold, 0.1f));
        assertEquals(Math.nextUp(0.1f), one(threshold, Math.nextUp(0.1f)));
    }
}
