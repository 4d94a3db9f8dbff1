package rnnspec;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Compared with the platform's decoder, told to report. */
class Utf8Test {
    private static int platform(byte[] bytes) {
        CharsetDecoder decoder =
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        CoderResult result = decoder.decode(in, CharBuffer.allocate(bytes.length + 1), true);
        return result.isError() ? in.position() : -1;
    }

    @Test
    void everySequenceOfThreeBytesAmongAscii() {
        byte[] bytes = Fixtures.bytes("0123456789abcdef");
        for (int word = 0x80; word < 1 << 24; word += word >= 0xF80000 ? 1 : 7) {
            bytes[5] = (byte) (word >> 16);
            bytes[6] = (byte) (word >> 8);
            bytes[7] = (byte) word;
            assertEquals(platform(bytes), Utf8.firstIllFormed(bytes, 0, bytes.length));
        }
    }

    @Test
    void everyScalarValueAndItsMutations() {
        Random random = new Random(1);
        for (int c = 0x80; c <= 0x10FFFF; c += 1 + random.nextInt(40)) {
            if (c < 0xD800 || c > 0xDFFF) {
                byte[] bytes = Fixtures.bytes("ab" + Character.toString(c) + "c");
                assertEquals(-1, Utf8.firstIllFormed(bytes, 0, bytes.length));
                bytes[2 + random.nextInt(bytes.length - 3)] ^= (byte) (1 << random.nextInt(8));
                assertEquals(platform(bytes), Utf8.firstIllFormed(bytes, 0, bytes.length));
                int cut = 2 + random.nextInt(bytes.length - 2);
                assertEquals(
                        platform(Arrays.copyOf(bytes, cut)), Utf8.firstIllFormed(bytes, 0, cut));
            }
        }
    }
}
