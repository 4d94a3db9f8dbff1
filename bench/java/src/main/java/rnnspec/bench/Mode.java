package rnnspec.bench;

/** What one call is: N rows of T steps (bench/README.md). */
enum Mode {
    STEP(1, 1),
    WHOLE(1, 1000),
    BLOCK(1, 128),
    BATCH(32, 100);

    final int rows; // N
    final int steps; // T

    Mode(int rows, int steps) {
        this.rows = rows;
        this.steps = steps;
    }

    /** Whether a call goes on where the last one ended. */
    boolean carries() {
        return this == STEP || this == BLOCK;
    }

    /** How many calls there are before the input begins again. */
    int calls() {
        return carries() ? Net.STEPS / steps : 1;
    }
}
