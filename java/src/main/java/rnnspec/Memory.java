package rnnspec;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the cells of a session remember, and what they did before the call at hand. */
final class Memory {
    private final Plan plan;
    private final int batch; // N
    private final float[][][][][] states; // [layer][cell][N][array][P or H]
    private final float[][][][][] kept; // the same before the call

    /** The initial state. */
    Memory(Plan plan, int batch) {
        this.plan = plan;
        this.batch = batch;
        states = room();
        kept = room();
        reset();
    }

    private float[][][][][] room() {
        float[][][][][] room = new float[plan.units()][][][][];
        for (int i = 0; i < room.length; i++) {
            Plan.Unit unit = plan.unit(i);
            room[i] = new float[unit.cells().length][batch][][];
            for (int k = 0; k < room[i].length; k++) {
                for (int n = 0; n < batch; n++) {
                    room[i][k][n] =
                            Arrays.stream(unit.initial()[k])
                                    .map(array -> new float[array.length])
                                    .toArray(float[][]::new);
                }
            }
        }
        return room;
    }

    /** The state of a cell for a row: h and what else it has, for the cell to change. */
    float[][] of(int layer, int row, int cell) {
        return states[layer][cell][row];
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

    private static void copy(float[][][][][] from, float[][][][][] to) {
        for (int i = 0; i < from.length; i++) {
            for (int k = 0; k < from[i].length; k++) {
                for (int n = 0; n < from[i][k].length; n++) {
                    copy(from[i][k][n], to[i][k][n]);
                }
            }
        }
    }

    private static void copy(float[][] from, float[][] to) {
        for (int a = 0; a < from.length; a++) {
            System.arraycopy(from[a], 0, to[a], 0, from[a].length);
        }
    }

    void reset() {
        for (int i = 0; i < states.length; i++) {
            for (int k = 0; k < states[i].length; k++) {
                for (int n = 0; n < batch; n++) {
                    copy(plan.unit(i).initial()[k], states[i][k][n]);
                }
            }
        }
    }

    /** A copy. */
    State state() {
        Map<String, Map<String, Tensor>> layers = new LinkedHashMap<>();
        for (int i = 0; i < states.length; i++) {
            Model.Layer layer = plan.unit(i).layer();
            Map<String, Tensor> arrays = new LinkedHashMap<>();
            for (String name : layer.stateArrays().keySet()) {
                int own = layer.type().stateArrays().size();
                arrays.put(name, together(states[i][arrays.size() / own], arrays.size() % own));
            }
            if (!arrays.isEmpty()) {
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
        for (int i = 0; i < states.length; i++) {
            Model.Layer layer = plan.unit(i).layer();
            int count = 0;
            for (String name : layer.stateArrays().keySet()) {
                int own = layer.type().stateArrays().size();
                Tensor array = state.layers().get(layer.name()).get(name);
                apart(array, states[i][count / own], count % own);
                count++;
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
