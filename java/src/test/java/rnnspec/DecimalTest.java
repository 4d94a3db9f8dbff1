package rnnspec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Compared with exact arithmetic on decimals. */
class DecimalTest {
    /** Half of the least positive binary64: what is below rounds to 0, a tie too. */
    private static final BigDecimal HALF_LEAST =
            new BigDecimal(Double.MIN_VALUE).divide(BigDecimal.valueOf(2));

    /** The nearest binary64, ties to even, found by trying the neighbours of an estimate. */
    private static double nearest(BigDecimal value) {
        if (value.abs().compareTo(HALF_LEAST) <= 0) {
            return 0;
        }
        double best = value.round(new MathContext(30, RoundingMode.HALF_EVEN)).doubleValue();
        for (int steps = 0; steps < 4; steps++) {
            for (double other : new double[] {Math.nextUp(best), Math.nextDown(best)}) {
                if (Double.isInfinite(other)) {
                    continue;
                }
                BigDecimal error = value.subtract(new BigDecimal(best)).abs();
                int closer = value.subtract(new BigDecimal(other)).abs().compareTo(error);
                boolean even = (Double.doubleToRawLongBits(other) & 1) == 0;
                if (closer < 0 || closer == 0 && even) {
                    best = other;
                }
            }
        }
        return best;
    }

    private static void check(String text) {
        byte[] bytes = Fixtures.bytes(text);
        Decimal decimal = new Decimal(bytes, bytes.length);
        assertEquals(bytes.length, decimal.scan(0), text);
        assertEquals(bytes.length, decimal.length());
        double expected = nearest(new BigDecimal(text));
        assertEquals(
                Double.doubleToRawLongBits(expected),
                Double.doubleToRawLongBits(decimal.toDouble()),
                text);
        assertEquals(
                Float.floatToRawIntBits((float) expected),
                Float.floatToRawIntBits(decimal.toFloat()),
                text);
    }

    @Test
    void randomDigits() {
        Random random = new Random(1);
        for (int i = 0; i < 10_000; i++) {
            StringBuilder text = new StringBuilder(random.nextBoolean() ? "-" : "");
            text.append(random.nextInt(4) == 0 ? "0" : digits(random, random.nextInt(25)));
            if (random.nextInt(4) > 0) {
                text.append('.').append("0".repeat(random.nextInt(4) * random.nextInt(9)));
                text.append(digits(random, random.nextInt(25)));
            }
            if (random.nextBoolean()) {
                text.append(random.nextBoolean() ? 'e' : 'E');
                text.append(new String[] {"", "+", "-"}[random.nextInt(3)]);
                text.append(random.nextInt(random.nextBoolean() ? 30 : 250));
            }
            check(text.toString());
        }
    }

    private static String digits(Random random, int more) {
        return 1
                + random.nextInt(9)
                + new BigInteger(80, random).toString().substring(0, Math.min(more, 20));
    }

    @Test
    void spellingsOfFloatsAndDoubles() {
        Random random = new Random(2);
        for (int i = 0; i < 10_000; i++) {
            float value = Float.intBitsToFloat(random.nextInt());
            if (Float.isFinite(value) && value != 0) {
                check(Float.toString(value));
                check(Double.toString(value));
                check(new BigDecimal(value).toString());
            }
            double wide = Double.longBitsToDouble(random.nextLong());
            if (Double.isFinite(wide)) {
                check(Double.toString(wide));
            }
        }
    }

    /** Where one rounding instead of two shows, and where an approximation is not enough. */
    @Test
    void nearTheMiddleOfTwoFloats() {
        Random random = new Random(3);
        int twice = 0;
        for (int i = 0; i < 5_000; i++) {
            float low = Float.intBitsToFloat(0x00800000 + random.nextInt(0x7e800000));
            BigDecimal middle =
                    new BigDecimal(low)
                            .add(new BigDecimal(Math.nextUp(low)))
                            .divide(BigDecimal.valueOf(2));
            BigDecimal shift =
                    new BigDecimal(Math.ulp((double) low))
                            .multiply(BigDecimal.valueOf(random.nextInt(41) - 20, 1));
            BigDecimal value = middle.add(shift);
            check(value.toString());
            check(value.round(new MathContext(17)).toString());
            check(value.round(new MathContext(20)).toString());
            twice += value.floatValue() != (float) nearest(value) ? 1 : 0;
        }
        assertTrue(twice > 25, "only " + twice + " cases told two roundings from one");
    }

    /** Numbers that others have found to come out differently, and what they must come to. */
    @Test
    void theKnownHardOnes() {
        String[] texts = {"7.038531e-26", "-7.038531e-26", "1388.0348510742187"};
        int once = 0;
        for (String text : texts) {
            check(text);
            once += new BigDecimal(text).floatValue() != (float) Double.parseDouble(text) ? 1 : 0;
        }
        assertEquals(3, once, "cases where one rounding gives something else");
        byte[] odd = Fixtures.bytes(texts[0]);
        Decimal decimal = new Decimal(odd, odd.length);
        decimal.scan(0);
        // Not 0x15ae43fd, whose shortest decimal this is.
        assertEquals(0x15ae43fe, Float.floatToRawIntBits(decimal.toFloat()));
        Random random = new Random(4);
        for (int digits = 6; digits < 17; digits++) {
            for (int i = 0; i < 500; i++) {
                float low = random.nextInt(1 << 13) + random.nextFloat();
                double middle = (low + (double) Math.nextUp(low)) / 2;
                check(new BigDecimal(middle).setScale(digits, RoundingMode.HALF_EVEN).toString());
            }
        }
    }

    @Test
    void zeroHasNoSignAndNoSize() {
        for (String text :
                new String[] {
                    "0", "-0", "-0.000", "0e999999999999999999999", "-1e-400", "1e-99999999999"
                }) {
            byte[] bytes = Fixtures.bytes(text);
            Decimal decimal = new Decimal(bytes, bytes.length);
            decimal.scan(0);
            assertEquals(0L, Double.doubleToRawLongBits(decimal.toDouble()), text);
            assertEquals(0, Float.floatToRawIntBits(decimal.toFloat()), text);
        }
    }

    @Test
    void beyondTheRangeIsInfinite() {
        for (String text :
                new String[] {
                    "1e309", "1e400", "-1e99999999999999999999", "17976931348623159e292"
                }) {
            byte[] bytes = Fixtures.bytes(text);
            Decimal decimal = new Decimal(bytes, bytes.length);
            decimal.scan(0);
            assertTrue(Double.isInfinite(decimal.toDouble()), text);
            assertTrue(decimal.isInfinite() && Float.isInfinite(decimal.toFloat()), text);
        }
        check("1e308");
        check("17976931348623157e292");
        check("3.4028236e38");
    }

    @Test
    void aNumberThatIsNoneFailsAtItsPlace() {
        String[] texts = {"-", "-x", "1.", "1.x", "1e", "1e+", "1e+x", ".5", "+1"};
        int[] places = {1, 1, 2, 2, 2, 3, 3, 0, 0};
        for (int i = 0; i < texts.length; i++) {
            byte[] bytes = Fixtures.bytes(texts[i]);
            assertEquals(~places[i], new Decimal(bytes, bytes.length).scan(0), texts[i]);
        }
        assertEquals(1, new Decimal(Fixtures.bytes("01"), 2).scan(0));
    }
}
