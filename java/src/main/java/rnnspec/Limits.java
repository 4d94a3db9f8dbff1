package rnnspec;

import java.util.List;

/**
 * What a reader is willing to read (SPEC section 16, [limit-1]; section 5.1). Never changes.
 *
 * @param size bytes of the input
 * @param depth levels of objects and lists
 * @param string bytes of UTF-8 in one string or key
 * @param number characters of one JSON number
 * @param members members of one object
 * @param values values outside tensor data
 * @param layers layers
 * @param elements elements of one tensor
 * @param tryAnyway whether to try a file of another version of the format as if it were of this one
 *     [version-4]: the finding is then the warning {@code VERSION_TRIED}, and whatever is not known
 *     here is still refused
 */
public record Limits(
        long size,
        long depth,
        long string,
        long number,
        long members,
        long values,
        long layers,
        long elements,
        boolean tryAnyway) {

    /** The limits that every reader has by default. */
    public static final Limits DEFAULT =
            new Limits(268_435_456, 32, 65_536, 64, 4_096, 1_000_000, 256, 134_217_728, false);

    private static final List<String> NAMES =
            List.of("size", "depth", "string", "number", "members", "values", "layers", "elements");

    /**
     * The same limits but for one.
     *
     * @param name the limit's name in SPEC section 16, such as {@code size}
     * @param value its new value
     * @return the new limits
     * @throws IllegalArgumentException if there is no limit of that name
     */
    public Limits with(String name, long value) {
        int index = NAMES.indexOf(name);
        if (index < 0) {
            throw new IllegalArgumentException("there is no limit " + name + ", only " + NAMES);
        }
        long[] all = {size, depth, string, number, members, values, layers, elements};
        all[index] = value;
        return new Limits(
                all[0], all[1], all[2], all[3], all[4], all[5], all[6], all[7], tryAnyway);
    }

    /**
     * The same limits for trying files of any version.
     *
     * @return the new limits
     */
    public Limits tryingAnyway() {
        return new Limits(size, depth, string, number, members, values, layers, elements, true);
    }
}
