"""Mistakes in the chain of pre-activations."""

from collections.abc import Iterator

from conformance.mutants.mutant import Mutant, table

CASES = ("dense", "lstm", "arithmetic", "gru")

TERM_X = "a = add(a, mul(x[k], W[k][j]))"
TERM_H = "a = add(a, mul(h[k], R[k][j]))"
START = "a = add(0.0, layer.bias[j]) if layer.bias is not None else 0.0"
X_LOOP = "    for k in range(len(x)):\n        " + TERM_X + "\n"
H_LOOP = (
    '    if h is not None:\n        R = layer.parameters["R"]\n'
    "        for k in range(len(h)):\n            " + TERM_H + "\n"
)

CHAIN_MISTAKES = {
    "fma-x": (TERM_X, "a = add(a, x[k] * W[k][j])"),
    "fma-h": (TERM_H, "a = add(a, h[k] * R[k][j])"),
    "binary64-x": (TERM_X, "a = a + x[k] * W[k][j]"),
    "binary64-sum": (TERM_X, "a = a + mul(x[k], W[k][j])"),
    "descending-x": (
        "for k in range(len(x)):\n        a",
        "for k in reversed(range(len(x))):\n        a",
    ),
    "descending-h": (
        "for k in range(len(h)):\n            a",
        "for k in reversed(range(len(h))):\n            a",
    ),
    "pairwise-x": (
        X_LOOP,
        "    p = [mul(x[k], W[k][j]) for k in range(len(x))]\n"
        "    while len(p) > 1:\n"
        "        p = [add(p[k], p[k + 1]) if k + 1 < len(p) else p[k] for k in range(0, len(p), 2)]\n"
        "    a = add(a, p[0])\n",
    ),
    "two-lanes": (
        X_LOOP,
        "    a1 = 0.0\n    for k in range(len(x)):\n"
        "        if k % 2:\n            a1 = add(a1, mul(x[k], W[k][j]))\n"
        "        else:\n            " + TERM_X + "\n    a = add(a, a1)\n",
    ),
    "h-before-x": (X_LOOP + H_LOOP, H_LOOP + X_LOOP),
    "two-accumulators": (
        H_LOOP,
        '    if h is not None:\n        R = layer.parameters["R"]\n        d = 0.0\n'
        "        for k in range(len(h)):\n            d = add(d, mul(h[k], R[k][j]))\n"
        "        a = add(a, d)\n",
    ),
    "no-bias": (START, "a = 0.0"),
    "bias-twice": (
        H_LOOP + "    return a\n",
        H_LOOP + "    return add(a, layer.bias[j]) if layer.bias else a\n",
    ),
    "bias-last": (
        START + "\n" + X_LOOP + H_LOOP,
        "a = 0.0\n"
        + X_LOOP
        + H_LOOP
        + "    a = add(a, layer.bias[j]) if layer.bias is not None else a\n",
    ),
    "bias-of-column-0": (START, "a = add(0.0, layer.bias[0]) if layer.bias is not None else 0.0"),
    "start-at-bias": (START, "a = layer.bias[j] if layer.bias is not None else 0.0"),
    "start-at-minus-zero": (
        START,
        "a = add(-0.0, layer.bias[j]) if layer.bias is not None else -0.0",
    ),
    "ignored-R": ("    if h is not None:\n", "    if False:\n"),
    "ignored-W": ("for k in range(len(x)):\n        a", "for k in range(0):\n        a"),
    "last-x-left-out": (
        "for k in range(len(x)):\n        a",
        "for k in range(len(x) - 1):\n        a",
    ),
    "last-h-left-out": (
        "for k in range(len(h)):\n            a",
        "for k in range(len(h) - 1):\n            a",
    ),
    "transposed-W": (
        TERM_X,
        "a = add(a, mul(x[k], [v for row in W for v in row][j * len(x) + k]))",
    ),
    "transposed-R": (
        TERM_H,
        "a = add(a, mul(h[k], [v for row in R for v in row][j * len(h) + k]))",
    ),
    "transposed-R-blocks": (
        TERM_H,
        "a = add(a, mul(h[k], R[j % len(h)][j // len(h) * len(h) + k]))",
    ),
    "interleaved-columns": (
        TERM_H,
        "a = add(a, mul(h[k], R[k][j % 4 * len(h) + j // 4]))",
    ),
    "T-on-terms": (TERM_X, "a = add(a, T(mul(x[k], W[k][j])))"),
    "skip-tiny-terms": (TERM_X, "a = add(a, mul(x[k], W[k][j])) if abs(x[k]) > 2.0**-40 else a"),
}

SECOND_START = 'd = add(0.0, layer.parameters["rb"][0][j]) if "rb" in layer.parameters else 0.0'
SECOND_TERM = "d = add(d, mul(h[k], R[k][2 * layer.hidden + j]))"
SECOND_MISTAKES = {
    "rb-ignored": (SECOND_START, "d = 0.0"),
    "rb-last": (
        SECOND_START + "\n    for k in range(len(h)):\n        " + SECOND_TERM + "\n    return d",
        "d = 0.0\n    for k in range(len(h)):\n        "
        + SECOND_TERM
        + '\n    return add(d, layer.parameters["rb"][0][j]) if "rb" in layer.parameters else d',
    ),
    "rb-is-b": (SECOND_START, "d = layer.bias[2 * layer.hidden + j] if layer.bias else 0.0"),
    "rb-asks-for-b": (
        SECOND_START,
        SECOND_START.replace("else 0.0", "and layer.bias is not None else 0.0"),
    ),
    "rb-of-column-0": (SECOND_START, SECOND_START.replace("[0][j]", "[0][0]")),
    "start-at-rb": (
        SECOND_START,
        SECOND_START.replace(
            'add(0.0, layer.parameters["rb"][0][j])', 'layer.parameters["rb"][0][j]'
        ),
    ),
    "start-at-minus-zero": (SECOND_START, SECOND_START.replace("else 0.0", "else -0.0")),
    "fma": (
        SECOND_TERM,
        SECOND_TERM.replace(
            "mul(h[k], R[k][2 * layer.hidden + j])", "h[k] * R[k][2 * layer.hidden + j]"
        ),
    ),
    "binary64": (SECOND_TERM, "d = d + h[k] * R[k][2 * layer.hidden + j]"),
    "descending": (
        "for k in range(len(h)):\n        d",
        "for k in reversed(range(len(h))):\n        d",
    ),
    "last-left-out": (
        "for k in range(len(h)):\n        d",
        "for k in range(len(h) - 1):\n        d",
    ),
    "block-of-z": (SECOND_TERM, SECOND_TERM.replace("2 * layer.hidden", "layer.hidden")),
    "block-of-r": (SECOND_TERM, SECOND_TERM.replace("2 * layer.hidden + j", "j")),
    "transposed": (
        SECOND_TERM,
        SECOND_TERM.replace("R[k][2 * layer.hidden + j]", "R[j][2 * layer.hidden + k]"),
    ),
}


def mutants() -> Iterator[Mutant]:
    """All of them."""
    yield from table("chain", "chain", CASES, CHAIN_MISTAKES)
    yield from table("second-chain", "chain", ("gru",), SECOND_MISTAKES)
