"""Mistakes that people make, one by one: in the arithmetic, in sequences, in decoding."""

from collections.abc import Iterator
from itertools import permutations

from conformance.mutants.mutant import Mutant, replaced

CELL = ("lstm", "arithmetic", "one_hot")
CHAIN = ("dense", "lstm", "arithmetic")
SUMS = ("softmax", "log_softmax")
SEQUENCES = ("sequences", "state", "arithmetic")
DECODING = ("decoding",)
TERM_X = "a = add(a, mul(x[k], W[k][j]))"
TERM_H = "a = add(a, mul(h[k], R[k][j]))"
START = "a = add(0.0, layer.bias[j]) if layer.bias is not None else 0.0"
X_LOOP = "    for k in range(len(x)):\n        " + TERM_X + "\n"
H_LOOP = (
    '    if h is not None:\n        R = layer.parameters["R"]\n'
    "        for k in range(len(h)):\n            " + TERM_H + "\n"
)


def mutants() -> Iterator[Mutant]:
    """All of them."""
    yield from gates()
    yield from table("chain", "scalar", CHAIN, CHAIN_MISTAKES)
    yield from table("lstm", "scalar", CELL, CELL_MISTAKES)
    yield from table("softmax", "scalar", SUMS, SOFTMAX_MISTAKES)
    yield from table("softmax", "functions", SUMS, SUM_MISTAKES)
    yield from table("functions", "functions", ("functions",), FUNCTION_MISTAKES)
    yield from table("rounding", "float32", ("arithmetic", "functions"), ROUNDING_MISTAKES)
    yield from table("loading", "net", ("arithmetic", "embedding", "lstm"), LOADING_MISTAKES)
    yield from table("layers", "scalar", ("embedding", "one_hot"), LAYER_MISTAKES)
    yield from table("sequences", "scalar", SEQUENCES, SEQUENCE_MISTAKES)
    yield from table("selftest", "answer", ("selftest", "sequences"), SELFTEST_MISTAKES)
    yield from table("decoding", "decode", DECODING, DECODING_MISTAKES)
    seed = {"seed-default-1": ('request.get("seed", 0)', 'request.get("seed", 1)')}
    yield from table("decoding", "answer", DECODING, seed)
    names = '("unknown", "start", "end", "padding")'
    silent = {"padding-gives-text": (names, names.replace(', "padding"', ""))}
    yield from table("decoding", "net", DECODING, silent)


def table(
    section: str, module: str, cases: tuple[str, ...], mistakes: dict[str, tuple[str, str]]
) -> Iterator[Mutant]:
    """One mutant for each entry: what it is called, what it replaces, by what."""
    for name, (old, new) in mistakes.items():
        yield Mutant(f"{section}/{name}", section, module, replaced(module, old, new), cases)


def gates() -> Iterator[Mutant]:
    """The 23 wrong orders of the four blocks."""
    old = """    i = [sigmoid(a[j]) for j in range(H)]
    f = [sigmoid(a[H + j]) for j in range(H)]
    g = [tanh(a[2 * H + j]) for j in range(H)]
    o = [sigmoid(a[3 * H + j]) for j in range(H)]
"""
    for order in permutations("ifgo"):
        if "".join(order) == "ifgo":
            continue
        new = "".join(
            f"    {gate} = [{'tanh' if gate == 'g' else 'sigmoid'}(a[{block} * H + j])"
            " for j in range(H)]\n"
            for block, gate in enumerate(order)
        )
        name = f"lstm/gates-{''.join(order)}"
        yield Mutant(name, "lstm", "scalar", replaced("scalar", old, new), CELL)


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
    "bias-twice": ("    return a\n", "    return add(a, layer.bias[j]) if layer.bias else a\n"),
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

