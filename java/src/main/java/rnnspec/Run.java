package rnnspec;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Runs a net over whole sequences, from a state to a state (SPEC section 14).
 *
 * <p>Every call works on its own: threads may run one plan at the same time.
 */
public final class Run {
    /**
     * What a run gives.
     *
     * @param output [N, T, width], or [N, width] where the output has no time ({@link
     *     Plan#hasTime})
     * @param state after the last step that each direction of each row takes
     * @param probe the outputs of the layers that were asked for, by name; as {@code output}
     */
    public record Result(Tensor output, State state, Map<String, Tensor> probe) {}

    private Run() {}

    /**
     * Runs a net that reads features over all steps, from the initial state.
     *
     * @param plan the net
     * @param input [N, T, size]
     * @return output and state
     * @throws RnnspecException RUN_SHAPE, RUN_NONFINITE_INPUT or RUN_NONFINITE
     */
    public static Result run(Plan plan, Tensor input) {
        return run(plan, input, null, null);
    }

    /**
     * Runs a net that reads token ids over all steps, from the initial state.
     *
     * @param plan the net
     * @param ids [N][T]
     * @return output and state
     * @throws RnnspecException RUN_SHAPE, RUN_TOKEN or RUN_NONFINITE
     */
    public static Result run(Plan plan, int[][] ids) {
        return run(plan, ids, null, null);
    }

    /**
     * Runs a net that reads features over one row, from the initial state; T follows from the
     * number of elements. {@link Tensor#of} makes a batch of an array.
     *
     * @param plan the net
     * @param input [1, T, size], row-major; copied
     * @return output and state
     * @throws RnnspecException RUN_SHAPE, RUN_NONFINITE_INPUT or RUN_NONFINITE
     */
    public static Result run(Plan plan, float[] input) {
        return run(plan, FloatBuffer.wrap(input));
    }

    /**
     * Runs a net that reads features over one row, from the initial state; T follows from the
     * number of elements. {@link Tensor#of} makes a batch of a buffer.
     *
     * @param plan the net
     * @param input [1, T, size], row-major, from its position to its limit, which stay; copied
     * @return output and state
     * @throws RnnspecException RUN_SHAPE, RUN_NONFINITE_INPUT or RUN_NONFINITE
     */
    public static Result run(Plan plan, FloatBuffer input) {
        int steps = Arguments.steps(plan, "input", input.remaining(), 1);
        return run(plan, Tensor.of(input, 1, steps, plan.inputWidth()), null, null);
    }

    /**
     * Runs a net that reads features.
     *
     * @param plan the net
     * @param input [N, T, size]
     * @param lengths valid steps of each row, or null for all
     * @param state from before, or null for the initial state
     * @return output, +0 at and past a row's length, and state
     * @throws RnnspecException RUN_SHAPE, RUN_LENGTH, RUN_NONFINITE_INPUT, RUN_STATE or
     *     RUN_NONFINITE
     */
    public static Result run(Plan plan, Tensor input, int[] lengths, State state) {
        return run(plan, input, lengths, state, List.of());
    }

    /**
     * Runs a net that reads features and gives the outputs of layers inside it too.
     *
     * @param plan the net
     * @param input [N, T, size]
     * @param lengths valid steps of each row, or null for all
     * @param state from before, or null for the initial state
     * @param probe names of layers
     * @return output, +0 at and past a row's length, state and what the layers gave
     * @throws RnnspecException RUN_SHAPE, RUN_LENGTH, RUN_NONFINITE_INPUT, RUN_STATE, RUN_OPTION or
     *     RUN_NONFINITE
     */
    public static Result run(
            Plan plan, Tensor input, int[] lengths, State state, Collection<String> probe) {
        int steps = Arguments.check(plan, input, -1, lengths);
        return run(plan, input.raw(), null, input.rows(), steps, lengths, state, probe);
    }

    /**
     * Runs a net that reads token ids.
     *
     * @param plan the net
     * @param ids [N][T]
     * @param lengths valid steps of each row, or null for all
     * @param state from before, or null for the initial state
     * @return output, +0 at and past a row's length, and state
     * @throws RnnspecException RUN_SHAPE, RUN_LENGTH, RUN_TOKEN, RUN_STATE, RUN_NONFINITE_INPUT or
     *     RUN_NONFINITE
     */
    public static Result run(Plan plan, int[][] ids, int[] lengths, State state) {
        return run(plan, ids, lengths, state, List.of());
    }

    /**
     * Runs a net that reads token ids and gives the outputs of layers inside it too.
     *
     * @param plan the net
     * @param ids [N][T]
     * @param lengths valid steps of each row, or null for all
     * @param state from before, or null for the initial state
     * @param probe names of layers
     * @return output, +0 at and past a row's length, state and what the layers gave
     * @throws RnnspecException RUN_SHAPE, RUN_LENGTH, RUN_TOKEN, RUN_STATE, RUN_NONFINITE_INPUT,
     *     RUN_OPTION or RUN_NONFINITE
     */
    public static Result run(
            Plan plan, int[][] ids, int[] lengths, State state, Collection<String> probe) {
        int steps = Arguments.check(plan, ids, -1, lengths);
        return run(plan, null, ids, ids.length, steps, lengths, state, probe);
    }

    private static Result run(
            Plan plan,
            float[] x,
            int[][] ids,
            int rows,
            int steps,
            int[] lengths,
            State state,
            Collection<String> probe) {
        Session session = session(plan, rows, state);
        List<String> names = probe.stream().distinct().toList();
        int[] layers = Arrays.copyOf(Arguments.find(plan, names), names.size() + 1);
        layers[names.size()] = plan.units() - 1;
        Tensor[] outputs = session.run(x, ids, steps, lengths, layers);
        Map<String, Tensor> probed = new LinkedHashMap<>();
        for (int k = 0; k < names.size(); k++) {
            probed.put(names.get(k), outputs[k]);
        }
        return new Result(
                outputs[names.size()], session.state(), Collections.unmodifiableMap(probed));
    }

    /** A session in a state that is judged, or in the initial one for null. */
    static Session session(Plan plan, int rows, State state) {
        Session session = new Session(plan, rows);
        if (state != null) {
            session.restore(state);
        }
        return session;
    }
}
