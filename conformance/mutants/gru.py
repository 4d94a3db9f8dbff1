"""Mistakes in the GRU cell: other forms of it that people write, and other orders of its blocks."""

from collections.abc import Iterator
from itertools import permutations

from conformance.mutants.mutant import Mutant, source, table

CASES = ("gru", "activations")
H_LINE = "new_h = [T(add(mul(sub(1.0, z[j]), n[j]), mul(z[j], h[j]))) for j in range(H)]"
U_LINE = "u = [T(mul(r[k], h[k])) for k in range(H)]"
N_AFTER = "n = [candidate(clip(add(p[j], T(mul(r[j], d[j]))), K)) for j in range(H)]"
A_LINE = "a = [clip(v, K) for v in columns(layer, x, h, range(2 * H))]\n    r ="
P_LINE = "p = columns(layer, x, None, range(2 * H, 3 * H))"
A_U = "a += [clip(v, K) for v in columns(layer, x, u, range(2 * H, 3 * H))]"
MISTAKES = {
    "z-keeps-the-new": (
        H_LINE,
        "new_h = [T(add(mul(sub(1.0, z[j]), h[j]), mul(z[j], n[j]))) for j in range(H)]",
    ),
    "n-plus-difference": (
        H_LINE,
        "new_h = [T(add(n[j], mul(z[j], sub(h[j], n[j])))) for j in range(H)]",
    ),
    "h-plus-difference": (
        H_LINE,
        "new_h = [T(add(h[j], mul(sub(1.0, z[j]), sub(n[j], h[j])))) for j in range(H)]",
    ),
    "n-minus-product": (
        H_LINE,
        "new_h = [T(add(sub(n[j], mul(z[j], n[j])), mul(z[j], h[j]))) for j in range(H)]",
    ),
    "one-minus-by-sigmoid": (
        H_LINE,
        H_LINE.replace("sub(1.0, z[j])", "gates(-a[H + j])"),
    ),
    "h-fma-first": (H_LINE, H_LINE.replace("mul(sub(1.0, z[j]), n[j])", "sub(1.0, z[j]) * n[j]")),
    "h-fma-second": (H_LINE, H_LINE.replace("mul(z[j], h[j])", "z[j] * h[j]")),
    "h-T-on-products": (
        H_LINE,
        "new_h = [T(add(T(mul(sub(1.0, z[j]), n[j])), T(mul(z[j], h[j])))) for j in range(H)]",
    ),
    "h-in-place": (
        H_LINE,
        "new_h = list(h)\n    for j in range(H):\n"
        "        new_h[j] = T(add(mul(sub(1.0, z[j]), n[j]), mul(z[j], new_h[j - 1])))",
    ),
    "r-after-the-product": (
        A_U,
        "a += [add(columns(layer, x, None, range(2 * H, 3 * H))[j], T(mul(r[j], second(layer, h, j)))) for j in range(H)]",
    ),
    "r-before-the-product": (
        P_LINE,
        "p = columns(layer, x, [T(mul(r[k], h[k])) for k in range(H)], range(2 * H, 3 * H))\n        r = [0.0] * H",
    ),
    "reset-left-out-before": (A_U, "a += columns(layer, x, h, range(2 * H, 3 * H))"),
    "reset-left-out-after": (N_AFTER, N_AFTER.replace("T(mul(r[j], d[j]))", "d[j]")),
    "u-without-T": (U_LINE, "u = [mul(r[k], h[k]) for k in range(H)]"),
    "u-accumulated-apart": (
        A_U,
        "a += [add(columns(layer, x, None, range(2 * H, 3 * H))[j], second(layer, u, j)) for j in range(H)]",
    ),
    "after-one-accumulator": (
        N_AFTER,
        "n = [candidate(columns(layer, x, [mul(r[j], v) for v in h], range(2 * H + j, 2 * H + j + 1))[0]) for j in range(H)]",
    ),
    "after-fma": (N_AFTER, N_AFTER.replace("T(mul(r[j], d[j]))", "r[j] * d[j]")),
    "after-d-first": (N_AFTER, "n = [candidate(T(mul(r[j], add(d[j], p[j])))) for j in range(H)]"),
    "after-bias-in-d": (
        N_AFTER,
        "b = layer.bias or [0.0] * (3 * H)\n        n = [candidate(add(sub(p[j], b[2 * H + j]), T(mul(r[j], add(d[j], b[2 * H + j]))))) for j in range(H)]",
    ),
    "after-rb-outside": (
        N_AFTER,
        'rb = layer.parameters.get("rb", [[0.0] * H])[0]\n'
        "        n = [candidate(add(add(p[j], rb[j]), T(mul(r[j], sub(d[j], rb[j]))))) for j in range(H)]",
    ),
    "z-of-new-r": (
        A_LINE,
        "a = columns(layer, x, h, range(H))\n    r0 = [T(mul(gates(a[j]), h[j])) for j in range(H)]\n    a += columns(layer, x, r0, range(H, 2 * H))\n    r =",
    ),
    "n-relu": (
        N_AFTER,
        N_AFTER.replace(
            "candidate(clip(add(p[j], T(mul(r[j], d[j]))), K))",
            "max(0.0, candidate(clip(add(p[j], T(mul(r[j], d[j]))), K)))",
        ),
    ),
}
ELMAN_LINE = "    return ElmanStep(a, [activation(a[j]) for j in range(H)])"
ELMAN = {
    "in-place": (
        ELMAN_LINE,
        "    new = list(h)\n    for j in range(H):\n"
        "        new[j] = activation(columns(layer, x, new, range(j, j + 1))[0])\n"
        "    return ElmanStep(a, new)",
    ),
    "residual": (ELMAN_LINE, ELMAN_LINE.replace("activation(a[j])", "add(activation(a[j]), h[j])")),
    "always-T": (ELMAN_LINE, ELMAN_LINE.replace("activation(a[j])", "activation(T(a[j]))")),
    "no-activation": (ELMAN_LINE, ELMAN_LINE.replace("activation(a[j])", "T(a[j])")),
}


def mutants() -> Iterator[Mutant]:
    """All of them, those of the Elman cell too."""
    yield from orders()
    yield from table("gru", "cells", CASES, MISTAKES)
    not_checked = {"u-not-checked": ("        require_finite(gated.u)\n", "")}
    yield from table("gru", "row", CASES, not_checked)
    yield from table("elman", "cells", ("elman", "activations"), ELMAN)


def orders() -> Iterator[Mutant]:
    """The five wrong orders of the three blocks, wherever a column is named."""
    for order in permutations(range(3)):
        if order == (0, 1, 2):
            continue
        # In place of every column j, that of the same unit in the block that order puts there.
        text = source("chain")
        moved = f"({order!r}[j // layer.hidden] * layer.hidden + j % layer.hidden)"
        new = text.replace(
            "chain(layer, x, h, j) for j in columns",
            (f"chain(layer, x, h, {moved} if layer.type == 'gru' else j) for j in columns"),
        ).replace("R[k][2 * layer.hidden + j]", f"R[k][{order[2]} * layer.hidden + j]")
        name = "gru/blocks-" + "".join("rzn"[k] for k in order)
        yield Mutant(name, "gru", "chain", new, CASES)
