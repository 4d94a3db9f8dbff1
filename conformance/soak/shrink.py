"""Makes a net and a call that differ smaller, as long as they still differ.

Only plain changes: fewer chunks, steps, rows; the net cut off behind a layer; what is optional left out.
"""

import copy
import time
from collections.abc import Callable, Iterator
from typing import Any

Json = dict[str, Any]
StillWrong = Callable[[Json, Json], bool]  # a document and a request
SECONDS = 20.0  # for one net
OPTIONAL = ("b", "rb", "qb", "h0", "c0")  # parameters
MEMBERS = ("clip", "cell_clip", "projection_clip", "extensions")  # of a layer
TOP_LEVEL = ("metadata", "extensions")
DIGITS = 8  # of an element of an array on the wire


def shrink(net: Json, request: Json, is_wrong: StillWrong) -> tuple[Json, Json]:
    """The smallest that was found."""
    until = time.monotonic() + SECONDS
    best, progress = (net, request), True
    while progress:
        progress = False
        for candidate in smaller(*best):
            if time.monotonic() > until:
                return best
            if is_wrong(*candidate):
                best, progress = candidate, True
                break
    return best


def smaller(net: Json, request: Json) -> Iterator[tuple[Json, Json]]:
    """What may still differ, the smallest first."""
    if "chunks" in request:
        for k in range(len(net["layers"]) - 1):
            yield cut_behind(net, request, k)
        for chunks in fewer(request["chunks"]):
            yield net, request | {"chunks": chunks}
        for n in range(rows(request)) if rows(request) > 1 else ():
            yield net, one_row(request, n)
    for member in ("state", "probe", "seed", "top_k", "top_p"):
        if member in request:
            yield net, {name: part for name, part in request.items() if name != member}
    for changed in plainer(net):
        yield changed, request


# --- nets -----------------------------------------------------------------------------------------


def cut_behind(net: Json, request: Json, last: int) -> tuple[Json, Json]:
    """The net that ends with this layer: what it does not read goes too."""
    layers = net["layers"][: last + 1]
    needed = {layers[-1]["name"]}
    kept: list[Json] = []
    for k in range(last, -1, -1):
        if layers[k]["name"] in needed:
            before = layers[k - 1]["name"] if k else "input"
            reads = layers[k].get("inputs", [before])
            needed.update(reads)
            kept.insert(0, layers[k] | {"inputs": list(reads)})
    function = kept[-1].get("function", "") if kept[-1]["type"] == "activation" else ""
    kind = {"softmax": "probabilities", "log_softmax": "log_probabilities"}.get(function, "values")
    cut = without(net, "decoding") | {"layers": kept, "output": {"kind": kind}}
    if "vocabularies" in net:
        named = net["input"].get("vocabulary")
        own = {name: entry for name, entry in net["vocabularies"].items() if name == named}
        cut = cut | {"vocabularies": own} if own else without(cut, "vocabularies")
    there = {layer["name"] for layer in kept}
    asked = copy.copy(request)
    if "state" in request:
        asked["state"] = {name: part for name, part in request["state"].items() if name in there}
    if "probe" in request:
        asked["probe"] = [name for name in request["probe"] if name in there]
    return swept(cut), asked


def plainer(net: Json) -> Iterator[Json]:
    """Without something that may be left out."""
    for member in TOP_LEVEL:
        if member in net:
            yield without(net, member)
    for k, layer in enumerate(net["layers"]):
        for member in MEMBERS:
            if member in layer:
                yield with_layer(net, k, without(layer, member))
        for role in layer.get("parameters", {}):
            if role.removesuffix("_reverse") in OPTIONAL:
                rest = without(layer["parameters"], role)
                yield swept(with_layer(net, k, layer | {"parameters": rest}))


def without(entry: Json, member: str) -> Json:
    """All but one member."""
    return {name: part for name, part in entry.items() if name != member}


def with_layer(net: Json, k: int, layer: Json) -> Json:
    """Another layer in the place of one."""
    return net | {"layers": [*net["layers"][:k], layer, *net["layers"][k + 1 :]]}


def swept(net: Json) -> Json:
    """Without the tensors that nobody names any more."""
    named = {tensor for layer in net["layers"] for tensor in layer.get("parameters", {}).values()}
    tensors = {name: entry for name, entry in net["tensors"].items() if name in named}
    return net | {"tensors": tensors}


# --- requests -------------------------------------------------------------------------------------


def fewer(chunks: list[Json]) -> Iterator[list[Json]]:
    """One chunk, one chunk less, a chunk with fewer steps."""
    if len(chunks) > 1:
        for chunk in chunks:
            yield [chunk]
        for k in range(len(chunks)):
            yield chunks[:k] + chunks[k + 1 :]
    for k, chunk in enumerate(chunks):
        if "lengths" in chunk:
            yield [*chunks[:k], without(chunk, "lengths"), *chunks[k + 1 :]]
        steps = steps_of(chunk["input"])
        for count in sorted({1, steps // 2, steps - 1}):
            if 0 < count < steps:
                yield [*chunks[:k], cut_steps(chunk, count), *chunks[k + 1 :]]


def steps_of(given: Any) -> int:  # noqa: ANN401 - ids or an array
    """T."""
    return given["shape"][1] if isinstance(given, dict) else min(map(len, given), default=0)


def cut_steps(chunk: Json, count: int) -> Json:
    """The first steps alone."""
    given = chunk["input"]
    if isinstance(given, dict):
        N, T, size = given["shape"]
        width = size * DIGITS
        starts = [n * T * width for n in range(N)]
        bits = "".join(given["bits"][start : start + count * width] for start in starts)
        cut: Any = {"shape": [N, count, size], "bits": bits}
    else:
        cut = [row[:count] for row in given]
    less = chunk | {"input": cut}
    if "lengths" in chunk:
        less["lengths"] = [min(length, count) for length in chunk["lengths"]]
    return less


def rows(request: Json) -> int:
    """N of the first chunk."""
    given = request["chunks"][0]["input"] if request["chunks"] else []
    return int(given["shape"][0]) if isinstance(given, dict) else len(given)


def one_row(request: Json, n: int) -> Json:
    """A row alone ([run-3])."""
    chunks = []
    for chunk in request["chunks"]:
        given = chunk["input"]
        cut = chunk | {"input": row_of(given, n) if isinstance(given, dict) else given[n : n + 1]}
        if "lengths" in chunk:
            cut["lengths"] = chunk["lengths"][n : n + 1]
        chunks.append(cut)
    asked = request | {"chunks": chunks}
    if "state" in request:
        asked["state"] = {
            name: {part: row_of(array, n) for part, array in arrays.items()}
            for name, arrays in request["state"].items()
        }
    return asked


def row_of(array: Json, n: int) -> Json:
    """One row of an array."""
    count, *rest = array["shape"]
    width = len(array["bits"]) // max(1, count)
    return {"shape": [1, *rest], "bits": array["bits"][n * width : (n + 1) * width]}