C_LINE = "new_c = [T(add(mul(f[j], c[j]), mul(i[j], g[j]))) for j in range(H)]"
H_LINE = "new_h = [T(mul(o[j], tanh(new_c[j]))) for j in range(H)]"
COLUMNS = "    a = columns(layer, x, h)\n    i = "
CELL_MISTAKES = {
    "c-fma-first": (C_LINE, C_LINE.replace("mul(f[j], c[j])", "f[j] * c[j]")),
    "c-fma-second": (C_LINE, C_LINE.replace("mul(i[j], g[j])", "i[j] * g[j]")),
    "c-binary64": (C_LINE, "new_c = [T(add(f[j] * c[j], i[j] * g[j])) for j in range(H)]"),
    "c-without-T": (C_LINE, "new_c = [add(mul(f[j], c[j]), mul(i[j], g[j])) for j in range(H)]"),
    "h-without-T": (H_LINE, "new_h = [mul(o[j], tanh(new_c[j])) for j in range(H)]"),
    "h-of-old-c": (H_LINE, H_LINE.replace("new_c", "c")),
    "h-without-tanh": (H_LINE, H_LINE.replace("tanh(new_c[j])", "new_c[j]")),
    "h-sigmoid": (H_LINE, H_LINE.replace("tanh(", "sigmoid(")),
    "coupled-i": (C_LINE, C_LINE.replace("mul(i[j]", "mul(sub(1.0, f[j])")),
    "coupled-f": (C_LINE, C_LINE.replace("mul(f[j]", "mul(sub(1.0, i[j])")),
    "c-of-h": (C_LINE, C_LINE.replace("c[j])", "h[j])")),
    "c-without-f": (C_LINE, C_LINE.replace("mul(f[j], c[j])", "c[j]")),
    "c-clipped": (C_LINE, C_LINE + "\n    new_c = [max(-3.0, min(3.0, v)) for v in new_c]"),
    "forget-bias": ("f = [sigmoid(a[H + j])", "f = [sigmoid(add(a[H + j], 1.0))"),
    "g-sigmoid": ("g = [tanh(", "g = [sigmoid("),
    "peephole": ("o = [sigmoid(a[3 * H + j])", "o = [sigmoid(add(a[3 * H + j], c[j]))"),
    "gate-of-new-h": (
        C_LINE + "\n    " + H_LINE,
        C_LINE + "\n    " + H_LINE + "\n    a = columns(layer, x, new_h)\n"
        "    o = [sigmoid(a[3 * H + j]) for j in range(H)]\n"
        "    new_h = [T(mul(o[j], tanh(new_c[j]))) for j in range(H)]",
    ),
    "in-place-c": (
        C_LINE,
        "new_c = list(c)\n    for j in range(H):\n"
        "        new_c[j] = T(add(mul(f[j], new_c[j - 1]), mul(i[j], g[j])))",
    ),
    "y-is-c": ("            y = new.h\n", "            y = new.c\n"),
    "state-h-is-c": ('{"h": new.h, "c": new.c}', '{"h": new.c, "c": new.h}'),
    "c-not-checked": ("            require_finite(new.c)\n", ""),
    "dense-without-T": (
        "[T(a[j]) for j in range(layer.size)]",
        "[a[j] for j in range(layer.size)]",
    ),
    "dense-relu": (
        "[T(a[j]) for j in range(layer.size)]",
        "[max(T(a[j]), 0.0) for j in range(layer.size)]",
    ),
}

E_LINE = "e = [exp(sub(x[k], m)) for k in range(len(x))]\n    s = sum16(e)\n    return [T(div("
L_LINE = "e = [exp(sub(x[k], m)) for k in range(len(x))]\n    s = sum16(e)\n    return [T(sub("
SOFTMAX = "return [T(div(e[k], s)) for k in range(len(x))]"
LOG_SOFTMAX = "return [T(sub(sub(x[k], m), log(s))) for k in range(len(x))]"
SOFTMAX_MISTAKES = {
    "reciprocal": (SOFTMAX, "r = div(1.0, s)\n    return [T(mul(e[k], r)) for k in range(len(x))]"),
    "without-T": (SOFTMAX, SOFTMAX.replace("T(div(e[k], s))", "div(e[k], s)")),
    "without-maximum": (E_LINE, E_LINE.replace("sub(x[k], m)", "x[k]")),
    "maximum-from-0": ("    m = x[0]\n", "    m = 0.0\n"),
    "maximum-skips-last": (
        "for k in range(1, len(x)):\n        m",
        "for k in range(1, len(x) - 1):\n        m",
    ),
    "minimum": ("m = x[k] if m < x[k]", "m = x[k] if m > x[k]"),
    "binary64-sum": (E_LINE, E_LINE.replace("sum16(e)", "sum(e)")),
    "log-without-maximum": (L_LINE, L_LINE.replace("sub(x[k], m)", "x[k]")),
    "log-binary64-sum": (L_LINE, L_LINE.replace("sum16(e)", "sum(e)")),
    "log-of-probability": (LOG_SOFTMAX, "return [T(log(div(e[k], s))) for k in range(len(x))]"),
    "log-without-T": (
        LOG_SOFTMAX,
        LOG_SOFTMAX.replace("T(sub(sub(x[k], m), log(s)))", "sub(sub(x[k], m), log(s))"),
    ),
    "log-other-order": (
        LOG_SOFTMAX,
        LOG_SOFTMAX.replace("sub(sub(x[k], m), log(s))", "sub(x[k], add(m, log(s)))"),
    ),
    "log-not-finite": ("        if not math.isfinite(v):", "        if math.isnan(v):"),
}

