package rnnspec;

/** The front door of the library. */
public final class Rnnspec {
    /** The version of this runtime. */
    public static final String VERSION = "0.1.0-SNAPSHOT";

    private Rnnspec() {}
}
