"""draft: the layers of a net while its graph is read, in any order and with more of them than are needed in the end.

A recurrent layer of an operator with two directions stands here as two, and what it gives as a whole sequence and
what it gives last are told apart: `final` and `cell` are layers of their own kind. `finish` decides what they become.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from rnnspec.importers import arrays
from rnnspec.importers.net import Net
from rnnspec.importers.onnx_tensors import Array
from rnnspec.importers.refusal import unsupported
from rnnspec.tensor import Float32

INPUT: Final = 0  # the number of what goes in
CELLS: Final = frozenset({"elman", "lstm", "gru"})
_MERGES: Final = {"concat": "concat", "add": "sum", "multiply": "multiply"}


@dataclass
class Layer:
    """A layer that is not written yet. Its inputs are numbers of layers before it."""

    kind: str  # a type of SPEC 8; `final` and `cell`, what a recurrent layer holds in the end
    inputs: tuple[int, ...]
    members: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Array] = field(default_factory=dict)
    whence: str = ""  # the operator, in words


class Draft:
    """Layers by number; 0 is the net's input."""

    def __init__(self) -> None:
        self.layers: list[Layer] = [Layer("input", ())]
        self._parts: dict[int, tuple[int, ...]] = {}  # of a concat: how wide each of its inputs is

    def add(
        self,
        kind: str,
        inputs: tuple[int, ...],
        members: Mapping[str, Any] | None = None,
        parameters: Mapping[str, Array] | None = None,
        whence: str = "",
    ) -> int:
        """A layer more; gives its number."""
        self.layers.append(Layer(kind, inputs, members or {}, parameters or {}, whence))
        return len(self.layers) - 1

    def concat(self, inputs: tuple[int, ...], widths: tuple[int, ...]) -> int:
        """A concat of layers that are so wide."""
        k = self.add("concat", inputs)
        self._parts[k] = widths
        return k

    def part(self, k: int, start: int, stop: int) -> int | None:
        """The one layer that gives these features of layer k, a concat; None where there is none."""
        at = 0
        for source, width in zip(self.layers[k].inputs, self._parts.get(k, ()), strict=False):
            if (at, at + width) == (start, stop):
                return source
            at += width
        return None

    def needed(self, last: int) -> list[int]:
        """The layers that the last one reads, and it, in their order."""
        found = {last}
        for k in range(last, 0, -1):
            if k in found:
                found.update(self.layers[k].inputs)
        return sorted(found)

    def finish(self, last: int, net: Net, first: str) -> None:
        """Writes what the last layer needs into the net; `first` is the name of the layer that reads the input's place.

        Raises Refused.
        """
        last = self._turn_back(last)
        order = self.needed(last)
        readers = self._readers(order)
        names = {INPUT: first}
        twins = self._twins(order, readers)
        merged = {half for pair in twins.values() for half in pair}
        narrow = _Narrow(net)
        for k in order[1:] if order[0] == INPUT else order:
            layer = self.layers[k]
            if k in merged:
                continue
            if layer.kind == "cell":
                raise unsupported(
                    f"the net computes with the cell state of {layer.whence}, and no layer gives it: let it compute with the output or with h"
                )
            if k in twins:
                names[k] = self._bidirectional(net, k, twins[k], names, narrow)
            elif layer.kind == "final":
                names[k] = self._final(net, k, readers, names)
            else:
                members = dict(layer.members)
                if layer.kind in CELLS and self._is_final(k, readers, last):
                    members["output"] = "final"
                members |= narrow.all(layer.parameters)
                names[k] = _put(net, layer.kind, [names[i] for i in layer.inputs], members)

    def _readers(self, order: list[int]) -> dict[int, list[int]]:
        readers: dict[int, list[int]] = {k: [] for k in order}
        for k in order:
            for source in self.layers[k].inputs:
                readers[source].append(k)
        return readers

    def _turn_back(self, last: int) -> int:
        """A cell between two reversals of time becomes one that goes in reverse; gives what the last layer is then."""
        order = self.needed(last)
        readers = self._readers(order)
        for k in order:
            layer = self.layers[k]
            turned = self.layers[layer.inputs[0]] if layer.kind in CELLS else layer
            after = {self.layers[reader].kind for reader in readers[k]}
            if turned.kind != "time_reverse" or "direction" in layer.members or k == last:
                continue
            if layer.kind in CELLS and after <= {"time_reverse", "final"}:
                layer.inputs = turned.inputs
                layer.members = {**layer.members, "direction": "reverse"}
                same = {r for r in readers[k] if self.layers[r].kind == "time_reverse"}
                for other in self.layers:
                    other.inputs = tuple(k if source in same else source for source in other.inputs)
                last = k if last in same else last
        return last

    def _is_final(self, k: int, readers: Mapping[int, list[int]], last: int) -> bool:
        """Whether all that is read of a recurrent layer is what it gives last."""
        return k != last and all(self.layers[reader].kind == "final" for reader in readers[k])

    def _final(
        self, net: Net, k: int, readers: Mapping[int, list[int]], names: Mapping[int, str]
    ) -> str:
        """The name of the layer that gives what a recurrent layer gave last."""
        (cell,) = self.layers[k].inputs
        if self._is_final(cell, readers, -1):
            return names[cell]
        name = names[cell]
        if self.layers[cell].members.get("direction") == "reverse":
            name = _put(net, "time_reverse", [name], {})
        return _put(net, "last_step", [name], {})

    def _twins(
        self, order: list[int], readers: Mapping[int, list[int]]
    ) -> dict[int, tuple[int, ...]]:
        """Layer that merges two directions of the same kind → all that becomes one with it."""
        found = {}
        for k in order:
            layer = self.layers[k]
            if layer.kind not in _MERGES or len(layer.inputs) != 2:
                continue
            kinds = {self.layers[half].kind for half in layer.inputs}
            finals = layer.inputs if kinds == {"final"} else ()
            cells = tuple(self.layers[half].inputs[0] if finals else half for half in layer.inputs)
            a, b = (self.layers[cell] for cell in cells)
            ways = [cell.members.get("direction", "forward") for cell in (a, b)]
            alone = all(len(readers[half]) == 1 for half in {*cells, *finals})
            if (
                a.kind in CELLS
                and (a.kind, a.inputs) == (b.kind, b.inputs)
                and _options(a) == _options(b)
                and ways == ["forward", "reverse"]
                and alone
            ):
                found[k] = (*cells, *finals)
        return found

    def _bidirectional(
        self,
        net: Net,
        k: int,
        halves: tuple[int, ...],
        names: Mapping[int, str],
        narrow: "_Narrow",
    ) -> str:
        forward, reverse = (self.layers[half] for half in halves[:2])
        members = {
            **_options(forward),
            "direction": "bidirectional",
            "merge": _MERGES[self.layers[k].kind],
            **({"output": "final"} if len(halves) > 2 else {}),
            **narrow.all(forward.parameters),
            **narrow.all({f"{role}_reverse": v for role, v in reverse.parameters.items()}),
        }
        return _put(net, forward.kind, [names[i] for i in forward.inputs], members)


def _options(layer: Layer) -> dict[str, Any]:
    return {key: value for key, value in layer.members.items() if key != "direction"}


def _put(net: Net, kind: str, inputs: list[str], members: Mapping[str, Any]) -> str:
    before = net.layers[-1]["name"] if net.layers else "input"
    # The default is the layer before; add, multiply and concat have none.
    named = {} if inputs == [before] or kind in {"embedding", "one_hot"} else {"inputs": inputs}
    return net.layer(kind, **named, **members)


class _Narrow:
    """Arrays to float32, rounded once, told once."""

    def __init__(self, net: Net) -> None:
        self._notes = net.notes
        self._told = False

    def all(self, given: Mapping[str, Array]) -> dict[str, Float32]:
        """The arrays by role. Raises Refused for numbers that are not finite."""
        found = {}
        for role, array in given.items():
            wide = np.asarray(array)
            with np.errstate(over="ignore"):
                found[role] = arrays.finite(wide.astype(np.float32), role)
            if wide.dtype == np.float64 and (found[role] != wide).any() and not self._told:
                self._told = True
                self._notes.changed("numbers rounded from 64 to 32 bits")
        return found
