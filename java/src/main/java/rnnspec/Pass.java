package rnnspec;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import rnnspec.cells.Cell;
import rnnspec.kernel.Loops;

/**
 * The way of a batch through a net: layer after layer in list order, each over some time steps.
 *
 * <p>A forward net may take its steps in several parts; what goes back in time takes all of them at
 * once. Layers without time follow when the last step is done. Nothing is allocated on the way.
 *
 * <p>The rows stand in the order of their lengths, the longest first: those that a step has are
 * then the first ones. A place of a row and step that is there is a slot: step after step, and
 * within a step row after row.
 */
final class Pass {
    private final Plan plan;
    private final Loops loops;
    private final Memory memory;
    private final int rows; // N

    /** For how many time steps a layer has sums at once. */
    private final int part;

    /** Which row stands where, and how long it is. */
    private final int[] order; // [N]

    private final int[] valid; // [N]

    /** The first slot of each step of the part at hand. */
    private final int[] starts; // [capacity + 1]

    /** The absolute number of the part's first step. */
    private int origin;

    /** The input at each slot, features after T or ids. */
    private final float[][] input; // [slots][I]

    private final int[] tokens; // [slots]

    /** The outputs of the layers at each slot; those without time have one for each row. */
    private final float[][][] outputs; // [layer][slots or N][width, as columns]

    private final float[][][][][] states; // [layer][cell][array][N], in order
    private final float[][][][][] scratch; // [layer][cell], as the cell has it
    private final float[][] room;

    /** For a layer with time: sums, and what they are over, in the order of a direction. */
    private final float[][] sums; // [slots of a part][columns]

    private final float[][] gathered;
    private final int[] ids;
    private final int[] slots;

    /**
     * Makes room.
     *
     * @param rows how many
     * @param capacity how many steps it takes at most at once
     * @param part for how many steps a layer has sums at once
     * @param isLasting whether all outputs are there when the steps are done; if not, room that
     *     nobody reads any more is used again
     */
    Pass(Plan plan, Memory memory, int rows, int capacity, int part, boolean isLasting) {
        this.plan = plan;
        this.loops = plan.loops();
        this.memory = memory;
        this.rows = rows;
        this.part = part;
        order = new int[rows];
        valid = new int[rows];
        starts = new int[capacity + 1];
        int most = Arguments.product(rows, capacity);
        input = new float[most][plan.readsTokens() ? 0 : plan.inputWidth()];
        tokens = new int[plan.readsTokens() ? most : 0];
        outputs = new float[plan.units()][][];
        makeOutputs(most, isLasting);
        states = new float[plan.units()][][][][];
        scratch = new float[plan.units()][][][][];
        int columns = 0;
        int widest = plan.inputWidth();
        for (int i = 0; i < outputs.length; i++) {
            Plan.Unit unit = plan.unit(i);
            Cell[] cells = unit.cells();
            states[i] = new float[cells.length][][][];
            scratch[i] = new float[cells.length][][][];
            for (int k = 0; k < cells.length; k++) {
                states[i][k] = new float[memory.of(i, k).length][rows][];
                scratch[i][k] = cells[k].scratch(rows);
                columns = Math.max(columns, cells[k].columns());
            }
            widest = Math.max(widest, unit.width());
        }
        int summed = columns == 0 ? 0 : rows * part;
        sums = new float[summed][columns];
        gathered = new float[summed][];
        ids = new int[summed];
        slots = new int[summed];
        room = new float[3][Math.max(columns, loops.padded(widest))];
        for (int n = 0; n < rows; n++) {
            order[n] = n;
        }
        bind();
    }

