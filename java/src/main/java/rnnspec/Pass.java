package rnnspec;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import rnnspec.cells.Cell;

/**
 * The way of one row through a net: layer after layer in list order, each over some time steps.
 *
 * <p>A forward net may take its steps in several parts; what goes back in time takes all of a row
 * at once. Layers without time follow when the row's last step is done. Nothing is allocated on the
 * way.
 */
final class Pass {
    private final Plan plan;
    private final Memory memory;

    /** The input at each step, after T. */
    private final float[][] input; // [capacity][I]

    /** The outputs of the layers; those without time have one step. */
    private final float[][][] outputs; // [layer][capacity][width]

    private final float[][][][] scratch; // [layer][cell]

    /**
     * Makes room.
     *
     * @param capacity how many steps it takes at most at once
     * @param isLasting whether all outputs are there when the row is done; if not, room that nobody
     *     reads any more is used again
     */
    Pass(Plan plan, Memory memory, int capacity, boolean isLasting) {
        this.plan = plan;
        this.memory = memory;
        input = new float[capacity][plan.readsTokens() ? 0 : plan.inputWidth()];
        outputs = new float[plan.units()][][];
        scratch = new float[plan.units()][][][];
        int[] lastReader = lastReaders(plan);
        Map<Integer, Deque<float[][]>> free = new HashMap<>();
        for (int i = 0; i < outputs.length; i++) {
            Plan.Unit unit = plan.unit(i);
            int width = unit.width();
            Deque<float[][]> left = free.computeIfAbsent(width, any -> new ArrayDeque<>());
            if (!unit.hasTime()) {
                outputs[i] = new float[1][width];
            } else {
                outputs[i] = left.isEmpty() ? new float[capacity][width] : left.pop();
            }
            for (int k : Arrays.stream(unit.inputs()).distinct().toArray()) {
                if (k >= 0 && lastReader[k] == i && plan.unit(k).hasTime() && !isLasting) {
                    free.get(plan.unit(k).width()).push(outputs[k]);
                }
            }
            scratch[i] = Arrays.stream(unit.cells()).map(Cell::scratch).toArray(float[][][]::new);
        }
    }

    /** For each layer the last one that reads it. */
    private static int[] lastReaders(Plan plan) {
        int[] last = new int[plan.units()];
        for (int i = 0; i < last.length; i++) {
            for (int k : plan.unit(i).inputs()) {
                if (k >= 0) {
                    last[k] = i;
                }
            }
        }
        return last;
    }

    /** Takes features as the input of the next part, after T. */
    void take(float[] x, int from, int steps) {
        int at = from;
        for (int t = 0; t < steps; t++) {
            float[] step = input[t];
            for (int k = 0; k < step.length; k++) {
                step[k] = Tensor.tiny(x[at++]);
            }
        }
    }

    /** The output of a layer, or the input, at a step of the last part; 0 where it has no time. */
    float[] output(int layer, int step) {
        return layer == Graph.INPUT ? input[step] : outputs[layer][step];
    }

    /** Goes to the first step of a row. */
    void begin() {
        for (int i = 0; i < outputs.length; i++) {
            if (plan.unit(i).layer().type() == Layout.LAST_STEP) {
                Arrays.fill(outputs[i][0], 0);
            }
        }
    }

    /**
     * A part of a row through a layer that has time, or reads what has.
     *
     * @param i the layer
     * @param row which one
     * @param ids of the row, or null
     * @param from the place of the part's first id among them
     * @param steps of the part
     * @return whether every value that has to be is finite [finite-1]
     */
    boolean timed(int i, int row, int[] ids, int from, int steps) {
        Plan.Unit unit = plan.unit(i);
        if (steps == 0) {
            return true;
        }
        int first = unit.inputs()[0];
        float[][] x = first == Graph.INPUT ? input : outputs[first];
        float[][] y = outputs[i];
        if (unit.cells().length > 0) {
            boolean isFinite = true;
            for (int k = 0; k < unit.cells().length; k++) {
                isFinite &= cell(i, k, row, unit.readsOneHot() ? ids : null, from, steps, x);
            }
            return isFinite && (!unit.hasTime() || areFinite(y, steps));
        } else if (unit.stateless() != null) {
            for (int t = 0; t < steps; t++) {
                unit.stateless().apply(x[t], ids == null ? -1 : ids[from + t], y[t]);
            }
        } else if (unit.merge() != null) {
            for (int t = 0; t < steps; t++) {
                merge(unit, t, y[t]);
            }
        } else if (unit.layer().type() == Layout.TIME_REVERSE) {
            Merge.reverse(x, y, steps);
        } else {
            Merge.first(x[steps - 1], y[0]);
        }
        return areFinite(y, unit.hasTime() ? steps : 1);
    }

    /** One direction of a recurrent layer; whether its h, c and u are finite. */
    private boolean cell(int i, int k, int row, int[] ids, int from, int steps, float[][] x) {
        Plan.Unit unit = plan.unit(i);
        Cell cell = unit.cells()[k];
        float[][] state = memory.of(i, row, k);
        boolean isReverse = k > 0 || unit.isReverse();
        for (int n = 0; n < steps; n++) {
            int t = isReverse ? steps - 1 - n : n;
            boolean isFinite =
                    ids == null
                            ? cell.step(x[t], state, scratch[i][k])
                            : cell.step(ids[from + t], state, scratch[i][k]);
            if (!isFinite || !areFinite(state, state.length)) {
                return false;
            }
            if (unit.hasTime()) {
                put(unit, k, state[0], outputs[i][t]);
            }
        }
        return true;
    }

    private static void put(Plan.Unit unit, int k, float[] h, float[] y) {
        if (k == 0) {
            Merge.first(h, y);
        } else {
            unit.merge().next(h, y, h.length);
        }
    }

    private void merge(Plan.Unit unit, int t, float[] y) {
        int at = 0;
        for (int k = 0; k < unit.inputs().length; k++) {
            float[] x = output(unit.inputs()[k], t);
            if (k == 0) {
                Merge.first(x, y);
            } else {
                unit.merge().next(x, y, at);
            }
            at += x.length;
        }
    }

    /**
     * A row through a layer without time, its last step done.
     *
     * @param i the layer
     * @param row which one
     * @return whether its output is finite
     */
    boolean once(int i, int row) {
        Plan.Unit unit = plan.unit(i);
        float[] y = outputs[i][0];
        if (!unit.isOnce()) {
            // [final-1]; what a last_step gives is there already.
            for (int k = 0; k < unit.cells().length; k++) {
                put(unit, k, memory.of(i, row, k)[0], y);
            }
        } else if (unit.merge() != null) {
            merge(unit, 0, y);
        } else {
            unit.stateless().apply(outputs[unit.inputs()[0]][0], -1, y);
        }
        return areFinite(outputs[i], 1);
    }

    private static boolean areFinite(float[][] vectors, int count) {
        for (int t = 0; t < count; t++) {
            if (Tensor.firstNonfinite(vectors[t], 0, vectors[t].length) >= 0) {
                return false;
            }
        }
        return true;
    }
}