BODY = """    s = [0.0] * 16
    for k in range(len(v)):
        s[k % 16] = add(s[k % 16], v[k])
    for i in range(8):
        s[i] = add(s[i], s[i + 8])
    for i in range(4):
        s[i] = add(s[i], s[i + 4])
    for i in range(2):
        s[i] = add(s[i], s[i + 2])
    return add(s[0], s[1])
"""
ASCENDING = "    a = 0.0\n    for k in {}:\n        a = add(a, v[k])\n    return a\n"
SUM_MISTAKES = {
    "ascending": (BODY, ASCENDING.format("range(len(v))")),
    "descending": (BODY, ASCENDING.format("reversed(range(len(v)))")),
    "exactly-rounded": (BODY, "    a = math.fsum(v)\n    return add(a, 0.0)\n"),
    "sixteen-then-ascending": (
        BODY[BODY.index("    for i in range(8)") :],
        "    a = 0.0\n    for k in range(16):\n        a = add(a, s[k])\n    return a\n",
    ),
    "neighbours-first": (
        BODY[BODY.index("    for i in range(8)") :],
        "    while len(s) > 1:\n        s = [add(s[k], s[k + 1]) for k in range(0, len(s), 2)]\n"
        "    return s[0]\n",
    ),
    "blocks": (
        "s[k % 16] = add(s[k % 16], v[k])",
        "b = k * 16 // len(v)\n        s[b] = add(s[b], v[k])",
    ),
    **{
        f"lanes-{n}": (
            BODY,
            f"    s = [0.0] * {n}\n    for k in range(len(v)):\n"
            f"        s[k % {n}] = add(s[k % {n}], v[k])\n"
            "    while len(s) > 1:\n        half = len(s) // 2\n"
            "        s = [add(s[k], s[k + half]) for k in range(half)]\n    return s[0]\n",
        )
        for n in (2, 4, 8, 32)
    },
    "rest-apart": (  # the full blocks of sixteen first, what is left added in order
        BODY,
        "    n = len(v) // 16 * 16\n    s = [0.0] * 16\n    for k in range(n):\n"
        "        s[k % 16] = add(s[k % 16], v[k])\n"
        "    while len(s) > 1:\n        half = len(s) // 2\n"
        "        s = [add(s[k], s[k + half]) for k in range(half)]\n"
        "    a = s[0]\n    for k in range(n, len(v)):\n        a = add(a, v[k])\n    return a\n",
    ),
}

FUNCTION_MISTAKES = {
    "exp-of-math": (
        "    y = mul(add(1.0, u), power_of_two(n - 1))\n    return T(add(y, y))",
        "    return T(add(math.exp(v), 0.0)) if v <= 88.72283 else add(v, math.inf)",
    ),
    "tanh-of-math": ("    return T(-y if x < 0.0 else y)", "    return T(add(math.tanh(x), 0.0))"),
    "sigmoid-of-math": (
        "    return T(logistic(-x))",
        "    return T(add(1 / (1 + math.exp(min(-x, 700.0))), 0.0))",
    ),
    "log-of-math": (
        "    return T(add(add(f, j), mul(float(k), LN2HI)))",
        "    return T(add(math.log(x), 0.0))",
    ),
    "sigmoid-of-tanh": (
        "    return T(logistic(-x))",
        "    return T(add(0.5, mul(0.5, tanh(mul(0.5, x)))))",
    ),
    "sigmoid-of-exp": ("    return T(logistic(-x))", "    return T(div(1.0, add(1.0, exp(-x))))"),
    "tanh-of-sigmoid": (
        "    return T(-y if x < 0.0 else y)",
        "    return T(sub(mul(2.0, sigmoid(add(x, x))), 1.0))",
    ),
    "tanh-even": ("    return T(-y if x < 0.0 else y)", "    return T(y)"),
    "tanh-copysign": ("    return T(-y if x < 0.0 else y)", "    return T(math.copysign(y, x))"),
    "n-by-floor": (
        "n = sub(add(mul(v, LOG2E), MAGIC), MAGIC)",
        "n = float(math.floor(mul(v, LOG2E))) if v == v else v",
    ),
    "n-half-up": (
        "n = sub(add(mul(v, LOG2E), MAGIC), MAGIC)",
        "n = float(math.floor(mul(v, LOG2E) + 0.5)) if v == v else v",
    ),
    "n-binary64": (
        "n = sub(add(mul(v, LOG2E), MAGIC), MAGIC)",
        "n = float(round(v * LOG2E)) if v == v else v",
    ),
    "estrin": (
        "    q = add(mul(E6, r), E5)\n    q = add(mul(q, r), E4)\n"
        "    q = add(mul(q, r), E3)\n    q = add(mul(q, r), E2)\n",
        "    z = mul(r, r)\n    q = add(mul(E3, r), E2)\n    p = add(mul(E5, r), E4)\n"
        "    q = add(q, mul(z, add(p, mul(z, E6))))\n",
    ),
    "u-other-parentheses": (
        "u = add(r, mul(mul(r, r), q))",
        "u = add(r, mul(r, mul(r, q)))",
    ),
    "big-small-exchanged": (
        "return div(w, add(big, add(small, u)))",
        "return div(w, add(small, add(big, u)))",
    ),
    "logistic-plain-sum": ("add(big, add(small, u))", "add(add(big, small), u)"),
    "nan-to-number": ("    a = -64.0 if x < -64.0 else x\n", "    a = x if x > -64.0 else -64.0\n"),
    "nan-to-number-logistic": (
        "    a = -64.0 if s < -64.0 else s\n",
        "    a = s if s > -64.0 else -64.0\n",
    ),
    "log-m-from-half": ("    if m < ROOT:\n", "    if m < 0.75:\n"),
    "log-m-below-root": ("    if m < ROOT:\n", "    if m <= ROOT:\n"),
    "log-of-negative": ("if math.isnan(x) or x < 0.0:", "if math.isnan(x):"),
}

