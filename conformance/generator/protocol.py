"""Section 17.1: the conversation itself."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.build import (
    VERSION,
    array,
    dense_net,
    json_bytes,
    msgpack_bytes,
    run_error_case,
    tensor,
    token_net,
)
from conformance.report import FEATURES

SECTION = "protocol"


def cases() -> Iterator[Case]:
    """Greeting, farewell, and errors in the place of results."""
    yield Case(
        id="protocol/start",
        title="the adapter says who it is",
        requirements=("protocol-1",),
        features=(),
        catches="an adapter that claims a class, level or feature that does not exist",
        command="start",
        expect={
            "among": {"formats": [VERSION]},
            "known": {
                "classes": ["player", "validator", "complete"],
                "levels": ["exact", "close"],
                "features": list(FEATURES),
            },
        },
    )
    yield Case(
        id="protocol/stop",
        title="the adapter ends when it is asked to",
        requirements=("protocol-8",),
        features=(),
        catches="an adapter that does not answer `stop`, or ends with another exit code than 0",
        command="stop",
        expect={},
    )
    yield from errors()


def errors() -> Iterator[Case]:
    """An invalid document is answered with an error, never with numbers: one for each stage."""
    sound = json_bytes(dense_net())
    x = {"chunks": [{"input": array([1, 1, 1], [1.0])}]}
    broken = {
        "bytes": (b"\xef\xbb\xbf" + sound, "a byte order mark"),
        "syntax": (sound[:-2], "a text without its end"),
        "structure": (json_bytes(dense_net(extra=1)), "an unknown member"),
        "agreement": (
            json_bytes(dense_net(tensors={"W": tensor([1, 1], [2.0, 3.0])})),
            "one element too many",
        ),
        "version": (json_bytes(dense_net(rnnspec="1.0")), "a version of the future"),
    }
    for stage, (data, what) in broken.items():
        yield run_error_case(
            f"protocol/run-{stage}",
            f"run with {what}",
            ["protocol-3", "claim-1"],
            "a runtime that computes with a file it should refuse",
            data,
            x,
            features=["json", "dense"],
        )
    yield run_error_case(
        "protocol/run-msgpack",
        "run with a msgpack file and a byte after its end",
        ["protocol-3", "claim-1"],
        "a runtime that computes with a file it should refuse",
        msgpack_bytes(dense_net()) + b"\x00",
        x,
        features=["msgpack", "dense"],
    )
    yield run_error_case(
        "protocol/decode-invalid",
        "decode with a file that has an unknown member",
        ["protocol-4", "claim-1"],
        "a runtime that generates with a file it should refuse",
        json_bytes(token_net(extra=1)),
        {"prime": [0], "count": 1, "mode": "greedy"},
        command="decode",
        features=["json", "one_hot", "dense", "decoding"],
    )
    yield run_error_case(
        "protocol/convert-invalid",
        "convert with a file that has an unknown member",
        ["protocol-6", "claim-1"],
        "a converter that passes on a file it should refuse",
        json_bytes(dense_net(extra=1)),
        {"encoding": "msgpack"},
        command="convert",
        features=["json", "dense", "convert"],
    )
    yield run_error_case(
        "protocol/selftest-invalid",
        "selftest with a file that has an unknown member",
        ["protocol-7", "claim-1"],
        "a self-test that runs a file it should refuse",
        json_bytes(dense_net(extra=1)),
        {},
        command="selftest",
        features=["json", "dense", "selftest"],
    )
