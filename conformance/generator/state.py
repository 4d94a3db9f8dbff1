"""14: the state that goes in and comes out."""

import math
from collections.abc import Iterator
from typing import Any

from conformance.case import Case
from conformance.generator.nets import Json, Numbers, array, builder, run_case

SECTION = "state"
SIZES = {"lstm0": 4, "lstm1": 3}


def net(seed: int = 1) -> Json:
    """Two LSTMs and a dense layer."""
    return builder(2, seed, -3, 0).lstm(4).lstm(3).dense(2).document()


def odd_net() -> Json:
    """Layers and tensors with names that every object of some language has already."""
    document = net(12)
    tensors = document["tensors"]
    document["tensors"] = {}
    odd = iter(("constructor", "hasOwnProperty", "valueOf", "length", "keys", "class", "get", "if"))
    for layer, name in zip(document["layers"], ("constructor", "toString", "items"), strict=True):
        layer["name"] = name
        for role, old in layer["parameters"].items():
            layer["parameters"][role] = new = next(odd)
            document["tensors"][new] = tensors[old]
    return document


def state(rows: int, seed: int, low: int = -3, high: int = 1) -> Json:
    """A state of two layers."""
    numbers = Numbers(seed)
    return {
        name: {part: numbers.array([rows, H], low, high) for part in ("h", "c")}
        for name, H in SIZES.items()
    }


def overflowing_net() -> Json:
    """The dense layer overflows in one of its columns where the h of lstm1 add up to some tenths."""
    return (
        builder(2, 21, -3, 0).lstm(4).lstm(3).dense(2, W=[3e38, -3e38] * 3, b=[3e38] * 2).document()
    )


def failing() -> Iterator[Case]:
    """The first call on a given state fails: what is left of tiny elements, by interface."""
    for interface, left in (("run", "as it came"), ("step", "after T, as restore holds it")):
        yield run_case(
            f"state/given-tiny-fails-{interface}",
            f"The first {interface} on a given state with tiny elements fails: the state is left {left}",
            ["finite-1", "protocol-3", "tiny-2"],
            "a state that T changes where it was not taken, or that is not the session's",
            overflowing_net(),
            [{"input": {"shape": [1, 1, 2], "bits": "3f8000003f800000"}}],
            state=state(1, 22, -58, -45),
            interface="step" if interface == "step" else None,
        )

    nan = {"shape": [1, 2, 2], "bits": "7fc000003f8000003f8000003f800000"}
    tokens = builder("abc", 23, -3, 0).one_hot().lstm(4).lstm(3).dense(2)
    for layer, name in zip(tokens.layers[1:3], SIZES, strict=True):
        layer["name"] = name
    arguments: list[tuple[str, Json, Any]] = [
        ("input", overflowing_net(), nan),
        ("token", tokens.document(), [[3, 1]]),
    ]
    for fault, faulty, x in arguments:
        yield run_case(
            f"state/given-tiny-fails-step-{fault}",
            f"The first step on a given state with tiny elements has a faulty {fault}: the session holds the state after T",
            ["run-5", "protocol-3", "tiny-2"],
            "a given state that is restored only when the first step has succeeded",
            faulty,
            [{"input": x}],
            state=state(1, 22, -58, -45),
            interface="step",
            true=False,
        )


