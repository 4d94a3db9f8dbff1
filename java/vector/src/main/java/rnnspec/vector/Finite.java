package rnnspec.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Looks for what is infinite or NaN (SPEC section 12.7). */
final class Finite {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = FLOATS.length();

    private Finite() {}

    /** Whether no element before to is infinite or NaN. */
    static boolean areFinite(float[] v, int to) {
        int end = to - to % LANES;
        FloatVector sum = FloatVector.zero(FLOATS);
        for (int k = 0; k < end; k += LANES) {
            // 0 × v is NaN for what is not finite, and a sum with NaN is NaN.
            sum = sum.add(FloatVector.fromArray(FLOATS, v, k).mul(0));
        }
        boolean areFinite = sum.reduceLanes(VectorOperators.ADD) == 0;
        for (int k = end; k < to; k++) {
            areFinite &= Math.abs(v[k]) <= Float.MAX_VALUE;
        }
        return areFinite;
    }
}
