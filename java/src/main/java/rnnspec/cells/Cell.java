package rnnspec.cells;

/**
 * The time steps of a recurrent layer, of many rows side by side (SPEC sections 13.3 to 13.5).
 *
 * <p>A cell is immutable; what changes belongs to the caller: sums, the state, of which the first
 * array is h and also the cell's output, and scratch. Arrays of rows may be longer than what they
 * hold ({@link rnnspec.kernel.Loops#padded}).
 */
public interface Cell {
    /**
     * The sums of each gate, and what the inputs put into them.
     *
     * @return what starts a step
     */
    Chain chain();

    /**
     * How long rows of sums have to be.
     *
     * @return elements, with padding
     */
    default int columns() {
        return chain().columns();
    }

    /**
     * Room for one step.
     *
     * @param rows how many at most
     * @return new arrays, for one thread at a time
     */
    float[][][] scratch(int rows);

    /**
     * The recurrent part of one step.
     *
     * @param sums what {@link #chain} has started, changed
     * @param first the first of their rows
     * @param count how many rows
     * @param state [array][row], updated
     * @param scratch from {@link #scratch}
     * @param room for {@link rnnspec.kernel.Loops#sweep}
     * @return false if a value that has to be finite and is not part of the state isn't [finite-1]
     */
    boolean step(
            float[][] sums,
            int first,
            int count,
            float[][][] state,
            float[][][] scratch,
            float[][] room);
}
