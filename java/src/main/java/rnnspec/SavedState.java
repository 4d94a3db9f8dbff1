package rnnspec;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A state as a file, so that what one language began another can go on with (SPEC section 14.1).
 *
 * <p>Whether a state fits a net is judged when it is given to one.
 */
public final class SavedState {
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    /**
     * What became of the bytes.
     *
     * @param state the state, or null if there is an error
     * @param issues errors, or warnings, or nothing
     */
    record Reading(State state, List<Issue> issues) {}

    private SavedState() {}

    // --- from bytes ---

    /**
     * Reads a state, with the limits of the specification.
     *
     * @param bytes the file, JSON or msgpack; never changed
     * @return the state
     * @throws RnnspecException with all findings of the first stage that has an error
     */
    public static State load(byte[] bytes) {
        return load(bytes, Limits.DEFAULT);
    }

    /**
     * Reads a state, with the limits of the specification.
     *
     * @param path the file; its name decides nothing
     * @return the state
     * @throws RnnspecException with all findings of the first stage that has an error
     * @throws IOException if the file can't be read
     */
    public static State load(Path path) throws IOException {
        return load(path, Limits.DEFAULT);
    }

    /**
     * Reads a state.
     *
     * @param path the file; its name decides nothing
     * @param limits what to be willing to read
     * @return the state
     * @throws RnnspecException with all findings of the first stage that has an error
     * @throws IOException if the file can't be read
     */
    public static State load(Path path, Limits limits) throws IOException {
        return load(Load.read(path, limits), limits);
    }

    /**
     * Reads a state, with the limits of the specification.
     *
     * @param in read to its end, or to a byte beyond the limit {@code size}, and not closed
     * @return the state
     * @throws RnnspecException with all findings of the first stage that has an error
     * @throws IOException if the stream can't be read
     */
    public static State load(InputStream in) throws IOException {
        return load(Load.read(in, Limits.DEFAULT), Limits.DEFAULT);
    }

    /**
     * Reads a state.
     *
     * @param bytes the file, JSON or msgpack; never changed
     * @param limits what to be willing to read
     * @return the state
     * @throws RnnspecException with all findings of the first stage that has an error
     */
    public static State load(byte[] bytes, Limits limits) {
        Reading reading = read(bytes, limits);
        if (reading.state() == null) {
            throw new RnnspecException(reading.issues());
        }
        return reading.state();
    }

    /** Reads a file once and says what became of it. */
    static Reading read(byte[] bytes, Limits limits) {
        Map<String, Object> document;
        try {
            document = Validate.parse(bytes, limits);
        } catch (RnnspecException found) {
            return new Reading(null, found.issues());
        }
        Findings findings = new Findings();
        Map<String, StoredTensor> entries = new Structure(limits, findings).check(document);
        if (findings.hasErrors()) {
            return new Reading(null, findings.all());
        }
        State state = agreement(document, new References(entries, findings), findings);
        return new Reading(findings.hasErrors() ? null : state, findings.all());
    }

    /** Whether each part of a saved state is what it must be [saved-1]. */
    private static final class Structure extends DocumentChecks {
        Structure(Limits limits, Findings findings) {
            super(limits, findings);
        }

        Map<String, StoredTensor> check(Map<String, Object> document) {
            if (version(document)) {
                object(
                        document,
                        Findings.Path.TOP,
                        must("rnnspec", this::text),
                        may("$schema", this::text),
                        may("metadata", this::metadata),
                        may("structure", this::digest),
                        must("state", named(this::name, this::stateArrays)),
                        must("tensors", this::tensors));
            }
            return entries;
        }

        private void digest(Object value, Findings.Path path) {
            text(value, path);
            if (value instanceof String text && !DIGEST.matcher(text).matches()) {
                findings.add(
                        Codes.STRUCTURE_ENUM,
                        path,
                        "expected",
                        "64 characters 0-9a-f",
                        "got",
                        Issue.quote(text));
            }
        }
    }

    /** Whether the parts fit each other [saved-2]; gives the state, whole if they do. */
    private static State agreement(
            Map<String, Object> document, References tensors, Findings findings) {
        Map<?, ?> layers = (Map<?, ?>) document.get("state");
        Map<String, Map<String, String>> names = new LinkedHashMap<>();
        int rows = Graph.UNKNOWN;
        for (Object layer : layers.keySet()) {
            Map<?, ?> arrays = (Map<?, ?>) layers.get(layer);
            Map<String, String> inOrder = new LinkedHashMap<>();
            for (String array : Layout.STATE_ARRAYS) {
                if (arrays.get(array) instanceof String name) {
                    inOrder.put(array, name);
                    StoredTensor entry = tensors.find(name);
                    boolean isFirst = rows == Graph.UNKNOWN && entry != null;
                    rows = isFirst && entry.shape().length == 2 ? entry.shape()[0] : rows;
                }
            }
            names.put((String) layer, inOrder);
        }
        int batch = rows;
        names.forEach(
                (layer, arrays) ->
                        arrays.forEach(
                                (array, name) -> {
                                    StoredTensor entry = tensors.find(name);
                                    boolean hasSize = entry != null && entry.shape().length == 2;
                                    // Any size will do; without a rank of 2 no shape fits.
                                    int size = hasSize ? entry.shape()[1] : Graph.UNKNOWN;
                                    int[] shape = {batch, size};
                                    Findings.Path path = Findings.Path.TOP.to("state").to(layer);
                                    tensors.referFloat32(name, shape, path.to(array));
                                }));
        Map<String, Tensor> sound = tensors.finish();
        if (findings.hasErrors()) {
            return null;
        }
        Map<String, Map<String, Tensor>> state = new LinkedHashMap<>();
        names.forEach(
                (layer, arrays) -> {
                    Map<String, Tensor> values = new LinkedHashMap<>();
                    arrays.forEach((array, name) -> values.put(array, sound.get(name)));
                    state.put(layer, values);
                });
        return State.of(state);
    }

