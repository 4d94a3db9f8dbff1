package rnnspec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * JSON from bytes to values (SPEC section 3).
 *
 * <p>An object becomes a Map in file order, an array a List, a string a String, a number a Double,
 * and {@code true}, {@code false} and {@code null} what Java calls so. Only tensor data are read
 * into {@link Decimals} and {@link Base64Text}. Nesting costs memory and no stack.
 */
final class JsonReader extends JsonText {
    /**
     * Tensor data that were a list.
     *
     * @param values the elements as binary32, at the start of this array
     * @param count how many elements
     * @param offender what the element after these is that is no number, or null if there is none
     */
    record Decimals(float[] values, int count, String offender) {}

    /**
     * Tensor data that were a string: its UTF-8, without copying where the string has no escapes.
     *
     * @param bytes holds the text
     * @param from where it starts
     * @param length in bytes
     */
    record Base64Text(byte[] bytes, int from, int length) {}

    /** What the path says about an object or array. */
    private enum Role {
        DOCUMENT,
        TENSORS,
        TENSOR,
        DATA,
        OTHER
    }

    /** An object or array that has been opened and not yet closed. */
    private static final class Frame {
        final Frame outer;
        final Role role;
        final Map<String, Object> members;
        final List<Object> elements;
        String key;

        /** Of tensor data: what was read up to the first element that is no number. */
        Decimals decimals;

        Frame(Frame outer, Role role, boolean object) {
            this.outer = outer;
            this.role = role;
            this.members = object ? new LinkedHashMap<>() : null;
            this.elements = object || role == Role.DATA ? null : new ArrayList<>();
        }

        boolean isObject() {
            return members != null;
        }

        /** Takes a value that has been read whole. */
        void add(Object value) {
            if (isObject()) {
                members.put(key, value);
            } else if (role != Role.DATA) {
                elements.add(value);
            }
            // Of tensor data, nothing from the first element on that is no number matters.
        }

        Object close() {
            if (role == Role.DATA) {
                return decimals;
            }
            return isObject() ? seal(members) : seal(elements);
        }
    }

    /** The members of a tensor whose value is tensor data. */
    private static final Set<String> TENSOR_DATA = Set.of("data", "scale");

    /** What {@link #start} gives for an object or array that isn't empty. */
    private static final Object OPENED = new Object();

    /** The bytes between the brackets of a list of numbers. */
    private static final boolean[] IN_NUMBERS = inNumbers();

    /** An object as it is handed on: unchangeable, and no larger than it need be. */
    static Map<String, Object> seal(Map<String, Object> members) {
        return members.isEmpty() ? Map.of() : Collections.unmodifiableMap(members);
    }

    /** An array as it is handed on. */
    static List<Object> seal(List<Object> elements) {
        // Not List.of: there may be nulls.
        return elements.isEmpty()
                ? List.of()
                : Collections.unmodifiableList(Arrays.asList(elements.toArray()));
    }

    private final Decimal decimal;

    private long values;
    private long depth;
    private Frame open;

    private JsonReader(byte[] bytes, Limits limits) {
        super(bytes, limits);
        this.decimal = new Decimal(bytes, end);
    }

    /**
     * Reads a JSON text whose value is an object.
     *
     * @param bytes well-formed UTF-8 whose first byte that isn't white space is <code>{</code>
     * @throws RnnspecException with the one finding of the stage syntax
     */
    @SuppressWarnings("unchecked")
    static Map<String, Object> read(byte[] bytes, Limits limits) {
        JsonReader reader = new JsonReader(bytes, limits);
        Object document = reader.value();
        reader.skipWhite();
        if (reader.at < reader.end) {
            throw RnnspecException.at(
                    Codes.SYNTAX_TRAILING, reader.at, "got", Utf8.show(bytes, reader.at));
        }
        return (Map<String, Object>) document;
    }

    private Object value() {
        while (true) {
            skipWhite();
            Object value = start();
            if (value == OPENED) {
                continue;
            }
            while (true) {
                if (open == null) {
                    return value;
                }
                open.add(value);
                if (!isClosed()) {
                    break;
                }
                value = open.close();
                open = open.outer;
                depth--;
            }
        }
    }

    /** Reads a value that is whole at once, or opens an object or array. */
    private Object start() {
        int b = peek("a value");
        boolean isElement = open != null && open.role == Role.DATA;
        switch (b) {
            case '{', '[', '"', '-', 't', 'f', 'n' -> {}
            default -> {
                if (b < '0' || b > '9') {
                    throw unexpected(at, "a value");
                }
            }
        }
        if (!isElement && ++values > limits.values()) {
            throw RnnspecException.at(
                    Codes.LIMIT_VALUES, at, "limit", Long.toString(limits.values()));
        }
        return switch (b) {
            case '{' -> openObject();
            case '[' -> openArray();
            case '"' -> text();
            case 't' -> literal("true", Boolean.TRUE);
            case 'f' -> literal("false", Boolean.FALSE);
            case 'n' -> literal("null", null);
            default -> number();
        };
    }

    private Object openObject() {
        Role role = Role.OTHER;
        if (open == null) {
            role = Role.DOCUMENT;
        } else if (open.role == Role.DOCUMENT && open.key.equals("tensors")) {
            role = Role.TENSORS;
        } else if (open.role == Role.TENSORS) {
            role = Role.TENSOR;
        }
        push(new Frame(open, role, true));
        skipWhite();
        if (peek("a key or `}`") == '}') {
            return pop();
        }
        key("a key or `}`");
        return OPENED;
    }

