"""Mistakes in softmax, log_softmax and the sum of sixteen."""

from collections.abc import Iterator

from conformance.mutants.mutant import Mutant, table

CASES = ("softmax", "log_softmax")

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


def mutants() -> Iterator[Mutant]:
    """All of them."""
    yield from table("softmax", "layers", CASES, SOFTMAX_MISTAKES)
    yield from table("softmax", "functions", CASES, SUM_MISTAKES)
    infinite = {"log-not-finite": ("        if not math.isfinite(v):", "        if math.isnan(v):")}
    yield from table("softmax", "row", CASES, infinite)
