package rnnspec;

/**
 * The functions of SPEC section 12.5 and the sums of 12.4: the same bits everywhere.
 *
 * <p>Every operation is one binary32 operation, rounded to nearest even; Java's floats do just
 * that. Products with a power of two are exact. NaN gives NaN. Never {@link Math}: its functions
 * differ from machine to machine.
 */
public final class Activation {
    private static final float LOG2E = Float.intBitsToFloat(0x3fb8aa3b);

    /** 1.5 × 2^23: adding and taking it away rounds to a whole number. */
    private static final float MAGIC = 0x1.8p23f;

    /** ln 2 in two parts; products of the first with whole numbers up to 128 are exact. */
    private static final float LN2_HI = Float.intBitsToFloat(0x3f317200);

    private static final float LN2_LO = Float.intBitsToFloat(0x35bfbe8e);

    private static final float E2 = Float.intBitsToFloat(0x3efffffa);
    private static final float E3 = Float.intBitsToFloat(0x3e2aaa26);
    private static final float E4 = Float.intBitsToFloat(0x3d2aae4f);
    private static final float E5 = Float.intBitsToFloat(0x3c092de5);
    private static final float E6 = Float.intBitsToFloat(0x3ab40b74);

    private static final float H3 = Float.intBitsToFloat(0xbeaaaa99);
    private static final float H5 = Float.intBitsToFloat(0x3e088382);
    private static final float H7 = Float.intBitsToFloat(0xbd5c1c4c);
    private static final float H9 = Float.intBitsToFloat(0x3ca908a9);
    private static final float H11 = Float.intBitsToFloat(0xbbbac650);

    private static final float G3 = Float.intBitsToFloat(0x3eaaaa9f);
    private static final float G4 = Float.intBitsToFloat(0xbe800003);
    private static final float G5 = Float.intBitsToFloat(0x3e4cd460);
    private static final float G6 = Float.intBitsToFloat(0xbe2aafa2);
    private static final float G7 = Float.intBitsToFloat(0x3e11799e);
    private static final float G8 = Float.intBitsToFloat(0xbdfdb997);
    private static final float G9 = Float.intBitsToFloat(0x3df4e501);
    private static final float G10 = Float.intBitsToFloat(0xbdf18fa8);
    private static final float G11 = Float.intBitsToFloat(0x3d8a26d8);

    /** The bits of sqrt(1/2), and those of its fraction. */
    private static final int ROOT = 0x3f3504f3;

    private static final int FRACTION = 0x007fffff;

    private static final int ONE = 0x3f800000;

    private Activation() {}

    /** 2^k for −126 ≤ k ≤ 127. */
    private static float power(int k) {
        return Float.intBitsToFloat(k + 127 << 23);
    }

    /** The n of exp(v) = 2^n × (1 + u). */
    private static float whole(float v) {
        return ((v * LOG2E) + MAGIC) - MAGIC;
    }

    /** The u of exp(v) = 2^n × (1 + u). */
    private static float rest(float v, float n) {
        float r = (v - (n * LN2_HI)) - (n * LN2_LO);
        float q = ((((((((E6 * r) + E5) * r) + E4) * r) + E3) * r) + E2);
        return r + ((r * r) * q);
    }

    /**
     * e^x.
     *
     * @param x any
     * @return +∞ from 88.7 on, +0 below −35.4
     */
    public static float exp(float x) {
        float a = x < -64 ? -64 : x;
        float v = a > 89 ? 89 : a;
        float n = whole(v);
        float u = rest(v, n);
        float h = (1 + u) * power((int) n - 1);
        return Tensor.tiny(h + h);
    }

    /** 1 / (1 + e^x), without T. */
    private static float logistic(float x) {
        float a = x < -64 ? -64 : x;
        float v = a > 64 ? 64 : a;
        float n = whole(v);
        float u = rest(v, n);
        float w = power(-(int) n);
        float big = w < 1 ? 1 : w;
        float small = w < 1 ? w : 1;
        return w / (big + (small + u));
    }

    /**
     * 1 / (1 + e^−x).
     *
     * @param x any
     * @return from +0 to 1
     */
    public static float sigmoid(float x) {
        return Tensor.tiny(logistic(-x));
    }

    /**
     * The hyperbolic tangent.
     *
     * @param x any
     * @return from −1 to 1
     */
    public static float tanh(float x) {
        float a = Math.abs(x);
        float y;
        // Only the branch that is selected is computed.
        if (a < 0.625f) {
            float z = a * a;
            float p = ((((((((H11 * z) + H9) * z) + H7) * z) + H5) * z) + H3);
            y = a + (a * (p * z));
        } else {
            float g = logistic(a + a);
            y = 1 - (g + g);
        }
        return Tensor.tiny(x < 0 ? -y : y);
    }

