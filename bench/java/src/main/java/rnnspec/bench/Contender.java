package rnnspec.bench;

/** One way of running a net in one mode. */
interface Contender {
    /**
     * The next call, with its own input and, where the mode carries it, the state of the last one.
     */
    void call();

    /**
     * A number of the last call's output.
     *
     * @param step of row 0
     * @param j the place in the row
     */
    float output(int step, int j);
}