ROUNDING_MISTAKES = {
    "T-above": ("0.0 if abs(v) < TINY else v", "0.0 if abs(v) <= TINY else v"),
    "T-none": ("0.0 if abs(v) < TINY else v", "v"),
    "T-keeps-sign": (
        "0.0 if abs(v) < TINY else v",
        "math.copysign(0.0, v) if abs(v) < TINY else v",
    ),
    "T-normal-range": ("TINY = 2.0**-51", "TINY = 2.0**-126"),
    "T-50": ("TINY = 2.0**-51", "TINY = 2.0**-50"),
    "T-52": ("TINY = 2.0**-51", "TINY = 2.0**-52"),
    "T-nan": ("0.0 if abs(v) < TINY else v", "v if abs(v) >= TINY else 0.0"),
    "add-binary64": ("_cell[0] = a + b\n    return _cell[0]", "return a + b"),
    "mul-binary64": ("_cell[0] = a * b\n    return _cell[0]", "return a * b"),
    "div-binary64": ("return f32(a / b)", "return a / b"),
    **{
        f"{name}-{how}": (f"_cell[0] = a {sign} b\n    return _cell[0]", body.format(sign=sign))
        for name, sign in (("add", "+"), ("mul", "*"))
        for how, body in {
            "ties-away": "r = a {sign} b\n    f = f32(r)\n"
            "    if f != r and r - f in (2.0**-25, 2.0**-24, 2.0**-23, 2.0**-22, 0.5, 1.0):\n"
            "        return from_bits(bits(f) + 1)\n    return f",
            "truncated": "r = a {sign} b\n    f = f32(r)\n"
            "    return f if abs(f) <= abs(r) or f != f else from_bits(bits(f) - 1)",
        }.items()
    },
}

LOADING_MISTAKES = {
    "no-T-on-parameters": ("[[T(v) for v in row]", "[[v for v in row]"),
    "half-width": ("inputs = size\n    return", "inputs = width\n    return"),
}

