"""12.6: every activation, as a layer and inside each cell, at its edges."""

import math
from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.build import SIGMOID, TANH
from conformance.generator.nets import Json, Numbers, array, builder, run_case
from conformance.oracle.float32 import bits, f32, from_bits

SECTION = "activations"
LARGEST = from_bits(0x7F7FFFFF)
TINY = 2.0**-51

# What people write: each function, and with which constants.
VARIANTS: dict[str, list[Json]] = {
    "linear": [{}],
    "tanh": [{}],
    "sigmoid": [{}],
    "relu": [{}],
    "leaky_relu": [{"alpha": a} for a in (0.01, 0.3, -0.5, -0.0, 1e-20, 2)],
    "elu": [{"alpha": a} for a in (1, 0.3, -1.5, -0.0)],
    "softplus": [{}],
    "softsign": [{}],
    "hard_sigmoid": [
        {"alpha": 0.2, "beta": 0.5},
        {"alpha": 1 / 6, "beta": 0.5},
        {"alpha": -0.25, "beta": 0.4},
        {"alpha": 1e38, "beta": -0.0},
        {"alpha": 0, "beta": 0.3},
        {"alpha": 1e-16, "beta": 1e-16},
    ],
    "hard_tanh": [{}],
    "thresholded_relu": [{"alpha": a} for a in (1, 0.1, 0.7, -0.5, -0.0)],
    "scaled_tanh": [
        {"alpha": 1.7159, "beta": 2 / 3},
        {"alpha": -0.5, "beta": 3},
        {"alpha": 1e38, "beta": 1e-16},
        {"alpha": 1e-16, "beta": -1e38},
    ],
}
CATCHES = {
    "linear": "a layer that is left out together with its T",
    "tanh": "another tanh than the recipe",
    "sigmoid": "another sigmoid than the recipe",
    "relu": "−0 that stays, the sign exchanged",
    "leaky_relu": "max(x, α × x), which is another function for a negative α or one above 1; α kept as binary64; no T on α",
    "elu": "expm1 in place of exp(x) − 1; α forgotten; the select at another place",
    "softplus": "log1p; log(1 + exp(x)), which overflows; a threshold above which it is x",
    "softsign": "|x| forgotten; a product with a reciprocal",
    "hard_sigmoid": "α and β exchanged or fixed at 0.2 and 0.5; the clip before the line; a fused multiply-add; no T on α or β",
    "hard_tanh": "the limits exchanged; a limit that is not 1",
    "thresholded_relu": "< in place of ≤; α kept as binary64; x − α in place of x",
    "scaled_tanh": "α and β exchanged, or left out; no T on α or β",
}


def entry(function: str, variant: int = 0) -> Json:
    """An activation of a document."""
    return {"function": function} | VARIANTS[function][variant]


def neighbours(x: float) -> list[float]:
    """The nearest binary32 and the two beside it."""
    middle = bits(f32(x))
    return [from_bits(middle + k) for k in (-1, 0, 1)]


def edges(constants: Json) -> list[float]:
    """Both signs of all that is special to some activation, and the places where these constants switch."""
    switches = [v for c in constants.values() for v in (abs(c), 1 / abs(c) if c else 0.0)]
    if "beta" in constants and constants["alpha"]:
        alpha, beta = constants["alpha"], constants["beta"]
        switches += [abs(-beta / alpha), abs((1 - beta) / alpha)]
    at = [1.0, *(s for s in switches if TINY < s < 1e30)]
    values = [
        *(0.0, TINY, f32(TINY * 1.0000002), 2.0**-40, 2.0**-24, 2.0**-12, 0.01),
        *(0.5, 0.625, 2.0, *(v for x in at for v in neighbours(x))),
        *(6.0, 10.0, 16.635532, 17.4, 35.35, 35.36, 64.0, 89.5, 2.0**60, 1e38, LARGEST),
    ]
    return [v * sign for v in values for sign in (1, -1)]


def cases() -> Iterator[Case]:
    """Every case of the section."""
    yield from layers()
    yield from inside()
    yield from not_finite()
    yield from tiny()


def layers() -> Iterator[Case]:
    """[activation-2]."""
    for number, (function, variants) in enumerate(VARIANTS.items()):
        for variant, constants in enumerate(variants):
            values = [*edges(constants), *Numbers(variant).many(16, -8, 5)]
            loud = abs(constants.get("alpha", 0)) > 1 and function in ("leaky_relu", "elu")
            if loud:  # what would overflow is asked apart
                values = [v for v in values if abs(v) < 1e38]
            yield run_case(
                f"activations/layer-{function}" + (f"-{variant}" if len(variants) > 1 else ""),
                f"{function} as a layer" + "".join(f", {k} {v:g}" for k, v in constants.items()),
                ["activation-1", "activation-2", "tiny-1"],
                CATCHES[function],
                builder(1, 0).activation(function, **constants).document(),
                [{"input": array([1, len(values), 1], values)}],
                encoding="msgpack" if (number + variant) % 3 == 2 else "json",
            )
    for function in ("relu", "softplus", "scaled_tanh"):
        yield run_case(
            f"activations/behind-{function}",
            f"{function} between two dense layers, two rows",
            ["activation-1", "activation-2"],
            "an activation that reads or writes the buffer of its neighbour",
            builder(3, 5)
            .dense(5)
            .activation(function, **VARIANTS[function][0])
            .dense(2)
            .document(),
            [{"input": Numbers(6).array([2, 3, 3], -2, 2)}],
            encoding="msgpack" if len(function) % 2 else "json",
        )
    overflow = builder(1, 0).activation("leaky_relu", alpha=4).document()
    yield run_case(
        "activations/overflow-leaky_relu",
        "α × x overflows: below 0, not above",
        ["activation-2", "finite-1"],
        "an infinite activation; x above 0 multiplied too",
        overflow,
        [{"input": array([1, 1, 1], [v])} for v in (2e38, -2e38, -8e37)],
    )


