package rnnspec;

import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import rnnspec.Findings.Path;

/** The tensors of a document and who refers to them (SPEC [agree-4], [agree-5], [agree-6]). */
final class References {
    private static final int UNKNOWN = Graph.UNKNOWN;

    private final Map<String, StoredTensor> entries;
    private final Findings findings;

    /** The tensors that have been referred to. */
    private final Set<String> used = new HashSet<>();

    References(Map<String, StoredTensor> entries, Findings findings) {
        this.entries = entries;
        this.findings = findings;
    }

    /** The tensor of that name, or null. */
    StoredTensor find(String name) {
        return entries.get(name);
    }

    /**
     * Judges a reference to a tensor [agree-4], [agree-5].
     *
     * @param shape what it must have, or null if that is unknown
     * @return whether the tensor is there and wasn't referred to before
     */
    boolean refer(String name, int[] shape, Path path) {
        StoredTensor entry = entries.get(name);
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
                    Tensor tensor = tensor(entry, path);
                    if (tensor != null) {
                        tensors.put(name, tensor);
                    }
                });
        return tensors;
    }

    /** The tensor, or null with findings [agree-6]. */
    private Tensor tensor(StoredTensor entry, Path path) {
        if (entry.dtype() != Tensor.Dtype.INT8) {
            return hasLength(entry, path.to("data"))
                    ? finite(entry.tensor(), path.to("data"))
                    : null;
        }
        float[] scales = scales(entry.scales(), path.to("scale"));
        if (!hasLength(entry, path.to("data"))) {
            return null;
        }
        int bad = entry.firstQuantum();
        if (bad >= 0) {
            findings.add(Codes.TENSOR_QUANTUM, path.to("data"), "name", Integer.toString(bad));
            return null;
        }
        return scales == null ? null : finite(entry.tensor(scales), path.to("data"));
    }

    /** Judges how the data are written, and how many there are. */
    private boolean hasLength(StoredTensor entry, Path path) {
        boolean isList = entry.data() instanceof JsonReader.Decimals;
        if (isList && entry.dtype() != Tensor.Dtype.FLOAT32) {
            findings.add(Codes.TENSOR_ENCODING, path, "got", entry.dtype().word());
            return false;
        }
        if (entry.length() != entry.expectedLength()) {
            String unit = isList ? " elements" : " bytes";
            findings.add(
                    Codes.TENSOR_LENGTH,
                    path,
                    "expected",
                    entry.expectedLength() + unit,
                    "got",
                    entry.length() + unit);
            return false;
        }
        return true;
    }

    /** The scale of an int8 tensor, or null with a finding. */
    private float[] scales(StoredTensor entry, Path path) {
        if (!hasLength(entry, path)) {
            return null;
        }
        float[] scales = entry.tensor().raw();
        for (int k = 0; k < scales.length; k++) {
            if (!(scales[k] >= Float.MIN_NORMAL && scales[k] <= Float.MAX_VALUE)) {
                findings.add(
                        Codes.TENSOR_SCALE,
                        path,
                        "name",
                        Integer.toString(k),
                        "got",
                        Float.toString(scales[k]));
                return null;
            }
        }
        return scales;
    }

    private Tensor finite(Tensor tensor, Path path) {
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
