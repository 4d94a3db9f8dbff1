"""Mistakes in the options of the cells: clips, peepholes, coupled gates, projections."""

from collections.abc import Iterator
from itertools import permutations

from conformance.mutants.mutant import Mutant, table

CASES = ("peephole", "clips", "projection", "directions", "differs", "overflow")

# --- chain.py -------------------------------------------------------------------------------------

DIAGONAL = "return add(a, mul(v[j], p[g][j]))"
FULL = "a = add(a, mul(v[k], p[k][g * layer.hidden + j]))"
FULL_LOOP = "    for k in range(len(v)):\n        " + FULL + "\n    return a\n"
BLOCK = 'g = blocks(layer).replace("g", "").index(gate)'
PEEPHOLE = {
    "diagonal-fma": (DIAGONAL, "return add(a, v[j] * p[g][j])"),
    "diagonal-T": (DIAGONAL, "return add(a, T(mul(v[j], p[g][j])))"),
    "diagonal-transposed": (
        DIAGONAL,
        "return add(a, mul(v[j], [w for row in p for w in row][j * len(p) + g]))",
    ),
    "diagonal-p-of-0": (DIAGONAL, "return add(a, mul(v[j], p[g][0]))"),
    "diagonal-c-of-0": (DIAGONAL, "return add(a, mul(v[0], p[g][j]))"),
    "diagonal-c-before": (DIAGONAL, "return add(a, mul(v[j - 1], p[g][j]))"),
    "diagonal-subtracted": (DIAGONAL, "return add(a, mul(-v[j], p[g][j]))"),
    "full-fma": (FULL, "a = add(a, v[k] * p[k][g * layer.hidden + j])"),
    "full-binary64": (FULL, "a = a + v[k] * p[k][g * layer.hidden + j]"),
    "full-descending": (
        FULL_LOOP,
        FULL_LOOP.replace("in range(len(v))", "in reversed(range(len(v)))"),
    ),
    "full-apart": (
        FULL_LOOP,
        "    d = 0.0\n    for k in range(len(v)):\n"
        "        d = add(d, mul(v[k], p[k][g * layer.hidden + j]))\n    return add(a, d)\n",
    ),
    "full-last-left-out": (FULL_LOOP, FULL_LOOP.replace("range(len(v))", "range(len(v) - 1)")),
    "full-diagonal-alone": (FULL_LOOP, FULL_LOOP.replace("range(len(v))", "range(j, j + 1)")),
    "full-transposed": (FULL, "a = add(a, mul(v[k], p[j][g * layer.hidden + k]))"),
    "full-interleaved": (FULL, "a = add(a, mul(v[k], p[k][j * (len(p[k]) // len(v)) + g]))"),
    "ignored": ("    if not layer.peephole:\n", "    if True:\n"),
    "spares-o": (
        "    if not layer.peephole:\n",
        "    if not layer.peephole or gate == 'o':\n",
    ),
    "spares-i": (
        "    if not layer.peephole:\n",
        "    if not layer.peephole or gate == 'i':\n",
    ),
    "spares-f": (
        "    if not layer.peephole:\n",
        "    if not layer.peephole or gate == 'f':\n",
    ),
    **{
        f"blocks-{''.join(order)}": (BLOCK, f"{BLOCK}\n    g = '{''.join(order)}'.index(gate) if not layer.coupled else g")
        for order in permutations("ifo")
        if "".join(order) != "ifo"
    },
    "coupled-blocks-exchanged": (BLOCK, f"{BLOCK}\n    g = 1 - g if layer.coupled else g"),
    "coupled-o-is-third": (
        BLOCK,
        f"{BLOCK}\n    g = min(g + 1, len(p) - 1) if layer.coupled and gate != 'o' and layer.peephole == 'diagonal' else g",
    ),
}  # fmt: skip

CLIP = "    low = -K if a < -K else a\n    return K if K < low else low\n"
CLIPPING = {
    "ignored": ("    if K is None:\n", "    if True:\n"),
    "above-only": (CLIP, "    return K if K < a else a\n"),
    "below-only": (CLIP, "    return -K if a < -K else a\n"),
    "hides-nan": (CLIP, "    return max(-K, min(K, a))\n"),
    "nan-is-low": (CLIP, "    return min(K, max(-K, a))\n"),
    "to-zero": (CLIP, "    return 0.0 if a < -K or K < a else a\n"),
    "scaled": (CLIP, "    return mul(K, max(-1.0, min(1.0, div(a, K)))) if a == a else a\n"),
    "below-zero": (CLIP, "    low = 0.0 if a < 0.0 else a\n    return K if K < low else low\n"),
}

