package rnnspec.cells;

/**
 * One time step of a recurrent layer (SPEC sections 13.3 to 13.5).
 *
 * <p>A cell is immutable; what changes belongs to the caller: the state, of which the first array
 * is h and also the cell's output, and scratch.
 */
public interface Cell {
    /**
     * Room for one step.
     *
     * @return new arrays, for one thread at a time
     */
    float[][] scratch();

    /**
     * One step over a vector.
     *
     * @param x [I], after T
     * @param state its arrays, updated
     * @param scratch from {@link #scratch()}
     * @return false if a value that has to be finite and is not part of the state isn't [finite-1]
     */
    boolean step(float[] x, float[][] state, float[][] scratch);

    /**
     * One step over a one-hot vector.
     *
     * @param id which element is 1
     * @param state its arrays, updated
     * @param scratch from {@link #scratch()}
     * @return as for a vector
     */
    boolean step(int id, float[][] state, float[][] scratch);
}
