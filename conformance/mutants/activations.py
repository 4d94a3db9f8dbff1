"""Mistakes in the activations: other functions of the same name, constants left out, NaN hidden."""

from collections.abc import Iterator

from conformance.mutants.mutant import Mutant, table

CASES = ("activations", "lstm")
SOFTPLUS = "add(0.0 if x < 0.0 else x, log(add(1.0, exp(-abs(x)))))"
ELU = "mul(alpha, sub(exp(x), 1.0)) if x < 0.0 else x"
LINE = "a = add(mul(alpha, x), beta)"
CLIP = "    low = 0.0 if a < 0.0 else a\n    return 1.0 if 1.0 < low else low\n"
HARD_TANH = "    low = -1.0 if x < -1.0 else x\n    return 1.0 if 1.0 < low else low\n"
LEAKY = "return mul(alpha, x) if x < 0.0 else x"
STRETCHED = "return mul(alpha, tanh(mul(beta, x)))"
SOFTSIGN = "return div(x, add(1.0, abs(x)))"
THRESHOLD = "return 0.0 if x <= alpha else x"
MISTAKES = {
    "without-T": (
        "return T(TABLE[self.function](x, self.alpha, self.beta))",
        "return TABLE[self.function](x, self.alpha, self.beta)",
    ),
    "T-on-x": ("TABLE[self.function](x,", "TABLE[self.function](T(x),"),
    "constants-exchanged": ("(x, self.alpha, self.beta)", "(x, self.beta, self.alpha)"),
    "alpha-ignored": ("(x, self.alpha, self.beta)", "(x, 1.0, self.beta)"),
    "beta-ignored": ("(x, self.alpha, self.beta)", "(x, self.alpha, 0.5)"),
    "relu-hides-nan": ("return 0.0 if x < 0.0 else x", "return x if x > 0.0 else 0.0"),
    "relu-of-minus": ("return 0.0 if x < 0.0 else x", "return 0.0 if x > 0.0 else x"),
    "relu-6": ("return 0.0 if x < 0.0 else x", "return 0.0 if x < 0.0 else 6.0 if x > 6.0 else x"),
    "leaky-maximum": (LEAKY, "return x if x != x else max(x, mul(alpha, x))"),
    "leaky-both-sides": (LEAKY, "return mul(alpha, x)"),
    "leaky-hides-nan": (LEAKY, "return x if x > 0.0 else mul(alpha, x) if x < 0.0 else 0.0"),
    "leaky-fixed": (LEAKY, LEAKY.replace("alpha", "0.01")),
    "elu-expm1": (ELU, "mul(alpha, math.expm1(x)) if x < 0.0 else x"),
    "elu-binary64": (ELU, "mul(alpha, exp(x) - 1.0) if x < 0.0 else x"),
    "elu-without-alpha": (ELU, "sub(exp(x), 1.0) if x < 0.0 else x"),
    "elu-alpha-inside": (ELU, "sub(mul(alpha, exp(x)), 1.0) if x < 0.0 else x"),
    "elu-distributed": (ELU, "sub(mul(alpha, exp(x)), alpha) if x < 0.0 else x"),
    "elu-both-sides": (ELU, "mul(alpha, sub(exp(x), 1.0)) if x < 1.0 else x"),
    "softplus-naive": (SOFTPLUS, "log(add(1.0, exp(x)))"),
    "softplus-log1p": (
        SOFTPLUS,
        "add(0.0 if x < 0.0 else x, add(math.log1p(math.exp(-abs(x))), 0.0)) if x == x else x",
    ),
    "softplus-threshold": (SOFTPLUS, f"x if x > 20.0 else {SOFTPLUS}"),
    "softplus-low-threshold": (SOFTPLUS, f"x if x > 10.0 else {SOFTPLUS}"),
    "softplus-hides-nan": (
        SOFTPLUS,
        SOFTPLUS.replace("0.0 if x < 0.0 else x", "x if x > 0.0 else 0.0"),
    ),
    "softsign-of-x": (SOFTSIGN, "return div(x, add(1.0, x))"),
    "softsign-reciprocal": (SOFTSIGN, "return mul(x, div(1.0, add(1.0, abs(x))))"),
    "softsign-saturates": (
        SOFTSIGN,
        "return math.copysign(1.0, x) if abs(x) == math.inf else div(x, add(1.0, abs(x)))",
    ),
    "hard_sigmoid-keras-2": (LINE, "a = add(mul(from_bits(0x3E4CCCCD), x), 0.5)"),
    "hard_sigmoid-fma": (LINE, "a = add(alpha * x, beta)"),
    "hard_sigmoid-beta-first": (LINE, "a = mul(alpha, add(x, beta))"),
    "hard_sigmoid-no-low": (CLIP, "    return 1.0 if 1.0 < a else a\n"),
    "hard_sigmoid-no-high": (CLIP, "    return 0.0 if a < 0.0 else a\n"),
    "hard_sigmoid-nan-low": (
        CLIP,
        "    low = a if a > 0.0 else 0.0\n    return 1.0 if 1.0 < low else low\n",
    ),
    "hard_sigmoid-nan-high": (
        CLIP,
        "    low = 0.0 if a < 0.0 else a\n    return low if low < 1.0 else 1.0\n",
    ),
    "hard_tanh-no-low": (HARD_TANH, "    return 1.0 if 1.0 < x else x\n"),
    "hard_tanh-no-high": (HARD_TANH, "    return -1.0 if x < -1.0 else x\n"),
    "hard_tanh-nan-low": (
        HARD_TANH,
        "    low = x if x > -1.0 else -1.0\n    return 1.0 if 1.0 < low else low\n",
    ),
    "hard_tanh-nan-high": (
        HARD_TANH,
        "    low = -1.0 if x < -1.0 else x\n    return low if low < 1.0 else 1.0\n",
    ),
    "threshold-hides-nan": (THRESHOLD, "return x if x > alpha else 0.0"),
    "threshold-of-magnitude": (THRESHOLD, "return 0.0 if abs(x) <= alpha else x"),
    "threshold-subtracts": (THRESHOLD, "return 0.0 if x <= alpha else sub(x, alpha)"),
    "threshold-at-least-0": (THRESHOLD, "return 0.0 if x <= max(alpha, 0.0) else x"),
    "stretched-alpha": (STRETCHED, "return tanh(mul(beta, x))"),
    "stretched-beta": (STRETCHED, "return mul(alpha, tanh(x))"),
    "linear-is-tanh": ('"linear": linear', '"linear": hyperbolic'),
    "tanh-is-hard": ('"tanh": hyperbolic', '"tanh": hard_tanh'),
    "sigmoid-is-hard": (
        '"sigmoid": logistic_sigmoid',
        '"sigmoid": lambda x, _a, _b: hard_sigmoid(x, 0.25, 0.5)',
    ),
}
CONSTANTS = 'alpha, beta = (T(f32(entry.get(name, 0.0))) for name in ("alpha", "beta"))'
LOADING = {
    "alpha-binary64": (
        CONSTANTS,
        CONSTANTS.replace("T(f32(entry.get(name, 0.0)))", "T(entry.get(name, 0.0))"),
    ),
    "alpha-without-T": (
        CONSTANTS,
        CONSTANTS.replace("T(f32(entry.get(name, 0.0)))", "f32(entry.get(name, 0.0))"),
    ),
    "alpha-is-beta": (CONSTANTS, CONSTANTS.replace('("alpha", "beta")', '("beta", "alpha")')),
    "activations-exchanged": (
        "for role, given in activations.items()}",
        "for role, given in zip(activations, (*list(activations.values())[1:], *list(activations.values())[:1]))}",
    ),
    "activations-of-the-first": (
        "activations={role: activation_of(given) for",
        "activations={role: activation_of(next(iter(activations.values()))) for",
    ),
    "activations-fixed": (
        "activations={role: activation_of(given) for",
        'activations={role: activation_of({"function": "sigmoid" if role == "gates" else "tanh"} if kind != "activation" else given) for',
    ),
}


def mutants() -> Iterator[Mutant]:
    """All of them."""
    yield from table("activations", "activation", CASES, MISTAKES)
    yield from table("activations", "net", CASES, LOADING)
