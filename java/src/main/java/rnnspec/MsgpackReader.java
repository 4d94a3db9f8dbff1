package rnnspec;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * msgpack from bytes to values (SPEC section 4), the same values as {@link JsonReader}'s.
 *
 * <p>A bin becomes {@link Bytes}, wherever it stands and without copying. Nesting costs memory and
 * no stack, and nothing is allocated on the word of a length or a count.
 */
final class MsgpackReader {
    /**
     * A bin.
     *
     * @param array holds the bytes
     * @param from where they start
     * @param length how many
     */
    record Bytes(byte[] array, int from, int length) {}

    /** A map or array that has been opened and not yet closed. */
    private static final class Frame {
        final Frame outer;
        final Map<String, Object> members;
        final List<Object> elements;

        /** How many values are still to come. */
        long left;

        String key;

        Frame(Frame outer, boolean map, long left) {
            this.outer = outer;
            this.members = map ? new LinkedHashMap<>() : null;
            this.elements = map ? null : new ArrayList<>();
            this.left = left;
        }

        void add(Object value) {
            left--;
            if (members != null) {
                members.put(key, value);
            } else {
                elements.add(value);
            }
        }

        Object close() {
            return members != null ? JsonReader.seal(members) : JsonReader.seal(elements);
        }
    }

    private final byte[] bytes;
    private final int end;
    private final ByteBuffer words;
    private final Limits limits;

    /** The next byte, and the format byte of what is being read. */
    private int at;

    private int head;

    private long values;
    private long depth;
    private Frame open;

    private MsgpackReader(byte[] bytes, Limits limits) {
        this.bytes = bytes;
        this.end = bytes.length;
        this.words = ByteBuffer.wrap(bytes);
        this.limits = limits;
    }

    /**
     * Reads a msgpack map.
     *
     * @param bytes the first is the format byte of a map
     * @throws RnnspecException with the one finding of the stage syntax
     */
    @SuppressWarnings("unchecked")
    static Map<String, Object> read(byte[] bytes, Limits limits) {
        MsgpackReader reader = new MsgpackReader(bytes, limits);
        Object document = reader.value();
        if (reader.at < reader.end) {
            throw RnnspecException.at(
                    Codes.SYNTAX_TRAILING, reader.at, "got", "byte " + Utf8.hex(bytes[reader.at]));
        }
        return (Map<String, Object>) document;
    }

    private Object value() {
        while (true) {
            Frame before = open;
            Object value = start();
            if (open == before) {
                if (open == null) {
                    return value;
                }
                open.add(value);
            }
            while (open.left == 0) {
                value = open.close();
                open = open.outer;
                depth--;
                if (open == null) {
                    return value;
                }
                open.add(value);
            }
            if (open.members != null) {
                key();
            }
        }
    }

    /** Reads the format byte of a value or key. */
    private int head() {
        head = at;
        if (at >= end) {
            throw ends("a value");
        }
        int format = bytes[at++] & 0xFF;
        if (format == 0xC1
                || format >= 0xC7 && format <= 0xC9
                || format >= 0xD4 && format <= 0xD8) {
            throw RnnspecException.at(Codes.SYNTAX_FORMAT, head, "got", Utf8.hex(format));
        }
        return format;
    }

