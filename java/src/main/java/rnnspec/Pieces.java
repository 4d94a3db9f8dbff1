package rnnspec;

import java.util.Collection;
import java.util.function.Consumer;

/**
 * How a text is cut into tokens, with a separator or without (SPEC [vocabulary-2]).
 *
 * <p>Tokens, separators and texts are well-formed, so UTF-16 units find what scalar values do. The
 * time is at most the length of the text times that of the longest token.
 */
final class Pieces {
    private final String separator; // or null
    private final int[] overlaps; // of the separator
    private final String[] tokens; // sorted, each once; without a separator

    private Pieces(String separator, int[] overlaps, String[] tokens) {
        this.separator = separator;
        this.overlaps = overlaps;
        this.tokens = tokens;
    }

    /** Pieces are what stands between occurrences of a separator. */
    static Pieces between(String separator) {
        // How much of the separator's start still fits when it breaks off after so many units
        // (Knuth, Morris, Pratt): without it, a hostile separator costs its length at every place.
        int[] overlaps = new int[separator.length() + 1];
        overlaps[0] = -1;
        for (int i = 0, fits = -1; i < separator.length(); ) {
            while (fits >= 0 && separator.charAt(fits) != separator.charAt(i)) {
                fits = overlaps[fits];
            }
            overlaps[++i] = ++fits;
        }
        return new Pieces(separator, overlaps, null);
    }

    /** Pieces are the longest of these tokens, none empty, or single scalar values. */
    static Pieces longest(Collection<String> tokens) {
        return new Pieces(null, null, tokens.stream().sorted().toArray(String[]::new));
    }

    /** Hands on the pieces of a text, from left to right. */
    void cut(String text, Consumer<String> piece) {
        if (separator == null) {
            int at = 0;
            while (at < text.length()) {
                int length = longest(text, at);
                int scalar = Character.charCount(text.codePointAt(at));
                int end = at + (length > 0 ? length : scalar);
                piece.accept(text.substring(at, end));
                at = end;
            }
            return;
        }
        int from = 0;
        int fits = 0;
        for (int i = 0; i < text.length(); i++) {
            while (fits >= 0 && separator.charAt(fits) != text.charAt(i)) {
                fits = overlaps[fits];
            }
            if (++fits == separator.length()) {
                between(text, from, i + 1 - fits, piece);
                from = i + 1;
                fits = 0;
            }
        }
        between(text, from, text.length(), piece);
    }

    private static void between(String text, int from, int end, Consumer<String> piece) {
        if (from < end) {
            piece.accept(text.substring(from, end));
        }
    }

    /** The length of the longest token that stands at a place of a text, or 0. */
    private int longest(String text, int from) {
        int best = 0;
        int low = 0;
        int high = tokens.length;
        for (int i = from; low < high && i < text.length(); i++) {
            // The tokens from low to high are those that start with what stands before i. They are
            // sorted, so where the first and the last agree, all do.
            char c = text.charAt(i);
            int index = i - from;
            if (tokens[low].charAt(index) != c || tokens[high - 1].charAt(index) != c) {
                low = bound(low, high, index, c);
                high = bound(low, high, index, c + 1);
            }
            if (low < high && tokens[low].length() == i + 1 - from) {
                best = i + 1 - from;
                low++;
            }
        }
        return best;
    }

    /** The first of some tokens, longer than an index, that has at least a unit there. */
    private int bound(int low, int high, int index, int unit) {
        int from = low;
        int to = high;
        while (from < to) {
            int middle = from + to >>> 1;
            if (tokens[middle].charAt(index) < unit) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }
}
