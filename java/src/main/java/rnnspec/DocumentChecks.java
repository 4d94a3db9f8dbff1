package rnnspec;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import rnnspec.Findings.Path;

/** What models and saved states have in common: SPEC sections 5.1, 5.3 and 6. */
class DocumentChecks extends Checks {
    private static final Pattern VERSION =
            Pattern.compile("N\\.N(-draft\\.N)?".replace("N", "(0|[1-9][0-9]{0,8})"));

    static final Pattern EXTENSION = Pattern.compile("[A-Z][A-Z0-9]{0,31}_[A-Za-z0-9_.-]{1,95}");

    final Limits limits;

    /** The tensors that are sound in themselves. */
    final Map<String, StoredTensor> entries = new LinkedHashMap<>();

    DocumentChecks(Limits limits, Findings findings) {
        super(findings);
        this.limits = limits;
    }

    // --- 5.1 versions ---

    /** Judges the version; false if nothing else is to be judged [version-1]. */
    boolean version(Map<String, Object> document) {
        Path path = Path.TOP.to("rnnspec");
        String expected = Issue.quote(Model.FORMAT);
        if (!document.containsKey("rnnspec")) {
            findings.add(Codes.VERSION_MISSING, Path.TOP, "expected", expected);
            return false;
        }
        Object value = document.get("rnnspec");
        if (!(value instanceof String version) || !VERSION.matcher(version).matches()) {
            findings.add(Codes.VERSION_MALFORMED, path, "expected", expected, "got", show(value));
            return false;
        }
        if (version.equals(Model.FORMAT)) {
            return true;
        }
        findings.add(
                limits.tryAnyway() ? Codes.VERSION_TRIED : Codes.VERSION_UNSUPPORTED,
                path,
                "expected",
                Model.FORMAT,
                "got",
                Issue.escape(version));
        return limits.tryAnyway();
    }

    // --- metadata, 5.3 extensions ---

    void metadata(Object value, Path path) {
        if (value instanceof Map) {
            anything(value, path);
        } else {
            wrongType("an object", value, path);
        }
    }

    void extensions(Object value, Path path) {
        named(this::extensionName, this::anything).check(value, path);
    }

    void extensionName(Object value, Path path) {
        text(value, path);
        if (value instanceof String name && !EXTENSION.matcher(name).matches()) {
            wrongName("VENDOR_name, such as ACME_pitch", name, path);
        }
    }

    /** Anything may stand here but bytes [doc-3]. */
    private void anything(Object value, Path path) {
        record Place(Object value, Path path) {}
        Deque<Place> left = new ArrayDeque<>(List.of(new Place(value, path)));
        while (!left.isEmpty()) {
            Place place = left.pop();
            if (place.value instanceof MsgpackReader.Bytes) {
                wrongType("anything but bytes", place.value, place.path);
            } else if (place.value instanceof Map<?, ?> map) {
                map.forEach((key, member) -> left.push(new Place(member, place.path.to(key))));
            } else if (place.value instanceof List<?> list) {
                for (int i = 0; i < list.size(); i++) {
                    left.push(new Place(list.get(i), place.path.to(i)));
                }
            }
        }
    }

    // --- 6 tensors ---

    void tensors(Object value, Path path) {
        named(this::name, this::tensor).check(value, path);
    }

    private void tensor(Object value, Path path) {
        Object word = value instanceof Map<?, ?> map ? map.get("dtype") : null;
        // Without a known dtype nothing is said about what it asks for [doc-6].
        boolean isKnown = word instanceof String && Tensor.Dtype.words().contains(word);
        Tensor.Dtype dtype = isKnown ? Tensor.Dtype.of((String) word) : null;
        boolean isQuantised = dtype == Tensor.Dtype.INT8;
        Map<String, Object> found = new HashMap<>();
        Stream.Builder<Member> members = Stream.builder();
        members.add(must("dtype", words(Tensor.Dtype.words())))
                .add(must("shape", (any, at) -> found.put("shape", shape(any, isQuantised, at))));
        if (isQuantised || !isKnown) {
            members.add(new Member("axis", isQuantised, integer(0, 1)))
                    .add(
                            new Member(
                                    "scale",
                                    isQuantised,
                                    (any, at) -> found.put("scale", data(any, at))));
        }
        members.add(must("data", (any, at) -> found.put("data", data(any, at))))
                .add(may("extensions", this::extensions));
        object(value, path, members.build().toArray(Member[]::new));
        // Entries of a file with findings are never looked at.
        if (isKnown && found.get("shape") instanceof int[] shape && found.get("data") != null) {
            int axis = ((Map<?, ?>) value).get("axis") instanceof Double n ? n.intValue() : 0;
            entries.put(
                    (String) path.step(),
                    new StoredTensor(dtype, shape, axis, found.get("scale"), found.get("data")));
        }
    }

    /** The arrays of a layer's state (SPEC sections 9.3 and 14.1). */
    void stateArrays(Object value, Path path) {
        object(
                value,
                path,
                Layout.STATE_ARRAYS.stream()
                        .map(array -> new Member(array, array.equals("h"), this::text))
                        .toArray(Member[]::new));
    }

    /** Gives the shape, or null with findings. */
    private int[] shape(Object value, boolean isMatrix, Path path) {
        if (!(value instanceof List<?> list)) {
            wrongType("a list", value, path);
            return null;
        }
        if (list.isEmpty() || list.size() > 3 || isMatrix && list.size() != 2) {
            wrongLength(isMatrix ? "2 dimensions" : "1 to 3 dimensions", list.size(), path);
            return null;
        }
        Check dimension = integer(1, Integer.MAX_VALUE);
        int[] shape = new int[list.size()];
        boolean sound = true;
        for (int i = 0; i < shape.length; i++) {
            dimension.check(list.get(i), path.to(i));
            if (list.get(i) instanceof Double n && n >= 1 && n == (int) (double) n) {
                shape[i] = (int) (double) n;
            } else {
                sound = false;
            }
        }
        if (sound && Tensor.count(shape) > limits.elements()) {
            findings.add(
                    Codes.LIMIT_ELEMENTS,
                    path,
                    "limit",
                    Long.toString(limits.elements()),
                    "got",
                    Tensor.show(shape));
            return null;
        }
        return sound ? shape : null;
    }

    /** Gives the data as Decimals or Bytes, or null with a finding. */
    private Object data(Object value, Path path) {
        if (value instanceof MsgpackReader.Bytes) {
            return value;
        }
        if (value instanceof JsonReader.Decimals decimals) {
            if (decimals.offender() == null) {
                return decimals;
            }
            findings.add(
                    Codes.STRUCTURE_TYPE,
                    path.to(decimals.count()),
                    "expected",
                    "a number",
                    "got",
                    decimals.offender());
            return null;
        }
        if (value instanceof JsonReader.Base64Text text) {
            MsgpackReader.Bytes bytes = StrictBase64.decode(text);
            if (bytes == null) {
                findings.add(
                        Codes.STRUCTURE_BASE64,
                        path,
                        "expected",
                        "base64 with padding",
                        "got",
                        text.length() + " other bytes");
            }
            return bytes;
        }
        wrongType("the data of a tensor", value, path);
        return null;
    }
}