INPUT_T = "        return [T(v) for v in x.values[start : start + net.width]]\n    return int"
STATE_T = "name: {part: [T(v) for v in values] for part, values in parts.items()}"
VALID = "            if t < (steps if lengths is None else lengths[n]):\n"
SEQUENCE_MISTAKES = {
    "no-T-on-input": (INPUT_T, INPUT_T.replace("T(v)", "v")),
    "no-T-on-state": (STATE_T, STATE_T.replace("T(v)", "v")),
    "padding-computed": (VALID, "            if True:\n"),
    "padding-moves-the-state": (
        "                output += [0.0] * width\n",
        "                step(net, input_at(net, x, n, t), row, columns)\n"
        "                output += [0.0] * width\n",
    ),
    "padding-keeps-the-last": (
        "                output += [0.0] * width\n",
        "                output += output[-width:] if t else [0.0] * width\n",
    ),
    "one-step-more": (VALID, VALID.replace("t <", "t <=")),
    "one-step-less": (VALID, VALID.replace("t <", "t + 1 <")),
    "lengths-ignored-in-check": (
        "for t in range(steps if lengths is None else lengths[n]):",
        "for t in range(steps):",
    ),
    "lengths-of-row-0": (VALID, VALID.replace("lengths[n]", "lengths[0]")),
    "state-ignored": (
        "before = initial(net, N) if state is None else state",
        "before = initial(net, N)",
    ),
    "state-of-row-0": ("row_of(before, n).items()", "row_of(before, 0).items()"),
    "rows-share-the-state": (
        "    after: list[RowState] = []\n    for n in range(N):\n        row = {",
        "    after: list[RowState] = []\n    row: RowState = {}\n    for n in range(N):\n"
        "        row = row or {",
    ),
    "time-reversed": ("input_at(net, x, n, t), row", "input_at(net, x, n, steps - 1 - t), row"),
    "rows-and-time-exchanged": (
        "start = (n * x.shape[1] + t) * net.width",
        "start = (t * x.shape[0] + n) * net.width",
    ),
    "only-last-layer-checked": (
        "        require_finite(y)\n        outputs.append(y)\n        x = y\n    return outputs",
        "        outputs.append(y)\n        x = y\n    require_finite(y)\n    return outputs",
    ),
    "nothing-checked": (
        "        if not math.isfinite(v):\n            raise",
        "        if False:\n            raise",
    ),
    "negative-id-wraps": ("or not 0 <= x[n][t] < net.width", "or not x[n][t] < net.width"),
    "id-V": ("or not 0 <= x[n][t] < net.width", "or not 0 <= x[n][t] <= net.width"),
    "fraction-cut": ("x[n][t] != int(x[n][t]) or ", ""),
    "ragged": (" or any(len(row) != len(x[0]) for row in x)", ""),
    "rank-ignored": (
        "len(x.shape) != 3 or x.shape[0] < 1 or x.shape[2]",
        "x.shape[0] < 1 or x.shape[-1]",
    ),
    "no-row": ("or x.shape[0] < 1 or", "or"),
    "length-negative": ("length < 0 or length > steps for", "length > steps for"),
    "length-large": ("length < 0 or length > steps for", "length < 0 for"),
    "lengths-few": ("len(lengths) != N:", "len(lengths) > N:"),
    "lengths-many": ("len(lengths) != N:", "len(lengths) < N:"),
    "nan-input": (
        "if not all(math.isfinite(v) for v in x.values[start : start + net.width]):",
        "if any(math.isinf(v) for v in x.values[start : start + net.width]):",
    ),
    "infinite-input": (
        "if not all(math.isfinite(v) for v in x.values[start : start + net.width]):",
        "if any(math.isnan(v) for v in x.values[start : start + net.width]):",
    ),
    "nan-state": (
        "for v in array.values):\n                raise",
        "for v in array.values if v == v):\n                raise",
    ),
    "infinite-state": (
        "if not all(math.isfinite(v) for v in array.values):\n                raise",
        "if any(math.isnan(v) for v in array.values):\n                raise",
    ),
    "layer-missing": (
        "if set(state) != {layer.name for layer in net.recurrent}:",
        "if not set(state) <= {layer.name for layer in net.recurrent}:",
    ),
    "layer-extra": (
        "if set(state) != {layer.name for layer in net.recurrent}:",
        "if not set(state) >= {layer.name for layer in net.recurrent}:",
    ),
    "array-missing": ('if set(parts) != {"h", "c"}:', 'if not set(parts) <= {"h", "c"}:'),
    "array-extra": ('if set(parts) != {"h", "c"}:', 'if not set(parts) >= {"h", "c"}:'),
    "state-size-alone": (
        "array.shape != (N, layer.size) for",
        "len(array.values) != N * layer.size for",
    ),
    "state-first": (
        "    if lengths is not None and len(lengths) != N:\n",
        "    if state is not None:\n        check_state(net, N, state)\n"
        "    if lengths is not None and len(lengths) != N:\n",
    ),
    "lengths-after-input": (
        "    if lengths is not None and any(length < 0 or length > steps for length in lengths):\n"
        '        raise RunError("RUN_LENGTH")\n    for n in range(N):\n'
        "        for t in range(steps if lengths is None else lengths[n]):\n",
        "    for n in range(N):\n"
        "        if lengths is not None and not 0 <= lengths[n] <= steps:\n"
        '            raise RunError("RUN_LENGTH")\n'
        "        for t in range(steps if lengths is None else lengths[n]):\n",
    ),
}
LAYER_MISTAKES = {
    "embedding-column": (
        'list(layer.parameters["E"][token])',
        '[row[token % layer.size] for row in layer.parameters["E"]][:layer.size]',
    ),
    "one-hot-from-1": ("1.0 if j == token else", "1.0 if j == token - 1 else"),
}

SELFTEST_MISTAKES = {
    "tolerance-absolute": (
        "if valid and abs(y - r) > tolerance * max(1.0, abs(r)):",
        "if valid and abs(y - r) > tolerance:",
    ),
    "tolerance-relative": (
        "if valid and abs(y - r) > tolerance * max(1.0, abs(r)):",
        "if valid and abs(y - r) > tolerance * abs(r):",
    ),
    "tolerance-sum": (
        "if valid and abs(y - r) > tolerance * max(1.0, abs(r)):",
        "if valid and abs(y - r) > tolerance * (1.0 + abs(r)):",
    ),
    "tolerance-below": (
        "if valid and abs(y - r) > tolerance * max(1.0, abs(r)):",
        "if valid and abs(y - r) >= tolerance * max(1.0, abs(r)):",
    ),
    "tolerance-one-sided": (
        "if valid and abs(y - r) > tolerance * max(1.0, abs(r)):",
        "if valid and y - r > tolerance * max(1.0, abs(r)):",
    ),
    "padding-compared": ("if valid and abs(y - r)", "if abs(y - r)"),
    "exact-with-tolerance": (
        "        return all(to_wire(a) == to_wire(b) for a, b in pairs)\n",
        "        return all(abs(y - r) <= 1e-6 for a, b in pairs for y, r in zip(a.values, b.values))\n",
    ),
    "final-state-ignored": ('if "final_state" in example else {}', "if False else {}"),
    "state-ignored": ('if "state" in example else None', "if False else None"),
    "lengths-ignored": ('lengths = example.get("lengths")', "lengths = None"),
    "c-ignored": (
        "for part, array in parts.items()]\n    if example",
        "for part, array in parts.items() if part == 'h']\n    if example",
    ),
    "kinds-counted-together": ('"exact": kinds.count("exact")', '"exact": len(kinds)'),
    "references-not-run": (
        "enumerate(net.examples) if not",
        'enumerate(net.examples) if example["kind"] == "exact" and not',
    ),
    "stops-at-first": (
        "    failed = [",
        "    failed = [n for n, example in enumerate(net.examples) if not passes(net, example)][:1]\n"
        "    failed = failed or [",
    ),
    "step-keeps-the-first-state": (
        "output, state = run(net, one_step(net, x, t), None, state)",
        "output, _ = run(net, one_step(net, x, t), None, state)\n"
        "                    state = state or _",
    ),
}

