package rnnspec;

import java.util.Locale;

/**
 * How several vectors become one: the inputs of {@code add}, {@code multiply} and {@code concat},
 * and the two directions of a layer (SPEC [merge-1], [direction-2]); and what turns time round.
 */
enum Merge {
    CONCAT,
    SUM,
    MULTIPLY,
    AVERAGE;

    /** What a bidirectional layer's {@code merge} says. */
    static Merge of(Object word) {
        return valueOf(word.toString().toUpperCase(Locale.ROOT));
    }

    /** What a layer of several inputs does, or null for another. */
    static Merge of(Layout type) {
        return switch (type) {
            case ADD -> SUM;
            case MULTIPLY -> MULTIPLY;
            case CONCAT -> CONCAT;
            default -> null;
        };
    }

    /** The first vector: the start of y. */
    static void first(float[] x, float[] y) {
        System.arraycopy(x, 0, y, 0, x.length);
    }

    /** A further vector x, whose place in a concat is at; y is what the others came to. */
    void next(float[] x, float[] y, int at) {
        switch (this) {
            case CONCAT -> System.arraycopy(x, 0, y, at, x.length);
            case SUM -> {
                for (int j = 0; j < y.length; j++) {
                    y[j] = Tensor.tiny(y[j] + x[j]);
                }
            }
            case MULTIPLY -> {
                for (int j = 0; j < y.length; j++) {
                    y[j] = Tensor.tiny(y[j] * x[j]);
                }
            }
            case AVERAGE -> {
                for (int j = 0; j < y.length; j++) {
                    y[j] = Tensor.tiny((y[j] + x[j]) * 0.5f);
                }
            }
        }
    }

    /** The first steps of x from the last to the first, into y [time-reverse-1]. */
    static void reverse(float[][] x, float[][] y, int steps) {
        for (int t = 0; t < steps; t++) {
            first(x[steps - 1 - t], y[t]);
        }
    }
}
