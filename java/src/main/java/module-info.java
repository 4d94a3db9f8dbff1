/** rnnspec: a portable file format for recurrent nets, with runtimes that agree to the last bit. */
module rnnspec {
    exports rnnspec;
    exports rnnspec.kernel;

    uses rnnspec.kernel.Loops;
}
