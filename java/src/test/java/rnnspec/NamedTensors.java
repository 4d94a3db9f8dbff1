package rnnspec;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * Random tensors by name, from which tests make nets of three features: each takes those that its
 * layers name.
 */
abstract class NamedTensors {
    static final int I = 3;

    final Random random;
    private final Map<String, String> tensors = new LinkedHashMap<>();

    NamedTensors(int seed) {
        random = new Random(seed);
    }

    final void tensor(String name, int... shape) {
        float[] values = Fixtures.floats(random, (int) Tensor.count(shape), 0.9f);
        String form = "\"%s\": {\"dtype\": \"float32\", \"shape\": %s, \"data\": %s}";
        tensors.put(name, form.formatted(name, Tensor.show(shape), Arrays.toString(values)));
    }

    final Plan plan(String... layers) {
        String all = String.join(", ", layers);
        String used =
                tensors.keySet().stream()
                        .filter(name -> all.contains(": \"" + name + "\""))
                        .map(tensors::get)
                        .collect(Collectors.joining(", "));
        return Plan.compile(
                Fixtures.load(
                        """
                        {"rnnspec": "1.0-draft.3", "input": {"kind": "features", "size": 3}, "layers": [%s],
                        "output": {"kind": "values"}, "tensors": {%s}}
                        """
                                .formatted(all, used)));
    }
}
