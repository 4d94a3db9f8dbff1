package rnnspec;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** From bytes to a model or to findings: the stages of SPEC section 1, one after the other. */
public final class Validate {
    /**
     * What became of the bytes.
     *
     * @param model the model, or null if there is an error
     * @param issues errors, or warnings, or nothing
     */
    record Reading(Model model, List<Issue> issues) {}

    /** What files of other systems start with [bytes-3]. */
    private static final Map<String, String> FOREIGN = foreign();

    private Validate() {}

    /**
     * Says all that is wrong with a file.
     *
     * @param bytes the file
     * @param limits what to be willing to read
     * @return the findings, the errors first; a model if none of them is an error
     */
    public static List<Issue> validate(byte[] bytes, Limits limits) {
        return read(bytes, limits).issues();
    }

    /**
     * The same with the limits of the specification.
     *
     * @param bytes the file
     * @return the findings, the errors first; a model if none of them is an error
     */
    public static List<Issue> validate(byte[] bytes) {
        return validate(bytes, Limits.DEFAULT);
    }

    /** Reads a file once and says what became of it. */
    static Reading read(byte[] bytes, Limits limits) {
        Map<String, Object> document;
        try {
            document = parse(bytes, limits);
        } catch (RnnspecException found) {
            return new Reading(null, found.issues());
        }
        Findings findings = new Findings();
        Map<String, StoredTensor> entries = Structure.check(document, limits, findings);
        if (findings.hasErrors()) {
            return new Reading(null, findings.all());
        }
        Model model = Document.model(document);
        Map<String, Tensor> tensors = Agreement.check(model, entries, findings);
        return new Reading(findings.hasErrors() ? null : model.with(tensors), findings.all());
    }

    /**
     * Reads the bytes of any document: the stages bytes and syntax.
     *
     * @throws RnnspecException with the one finding of its stage
     */
    static Map<String, Object> parse(byte[] bytes, Limits limits) {
        checkSize(bytes.length, limits);
        return isJson(bytes) ? JsonReader.read(bytes, limits) : MsgpackReader.read(bytes, limits);
    }

    static void checkSize(long size, Limits limits) {
        if (size == 0) {
            throw RnnspecException.at(Codes.BYTES_EMPTY, 0);
        }
        if (size > limits.size()) {
            throw RnnspecException.at(
                    Codes.LIMIT_SIZE,
                    0,
                    "limit",
                    Long.toString(limits.size()),
                    "got",
                    Long.toString(size));
        }
    }

    /** The rest of the stage bytes: whether this is JSON, else it is msgpack. */
    private static boolean isJson(byte[] bytes) {
        FOREIGN.forEach(
                (start, system) -> {
                    if (startsWith(bytes, start)) {
                        throw RnnspecException.at(Codes.BYTES_FOREIGN, 0, "got", system);
                    }
                });
        int first = 0;
        while (first < bytes.length && JsonReader.isWhite(bytes[first])) {
            first++;
        }
        int b = first < bytes.length ? bytes[first] & 0xFF : -1;
        if (b == '<') {
            throw RnnspecException.at(Codes.BYTES_FOREIGN, 0, "got", "HTML or XML");
        }
        if (startsWith(bytes, "\u00EF\u00BB\u00BF")) {
            throw RnnspecException.at(Codes.BYTES_BOM, 0);
        }
        if (b == '{') {
            int bad = Utf8.firstIllFormed(bytes, 0, bytes.length);
            if (bad >= 0) {
                throw RnnspecException.at(Codes.BYTES_UTF8, bad, "got", Utf8.hex(bytes[bad]));
            }
            return true;
        }
        if (first == 0 && (b >= 0x80 && b <= 0x8F || b == 0xDE || b == 0xDF)) {
            return false;
        }
        throw RnnspecException.at(
                Codes.BYTES_UNRECOGNISED, first, "got", b < 0 ? "the end" : Utf8.hex(b));
    }

    /** Whether the bytes start with these, written as the characters U+0000 to U+00FF. */
    private static boolean startsWith(byte[] bytes, String start) {
        byte[] expected = start.getBytes(StandardCharsets.ISO_8859_1);
        int length = Math.min(expected.length, bytes.length);
        return Arrays.equals(expected, 0, expected.length, bytes, 0, length);
    }

    private static Map<String, String> foreign() {
        Map<String, String> starts = new LinkedHashMap<>();
        starts.put("PK\u0003\u0004", "a zip archive");
        starts.put("\u001F\u008B", "gzip");
        starts.put("\u0089PNG", "a PNG image");
        starts.put("\u0089HDF", "HDF5");
        for (char protocol = 2; protocol <= 5; protocol++) {
            starts.put("\u0080" + protocol, "a Python pickle");
        }
        starts.put("\u0093NUMPY", "a numpy array");
        starts.put("Lua", "Lua");
        starts.put("\u00FF\u00D8\u00FF", "a JPEG image");
        starts.put("%PDF", "PDF");
        starts.put("version https://git-lfs", "a Git LFS pointer, not the file itself");
        return starts;
    }
}
