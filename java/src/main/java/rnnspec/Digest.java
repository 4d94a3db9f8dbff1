package rnnspec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The two digests of a model, the same for JSON and msgpack (SPEC section 11). */
public final class Digest {
    private static final List<String> STRUCTURE =
            List.of("input", "layers", "output", "vocabularies");

    private Digest() {}

    /**
     * Says what a net looks like. Two nets of equal structure can exchange parameters and states.
     *
     * @param model the model
     * @return 64 hexadecimal digits
     */
    public static String structure(Model model) {
        return digest(model, false);
    }

    /**
     * Says what a net computes: its structure, its decoding and the exact values.
     *
     * @param model the model
     * @return 64 hexadecimal digits
     */
    public static String fingerprint(Model model) {
        return digest(model, true);
    }

    private static String digest(Model model, boolean values) {
        Map<String, Object> document = DocumentWriter.of(model);
        document.keySet()
                .removeIf(
                        name -> !STRUCTURE.contains(name) && !(values && name.equals("decoding")));
        document.remove("vocabularies", Map.of());
        document.computeIfPresent(
                "vocabularies", (name, all) -> withoutExtensions((Map<?, ?>) all));
        List<Object> layers = new ArrayList<>();
        for (Object layer : (List<?>) document.get("layers")) {
            List<String> before = Graph.before(model.layers(), layers.size());
            layers.add(layer((Map<?, ?>) layer, before, model, values));
        }
        document.put("layers", layers);
        @SuppressWarnings("unchecked")
        Map<String, Object> canonical = (Map<String, Object>) canonical(document);
        return HexFormat.of().formatHex(sha256().digest(MsgpackWriter.write(canonical)));
    }

    private static Map<String, Object> withoutExtensions(Map<?, ?> vocabularies) {
        Map<String, Object> without = new TreeMap<>();
        vocabularies.forEach(
                (name, vocabulary) -> {
                    Map<String, Object> members = copy((Map<?, ?>) vocabulary);
                    members.remove("extensions");
                    without.put((String) name, members);
                });
        return without;
    }

    private static Map<String, Object> copy(Map<?, ?> map) {
        Map<String, Object> copy = new TreeMap<>();
        map.forEach((name, value) -> copy.put((String) name, value));
        return copy;
    }

    /**
     * The layer without extensions and defaults [digest-4], with what [digest-3] puts for the name
     * of each tensor.
     */
    private static Map<String, Object> layer(
            Map<?, ?> layer, List<String> before, Model model, boolean values) {
        Map<String, Object> members = copy(layer);
        members.remove("extensions");
        members.remove("inputs", before);
        members.remove("direction", "forward");
        members.remove("output", "sequence");
        if (layer.get("parameters") instanceof Map<?, ?> parameters) {
            Map<String, Object> replaced = new TreeMap<>();
            parameters.forEach(
                    (role, name) -> {
                        Tensor tensor = model.tensors().get(name);
                        List<Integer> shape = tensor.dimensions();
                        replaced.put((String) role, values ? List.of(shape, hash(tensor)) : shape);
                    });
            members.put("parameters", replaced);
        }
        return members;
    }

    /** Keys sorted (all are ASCII, as names are), the real numbers as float 32 [digest-2]. */
    private static Object canonical(Object value) {
        if (value instanceof List<?> list) {
            return list.stream().map(Digest::canonical).toList();
        }
        if (!(value instanceof Map<?, ?> map)) {
            return value;
        }
        Map<String, Object> sorted = new TreeMap<>();
        map.forEach(
                (name, member) ->
                        sorted.put(
                                (String) name,
                                member instanceof Double n
                                        ? (Object) real((String) name, n)
                                        : canonical(member)));
        return sorted;
    }

    /** A number that the model keeps as binary64; the others are integers. */
    private static float real(String name, double value) {
        float single = (float) value;
        return name.equals("alpha") || name.equals("beta") ? Tensor.tiny(single) : single;
    }

    /** SHA-256 of the values as little-endian float32, after T. */
    private static byte[] hash(Tensor tensor) {
        MessageDigest sha256 = sha256();
        ByteBuffer block = ByteBuffer.allocate(1 << 13).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : tensor.raw()) {
            if (!block.hasRemaining()) {
                sha256.update(block.flip());
                block.clear();
            }
            block.putFloat(Tensor.tiny(value));
        }
        sha256.update(block.flip());
        return sha256.digest();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            // Every Java platform must have it.
            throw new IllegalStateException(impossible);
        }
    }
}
