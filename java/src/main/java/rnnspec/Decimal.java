package rnnspec;

import java.nio.charset.StandardCharsets;

/**
 * The decimal numbers of JSON, from bytes to binary64 and binary32 (SPEC [json-6], [tensor-2]).
 *
 * <p>One of these reads one number after the other; it allocates only for the few numbers that need
 * the platform's own parser.
 */
final class Decimal {
    /** 10^18 is the largest power of ten at which one more digit still fits a long. */
    private static final int MOST_DIGITS = 18;

    /** 10^k is exact in binary64 up to here. */
    private static final int EXACT_POWER = 22;

    private static final double[] POWERS = powers();

    /** Eight times the largest relative error of {@link #scaled}. */
    private static final double MARGIN = 0x1p-48;

    private final byte[] bytes;
    private final int end;

    private int start;
    private int stop;
    private boolean negative;

    /** The value is mantissa × 10^exponent, or a little more where digits were cut. */
    private long mantissa;

    private long exponent;

    Decimal(byte[] bytes, int end) {
        this.bytes = bytes;
        this.end = end;
    }

    private static double[] powers() {
        double[] powers = new double[309];
        for (int k = 0; k < powers.length; k++) {
            powers[k] = Double.parseDouble("1e" + k);
        }
        return powers;
    }

    /**
     * Reads the number that starts at {@code from}.
     *
     * @return the first byte after it; or, if it isn't a number, −1 − the byte where it fails
     */
    int scan(int from) {
        final byte[] b = bytes;
        final int e = end;
        int p = from;
        start = from;
        negative = b[p] == '-';
        if (negative) {
            p++;
        }
        int first = p;
        long m = 0;
        int digit;
        if (p < e && b[p] == '0') {
            p++;
        } else {
            while (p < e && (digit = b[p] - '0') >= 0 && digit <= 9) {
                m = m * 10 + digit;
                p++;
            }
            if (p == first) {
                return ~p;
            }
        }
        int digits = p - first;
        int fraction = 0;
        if (p < e && b[p] == '.') {
            int point = ++p;
            while (p < e && (digit = b[p] - '0') >= 0 && digit <= 9) {
                m = m * 10 + digit;
                p++;
            }
            fraction = p - point;
            if (fraction == 0) {
                return ~p;
            }
        }
        mantissa = m;
        exponent = -fraction;
        if (digits + fraction > MOST_DIGITS) {
            collect(first, p, fraction);
        }
        if (p < e && (b[p] | 0x20) == 'e') {
            p = scanExponent(p + 1);
        }
        stop = p;
        return p;
    }

    /** Reads the exponent after its letter; returns as {@link #scan} does. */
    private int scanExponent(int from) {
        int p = from;
        boolean minus = p < end && bytes[p] == '-';
        if (minus || p < end && bytes[p] == '+') {
            p++;
        }
        int first = p;
        long value = 0;
        while (p < end && bytes[p] >= '0' && bytes[p] <= '9') {
            // No input is long enough for the digits to make up for such an exponent.
            value = Math.min(value * 10 + (bytes[p] - '0'), 1L << 40);
            p++;
        }
        if (p == first) {
            return ~p;
        }
        exponent += minus ? -value : value;
        return p;
    }

    /** Takes the first digits that count of a number with more digits than a long holds. */
    private void collect(int from, int to, int fraction) {
        mantissa = 0;
        int taken = 0;
        long left = 0;
        for (int p = from; p < to; p++) {
            if (bytes[p] == '.') {
                continue;
            }
            int digit = bytes[p] - '0';
            if (taken == MOST_DIGITS) {
                left++;
            } else {
                mantissa = mantissa * 10 + digit;
                taken += mantissa == 0 ? 0 : 1;
            }
        }
        exponent = left - fraction;
    }

    /** The number of characters. */
    int length() {
        return stop - start;
    }

    /** The nearest binary64, ties to even; −0 reads as 0, beyond the range is infinite. */
    double toDouble() {
        double value;
        if (mantissa == 0) {
            return 0;
        } else if (isExact()) {
            value = scaled();
        } else {
            value = Math.abs(parse());
        }
        return negative && value != 0 ? -value : value;
    }

    /**
     * The binary32 nearest to {@link #toDouble}, ties to even, without the binary64 where it isn't
     * needed. Infinite where the binary64 or the binary32 is; {@link #isInfinite} tells which.
     */
    float toFloat() {
        if (mantissa == 0) {
            return 0;
        }
        if (isExact()) {
            double value = scaled();
            return (float) (negative ? -value : value);
        }
        if (exponent >= -308 && exponent <= 290) {
            double value = scaled();
            float low = (float) (value - value * MARGIN);
            float high = (float) (value + value * MARGIN);
            if (low == high) {
                // The binary64 lies between, and rounding is monotone.
                return negative ? -low : low;
            }
        }
        return (float) toDouble();
    }

    /** Whether the binary64 is infinite. */
    boolean isInfinite() {
        return Double.isInfinite(toDouble());
    }

    private boolean isExact() {
        // Where digits were cut, the mantissa is larger than that.
        return mantissa <= 1L << 53 && exponent >= -EXACT_POWER && exponent <= EXACT_POWER;
    }

    /**
     * mantissa × 10^exponent in binary64. If {@link #isExact}, both operands of the one operation
     * are exact and the result is correctly rounded. Else the relative error is below 2^-51: three
     * roundings of 2^-53 (mantissa, power, result) and cut digits of less than 10^-17. Only a
     * subnormal binary64 may be farther off, but that is 0 in binary32 all the same.
     */
    private double scaled() {
        int e = (int) exponent;
        return e < 0 ? mantissa / POWERS[-e] : mantissa * POWERS[e];
    }

    /** The platform's parser rounds correctly, at any length. */
    private double parse() {
        return Double.parseDouble(
                new String(bytes, start, stop - start, StandardCharsets.US_ASCII));
    }
}
