import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import rnnspec.Activation;

/**
 * The four functions of the Java runtime over all 2^32 inputs; prints the digests of ../README.md.
 *
 * <pre>
 * java -cp java/target/classes conformance/exhaustive/drivers/JavaDriver.java \
 *     [--functions exp,log,tanh,sigmoid] [--chunks A-B] [--threads N] | python3 conformance/exhaustive/check.py
 * </pre>
 */
public final class JavaDriver {
    private static final int CHUNKS = 256;
    private static final int CHUNK = 1 << 24;
    private static final int BLOCK = 1 << 14;

    private interface Function {
        float apply(float x);
    }

    private static final Map<String, Function> FUNCTIONS =
            Map.of(
                    "exp", Activation::exp,
                    "log", Activation::log,
                    "tanh", Activation::tanh,
                    "sigmoid", Activation::sigmoid);

    private static final List<String> ORDER = List.of("exp", "log", "tanh", "sigmoid");

    private JavaDriver() {}

    public static void main(String[] arguments) throws Exception {
        List<String> names = ORDER;
        int first = 0;
        int last = CHUNKS - 1;
        int threads = 2;
        for (int i = 0; i < arguments.length; i += 2) {
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
                    digests.add(workers.submit(() -> chunk(name, c)));
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
    private static byte[] chunk(String name, int top) throws Exception {
        MessageDigest digest = sha256();
        ByteBuffer block = ByteBuffer.allocate(4 * BLOCK).order(ByteOrder.LITTLE_ENDIAN);
        float[] values = new float[BLOCK];
        for (int from = 0; from < CHUNK; from += BLOCK) {
            for (int i = 0; i < BLOCK; i++) {
                values[i] = Float.intBitsToFloat(top << 24 | from + i);
            }
            sweep(FUNCTIONS.get(name), values);
            for (int i = 0; i < BLOCK; i++) {
                // floatToIntBits gives 7fc00000 for every NaN.
                block.putInt(4 * i, Float.floatToIntBits(values[i]));
            }
            digest.update(block.array());
        }
        return digest.digest();
    }

    private static void sweep(Function function, float[] values) {
        for (int i = 0; i < values.length; i++) {
            values[i] = function.apply(values[i]);
        }
    }

    private static MessageDigest sha256() throws Exception {
        return MessageDigest.getInstance("SHA-256");
    }
}
