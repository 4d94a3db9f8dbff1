package rnnspec;

import java.util.Arrays;

/**
 * base64 with the standard alphabet, padded, without white space, its unused bits 0 (SPEC
 * [tensor-3]). The platform's decoder lets some of that pass.
 */
final class StrictBase64 {
    private static final int[] SEXTETS = sextets();

    private StrictBase64() {}

    /** The bytes, or null if the text isn't strict base64. */
    static MsgpackReader.Bytes decode(JsonReader.Base64Text text) {
        byte[] in = text.bytes();
        int length = text.length();
        if (length % 4 != 0) {
            return null;
        }
        int end = text.from() + length;
        int padding = 0;
        while (padding < 2 && padding < length && in[end - 1 - padding] == '=') {
            padding++;
        }
        byte[] out = new byte[length / 4 * 3 - padding];
        int whole = end - (padding == 0 ? 0 : 4);
        int n = 0;
        int i = text.from();
        for (; i < whole; i += 4) {
            int bits = group(in, i, 4);
            if (bits < 0) {
                return null;
            }
            out[n++] = (byte) (bits >> 16);
            out[n++] = (byte) (bits >> 8);
            out[n++] = (byte) bits;
        }
        if (padding > 0) {
            int bits = group(in, i, 4 - padding);
            int unused = padding == 1 ? 0xFF : 0xFFFF;
            if (bits < 0 || (bits & unused) != 0) {
                return null;
            }
            out[n++] = (byte) (bits >> 16);
            if (padding == 1) {
                out[n] = (byte) (bits >> 8);
            }
        }
        return new MsgpackReader.Bytes(out, 0, out.length);
    }

    /** 24 bits from so many characters, those of missing ones 0; negative if one isn't allowed. */
    private static int group(byte[] in, int from, int characters) {
        int bits = 0;
        for (int k = 0; k < 4; k++) {
            bits |= (k < characters ? SEXTETS[in[from + k] & 0xFF] : 0) << 18 - 6 * k;
        }
        return bits;
    }

    private static int[] sextets() {
        int[] table = new int[256];
        Arrays.fill(table, -1);
        String alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (int i = 0; i < 64; i++) {
            table[alphabet.charAt(i)] = i;
        }
        return table;
    }
}
