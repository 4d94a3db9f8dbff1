"""13.8: log_softmax."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.nets import array, run_case
from conformance.generator.softmax import activation, edges

SECTION = "log_softmax"


def cases() -> Iterator[Case]:
    """Every case of the section."""
    yield from edges("log_softmax")
    yield run_case(
        "log_softmax/certain",
        "One element far above the others: its logarithm is exactly +0",
        ["log-softmax-1"],
        "−0, or the logarithm of the probability, which is −infinity for the others",
        activation("log_softmax", 3),
        [{"input": array([1, 2, 3], [0.0, -50.0, -120.0, 5.0, 125.0, 5.0])}],
    )
    yield run_case(
        "log_softmax/not-finite",
        "A difference that overflows gives −infinity, which fails",
        ["log-softmax-1", "finite-1"],
        "−infinity as an output",
        activation("log_softmax", 2),
        [
            {"input": array([1, 1, 2], [1.0, 2.0])},
            {"input": array([1, 1, 2], [2.0**127, -(2.0**127)])},
        ],
        encoding="msgpack",
    )
