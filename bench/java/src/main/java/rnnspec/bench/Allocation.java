package rnnspec.bench;

import ai.onnxruntime.OrtException;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * What a step allocates on Java's heap: prints the bytes of this thread over many steps, for each
 * step. JMH's own profiler of the collector counts what JMH allocates around them too.
 */
public final class Allocation {
    /** Until the compiler is done: with the Vector API that takes seconds. */
    private static final long WARM = 6_000_000_000L; // ns

    private Allocation() {}

    /**
     * Counts.
     *
     * @param arguments the net, the contender and the number of steps
     */
    public static void main(String[] arguments) throws OrtException {
        Net net = Net.of(arguments[0]);
        Contenders who = Contenders.valueOf(arguments[1]);
        int steps = Integer.parseInt(arguments[2]);
        Contender contender = who.load(net, net.file(who.ending())).in(Mode.STEP);
        var counter = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long end = System.nanoTime() + WARM;
        while (System.nanoTime() < end) contender.call();
        long before = counter.getCurrentThreadAllocatedBytes();
        long counting = counter.getCurrentThreadAllocatedBytes() - before; // what asking costs
        before = counter.getCurrentThreadAllocatedBytes();
        for (int step = 0; step < steps; step++) contender.call();
        long bytes = counter.getCurrentThreadAllocatedBytes() - before - counting;
        System.out.println((double) bytes / steps);
    }
}