    /** Reads a value that is whole at once, or opens a map or array. */
    private Object start() {
        int format = head();
        if (++values > limits.values()) {
            throw limit(Codes.LIMIT_VALUES, limits.values());
        }
        if (format < 0x80) {
            return (double) format;
        } else if (format < 0x90) {
            return open(true, format & 0x0F);
        } else if (format < 0xA0) {
            return open(false, format & 0x0F);
        } else if (format < 0xC0) {
            return string(format & 0x1F);
        } else if (format >= 0xE0) {
            return (double) (byte) format;
        }
        return switch (format) {
            case 0xC0 -> null;
            case 0xC2 -> Boolean.FALSE;
            case 0xC3 -> Boolean.TRUE;
            case 0xC4, 0xC5, 0xC6 -> bin(length(1 << format - 0xC4));
            case 0xCA -> real(words.getFloat(take(4)));
            case 0xCB -> real(words.getDouble(take(8)));
            case 0xCC, 0xCD, 0xCE -> (double) length(1 << format - 0xCC);
            case 0xCF -> unsigned(words.getLong(take(8)));
            case 0xD0 -> (double) words.get(take(1));
            case 0xD1 -> (double) words.getShort(take(2));
            case 0xD2 -> (double) words.getInt(take(4));
            case 0xD3 -> (double) words.getLong(take(8));
            case 0xD9, 0xDA, 0xDB -> string(length(1 << format - 0xD9));
            case 0xDC, 0xDD -> open(false, length(2 << format - 0xDC));
            default -> open(true, length(2 << format - 0xDE));
        };
    }

    private Object open(boolean map, long count) {
        if (depth == limits.depth()) {
            throw limit(Codes.LIMIT_DEPTH, limits.depth());
        }
        if (count > (map ? (end - at) / 2 : end - at)) {
            throw ends("all of its elements");
        }
        if (map && count > limits.members()) {
            throw limit(Codes.LIMIT_MEMBERS, limits.members());
        }
        depth++;
        open = new Frame(open, map, count);
        return null;
    }

    private void key() {
        int format = head();
        String key;
        if (format >= 0xA0 && format < 0xC0) {
            key = string(format & 0x1F);
        } else if (format >= 0xD9 && format <= 0xDB) {
            key = string(length(1 << format - 0xD9));
        } else {
            throw RnnspecException.at(
                    Codes.SYNTAX_KEY, head, "got", "the format byte " + Utf8.hex(format));
        }
        if (open.members.containsKey(key)) {
            throw RnnspecException.at(Codes.SYNTAX_DUPLICATE_KEY, head, "got", Issue.quote(key));
        }
        open.key = key;
    }

    private String string(long length) {
        int from = take(length);
        if (length > limits.string()) {
            throw RnnspecException.at(
                    Codes.LIMIT_STRING,
                    head,
                    "limit",
                    Long.toString(limits.string()),
                    "got",
                    Long.toString(length));
        }
        int bad = Utf8.firstIllFormed(bytes, from, at);
        if (bad >= 0) {
            throw RnnspecException.at(Codes.SYNTAX_UTF8, bad, "got", Utf8.hex(bytes[bad]));
        }
        return Utf8.text(bytes, from, at);
    }

    private Bytes bin(long length) {
        return new Bytes(bytes, take(length), (int) length);
    }

    private Double real(double value) {
        if (Double.isInfinite(value) || Double.isNaN(value)) {
            throw RnnspecException.at(
                    Codes.SYNTAX_NUMBER_RANGE, head, "got", Double.toString(value));
        }
        return value == 0 ? 0.0 : value;
    }

    /** An unsigned integer to the nearest binary64, ties to even. */
    private static Double unsigned(long value) {
        // Halving keeps the lost bit, so that the tie is still seen.
        return value >= 0 ? (double) value : (double) (value >>> 1 | value & 1) * 2;
    }

    /** An unsigned integer of 1, 2 or 4 bytes. */
    private long length(int size) {
        int from = take(size);
        return switch (size) {
            case 1 -> words.get(from) & 0xFFL;
            case 2 -> words.getShort(from) & 0xFFFFL;
            default -> words.getInt(from) & 0xFFFF_FFFFL;
        };
    }

    /** Steps over so many bytes and says where they start. */
    private int take(long count) {
        if (count > end - at) {
            throw ends(count + " bytes");
        }
        int from = at;
        at += (int) count;
        return from;
    }

    private RnnspecException ends(String expected) {
        return RnnspecException.at(Codes.SYNTAX_END, head, "expected", expected);
    }

    private RnnspecException limit(Codes.Code code, long limit) {
        return RnnspecException.at(code, head, "limit", Long.toString(limit));
    }
}
