"""onnx_values: what is known of each value of an ONNX graph while it is read.

    Const   an array that the file holds, or that follows from such
    Sizes   sizes of axes as whole numbers, some of them free: what Shape gives, and what is made of it
    Given   a graph input that holds a state or lengths, cut and turned in whatever way
    Flow    what layers give, with the meaning of each axis

A Flow's axis is a row of atoms, which Reshape puts together and takes apart: () is an axis of size 1, (T, N) one of time
and batch together. An atom's role is found out where an operator asks for it. The atom STACK counts layers side by side:
the directions of a recurrent operator, or several states in one array.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from rnnspec.importers.onnx_file import Node
from rnnspec.importers.onnx_tensors import Array
from rnnspec.importers.refusal import Refused, unsupported

TIME: Final = "time"
BATCH: Final = "batch"
FEATURES: Final = "features"
STACK: Final = "directions"
_MOST_AXES: Final = 8


@dataclass(eq=False)
class Atom:
    """An axis that stays one from where it begins to where it ends. Atoms are equal if they are the same."""

    role: str | None = None  # TIME, BATCH, FEATURES, STACK, or not known yet
    size: int | None = None  # None: free

    def __str__(self) -> str:
        return self.role or "unknown"


Axis: TypeAlias = tuple[Atom, ...]
Size: TypeAlias = int | Axis  # a number, or the product of these atoms


@dataclass(frozen=True)
class Const:
    """An array of the file."""

    array: Array
    name: str


@dataclass(frozen=True)
class Sizes:
    """A vector of sizes, or one size."""

    items: tuple[Size, ...]
    is_vector: bool = True


@dataclass(frozen=True)
class Rows:
    """A vector with a number for each row, which is one size for all."""

    size: Size


@dataclass(frozen=True)
class Given:
    """Part of a graph input that holds a state or lengths."""

    name: str


@dataclass(frozen=True)
class Flow:
    """What `layers` give; one layer, or as many as the atom STACK has."""

    axes: tuple[Axis, ...]
    layers: tuple[int, ...]


Value: TypeAlias = Const | Sizes | Rows | Given | Flow


def known(axis: Axis) -> int | None:
    """The size of an axis; None where it is free."""
    size = 1
    for atom in axis:
        if atom.size is None:
            return None
        size *= atom.size
    return size


def size_of(axis: Axis) -> Size:
    """As Shape gives it."""
    size = known(axis)
    return axis if size is None else size


def told(axes: Sequence[Axis]) -> str:
    """Axes as a sentence shows them: [time, 1, batch, features]."""
    return "[" + ", ".join(" × ".join(map(str, axis)) or "1" for axis in axes) + "]"


def index(axis: object, rank: int, node: Node) -> int:
    """An axis of −rank … rank − 1 as 0 … rank − 1. Raises Refused."""
    if not isinstance(axis, int) or not -rank <= axis < rank:
        raise refused(
            node, f"names the axis {axis}, and its input has {rank}: export the net again"
        )
    return axis % rank


def take(axis: Axis, role: str, node: Node, size: int | None = None) -> Atom:
    """The one atom of an axis, which plays this role from now on. Raises Refused.

    An axis of size 1 may be any: of the batch, or of time, that was squeezed and unsqueezed.
    """
    lively = [atom for atom in axis if atom.size != 1]
    if not lively:
        if size not in {None, 1}:
            raise refused(node, f"gets 1 of {role}, and its weights are for {size}")
        found = next((atom for atom in axis if atom.role in {None, role}), Atom(role, 1))
        found.role = role
        return found
    atom = lively[0]
    if len(lively) > 1 or atom.role not in {None, role}:
        raise refused(
            node,
            f"has {told([axis])[1:-1]} where it takes {role}: its axes are not those of a recurrent net",
        )
    if size is not None and atom.size not in {None, size}:
        raise refused(node, f"gets {atom.size} {role}, and its weights are for {size}")
    atom.role = role
    atom.size = atom.size if size is None else size
    return atom


def feature_count(x: Flow) -> int:
    """How many features the input has at each step. Raises Refused where that is free."""
    atoms = [atom for axis in x.axes for atom in axis if atom.role == FEATURES]
    size = atoms[0].size if atoms else 1
    if size is None:
        raise unsupported(
            "the number of features that go in is free, and no weight tells it: give it a size"
        )
    return size


def same_axes(a: Sequence[Axis], b: Sequence[Axis]) -> bool:
    """Whether axes go together one by one; those of size 1 are not told apart, features of one number are not compared."""
    return len(a) == len(b) and all(_alike(x, y) for x, y in zip(a, b, strict=True))


def _alike(a: Axis, b: Axis) -> bool:
    x, y = ([atom for atom in axis if atom.size != 1] for axis in (a, b))
    return len(x) == len(y) and all(
        one is other or (one.role == other.role == FEATURES and one.size == other.size)
        for one, other in zip(x, y, strict=True)
    )


def regrouped(axes: Sequence[Axis], wanted: Sequence[Size], node: Node) -> tuple[Axis, ...]:
    """The axes that Reshape makes: the same atoms in the same order. Raises Refused.

    In `wanted` 0 copies a size and −1 takes what is left.
    """
    atoms = [atom for axis in axes for atom in axis]
    if len(wanted) > _MOST_AXES:
        raise refused(node, f"gives more than {_MOST_AXES} axes")
    found = _matched(axes, list(wanted), 0, atoms)
    if found is None:
        sizes = ", ".join(str(w) if isinstance(w, int) else told([w])[1:-1] for w in wanted)
        raise refused(
            node,
            f"makes [{sizes}] of {told(axes)}, which mixes steps, rows or features: only axes that are "
            "put side by side, and taken apart as they were, can be followed",
        )
    return tuple(found)


def _matched(
    axes: Sequence[Axis], wanted: list[Size], k: int, atoms: list[Atom]
) -> list[Axis] | None:
    """The axes from the k-th on, made of `atoms`; None if there is no way."""
    if k == len(wanted):
        return [] if all(atom.size == 1 for atom in atoms) else None
    size = wanted[k]
    if size == 0:
        size = size_of(axes[k]) if k < len(axes) else -2
    for count in range(len(atoms) + 1):
        axis = tuple(atoms[:count])
        if _fits(axis, size):
            rest = _matched(axes, wanted, k + 1, atoms[count:])
            if rest is not None:
                return [axis, *rest]
    return None


def _fits(axis: Axis, size: Size) -> bool:
    if isinstance(size, int):
        return size == -1 or known(axis) == size
    lively = [atom for atom in axis if atom.size != 1]
    return lively == [atom for atom in size if atom.size != 1]


def refused(node: Node, what: str) -> Refused:
    """`node` can't come over, and why."""
    return unsupported(f"{node} {what}")
