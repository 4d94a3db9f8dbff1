package rnnspec;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** The words that could have stood somewhere, for people: those most like the given one first. */
final class Choices {
    /** How many characters are shown. */
    private static final int MOST = 40;

    private Choices() {}

    /** The words alone, in their order. */
    static String of(Collection<String> words) {
        StringBuilder shown = new StringBuilder();
        for (String word : words) {
            String next = (shown.length() == 0 ? "" : ", ") + "`" + word + "`";
            if (shown.length() + next.length() > MOST) {
                return shown.append(shown.length() == 0 ? "…" : ", …").toString();
            }
            shown.append(next);
        }
        return words.isEmpty() ? "none" : shown.toString();
    }

    /** The words, nearest first. */
    static String of(Collection<String> words, String given) {
        String start = given.substring(0, Math.min(given.length(), MOST));
        List<String> sorted =
                words.stream().sorted(Comparator.comparingInt(word -> edits(word, start))).toList();
        return of(sorted);
    }

    /** How many characters have to be inserted, removed or replaced (Levenshtein). */
    private static int edits(String from, String to) {
        int[] row = new int[to.length() + 1];
        Arrays.setAll(row, j -> j);
        for (int i = 0; i < from.length(); i++) {
            int diagonal = row[0];
            row[0] = i + 1;
            for (int j = 0; j < to.length(); j++) {
                int replaced = diagonal + (from.charAt(i) == to.charAt(j) ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.min(replaced, Math.min(row[j], diagonal) + 1);
            }
        }
        return row[to.length()];
    }
}
