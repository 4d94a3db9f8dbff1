package rnnspec.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A net of build/bench, as bench/nets.py wrote it, with its input and what must come out.
 *
 * @param hidden units of a layer
 * @param width of the output
 * @param readsTokens whether the input is ids, not numbers
 */
record Net(String name, int hidden, int width, boolean readsTokens) {
    /** Of each row of the input. */
    static final int STEPS = 1024;

    private static final int ROWS = 32; // of the ids
    private static final int WRITTEN = 128; // steps of our output
    private static final int COMPARED = 100;

    /** More than that apart, and it is another net. */
    static final float FAR = 2e-4f;

    private static final Path FOLDER = Path.of(System.getProperty("bench.folder", "build/bench"));

    /**
     * By its name, which says all: the kind and the hidden size.
     *
     * @param name such as lstm128
     */
    static Net of(String name) {
        int hidden = Integer.parseInt(name.replaceAll("\\D", ""));
        int width = floats(name + ".output.f32").length / WRITTEN;
        return new Net(name, hidden, width, !name.startsWith("audio"));
    }

    byte[] file(String ending) {
        return read(name + "." + ending);
    }

    /** The ids of each call, [calls][N][T]. */
    static int[][][] ids(Mode mode) {
        int[] all = new int[ROWS * STEPS];
        buffer("tokens.i32").asIntBuffer().get(all);
        int[][][] ids = new int[mode.calls()][mode.rows][mode.steps];
        for (int call = 0; call < ids.length; call++) {
            for (int n = 0; n < mode.rows; n++) {
                int from = n * STEPS + call * mode.steps;
                System.arraycopy(all, from, ids[call][n], 0, mode.steps);
            }
        }
        return ids;
    }

    /** The numbers of each call, [calls][T]. */
    static float[][] numbers(Mode mode) {
        float[] all = floats("audio.f32");
        float[][] numbers = new float[mode.calls()][mode.steps];
        for (int call = 0; call < numbers.length; call++) {
            System.arraycopy(all, call * mode.steps, numbers[call], 0, mode.steps);
        }
        return numbers;
    }

    /**
     * Compares the first steps of row 0 with our output.
     *
     * @param contender in the initial state
     * @param allowed the largest difference
     * @return the largest difference
     * @throws IllegalStateException if it is another net
     */
    float compare(Mode mode, Contender contender, float allowed) {
        float[] expected = floats(name + ".output.f32");
        float furthest = 0;
        for (int t = 0; t < COMPARED; t++) {
            if (t % mode.steps == 0) contender.call();
            for (int j = 0; j < width; j++) {
                float found = contender.output(t % mode.steps, j);
                float difference = Math.abs(found - expected[t * width + j]);
                if (!(difference <= allowed)) {
                    throw new IllegalStateException(
                            "%s, %s: another output, %g apart at step %d, %g is allowed"
                                    .formatted(name, mode, difference, t, allowed));
                }
                furthest = Math.max(furthest, difference);
            }
        }
        return furthest;
    }

    private static float[] floats(String file) {
        ByteBuffer bytes = buffer(file);
        float[] floats = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(floats);
        return floats;
    }

    private static ByteBuffer buffer(String file) {
        return ByteBuffer.wrap(read(file)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] read(String file) {
        try {
            return Files.readAllBytes(FOLDER.resolve(file));
        } catch (IOException absent) {
            throw new UncheckedIOException("no file " + file + ": make bench-nets", absent);
        }
    }
}
