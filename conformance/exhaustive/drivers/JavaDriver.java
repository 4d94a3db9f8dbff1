import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import rnnspec.Activation;
import rnnspec.Elementwise;
import rnnspec.Layout;
import rnnspec.Model;
import rnnspec.kernel.Loops;

/**
 * The four functions of the Java runtime over all 2^32 inputs; prints the digests of ../README.md.
 *
 * <pre>
 * java -cp java/target/classes conformance/exhaustive/drivers/JavaDriver.java \
 *     [--functions exp,log,tanh,sigmoid] [--chunks A-B] [--threads N] | python3 conformance/exhaustive/check.py
 * java --add-modules jdk.incubator.vector -cp java/target/classes:java/target/rnnspec-vector.jar \
 *     conformance/exhaustive/drivers/JavaDriver.java --vector --functions exp,tanh,sigmoid | ...
 * </pre>
 *
 * <p>With {@code --vector} they are those of the Vector API, which has no loop of log.
 */
public final class JavaDriver {
    private static final int CHUNKS = 256;
    private static final int CHUNK = 1 << 24;
    private static final int BLOCK = 1 << 14;

    private interface Function {
        float apply(float x);
    }

    /** Puts the results in the place of the inputs. */
    private interface Sweep {
        void apply(float[] values);
    }

    private static final Map<String, Sweep> PLAIN =
            Map.of(
                    "exp", each(Activation::exp),
                    "log", each(Activation::log),
                    "tanh", each(Activation::tanh),
                    "sigmoid", each(Activation::sigmoid));

    private static final List<String> ORDER = List.of("exp", "log", "tanh", "sigmoid");

    private JavaDriver() {}

    public static void main(String[] arguments) throws Exception {
        List<String> names = ORDER;
        int first = 0;
        int last = CHUNKS - 1;
        int threads = 2;
        boolean isVector = arguments.length > 0 && arguments[0].equals("--vector");
        Map<String, Sweep> functions = isVector ? vector() : PLAIN;
        for (int i = isVector ? 1 : 0; i < arguments.length; i += 2) {
            String value = arguments[i + 1];
            switch (arguments[i]) {
                case "--functions" -> names = List.of(value.split(","));
                case "--chunks" -> {
                    String[] ends = value.split("-");
                    first = Integer.parseInt(ends[0]);
                    last = Integer.parseInt(ends[ends.length - 1]);
                }
                case "--threads" -> threads = Integer.parseInt(value);
                default -> throw new IllegalArgumentException("unknown option " + arguments[i]);
            }
        }
        ExecutorService workers = Executors.newFixedThreadPool(threads);
        try {
            boolean isWhole = first == 0 && last == CHUNKS - 1;
            MessageDigest all = sha256();
            for (String name : names) {
                MessageDigest function = sha256();
                List<Integer> chunks = IntStream.rangeClosed(first, last).boxed().toList();
                List<Future<byte[]>> digests = new ArrayList<>();
                for (int c : chunks) {
                    digests.add(workers.submit(() -> chunk(functions.get(name), c)));
                }
                for (int c : chunks) {
                    byte[] digest = digests.get(c - first).get();
                    function.update(digest);
                    if (!isWhole) {
                        System.out.println(name + " " + c + " " + HexFormat.of().formatHex(digest));
                    }
                }
                byte[] digest = function.digest();
                all.update(digest);
                if (isWhole) {
                    System.out.println(name + " " + HexFormat.of().formatHex(digest));
                }
            }
            if (isWhole && names.equals(ORDER)) {
                System.out.println("all " + HexFormat.of().formatHex(all.digest()));
            }
        } finally {
            workers.shutdown();
        }
    }

    /** The digest of the results for the inputs whose top byte is {@code top}. */
    private static byte[] chunk(Sweep function, int top) throws Exception {
        MessageDigest digest = sha256();
        ByteBuffer block = ByteBuffer.allocate(4 * BLOCK).order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[BLOCK];
        for (int from = 0; from < CHUNK; from += BLOCK) {
            for (int i = 0; i < BLOCK; i++) {
                values[i] = Float.intBitsToFloat(top << 24 | from + i);
            }
            function.apply(values);
            for (int i = 0; i < BLOCK; i++) {
                // floatToIntBits gives 7fc00000 for every NaN.
                block.putInt(4 * i, Float.floatToIntBits(values[i]));
            }
            digest.update(block.array());
        }
        return digest.digest();
    }

    private static Sweep each(Function function) {
        return values -> {
            for (int i = 0; i < values.length; i++) {
                values[i] = function.apply(values[i]);
            }
        };
    }

    private static Map<String, Sweep> vector() throws Exception {
        Loops loops = ServiceLoader.load(Loops.class).findFirst().orElseThrow();
        int length = loops.padded(BLOCK);
        if (length != BLOCK || !loops.name().equals("vector")) {
            throw new IllegalStateException("not the loops of the Vector API: " + loops.name());
        }
        return Map.of(
                "exp", values -> loops.exp(values, BLOCK, new float[3][length]),
                "tanh", swept(loops, Layout.Function.TANH),
                "sigmoid", swept(loops, Layout.Function.SIGMOID));
    }

    /** The runtime makes an Elementwise of a model alone, so its door is opened from behind. */
    private static Sweep swept(Loops loops, Layout.Function function) throws Exception {
        Method of = Elementwise.class.getDeclaredMethod("of", Model.Activation.class);
        of.setAccessible(true);
        var activation = (Elementwise) of.invoke(null, new Model.Activation(function, null, null));
        return values -> loops.sweep(activation, values, 0, BLOCK, new float[3][BLOCK]);
    }

    private static MessageDigest sha256() throws Exception {
        return MessageDigest.getInstance("SHA-256");
    }
}
