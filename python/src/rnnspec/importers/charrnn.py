"""charrnn: checkpoints of karpathy/char-rnn, Torch7 files of an nngraph net. The graph is in the file, and is followed.

With s = i2h · x + h2h · h, each nn.Linear with its own bias, and its matrix [outputs, inputs],

    LSTM  i, f, o, g = the blocks of s that the graph takes, by habit in this order
          c' = sigmoid(f) · c + sigmoid(i) · tanh(g),  h' = sigmoid(o) · tanh(c')
    GRU   z, r = sigmoid(s_z), sigmoid(s_r),  n = tanh(p1 · x + p2 · (r · h)),  h' = z · n + (1 - z) · h
    RNN   h' = tanh(s)
"""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from rnnspec.importers import arrays, ends, torch7
from rnnspec.importers.net import LSTM, Net
from rnnspec.importers.nngraph import Bound, Graph, Pattern
from rnnspec.importers.pattern import OWN_OUTPUT, OWN_VOCABULARY, TOKENS, Notes, System
from rnnspec.importers.refusal import malformed, misfit, named, unsupported
from rnnspec.importers.result import Import, imported
from rnnspec.importers.source import Source, StrPath
from rnnspec.importers.torch7 import Object, Table, Tensor
from rnnspec.json_reader import Value
from rnnspec.tensor import Float32

_MARK: Final = b"protos"  # a string of every checkpoint's table


def recognise(source: Source) -> bool:
    """Whether it is a Torch7 file with a table that has `protos` and `vocab`."""
    if source.is_folder:
        return False
    data = source.data()
    return torch7.looks_like(data) and _MARK in data and b"nn.gModule" in data


