package rnnspec.bench;

import ai.onnxruntime.OrtException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** The one benchmark of JMH: a call of one contender, whose output was compared first. */
@State(Scope.Thread)
@BenchmarkMode(org.openjdk.jmh.annotations.Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class Calls {
    @Param("lstm128")
    public String net;

    @Param("STEP")
    public String mode;

    @Param("RNNSPEC")
    public String contender;

    private Contender taking;

    /** Loads and compares. */
    @Setup
    public void setUp() throws OrtException {
        Net loaded = Net.of(net);
        Mode chosen = Mode.valueOf(mode);
        Contenders who = Contenders.valueOf(contender);
        taking = who.load(loaded, loaded.file(who.ending())).in(chosen);
        float furthest = loaded.compare(chosen, taking, who.allowed());
        System.out.println("bench.compared " + furthest); // run.py reads it
    }

    /** What is timed. */
    @Benchmark
    public Contender call() {
        taking.call();
        return taking;
    }
}
