package rnnspec;

import java.util.LinkedHashMap;
import java.util.Map;

/** What the cells of a session remember, and what they did before the call at hand. */
final class Memory {
    private final Plan plan;
    private final int batch; // N
    private final float[][][][][] states; // [layer][cell][array][N][P or H, padded with +0]
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
            float[][][] initial = plan.unit(i).initial();
            room[i] = new float[initial.length][][][];
            for (int k = 0; k < initial.length; k++) {
                room[i][k] = new float[initial[k].length][][];
                for (int a = 0; a < initial[k].length; a++) {
                    room[i][k][a] = new float[batch][initial[k][a].length];
                }
            }
        }
        return room;
    }

    /** The state of a cell, [array][N], h first: for the cell to change. */
    float[][][] of(int layer, int cell) {
        return states[layer][cell];
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
                for (int a = 0; a < from[i][k].length; a++) {
                    for (int n = 0; n < from[i][k][a].length; n++) {
                        copy(from[i][k][a][n], to[i][k][a][n]);
                    }
                }
            }
        }
    }

    private static void copy(float[] from, float[] to) {
        System.arraycopy(from, 0, to, 0, from.length);
    }

    void reset() {
        for (int i = 0; i < states.length; i++) {
            for (int k = 0; k < states[i].length; k++) {
                for (int a = 0; a < states[i][k].length; a++) {
                    for (int n = 0; n < batch; n++) {
                        copy(plan.unit(i).initial()[k][a], states[i][k][a][n]);
                    }
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
            int own = layer.type().stateArrays().size();
            for (Map.Entry<String, Integer> array : layer.stateArrays().entrySet()) {
                float[][] rows = states[i][arrays.size() / own][arrays.size() % own];
                arrays.put(array.getKey(), together(rows, array.getValue()));
            }
            if (!arrays.isEmpty()) {
                layers.put(layer.name(), arrays);
            }
        }
        return State.of(layers);
    }

    private Tensor together(float[][] rows, int width) {
        float[] values = new float[batch * width];
        for (int n = 0; n < batch; n++) {
            System.arraycopy(rows[n], 0, values, n * width, width);
        }
        return Tensor.wrap(values, batch, width);
    }

    /** Takes a state that fits, after T. */
    void restore(State state) {
        for (int i = 0; i < states.length; i++) {
            Model.Layer layer = plan.unit(i).layer();
            int own = layer.type().stateArrays().size();
            int count = 0;
            for (Map.Entry<String, Integer> array : layer.stateArrays().entrySet()) {
                Tensor given = state.layers().get(layer.name()).get(array.getKey());
                apart(given, states[i][count / own][count % own], array.getValue());
                count++;
            }
        }
    }

    private void apart(Tensor tensor, float[][] rows, int width) {
        for (int n = 0; n < batch; n++) {
            for (int j = 0; j < width; j++) {
                rows[n][j] = Tensor.tiny(tensor.get(n * width + j));
            }
        }
    }
}
