/** rnnspec on the Vector API: found by the module rnnspec where it is on the path. */
module rnnspec.vector {
    requires rnnspec;
    requires jdk.incubator.vector;

    provides rnnspec.kernel.Loops with
            rnnspec.vector.VectorLoops;
}
