"""theano: the LSTM with full peepholes and a learned start of theano-nlp (later chicken-rice-nn), as named arrays.

With row vectors, k from 1, and the blocks of columns i, f, g, o for x·W and h·U, and i, f, o for the cell:

    i  = sigmoid(x·W_i + h·U_i + b_i + c·C_i)
    f  = sigmoid(x·W_f + h·U_f + b_f + c·C_f)
    g  = tanh(x·W_g + h·U_g + b_g)
    c' = f · c + i · g
    o  = sigmoid(x·W_o + h·U_o + b_o + c'·C_o)
    h' = o · tanh(c')

and before the first step h = tanh(init_hidden), c = init_cell. The last row of V is START, and the last output END.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from rnnspec.importers import ends
from rnnspec.importers.net import LSTM, Net
from rnnspec.importers.npz_file import read_npz
from rnnspec.importers.pattern import OUTPUT, TOKENS, VOCABULARY, Option, System, chosen
from rnnspec.importers.refusal import Refused, malformed, misfit, named, unsupported
from rnnspec.importers.result import Import, imported
from rnnspec.importers.source import Source, StrPath
from rnnspec.importers.stored import Stored, read_all, read_lists
from rnnspec.tensor import Float32

_LAYER: Final = re.compile(r"[A-Za-z]+_recurrent_(?P<number>[1-9][0-9]{0,8})(?:_[a-z]+)?")
_NPZ: Final = re.compile(rb"W_recurrent_[1-9][0-9]{0,2}_hidden\.npy")
_NAMES: Final = (  # of a layer
    "W_recurrent_{}_input",
    "W_recurrent_{}_hidden",
    "W_recurrent_{}_cell",
    "b_recurrent_{}",
    "init_recurrent_{}_hidden",
    "init_recurrent_{}_cell",
)
_ENDS: Final = ("V", "W_output", "b_output")
_MOST_LAYERS: Final = 256
_STARTS: Final = ("tanh", "linear")
_ROWS: Final = ("last", "none")


def recognise(source: Source) -> bool:
    """A JSON object, or an .npz, with a recurrent matrix of this name."""
    if source.is_folder:
        return False
    data = source.data()
    if data.startswith(b"PK\3\4"):
        return _NPZ.search(data) is not None
    members = source.json_object() or ()
    return any(re.fullmatch("W_recurrent_[1-9][0-9]{0,2}_hidden", name) for name in members)


def read(
    path: Source | StrPath,
    *,
    output_kind: str | None = None,
    vocabulary: StrPath | None = None,
    tokens: Sequence[str] | None = None,
    initial_hidden: str | None = None,
    start_row: str | None = None,
) -> Import:
    """The net in a file of named arrays.

    The options are those of `rnnspec import --list`. Raises Refused, and OSError where there is no file.
    """
    net = Net(Source.of(path))
    notes = net.notes
    chosen("initial_hidden", initial_hidden or "tanh", _STARTS)
    chosen("start_row", start_row or "last", _ROWS)
    stored = _stored(net.source)
    layers = _layers(stored)
    sizes = _check(stored, layers)
    values = read_all(stored.values(), net.source.limits, notes)

    table = values["V"]
    _tokens(net, len(table), start_row, vocabulary, tokens)
    net.layer("embedding", size=table.shape[1], E=table)
    for k in range(1, layers + 1):
        _cell(net, k, values, initial_hidden or "tanh")
    rows = len(table)
    net.layer("dense", size=rows, W=values["W_output"], b=values["b_output"])
    notes.understood(f"LSTMs of {', '.join(map(str, sizes))} units, with full peepholes")
    notes.understood(
        "gates in the order i, f, g, o, of the peepholes i, f, o, which no shape can show; "
        "the forget bias is in the file, and nothing is added"
    )
    if initial_hidden != "linear":
        notes.changed(
            "the first h computed, tanh of init_recurrent_…_hidden, and rounded to float32"
        )
    if initial_hidden is None:
        notes.assumed(
            "that tanh, as theano-nlp has it; --initial-hidden linear says that the numbers are h itself"
        )
    notes.assumed(
        "sigmoid and tanh as they are; theano-nlp's page in JavaScript cuts them to 0, 1 and −1 where |x| > 10"
    )
    ends.finish(net, rows, output_kind)
    return imported(SYSTEM.name, net)


def _stored(source: Source) -> dict[str, Stored]:
    """The arrays by name. Raises Refused."""
    data = source.data()
    if data.startswith(b"PK\3\4"):
        return read_npz(source)
    if data.lstrip(b" \t\r\n").startswith(b"{"):
        return read_lists(source)
    raise malformed(
        f"{named(source.path.name)} is neither JSON nor .npz; a pickle, which theano_toolkit writes, is a program and is "
        "not read: write json.dumps({name: w.tolist() for name, w in params.items()}), or numpy.savez(FILE, **params)"
    )


def _layers(stored: Mapping[str, Stored]) -> int:
    """How many layers there are. Raises Refused for names that are missing, or have no place."""
    numbers = {1}
    for name in stored:
        match = _LAYER.fullmatch(name)
        number = match["number"] if match else ""
        if name not in _ENDS and name not in {of_layer.format(number) for of_layer in _NAMES}:
            raise unsupported(
                f'there is no place for "{named(name)}" in an LSTM of theano-nlp: remove it, if the output does not need it'
            )
        if number:
            numbers.add(int(number))
    if max(numbers) > _MOST_LAYERS:
        raise Refused(
            "IMPORT_LIMIT",
            f"there is a layer {max(numbers)}, and {_MOST_LAYERS} layers are allowed",
        )
    layers = max(numbers)
    wanted = [name.format(k) for k in range(1, layers + 1) for name in _NAMES] + list(_ENDS)
    for name in wanted:
        if name not in stored:
            zeros = name.startswith(("init", "b_")) or name.endswith("cell")
            raise malformed(
                f"there is no {name}: "
                + ("write it, with zeros if the net has none" if zeros else "write the whole net")
            )
    return layers


def _check(stored: Mapping[str, Stored], layers: int) -> list[int]:
    """The units of each layer. Raises Refused where the shapes do not fit each other."""
    table, output = stored["V"], stored["W_output"]
    if len(table.shape) != 2 or not table.shape[1] or table.shape[0] < 2:
        raise misfit(f"{table} is no embedding: expected a row for each token, and one for START")
    sizes = []
    width = table.shape[1]
    for k in range(1, layers + 1):
        given, hidden, cell, bias, *starts = (stored[name.format(k)] for name in _NAMES)
        size = hidden.shape[0] if hidden.shape else 0
        if not size or hidden.shape != (size, 4 * size):
            raise misfit(
                f"{hidden} is no recurrent matrix [H, 4H]: with 3H columns it is a GRU's, which is not read, and with 4H "
                "rows it is transposed"
            )
        if given.shape != (width, 4 * size):
            raise misfit(
                f"{given} does not fit: {width} numbers go in, and layer {k} has {size} units, so it is "
                f"[{width}, {4 * size}]"
            )
        if cell.shape != (size, 3 * size):
            raise misfit(
                f"{cell} is no full peephole [{size}, {3 * size}]: peepholes from each cell to its own gates alone are of "
                "another net; write them as diagonals of three blocks"
            )
        if bias.shape not in {(4, size), (4 * size,)}:
            raise misfit(
                f"{bias} does not fit: expected a row of {size} for each gate, [4, {size}]"
            )
        for start in starts:
            if start.shape != (size,):
                raise misfit(f"{start} does not fit: expected {size} numbers, one for each unit")
        sizes.append(size)
        width = size
    if output.shape != (width, table.shape[0]) or stored["b_output"].shape != output.shape[1:]:
        raise misfit(
            f"{output} and {stored['b_output']} do not fit: {width} numbers go in, and one comes out for each row of {table}"
        )
    return sizes


def _tokens(
    net: Net,
    rows: int,
    start_row: str | None,
    vocabulary: StrPath | None,
    tokens: Sequence[str] | None,
) -> None:
    """The vocabulary, with START and END behind it unless the option says that there is none.

    Raises Refused; OSError for the option's file.
    """
    if start_row == "none":
        ends.token_input(net, rows, vocabulary, tokens)
        return
    ends.token_input(net, rows - 1, vocabulary, tokens)
    net.vocabularies = {
        name: {**entry, "tokens": [*entry["tokens"], ""], "start": rows - 1, "end": rows - 1}
        for name, entry in net.vocabularies.items()
    }
    if start_row is None:
        net.notes.assumed(
            f"row {rows - 1} of V, the last, is START, and the last output END, so the vocabulary is one token shorter; "
            "--start-row none says otherwise"
        )


def _cell(net: Net, k: int, values: Mapping[str, Float32], initial_hidden: str) -> None:
    W, R, p, b, h0, c0 = (values[name.format(k)] for name in _NAMES)
    if initial_hidden == "tanh":
        h0 = np.tanh(h0.astype(np.float64)).astype(np.float32)
    net.layer(
        "lstm",
        hidden_size=len(R),
        activations=LSTM,
        peephole="full",
        W=W,
        R=R,
        b=b.reshape(-1),
        p=p,
        h0=h0,
        c0=c0,
    )


SYSTEM: Final = System(
    name="theano",
    title="The peephole LSTM of theano-nlp, later chicken-rice-nn, as named arrays",
    reads=(
        'a JSON file {"V": [[…]], "W_recurrent_1_input": [[…]], …}, as its README writes it',
        "an .npz file of the same arrays",
        "of both ends: " + ", ".join(_ENDS),
        "of each layer, k from 1: " + ", ".join(name.format("k") for name in _NAMES[:3]),
        "and " + ", ".join(name.format("k") for name in _NAMES[3:]),
    ),
    versions=("theano-nlp and chicken-rice-nn of 2015; arrays may be of float64",),
    carries=(
        "stacks of LSTM with full peepholes and a learned start",
        "its embedding with START, and its output layer with END",
    ),
    refuses=(
        "pickles, which are programs",
        "its GRU, peepholes of vectors, arrays of other names",
    ),
    limits=("256 MiB, also when unpacked", "10,000,000 numbers of a JSON file", "256 layers"),
    options=(
        OUTPUT,
        VOCABULARY,
        TOKENS,
        Option(
            name="initial_hidden",
            choices=_STARTS,
            help="what is computed of init_recurrent_k_hidden before the first step (default: tanh)",
        ),
        Option(
            name="start_row",
            choices=_ROWS,
            help="where in V the row of START stands, and in the output END (default: last)",
        ),
    ),
    recognise=recognise,
    read=read,
)
