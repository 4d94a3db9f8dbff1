"""13.7: softmax, and the sum of sixteen."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.nets import Json, Numbers, array, builder, run_case

SECTION = "softmax"
SPEC_INPUT = [0.5, -1.25, 2.0]
SIZES = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 24, 31, 32, 33, 49, 100)


def activation(name: str, size: int) -> Json:
    """A net that is nothing but the activation."""
    return builder(size, 0).activation(name).document()


def edges(name: str) -> Iterator[Case]:
    """Cases that softmax and log_softmax share."""
    requirement = name.replace("_", "-") + "-1"
    for size in SIZES:
        yield run_case(
            f"{name}/size-{size}",
            f"{size} elements",
            [requirement, "sum-1"],
            "a plain ascending sum, another tree, a reciprocal, a wider sum",
            activation(name, size),
            [{"input": Numbers(size).array([1, 3, size], -4, 2)}],
            encoding="json" if size % 2 else "msgpack",
        )
    yield run_case(
        f"{name}/spec-example",
        "The worked example of SPEC.md",
        [requirement, "sum-1"],
        "whatever is wrong at first",
        activation(name, 3),
        [{"input": array([1, 1, 3], SPEC_INPUT)}],
    )
    yield run_case(
        f"{name}/after-dense",
        "After a dense layer",
        [requirement],
        "an activation that reads the input of the layer before it",
        builder(3, 7).dense(6).activation(name).document(),
        [{"input": Numbers(8).array([2, 3, 3], -2, 2)}],
    )
    yield run_case(
        f"{name}/before-dense",
        "Before a dense layer, which reads what was rounded",
        [requirement, "arith-1"],
        "a result that is kept wider than binary32",
        builder(7, 9).activation(name).dense(3).document(),
        [{"input": Numbers(10).array([1, 4, 7], -2, 1)}],
        encoding="msgpack",
    )
    yield run_case(
        f"{name}/large",
        "Inputs of some hundreds, positive and negative",
        [requirement],
        "the largest element not subtracted; a maximum that starts at 0",
        activation(name, 4),
        [
            {
                "input": array(
                    [1, 4, 4],
                    [
                        *(300.0, 301.5, 299.25, 290.0),
                        *(-300.0, -301.5, -299.25, -290.0),
                        *(-1.0, -2.0, -3.0, -4.5),
                        *(1000.0, 1000.0, -1000.0, 999.0),
                    ],
                )
            }
        ],
    )
    yield run_case(
        f"{name}/equal",
        "Equal inputs",
        [requirement, "sum-1"],
        "ties in the maximum",
        activation(name, 5),
        [{"input": array([1, 3, 5], [0.0] * 5 + [-7.5] * 5 + [3.0, 1.0, 3.0, 1.0, 3.0])}],
    )


def cases() -> Iterator[Case]:
    """Every case of the section."""
    yield from edges("softmax")
    yield run_case(
        "softmax/tiny",
        "Probabilities around 2^−51, and a difference that overflows",
        ["softmax-1", "tiny-1", "finite-1"],
        "no T on a probability; an infinite difference taken for a fault",
        activation("softmax", 4),
        [
            {
                "input": array(
                    [1, 5, 4],
                    [
                        *(0.0, -34.0, -35.0, -36.0),
                        *(0.0, -35.25, -35.3125, -35.375),
                        *(0.0, 0.0, -34.65625, -34.75),
                        *(0.0, -0.0, -64.0, -90.0),
                        *(2.0**127, -(2.0**127), 0.0, 1.0),
                    ],
                )
            }
        ],
    )