def cases() -> Iterator[Case]:
    """Every case of the section."""
    yield from failing()
    x = Numbers(2).array([2, 3, 2], -2, 1)
    yield run_case(
        "state/given",
        "A given state",
        ["run-2", "lstm-1"],
        "h and c exchanged, layers exchanged, rows exchanged, a state that is ignored",
        net(),
        [{"input": x}],
        state=state(2, 3),
        file="net",
    )
    yield run_case(
        "state/given-step",
        "A given state, through the step function",
        ["run-2", "run-4"],
        "a session that starts from zero",
        net(),
        [{"input": x}],
        state=state(2, 3),
        interface="step",
        file="net",
    )
    yield run_case(
        "state/one-row",
        "One row",
        ["run-2"],
        "arrays of one row that lose their first axis",
        net(),
        [{"input": Numbers(4).array([1, 2, 2], -2, 1)}],
        state=state(1, 5),
        encoding="msgpack",
        file="net",
    )
    yield run_case(
        "state/order",
        "Layers and arrays of the state in another order",
        ["run-2"],
        "a state that is read by place",
        net(),
        [{"input": x}],
        state={
            name: dict(reversed(parts.items())) for name, parts in reversed(state(2, 6).items())
        },
        file="net",
    )
    yield run_case(
        "state/foreign",
        "The state of another net with the same names and shapes",
        ["run-6"],
        "a state tied to its file",
        net(7),
        [{"input": x}],
        state=state(2, 3),
    )
    yield run_case(
        "state/tiny",
        "Elements around 2^−51 and −0; a row without a valid step gives them back after T",
        ["run-2", "tiny-1", "tiny-2"],
        "no T on a given state",
        builder(1, 8, -2, 0)
        .lstm(2, W=[0.0] * 8, R=[2.0**60, *[0.5] * 6, -(2.0**60)] + [2.0**60] * 8, bias=False)
        .document(),
        [{"input": array([3, 1, 1], [0.0] * 3), "lengths": [1, 0, 1]}],
        state={
            "lstm0": {
                "h": array([3, 2], [2.0**-52, 2.0**-51, -(2.0**-52), -0.0, -0.0, 2.0**-149]),
                "c": array([3, 2], [2.0**-52, 2.0**-50, -(2.0**-60), -0.0, -0.0, 2.0**-52]),
            }
        },
    )
    c = [2.0**-52, -(2.0**-52), 1.5 * 2.0**-52]
    yield run_case(
        "state/tiny-c",
        "A given c below 2^−51 beside an i × g of 2^−45",
        ["tiny-2", "lstm-1"],
        "no T on a given c",
        builder(1, 0)
        .lstm(3, W=[0.0] * 12, R=[0.0] * 36, b=[0.0] * 3 + [9.0] * 3 + [2.0**-45] * 3 + [1.0] * 3)
        .document(),
        [{"input": array([1, 1, 1], [0.0])}],
        state={"lstm0": {"h": array([1, 3], [0.0] * 3), "c": array([1, 3], c)}},
    )
    yield run_case(
        "state/large",
        "A given c of 2^127 and a given h of 2^100",
        ["run-2", "finite-1"],
        "a state that is clipped, or refused because it is large",
        builder(1, 9, -2, 0).lstm(2).document(),
        [{"input": array([1, 2, 1], [0.5, -0.5])}],
        state={
            "lstm0": {
                "h": array([1, 2], [2.0**100, -(2.0**100)]),
                "c": array([1, 2], [2.0**127, -(2.0**127)]),
            }
        },
    )
    yield run_case(
        "state/empty",
        "The empty state of a net without recurrent layers",
        ["run-2"],
        "an empty state taken for a fault",
        builder(2, 10).dense(2).document(),
        [{"input": Numbers(11).array([1, 2, 2])}],
        state={},
    )
    odd = {"constructor": state(2, 13)["lstm0"], "toString": state(2, 13)["lstm1"]}
    yield run_case(
        "state/odd-names",
        "Layers and tensors named constructor, toString, items, class, …",
        ["run-2", "doc-5"],
        "names looked up in a map that has members of its own",
        odd_net(),
        [{"input": x}, {"input": x}],
        state=odd,
        file="odd",
    )
    for name, given in (("odd-missing", {"constructor": odd["constructor"]}), ("odd-empty", {})):
        yield run_case(
            f"state/refuse-{name}",
            "The state of a layer named toString is missing",
            ["run-5", "run-2"],
            "a missing layer that is found among the members that every object has",
            odd_net(),
            [{"input": x}],
            state=given,
            file="odd",
            true=False,
        )
    yield from refusals(x)


def spoiled(parts: Json) -> Json:
    """The arrays of a layer, the last element of c NaN."""
    return parts | {
        "c": {"shape": parts["c"]["shape"], "bits": parts["c"]["bits"][:-8] + "7fc00000"}
    }


