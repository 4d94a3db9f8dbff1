package rnnspec;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Values to msgpack, every length and integer in its shortest form (SPEC [digest-1]).
 *
 * <p>A number that is an integer is written as one, a Float as float 32, any other as float 64.
 * Nesting costs memory and no stack.
 */
final class MsgpackWriter {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private MsgpackWriter() {}

    /** Writes a tree of maps, lists, strings, numbers, booleans, nulls and byte arrays. */
    static byte[] write(Map<String, Object> document) {
        MsgpackWriter writer = new MsgpackWriter();
        Deque<Iterator<?>> open = new ArrayDeque<>();
        open.push(List.of(document).iterator());
        while (!open.isEmpty()) {
            if (!open.peek().hasNext()) {
                open.pop();
                continue;
            }
            Object value = open.peek().next();
            if (value instanceof Map.Entry<?, ?> member) {
                writer.string((String) member.getKey());
                value = member.getValue();
            }
            if (value instanceof Map<?, ?> map) {
                writer.container(0x80, 0xDE, map.size());
                open.push(map.entrySet().iterator());
            } else if (value instanceof List<?> list) {
                writer.container(0x90, 0xDC, list.size());
                open.push(list.iterator());
            } else {
                writer.scalar(value);
            }
        }
        return writer.out.toByteArray();
    }

    private void container(int fix, int wide, int count) {
        if (count < 16) {
            out.write(fix | count);
        } else {
            int size = count < 1 << 16 ? 2 : 4;
            out.write(size == 2 ? wide : wide + 1);
            number(count, size);
        }
    }

    private void scalar(Object value) {
        if (value == null) {
            out.write(0xC0);
        } else if (value instanceof Boolean truth) {
            out.write(truth ? 0xC3 : 0xC2);
        } else if (value instanceof String text) {
            string(text);
        } else if (value instanceof byte[] bytes) {
            sized(0xC4, bytes);
        } else if (value instanceof Float single) {
            out.write(0xCA);
            number(Float.floatToRawIntBits(single), 4);
        } else {
            double n = ((Number) value).doubleValue();
            if (n == (long) n && Math.abs(n) < 0x1p63) {
                integer((long) n);
            } else {
                out.write(0xCB);
                number(Double.doubleToRawLongBits(n), 8);
            }
        }
    }

    private void integer(long n) {
        if (n >= -32 && n < 128) {
            out.write((int) n);
            return;
        }
        int shift = 0;
        while (shift < 3 && !(n < 0 ? n >= -1L << (8 << shift) - 1 : n < 1L << (8 << shift))) {
            shift++;
        }
        out.write((n < 0 ? 0xD0 : 0xCC) + shift);
        number(n, 1 << shift);
    }

    private void string(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length < 32) {
            out.write(0xA0 | bytes.length);
            out.writeBytes(bytes);
        } else {
            sized(0xD9, bytes);
        }
    }

    /** Bytes after a length of 1, 2 or 4 bytes. */
    private void sized(int format, byte[] bytes) {
        int shift = bytes.length < 1 << 8 ? 0 : bytes.length < 1 << 16 ? 1 : 2;
        out.write(format + shift);
        number(bytes.length, 1 << shift);
        out.writeBytes(bytes);
    }

    /** The low bytes of a number, the highest of them first. */
    private void number(long n, int size) {
        for (int k = size - 1; k >= 0; k--) {
            out.write((int) (n >> 8 * k));
        }
    }
}
