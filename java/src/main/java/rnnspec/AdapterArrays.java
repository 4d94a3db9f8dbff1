package rnnspec;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Arrays and states as the protocol writes them (SPEC section 17.1). */
final class AdapterArrays {
    private static final char[] DIGITS = "0123456789abcdef".toCharArray();

    private AdapterArrays() {}

    static Tensor array(Object value) {
        Map<?, ?> array = (Map<?, ?>) value;
        String bits = (String) array.get("bits");
        float[] values = new float[bits.length() / 8];
        for (int i = 0; i < values.length; i++) {
            values[i] = Float.intBitsToFloat(Integer.parseUnsignedInt(bits, 8 * i, 8 * i + 8, 16));
        }
        return Tensor.wrap(values, Adapter.integers(array.get("shape")));
    }

    static Map<String, Object> array(Tensor tensor) {
        char[] bits = new char[tensor.size() * 8];
        for (int i = 0; i < tensor.size(); i++) {
            int word = Float.floatToRawIntBits(tensor.get(i));
            for (int k = 7; k >= 0; k--) {
                bits[8 * i + k] = DIGITS[word & 15];
                word >>>= 4;
            }
        }
        return DocumentWriter.members("shape", tensor.dimensions(), "bits", new String(bits));
    }

    static State state(Object value) {
        Map<String, Map<String, Tensor>> layers = new LinkedHashMap<>();
        ((Map<?, ?>) value)
                .forEach(
                        (layer, arrays) -> {
                            Map<String, Tensor> tensors = new LinkedHashMap<>();
                            ((Map<?, ?>) arrays)
                                    .forEach((name, any) -> tensors.put((String) name, array(any)));
                            layers.put((String) layer, tensors);
                        });
        return State.of(layers);
    }

    static Map<String, Object> state(State state) {
        Map<String, Object> layers = new LinkedHashMap<>();
        state.layers()
                .forEach(
                        (layer, tensors) -> {
                            Map<String, Object> arrays = new LinkedHashMap<>();
                            tensors.forEach((name, tensor) -> arrays.put(name, array(tensor)));
                            layers.put(layer, arrays);
                        });
        return layers;
    }

    /** Token ids; rows that are no lists have none, so that the shape is wrong. */
    static int[][] ids(List<?> rows) {
        return rows.stream()
                .map(row -> row instanceof List ? Adapter.integers(row) : new int[0])
                .toArray(int[][]::new);
    }
}
