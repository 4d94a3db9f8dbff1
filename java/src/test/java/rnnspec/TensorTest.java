package rnnspec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TensorTest {
    @Test
    void tinyIsZeroBelowTwoToTheMinus51() {
        assertEquals(0x1p-51f, Tensor.tiny(0x1p-51f));
        assertEquals(-0x1p-51f, Tensor.tiny(-0x1p-51f));
        float below = Math.nextDown(0x1p-51f);
        for (float value : new float[] {below, -below, -0f, Float.MIN_VALUE, -Float.MIN_VALUE}) {
            assertEquals(0, Float.floatToRawIntBits(Tensor.tiny(value)));
        }
        assertEquals(Float.NEGATIVE_INFINITY, Tensor.tiny(Float.NEGATIVE_INFINITY));
        assertEquals(Float.NaN, Tensor.tiny(Float.NaN));
    }

    private static byte[] decode(String text) {
        byte[] bytes = Fixtures.bytes("(" + text);
        MsgpackReader.Bytes decoded =
                StrictBase64.decode(new JsonReader.Base64Text(bytes, 1, bytes.length - 1));
        return decoded == null ? null : Arrays.copyOf(decoded.array(), decoded.length());
    }

    @Test
    void base64OfThePlatformIsDecodedAndNothingElseIs() {
        Random random = new Random(1);
        for (int length = 0; length < 70; length++) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            assertArrayEquals(bytes, decode(Base64.getEncoder().encodeToString(bytes)));
        }
        // One text for each content: what decodes and encodes to another text is refused.
        String alphabet = "AQgwBR/+=-_ \n\u00e9";
        for (int i = 0; i < 50_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(3) * 4 + random.nextInt(50) / 49; n > 0; n--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            byte[] expected;
            try {
                expected = Base64.getDecoder().decode(text.toString());
                if (!Base64.getEncoder().encodeToString(expected).contentEquals(text)) {
                    expected = null;
                }
            } catch (IllegalArgumentException e) {
                expected = null;
            }
            assertArrayEquals(expected, decode(text.toString()), text.toString());
        }
        for (String bad :
                new String[] {
                    "A", "AA", "AAA", "AB==", "AAB=", "A===", "====", "AA==AAAA", "AAAA "
                }) {
            assertNull(decode(bad), bad);
        }
    }

    @Test
    void aTensorKeepsItsValuesToItself() {
        float[] values = {1, 2, 3, 4, 5, 6};
        int[] shape = {2, 3};
        Tensor tensor = Tensor.of(values, shape);
        values[0] = 9;
        shape[0] = 9;
        tensor.values()[1] = 9;
        tensor.shape()[1] = 9;
        assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, tensor.values());
        assertArrayEquals(new int[] {2, 3}, tensor.shape());
        assertEquals(
                "RUN_SHAPE",
                assertThrows(RnnspecException.class, () -> Tensor.of(values, 4)).code());
        assertEquals(
                "RUN_SHAPE",
                assertThrows(RnnspecException.class, () -> Tensor.of(values, -2, -3)).code());
    }

    @Test
    void aProductDoesNotOverflow() {
        assertEquals(Long.MAX_VALUE, Tensor.count(1 << 30, 1 << 30, 1 << 30));
        assertEquals(1L << 60, Tensor.count(1 << 30, 1 << 30));
        assertEquals(0, Tensor.count(1 << 30, 0, 1 << 30));
    }
}
