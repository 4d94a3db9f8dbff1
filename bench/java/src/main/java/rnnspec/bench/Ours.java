package rnnspec.bench;

import rnnspec.Model;
import rnnspec.Plan;
import rnnspec.Run;
import rnnspec.Session;
import rnnspec.Tensor;

/** rnnspec, on the path that RNNSPEC_KERNEL names. */
final class Ours implements Contender {
    private final int width;
    private final Runnable calls;
    private final float[] out; // [T, width], of calls that carry the state
    private Tensor output; // of the others
    private int k;

    /** From the bytes of a file to what runs. */
    static Plan load(byte[] file) {
        return Plan.compile(Model.load(file));
    }

    Ours(Plan plan, Net net, Mode mode) {
        width = plan.outputWidth();
        out = new float[mode.carries() ? mode.steps * width : 0];
        calls = net.readsTokens() ? tokens(plan, mode) : numbers(plan, mode);
    }

    private Runnable tokens(Plan plan, Mode mode) {
        if (mode == Mode.STEP) {
            Session session = new Session(plan);
            int[][][] ids = Net.ids(mode);
            return () -> session.step(ids[next(ids.length)][0], out);
        }
        int[][] ids = Net.ids(mode)[0];
        return () -> output = Run.run(plan, ids).output();
    }

    private Runnable numbers(Plan plan, Mode mode) {
        Session session = new Session(plan);
        float[][] numbers = Net.numbers(mode);
        if (mode == Mode.STEP) return () -> session.step(numbers[next(numbers.length)], out);
        if (mode == Mode.BLOCK) return () -> session.run(numbers[next(numbers.length)], out);
        return () -> output = Run.run(plan, numbers[0]).output();
    }

    private int next(int calls) {
        int call = k;
        k = k + 1 == calls ? 0 : k + 1;
        return call;
    }

    @Override
    public void call() {
        calls.run();
    }

    @Override
    public float output(int step, int j) {
        int place = step * width + j;
        return output == null ? out[place] : output.get(place);
    }
}
