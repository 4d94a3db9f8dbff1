"""Mistakes that the review of the format's rules foretold, and the mutants that make them."""

# The mistake → the mutant, or the reason why there is none.
KNOWN: dict[str, tuple[str, ...] | str] = {
    "a chain that starts at its first product": ("chain/start-at-minus-zero", "chain/bias-last"),
    "relu hiding NaN": ("activations/relu-hides-nan",),
    "n + z × (h − n) in a GRU": ("gru/n-plus-difference",),
    "peephole from an unclipped c": ("lstm-options/cell-clip-behind-o",),
    "`final` of a reverse layer at the last valid step": ("graph/final-is-last-output",),
    "`final` at the last step instead of the last valid one": (
        "sequences/padding-moves-the-state",
        "sequences/padding-computed",
    ),
    "padded dense giving its bias": ("sequences/padding-computed",),
    "T missing": (
        "rounding/T-none",
        "layers/dense-without-T",
        "lstm/h-without-T",
        "gru/u-without-T",
    ),
    "a sampler with float32 sums": ("decoding/sum-binary32", "decoding/binary32-probabilities"),
    "defaults counted in the fingerprint": (
        "digest._layer: not asked value != defaults.get(name, ...)",
    ),
}
