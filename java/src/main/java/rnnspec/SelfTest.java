package rnnspec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs the examples that a model carries (SPEC section 9.3). */
public final class SelfTest {
    /**
     * What came of it.
     *
     * @param exact how many exact examples were run
     * @param reference how many reference examples were run
     * @param failed which examples gave something else, by their index
     */
    public record Result(int exact, int reference, List<Integer> failed) {

        /**
         * The outcome in words: a file with exact examples alone is never called verified
         * [example-2].
         *
         * @return failed, verified, internally consistent, or nothing to run
         */
        public String verdict() {
            if (!failed.isEmpty()) {
                return "failed";
            } else if (reference > 0) {
                return "verified";
            }
            return exact > 0 ? "internally consistent" : "nothing to run";
        }
    }

    private SelfTest() {}

    /**
     * Runs every example of a model.
     *
     * @param model the model
     * @return how many of each kind there were, and which failed
     */
    public static Result run(Model model) {
        Plan plan = Plan.compile(model);
        List<Model.Example> examples = model.examples() == null ? List.of() : model.examples();
        int exact = 0;
        List<Integer> failed = new ArrayList<>();
        for (int i = 0; i < examples.size(); i++) {
            exact += examples.get(i).kind().equals("exact") ? 1 : 0;
            if (!passes(examples.get(i), model, plan)) {
                failed.add(i);
            }
        }
        return new Result(exact, examples.size() - exact, List.copyOf(failed));
    }

    private static boolean passes(Model.Example example, Model model, Plan plan) {
        int[] lengths = example.lengths() == null ? null : ints(example.lengths());
        State state = example.state() == null ? null : state(example.state(), model);
        Run.Result got;
        try {
            if (example.ids() == null) {
                got = Run.run(plan, model.tensors().get(example.input()), lengths, state);
            } else {
                int[][] ids = example.ids().stream().map(SelfTest::ints).toArray(int[][]::new);
                got = Run.run(plan, ids, lengths, state);
            }
        } catch (RnnspecException overflow) {
            return false;
        }
        // Without time there is no step past a length.
        int[] valid = plan.hasTime() ? lengths : null;
        boolean isSame =
                agrees(example, got.output(), model.tensors().get(example.output()), valid);
        if (example.finalState() == null) {
            return isSame;
        }
        Map<String, Map<String, Tensor>> recorded = state(example.finalState(), model).layers();
        for (String layer : recorded.keySet()) {
            for (String array : recorded.get(layer).keySet()) {
                Tensor computed = got.state().layers().get(layer).get(array);
                isSame &= agrees(example, computed, recorded.get(layer).get(array), null);
            }
        }
        return isSame;
    }

    /** Whether the valid steps (or everything, without lengths) are as recorded [example-1]. */
    private static boolean agrees(
            Model.Example example, Tensor computed, Tensor recorded, int[] lengths) {
        boolean isExact = example.kind().equals("exact");
        int row = computed.size() / computed.rows();
        int steps = computed.dimensions().get(1);
        for (int i = 0; i < computed.size(); i++) {
            float y = computed.get(i);
            float r = recorded.get(i);
            boolean isSame;
            if (isExact) {
                isSame = Float.floatToRawIntBits(y) == Float.floatToRawIntBits(r);
            } else {
                boolean isValid = lengths == null || i % row / (row / steps) < lengths[i / row];
                double most = example.tolerance() * Math.max(1, Math.abs((double) r));
                isSame = !isValid || Math.abs((double) y - r) <= most;
            }
            if (!isSame) {
                return false;
            }
        }
        return true;
    }

    private static State state(Map<String, Map<String, String>> names, Model model) {
        Map<String, Map<String, Tensor>> layers = new LinkedHashMap<>();
        names.forEach(
                (layer, arrays) -> {
                    Map<String, Tensor> tensors = new LinkedHashMap<>();
                    arrays.forEach((array, name) -> tensors.put(array, model.tensors().get(name)));
                    layers.put(layer, tensors);
                });
        return State.of(layers);
    }

    private static int[] ints(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }
}