W_LINE = "math.floor(exp(div(sub(x[k], m), t)) * 2.0**31)"
DRAW = "return ((hi >> 5) * 2**26 + (lo >> 6)) * 2.0**-53"
CHOICE = """    cumulated = 0
    for k in range(len(w)):
        cumulated += w[k]
        if cumulated > r:
            return k
"""
SEEDING = "fmix((seed + (i + 1) * 0x9E3779B9) & WORD) for i in range(4)"
DECODING_MISTAKES = {
    "greedy-last": ("if x[best] < x[k]:", "if x[best] <= x[k]:"),
    "greedy-from-zero": ("    best = 0\n", "    best = 0\n    x = [max(v, 0.0) for v in x]\n"),
    "greedy-draws": (
        'greedy(x) if mode == "greedy"',
        '(generator.draw(), greedy(x))[1] if mode == "greedy"',
    ),
    "temperature-multiplies": (W_LINE, W_LINE.replace("div(", "mul(")),
    "temperature-reciprocal": (
        W_LINE,
        W_LINE.replace("div(sub(x[k], m), t)", "mul(sub(x[k], m), div(1.0, t))"),
    ),
    "temperature-before-maximum": (
        W_LINE,
        W_LINE.replace("div(sub(x[k], m), t)", "sub(div(x[k], t), div(m, t))"),
    ),
    "temperature-binary64": ("    t = f32(net", "    t = (net"),
    "temperature-ignored": (W_LINE, W_LINE.replace("div(sub(x[k], m), t)", "sub(x[k], m)")),
    "no-maximum": (W_LINE, W_LINE.replace("sub(x[k], m)", "x[k]")),
    "weights-rounded": (W_LINE, W_LINE.replace("math.floor(", "round(")),
    "weights-up": (W_LINE, W_LINE.replace("math.floor(", "math.ceil(")),
    "weights-at-least-1": (W_LINE, f"max(1, {W_LINE})"),
    "weights-plus-1": (W_LINE, f"1 + {W_LINE}"),
    "weights-2^30": (W_LINE, W_LINE.replace("2.0**31", "2.0**30")),
    "weights-2^32": (W_LINE, W_LINE.replace("2.0**31", "2.0**32")),
    "weights-2^31-1": (W_LINE, W_LINE.replace("2.0**31", "(2.0**31 - 1)")),
    "weights-24-bits": (W_LINE, W_LINE.replace("2.0**31", "2.0**24")),
    "weights-signed": (W_LINE, f"({W_LINE} + 2**31) % 2**32 - 2**31"),
    "sum-32-bits": ("    S = sum(w)\n", "    S = sum(w) & WORD\n"),
    "sum-binary32": (
        CHOICE,
        CHOICE.replace("cumulated += w[k]", "cumulated = f32(cumulated + w[k])"),
    ),
    "binary32-probabilities": (
        "    S = sum(w)\n    r = math.floor(u * S)\n    r = min(r, S - 1)\n",
        "    S = sum(w)\n    w = [f32(v / S) for v in w]\n    r = f32(u)\n",
    ),
    "binary64-probabilities": (
        "    S = sum(w)\n    r = math.floor(u * S)\n    r = min(r, S - 1)\n",
        "    S = sum(w)\n    w = [v / S for v in w]\n    r = u\n",
    ),
    "at-least": ("if cumulated > r:", "if cumulated >= r:"),
    "above-plus-1": ("if cumulated > r:", "if cumulated > r + 1:"),
    "r-rounded": ("r = math.floor(u * S)", "r = round(u * S)"),
    "r-up": ("r = math.floor(u * S)", "r = math.ceil(u * S)"),
    "r-of-S-1": ("r = math.floor(u * S)", "r = math.floor(u * (S - 1))"),
    "r-exact-product": ("r = math.floor(u * S)", "r = int(u * 2**53) * S >> 53"),
    "r-not-limited": ("    r = min(r, S - 1)\n", ""),
    "from-the-end": (CHOICE, CHOICE.replace("range(len(w))", "reversed(range(len(w)))")),
    "by-weight": (
        CHOICE,
        CHOICE.replace("range(len(w))", "sorted(range(len(w)), key=lambda q: -w[q])"),
    ),
    "lo-before-hi": (
        "hi = self.word()\n        lo = self.word()",
        "lo = self.word()\n        hi = self.word()",
    ),
    "one-word": ("        lo = self.word()\n", "        lo = 0\n"),
    "one-word-twice": ("        lo = self.word()\n", "        lo = hi\n"),
    "draw-24-bits": (DRAW, "return (hi >> 8) * 2.0**-24"),
    "draw-32-bits": (DRAW, "return hi * 2.0**-32"),
    "draw-6-5": (DRAW, "return ((hi >> 6) * 2**27 + (lo >> 5)) * 2.0**-53"),
    "draw-low-bits": (DRAW, "return ((hi & 0x7FFFFFF) * 2**26 + (lo & 0x3FFFFFF)) * 2.0**-53"),
    "draw-above": (DRAW, "return (((hi >> 5) * 2**26 + (lo >> 6)) + 0.5) * 2.0**-53"),
    "xoshiro128+": (
        "result = (rotl((s[1] * 5) & WORD, 7) * 9) & WORD",
        "result = (s[0] + s[3]) & WORD",
    ),
    "xoshiro128++": (
        "result = (rotl((s[1] * 5) & WORD, 7) * 9) & WORD",
        "result = (rotl((s[0] + s[3]) & WORD, 7) + s[0]) & WORD",
    ),
    "xoshiro-1.0": (
        "result = (rotl((s[1] * 5) & WORD, 7) * 9) & WORD",
        "result = (rotl((s[0] * 5) & WORD, 7) * 9) & WORD",
    ),
    "seed-without-increment": (SEEDING, SEEDING.replace("(i + 1) * ", "i * ")),
    "seed-multiplied": (
        SEEDING,
        SEEDING.replace("(seed + (i + 1) * 0x9E3779B9)", "((seed + i + 1) * 0x9E3779B9)"),
    ),
    "seed-raw": (SEEDING, "(seed + i) & WORD or 1 for i in range(4)"),
    "splitmix32": (
        "    z ^= z >> 16\n    z = (z * 0x85EBCA6B) & WORD\n    z ^= z >> 13\n"
        "    z = (z * 0xC2B2AE35) & WORD\n    z ^= z >> 16\n",
        "    z ^= z >> 16\n    z = (z * 0x21F0AAAD) & WORD\n    z ^= z >> 15\n"
        "    z = (z * 0x735A2D97) & WORD\n    z ^= z >> 15\n",
    ),
    "start-after-prime": (
        '([special["start"]] if "start" in special else []) + given',
        'given + ([special["start"]] if "start" in special else [])',
    ),
    "start-only-without-prime": (
        '([special["start"]] if "start" in special else []) + given',
        'given or ([special["start"]] if "start" in special else [])',
    ),
    "start-not-repeated": (
        '([special["start"]] if "start" in special else []) + given',
        '([special["start"]] if special.get("start", given[0] if given else 0) != (given[0] if given else None) and "start" in special else []) + given',
    ),
    "start-0-is-none": ('if "start" in special else', 'if special.get("start") else'),
    "end-0-is-none": ('token == special.get("end")', 'token == (special.get("end") or None)'),
    "end-returned": (
        '        if token == special.get("end"):\n            break\n        ids.append(token)\n',
        '        ids.append(token)\n        if token == special.get("end"):\n            break\n',
    ),
    "end-ignored": ('token == special.get("end")', "False"),
    "end-in-prime": (
        "    state = row_of(initial(net, 1), 0)\n    ids",
        '    if special.get("end") in given:\n        return []\n'
        "    state = row_of(initial(net, 1), 0)\n    ids",
    ),
    "padding-ends": (
        'token == special.get("end")',
        'token in (special.get("end"), special.get("padding"))',
    ),
    "special-left-out": (
        "        ids.append(token)\n",
        "        if token not in special.values():\n            ids.append(token)\n",
    ),
    "fed-at-once": (
        "        fed = [token]\n    return ids",
        "        fed = []\n        x = logits(net, step(net, token, state))\n    return ids",
    ),
    "state-forgotten": (
        "        fed = [token]\n",
        "        fed = [token]\n        state = row_of(initial(net, 1), 0)\n",
    ),
    "fed-twice": ("        fed = [token]\n", "        fed = [token, token]\n"),
    "only-last-of-prime": ("    if not fed:\n", "    fed = fed[-1:]\n    if not fed:\n"),
    "one-too-many": ("while len(ids) < options.count:", "while len(ids) <= options.count:"),
    "at-least-one": (
        "while len(ids) < options.count:",
        "while not ids or len(ids) < options.count:",
    ),
    "probabilities": ("return outputs[-2] if", "return outputs[-1] if"),
    "log-softmax-not-seen": ('in ("softmax", "log_softmax")', 'in ("softmax",)'),
    "mode-of-the-file": (
        'options.mode or net.decoding.get("mode", "greedy")',
        'net.decoding.get("mode", options.mode or "greedy")',
    ),
    "mode-default-sample": (
        'net.decoding.get("mode", "greedy")',
        'net.decoding.get("mode", "sample")',
    ),
    "temperature-of-the-file": (
        "if given is None else given)",
        'if given is None or "temperature" in net.decoding else given)',
    ),
    "temperature-default-1": (
        'net.decoding.get("temperature", math.nan)',
        'net.decoding.get("temperature", 1.0)',
    ),
    "temperature-not-judged-in-greedy": (
        'if given is None and mode == "greedy":',
        'if mode == "greedy":',
    ),
    "temperature-judged-before-rounding": (
        "    t = f32(net",
        "    if given is not None and given < 2.0**-7:\n"
        '        raise RunError("RUN_OPTION")\n    t = f32(net',
    ),
    "temperature-below": ("if not 2.0**-7 <= t", "if not 2.0**-7 < t"),
    "temperature-above": ("<= t <= 2.0**7", "<= t < 2.0**7"),
    "temperature-cut": (
        '    if not 2.0**-7 <= t <= 2.0**7:\n        raise RunError("RUN_OPTION")\n',
        "    t = max(2.0**-7, min(t, 2.0**7))\n",
    ),
    "seed-cut": (
        '        if not 0 <= seed <= WORD:\n            raise RunError("RUN_OPTION")\n',
        "        seed &= WORD\n",
    ),
    "seed-31-bits": ("if not 0 <= seed <= WORD:", "if not 0 <= seed <= WORD // 2:"),
    "seed-not-judged-in-greedy": (
        "generator = Generator(options.seed)",
        'generator = Generator(options.seed if mode == "sample" else 0)',
    ),
    "option-after-token": (
        "    t = temperature(net, mode, options.temperature)\n",
        "    if not isinstance(prime, str) and any(not 0 <= k < net.width for k in prime):\n"
        '        raise RunError("RUN_TOKEN")\n'
        "    t = temperature(net, mode, options.temperature)\n",
    ),
    "option-before-decoding": (
        "    if not net.generates or net.vocabulary is None:\n",
        "    Generator(options.seed)\n    if not net.generates or net.vocabulary is None:\n",
    ),
    "prime-before-decoding": (
        "    if not net.generates or net.vocabulary is None:\n",
        '    if not prime:\n        raise RunError("RUN_PRIME")\n    if not net.generates or net.vocabulary is None:\n',
    ),
    "prime-before-option": (
        "    generator = Generator(options.seed)\n",
        '    if not prime and net.vocabulary and "start" not in net.vocabulary.special:\n'
        '        raise RunError("RUN_PRIME")\n    generator = Generator(options.seed)\n',
    ),
    "id-negative": (
        "any(k != int(k) or not 0 <= k < net.width for k in given)",
        "any(k >= net.width for k in given)",
    ),
    "id-fraction": ("any(k != int(k) or not 0", "any(not 0"),
    "id-V": ("0 <= k < net.width for k in given", "0 <= k <= net.width for k in given"),
    "text-last-id": (
        "ids.append(vocabulary.tokens.index(character))",
        "ids.append(max(k for k, v in enumerate(vocabulary.tokens) if v == character))",
    ),
    "text-utf16": (
        "for character in text:",
        "for character in text if text.isascii() else [chr(u) for u in memoryview(text.encode('utf-16-le')).cast('H')]:",
    ),
    "text-nfc": (
        "    for character in text:",
        "    import unicodedata\n    for character in unicodedata.normalize('NFC', text):",
    ),
    "text-unknown-skipped": ('ids.append(vocabulary.special["unknown"])', "pass"),
    "text-lacking-skipped": ('            raise RunError("RUN_TEXT")\n', "            pass\n"),
    "special-give-text": ('"" if k in silent else vocabulary.tokens[k]', "vocabulary.tokens[k]"),
    "only-end-silent": (
        "silent = set(vocabulary.special.values())",
        'silent = {vocabulary.special.get("end")}',
    ),
    "other-vocabulary": (
        "    if not net.generates or net.vocabulary is None:\n",
        "    if net.vocabulary is None:\n",
    ),
    "empty-text-ends": (
        "        ids.append(token)\n",
        "        ids.append(token)\n        if not net.vocabulary.tokens[token]:\n            break\n",
    ),
}
