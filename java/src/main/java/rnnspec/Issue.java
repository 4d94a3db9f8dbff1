package rnnspec;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One finding: a code, a place, and what the code's texts need (SPEC [stage-4]).
 *
 * <p>The code and the place are stable. The texts are for people and may change.
 *
 * @param code what is wrong
 * @param place where
 * @param arguments what stands for the placeholders of the code's texts
 */
public record Issue(Codes.Code code, Place place, Map<String, String> arguments) {

    /** How much of a caller's or a file's text is shown, in characters. */
    private static final int SHOWN = 40;

    /** How much of an argument is shown: such a text in its quotes. */
    private static final int ARGUMENT = SHOWN + 4;

    /** How much of a place is shown. */
    private static final int PLACE = 50;

    private static final Pattern BRACES = Pattern.compile("\\{\\{|\\}\\}|\\{([a-z]+)\\}");

    /** Where a finding stands. */
    public sealed interface Place permits Offset, Pointer, Argument {}

    /**
     * A place in the stages bytes and syntax.
     *
     * @param offset the byte, from 0
     */
    public record Offset(int offset) implements Place {
        @Override
        public String toString() {
            return "byte " + offset;
        }
    }

    /**
     * A place in the stages structure and agreement.
     *
     * @param pointer a JSON Pointer (RFC 6901)
     */
    public record Pointer(String pointer) implements Place {
        @Override
        public String toString() {
            return pointer.isEmpty() ? "the top level" : pointer;
        }
    }

    /**
     * A place in the stage run.
     *
     * @param name the argument of the call
     */
    public record Argument(String name) implements Place {
        @Override
        public String toString() {
            return "argument " + name;
        }
    }

    /**
     * Checks that every placeholder of the code's texts has its argument, and makes the arguments
     * safe to print and not too long.
     */
    public Issue {
        Map<String, String> shown = new TreeMap<>();
        arguments.forEach((name, text) -> shown.put(name, escape(text, ARGUMENT)));
        arguments = Collections.unmodifiableMap(shown);
        render(code.what(), arguments);
        render(code.expected(), arguments);
        render(code.fix(), arguments);
    }

    /** A finding with the given arguments: name, text, name, text, and so on. */
    static Issue of(Codes.Code code, Place place, String... arguments) {
        Map<String, String> map = new TreeMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            map.put(arguments[i], arguments[i + 1]);
        }
        return new Issue(code, place, map);
    }

    /**
     * What is wrong.
     *
     * @return a phrase
     */
    public String what() {
        return render(code.what(), arguments);
    }

    /**
     * Where it is.
     *
     * @return the place, made safe to print
     */
    public String where() {
        String safe = escape(place.toString(), Integer.MAX_VALUE);
        if (safe.length() <= PLACE) {
            return safe;
        }
        // The end says most, and what is cut there is plain text.
        int from = safe.offsetByCodePoints(safe.length(), -PLACE * 2 / 3);
        int to = safe.offsetByCodePoints(0, PLACE / 3 - 1);
        return safe.substring(0, to) + "…" + safe.substring(from);
    }

    /**
     * What was expected and what was found.
     *
     * @return a phrase
     */
    public String expected() {
        return render(code.expected(), arguments);
    }

    /**
     * What to do about it.
     *
     * @return a phrase
     */
    public String fix() {
        return render(code.fix(), arguments);
    }

    /**
     * The whole finding in one line.
     *
     * @return code, what, where, expected and fix
     */
    public String message() {
        return "%s: %s, at %s: %s; %s".formatted(code.code(), what(), where(), expected(), fix());
    }

    @Override
    public String toString() {
        return message();
    }

    /** A text of a file or a caller, in quotes, safe to print and not too long. */
    static String quote(String text) {
        return '"' + escape(text, SHOWN) + '"';
    }

    /** The same without the quotes. */
    static String escape(String text) {
        return escape(text, SHOWN);
    }

    /** The text without anything that a terminal or a reader's eye could be led astray by. */
    private static String escape(String text, int most) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            String shown = isPlain(c) ? Character.toString(c) : "<U+%04X>".formatted(c);
            // Room is left for the sign that more follows.
            if (out.length() + shown.length() > (i < text.length() ? most - 1 : most)) {
                return out.append('…').toString();
            }
            out.append(shown);
        }
        return out.toString();
    }

    /**
     * Not a control, format (bidi among them), surrogate, unassigned or line-breaking character.
     */
    private static boolean isPlain(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.UNASSIGNED,
                    Character.PRIVATE_USE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR ->
                    false;
            default -> c == ' ' || !Character.isSpaceChar(c);
        };
    }

    private static String render(String template, Map<String, String> arguments) {
        Matcher matcher = BRACES.matcher(template);
        StringBuilder out = new StringBuilder();
        while (matcher.find()) {
            String text;
            if (matcher.group(1) == null) {
                text = matcher.group().substring(1);
            } else {
                text = arguments.get(matcher.group(1));
                if (text == null) {
                    throw new IllegalArgumentException(
                            "no argument " + matcher.group(1) + " for: " + template);
                }
            }
            matcher.appendReplacement(out, Matcher.quoteReplacement(text));
        }
        return matcher.appendTail(out).toString();
    }
}
