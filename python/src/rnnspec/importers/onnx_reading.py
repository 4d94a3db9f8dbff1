"""onnx_reading: what the operators of one import share."""

from dataclasses import dataclass, field
from typing import Final

from rnnspec.importers.draft import Draft
from rnnspec.importers.onnx_values import BATCH, FEATURES, STACK, TIME, Flow, told
from rnnspec.importers.refusal import Refused, unsupported

_CONSTANTS: Final = 64_000_000  # elements of all arrays that operators make of constants


@dataclass
class Reading:
    """One graph on its way to a net."""

    opset: int
    producer: str
    reset: str | None  # what the user says of GRUs
    draft: Draft = field(default_factory=Draft)
    # Recurrent operators, in words, and whether they take lengths.
    with_lengths: list[tuple[str, bool]] = field(default_factory=list)
    counting: list[str] = field(
        default_factory=list
    )  # operators that count steps from the array's end
    table: int | None = None  # tokens of the embedding or one-hot that reads the ids
    _left: int = _CONSTANTS

    def room(self, elements: int) -> None:
        """Before an array of so many elements is made of constants. Raises Refused."""
        self._left -= elements
        if self._left < 0:
            raise Refused(
                "IMPORT_LIMIT",
                f"the graph makes constants of more than {_CONSTANTS:,} elements: fold them before export",
            )

    def layer(self, flow: Flow, kind: str, **members: object) -> Flow:
        """A layer without parameters behind each layer of a flow; the axes stay."""
        made = tuple(self.draft.add(kind, (k,), members) for k in flow.layers)
        return Flow(flow.axes, made)

    def last(self, flow: Flow, what: str) -> tuple[int, int]:
        """The layer that gives a net's output, and how wide it is; `what` it is, in words. Raises Refused."""
        atoms = [atom for axis in flow.axes for atom in axis if atom.size != 1]
        roles = [atom.role for atom in atoms]
        usual = [role for role in (BATCH, TIME, STACK, FEATURES) if role in roles]
        behind = roles[roles.index(STACK) :] if STACK in roles else [FEATURES]
        mixed = any(
            {BATCH, TIME} & {atom.role for atom in axis}
            and any(atom.role == FEATURES and atom.size != 1 for atom in axis)
            for axis in flow.axes
        )
        if sorted(map(str, roles)) != sorted(usual) or FEATURES not in behind or mixed:
            raise unsupported(
                f"{what} has the axes {told(flow.axes)}, and a net gives batch, time and features"
            )
        widths = [atom.size for atom in atoms if atom.role == FEATURES]
        width = (widths[0] if widths else 1) or 0
        if len(flow.layers) == 1:
            return flow.layers[0], width
        return self.draft.concat(flow.layers, (width,) * len(flow.layers)), width * len(flow.layers)
