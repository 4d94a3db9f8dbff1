import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import rnnspec.Load;
import rnnspec.Model;
import rnnspec.Save;

/**
 * How long the Java runtime takes to read a model of 64 MiB, against Jackson, and in how much heap.
 *
 * <pre>
 * (cd java && mvn -q dependency:build-classpath -Dmdep.outputFile=target/classpath)
 * java -XX:+UseSerialGC -Xmn8m -cp java/target/classes:$(cat java/target/classpath) bench/reading/ReadJava.java
 * </pre>
 *
 * <p>Times are the best of several. The heap is the peak over idle with a small young generation, so
 * that little of it is garbage; the bytes of the file, which the caller holds, are not in it.
 */
public final class ReadJava {
    private static final int SIZE = 64 << 20;
    private static final int WIDTH = 1024;
    private static final int REPEATS = 7;

    private interface Work {
        Object run() throws Exception;
    }

    private ReadJava() {}

    public static void main(String[] arguments) throws Exception {
        for (String digits : new String[] {"short", "long"}) {
            byte[] json = model(digits.equals("long"));
            System.out.printf("%s numbers, %.1f MiB of JSON%n", digits, mebi(json.length));
            double ours = report("rnnspec Load.load", json.length, () -> Load.load(json));
            compare("Jackson streaming, as double", ours, json.length, () -> stream(json));
            compare("Jackson readTree", ours, json.length, () -> new ObjectMapper().readTree(json));
            Model model = Load.load(json);
            byte[] base64 = Save.toBytes(model, Save.Encoding.JSON);
            report("rnnspec, base64 in JSON", base64.length, () -> Load.load(base64));
            byte[] msgpack = Save.toBytes(model, Save.Encoding.MSGPACK);
            double binary = report("rnnspec, msgpack", msgpack.length, () -> Load.load(msgpack));
            compare("copying its bytes", binary, msgpack.length, () -> Arrays.copyOf(msgpack, msgpack.length));
        }
    }

    private static void compare(String name, double ours, int length, Work work) throws Exception {
        double other = report(name, length, work);
        System.out.printf("      rnnspec / this: %.2f%n", ours / other);
    }

    /** Prints and gives the best time in milliseconds. */
    private static double report(String name, int length, Work work) throws Exception {
        double best = Double.POSITIVE_INFINITY;
        double peak = 0;
        for (int i = 0; i < REPEATS; i++) {
            long idle = reset();
            long start = System.nanoTime();
            Object result = work.run();
            best = Math.min(best, (System.nanoTime() - start) / 1e6);
            peak = peak() - idle;
            if (result == null) {
                throw new IllegalStateException();
            }
        }
        System.out.printf(
                "  %-30s %8.1f ms  %7.1f MiB/s  heap %7.1f MiB = %.2f x file%n",
                name, best, mebi(length) / best * 1e3, mebi(peak), peak / length);
        return best;
    }

    /** Heap in use when nothing is going on. */
    private static long reset() throws Exception {
        System.gc();
        Thread.sleep(20);
        System.gc();
        long used = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getType() == MemoryType.HEAP) {
                pool.resetPeakUsage();
                used += pool.getUsage().getUsed();
            }
        }
        return used;
    }

    private static long peak() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .mapToLong(pool -> pool.getPeakUsage().getUsed())
                .sum();
    }

    private static double stream(byte[] json) throws Exception {
        double sum = 0;
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.VALUE_NUMBER_FLOAT) {
                    sum += parser.getDoubleValue();
                }
            }
        }
        return sum;
    }

    /** A net of dense layers, as many as make the file 64 MiB. */
    private static byte[] model(boolean isLong) {
        Random random = new Random(1);
        ByteArrayOutputStream tensors = new ByteArrayOutputStream(SIZE + (SIZE >> 2));
        StringBuilder layers = new StringBuilder();
        for (int layer = 0; tensors.size() < SIZE; layer++) {
            String comma = layer == 0 ? "" : ",\n";
            layers.append(comma)
                    .append("{\"name\":\"l%d\",\"type\":\"dense\",\"size\":%d,\"parameters\":{\"W\":\"W%d\"}}"
                            .formatted(layer, WIDTH, layer));
            write(tensors, comma + "\"W%d\":{\"dtype\":\"float32\",\"shape\":[%d,%d],\"data\":"
                    .formatted(layer, WIDTH, WIDTH));
            for (int i = 0; i < WIDTH * WIDTH; i++) {
                double value = random.nextGaussian() * 0.1;
                write(tensors, (i == 0 ? "[" : ", ") + (isLong ? Double.toString(value) : Float.toString((float) value)));
            }
            write(tensors, "]}");
        }
        String head = "{\"rnnspec\":\"1.0-draft.2\",\"input\":{\"kind\":\"features\",\"size\":%d},\"layers\":[%s],\"output\":{\"kind\":\"values\"},\"tensors\":{"
                .formatted(WIDTH, layers);
        ByteArrayOutputStream json = new ByteArrayOutputStream(tensors.size() + head.length() + 2);
        write(json, head);
        json.writeBytes(tensors.toByteArray());
        write(json, "}}");
        return json.toByteArray();
    }

    private static void write(ByteArrayOutputStream out, String text) {
        out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static double mebi(double bytes) {
        return bytes / (1 << 20);
    }
}
