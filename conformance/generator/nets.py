"""What the sections about numbers share: cases that run the nets of builder.py."""

from functools import partial

from conformance.case import Case, Document
from conformance.generator.build import array, features_of, json_bytes, msgpack_bytes
from conformance.generator.builder import Json, Numbers, builder
from conformance.oracle import truth
from conformance.oracle.answer import answer
from conformance.oracle.float32 import from_bits
from conformance.oracle.net import load
from conformance.oracle.reader import read

__all__ = [
    "Json",
    "Numbers",
    "array",
    "builder",
    "ctc_case",
    "decode_case",
    "evaluate_case",
    "packed_case",
    "run_case",
]


# --- cases ----------------------------------------------------------------------------------------


def written(id: str, net: Json, encoding: str, file: str | None) -> Document:
    """The document as a file beside the case."""
    suffix, data = (
        (".rnn.json", json_bytes(net, white=""))
        if encoding == "json"
        else (".rnn", msgpack_bytes(net))
    )
    return Document(data, (file or id.partition("/")[2]) + suffix)


def answered(command: str, net: Document | None, request: Json) -> Json:
    """What the scalar oracle answers: the member `expect`."""
    document = None if net is None else read(net.data).document
    if net is not None and document is None:
        raise ValueError(f"an invalid document: {read(net.data).findings}")
    reply = answer(command, None if document is None else load(document), request)
    result: Json = reply.get("result", reply)
    return result


def run_case(
    id: str,
    title: str,
    requirements: list[str],
    catches: str,
    net: Json,
    chunks: list[Json],
    *,
    state: Json | None = None,
    probe: list[str] | None = None,
    interface: str | None = None,
    encoding: str = "json",
    file: str | None = None,
    true: bool = True,
) -> Case:
    """A case of the command `run`, with the true values beside the bits unless `true` is off."""
    source = written(id, net, encoding, file)
    request: Json = {"chunks": chunks}
    features = features_of(source.data)
    if state is not None:
        request["state"] = state
    if state is not None or len(chunks) > 1:
        features.append("state")
    if any("lengths" in chunk for chunk in chunks):
        features.append("lengths")
    if probe is not None:
        request["probe"] = probe
        features.append("probe")
    if interface is not None:
        request["interface"] = interface
        features.append("step")
    expect = answered("run", source, request)
    document = read(source.data).document
    assert document is not None
    return Case(
        id=id,
        title=title,
        requirements=tuple(requirements),
        features=tuple(features),
        catches=catches,
        command="run",
        document=source,
        request=request,
        expect=expect,
        truth=truth.run(document, request, expect["chunks"], truth.WRITTEN)
        if true and any("output" in c for c in expect.get("chunks", ()))
        else None,
    )


# For nets of spread numbers, which nobody reads: a third of the bytes.
packed_case = partial(run_case, encoding="msgpack")


def decode_case(
    id: str,
    title: str,
    requirements: list[str],
    catches: str,
    net: Json,
    request: Json,
    *,
    encoding: str = "json",
    file: str | None = None,
) -> Case:
    """A case of the command `decode`."""
    source = written(id, net, encoding, file)
    features = features_of(source.data)
    if {"top_k", "top_p"} & set(request) and "top_k_top_p" not in features:
        features.append("top_k_top_p")
    if "state" in request:
        features.append("state_given")
    return Case(
        id=id,
        title=title,
        requirements=tuple(requirements),
        features=(*features, "decoding"),
        catches=catches,
        command="decode",
        document=source,
        request=request,
        expect=answered("decode", source, request),
    )


def ctc_case(
    id: str,
    title: str,
    requirements: list[str],
    catches: str,
    net: Json,
    request: Json,
    *,
    encoding: str = "json",
    file: str | None = None,
) -> Case:
    """A case of the command `ctc`."""
    source = written(id, net, encoding, file)
    features = features_of(source.data)
    features += [word for word in ("lengths", "state") if word in request]
    return Case(
        id=id,
        title=title,
        requirements=tuple(requirements),
        features=(*features, *(() if "ctc" in features else ("ctc",))),
        catches=catches,
        command="ctc",
        document=source,
        request=request,
        expect=answered("ctc", source, request),
    )


def selftest_case(
    id: str,
    title: str,
    requirements: list[str],
    catches: str,
    net: Json,
    *,
    encoding: str = "json",
) -> Case:
    """A case of the command `selftest`."""
    source = written(id, net, encoding, None)
    return Case(
        id=id,
        title=title,
        requirements=tuple(requirements),
        features=(*features_of(source.data), "selftest"),
        catches=catches,
        command="selftest",
        document=source,
        expect=answered("selftest", source, {}),
    )


def evaluate_case(
    id: str,
    title: str,
    requirements: list[str],
    catches: str,
    function: str,
    x: list[int],
) -> Case:
    """A case of the command `evaluate`; the inputs are given by their bits."""
    request: Json = {"function": function, "input": array([len(x)], [from_bits(b) for b in x])}
    return Case(
        id=id,
        title=title,
        requirements=tuple(requirements),
        features=("functions",),
        catches=catches,
        command="evaluate",
        request=request,
        expect=answered("evaluate", None, request),
        truth=truth.evaluate(function, request["input"]),
    )
