package rnnspec;

import java.util.LinkedHashMap;
import java.util.Map;

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

        /** As the shortest decimals that come back; float16 tensors stay base64. */
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
                            boolean decimal =
                                    numbers == Numbers.DECIMAL
                                            && tensor.dtype() == Tensor.Dtype.FLOAT32;
                            Object data = json && decimal ? tensor : tensor.bytes();
                            Object extensions = model.tensorExtensions().get(name);
                            tensors.put(name, entry(tensor, data, extensions));
                        });
        return encode(document, encoding);
    }

    /** A tensor as a member of {@code tensors}. */
    static Map<String, Object> entry(Tensor tensor, Object data, Object extensions) {
        return DocumentWriter.members(
                "dtype",
                tensor.dtype().word(),
                "shape",
                tensor.dimensions(),
                "data",
                data,
                "extensions",
                extensions);
    }

    /** The bytes of a document. */
    static byte[] encode(Map<String, Object> document, Encoding encoding) {
        return encoding == Encoding.JSON
                ? JsonWriter.write(document)
                : MsgpackWriter.write(document);
    }
}
