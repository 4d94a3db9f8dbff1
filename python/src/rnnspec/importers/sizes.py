"""The sizes of a net whose file says them twice, in `shape` and by its weights; and those that a caller expects.

RTNeural's ModelT states them in C++, and its loader refuses another net. Here --sizes does.
"""

import re
from typing import Final

from rnnspec.importers.arrays import Float64
from rnnspec.importers.net import Net
from rnnspec.importers.pattern import Notes, Option
from rnnspec.importers.refusal import named, wrong_option

SIZES: Final = Option(
    name="sizes",
    metavar="SIZES",
    help="what goes in and what each layer gives, such as 1,16,1: a file of another net is refused",
)
_SIZE: Final = re.compile(r" *[1-9][0-9]{0,5} *")
_SIZED: Final = ("lstm", "gru", "elman", "dense")


def of_weights(given: Float64, axis: int, said: int, what: str, notes: Notes) -> int:
    """The size that a matrix of a layer has; where its `shape` says another one, the matrix counts, and that is told.

    The other arrays of the layer, and the layer behind it, must agree with it: the caller checks that.
    """
    found = said if given.ndim != 2 else int(given.shape[axis])
    if found != said:
        notes.assumed(
            f"{found} units of {what}, as its weights have; its shape says {said}, and RTNeural does not load such a file: "
            "--sizes states what you expect"
        )
    return found


def check_sizes(net: Net, sizes: str | None) -> None:
    """Raises Refused where the caller states another net than this one, whose layers are all there."""
    if sizes is None:
        return
    said = sizes.split(",")
    if not all(_SIZE.fullmatch(size) for size in said):
        raise wrong_option(
            f"--sizes {named(sizes)}: expected sizes such as 1,16,1, what goes in and what each layer gives"
        )
    tokens = next(iter(net.vocabularies.values()), {}).get("tokens", ())
    found = [net.input.get("size", len(tokens))] + [
        layer.get("hidden_size", layer.get("size"))
        for layer in net.layers
        if layer["type"] in _SIZED
    ]
    if [int(size) for size in said] != found:
        raise wrong_option(
            f"--sizes {named(sizes)}: the net in the file is {','.join(map(str, found))}, what goes in and what each layer "
            "gives, so it is of another net"
        )
