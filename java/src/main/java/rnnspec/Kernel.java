package rnnspec;

import java.util.Iterator;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import rnnspec.kernel.Loops;
import rnnspec.kernel.PlainLoops;

/**
 * Which loops run the nets: plain ones, or those of the Vector API, with the same bits.
 *
 * <p>The Vector API is used where the jar {@code rnnspec-vector} is on the path and Java runs with
 * {@code --add-modules jdk.incubator.vector}. The environment variable {@code RNNSPEC_KERNEL}, or
 * the system property {@code rnnspec.kernel} before it, forces {@code plain} or {@code vector}.
 */
public final class Kernel {
    /** The property and the variable that force a path. */
    static final String PROPERTY = "rnnspec.kernel";

    static final String VARIABLE = "RNNSPEC_KERNEL";

    private static final String PLAIN = "plain";
    private static final String VECTOR = "vector";
    private static final String MODULE = "jdk.incubator.vector";

    /**
     * What came of looking for loops.
     *
     * @param loops or null, if what is forced isn't there
     * @param reason why not better ones, or null
     */
    record Choice(Loops loops, String reason) {}

    /** The Vector API is looked for once, when the first plan is compiled. */
    private static final class Found {
        static final Choice VECTOR = find();

        private Found() {}
    }

    private Kernel() {}

    /**
     * What a plan runs on, unless {@link Plan#compile(Model, String)} says otherwise.
     *
     * @return {@code vector} or {@code plain}
     * @throws IllegalStateException if a path is forced that is not there, with what to do
     */
    public static String path() {
        return chosen().name();
    }

    /**
     * Why nets don't run on the Vector API.
     *
     * @return a sentence, or null if they do
     */
    public static String reason() {
        String forced = forced();
        return PLAIN.equals(forced) ? "plain is forced" : Found.VECTOR.reason();
    }

    /** The loops that plans are compiled for. */
    static Loops chosen() {
        String forced = forced();
        if (forced != null) {
            return named(forced);
        }
        return Found.VECTOR.loops() == null ? PlainLoops.INSTANCE : Found.VECTOR.loops();
    }

    private static String forced() {
        String property = System.getProperty(PROPERTY);
        String word = property == null ? System.getenv(VARIABLE) : property;
        return word == null || word.isEmpty() ? null : word;
    }

    /** The loops of that name, or what to do to have them. */
    static Loops named(String word) {
        return switch (word) {
            case PLAIN -> PlainLoops.INSTANCE;
            case VECTOR -> {
                if (Found.VECTOR.loops() == null) {
                    throw new IllegalStateException(
                            "the kernel \"vector\" is asked for, but " + Found.VECTOR.reason());
                }
                yield Found.VECTOR.loops();
            }
            default ->
                    throw new IllegalStateException(
                            "the kernel %s is asked for, but in Java there are plain and vector"
                                    .formatted(Issue.quote(word)));
        };
    }

    private static Choice find() {
        if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
            return new Choice(null, "Java was not started with --add-modules " + MODULE);
        }
        try {
            return judge(ServiceLoader.load(Loops.class, Kernel.class.getClassLoader()).iterator());
        } catch (ServiceConfigurationError | LinkageError | RuntimeException fault) {
            return new Choice(null, "rnnspec-vector.jar can't be used: " + fault);
        }
    }

    /** The first loops, if they prove to be right. */
    static Choice judge(Iterator<Loops> found) {
        if (!found.hasNext()) {
            return new Choice(null, "rnnspec-vector.jar is not on the path");
        }
        Loops loops = found.next();
        String fault = KernelProof.fault(loops);
        return fault == null
                ? new Choice(loops, null)
                : new Choice(null, "rnnspec-vector.jar gives wrong bits here: " + fault);
    }
}
