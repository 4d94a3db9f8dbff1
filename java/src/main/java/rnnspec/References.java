package rnnspec;

import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import rnnspec.Findings.Path;

/** The tensors of a document and who refers to them (SPEC [agree-4], [agree-5], [agree-6]). */
final class References {
    /** A size that is unknown because of another finding. */
    static final int UNKNOWN = -1;

    private final Map<String, Tensor.Entry> entries;
    private final Findings findings;

    /** The tensors that have been referred to. */
    private final Set<String> used = new HashSet<>();

    References(Map<String, Tensor.Entry> entries, Findings findings) {
        this.entries = entries;
        this.findings = findings;
    }

    /** The tensor of that name, or null. */
    Tensor.Entry find(String name) {
        return entries.get(name);
    }

    /**
     * Judges a reference to a tensor [agree-4], [agree-5].
     *
     * @param shape what it must have, or null if that is unknown
     * @return whether the tensor is there and wasn't referred to before
     */
    boolean refer(String name, int[] shape, Path path) {
        Tensor.Entry entry = entries.get(name);
        if (entry == null) {
            findings.add(Codes.TENSOR_UNKNOWN, path, "got", Issue.quote(name));
            return false;
        }
        if (!used.add(name)) {
            findings.add(Codes.TENSOR_REUSED, path, "got", Issue.quote(name));
            return false;
        }
        if (shape != null && !Arrays.equals(shape, entry.shape())) {
            findings.add(
                    Codes.TENSOR_SHAPE,
                    path,
                    "name",
                    Issue.quote(name),
                    "expected",
                    Tensor.show(shape).replace(Integer.toString(UNKNOWN), "any"),
                    "got",
                    Tensor.show(entry.shape()));
        }
        return true;
    }

    /** Judges a reference of an example. */
    void referFloat32(String name, int[] shape, Path path) {
        if (refer(name, shape, path) && entries.get(name).dtype() != Tensor.Dtype.FLOAT32) {
            findings.add(
                    Codes.TENSOR_DTYPE,
                    path,
                    "name",
                    Issue.quote(name),
                    "expected",
                    Tensor.Dtype.FLOAT32.word(),
                    "got",
                    entries.get(name).dtype().word());
        }
    }

    /** Judges what is left, the data of every tensor, and gives those that are right. */
    Map<String, Tensor> finish() {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        entries.forEach(
                (name, entry) -> {
                    Path path = Path.TOP.to("tensors").to(name);
                    if (!used.contains(name)) {
                        findings.add(Codes.TENSOR_UNUSED, path, "got", Issue.quote(name));
                    }
                    Tensor tensor = tensor(entry, path.to("data"));
                    if (tensor != null) {
                        tensors.put(name, tensor);
                    }
                });
        return tensors;
    }

    private Tensor tensor(Tensor.Entry entry, Path path) {
        boolean isList = entry.data() instanceof JsonReader.Decimals;
        if (isList && entry.dtype() != Tensor.Dtype.FLOAT32) {
            findings.add(Codes.TENSOR_ENCODING, path, "got", entry.dtype().word());
            return null;
        }
        long expected = entry.length(entry.elements());
        if (entry.length() != expected) {
            String unit = isList ? " elements" : " bytes";
            findings.add(
                    Codes.TENSOR_LENGTH,
                    path,
                    "expected",
                    expected + unit,
                    "got",
                    entry.length() + unit);
            return null;
        }
        Tensor tensor = entry.tensor();
        int bad = tensor.firstNonfinite();
        if (bad >= 0) {
            findings.add(
                    Codes.TENSOR_NONFINITE,
                    path,
                    "name",
                    Integer.toString(bad),
                    "got",
                    Float.toString(tensor.get(bad)));
            return null;
        }
        return tensor;
    }
}
