package rnnspec.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * ONNX Runtime for Java, one thread: the outputs are made by each call, or written into tensors
 * that are given to it.
 */
final class OnnxRuntime implements Contender {
    private static final OrtEnvironment ENVIRONMENT = OrtEnvironment.getEnvironment();

    private final OrtSession session;
    private final Net net;
    private final Mode mode;
    private final OnnxTensor[] inputs; // of each call
    private final Map<String, OnnxTensor> feeds = new HashMap<>();
    private final List<String> states = new ArrayList<>(); // those that are carried on
    private final Set<String> wanted = new LinkedHashSet<>(Set.of("output"));

    /** Two sets, as what one call writes the next one reads; none where each call makes its own. */
    private final List<Map<String, OnnxTensor>> given = new ArrayList<>();

    private OrtSession.Result last; // of calls that make their outputs
    private FloatBuffer output; // [T, N, width]
    private int k;

    /** From the bytes of a graph to a session that is ready. */
    static OrtSession load(byte[] file) throws OrtException {
        var options = new OrtSession.SessionOptions();
        options.setIntraOpNumThreads(1);
        options.setInterOpNumThreads(1);
        options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
        return ENVIRONMENT.createSession(file, options);
    }

    OnnxRuntime(OrtSession session, Net net, Mode mode, boolean givesOutputs) throws OrtException {
        this.session = session;
        this.net = net;
        this.mode = mode;
        inputs = net.readsTokens() ? tokens(mode) : numbers(mode);
        Map<String, long[]> shapes = new HashMap<>();
        shapes.put("output", new long[] {mode.steps, mode.rows, net.width()});
        for (String name : session.getInputNames()) {
            if (name.equals("input")) continue;
            long[] shape = {1, mode.rows, net.hidden()};
            feeds.put(name, empty(shape));
            if (!mode.carries()) continue;
            states.add(name);
            wanted.add(name + "_next");
            shapes.put(name + "_next", shape);
        }
        for (int set = 0; givesOutputs && set < 2; set++) {
            Map<String, OnnxTensor> tensors = new HashMap<>();
            for (var entry : shapes.entrySet()) {
                tensors.put(entry.getKey(), empty(entry.getValue()));
            }
            given.add(tensors);
        }
    }

    private static OnnxTensor[] numbers(Mode mode) throws OrtException {
        float[][] calls = Net.numbers(mode);
        long[] shape = {mode.steps, 1, 1};
        OnnxTensor[] inputs = new OnnxTensor[calls.length];
        for (int call = 0; call < calls.length; call++) {
            FloatBuffer numbers = floats(mode.steps).put(calls[call]).flip();
            inputs[call] = OnnxTensor.createTensor(ENVIRONMENT, numbers, shape);
        }
        return inputs;
    }

    private static OnnxTensor[] tokens(Mode mode) throws OrtException {
        int[][][] calls = Net.ids(mode);
        long[] shape = {mode.steps, mode.rows};
        OnnxTensor[] inputs = new OnnxTensor[calls.length];
        for (int call = 0; call < calls.length; call++) {
            LongBuffer timeFirst = direct(mode.steps * mode.rows * Long.BYTES).asLongBuffer();
            for (int t = 0; t < mode.steps; t++) {
                for (int n = 0; n < mode.rows; n++) timeFirst.put(calls[call][n][t]);
            }
            inputs[call] = OnnxTensor.createTensor(ENVIRONMENT, timeFirst.flip(), shape);
        }
        return inputs;
    }

    private static OnnxTensor empty(long[] shape) throws OrtException {
        int size = 1;
        for (long width : shape) size *= (int) width;
        return OnnxTensor.createTensor(ENVIRONMENT, floats(size), shape);
    }

    private static FloatBuffer floats(int size) {
        return direct(size * Float.BYTES).asFloatBuffer();
    }

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    @Override
    public void call() {
        feeds.put("input", inputs[k % inputs.length]);
        try {
            if (given.isEmpty()) make();
            else write(given.get(k % 2));
        } catch (OrtException failed) {
            throw new IllegalStateException(failed);
        }
        k++;
    }

    private void make() throws OrtException {
        OrtSession.Result result = session.run(feeds, wanted);
        output = ((OnnxTensor) result.get("output").orElseThrow()).getFloatBuffer();
        for (String name : states) {
            feeds.put(name, (OnnxTensor) result.get(name + "_next").orElseThrow());
        }
        if (last != null) last.close(); // its states were read by this call
        last = result;
    }

    private void write(Map<String, OnnxTensor> outputs) throws OrtException {
        session.run(feeds, outputs).close(); // leaves alone what was given
        Buffer written = outputs.get("output").getBufferRef().orElseThrow();
        output = (FloatBuffer) written;
        for (String name : states) feeds.put(name, outputs.get(name + "_next"));
    }

    @Override
    public float output(int step, int j) {
        return output.get(step * mode.rows * net.width() + j);
    }
}
