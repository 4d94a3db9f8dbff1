package rnnspec;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** From a file to a model, JSON or msgpack (SPEC sections 2 to 10). */
public final class Load {
    /** Java has no larger arrays. */
    private static final int LARGEST = Integer.MAX_VALUE - 8;

    private Load() {}

    /**
     * Reads a model.
     *
     * @param bytes the file, JSON or msgpack; never changed
     * @return the model
     * @throws RnnspecException with all findings of the first stage that has an error
     */
    public static Model load(byte[] bytes) {
        return load(bytes, Limits.DEFAULT);
    }

    /**
     * Reads a model.
     *
     * @param bytes the file, JSON or msgpack; never changed
     * @param limits what to be willing to read
     * @return the model
     * @throws RnnspecException with all findings of the first stage that has an error
     */
    public static Model load(byte[] bytes, Limits limits) {
        Validate.Reading reading = Validate.read(bytes, limits);
        if (reading.model() == null) {
            throw new RnnspecException(reading.issues());
        }
        return reading.model();
    }

    /**
     * Reads a model.
     *
     * @param path the file; its name decides nothing
     * @return the model
     * @throws RnnspecException with all findings of the first stage that has an error
     * @throws IOException if the file can't be read
     */
    public static Model load(Path path) throws IOException {
        return load(path, Limits.DEFAULT);
    }

    /**
     * Reads a model.
     *
     * @param path the file; its name decides nothing
     * @param limits what to be willing to read; a larger file isn't even opened
     * @return the model
     * @throws RnnspecException with all findings of the first stage that has an error
     * @throws IOException if the file can't be read
     */
    public static Model load(Path path, Limits limits) throws IOException {
        return load(read(path, limits), limits);
    }

    /**
     * Reads a model.
     *
     * @param in read to its end, or to a byte beyond the limit {@code size}, and not closed
     * @return the model
     * @throws RnnspecException with all findings of the first stage that has an error
     * @throws IOException if the stream can't be read
     */
    public static Model load(InputStream in) throws IOException {
        return load(in, Limits.DEFAULT);
    }

    /**
     * Reads a model.
     *
     * @param in read to its end, or to a byte beyond the limit {@code size}, and not closed
     * @param limits what to be willing to read
     * @return the model
     * @throws RnnspecException with all findings of the first stage that has an error
     * @throws IOException if the stream can't be read
     */
    public static Model load(InputStream in, Limits limits) throws IOException {
        return load(read(in, limits), limits);
    }

    private static int most(Limits limits) {
        return (int) Math.max(0, Math.min(limits.size(), LARGEST));
    }

    /** Reads all of a stream, or what is just too much. */
    static byte[] read(InputStream in, Limits limits) throws IOException {
        int most = most(limits);
        return in.readNBytes(most == LARGEST ? most : most + 1);
    }

    /** Reads all of a file; one that is too large isn't even opened. */
    static byte[] read(Path path, Limits limits) throws IOException {
        int most = most(limits);
        long size = Files.isRegularFile(path) ? Files.size(path) : 0;
        if (size > most) {
            Validate.checkSize(size, limits.with("size", most));
        }
        try (InputStream in = Files.newInputStream(path)) {
            if (size == 0) {
                // A pipe does not say how much is in it.
                return read(in, limits);
            }
            byte[] bytes = new byte[(int) size];
            int read = in.readNBytes(bytes, 0, bytes.length);
            return read == bytes.length ? bytes : Arrays.copyOf(bytes, read);
        }
    }
}
