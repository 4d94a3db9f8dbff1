package rnnspec;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the recurrent layers remember between calls: name of the layer → name of the array → float32
 * [N, size] (SPEC [run-2]).
 *
 * <p>A State is immutable: share it between threads. {@link SavedState} makes a file of it. A state
 * belongs to names and shapes, not to a file [run-6].
 */
public final class State {
    private final Map<String, Map<String, Tensor>> layers;

    private State(Map<String, Map<String, Tensor>> layers) {
        this.layers = layers;
    }

    /**
     * A state of these arrays. Whether it fits a net is judged where it is used.
     *
     * @param layers name of the layer to name of the array to [N, size]; copied. Arrays are {@code
     *     h} and {@code c}, with {@code _reverse} behind them those of the other direction
     * @return the state
     */
    public static State of(Map<String, Map<String, Tensor>> layers) {
        Map<String, Map<String, Tensor>> copy = new LinkedHashMap<>();
        layers.forEach(
                (name, arrays) -> {
                    Map<String, Tensor> own = new LinkedHashMap<>();
                    arrays.forEach((array, tensor) -> own.put(array, tensor.asFloat32()));
                    copy.put(name, Collections.unmodifiableMap(own));
                });
        return new State(Collections.unmodifiableMap(copy));
    }

    /**
     * The arrays of every recurrent layer, the first layer first.
     *
     * @return name of the layer to name of the array to [N, size]
     */
    public Map<String, Map<String, Tensor>> layers() {
        return layers;
    }
}