START = 'a = add(0.0, layer.parameters["qb"][0][j]) if "qb" in layer.parameters else 0.0'
TERM = "a = add(a, mul(u[k], Q[k][j]))"
LOOP = "    for k in range(len(u)):\n        " + TERM + "\n    return a\n"
PROJECTED = {
    "qb-ignored": (START, "a = 0.0"),
    "qb-last": (
        START + "\n" + LOOP,
        "a = 0.0\n"
        + LOOP.replace(
            "return a",
            'return add(a, layer.parameters["qb"][0][j]) if "qb" in layer.parameters else a',
        ),
    ),
    "qb-of-column-0": (START, START.replace("[0][j]", "[0][0]")),
    "qb-asks-for-b": (START, START.replace(" else 0.0", " and layer.bias is not None else 0.0")),
    "start-at-minus-zero": (START, START.replace("else 0.0", "else -0.0")),
    "fma": (TERM, "a = add(a, u[k] * Q[k][j])"),
    "binary64": (TERM, "a = a + u[k] * Q[k][j]"),
    "descending": (LOOP, LOOP.replace("in range(len(u))", "in reversed(range(len(u)))")),
    "last-left-out": (LOOP, LOOP.replace("range(len(u))", "range(len(u) - 1)")),
    "transposed": (TERM, "a = add(a, mul(u[k], [v for row in Q for v in row][j * len(u) + k]))"),
}

# --- cells.py -------------------------------------------------------------------------------------

