package rnnspec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import rnnspec.kernel.Loops;

/**
 * Compared with the platform's binary64 functions, which are right to about 1 of their own ulps.
 */
class ActivationTest {
    private interface Function {
        float apply(float x);
    }

    /**
     * The largest error in ulps of binary32 over one in 509 of all inputs, where T leaves a value.
     */
    private static double worst(Function function, DoubleUnaryOperator truth) {
        double worst = 0;
        for (long word = 0; word < 1L << 32; word += 509) {
            float x = Float.intBitsToFloat((int) word);
            double exact = truth.applyAsDouble(x);
            float y = function.apply(x);
            if (Double.isNaN(exact)) {
                assertTrue(Float.isNaN(y));
            } else if (Math.abs(exact) > 1.0001 * 0x1p-51 && Math.abs(exact) < Float.MAX_VALUE) {
                double ulp = Math.scalb(1.0, Math.getExponent(exact) - 23);
                worst = Math.max(worst, Math.abs(y - exact) / ulp);
            } else if (Math.abs(exact) < 0.9999 * 0x1p-51) {
                assertEquals(0, Float.floatToRawIntBits(y));
            } else if (Math.abs(exact) > 1.0001 * Float.MAX_VALUE) {
                assertEquals((float) exact, y);
            }
        }
        return worst;
    }

    private static void assertWorst(double low, double high, double worst) {
        assertTrue(low < worst && worst <= high, "worst error " + worst + " ulp");
    }

    @Test
    void exp() {
        assertWorst(0.5, 0.97, worst(Activation::exp, StrictMath::exp));
        assertEquals(1, Activation.exp(0));
        assertEquals(1, Activation.exp(-0f));
    }

    @Test
    void log() {
        assertWorst(0.5, 0.82, worst(Activation::log, x -> StrictMath.log(Tensor.tiny((float) x))));
        assertEquals(0, Float.floatToRawIntBits(Activation.log(1)));
    }

    @Test
    void tanh() {
        assertWorst(0.5, 1.24, worst(Activation::tanh, StrictMath::tanh));
        assertEquals(1, Activation.tanh(Float.POSITIVE_INFINITY));
        assertEquals(-1, Activation.tanh(Float.NEGATIVE_INFINITY));
    }

    @Test
    void sigmoid() {
        assertWorst(0.5, 2.01, worst(Activation::sigmoid, x -> 1 / (1 + StrictMath.exp(-x))));
        assertEquals(0.5f, Activation.sigmoid(0));
        assertEquals(1, Activation.sigmoid(Float.POSITIVE_INFINITY));
    }

    @Test
    void allAreMonotone() {
        Function[] functions = {
            Activation::exp, Activation::log, Activation::tanh, Activation::sigmoid
        };
        Random random = new Random(1);
        for (int i = 0; i < 3000; i++) {
            float x = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(4) - 2));
            for (int steps = 0; steps < 100; steps++) {
                float next = Math.nextUp(x);
                for (Function function : functions) {
                    // A comparison with NaN, of log, is no break.
                    assertTrue(!(function.apply(x) > function.apply(next)));
                }
                x = next;
            }
        }
    }

    @Test
    void aSumHasSixteenParts() {
        float[] v = new float[40];
        v[0] = 0x1p24f;
        v[8] = 1;
        v[16] = 1;
        v[24] = 1;
        // Part 0 loses its one; part 8 keeps both of its ones.
        assertEquals(0x1p24f + 2, Activation.sum(v, v.length));
        assertEquals(0, Activation.sum(new float[0], 0));
        Random random = new Random(2);
        float[] many = Fixtures.floats(random, 10_000, 1);
        double sum = 0;
        for (float x : many) {
            sum += x;
        }
        assertEquals(sum, Activation.sum(many, many.length), 1e-3);
    }

    @Test
    void softmaxSumsToOneAndLogSoftmaxIsItsLogarithm() {
        Random random = new Random(3);
        for (int n = 1; n < 100; n++) {
            float[] x = Fixtures.floats(random, n, 5);
            Loops loops = Kernel.chosen();
            float[] y = new float[loops.padded(n)];
            float[] z = new float[loops.padded(n)];
            float[][] room = new float[3][loops.padded(n)];
            float[][] rows = {x};
            Stateless.softmax(loops, n).apply(rows, null, 1, new float[][] {y}, room);
            Stateless.logSoftmax(loops, n).apply(rows, null, 1, new float[][] {z}, room);
            double sum = 0;
            double total = 0;
            for (int k = 0; k < n; k++) {
                sum += y[k];
                total += Math.exp(x[k]);
            }
            assertEquals(1, sum, 1e-6);
            for (int k = 0; k < n; k++) {
                assertEquals(Math.exp(x[k]) / total, y[k], 1e-6);
                assertEquals(x[k] - Math.log(total), z[k], 1e-5);
            }
        }
    }

    private interface Whole {
        void apply(float[] v, int from, int to, float[][] room);
    }

    /** Over arrays as one by one, bit for bit, and nothing outside is touched. */
    @Test
    void arraysHaveTheBitsOfElements() {
        assertSameOverArrays(Activation::tanh, Activation::tanh);
        assertSameOverArrays(Activation::sigmoid, Activation::sigmoid);
        Whole exp =
                (v, from, to, room) -> {
                    float[] part = Arrays.copyOfRange(v, from, to);
                    Activation.exp(part, part.length, room);
                    System.arraycopy(part, 0, v, from, part.length);
                };
        assertSameOverArrays(Activation::exp, exp);
    }

    private static void assertSameOverArrays(Function one, Whole whole) {
        int n = 4096;
        float[][] room = new float[2][n + 2];
        float[] v = new float[n + 2];
        float[] expected = new float[n + 2];
        for (long word = 0; word < 1L << 32; word += 1009L * n) {
            for (int k = 0; k < v.length; k++) {
                v[k] = Float.intBitsToFloat((int) (word + 1009L * k));
                expected[k] = k == 0 || k > n ? v[k] : one.apply(v[k]);
            }
            whole.apply(v, 1, n + 1, room);
            assertArrayEquals(expected, v);
        }
    }
}
