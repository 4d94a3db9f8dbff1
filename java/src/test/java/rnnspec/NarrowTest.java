package rnnspec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The narrow dtypes against their definitions, written down in binary64. */
class NarrowTest {
    /** (−1)^sign × 2^(exponent − bias) × (1 + fraction), both ways of 16 bits. */
    private static double value(int bits, int fractionBits, int bias) {
        double sign = (bits & 0x8000) == 0 ? 1 : -1;
        int exponent = (bits & 0x7FFF) >> fractionBits;
        double fraction = (bits & (1 << fractionBits) - 1) / (double) (1 << fractionBits);
        return exponent == 0
                ? sign * fraction * Math.pow(2, 1 - bias)
                : sign * (1 + fraction) * Math.pow(2, exponent - bias);
    }

    private static double half(int bits) {
        return value(bits, 10, 15);
    }

    private static double brain(int bits) {
        return value(bits, 7, 127);
    }

    /** A tensor of all 65,536 patterns in a file, as it is read and as it is written again. */
    private static void assertAllPatterns(String dtype, int fractionBits, int bias) {
        int top = 0x7FFF >> fractionBits;
        for (int bits = 0; bits < 1 << 16; bits++) {
            short stored = (short) bits;
            boolean isHalf = fractionBits == 10;
            float wide = isHalf ? Narrow.widen(stored) : Narrow.widenBrain(stored);
            if ((bits & 0x7FFF) >> fractionBits == top) {
                boolean isNaN = (bits & (1 << fractionBits) - 1) != 0;
                assertEquals(isNaN, Float.isNaN(wide));
                assertEquals(!isNaN, Float.isInfinite(wide));
                continue;
            }
            double expected = value(bits, fractionBits, bias);
            assertEquals(
                    Double.doubleToRawLongBits(expected),
                    Double.doubleToRawLongBits(wide),
                    () -> dtype + " " + stored);
            assertEquals(stored, isHalf ? Narrow.half(wide) : Narrow.brain(wide));
            assertEquals(wide, isHalf ? Narrow.roundToHalf(wide) : Narrow.roundToBrain(wide));
        }
    }

    @Test
    void everyPatternIsItsValueAndComesBack() {
        assertAllPatterns("float16", 10, 15);
        assertAllPatterns("bfloat16", 7, 127);
    }

    private interface Rounding {
        float round(float value);
    }

    private interface Pattern {
        double value(int bits);
    }

    /** Between each two neighbours: a tie goes to the even one, all else to the nearer one. */
    private static void assertTies(Pattern pattern, Rounding rounding, int largest) {
        for (int bits = 0; bits < largest; bits++) {
            float low = (float) pattern.value(bits);
            float high = (float) pattern.value(bits + 1);
            float tie = (float) ((pattern.value(bits) + pattern.value(bits + 1)) / 2);
            float even = (bits & 1) == 0 ? low : high;
            assertEquals(even, rounding.round(tie), "tie above " + low);
            assertEquals(-even, rounding.round(-tie));
            assertEquals(low, rounding.round(Math.nextDown(tie)));
            assertEquals(high, rounding.round(Math.nextUp(tie)));
        }
    }

    @Test
    void aTieGoesToTheEvenOne() {
        assertTies(NarrowTest::half, Narrow::roundToHalf, 0x7BFF);
        assertTies(NarrowTest::brain, Narrow::roundToBrain, 0x7F7F);
        // Half of the step above the largest, and beyond.
        assertEquals(65504f, Narrow.roundToHalf(Math.nextDown(65520f)));
        assertEquals(Float.NEGATIVE_INFINITY, Narrow.roundToHalf(-65520f));
        float edge = (float) (Math.pow(2, 128) - Math.pow(2, 119));
        assertEquals((float) brain(0x7F7F), Narrow.roundToBrain(Math.nextDown(edge)));
        assertEquals(Float.POSITIVE_INFINITY, Narrow.roundToBrain(edge));
        assertEquals(1 << 31, Float.floatToRawIntBits(Narrow.roundToHalf(-0f)));
        assertEquals(1 << 31, Float.floatToRawIntBits(Narrow.roundToBrain(-0f)));
    }

    /** Rows or columns, by the words of [tensor-7]. */
    @Test
    void quantisingIsWhatTheSpecificationSays() {
        int rows = 5;
        int columns = 7;
        float[] values = Fixtures.floats(new Random(1), rows * columns, 3);
        for (int k = 0; k < columns; k++) {
            values[2 * columns + k] = k == 3 ? 1e-40f : 0;
        }
        for (int axis = 0; axis < 2; axis++) {
            Tensor.Quantised got = Narrow.quantise(values, rows, columns, axis);
            for (int i = 0; i < rows; i++) {
                for (int j = 0; j < columns; j++) {
                    float largest = 0;
                    for (int n = 0; n < (axis == 0 ? columns : rows); n++) {
                        int other = axis == 0 ? i * columns + n : n * columns + j;
                        largest = Math.max(largest, Math.abs(values[other]));
                    }
                    float scale = largest / 127;
                    scale = scale < Math.pow(2, -126) ? 1 : scale;
                    assertEquals(scale, got.scales()[axis == 0 ? i : j]);
                    float quotient = values[i * columns + j] / scale;
                    assertEquals(Math.rint(quotient), got.quanta()[i * columns + j]);
                }
            }
            Tensor tensor = got.tensor(rows, columns);
            for (int n = 0; n < values.length; n++) {
                int k = axis == 0 ? n / columns : n % columns;
                assertEquals(got.scales()[k] * got.quanta()[n], tensor.get(n));
                assertTrue(Math.abs(tensor.get(n) - values[n]) <= got.scales()[k] / 2 * 1.0001f);
            }
        }
        float[] ties = {127, 0.5f, 1.5f, -2.5f};
        assertArrayEquals(new byte[] {127, 0, 2, -2}, Narrow.quantise(ties, 1, 4, 0).quanta());
    }