WHOLE = """            if gate != "g":
                a[k] = peephole(layer, a[k], v, gate, j)
            a[k] = clip(a[k], layer.clip)
"""
ADDED = "a[k] = peephole(layer, a[k], v, gate, j)"
CUT = "            a[k] = clip(a[k], layer.clip)\n"
NEW_C = "    new_c = [clip(new_c[j], layer.cell_clip) for j in range(H)]\n"
OF_NEW_C = '    whole("o", new_c)\n    o = [gates(v) for v in block("o")]\n'
OF_INPUT = "i = [sub(1.0, f[j]) for j in range(H)]"
OF_FORGET = "f = [sub(1.0, i[j]) for j in range(H)]"
OF_U = "new_h = [T(projected(layer, u, j)) for j in range(layer.projection)]"
OF_H = "new_h = [clip(v, layer.projection_clip) for v in new_h]"
U_LINE = "u = [T(mul(o[j], output(new_c[j]))) for j in range(H)]"
LSTM = {
    **{
        f"clip-spares-{gate}": (CUT, f'            a[k] = a[k] if gate == "{gate}" else clip(a[k], layer.clip)\n')
        for gate in "ifgo"
    },
    "clip-before-peephole": (
        WHOLE,
        CUT + '            if gate != "g":\n                ' + ADDED + "\n",
    ),
    "clip-before-and-after-peephole": (WHOLE, CUT + WHOLE),
    "clip-of-the-peephole": (
        ADDED,
        "a[k] = add(a[k], clip(peephole(layer, 0.0, v, gate, j), layer.clip))",
    ),
    "clip-before-h": (
        "a = columns(layer, x, h, range(len(order) * H))",
        "a = [clip(w, layer.clip) for w in columns(layer, x, h, range(len(order) * H))]",
    ),
    "clip-of-x-alone": (
        "a = columns(layer, x, h, range(len(order) * H))",
        "a = columns(layer, x, h, range(len(order) * H))\n"
        "    only = columns(layer, x, None, range(len(order) * H))\n"
        "    a = [add(clip(one, layer.clip), sub(all_, one)) if layer.clip else all_ for one, all_ in zip(only, a)]",
    ),
    "clip-is-cell-clip": (CUT, "            a[k] = clip(a[k], layer.cell_clip)\n"),
    "cell-clip-is-clip": (NEW_C, NEW_C.replace("layer.cell_clip", "layer.clip")),
    "clip-cuts-both": (NEW_C, NEW_C + "    new_c = [clip(v, layer.clip) for v in new_c]\n"),
    "cell-clip-ignored": (NEW_C, ""),
    "cell-clip-for-h-alone": (
        "return LstmStep(a, i, f, g, o, new_c, u, new_h)",
        "return LstmStep(a, i, f, g, o, [T(add(mul(f[j], c[j]), mul(i[j], g[j]))) for j in range(H)], u, new_h)",
    ),
    "cell-clip-behind-h": (
        NEW_C + OF_NEW_C + "    " + U_LINE + "\n",
        OF_NEW_C + "    " + U_LINE + "\n" + NEW_C,
    ),
    "cell-clip-behind-o": (NEW_C + OF_NEW_C, OF_NEW_C + NEW_C),
    "cell-clip-of-the-old": (
        "    new_c = [T(add(mul(f[j], c[j]), mul(i[j], g[j]))) for j in range(H)]\n",
        "    new_c = [T(add(mul(f[j], clip(c[j], layer.cell_clip)), mul(i[j], g[j]))) for j in range(H)]\n",
    ),
    "cell-clip-of-the-products": (
        "    new_c = [T(add(mul(f[j], c[j]), mul(i[j], g[j]))) for j in range(H)]\n",
        "    new_c = [T(add(clip(mul(f[j], c[j]), layer.cell_clip), clip(mul(i[j], g[j]), layer.cell_clip))) for j in range(H)]\n",
    ),
    "peephole-of-o-old": ('whole("o", new_c)', 'whole("o", c)'),
    "peephole-of-o-tanh": ('whole("o", new_c)', 'whole("o", [output(v) for v in new_c])'),
    "peephole-of-g": ('if gate != "g":\n                a[k]', 'if True:\n                gate = gate if gate != "g" else order[0]\n                a[k]'),
    "peephole-of-tanh": ("        whole(gate, c)\n", "        whole(gate, [output(v) for v in c])\n"),
    "peephole-before-h": (
        ADDED,
        "a[k] = peephole(layer, columns(layer, x, None, range(k, k + 1))[0], v, gate, j)\n"
        "                for m in range(len(h)):\n"
        '                    a[k] = add(a[k], mul(h[m], layer.parameters["R"][m][k]))',
    ),
    "peephole-apart": (ADDED, "a[k] = add(peephole(layer, 0.0, v, gate, j), a[k])"),
    "peephole-twice": (ADDED, ADDED + "\n                " + ADDED),
    "coupled-input-by-a": (OF_INPUT, 'i = [gates(-v) for v in block("f")]'),
    "coupled-forget-by-a": (OF_FORGET, 'f = [gates(-v) for v in block("i")]'),
    "coupled-input-same": (OF_INPUT, "i = list(f)"),
    "coupled-forget-same": (OF_FORGET, "f = list(i)"),
    "coupled-input-cut": (OF_INPUT, "i = [min(max(sub(1.0, f[j]), 0.0), 1.0) for j in range(H)]"),
    "coupled-forget-cut": (OF_FORGET, "f = [min(max(sub(1.0, i[j]), 0.0), 1.0) for j in range(H)]"),
    "coupled-input-T": (OF_INPUT, "i = [T(sub(1.0, f[j])) for j in range(H)]"),
    "coupled-forget-T": (OF_FORGET, "f = [T(sub(1.0, i[j])) for j in range(H)]"),
    "coupled-input-gated": (OF_INPUT, "i = [gates(sub(1.0, f[j])) for j in range(H)]"),
    "coupled-exchanged": (
        '    if layer.coupled == "input":\n        f = [gates(v) for v in block("f")]\n        i = [sub(1.0, f[j]) for j in range(H)]\n',
        '    if layer.coupled == "input":\n        i = [gates(v) for v in block("f")]\n        f = [sub(1.0, i[j]) for j in range(H)]\n',
    ),
    "coupled-forget-exchanged": (
        'i = [gates(v) for v in block("i")]\n        f = [sub(1.0, i[j]) for j in range(H)]\n',
        'f = [gates(v) for v in block("i")]\n        i = [sub(1.0, f[j]) for j in range(H)]\n',
    ),
    "coupled-product-spread": (
        "    new_c = [T(add(mul(f[j], c[j]), mul(i[j], g[j]))) for j in range(H)]\n",
        "    new_c = [T(add(mul(f[j], c[j]), sub(g[j], mul(f[j], g[j])))) if layer.coupled == 'input' else T(add(mul(f[j], c[j]), mul(i[j], g[j]))) for j in range(H)]\n",
    ),
    "projection-clips-the-gates-bound": (OF_U, OF_U.replace("T(projected(layer, u, j))", "clip(T(projected(layer, u, j)), layer.clip)")),
    "projection-of-the-old-h": ("    new_h = u\n", "    u = [T(v) for v in h] if len(h) == len(u) and layer.projection else u\n    new_h = u\n"),
    "projection-ignored-where-square": ("    if layer.projection is not None:\n", "    if layer.projection is not None and layer.projection != H:\n"),
    "projection-of-c": (OF_U, OF_U.replace("(layer, u, j)", "(layer, new_c, j)")),
    "projection-without-T": (OF_U, OF_U.replace("T(projected(layer, u, j))", "projected(layer, u, j)")),
    "projection-activated": (OF_U, OF_U.replace("T(projected(layer, u, j))", "output(projected(layer, u, j))")),
    "projection-clip-ignored": (OF_H, "new_h = list(new_h)"),
    "projection-clip-of-u": (
        OF_U,
        "u = [clip(v, layer.projection_clip) for v in u]\n        " + OF_U,
    ),
    "projection-clip-is-cell-clip": (OF_H, OF_H.replace("projection_clip", "cell_clip")),
    "u-without-T": (U_LINE, U_LINE.replace("T(mul(o[j], output(new_c[j])))", "mul(o[j], output(new_c[j]))")),
}  # fmt: skip

