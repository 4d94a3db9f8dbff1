"""Mistakes in the LSTM cell and around it."""

from collections.abc import Iterator
from itertools import permutations

from conformance.mutants.mutant import Mutant, replaced, table

CASES = ("lstm", "arithmetic", "one_hot", "activations")
GATES = """    i = [gates(a[j]) for j in range(H)]
    f = [gates(a[H + j]) for j in range(H)]
    g = [candidate(a[2 * H + j]) for j in range(H)]
    o = [gates(a[3 * H + j]) for j in range(H)]
"""

C_LINE = "new_c = [T(add(mul(f[j], c[j]), mul(i[j], g[j]))) for j in range(H)]"
H_LINE = "new_h = [T(mul(o[j], output(new_c[j]))) for j in range(H)]"
CELL_MISTAKES = {
    "c-fma-first": (C_LINE, C_LINE.replace("mul(f[j], c[j])", "f[j] * c[j]")),
    "c-fma-second": (C_LINE, C_LINE.replace("mul(i[j], g[j])", "i[j] * g[j]")),
    "c-binary64": (C_LINE, "new_c = [T(add(f[j] * c[j], i[j] * g[j])) for j in range(H)]"),
    "c-without-T": (C_LINE, "new_c = [add(mul(f[j], c[j]), mul(i[j], g[j])) for j in range(H)]"),
    "h-without-T": (H_LINE, "new_h = [mul(o[j], output(new_c[j])) for j in range(H)]"),
    "h-of-old-c": (H_LINE, H_LINE.replace("new_c", "c")),
    "h-without-output": (H_LINE, H_LINE.replace("output(new_c[j])", "new_c[j]")),
    "h-candidate": (H_LINE, H_LINE.replace("output(", "candidate(")),
    "coupled-i": (C_LINE, C_LINE.replace("mul(i[j]", "mul(sub(1.0, f[j])")),
    "coupled-f": (C_LINE, C_LINE.replace("mul(f[j]", "mul(sub(1.0, i[j])")),
    "c-of-h": (C_LINE, C_LINE.replace("c[j])", "h[j])")),
    "c-without-f": (C_LINE, C_LINE.replace("mul(f[j], c[j])", "c[j]")),
    "c-clipped": (C_LINE, C_LINE + "\n    new_c = [max(-3.0, min(3.0, v)) for v in new_c]"),
    "forget-bias": ("f = [gates(a[H + j])", "f = [gates(add(a[H + j], 1.0))"),
    "g-gates": ("g = [candidate(", "g = [gates("),
    "peephole": ("o = [gates(a[3 * H + j])", "o = [gates(add(a[3 * H + j], c[j]))"),
    "gate-of-new-h": (
        C_LINE + "\n    " + H_LINE,
        C_LINE + "\n    " + H_LINE + "\n    a = columns(layer, x, new_h, range(4 * H))\n"
        "    o = [gates(a[3 * H + j]) for j in range(H)]\n"
        "    new_h = [T(mul(o[j], output(new_c[j]))) for j in range(H)]",
    ),
    "in-place-c": (
        C_LINE,
        "new_c = list(c)\n    for j in range(H):\n"
        "        new_c[j] = T(add(mul(f[j], new_c[j - 1]), mul(i[j], g[j])))",
    ),
}

AROUND = {
    "y-is-c": (
        'new = {"h": made.h, "c": made.c}\n',
        'new = {"h": made.h, "c": made.c}\n        state[layer.name] = new\n        return made.c\n',
    ),
    "state-h-is-c": ('{"h": made.h, "c": made.c}', '{"h": made.c, "c": made.h}'),
    "c-not-checked": ("        require_finite(made.c)\n", ""),
}


def mutants() -> Iterator[Mutant]:
    """All of them."""
    yield from orders()
    yield from table("lstm", "cells", CASES, CELL_MISTAKES)
    yield from table("lstm", "scalar", CASES, AROUND)


def orders() -> Iterator[Mutant]:
    """The 23 wrong orders of the four blocks."""
    for order in permutations("ifgo"):
        if "".join(order) == "ifgo":
            continue
        new = "".join(
            f"    {gate} = [{'candidate' if gate == 'g' else 'gates'}(a[{block} * H + j])"
            " for j in range(H)]\n"
            for block, gate in enumerate(order)
        )
        name = f"lstm/gates-{''.join(order)}"
        yield Mutant(name, "lstm", "cells", replaced("cells", GATES, new), CASES)
