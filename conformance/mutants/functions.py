"""Mistakes in exp, log, tanh and sigmoid, in rounding and in T."""

from collections.abc import Iterator

from conformance.mutants.mutant import Mutant, table

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


def mutants() -> Iterator[Mutant]:
    """All of them."""
    yield from table("functions", "functions", ("functions",), FUNCTION_MISTAKES)
    yield from table("rounding", "float32", ("arithmetic", "functions"), ROUNDING_MISTAKES)