    /**
     * The natural logarithm.
     *
     * @param x any
     * @return NaN below −2^-51, −∞ below 2^-51
     */
    public static float log(float x) {
        float t = Tensor.tiny(x);
        if (!(t > 0)) {
            return t == 0 ? Float.NEGATIVE_INFINITY : Float.NaN;
        }
        if (t == Float.POSITIVE_INFINITY) {
            return t;
        }
        int bits = Float.floatToRawIntBits(t);
        // A fraction below that of sqrt(1/2) makes m at least 1, else at least sqrt(1/2).
        int half = (bits & FRACTION) < (ROOT & FRACTION) ? 0 : 1;
        float k = (bits >> 23) - 127 + half;
        float m = Float.intBitsToFloat((bits & FRACTION) | ONE - (half << 23));
        float f = m - 1;
        float z = f * f;
        float p = (((G11 * f) + G10) * f) + G9;
        p = (((((p * f) + G8) * f) + G7) * f) + G6;
        p = (((((p * f) + G5) * f) + G4) * f) + G3;
        float i = ((f * z) * p) + (k * LN2_LO);
        float j = i - (0.5f * z);
        return Tensor.tiny((f + j) + (k * LN2_HI));
    }

    // --- the same over arrays, in short loops: the JIT compiler vectorises all but those that
    // select, or that look at bits. a and b are as long as v, and hold what lies between.

    /** For some elements of v: n of exp(x) into a, u into b, of x clamped to low … high. */
    private static void split(
            float[] v, float sign, float low, float high, float[] a, float[] b, int from, int to) {
        for (int k = from; k < to; k++) {
            // Exact: the sign is 1 or −1. NaN goes through max and min.
            float x = Math.min(Math.max(sign * v[k], low), high);
            float n = whole(x);
            a[k] = n;
            b[k] = rest(x, n);
        }
    }

    /** 1 / (1 + e^x) of what was split, into a, without T. */
    private static void logistic(float[] a, float[] b, int from, int to) {
        for (int k = from; k < to; k++) {
            a[k] = power(-(int) a[k]);
        }
        for (int k = from; k < to; k++) {
            float w = a[k];
            a[k] = w / (Math.max(w, 1) + (Math.min(w, 1) + b[k]));
        }
    }

    /**
     * Puts e^x in the place of each x.
     *
     * @param v the elements
     * @param to behind the last that is changed
     * @param room two arrays as long as v, or more of them
     */
    public static void exp(float[] v, int to, float[][] room) {
        float[] a = room[0];
        float[] b = room[1];
        split(v, 1, -64, 89, a, b, 0, to);
        for (int k = 0; k < to; k++) {
            a[k] = power((int) a[k] - 1);
        }
        for (int k = 0; k < to; k++) {
            float h = (1 + b[k]) * a[k];
            v[k] = Tensor.tiny(h + h);
        }
    }

    /**
     * Puts 1 / (1 + e^−x) in the place of each x.
     *
     * @param v the elements
     * @param from the first that is changed
     * @param to behind the last that is changed
     * @param room two arrays as long as v, or more of them
     */
    public static void sigmoid(float[] v, int from, int to, float[][] room) {
        split(v, -1, -64, 64, room[0], room[1], from, to);
        logistic(room[0], room[1], from, to);
        for (int k = from; k < to; k++) {
            v[k] = Tensor.tiny(room[0][k]);
        }
    }

    /**
     * Puts the hyperbolic tangent in the place of each x.
     *
     * @param v the elements
     * @param from the first that is changed
     * @param to behind the last that is changed
     * @param room two arrays as long as v, or more of them
     */
    public static void tanh(float[] v, int from, int to, float[][] room) {
        float[] g = room[0];
        float[] low = room[1];
        for (int k = from; k < to; k++) {
            float a = Math.min(Math.abs(v[k]) + Math.abs(v[k]), 64);
            float n = whole(a);
            g[k] = n;
            low[k] = rest(a, n);
        }
        logistic(g, low, from, to);
        for (int k = from; k < to; k++) {
            float a = Math.abs(v[k]);
            float z = a * a;
            float p = ((((((((H11 * z) + H9) * z) + H7) * z) + H5) * z) + H3);
            low[k] = a + (a * (p * z));
            g[k] = 1 - (g[k] + g[k]);
        }
        for (int k = from; k < to; k++) {
            float x = v[k];
            float y = Math.abs(x) < 0.625f ? low[k] : g[k];
            v[k] = Tensor.tiny(x < 0 ? -y : y);
        }
    }

    /**
     * The sum of elements in the order of SPEC [sum-1]: sixteen partial sums, then a tree.
     *
     * @param v the elements
     * @param n how many, from the first on
     * @return their sum
     */
    static float sum(float[] v, int n) {
        return sum(v, n, 0, 1);
    }

    /** The sum of the elements from, from + stride, … as the tree has it. */
    private static float sum(float[] v, int n, int from, int stride) {
        if (stride < 16) {
            return sum(v, n, from, 2 * stride) + sum(v, n, from + stride, 2 * stride);
        }
        float s = 0;
        for (int k = from; k < n; k += 16) {
            s = s + v[k];
        }
        return s;
    }

    /** The largest of the first n elements. */
    static float max(float[] x, int n) {
        float m = x[0];
        for (int k = 1; k < n; k++) {
            m = m < x[k] ? x[k] : m;
        }
        return m;
    }
}