R_LINE = "a = [clip(v, K) for v in columns(layer, x, h, range(2 * H))]"
N_BEFORE = "a += [clip(v, K) for v in columns(layer, x, u, range(2 * H, 3 * H))]"
N_AFTER = "n = [candidate(clip(add(p[j], T(mul(r[j], d[j]))), K)) for j in range(H)]"
P_LINE = "p = columns(layer, x, None, range(2 * H, 3 * H))"
D_LINE = "d = [second(layer, h, j) for j in range(H)]"
GRU = {
    "clip-spares-r": (R_LINE, R_LINE + "\n    a[:H] = columns(layer, x, h, range(H))"),
    "clip-spares-z": (R_LINE, R_LINE + "\n    a[H:] = columns(layer, x, h, range(H, 2 * H))"),
    "clip-spares-n-before": (N_BEFORE, "a += columns(layer, x, u, range(2 * H, 3 * H))"),
    "clip-spares-n-after": (N_AFTER, N_AFTER.replace("clip(add(p[j], T(mul(r[j], d[j]))), K)", "add(p[j], T(mul(r[j], d[j])))")),
    "clip-of-p-too": (P_LINE, "p = [clip(v, K) for v in columns(layer, x, None, range(2 * H, 3 * H))]"),
    "clip-of-d-too": (D_LINE, "d = [clip(second(layer, h, j), K) for j in range(H)]"),
    "clip-of-the-product-too": (N_AFTER, N_AFTER.replace("T(mul(r[j], d[j]))", "clip(T(mul(r[j], d[j])), K)")),
    "clip-of-p-alone": (N_AFTER, N_AFTER.replace("clip(add(p[j], T(mul(r[j], d[j]))), K)", "add(clip(p[j], K), T(mul(r[j], d[j])))")),
    "clip-of-u": ("u = [T(mul(r[k], h[k])) for k in range(H)]", "u = [clip(T(mul(r[k], h[k])), K) for k in range(H)]"),
    "clip-of-h": ("    return GruStep(a, r, z, u, p, d, n, new_h)", "    return GruStep(a, r, z, u, p, d, n, [clip(v, K) for v in new_h])"),
}  # fmt: skip
ELMAN_LINE = "a = [clip(v, layer.clip) for v in columns(layer, x, h, range(H))]"
ELMAN = {
    "clip-ignored": (ELMAN_LINE, "a = columns(layer, x, h, range(H))"),
    "clip-of-h": (
        ELMAN_LINE + "\n    return ElmanStep(a, [activation(a[j]) for j in range(H)])",
        "a = columns(layer, x, h, range(H))\n"
        "    return ElmanStep(a, [clip(activation(a[j]), layer.clip) for j in range(H)])",
    ),
    "clip-of-x": (
        ELMAN_LINE,
        "a = [clip(v, layer.clip) for v in columns(layer, x, None, range(H))]\n"
        "    for j in range(H):\n        for k in range(H):\n"
        '            a[j] = add(a[j], mul(h[k], layer.parameters["R"][k][j]))',
    ),
    "clip-after-T": (ELMAN_LINE, "a = [clip(T(v), layer.clip) for v in columns(layer, x, h, range(H))]"),
}  # fmt: skip
BOUNDS = {
    "clip-binary64": ("return f32(entry[name]) if", "return entry[name] if"),
    "epsilon-binary64": ('epsilon=f32(entry.get("epsilon", 0.0))', 'epsilon=entry.get("epsilon", 0.0)'),
    "coupled-exchanged": (
        'coupled=entry.get("coupled", "")',
        'coupled={"input": "forget", "forget": "input"}.get(entry.get("coupled", ""), "")',
    ),
    "cell-clip-is-clip": ('bound(entry, "cell_clip")', 'bound(entry, "clip")'),
    "projection-clip-is-clip": ('bound(entry, "projection_clip")', 'bound(entry, "clip")'),
}  # fmt: skip


def mutants() -> Iterator[Mutant]:
    """All of them."""
    yield from table("peephole", "chain", CASES, PEEPHOLE)
    yield from table("clip", "chain", CASES, CLIPPING)
    yield from table("projection", "chain", CASES, PROJECTED)
    yield from table("lstm-options", "cells", CASES, LSTM)
    yield from table("gru-options", "cells", ("clips",), GRU)
    yield from table("elman-options", "cells", ("clips", "activations", "elman"), ELMAN)
    yield from table("bounds", "net", (*CASES, "layer_norm"), BOUNDS)
