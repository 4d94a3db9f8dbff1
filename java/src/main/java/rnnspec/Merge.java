package rnnspec;

import java.util.Locale;

/**
 * How several vectors become one: the inputs of {@code add}, {@code multiply} and {@code concat},
 * and the two directions of a layer (SPEC [merge-1], [direction-2]).
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

    /** A further vector x of so many elements, whose place in a concat is at; y: the others. */
    void next(float[] x, int width, float[] y, int at) {
        switch (this) {
            case CONCAT -> System.arraycopy(x, 0, y, at, width);
            case SUM -> {
                for (int j = 0; j < width; j++) {
                    y[j] = Tensor.tiny(y[j] + x[j]);
                }
            }
            case MULTIPLY -> {
                for (int j = 0; j < width; j++) {
                    y[j] = Tensor.tiny(y[j] * x[j]);
                }
            }
            case AVERAGE -> {
                for (int j = 0; j < width; j++) {
                    y[j] = Tensor.tiny((y[j] + x[j]) * 0.5f);
                }
            }
        }
    }
}
