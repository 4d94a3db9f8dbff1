"""Mistakes in the LSTM cell and around it."""

from collections.abc import Iterator
from itertools import permutations

from conformance.mutants.mutant import Mutant, replaced, table

CASES = ("lstm", "arithmetic", "one_hot", "activations")
BOTH = """    else:
        i = [gates(v) for v in block("i")]
        f = [gates(v) for v in block("f")]
"""
OF_O = '    o = [gates(v) for v in block("o")]\n'

C_LINE = "new_c = [T(add(mul(f[j], c[j]), mul(i[j], g[j]))) for j in range(H)]"
H_LINE = "u = [T(mul(o[j], output(new_c[j]))) for j in range(H)]"
CELL_MISTAKES = {
    "c-fma-first": (C_LINE, C_LINE.replace("mul(f[j], c[j])", "f[j] * c[j]")),
    "c-fma-second": (C_LINE, C_LINE.replace("mul(i[j], g[j])", "i[j] * g[j]")),
    "c-binary64": (C_LINE, "new_c = [T(add(f[j] * c[j], i[j] * g[j])) for j in range(H)]"),
    "c-without-T": (C_LINE, "new_c = [add(mul(f[j], c[j]), mul(i[j], g[j])) for j in range(H)]"),
    "h-without-T": (H_LINE, "u = [mul(o[j], output(new_c[j])) for j in range(H)]"),
    "h-of-old-c": (H_LINE, H_LINE.replace("new_c", "c")),
    "h-without-output": (H_LINE, H_LINE.replace("output(new_c[j])", "new_c[j]")),
    "h-candidate": (H_LINE, H_LINE.replace("output(", "candidate(")),
    "coupled-i": (C_LINE, C_LINE.replace("mul(i[j]", "mul(sub(1.0, f[j])")),
    "coupled-f": (C_LINE, C_LINE.replace("mul(f[j]", "mul(sub(1.0, i[j])")),
    "c-of-h": (C_LINE, C_LINE.replace("c[j])", "h[j])")),
    "c-without-f": (C_LINE, C_LINE.replace("mul(f[j], c[j])", "c[j]")),
    "c-clipped": (C_LINE, C_LINE + "\n    new_c = [max(-3.0, min(3.0, v)) for v in new_c]"),
    "forget-bias": (
        BOTH,
        BOTH.replace(
            'f = [gates(v) for v in block("f")]', 'f = [gates(add(v, 1.0)) for v in block("f")]'
        ),
    ),
    "g-gates": ("g = [candidate(", "g = [gates("),
    "peephole": (OF_O, '    o = [gates(add(block("o")[j], c[j])) for j in range(H)]\n'),
    "gate-of-new-h": (
        "    new_h = u\n",
        "    a = columns(layer, x, u, range(4 * H)) if len(u) == len(h) else a\n"
        "    o = [gates(v) for v in a[-H:]]\n    u = [T(mul(o[j], output(new_c[j]))) for j in range(H)]\n"
        "    new_h = u\n",
    ),
    "in-place-c": (
        C_LINE,
        "new_c = list(c)\n    for j in range(H):\n"
        "        new_c[j] = T(add(mul(f[j], new_c[j - 1]), mul(i[j], g[j])))",
    ),
}

AROUND = {
    "y-is-c": ('        y[t] = state["h"]\n', '        y[t] = state.get("c", state["h"])\n'),
    "state-h-is-c": ('{"h": made.h, "c": made.c}', '{"h": made.c, "c": made.h}'),
    "c-not-checked": (
        "    for values in new.values():\n        require_finite(values)\n",
        '    require_finite(new["h"])\n',
    ),
    "u-not-checked": ("        require_finite(made.u)\n", ""),
}


def mutants() -> Iterator[Mutant]:
    """All of them."""
    yield from orders()
    yield from table("lstm", "cells", CASES, CELL_MISTAKES)
    yield from table("lstm", "row", (*CASES, "projection", "overflow"), AROUND)


def orders() -> Iterator[Mutant]:
    """The wrong orders of the four blocks, and of the three that a coupled gate leaves."""
    for coupled, right in (("", "ifgo"), ("input", "fgo"), ("forget", "igo")):
        for order in map("".join, permutations(right)):
            if order != right:
                changed = replaced("chain", f'"{coupled}": "{right}"', f'"{coupled}": "{order}"')
                name = f"lstm/gates-{order}"
                yield Mutant(
                    name, "lstm", "chain", changed, CASES if not coupled else ("peephole",)
                )
