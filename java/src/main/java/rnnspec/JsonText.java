package rnnspec;

import java.util.Arrays;

/** A place in a JSON text, and what is read there without regard to where it stands: strings. */
class JsonText {
    final byte[] bytes;
    final int end;
    final Limits limits;

    /** The next byte. */
    int at;

    /** The UTF-8 of the string scanned last. */
    byte[] bytesOfString;

    int fromOfString;
    int lengthOfString;

    JsonText(byte[] bytes, Limits limits) {
        this.bytes = bytes;
        this.end = bytes.length;
        this.limits = limits;
    }

    /** Reads the string or key whose opening quote is next. */
    String string() {
        int quote = at;
        scanString();
        if (lengthOfString > limits.string()) {
            throw RnnspecException.at(
                    Codes.LIMIT_STRING,
                    quote,
                    "limit",
                    Long.toString(limits.string()),
                    "got",
                    Integer.toString(lengthOfString));
        }
        return Utf8.text(bytesOfString, fromOfString, fromOfString + lengthOfString);
    }

    /**
     * Reads the string whose opening quote is next and leaves its UTF-8 in the fields above,
     * without copying if it has no escapes.
     */
    void scanString() {
        int first = at + 1;
        int p = first;
        while (p < end && bytes[p] != '"' && bytes[p] != '\\' && (bytes[p] & 0xE0) != 0) {
            p++;
        }
        at = p;
        if (peek("the closing quote") == '"') {
            bytesOfString = bytes;
            fromOfString = first;
            lengthOfString = p - first;
            at++;
        } else {
            unescape(first);
        }
    }

    /** Reads the rest of a string, of which [from, at) is plain, into a buffer of its own. */
    private void unescape(int from) {
        byte[] out = Arrays.copyOfRange(bytes, from, at);
        int n = at - from;
        while (true) {
            int b = peek("the closing quote");
            if (n + 4 > out.length) {
                // At most one byte for each byte that is left, but for the four of one character.
                out = Arrays.copyOf(out, (int) Math.min(2L * n + 16, n + 4L + end - at));
            }
            if (b == '"') {
                break;
            } else if (b == '\\') {
                n = encode(escape(), out, n);
            } else if ((b & 0xE0) == 0) {
                throw unexpected(at, "no control character");
            } else {
                out[n++] = bytes[at++];
            }
        }
        at++;
        bytesOfString = out;
        fromOfString = 0;
        lengthOfString = n;
    }

    /** Reads an escape, or the two of a surrogate pair. */
    private int escape() {
        int backslash = at;
        if (at + 1 == end) {
            throw ends("the rest of an escape");
        }
        int letter = bytes[at + 1];
        if (letter == 'u') {
            return unicode();
        }
        int plain = "\"\\/bfnrt".indexOf(letter);
        if (plain < 0) {
            throw unexpected(backslash, "an escape");
        }
        at += 2;
        return "\"\\/\b\f\n\r\t".charAt(plain);
    }

    private int unicode() {
        int backslash = at;
        int first = hex4();
        if (!Character.isSurrogate((char) first)) {
            return first;
        }
        if (Character.isLowSurrogate((char) first)) {
            throw surrogate(backslash, "a low half alone");
        }
        if (peek("the low half") != '\\') {
            throw surrogate(backslash, "a high half alone");
        }
        if (at + 1 == end) {
            throw ends("the rest of an escape");
        }
        if (bytes[at + 1] != 'u') {
            throw surrogate(backslash, "a high half alone");
        }
        int second = hex4();
        if (!Character.isLowSurrogate((char) second)) {
            throw surrogate(backslash, "a high half alone");
        }
        return Character.toCodePoint((char) first, (char) second);
    }

    /** Reads an escape of four hexadecimal digits, from its backslash on. */
    private int hex4() {
        int value = 0;
        for (int i = at + 2; i < at + 6; i++) {
            if (i >= end) {
                throw ends("four hexadecimal digits");
            }
            int digit = bytes[i] < 0 ? -1 : Character.digit(bytes[i], 16);
            if (digit < 0) {
                throw unexpected(at, "an escape");
            }
            value = value * 16 + digit;
        }
        at += 6;
        return value;
    }

    private RnnspecException surrogate(int backslash, String got) {
        return RnnspecException.at(Codes.SYNTAX_SURROGATE, backslash, "got", got);
    }

    /** Writes a code point as UTF-8; returns the next free place. */
    private static int encode(int c, byte[] out, int from) {
        int n = from;
        if (c < 0x80) {
            out[n++] = (byte) c;
        } else if (c < 0x800) {
            out[n++] = (byte) (0xC0 | c >> 6);
            out[n++] = (byte) (0x80 | c & 0x3F);
        } else if (c < 0x10000) {
            out[n++] = (byte) (0xE0 | c >> 12);
            out[n++] = (byte) (0x80 | c >> 6 & 0x3F);
            out[n++] = (byte) (0x80 | c & 0x3F);
        } else {
            out[n++] = (byte) (0xF0 | c >> 18);
            out[n++] = (byte) (0x80 | c >> 12 & 0x3F);
            out[n++] = (byte) (0x80 | c >> 6 & 0x3F);
            out[n++] = (byte) (0x80 | c & 0x3F);
        }
        return n;
    }

    void skipWhite() {
        while (at < end && isWhite(bytes[at])) {
            at++;
        }
    }

    static boolean isWhite(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    /** The next byte. */
    int peek(String expected) {
        if (at >= end) {
            throw ends(expected);
        }
        return bytes[at];
    }

    RnnspecException ends(String expected) {
        return RnnspecException.at(Codes.SYNTAX_END, end, "expected", expected);
    }

    RnnspecException unexpected(int place, String expected) {
        return RnnspecException.at(
                Codes.SYNTAX_UNEXPECTED,
                place,
                "got",
                Utf8.show(bytes, place),
                "expected",
                expected);
    }
}
