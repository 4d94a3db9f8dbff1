package rnnspec;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the cells of a session remember, and what they did before the call at hand. */
final class Memory {
    private final Plan plan;
    private final int batch; // N
    private final float[][][][] states; // [layer][N][array][H]; nothing where there is no cell
    private final float[][][][] kept; // the same before the call

    /** The initial state. */
    Memory(Plan plan, int batch) {
        this.plan = plan;
        this.batch = batch;
        states = new float[plan.units()][0][][];
        kept = new float[plan.units()][0][][];
        for (int i = 0; i < plan.units(); i++) {
            Plan.Unit unit = plan.unit(i);
            if (unit.cell() != null) {
                int arrays = unit.initial().length;
                states[i] = new float[batch][arrays][unit.width()];
                kept[i] = new float[batch][arrays][unit.width()];
            }
        }
        reset();
    }

    /** The state of a cell for a row: arrays of [H], for the cell to change. */
    float[][] of(int layer, int row) {
        return states[layer][row];
    }

    void keep() {
        copy(states, kept);
    }

    void bringBack() {
        copy(kept, states);
    }

    void takeFrom(Memory other) {
        copy(other.states, states);
    }

    private static void copy(float[][][][] from, float[][][][] to) {
        for (int i = 0; i < from.length; i++) {
            for (int n = 0; n < from[i].length; n++) {
                for (int k = 0; k < from[i][n].length; k++) {
                    System.arraycopy(from[i][n][k], 0, to[i][n][k], 0, from[i][n][k].length);
                }
            }
        }
    }

    void reset() {
        for (int i = 0; i < plan.units(); i++) {
            float[][] initial = plan.unit(i).initial();
            for (int k = 0; k < initial.length; k++) {
                for (int n = 0; n < batch; n++) {
                    System.arraycopy(initial[k], 0, states[i][n][k], 0, initial[k].length);
                }
            }
        }
    }

    /** A copy. */
    State state() {
        Map<String, Map<String, Tensor>> layers = new LinkedHashMap<>();
        for (int i = 0; i < plan.units(); i++) {
            Model.Layer layer = plan.unit(i).layer();
            if (layer.type().isRecurrent()) {
                Map<String, Tensor> arrays = new LinkedHashMap<>();
                for (String array : layer.type().stateArrays()) {
                    arrays.put(array, together(states[i], arrays.size()));
                }
                layers.put(layer.name(), arrays);
            }
        }
        return State.of(layers);
    }

    private Tensor together(float[][][] rows, int array) {
        int width = rows[0][array].length;
        float[] values = new float[batch * width];
        for (int n = 0; n < batch; n++) {
            System.arraycopy(rows[n][array], 0, values, n * width, width);
        }
        return Tensor.wrap(values, batch, width);
    }

    /** Takes a state that fits, after T. */
    void restore(State state) {
        for (int i = 0; i < plan.units(); i++) {
            Model.Layer layer = plan.unit(i).layer();
            List<String> arrays = layer.type().stateArrays();
            for (int k = 0; k < arrays.size(); k++) {
                apart(state.layers().get(layer.name()).get(arrays.get(k)), states[i], k);
            }
        }
    }

    private void apart(Tensor tensor, float[][][] rows, int array) {
        int width = rows[0][array].length;
        for (int n = 0; n < batch; n++) {
            for (int j = 0; j < width; j++) {
                rows[n][array][j] = Tensor.tiny(tensor.get(n * width + j));
            }
        }
    }
}
