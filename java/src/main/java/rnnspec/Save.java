package rnnspec;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** From a model to a file, JSON or msgpack, with the same content (SPEC section 5). */
public final class Save {
    /** The two encodings. */
    public enum Encoding {
        JSON,
        MSGPACK
    }

    /** How JSON holds float32 tensors. */
    public enum Numbers {
        /** As base64 of the bytes. */
        BASE64,

        /** As the shortest decimals that come back; tensors of other dtypes stay base64. */
        DECIMAL
    }

    private Save() {}

    /**
     * Writes a model, tensors of JSON as base64.
     *
     * @param model the model
     * @param encoding JSON or msgpack
     * @return the file
     */
    public static byte[] toBytes(Model model, Encoding encoding) {
        return toBytes(model, encoding, Numbers.BASE64);
    }

    /**
     * Writes a model. Its members stand in the order of the specification, tensors keep the dtype
     * in which they were stored.
     *
     * @param model the model
     * @param encoding JSON or msgpack
     * @param numbers how JSON holds float32 tensors; of no meaning to msgpack
     * @return the file
     */
    public static byte[] toBytes(Model model, Encoding encoding, Numbers numbers) {
        Map<String, Object> document = DocumentWriter.of(model);
        Map<String, Object> tensors = new LinkedHashMap<>();
        document.put("tensors", tensors);
        boolean json = encoding == Encoding.JSON;
        model.tensors()
                .forEach(
                        (name, tensor) -> {
                            boolean decimal = json && numbers == Numbers.DECIMAL;
                            Object extensions = model.tensorExtensions().get(name);
                            tensors.put(name, entry(tensor, decimal, extensions));
                        });
        return encode(document, encoding);
    }

    /** A tensor as a member of {@code tensors}. */
    static Map<String, Object> entry(Tensor tensor, boolean decimal, Object extensions) {
        Tensor.Quantised quantised = tensor.quantised();
        boolean isQuantised = quantised != null;
        return DocumentWriter.members(
                "dtype",
                tensor.dtype().word(),
                "shape",
                tensor.dimensions(),
                "axis",
                isQuantised ? quantised.axis() : null,
                "scale",
                isQuantised
                        ? data(Tensor.of(quantised.scales(), quantised.scales().length), decimal)
                        : null,
                "data",
                data(tensor, decimal),
                "extensions",
                extensions);
    }

    private static Object data(Tensor tensor, boolean decimal) {
        return decimal && tensor.dtype() == Tensor.Dtype.FLOAT32 ? tensor : tensor.bytes();
    }

    // --- other dtypes ---

    /**
     * The same net with its parameters rounded to a narrower dtype, to nearest, ties to even. If
     * that changes one, the exact examples are left out, as they are no longer true [example-3].
     *
     * @param model the model
     * @param dtype float16 or bfloat16; or float32, which changes no value
     * @return a model to be written
     * @throws RnnspecException TENSOR_NONFINITE if a value is too large for the dtype
     * @throws IllegalArgumentException if the dtype is int8, which {@link #quantise} makes
     */
    public static Model narrow(Model model, Tensor.Dtype dtype) {
        if (dtype == Tensor.Dtype.INT8) {
            throw new IllegalArgumentException("dtype: int8 needs an axis, use quantise");
        }
        return changed(model, tensor -> tensor.narrowed(dtype));
    }

    /**
     * The same net with its matrices in int8, which is a choice of other weights; all else stays as
     * it is. If that changes a parameter, the exact examples are left out [example-3].
     *
     * @param model the model
     * @param axis 0 for a scale for each row (an input of the layer), 1 for each column (an output)
     * @return a model to be written
     * @throws RnnspecException TENSOR_NONFINITE if a value comes to lie beyond float32
     * @throws IllegalArgumentException if the axis is neither
     */
    public static Model quantise(Model model, int axis) {
        if (axis != 0 && axis != 1) {
            throw new IllegalArgumentException("axis: expected 0 or 1, got " + axis);
        }
        return changed(
                model, tensor -> tensor.dimensions().size() == 2 ? tensor.quantised(axis) : tensor);
    }

    private static Model changed(Model model, UnaryOperator<Tensor> change) {
        Map<String, Tensor> tensors = new LinkedHashMap<>(model.tensors());
        boolean isSame = true;
        for (Model.Layer layer : model.layers()) {
            for (String name : layer.parameters().values()) {
                Tensor before = tensors.get(name);
                Tensor after = change.apply(before);
                int bad = after.firstNonfinite();
                if (bad >= 0) {
                    throw tooLarge(name, bad, before.get(bad));
                }
                isSame &= Arrays.equals(before.raw(), after.raw());
                tensors.put(name, after);
            }
        }
        List<Model.Example> examples = model.examples();
        if (examples != null && !isSame) {
            examples = new ArrayList<>(examples);
            for (Model.Example example : model.examples()) {
                if (example.kind().equals("exact")) {
                    examples.remove(example);
                    tensors.keySet().removeAll(example.tensors());
                }
            }
        }
        return model.with(examples, tensors);
    }

    private static RnnspecException tooLarge(String tensor, int element, float got) {
        Findings findings = new Findings();
        findings.add(
                Codes.TENSOR_NONFINITE,
                Findings.Path.TOP.to("tensors").to(tensor).to("data"),
                "name",
                Integer.toString(element),
                "got",
                Float.toString(got));
        return new RnnspecException(findings.all());
    }

    /** The bytes of a document. */
    static byte[] encode(Map<String, Object> document, Encoding encoding) {
        return encoding == Encoding.JSON
                ? JsonWriter.write(document)
                : MsgpackWriter.write(document);
    }
}