    // --- whole models ---

    private static final String EXAMPLE =
            ", {\"kind\": \"reference\", \"source\": {\"system\": \"a\", \"version\": \"1\"},"
                    + " \"tolerance\": 1, \"input\": [[1]], \"output\": \"r\"}]";

    private static Model model() {
        String json =
                Fixtures.with(Fixtures.FULL, "\"lengths\": [0]}]", "\"lengths\": [0]}" + EXAMPLE);
        String tensor =
                "\"r\": {\"dtype\": \"float32\", \"shape\": [1, 1, 4], \"data\": [0, 0, 0, 0]}";
        return Fixtures.load(
                Fixtures.with(json, "\"tensors\": {", "\"tensors\": {" + tensor + ","));
    }

    @Test
    void aNarrowedModelHasNoExactExamplesAndCanBeRead() {
        for (Tensor.Dtype dtype : List.of(Tensor.Dtype.FLOAT16, Tensor.Dtype.BFLOAT16)) {
            Model narrow = Save.narrow(model(), dtype);
            Model read = Load.load(Save.toBytes(narrow, Save.Encoding.MSGPACK));
            assertEquals(1, read.examples().size());
            assertEquals("reference", read.examples().get(0).kind());
            assertNull(read.tensors().get("o"));
            assertEquals(dtype, read.tensors().get("E").dtype());
            assertEquals(Tensor.Dtype.FLOAT32, read.tensors().get("r").dtype());
            assertEquals(Digest.structure(model()), Digest.structure(read));
            assertNotEquals(Digest.fingerprint(model()), Digest.fingerprint(read));
            assertEquals(Digest.fingerprint(narrow), Digest.fingerprint(read));
        }
        // Nothing changes, so that all examples stay.
        Model wide = Save.narrow(model(), Tensor.Dtype.FLOAT32);
        assertEquals(2, wide.examples().size());
        assertEquals(Digest.fingerprint(model()), Digest.fingerprint(wide));
    }

    @Test
    void aQuantisedModelComesBackAsItIs() {
        for (int axis = 0; axis < 2; axis++) {
            Model small = Save.quantise(model(), axis);
            for (Save.Numbers numbers : Save.Numbers.values()) {
                Model read = Load.load(Save.toBytes(small, Save.Encoding.JSON, numbers));
                Tensor before = small.tensors().get("gR");
                Tensor after = read.tensors().get("gR");
                assertEquals(Tensor.Dtype.INT8, after.dtype());
                assertEquals(axis, after.quantised().axis());
                assertArrayEquals(before.quantised().scales(), after.quantised().scales());
                assertArrayEquals(before.quantised().quanta(), after.quantised().quanta());
                assertArrayEquals(before.raw(), after.raw());
                assertEquals(Tensor.Dtype.FLOAT32, read.tensors().get("gb").dtype());
            }
        }
        assertThrows(IllegalArgumentException.class, () -> Save.quantise(model(), 2));
    }

    @Test
    void whatWouldBecomeInfiniteIsRefused() {
        String json = Fixtures.with(Fixtures.FULL, "[1, 2, 3, 4.5]", "[1, 2, 65520, 4.5]");
        RnnspecException half =
                assertThrows(
                        RnnspecException.class,
                        () -> Save.narrow(Fixtures.load(json), Tensor.Dtype.FLOAT16));
        assertEquals("TENSOR_NONFINITE", half.code());
        assertEquals(new Issue.Pointer("/tensors/D/data"), half.issues().get(0).place());
        Save.narrow(Fixtures.load(json), Tensor.Dtype.BFLOAT16);
        Model large = Fixtures.load(json.replace("65520", "3.4028234e38"));
        for (Runnable call :
                List.<Runnable>of(
                        () -> Save.narrow(large, Tensor.Dtype.BFLOAT16),
                        () -> Save.narrow(large, Tensor.Dtype.FLOAT16))) {
            assertEquals(
                    "TENSOR_NONFINITE", assertThrows(RnnspecException.class, call::run).code());
        }
        // 127 times the scale of the largest magnitudes may round up to infinity.
        float beyond = largestThatOverflows();
        Tensor tensor = Tensor.of(new float[] {beyond}, 1, 1);
        assertEquals(Float.POSITIVE_INFINITY, tensor.quantised(0).get(0));
        Model lost = model().with(null, with(model().tensors(), "D", beyond));
        assertThrows(RnnspecException.class, () -> Save.quantise(lost, 0));
        assertThrows(IllegalArgumentException.class, () -> Save.narrow(model(), Tensor.Dtype.INT8));
    }

    private static float largestThatOverflows() {
        float value = Float.MAX_VALUE;
        while (Float.isFinite(value / 127 * 127)) {
            value = Math.nextDown(value);
        }
        return value;
    }

    private static Map<String, Tensor> with(Map<String, Tensor> tensors, String name, float v) {
        Map<String, Tensor> changed = new HashMap<>(tensors);
        changed.put(name, Tensor.of(new float[] {v, v, v, v}, 1, 4));
        return changed;
    }
}
