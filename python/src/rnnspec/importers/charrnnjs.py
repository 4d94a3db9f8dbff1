"""charrnnjs: nets of garywang/char-rnn.js, an index X.json and beside it the float32 of all arrays, X.dat.

For each layer, then for the output, a matrix [outputs, inputs] and a bias. With [i, f, o, g] = i2h · x + b + h2h · h + b2,

    c' = sigmoid(f) · c + sigmoid(i) · tanh(g)
    h' = sigmoid(o) · tanh(c')
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from rnnspec.importers import arrays, ends
from rnnspec.importers.net import LSTM, Net
from rnnspec.importers.pattern import GATES, OWN_OUTPUT, OWN_VOCABULARY, TOKENS, System, gate_order
from rnnspec.importers.refusal import Refused, malformed, misfit, unsupported
from rnnspec.importers.result import Import, imported
from rnnspec.importers.source import Source, StrPath
from rnnspec.json_reader import Value
from rnnspec.tensor import Float32

_BYTES: Final = 256
_ORDER: Final = "ifog"
_MEMBERS: Final = frozenset({"vocab", "next", "arrays"})
_ENTRY: Final = frozenset({"dim", "byteLength", "length", "offset"})
_MOST_ARRAYS: Final = 4 * 256 + 2


def recognise(source: Source) -> bool:
    """Whether it is an object of `vocab`, `next` and `arrays`."""
    return not source.is_folder and set(source.json_object() or {}) == _MEMBERS


def read(
    path: Source | StrPath,
    *,
    output_kind: str = "probabilities",
    vocabulary: StrPath | None = None,
    tokens: Sequence[str] | None = None,
    gates: str = _ORDER,
) -> Import:
    """The net in X.json, with X.dat beside it.

    The options are those of `rnnspec import --list`. Raises Refused, and OSError where there is no file.
    """
    net = Net(Source.of(path))
    order = gate_order(gates, _ORDER, net.notes)
    index = net.source.json()
    if not isinstance(index, dict) or set(index) != _MEMBERS:
        raise malformed("the index is no object of vocab, next and arrays: convert the net again")
    places = _places(index["arrays"])
    _check_shapes([shape for shape, _ in places])
    data = _blob(net, places, index["next"])
    parts = [
        arrays.raw_float32(
            data[offset : offset + 4 * math.prod(shape)], shape, f"array {number} of arrays"
        )
        for number, (shape, offset) in enumerate(places)
    ]

    *cells, W, b = parts
    ends.token_input(net, len(b), vocabulary, tokens, _vocabulary(index["vocab"]))
    net.layer("one_hot")
    for k in range(0, len(cells), 4):
        _cell(net, cells[k : k + 4], order)
    net.layer("dense", size=len(b), W=W.T, b=b)
    net.notes.understood(f"LSTMs of {', '.join(str(len(a) // 4) for a in cells[1::4])} units")
    net.notes.assumed("tanh in the cells, as char-rnn.js computes it; the file can't say it")
    net.notes.changed(
        f"blocks {', '.join(order)} → i, f, g, o; matrices transposed; two biases of a cell added to one"
    )
    ends.finish(net, len(b), output_kind)
    return imported(SYSTEM.name, net)


def _cell(net: Net, parts: list[Float32], order: str) -> None:
    W, one, R, other = parts
    b = arrays.finite((one.astype(np.float64) + other).astype(np.float32), "a bias")
    W, R, b = (arrays.blocks(array, order, "ifgo") for array in (W.T, R.T, b))
    net.layer("lstm", hidden_size=len(R), activations=LSTM, W=W, R=R, b=b)


def _places(entries: Value) -> list[tuple[tuple[int, ...], int]]:
    """Shape and offset of every array, one after the other in the blob. Raises Refused."""
    if (
        not isinstance(entries, list)
        or not 6 <= len(entries) <= _MOST_ARRAYS
        or len(entries) % 4 != 2
    ):
        raise unsupported(
            "arrays is no list of four for each LSTM and two for the output: only stacks of LSTMs are read, as "
            "char-rnn.js runs them"
        )
    places = []
    end = 0
    for number, entry in enumerate(entries):
        what = f"array {number} of arrays"
        if not isinstance(entry, dict) or set(entry) != _ENTRY:
            raise malformed(
                f"{what} has not dim, byteLength, length and offset: convert the net again"
            )
        shape = arrays.shape_of(entry["dim"], what)
        count = math.prod(shape)
        if entry["length"] != count or entry["byteLength"] != 4 * count:
            raise misfit(
                f"{what} has other lengths than its dim {list(shape)} as float32 asks for: convert the net again"
            )
        if entry["offset"] != end:
            raise misfit(
                f"{what} does not begin at byte {end:,}, where the one before it ends: convert the net again"
            )
        places.append((shape, end))
        end += 4 * count
    return places


def _check_shapes(shapes: list[tuple[int, ...]]) -> None:
    """Raises Refused where one does not fit its neighbours."""
    *cells, W, b = shapes
    count = b[0] if b else 0
    width = count
    wanted: list[tuple[int, ...]] = []
    for bias in cells[1::4]:
        units = bias[0] // 4 if bias else 0
        wanted += [(4 * units, width), (4 * units,), (4 * units, units), (4 * units,)]
        width = units
    wanted += [(count, width), (count,)]
    for number, (shape, right) in enumerate(zip([*cells, W, b], wanted, strict=True)):
        if shape != right:
            raise misfit(
                f"array {number} of arrays is {list(shape)}, and {list(right)} fits a stack of LSTMs with an output of "
                f"{count}: the net is another one, such as a GRU, or two files were mixed"
            )


def _blob(net: Net, places: list[tuple[tuple[int, ...], int]], following: Value) -> bytes:
    """The bytes of X.dat up to the end of the last array. Raises Refused."""
    if net.source.is_folder:
        raise malformed("a folder is given: name the index in it, such as small.json")
    shape, offset = places[-1]
    end = offset + 4 * math.prod(shape)
    if end > net.source.limits.size:
        raise Refused(
            "IMPORT_LIMIT",
            f"the arrays have {end:,} bytes, and at most {net.source.limits.size:,} are read: if you trust the file, "
            "raise the limit, with --limit size=1G",
        )
    if following != end:
        raise misfit(f"next is not {end:,}, where the last array ends: convert the net again")
    name = f"{net.source.path.stem}.dat"
    data = net.source.data(name)
    if len(data) < end:
        raise malformed(
            f"{name} has {len(data):,} bytes, and the arrays need {end:,}: copy it again"
        )
    if len(data) > end:
        net.notes.left_out(
            f"{len(data) - end:,} bytes behind the arrays in {name}: room for the program to work in"
        )
    return data[:end]


def _vocabulary(vocab: Value) -> Value:
    """The byte of each id, from the id of each byte. Raises Refused."""
    if not isinstance(vocab, list) or not 1 <= len(vocab) <= _BYTES:
        raise malformed(
            "vocab is no list of an id or null for each byte, at most 256: convert the net again"
        )
    by_id: dict[Value | float, float] = {}
    for byte, number in enumerate(vocab):
        if number is None:
            continue
        if type(number) is not float or number in by_id:
            raise malformed(f"vocab gives byte {byte} no id of its own: convert the net again")
        by_id[number] = float(byte)
    if set(by_id) != set(range(len(by_id))):
        raise malformed("the ids of vocab are not 0, 1, 2, …: convert the net again")
    return [by_id[float(k)] for k in range(len(by_id))]


SYSTEM: Final = System(
    name="charrnnjs",
    title="Nets of char-rnn.js, an index and a blob of float32",
    reads=("X.json with the members vocab, next and arrays, and X.dat beside it",),
    versions=("char-rnn.js of 2015, the only one",),
    carries=("stacks of LSTM with an output layer", "its vocabulary of bytes"),
    refuses=("other cells", "arrays that overlap, or leave gaps"),
    limits=("256 MiB in both files", "256 layers"),
    options=(OWN_OUTPUT, OWN_VOCABULARY, TOKENS, GATES),
    recognise=recognise,
    read=read,
)
