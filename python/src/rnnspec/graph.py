"""Graph: which layer reads which, how wide they are, and whether they have time (SPEC 8, [agree-3]).

Values have places: 0 is the net's input, k + 1 the output of layer k. None stands for what is unknown
because of a finding.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

from rnnspec import layout
from rnnspec.layout import Layer, Sizes


@dataclass(frozen=True, slots=True)
class Node:
    """A layer in its net."""

    reads: tuple[
        int | None, ...
    ]  # places, as many as its `inputs`; None where there is no such layer
    reads_ids: bool  # of the net's input, if it is tokens
    is_misplaced: bool  # can't read what it reads ([agree-3], [layer-5])
    widths: tuple[int | None, ...]  # of what it reads
    is_misfit: bool  # the widths do not fit each other
    sizes: Sizes
    width: int | None
    has_time: bool | None


def nodes(layers: Sequence[Layer], size: int | None, tokens: int | None) -> list[Node]:
    """The nodes of layers of sound structure, behind an input of `size` features, or of tokens.

    For tokens `size` is None, and `tokens` their number if it is known.
    """
    found: list[Node] = []
    places = {layout.INPUT: 0}  # of several layers of one name the first
    for k, layer in enumerate(layers):
        given = cast(Sequence[str] | None, layer.get("inputs"))
        reads = (k,) if given is None else tuple(map(places.get, given))
        found.append(_node(layer, reads, found, size, tokens))
        places.setdefault(cast(str, layer["name"]), k + 1)
    return found


def unread(nodes: Sequence[Node]) -> list[int]:
    """The layers that the last one does not read, directly or through others."""
    read = {len(nodes)}
    for place in range(len(nodes), 0, -1):
        if place in read:
            read.update(p for p in nodes[place - 1].reads if p is not None)
    return [k for k in range(len(nodes)) if k + 1 not in read]


_UNKNOWN: Final = (None, None)


def _node(
    layer: Layer,
    reads: tuple[int | None, ...],
    before: Sequence[Node],
    size: int | None,
    tokens: int | None,
) -> Node:
    layer_type = cast(str, layer["type"])
    read = [
        _UNKNOWN
        if place is None
        else (before[place - 1].width, before[place - 1].has_time)
        if place
        else (size, True)
        for place in reads
    ]
    reads_ids = size is None and 0 in reads
    is_known = None not in reads
    times = {time for _, time in read}
    if layer_type in layout.TOKEN_LAYERS:
        is_misplaced = is_known and not reads_ids
    else:
        is_misplaced = reads_ids or _can_not_read(layer_type, times)
    is_sound = is_known and not is_misplaced
    widths = tuple(width if is_sound else None for width, _ in read)
    is_misfit = layer_type in layout.MERGING_LAYERS and not _fit(layer_type, widths)
    own = layout.sizes(layer, widths[0], tokens if is_sound else None)
    return Node(
        reads,
        reads_ids,
        is_misplaced,
        widths,
        is_misfit,
        own,
        None if is_misfit else _width(layer, own, widths),
        _has_time(layer, times if is_sound else {None}),
    )


def _can_not_read(layer_type: str, times: set[bool | None]) -> bool:
    """Whether a layer can't read what has time, or has none, as its inputs do ([layer-5])."""
    if None in times:
        return False
    if layer_type in layout.MERGING_LAYERS:
        return len(times) > 1
    return False in times and layer_type not in layout.TIMELESS_LAYERS


def _fit(layer_type: str, widths: tuple[int | None, ...]) -> bool:
    known = [width for width in widths if width is not None]
    if len(known) < len(widths):
        return True  # nobody can tell
    if layer_type == "concat":
        return sum(known) <= layout.LARGEST_SIZE
    return len(set(known)) == 1


def _width(layer: Layer, sizes: Sizes, widths: tuple[int | None, ...]) -> int | None:
    """SPEC 8."""
    layer_type = layer["type"]
    if layer_type in layout.STATES:
        own = sizes["P"]
        return own if own is None or layer.get("merge") != "concat" else 2 * own
    if layer_type in layout.SIZE_MEMBER:
        return sizes["H"]
    if layer_type == "one_hot":
        return sizes["V"]
    known = [width for width in widths if width is not None]
    if len(known) < len(widths):
        return None
    return sum(known) if layer_type == "concat" else known[0]


def _has_time(layer: Layer, times: set[bool | None]) -> bool | None:
    if layer["type"] in layout.STATES:
        return layer.get("output") != "final"
    if layer["type"] == "last_step":
        return False
    if layer["type"] in layout.TOKEN_LAYERS:
        return True
    return next(iter(times)) if len(times) == 1 else None