def refusals(x: Json) -> Iterator[Case]:
    """[run-5], the state's part."""
    sound = state(2, 3)
    lacking = {"lstm0": sound["lstm0"]}
    no_c = sound | {"lstm1": {"h": sound["lstm1"]["h"]}}
    flat = {"shape": [6], "bits": sound["lstm1"]["h"]["bits"]}
    turned = {"shape": [3, 2], "bits": sound["lstm1"]["h"]["bits"]}
    one = state(1, 3)
    bad: dict[str, tuple[str, Json]] = {
        "layer-missing": ("A layer is missing", lacking),
        "empty": ("An empty state", {}),
        "layer-extra": ("One layer too many", sound | {"dense2": sound["lstm0"]}),
        "layer-other": ("A layer of another name", lacking | {"lstm9": sound["lstm1"]}),
        "c-missing": ("An LSTM without c", no_c),
        "array-misnamed": (
            "An LSTM with d in the place of c",
            sound | {"lstm1": {"h": sound["lstm1"]["h"], "d": sound["lstm1"]["c"]}},
        ),
        "array-extra": (
            "One array too many",
            sound | {"lstm1": sound["lstm1"] | {"m": sound["lstm1"]["h"]}},
        ),
        "shape-rank": ("h of rank 1", sound | {"lstm1": sound["lstm1"] | {"h": flat}}),
        "shape-turned": ("h as [H, N]", sound | {"lstm1": sound["lstm1"] | {"h": turned}}),
        "rows": ("One row of state for two rows of input", one),
        "layers-exchanged": (
            "The arrays of the other layer",
            {"lstm0": sound["lstm1"], "lstm1": sound["lstm0"]},
        ),
    }
    for name, (title, given) in bad.items():
        yield run_case(
            f"state/refuse-{name}",
            title,
            ["run-5", "run-2"],
            "a state that is used as far as it goes",
            net(),
            [{"input": x}],
            state=given,
            file="net",
            true=False,
        )
    for name, value in (("nan", math.nan), ("infinity", math.inf), ("minus", -math.inf)):
        for part in ("h", "c"):
            values = [0.5] * 5 + [value]
            given = sound | {"lstm1": sound["lstm1"] | {part: array([2, 3], values)}}
            yield run_case(
                f"state/refuse-{name}-{part}",
                f"{value} in {part}",
                ["run-5"],
                "a state that is not checked",
                net(),
                [{"input": x}],
                state=given,
                file="net",
                true=False,
            )
    for interface in ("run", "step"):
        for name, given in (("rows", one), ("nan", sound | {"lstm1": spoiled(sound["lstm1"])})):
            yield run_case(
                f"state/refuse-twice-{name}-{interface}",
                "A faulty state and two chunks: the second begins with it too",
                ["run-5", "protocol-3"],
                "a state at fault that is dropped after the first call, so that the second goes on from the initial one",
                net(),
                [{"input": x}, {"input": Numbers(14).array([2, 1, 2], -2, 1)}],
                state=given,
                interface="step" if interface == "step" else None,
                file="net",
                true=False,
            )
    nan = array([2, 3, 2], [math.nan] * 12)
    broken = {
        name: {"h": parts["h"], "c": array([2, 9], [math.nan] * 18)}
        for name, parts in sound.items()
    }
    yield run_case(
        "state/order-input",
        "NaN in the input, and a state without its layers",
        ["run-5"],
        "the state judged before the input",
        net(),
        [{"input": nan}],
        state=lacking,
        file="net",
    )
    yield run_case(
        "state/order-shape",
        "A state of another shape that holds NaN too",
        ["run-5"],
        "elements judged before shapes",
        net(),
        [{"input": x}],
        state=broken,
        file="net",
    )
    yield run_case(
        "state/order-other-layer",
        "NaN in the first layer, another shape in the second",
        ["run-5"],
        "one layer judged to the end before the next",
        net(),
        [{"input": x}],
        state={
            "lstm0": {"h": array([2, 4], [math.nan] * 8), "c": sound["lstm0"]["c"]},
            "lstm1": {"h": turned, "c": sound["lstm1"]["c"]},
        },
        file="net",
    )
