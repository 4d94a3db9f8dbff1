package rnnspec;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Base64;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Values to JSON that people can read: a line for each member of the document, and for each
 * vocabulary, layer, example and tensor. Nesting costs memory and no stack.
 */
final class JsonWriter {
    private static final Set<String> SPREAD =
            Set.of("vocabularies", "layers", "examples", "tensors");

    /** An object or array that is being written, with or without a line for each member. */
    private static final class Frame {
        final Iterator<?> rest;
        final char close;
        final boolean lines;
        boolean isFirst = true;

        Frame(Iterator<?> rest, char close, boolean lines) {
            this.rest = rest;
            this.close = close;
            this.lines = lines;
        }
    }

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Deque<Frame> open = new ArrayDeque<>();

    private JsonWriter() {}

    /**
     * Writes a tree of maps, lists, strings, numbers, booleans, nulls, byte arrays (as base64) and
     * tensors (as decimals).
     */
    static byte[] write(Map<String, Object> document) {
        return write(document, true);
    }

    /** The same, all of it on one line. */
    static byte[] line(Map<String, Object> document) {
        return write(document, false);
    }

    private static byte[] write(Map<String, Object> document, boolean lines) {
        JsonWriter writer = new JsonWriter();
        writer.value(document, lines);
        while (!writer.open.isEmpty()) {
            writer.next();
        }
        writer.text("\n");
        return writer.out.toByteArray();
    }

    /** Writes the next member or element of what is open, or closes it. */
    private void next() {
        Frame frame = open.peek();
        if (!frame.rest.hasNext()) {
            open.pop();
            if (frame.lines && !frame.isFirst) {
                newLine();
            }
            out.write(frame.close);
            return;
        }
        text(frame.isFirst ? "" : frame.lines ? "," : ", ");
        if (frame.lines) {
            newLine();
        }
        frame.isFirst = false;
        Object value = frame.rest.next();
        boolean lines = false;
        if (value instanceof Map.Entry<?, ?> member) {
            string((String) member.getKey());
            text(": ");
            lines = frame.lines && open.size() == 1 && SPREAD.contains(member.getKey());
            value = member.getValue();
        }
        value(value, lines);
    }

    private void newLine() {
        text("\n" + "  ".repeat(open.size()));
    }

    private void value(Object value, boolean lines) {
        if (value instanceof Map<?, ?> map) {
            out.write('{');
            open.push(new Frame(map.entrySet().iterator(), '}', lines));
        } else if (value instanceof List<?> list) {
            out.write('[');
            open.push(new Frame(list.iterator(), ']', lines));
        } else if (value instanceof String text) {
            string(text);
        } else if (value instanceof byte[] bytes) {
            out.write('"');
            out.writeBytes(Base64.getEncoder().encode(bytes));
            out.write('"');
        } else if (value instanceof Tensor tensor) {
            decimals(tensor.raw());
        } else if (value instanceof Double n && n == n.longValue() && Math.abs(n) < 0x1p53) {
            text(Long.toString(n.longValue()));
        } else {
            // Java spells finite doubles as JSON does, with digits enough to come back.
            text(String.valueOf(value));
        }
    }

    private void decimals(float[] values) {
        String separator = "[";
        for (float value : values) {
            text(separator);
            text(Shortest.decimal(value));
            separator = ", ";
        }
        text("]");
    }

    private void string(String value) {
        StringBuilder escaped = new StringBuilder("\"");
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                escaped.append('\\').append(c);
            } else if (c < ' ') {
                escaped.append("\\u%04x".formatted((int) c));
            } else {
                escaped.append(c);
            }
        }
        text(escaped.append('"').toString());
    }

    private void text(String text) {
        out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }
}
