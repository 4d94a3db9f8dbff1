"""Whether the bits of a call lie where the mathematics says: true values of fifty digits, and how far rounding may lead.

Two witnesses that share no code with the scalar oracle: the value of conformance/oracle/truth.py, and the value and bound of
conformance/close/bound.py, from the exact state before the chunk, carried through its steps. Both the bits and the
true value must lie within the bound.
"""

import math
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from conformance.close import bound
from conformance.close.near import CertainOverflowError, Near
from conformance.oracle import truth
from conformance.oracle.answer import from_wire, input_from_wire, state_from_wire
from conformance.oracle.finding import RunError
from conformance.oracle.float32 import T, f32
from conformance.oracle.scalar import initial, input_shape
from conformance.soak.oracle import Oracle

Json = dict[str, Any]
MOST = 3  # lines of what is wrong
TELLING = 2.0**-10  # a bound below this part of max(1, |value|) says something
SHOWN = Decimal(10) ** -14  # truth is written with fifteen digits


@dataclass
class Judged:
    """How many elements were looked at, and what was wrong."""

    chunks: int = 0
    elements: int = 0
    telling: int = 0  # elements whose bound is tight
    wrong: list[str] = field(default_factory=list)

    def array(self, place: str, bits: list[float], values: list[str], near: list[Near]) -> None:
        """One array: every element that has a bound."""
        for k, (y, text, (v, e)) in enumerate(zip(bits, values, near, strict=True)):
            if not math.isfinite(e):
                continue
            true = Decimal(text)
            allowed = Decimal(e) + abs(true) * SHOWN
            self.elements += 1
            self.telling += e <= TELLING * max(1.0, abs(v))
            for who, x in (("true is", true), ("got", Decimal(y))):
                is_far = x.is_nan() or abs(x - Decimal(v)) > allowed
                if is_far and len(self.wrong) < MOST:
                    self.wrong.append(f"{place}[{k}]: expected {v:.9g} ± {e:.2g}, {who} {x:.9g}")


def judge(oracle: Oracle, request: Json, expect: Json) -> Judged:
    """The chunks of a call of `run` that gave an output."""
    found = Judged()
    state: Json | None = request.get("state")
    for number, (chunk, answered) in enumerate(
        zip(request["chunks"], expect.get("chunks", ()), strict=False)
    ):
        if "output" in answered:
            _chunk(found, oracle, f"chunks[{number}]", chunk, answered, state)
        if "state" not in answered:
            break
        state = answered["state"]
    return found


def _chunk(
    found: Judged, oracle: Oracle, place: str, chunk: Json, answered: Json, state: Json | None
) -> None:
    net = oracle.net
    x, lengths = input_from_wire(chunk["input"]), chunk.get("lengths")
    before = initial(net, input_shape(net, x)[0]) if state is None else state_from_wire(state)
    try:
        near = bound.run(net, x, lengths, before)
    except (CertainOverflowError, RunError) as fault:
        found.wrong.append(f"{place}: an output where none can be: {type(fault).__name__}")
        return
    asked = {"chunks": [chunk]} | ({} if state is None else {"state": state})
    true = truth.run(_after_T(oracle.document), asked, [answered])["chunks"][0]
    found.chunks += 1
    found.array(
        f"{place}.output", from_wire(answered["output"]).values, true["output"], near.output[1]
    )
    for layer, parts in answered["state"].items():
        for part, array in parts.items():
            _, bounds = near.state[layer][part]
            name = f"{place}.state.{layer}.{part}"
            found.array(name, from_wire(array).values, true["state"][layer][part], bounds)


def _after_T(document: Json) -> Json:  # noqa: N802 - T is its name in SPEC.md
    """[close-3]: the net's parameters and constants, which no runtime may use as they are stored."""
    tensors = {
        name: entry | {"values": [T(v) for v in entry["values"]]}
        for name, entry in document["tensors"].items()
    }
    return document | {"tensors": tensors, "layers": _constants(document["layers"])}


def _constants(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """alpha and beta after T, wherever they stand in a layer."""
    if isinstance(value, list):
        return [_constants(element) for element in value]
    if not isinstance(value, dict):
        return value
    return {
        name: T(f32(part))
        if name in ("alpha", "beta") and isinstance(part, float)
        else _constants(part)
        for name, part in value.items()
    }
