package rnnspec.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The functions of SPEC section 12.5 over arrays that are padded to whole vectors, in several
 * sweeps each.
 *
 * <p>The JIT compiler stops inlining at 18,000 nodes, which some thirty operations on vectors make;
 * what is left of the vectors then lives in objects, a hundred times slower. So every sweep is
 * short, and all are called from one place as implementations of one interface: those the compiler
 * does not inline into their caller.
 *
 * <p>A power of two is put together from its bits, and of numbers that are not negative the order
 * is that of their bits: what selects between such works on integers, which costs less. Clamps
 * compare floats, so that NaN goes through.
 */
@FunctionalInterface
interface Sweep {
    /**
     * Works on some elements.
     *
     * @param v what is changed at the end
     * @param a an operand, or what lies between sweeps
     * @param b the same
     * @param c the same
     * @param from the first element
     * @param to behind the last one
     * @param p how far from an element its first operand in a is, then the others
     */
    void run(float[] v, float[] a, float[] b, float[] c, int from, int to, int p, int q, int r);

    VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    int LANES = FLOATS.length();

    float LOG2E = Float.intBitsToFloat(0x3fb8aa3b);

    /** 1.5 × 2^23: a whole number added to it stands in the lowest bits. */
    float MAGIC = 0x1.8p23f;

    int MAGIC_BITS = 0x4b400000;

    float LN2_HI = Float.intBitsToFloat(0x3f317200);
    float LN2_LO = Float.intBitsToFloat(0x35bfbe8e);
    float E2 = Float.intBitsToFloat(0x3efffffa);
    float E3 = Float.intBitsToFloat(0x3e2aaa26);
    float E4 = Float.intBitsToFloat(0x3d2aae4f);
    float E5 = Float.intBitsToFloat(0x3c092de5);
    float E6 = Float.intBitsToFloat(0x3ab40b74);

    float H3 = Float.intBitsToFloat(0xbeaaaa99);
    float H5 = Float.intBitsToFloat(0x3e088382);
    float H7 = Float.intBitsToFloat(0xbd5c1c4c);
    float H9 = Float.intBitsToFloat(0x3ca908a9);
    float H11 = Float.intBitsToFloat(0xbbbac650);

    int BIAS = 127;
    int FRACTION = 23; // bits
    int ONE_BITS = 0x3f800000;
    int TINY_BITS = 0x26000000;
    int MAGNITUDE = 0x7fffffff;

    Sweep[] EXP = {Sweep::ofExp, Sweep::power};
    Sweep[] SIGMOID = {Sweep::ofNegative, Sweep::logistic};
    Sweep[] TANH = {Sweep::ofTwice, Sweep::low, Sweep::select};
    Sweep[] REMEMBER = {Sweep::remember};
    Sweep[] GATE = {Sweep::gate};
    Sweep[] RESET = {Sweep::reset};
    Sweep[] MIX = {Sweep::mix};

    /** Runs some sweeps, one after the other: the only place from which a sweep is called. */
    static void all(
            Sweep[] sweeps,
            float[] v,
            float[] a,
            float[] b,
            float[] c,
            int from,
            int to,
            int p,
            int q,
            int r) {
        for (Sweep sweep : sweeps) {
            sweep.run(v, a, b, c, from, to, p, q, r);
        }
    }

    // --- functions: a and b are room ---

    /** The first part of exp: {@link #core} of v between its clamps. */
    private static void ofExp(
            float[] v, float[] a, float[] b, float[] c, int from, int to, int p, int q, int r) {
        for (int k = from; k < to; k += LANES) {
            FloatVector x = FloatVector.fromArray(FLOATS, v, k);
            x = x.blend(-64, x.compare(VectorOperators.LT, -64));
            core(x.blend(89, x.compare(VectorOperators.GT, 89)), a, b, k);
        }
    }

    /** The first part of sigmoid: {@link #core} of −v between its clamps. */
    private static void ofNegative(
            float[] v, float[] a, float[] b, float[] c, int from, int to, int p, int q, int r) {
        for (int k = from; k < to; k += LANES) {
            FloatVector x = FloatVector.fromArray(FLOATS, v, k).neg();
            x = x.blend(-64, x.compare(VectorOperators.LT, -64));
            core(x.blend(64, x.compare(VectorOperators.GT, 64)), a, b, k);
        }
    }

    /** The first part of tanh: {@link #core} of 2 × |v|, clamped. */
    private static void ofTwice(
            float[] v, float[] a, float[] b, float[] c, int from, int to, int p, int q, int r) {
        for (int k = from; k < to; k += LANES) {
            FloatVector x = FloatVector.fromArray(FLOATS, v, k).abs();
            x = x.add(x);
            core(x.blend(64, x.compare(VectorOperators.GT, 64)), a, b, k);
        }
    }

    /** Into a what has n in its lowest bits, into b u, where exp(x) = 2^n × (1 + u). */
    private static void core(FloatVector x, float[] a, float[] b, int k) {
        FloatVector whole = x.mul(LOG2E).add(MAGIC);
        FloatVector n = whole.sub(MAGIC);
        FloatVector r = x.sub(n.mul(LN2_HI)).sub(n.mul(LN2_LO));
        FloatVector q = r.mul(E6).add(E5).mul(r).add(E4).mul(r).add(E3).mul(r).add(E2);
        whole.intoArray(a, k);
        r.add(r.mul(r).mul(q)).intoArray(b, k);
    }

