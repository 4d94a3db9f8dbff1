package rnnspec;

import java.nio.charset.StandardCharsets;

/** The shortest decimals of float32 values that come back under the two roundings of [tensor-2]. */
final class Shortest {
    private static final int MOST_DIGITS = 9;

    private static final double[] POWERS = powers();

    private Shortest() {}

    private static double[] powers() {
        double[] powers = new double[64];
        for (int k = 0; k < powers.length; k++) {
            powers[k] = Double.parseDouble("1e" + k);
        }
        return powers;
    }

    /** The decimal of a finite value; it has been read back and found to have the same bits. */
    static String decimal(float value) {
        if (value == 0) {
            // Written as 0, the sign would be lost; this rounds to the nearest binary32, −0.
            return Float.floatToRawIntBits(value) == 0 ? "0" : "-1e-46";
        }
        double exact = value;
        int scale = (int) Math.floor(Math.log10(Math.abs(exact)));
        for (int digits = 1; digits <= MOST_DIGITS; digits++) {
            int power = digits - 1 - scale;
            double n = Math.rint(scaled(exact, power));
            if ((float) scaled(n, -power) != value) {
                continue;
            }
            // The arithmetic above is only nearly right, hence the reading back.
            String text = spell((long) n, power);
            if (comesBack(text, value)) {
                return text;
            }
        }
        String text = Double.toString(exact);
        if (!comesBack(text, value)) {
            throw new IllegalStateException(text + " does not come back");
        }
        return text;
    }

    private static double scaled(double value, int power) {
        return power < 0 ? value / POWERS[-power] : value * POWERS[power];
    }

    /** n / 10^power. */
    private static String spell(long n, int power) {
        long mantissa = n;
        int exponent = -power;
        while (mantissa % 10 == 0) {
            mantissa /= 10;
            exponent++;
        }
        String digits = Long.toString(Math.abs(mantissa));
        String sign = mantissa < 0 ? "-" : "";
        int point = digits.length() + exponent;
        if (exponent >= 0 && point <= MOST_DIGITS) {
            return sign + digits + "0".repeat(exponent);
        } else if (exponent < 0 && point > 0) {
            return sign + digits.substring(0, point) + "." + digits.substring(point);
        } else if (exponent < 0 && point > -4) {
            return sign + "0." + "0".repeat(-point) + digits;
        }
        return sign + digits + "e" + exponent;
    }

    private static boolean comesBack(String text, float value) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        Decimal decimal = new Decimal(bytes, bytes.length);
        return decimal.scan(0) == bytes.length
                && Float.floatToRawIntBits(decimal.toFloat()) == Float.floatToRawIntBits(value);
    }
}