def read(
    path: Source | StrPath,
    *,
    output_kind: str = "log_probabilities",
    vocabulary: StrPath | None = None,
    tokens: Sequence[str] | None = None,
) -> Import:
    """The net in a checkpoint of char-rnn.

    The options are those of `rnnspec import --list`. Raises Refused, and OSError where there is no file.
    """
    net = Net(Source.of(path))
    checkpoint = torch7.read_value(net.source.data(), net.source.path.name)
    protos = checkpoint.get("protos") if isinstance(checkpoint, Table) else None
    module = protos.get("rnn") if isinstance(protos, Table) else None
    if not isinstance(checkpoint, Table) or not isinstance(protos, Table):
        raise malformed("the file has no protos: give a checkpoint that char-rnn's train.lua saved")
    for name in protos.items:
        if name not in {b"rnn", b"criterion"}:
            raise unsupported(
                f"protos has a part {_shown(name)}, which is not char-rnn's: only its rnn and criterion are known"
            )
    if not isinstance(module, Object) or module.kind != "nn.gModule":
        raise malformed("protos.rnn is no nn.gModule: give a checkpoint of char-rnn")
    graph = Graph(module)
    cells, decoder = _cells(graph)
    weights = _weights(graph, cells, decoder, len(net.source.data()) // 2, net.notes)

    count = weights[f"{decoder}.weight"].shape[0]
    ends.token_input(net, count, vocabulary, tokens, _vocabulary(checkpoint.get("vocab")))
    net.layer("one_hot")
    net.notes.changed("ids begin at 0; in Lua they begin at 1")
    width = count
    for cell in cells:
        width = _layer(net, cell, weights, width)
    W = weights[f"{decoder}.weight"].T
    if W.shape != (width, count):
        raise misfit(
            f"the decoder is {list(W.shape)}, and [{width}, {count}] fits: the file is damaged"
        )
    net.layer("dense", size=count, W=W, b=weights[f"{decoder}.bias"])
    net.notes.changed("matrices transposed to [inputs, outputs]; two biases of a cell added to one")
    net.notes.left_out("losses, options and gradients: only training needs them")
    net.notes.understood("the graph ends in LogSoftMax; --output-kind logits leaves it out")
    ends.finish(net, count, output_kind)
    return imported(SYSTEM.name, net)


# --- the graph ---------------------------------------------------------------------------------------------


def _sum(one: str, x: int, other: str, h: Pattern) -> Pattern:
    return ("add", (), ("linear", (one,), x), ("linear", (other,), h))


def _cells(graph: Graph) -> tuple[list[Bound], int]:
    """What the names of the patterns stand for, a cell each, from the first; and the number of the last Linear."""
    *states, end = graph.outputs
    found = _matched(
        graph, ("log_softmax", (), ("linear", ("?d",), states[-1] if states else 0)), end
    )
    x = graph.term("one_hot", (), graph.term("input", (1,)))
    if found is None:
        raise unsupported(
            "the net does not end in a Linear and a LogSoftMax behind its last cell, as char-rnn's do: checkpoints "
            "from before that (May 2015) are not read"
        )
    cells: list[Bound] = []
    at = 0
    while at < len(states):
        first = graph.term("input", (at + 2,))
        cell = _elman_or_gru(graph, x, first, states[at])
        if cell is None and at + 1 < len(states):
            cell = _lstm(graph, x, first, graph.term("input", (at + 3,)), states[at : at + 2])
            at += cell is not None
        if cell is None:
            raise unsupported(
                f"cell {len(cells) + 1} is neither char-rnn's LSTM, nor its GRU, nor its RNN: it computes something "
                "else; only unchanged cells are read"
            )
        x = states[at]
        at += 1
        cells.append(cell)
    return cells, int(str(found["?d"]))


def _elman_or_gru(graph: Graph, x: int, h: int, after: int) -> Bound | None:
    elman = _matched(graph, ("tanh", (), _sum("?a", x, "?b", h)), after)
    if elman is not None:
        return {"kind": "elman", **elman}
    z: Pattern = ("sigmoid", (), _sum("?za", x, "?zb", h))
    reset: Pattern = ("multiply", (), ("sigmoid", (), _sum("?ra", x, "?rb", h)), h)
    kept: Pattern = ("multiply", (), ("plus", (1.0,), ("times", (-1.0,), z)), h)
    taken: Pattern = ("multiply", (), z, ("tanh", (), _sum("?na", x, "?nb", reset)))
    gru = _matched(graph, ("add", (), taken, kept), after)
    return None if gru is None else {"kind": "gru", **gru}


def _lstm(graph: Graph, x: int, c: int, h: int, after: list[int]) -> Bound | None:
    def part(function: str, start: str) -> Pattern:
        return (function, (), ("narrow", (start, "?H"), _sum("?a", x, "?b", h)))

    kept: Pattern = ("multiply", (), part("sigmoid", "?f"), c)
    taken: Pattern = ("multiply", (), part("sigmoid", "?i"), part("tanh", "?g"))
    bound = _matched(graph, ("add", (), kept, taken), after[0])
    if bound is None:
        return None
    out: Pattern = ("multiply", (), part("sigmoid", "?o"), ("tanh", (), after[0]))
    bound = next(graph.match(out, after[1], bound), None)
    return None if bound is None else {"kind": "lstm", **bound}


def _matched(graph: Graph, pattern: Pattern, number: int) -> Bound | None:
    return next(graph.match(pattern, number, {}), None)


# --- the numbers -------------------------------------------------------------------------------------------


def _weights(
    graph: Graph, cells: list[Bound], decoder: int, most: int, notes: Notes
) -> dict[str, Float32]:
    """`NUMBER.weight` and `NUMBER.bias` of every Linear. Raises Refused.

    Together they have at most `most` numbers: a small file may say that its few are everybody's. A bias of h2h may be absent, as later copies of char-rnn leave it out; it is zeros then.
    """
    # Only h2h may have no bias.
    optional = {
        cell[name] for cell in cells for name in ("?b", "?zb", "?rb", "?nb") if name in cell
    }
    wide: dict[str, arrays.Float64] = {}
    for number, linear in enumerate(graph.linears):
        weight, bias = linear.fields.get("weight"), linear.fields.get("bias")
        what = "the decoder" if number == decoder else f"nn.Linear {number + 1}"
        if not isinstance(weight, Tensor) or len(weight.sizes) != 2:
            raise malformed(f"{what} has no matrix: take a checkpoint that was saved in whole")
        most -= math.prod(weight.sizes)
        if most < 0:
            raise malformed("matrices of the net share their numbers: the file is damaged")
        wide[f"{number}.weight"] = weight.wide(f"the matrix of {what}")
        if isinstance(bias, Tensor):
            if bias.sizes != weight.sizes[:1]:
                raise misfit(
                    f"{what} has a matrix {list(weight.sizes)} and a bias {list(bias.sizes)}: the file is damaged"
                )
            wide[f"{number}.bias"] = bias.wide(f"the bias of {what}")
        elif number in optional:
            wide[f"{number}.bias"] = np.zeros(weight.sizes[0])
        else:
            raise malformed(f"{what} has no bias, and char-rnn's has: take another checkpoint")
    return arrays.rounded(wide, notes)


def _layer(net: Net, cell: Bound, weights: dict[str, Float32], width: int) -> int:
    """Adds the layer of a cell that reads `width` numbers; its own width. Raises Refused."""

    def pair(one: str, other: str, blocks: int) -> tuple[Float32, ...]:
        W, R = (weights[f"{cell[name]}.weight"].T for name in (one, other))
        b = weights[f"{cell[one]}.bias"].astype(np.float64) + weights[f"{cell[other]}.bias"]
        units = R.shape[0]
        if W.shape != (width, blocks * units) or R.shape != (units, blocks * units):
            raise misfit(
                f"the matrices of a cell are {list(W.shape)} and {list(R.shape)}, and [{width}, {blocks}H] and "
                f"[H, {blocks}H] fit: the file is damaged, or joined from two"
            )
        return W, R, arrays.finite(b.astype(np.float32), "a bias")

    kind = cell["kind"]
    if kind == "elman":
        W, R, b = pair("?a", "?b", 1)
        net.layer("elman", hidden_size=len(R), activation={"function": "tanh"}, W=W, R=R, b=b)
    elif kind == "lstm":
        W, R, b = pair("?a", "?b", 4)
        starts = {int(str(cell[f"?{gate}"])): gate for gate in "ifgo"}
        if sorted(starts) != [k * len(R) for k in range(4)] or cell["?H"] != len(R):
            raise unsupported(
                "the gates of an LSTM are not four blocks of one size: it is not char-rnn's"
            )
        order = "".join(starts[start] for start in sorted(starts))
        W, R, b = (arrays.blocks(array, order, "ifgo") for array in (W, R, b))
        net.layer("lstm", hidden_size=len(R), activations=LSTM, W=W, R=R, b=b)
        net.notes.changed(f"blocks {', '.join(order)}, as the graph takes them → i, f, g, o")
    else:
        z, r, n = (pair(f"?{gate}a", f"?{gate}b", 1) for gate in "zrn")
        # 1 - sigmoid(s) = sigmoid(-s).
        W, R, b = (np.concatenate([r[k], -z[k], n[k]], axis=-1) for k in range(3))
        functions = {"gates": {"function": "sigmoid"}, "candidate": {"function": "tanh"}}
        net.layer("gru", hidden_size=len(R), reset="before", activations=functions, W=W, R=R, b=b)
        net.notes.changed(
            "z negated: char-rnn's keeps the candidate, the format's keeps the old state"
        )
    net.notes.understood(f"{kind} of {len(R)} units, as the graph computes it")
    return len(R)


def _vocabulary(vocab: torch7.Value) -> Value:
    """Tokens by id: bytes, or characters where a copy of char-rnn stores them. Raises Refused."""
    if vocab is None:
        return None
    by_id: dict[object, bytes] = {}
    for token, number in vocab.items.items() if isinstance(vocab, Table) else ():
        if not isinstance(token, bytes) or not isinstance(number, float) or number in by_id:
            raise malformed("vocab is no table token → id, every id once: give --vocabulary FILE")
        by_id[number] = token
    if not by_id or set(by_id) != set(range(1, len(by_id) + 1)):
        raise malformed("the ids of vocab are not 1, 2, 3, …: give --vocabulary FILE")
    tokens = [by_id[k + 1] for k in range(len(by_id))]
    if all(len(token) == 1 for token in tokens):
        return [float(token[0]) for token in tokens]
    try:
        return [token.decode() for token in tokens]
    except UnicodeDecodeError:
        raise malformed("a token of vocab is no UTF-8: give --vocabulary FILE") from None


def _shown(name: object) -> str:
    return named(name.decode("utf-8", "replace")) if isinstance(name, bytes) else "without a name"


SYSTEM: Final = System(
    name="charrnn",
    title="Checkpoints of char-rnn, in Torch7's binary form",
    reads=("a .t7 file as train.lua saves it",),
    versions=("char-rnn since May 2015", "trained on CPU, CUDA or OpenCL"),
    carries=(
        "stacks of LSTM, GRU and RNN, told by the graph in the file, gate order too",
        "its vocabulary of bytes",
    ),
    refuses=(
        "graphs that compute anything else",
        "batch normalisation",
        "files of 32-bit machines, and ASCII ones",
    ),
    limits=("256 MiB", f"{torch7.LIMIT_VALUES:,} values"),
    options=(OWN_OUTPUT, OWN_VOCABULARY, TOKENS),
    recognise=recognise,
    read=read,
)
