"""What the sections about decoding share: nets whose logits are known, and cases of `decode`."""

from typing import Any

from conformance.case import Case
from conformance.generator.build import json_bytes
from conformance.generator.nets import Json, builder, decode_case


def constant(logits: list[float], file: str | None = None) -> builder:
    """A net whose logits do not depend on what it reads: one_hot and a dense layer of bias alone."""
    tokens = [chr(ord("a") + k) for k in range(len(logits))]
    net = builder("?", 0).tokens(tokens)
    net.file = file
    return net.one_hot().dense(len(logits), W=[0.0] * len(logits) ** 2, b=logits)


def chain_net(following: list[int], **special: int) -> builder:
    """After token k, `following[k]` has the largest logit."""
    V = len(following)
    tokens = [chr(ord("a") + k) for k in range(V)]
    W = [4.0 if j == following[k] else 0.0 for k in range(V) for j in range(V)]
    return builder("?", 0).tokens(tokens, **special).one_hot().dense(V, W=W, bias=False)


def text_net(**special: int) -> builder:
    """A net that has something to remember: embedding, two LSTMs and a dense layer, twelve tokens."""
    net = builder("?", 77, -3, 0).tokens(list("abcdefghijk "), **special)
    net.file = "-".join(["text", *(f"{name}-{k}" for name, k in special.items())])
    return net.embedding(5).lstm(9).lstm(8, bias=False).dense(12)


def with_activation(function: str) -> builder:
    """The same, its logits inside."""
    net = text_net().activation(function)
    net.file = None
    return net


def case(
    id: str,
    title: str,
    requirements: list[str],
    catches: str,
    net: builder | Json,
    encoding: str = "json",
    **request: Any,  # noqa: ANN401 - members of the request
) -> Case:
    """A case of the command `decode`; a net given as a builder may name the file it shares."""
    document, file = (net.document(), net.file) if isinstance(net, builder) else (net, None)
    if len(json_bytes(document)) > 8000:
        encoding = "msgpack"
    return decode_case(
        id,
        title,
        requirements,
        catches,
        document,
        request,
        encoding=encoding,
        file=file,
    )


def drawn(
    name: str,
    title: str,
    catches: str,
    logits: list[float],
    decoding: Json | None = None,
    **request: Any,  # noqa: ANN401 - members of the request
) -> Case:
    """Some tokens of a net whose logits are always the same."""
    net = constant(logits)
    asked: Json = {"prime": [0], "count": 24, "mode": "sample", "temperature": 1, "seed": 11}
    more = {} if decoding is None else {"decoding": decoding}
    return case(
        f"top_k_top_p/{name}",
        title,
        ["decode-7"],
        catches,
        net.document(**more),
        **(asked | request),
    )
