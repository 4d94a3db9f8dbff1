package rnnspec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Well-formed UTF-8: Unicode's table 3-7, no overlong form, no surrogate, nothing above U+10FFFF.
 */
final class Utf8 {
    private static final long HIGH_BITS = 0x8080808080808080L;

    private Utf8() {}

    /** The first byte of the first ill-formed sequence of bytes[from, to), or -1. */
    static int firstIllFormed(byte[] bytes, int from, int to) {
        ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int i = from;
        while (i < to) {
            // Nearly all of a model is ASCII: eight bytes at a time.
            if (i + 8 <= to && (words.getLong(i) & HIGH_BITS) == 0) {
                i += 8;
                continue;
            }
            if (bytes[i] >= 0) {
                i++;
                continue;
            }
            int length = sequence(bytes, i, to);
            if (length == 0) {
                return i;
            }
            i += length;
        }
        return -1;
    }

    /** The length of the well-formed sequence of two bytes or more at i, or 0. */
    private static int sequence(byte[] bytes, int i, int to) {
        int lead = bytes[i] & 0xFF;
        int length = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
        if (length == 0 || to - i < length) {
            return 0;
        }
        int second = bytes[i + 1] & 0xFF;
        int lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        int highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        if (second < lowest || second > highest) {
            return 0;
        }
        for (int k = 2; k < length; k++) {
            if ((bytes[i + k] & 0xC0) != 0x80) {
                return 0;
            }
        }
        return length;
    }

    /** The text of bytes[from, to), which are well-formed. */
    static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    /** The character at i of well-formed bytes (or the byte, if they are not), in quotes. */
    static String show(byte[] bytes, int i) {
        int lead = bytes[i] & 0xFF;
        int length = lead < 0x80 ? 1 : sequence(bytes, i, bytes.length);
        return length == 0 ? "byte " + hex(lead) : Issue.quote(text(bytes, i, i + length));
    }

    /** A byte as the specification writes it: two hexadecimal digits. */
    static String hex(int octet) {
        return "%02X".formatted(octet & 0xFF);
    }
}
