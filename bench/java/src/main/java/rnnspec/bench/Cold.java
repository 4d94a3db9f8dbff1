package rnnspec.bench;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A cold start in a process of its own: prints, as JSON, the ms from the bytes of the file to a net
 * that is loaded and to its first output, classes and libraries included, and the peak of the
 * memory in MB where the system tells it.
 */
public final class Cold {
    private static final Path STATUS = Path.of("/proc/self/status"); // Linux
    private static final int STEPS = 200; // the memory is that of a net that runs

    private Cold() {}

    /**
     * Starts.
     *
     * @param arguments the net, the contender and the ending of the net's file
     */
    public static void main(String[] arguments) throws OrtException, IOException {
        Net net = Net.of(arguments[0]);
        byte[] file = net.file(arguments[2]);
        long begun = System.nanoTime();
        Contenders.Loaded loaded = Contenders.valueOf(arguments[1]).load(net, file);
        double load = (System.nanoTime() - begun) / 1e6;
        Contender contender = loaded.in(Mode.STEP);
        long ready = System.nanoTime();
        contender.call();
        double first = load + (System.nanoTime() - ready) / 1e6;
        for (int step = 0; step < STEPS; step++) contender.call();
        String memory = peak().map(megabytes -> ", \"memory\": " + megabytes).orElse("");
        System.out.println("{\"load\": " + load + ", \"start\": " + first + memory + "}");
    }

    private static Optional<Double> peak() throws IOException {
        if (!Files.exists(STATUS)) return Optional.empty();
        return Files.readAllLines(STATUS).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .map(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024 / 1e6)
                .findFirst();
    }
}
