"""What stood in a net and its call that no option says: how layers were wired, how long rows were."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from conformance.soak.options import CELLS, MERGES
from conformance.soak.shrink import steps_of
from conformance.soak.task import Task

Json = dict[str, Any]
FACTS = (
    "length 0", "length 1", "length in the middle", "length full",
    "a layer read by several", "the input read by several", "one layer read twice by one",
    "a merge of four or more", "a merge without time", "cells side by side",
    "a state given to a reverse layer", "a state given to a bidirectional layer",
    "a state given to a projection", "chunks of a net not forward",
    "a probe without time", "several vocabularies",
)  # fmt: skip


def facts(task: Task) -> set[str]:
    """Those of one net."""
    return {*_wired(task.net), *_called(task)}


def _wired(net: Json) -> Iterator[str]:
    before = "input"
    read: Counter[str] = Counter()
    cells_over: Counter[str] = Counter()
    timeless: set[str] = set()
    for layer in net["layers"]:
        names = layer.get("inputs", [before])
        read.update(set(names))
        if layer["type"] in CELLS:
            cells_over.update(names)
        if len(set(names)) < len(names):
            yield "one layer read twice by one"
        if layer["type"] in MERGES and len(names) >= 4:
            yield "a merge of four or more"
        if layer["type"] in MERGES and timeless & set(names):
            yield "a merge without time"
        if layer.get("output") == "final" or layer["type"] == "last_step" or timeless & set(names):
            timeless.add(layer["name"])
        before = layer["name"]
    if read.pop("input", 0) > 1:
        yield "the input read by several"
    if any(count > 1 for count in read.values()):
        yield "a layer read by several"
    if any(count > 1 for count in cells_over.values()):
        yield "cells side by side"
    if len(net.get("vocabularies", {})) > 1:
        yield "several vocabularies"


def _called(task: Task) -> Iterator[str]:
    request, net = task.call.request, task.net
    chunks = request.get("chunks", [request] if "input" in request else [])
    for chunk in chunks:
        steps = steps_of(chunk["input"])
        for length in chunk.get("lengths", ()):
            if 0 <= length <= steps:
                yield f"length {_class(length, steps)}"
    if len(chunks) > 1 and task.row["net"] == "not forward":
        yield "chunks of a net not forward"
    for layer in net["layers"]:
        if layer["name"] in request.get("state", ()):
            if layer.get("direction", "forward") != "forward":
                yield f"a state given to a {layer['direction']} layer"
            if "projection_size" in layer:
                yield "a state given to a projection"
    final = {layer["name"] for layer in net["layers"] if layer.get("output") == "final"}
    if final & set(request.get("probe", ())):
        yield "a probe without time"


def _class(length: int, steps: int) -> str:
    if length == steps and steps > 1:
        return "full"
    return str(length) if length < 2 else "in the middle"
