package rnnspec;

/**
 * Between binary32 and the narrower dtypes of files (SPEC [tensor-1], [tensor-6] to [tensor-8]).
 */
final class Narrow {
    /** The smallest normal binary32; a smaller scale would hang on flush-to-zero. */
    private static final float SMALLEST_SCALE = Float.MIN_NORMAL;

    private static final int LARGEST_QUANTUM = 127;

    private Narrow() {}

    // --- float16 ---

    /** binary16 to binary32, exactly. */
    static float widen(short half) {
        int sign = (half & 0x8000) << 16;
        int exponent = half >> 10 & 0x1F;
        int fraction = half & 0x3FF;
        if (exponent == 0) {
            float magnitude = fraction * 0x1p-24f;
            return sign == 0 ? magnitude : -magnitude;
        }
        int wide = exponent == 31 ? 255 : exponent - 15 + 127;
        return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
    }

    /** binary32 to binary16, for values that {@link #widen} gave. */
    static short half(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int exponent = (bits >> 23 & 0xFF) - 127 + 15;
        if (exponent <= 0) {
            return (short) (sign | (int) (Math.abs(value) * 0x1p24f));
        }
        return (short) (sign | Math.min(exponent, 31) << 10 | bits >> 13 & 0x3FF);
    }

    /** The nearest value that binary16 has, ties to even; infinite from 65520 on. */
    static float roundToHalf(float value) {
        // Of the values from one power of two to the next, and of all below 2^-14.
        int exponent = Math.max(Math.getExponent(value), -14);
        double unit = Math.scalb(1.0, exponent - 10);
        double rounded = Math.rint(value / unit) * unit;
        return Math.abs(rounded) < 0x1p16 ? (float) rounded : value * Float.POSITIVE_INFINITY;
    }

    // --- bfloat16 ---

    /** The upper half of a binary32. */
    static float widenBrain(short brain) {
        return Float.intBitsToFloat(brain << 16);
    }

    /** binary32 to its upper half, for values that {@link #widenBrain} gave. */
    static short brain(float value) {
        return (short) (Float.floatToRawIntBits(value) >>> 16);
    }

    /** The nearest value that an upper half has, ties to even; infinite from 2^128 − 2^119 on. */
    static float roundToBrain(float value) {
        int bits = Float.floatToRawIntBits(value);
        // Half of the lower half, less one where the upper half is even: a tie then stays below.
        int half = 0x7FFF + (bits >>> 16 & 1);
        return Float.intBitsToFloat(bits + half & 0xFFFF0000);
    }

    // --- int8 ---

    /** The nearest quanta, with the scales that [tensor-7] says, of a matrix. */
    static Tensor.Quantised quantise(float[] values, int rows, int columns, int axis) {
        float[] scales = new float[axis == 0 ? rows : columns];
        for (int i = 0; i < values.length; i++) {
            int k = axis == 0 ? i / columns : i % columns;
            scales[k] = Math.max(scales[k], Math.abs(values[i]));
        }
        for (int k = 0; k < scales.length; k++) {
            float scale = scales[k] / LARGEST_QUANTUM;
            scales[k] = scale < SMALLEST_SCALE ? 1 : scale;
        }
        byte[] quanta = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            float scale = scales[axis == 0 ? i / columns : i % columns];
            quanta[i] = (byte) Math.rint(values[i] / scale);
        }
        return new Tensor.Quantised(axis, scales, quanta);
    }
}