    // --- to bytes ---

    /**
     * Writes a state.
     *
     * @param state arrays h and, where there are such, c, h_reverse and c_reverse of each layer,
     *     all [N, size] with one N
     * @param encoding JSON or msgpack
     * @return the file, with the bits of every element
     * @throws RnnspecException RUN_STATE if the arrays are others, RUN_NONFINITE_INPUT if an
     *     element is infinite or NaN, STRUCTURE_NAME if a layer's name is none of this format
     */
    public static byte[] toBytes(State state, Save.Encoding encoding) {
        return toBytes(state, encoding, null);
    }

    /**
     * Writes a state.
     *
     * @param state arrays h and, where there are such, c, h_reverse and c_reverse of each layer,
     *     all [N, size] with one N
     * @param encoding JSON or msgpack
     * @param structure digest of the net ({@link Digest#structure}), for people and tools, or null
     * @return the file, with the bits of every element
     * @throws RnnspecException RUN_STATE if the arrays are others, RUN_NONFINITE_INPUT if an
     *     element is infinite or NaN, STRUCTURE_NAME if a layer's name is none of this format,
     *     STRUCTURE_ENUM if the digest is not 64 characters 0-9a-f
     */
    public static byte[] toBytes(State state, Save.Encoding encoding, String structure) {
        if (structure != null && !DIGEST.matcher(structure).matches()) {
            throw RnnspecException.in(
                    Codes.STRUCTURE_ENUM,
                    "structure",
                    "expected",
                    "64 characters 0-9a-f",
                    "got",
                    Issue.quote(structure));
        }
        Map<String, Object> layers = new LinkedHashMap<>();
        Map<String, Object> tensors = new LinkedHashMap<>();
        int rows = Graph.UNKNOWN;
        for (String layer : state.layers().keySet()) {
            Map<String, Tensor> arrays = state.layers().get(layer);
            checkNames(layer, arrays);
            Map<String, Object> names = new LinkedHashMap<>();
            for (String array : Layout.STATE_ARRAYS) {
                Tensor tensor = arrays.get(array);
                if (tensor == null) {
                    continue;
                }
                rows = rows == Graph.UNKNOWN ? Math.max(1, tensor.rows()) : rows;
                checkShape(layer, array, tensor, rows);
                names.put(array, array + layers.size());
                tensors.put(array + layers.size(), Save.entry(tensor, false, null));
            }
            layers.put(layer, names);
        }
        for (Map<String, Tensor> arrays : state.layers().values()) {
            arrays.values().forEach(array -> array.checkFinite("state"));
        }
        return Save.encode(
                DocumentWriter.members(
                        "rnnspec",
                        Model.FORMAT,
                        "structure",
                        structure,
                        "state",
                        layers,
                        "tensors",
                        tensors),
                encoding);
    }

    private static void checkNames(String layer, Map<String, Tensor> arrays) {
        if (!Checks.NAME.matcher(layer).matches()) {
            throw RnnspecException.in(
                    Codes.STRUCTURE_NAME,
                    "state",
                    "expected",
                    Checks.NAME_SHAPE,
                    "got",
                    Issue.quote(layer));
        }
        if (!arrays.containsKey("h") || !Layout.STATE_ARRAYS.containsAll(arrays.keySet())) {
            throw wrongState(
                    "h, and perhaps c, h_reverse, c_reverse",
                    Issue.quote(layer) + " with " + Issue.escape(arrays.keySet().toString()));
        }
    }

    private static void checkShape(String layer, String array, Tensor tensor, int rows) {
        List<Integer> shape = tensor.dimensions();
        if (shape.size() != 2 || shape.get(0) != rows || shape.get(1) < 1) {
            throw wrongState(
                    "[%d, size]".formatted(rows),
                    "%s of %s: %s".formatted(array, Issue.quote(layer), Tensor.show(shape)));
        }
    }

    private static RnnspecException wrongState(String expected, String got) {
        return RnnspecException.in(Codes.RUN_STATE, "state", "expected", expected, "got", got);
    }
}