    private void makeOutputs(int most, boolean isLasting) {
        int[] lastReader = lastReaders(plan);
        Map<Integer, Deque<float[][]>> free = new HashMap<>();
        for (int i = 0; i < outputs.length; i++) {
            Plan.Unit unit = plan.unit(i);
            int width = unit.width();
            Deque<float[][]> left = free.computeIfAbsent(width, any -> new ArrayDeque<>());
            if (!unit.hasTime()) {
                outputs[i] = new float[rows][loops.columns(1, width)];
            } else {
                outputs[i] = left.isEmpty() ? new float[most][loops.columns(1, width)] : left.pop();
            }
            for (int k : Arrays.stream(unit.inputs()).distinct().toArray()) {
                if (k >= 0 && lastReader[k] == i && plan.unit(k).hasTime() && !isLasting) {
                    free.get(plan.unit(k).width()).push(outputs[k]);
                }
            }
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

    /** The states of the rows in their order. */
    private void bind() {
        for (int i = 0; i < states.length; i++) {
            for (int k = 0; k < states[i].length; k++) {
                for (int a = 0; a < states[i][k].length; a++) {
                    for (int n = 0; n < rows; n++) {
                        states[i][k][a][n] = memory.of(i, k)[a][order[n]];
                    }
                }
            }
        }
    }

    // --- a call ---

    /**
     * Goes to the first step of a call.
     *
     * @param lengths of the rows, or null
     * @param steps of all rows without lengths
     */
    void begin(int[] lengths, int steps) {
        if (lengths == null) {
            Arrays.fill(valid, steps);
        } else {
            int[] sorted =
                    IntStream.range(0, rows)
                            .boxed()
                            .sorted((a, b) -> Integer.compare(lengths[b], lengths[a]))
                            .mapToInt(Integer::intValue)
                            .toArray();
            for (int n = 0; n < rows; n++) {
                order[n] = sorted[n];
                valid[n] = lengths[sorted[n]];
            }
            bind();
        }
        for (int i = 0; i < outputs.length; i++) {
            if (plan.unit(i).layer().type() == Layout.LAST_STEP) {
                for (float[] y : outputs[i]) {
                    Arrays.fill(y, 0);
                }
            }
        }
    }

    /** How many steps there is room for at once. */
    int capacity() {
        return starts.length - 1;
    }

    /** The most steps that a row has. */
    int longest() {
        return valid[0];
    }

    /** How many rows have that step of the call. */
    private int active(int step) {
        int n = rows;
        while (n > 0 && valid[n - 1] <= step) {
            n--;
        }
        return n;
    }

    /** Goes to the part from a step on; how many slots it has. */
    private int go(int from, int count) {
        origin = from;
        for (int t = 0; t < count; t++) {
            starts[t + 1] = starts[t] + active(from + t);
        }
        return starts[count];
    }

    /**
     * Takes features as the input of the next part, after T.
     *
     * @param x [N, steps, I]
     * @param steps of the call
     * @param from the part's first step
     * @param count of its steps
     */
    void take(float[] x, int steps, int from, int count) {
        go(from, count);
        int width = plan.inputWidth();
        for (int t = 0; t < count; t++) {
            for (int slot = starts[t]; slot < starts[t + 1]; slot++) {
                int at = (order[slot - starts[t]] * steps + from + t) * width;
                float[] step = input[slot];
                for (int k = 0; k < width; k++) {
                    step[k] = Tensor.tiny(x[at + k]);
                }
            }
        }
    }

    /** Takes the ids of one step of each row. */
    void take(int[] step) {
        go(0, 1);
        System.arraycopy(step, 0, tokens, 0, rows);
    }

    /** Takes ids [N][steps] as the input of the next part. */
    void take(int[][] all, int from, int count) {
        go(from, count);
        for (int t = 0; t < count; t++) {
            for (int slot = starts[t]; slot < starts[t + 1]; slot++) {
                tokens[slot] = all[order[slot - starts[t]]][from + t];
            }
        }
    }

    /**
     * The output of a layer, or the input: by slot, or by row without time. Rows have their order.
     */
    float[][] output(int layer) {
        return layer == Graph.INPUT ? input : outputs[layer];
    }

    /**
     * Copies what a layer (or the input) gave in the part at hand.
     *
     * @param out [N, steps, width] or, without time, [N, width]
     */
    void collect(int layer, int steps, int count, float[] out) {
        boolean hasTime = layer == Graph.INPUT || plan.unit(layer).hasTime();
        float[][] y = output(layer);
        int width = plan.width(layer);
        if (!hasTime) {
            for (int n = 0; n < rows; n++) {
                System.arraycopy(y[n], 0, out, order[n] * width, width);
            }
            return;
        }
        for (int t = 0; t < count; t++) {
            for (int slot = starts[t]; slot < starts[t + 1]; slot++) {
                int at = order[slot - starts[t]] * steps + origin + t;
                System.arraycopy(y[slot], 0, out, at * width, width);
            }
        }
    }

    // --- layers ---

    /**
     * A part through a layer that has time, or reads what has.
     *
     * @param i the layer
     * @param count of the part's steps
     * @return whether every value that has to be is finite [finite-1]
     */
    boolean timed(int i, int count) {
        Plan.Unit unit = plan.unit(i);
        float[][] x = output(unit.inputs()[0]);
        float[][] y = outputs[i];
        int filled = starts[count];
        if (unit.cells().length > 0) {
            boolean isFinite = true;
            for (int k = 0; k < unit.cells().length && isFinite; k++) {
                isFinite = cell(unit, i, k, count, x);
            }
            // What one cell gives is its h, which has been looked at.
            boolean isMerged = unit.hasTime() && unit.cells().length > 1;
            return isFinite && (!isMerged || areFinite(y, filled, unit.width()));
        } else if (unit.stateless() != null) {
            unit.stateless().apply(x, tokens, filled, y, room);
        } else if (unit.merge() != null) {
            merge(unit, filled, y);
        } else if (unit.layer().type() == Layout.TIME_REVERSE) {
            for (int t = 0; t < count; t++) {
                for (int slot = starts[t]; slot < starts[t + 1]; slot++) {
                    int n = slot - starts[t];
                    copy(x[starts[valid[n] - 1 - t] + n], y[slot], unit.width());
                }
            }
        } else {
            for (int n = 0; n < rows && valid[n] > origin; n++) {
                int last = Math.min(valid[n] - origin, count) - 1;
                copy(x[starts[last] + n], y[n], unit.width());
            }
            return areFinite(y, rows, unit.width());
        }
        return areFinite(y, filled, unit.width());
    }

    private static void copy(float[] from, float[] to, int width) {
        System.arraycopy(from, 0, to, 0, width);
    }

    /** One direction of a recurrent layer; whether its h, c and u are finite. */
    private boolean cell(Plan.Unit unit, int i, int k, int count, float[][] x) {
        Cell cell = unit.cells()[k];
        float[][][] state = states[i][k];
        for (int from = 0; from < count; from += part) {
            int to = Math.min(from + part, count);
            start(cell, k > 0 || unit.isReverse(), from, to, x);
            int at = 0;
            for (int s = from; s < to; s++) {
                int n = active(origin + s);
                if (!cell.step(sums, at, n, state, scratch[i][k], room)) {
                    return false;
                }
                for (int a = 0; a < state.length; a++) {
                    int width = a == 0 ? unit.narrow() : unit.layer().size();
                    if (!areFinite(state[a], n, width)) {
                        return false;
                    }
                }
                for (int p = 0; p < n && unit.hasTime(); p++) {
                    put(unit, k, state[0][p], outputs[i][slots[at + p]]);
                }
                at += n;
            }
        }
        return true;
    }

    /** Starts the sums of some steps, in the order in which the direction takes them. */
    private void start(Cell cell, boolean isReverse, int from, int to, float[][] x) {
        boolean readsIds = cell.chain().readsIds();
        int at = 0;
        for (int s = from; s < to; s++) {
            int n = active(origin + s);
            for (int p = 0; p < n; p++) {
                int slot = starts[isReverse ? valid[p] - 1 - s : s] + p;
                slots[at] = slot;
                if (readsIds) {
                    ids[at] = tokens[slot];
                } else {
                    gathered[at] = x[slot];
                }
                at++;
            }
        }
        if (readsIds) {
            cell.chain().start(sums, ids, at);
        } else {
            cell.chain().start(sums, gathered, at);
        }
    }

    private static void put(Plan.Unit unit, int k, float[] h, float[] y) {
        if (k == 0) {
            copy(h, y, unit.narrow());
        } else {
            unit.merge().next(h, unit.narrow(), y, unit.narrow());
        }
    }

    private void merge(Plan.Unit unit, int count, float[][] y) {
        int at = 0;
        for (int k = 0; k < unit.inputs().length; k++) {
            float[][] x = output(unit.inputs()[k]);
            int width = plan.width(unit.inputs()[k]);
            for (int n = 0; n < count; n++) {
                if (k == 0) {
                    copy(x[n], y[n], width);
                } else {
                    unit.merge().next(x[n], width, y[n], at);
                }
            }
            at += width;
        }
    }

    /**
     * A layer without time, the last step done.
     *
     * @param i the layer
     * @return whether its output is finite
     */
    boolean once(int i) {
        Plan.Unit unit = plan.unit(i);
        float[][] y = outputs[i];
        if (!unit.isOnce()) {
            // [final-1]; what a last_step gives is there already.
            for (int k = 0; k < unit.cells().length; k++) {
                for (int n = 0; n < rows; n++) {
                    put(unit, k, states[i][k][0][n], y[n]);
                }
            }
        } else if (unit.merge() != null) {
            merge(unit, rows, y);
        } else {
            unit.stateless().apply(output(unit.inputs()[0]), tokens, rows, y, room);
        }
        return areFinite(y, rows, unit.width());
    }

    private boolean areFinite(float[][] vectors, int count, int width) {
        for (int n = 0; n < count; n++) {
            if (!loops.areFinite(vectors[n], width)) {
                return false;
            }
        }
        return true;
    }
}