    private Object openArray() {
        boolean isData = isTensorData();
        push(new Frame(open, isData ? Role.DATA : Role.OTHER, false));
        skipWhite();
        if (peek("a value or `]`") == ']') {
            if (isData) {
                open.decimals = new Decimals(new float[0], 0, null);
            }
            return pop();
        }
        if (isData && decimals()) {
            return pop();
        }
        return OPENED;
    }

    private boolean isTensorData() {
        return open != null && open.role == Role.TENSOR && TENSOR_DATA.contains(open.key);
    }

    private void push(Frame frame) {
        if (depth == limits.depth()) {
            throw RnnspecException.at(
                    Codes.LIMIT_DEPTH, at, "limit", Long.toString(limits.depth()));
        }
        depth++;
        open = frame;
        at++;
    }

    /** Closes the innermost object or array at its closing bracket. */
    private Object pop() {
        Object value = open.close();
        open = open.outer;
        depth--;
        at++;
        return value;
    }

    /** After a value: whether the innermost object or array ends here; else goes on to the next. */
    private boolean isClosed() {
        skipWhite();
        boolean object = open.isObject();
        String expected = object ? "`,` or `}`" : "`,` or `]`";
        int b = peek(expected);
        if (b == (object ? '}' : ']')) {
            at++;
            return true;
        }
        if (b != ',') {
            throw unexpected(at, expected);
        }
        at++;
        if (object) {
            skipWhite();
            key("a key");
        }
        return false;
    }

    private void key(String expected) {
        if (peek(expected) != '"') {
            throw unexpected(at, expected);
        }
        if (open.members.size() >= limits.members()) {
            throw RnnspecException.at(
                    Codes.LIMIT_MEMBERS, at, "limit", Long.toString(limits.members()));
        }
        int quote = at;
        String key = string();
        if (open.members.containsKey(key)) {
            throw RnnspecException.at(Codes.SYNTAX_DUPLICATE_KEY, quote, "got", Issue.quote(key));
        }
        open.key = key;
        skipWhite();
        if (peek("`:`") != ':') {
            throw unexpected(at, "`:`");
        }
        at++;
    }

    private Object literal(String word, Boolean value) {
        for (int i = 1; i < word.length(); i++) {
            if (at + i == end) {
                throw ends("`" + word + "`");
            }
            if (bytes[at + i] != word.charAt(i)) {
                throw unexpected(at, "a value");
            }
        }
        at += word.length();
        return value;
    }

    private Double number() {
        int from = at;
        scanNumber();
        double value = decimal.toDouble();
        if (Double.isInfinite(value)) {
            throw outOfRange(from);
        }
        return value;
    }

    /** Reads a number's spelling and judges its length. */
    private void scanNumber() {
        int stop = decimal.scan(at);
        if (stop < 0) {
            if (~stop == end) {
                throw ends("a digit");
            }
            throw unexpected(~stop, "a digit");
        }
        if (stop - at > limits.number()) {
            throw RnnspecException.at(
                    Codes.LIMIT_NUMBER,
                    at,
                    "limit",
                    Long.toString(limits.number()),
                    "got",
                    Integer.toString(stop - at));
        }
        at = stop;
    }

    private RnnspecException outOfRange(int from) {
        return RnnspecException.at(
                Codes.SYNTAX_NUMBER_RANGE, from, "got", Issue.quote(Utf8.text(bytes, from, at)));
    }

    /**
     * Reads the elements of tensor data as long as they are numbers.
     *
     * @return whether that was all of them, and the closing bracket is next
     */
    private boolean decimals() {
        float[] elements = new float[mostNumbers()];
        int count = 0;
        while (true) {
            int b = peek("a value");
            if (b != '-' && (b < '0' || b > '9')) {
                open.decimals = new Decimals(new float[0], count, kind(b));
                return false;
            }
            int from = at;
            scanNumber();
            float element = decimal.toFloat();
            if (Float.isInfinite(element) && decimal.isInfinite()) {
                throw outOfRange(from);
            }
            elements[count++] = element;
            skipWhite();
            b = peek("`,` or `]`");
            if (b == ']') {
                open.decimals = new Decimals(elements, count, null);
                return true;
            }
            if (b != ',') {
                throw unexpected(at, "`,` or `]`");
            }
            at++;
            skipWhite();
        }
    }

    /** How many numbers there can be, one after the other, from here on. */
    private int mostNumbers() {
        int commas = 0;
        int i = at;
        while (i < end && IN_NUMBERS[bytes[i] & 0xFF]) {
            commas += bytes[i] == ',' ? 1 : 0;
            i++;
        }
        // Each takes a digit and a comma, the last no comma.
        return Math.min(commas, (i - at) / 2) + 1;
    }

    private static boolean[] inNumbers() {
        boolean[] table = new boolean[256];
        for (char c : "0123456789+-.eE, \t\r\n".toCharArray()) {
            table[c] = true;
        }
        return table;
    }

    /** What a value is that starts with this byte and is no number. */
    private static String kind(int b) {
        return switch (b) {
            case '{' -> "an object";
            case '[' -> "a list";
            case '"' -> "a string";
            case 'n' -> "null";
            default -> "a boolean";
        };
    }

    /** A string as a value: text, or tensor data, which has no limit. */
    private Object text() {
        if (!isTensorData()) {
            return string();
        }
        scanString();
        return new Base64Text(bytesOfString, fromOfString, lengthOfString);
    }
}