def inside() -> Iterator[Case]:
    """Every function in every place that a cell has for one."""
    plain: dict[str, Json] = {
        "elman-activation": {"activation": TANH},
        "lstm-gates": {"gates": SIGMOID, "candidate": TANH, "output": TANH},
        "gru-gates": {"gates": SIGMOID, "candidate": TANH},
    }
    for number, function in enumerate(VARIANTS):
        for cell, roles in (
            ("elman", ("activation",)),
            ("lstm", ("gates", "candidate", "output")),
            ("gru", ("gates", "candidate")),
        ):
            for place, role in enumerate(roles):
                usual = "sigmoid" if role == "gates" else "tanh"
                if function == usual:
                    continue  # the section of the cell is all about it
                chosen = entry(function)
                made = builder(2, 100 + 7 * number + place, -4, -1)
                if cell == "elman":
                    made.elman(3, chosen)
                elif cell == "lstm":
                    made.lstm(3, plain["lstm-gates"] | {role: chosen})
                else:
                    reset = "before" if number % 2 else "after"
                    made.gru(3, reset, plain["gru-gates"] | {role: chosen})
                requirement = {"gru": "gru-1"}.get(cell, f"{cell}-1")
                yield run_case(
                    f"activations/{cell}-{role}-{function}",
                    f"{function} as the {role} of a cell of type {cell}",
                    ["activation-1", requirement],
                    "a function that is not the one asked for, or stands in another place; its constants left out",
                    made.document(),
                    [{"input": Numbers(60 + number).array([1, 4, 2], -1, 2)}],
                    encoding="msgpack" if (number + place) % 2 else "json",
                )
    three = {
        "gates": entry("hard_sigmoid"),
        "candidate": entry("softsign"),
        "output": entry("elu", 1),
    }
    yield run_case(
        "activations/lstm-three",
        "Three other functions, each with its own constants",
        ["activation-1", "lstm-1"],
        "gates, candidate and output exchanged; constants of one function used for another",
        builder(2, 201, -3, 0).lstm(4, three).document(),
        [{"input": Numbers(202).array([2, 5, 2], -1, 2)}],
    )
    two = {"gates": entry("hard_sigmoid", 1), "candidate": entry("leaky_relu", 1)}
    for reset in ("before", "after"):
        yield run_case(
            f"activations/gru-two-{reset}",
            f"Two other functions, reset {reset}",
            ["activation-1", "gru-1"],
            "gates and candidate exchanged; constants of one function used for the other",
            builder(2, 203, -3, 0).gru(4, reset, two).document(),
            [{"input": Numbers(204).array([2, 5, 2], -1, 2)}],
        )


def not_finite() -> Iterator[Case]:
    """[finite-1]: what a function makes of an infinite pre-activation, and of NaN."""
    huge = 2.0**127
    inputs = {
        "infinite": (2.0, 2.0),
        "minus": (-2.0, -2.0),
        "nan": (2.0, -2.0),
        "plain": (0.25, 0.5),
    }
    extra = {
        "hard_sigmoid": [entry("hard_sigmoid", 4)],
        "scaled_tanh": [entry("scaled_tanh") | {"beta": 0}],
    }
    for function in VARIANTS:
        for number, chosen in enumerate([entry(function), *extra.get(function, [])]):
            net = builder(2, 0).elman(
                2, chosen, W=[huge, 0.5, huge, -0.25], R=[0.0, 0.125, 0.0, 0.25], b=[0.0, 0.1]
            )
            yield run_case(
                f"activations/not-finite-{function}" + ("-flat" if number else ""),
                f"{function} of pre-activations that are infinite, minus infinite and NaN; a chunk each",
                ["activation-1", "finite-1", "arith-2"],
                "min and max in another order, which hide NaN; an infinity that saturates where it must not, or fails where it must not",
                net.document(),
                [{"input": array([1, 1, 2], list(x))} for x in (*inputs.values(), inputs["plain"])],
            )


def tiny() -> Iterator[Case]:
    """[tiny-1]: a pre-activation is not judged by T, what an activation gives is."""
    around = [f32(TINY * m) for m in (1.0, 1 - 2.0**-24, 1 + 2.0**-23, 2.0, 0.5, 2.0**-20)]
    values = [v * sign for v in around for sign in (1, -1)]
    wanted: dict[str, list[Json]] = {
        "leaky_relu": [{"alpha": 0.5}, {"alpha": 2.0**20}],
        "scaled_tanh": [
            {"alpha": 0.5, "beta": 1},
            {"alpha": 2.0**60, "beta": 1},
            {"alpha": 1, "beta": 2.0**60},
        ],
        "hard_sigmoid": [{"alpha": 1, "beta": 0}, {"alpha": 2.0**60, "beta": 0.25}],
        "elu": [{"alpha": 1e38}],
        "thresholded_relu": [{"alpha": 2.0**-51}, {"alpha": -1}],
    }
    for function in VARIANTS:
        for number, constants in enumerate(wanted.get(function, [{}])):
            yield run_case(
                f"activations/tiny-{function}" + (f"-{number}" if function in wanted else ""),
                f"{function} of pre-activations around 2^−51",
                ["activation-1", "tiny-1"],
                "no T on what an activation gives; T on the pre-activation; a result of −0",
                builder(1, 0)
                .elman(
                    len(values),
                    {"function": function} | constants,
                    W=[math.ldexp(v, 30) for v in values],
                    R=[0.0] * len(values) ** 2,
                    bias=False,
                )
                .document(),
                [{"input": array([1, 1, 1], [2.0**-30])}],
            )