    /** v: exp, from n and u. */
    private static void power(
            float[] v, float[] a, float[] b, float[] c, int from, int to, int p, int q, int r) {
        for (int k = from; k < to; k += LANES) {
            FloatVector power =
                    FloatVector.fromArray(FLOATS, a, k)
                            .reinterpretAsInts()
                            .add(BIAS - 1 - MAGIC_BITS)
                            .lanewise(VectorOperators.LSHL, FRACTION)
                            .reinterpretAsFloats();
            FloatVector y = FloatVector.fromArray(FLOATS, b, k).add(1).mul(power);
            tiny(y.add(y)).intoArray(v, k);
        }
    }

    /** v: the logistic function, from n and u. */
    private static void logistic(
            float[] v, float[] a, float[] b, float[] c, int from, int to, int p, int q, int r) {
        for (int k = from; k < to; k += LANES) {
            tiny(logistic(a, b, k)).intoArray(v, k);
        }
    }

    /** c: |tanh| of v near 0. */
    private static void low(
            float[] v, float[] a, float[] b, float[] c, int from, int to, int p, int q, int r) {
        for (int k = from; k < to; k += LANES) {
            FloatVector x = FloatVector.fromArray(FLOATS, v, k).abs();
            FloatVector z = x.mul(x);
            FloatVector s = z.mul(H11).add(H9).mul(z).add(H7).mul(z).add(H5).mul(z).add(H3);
            x.add(x.mul(s.mul(z))).intoArray(c, k);
        }
    }

    /** v: tanh of it, from n and u of the logistic function and what is near 0 in c. */
    private static void select(
            float[] v, float[] a, float[] b, float[] c, int from, int to, int p, int q, int r) {
        for (int k = from; k < to; k += LANES) {
            FloatVector x = FloatVector.fromArray(FLOATS, v, k);
            FloatVector g = logistic(a, b, k);
            FloatVector high = g.add(g).neg().add(1);
            FloatVector low = FloatVector.fromArray(FLOATS, c, k);
            FloatVector y = high.blend(low, x.abs().compare(VectorOperators.LT, 0.625f));
            IntVector sign = x.reinterpretAsInts().and(~MAGNITUDE);
            tiny(y.reinterpretAsInts().or(sign).reinterpretAsFloats()).intoArray(v, k);
        }
    }

    /** The logistic function, from n and u, without T. */
    private static FloatVector logistic(float[] a, float[] b, int k) {
        IntVector w =
                FloatVector.fromArray(FLOATS, a, k)
                        .reinterpretAsInts()
                        .neg()
                        .add(BIAS + MAGIC_BITS)
                        .lanewise(VectorOperators.LSHL, FRACTION);
        FloatVector big = w.max(ONE_BITS).reinterpretAsFloats();
        FloatVector small = w.min(ONE_BITS).reinterpretAsFloats();
        FloatVector u = FloatVector.fromArray(FLOATS, b, k);
        return w.reinterpretAsFloats().div(big.add(small.add(u)));
    }

    // --- what cells do between their gates ---

    /** v: (a[p] × v) + (a[q] × a[r]), after T. */
    private static void remember(
            float[] v, float[] a, float[] b, float[] c, int from, int to, int p, int q, int r) {
        for (int k = from; k < to; k += LANES) {
            FloatVector kept = FloatVector.fromArray(FLOATS, a, p + k);
            kept = kept.mul(FloatVector.fromArray(FLOATS, v, k));
            FloatVector added = FloatVector.fromArray(FLOATS, a, q + k);
            added = added.mul(FloatVector.fromArray(FLOATS, a, r + k));
            tiny(kept.add(added)).intoArray(v, k);
        }
    }

    /** v: a[p] × b, after T. */
    private static void gate(
            float[] v, float[] a, float[] b, float[] c, int from, int to, int p, int q, int r) {
        for (int k = from; k < to; k += LANES) {
            FloatVector y = FloatVector.fromArray(FLOATS, a, p + k);
            tiny(y.mul(FloatVector.fromArray(FLOATS, b, k))).intoArray(v, k);
        }
    }

    /** v: v[p] + (a × a[p] after T). */
    private static void reset(
            float[] v, float[] a, float[] b, float[] c, int from, int to, int p, int q, int r) {
        for (int k = from; k < to; k += LANES) {
            FloatVector y = FloatVector.fromArray(FLOATS, a, k);
            y = tiny(y.mul(FloatVector.fromArray(FLOATS, a, p + k)));
            FloatVector.fromArray(FLOATS, v, p + k).add(y).intoArray(v, k);
        }
    }

    /** v: ((1 − a[p]) × b) + (a[p] × v), after T. */
    private static void mix(
            float[] v, float[] a, float[] b, float[] c, int from, int to, int p, int q, int r) {
        for (int k = from; k < to; k += LANES) {
            FloatVector z = FloatVector.fromArray(FLOATS, a, p + k);
            FloatVector fresh = z.neg().add(1).mul(FloatVector.fromArray(FLOATS, b, k));
            FloatVector kept = z.mul(FloatVector.fromArray(FLOATS, v, k));
            tiny(fresh.add(kept)).intoArray(v, k);
        }
    }

    /** T: all bits go where the magnitude is below 2^-51. */
    private static FloatVector tiny(FloatVector y) {
        IntVector bits = y.reinterpretAsInts();
        IntVector below = bits.and(MAGNITUDE).sub(TINY_BITS).lanewise(VectorOperators.ASHR, 31);
        return bits.and(below.not()).reinterpretAsFloats();
    }
}
