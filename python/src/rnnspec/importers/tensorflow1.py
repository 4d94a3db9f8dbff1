"""tensorflow1: the variables of a TensorFlow 1 graph, as the dumpers of deeplearn.js and ml5 write them.

Names and shapes are all there is. A BasicLSTMCell computes, with [i, j, f, o] = [x, h] · kernel + bias,

    c' = sigmoid(f + forget_bias) · c + sigmoid(i) · tanh(j)
    h' = sigmoid(o) · tanh(c')
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from rnnspec.importers import arrays, ends
from rnnspec.importers.manifest import Variable, is_manifest, left_out, read_manifest, without
from rnnspec.importers.net import LSTM, Net
from rnnspec.importers.pattern import ENDS, FUNCTIONS, Notes, Option, System, chosen
from rnnspec.importers.refusal import malformed, misfit, named, unsupported, wrong_option
from rnnspec.importers.result import Import, imported
from rnnspec.importers.source import Source, StrPath

Layer = dict[str, Variable]  # `weights` and `bias`

# All names with `_` for `/`.
_CELL: Final = re.compile(
    r"(?P<stack>.*?)_?(?:cell_(?P<number>[0-9]{1,4})_)?basic_lstm_cell_(?P<role>kernel|weights|bias|biases)"
)
_OUTPUT: Final = re.compile(
    r"(?P<layer>(?:.*_)?(?:softmax_(?=[wb]$)|fully_connected_|dense_))(?P<role>w|kernel|weights|b|bias|biases)"
)
_EMBEDDING: Final = re.compile(r"(?:.*_)?embeddings?")
_TRAINING_NUMBERS: Final = re.compile(
    r"Variable(_[0-9]+)?|(.*_)?(global_step|beta[12]_power|learning_rate|lr)"
)
_TRAINING_ARRAYS: Final = re.compile(
    r".*_(Adam|Adagrad|RMSProp|Momentum|ExponentialMovingAverage)(_[0-9]+)?"
)
_OTHERS: Final = {
    r"layer_norm_basic_lstm_cell": "a LayerNormBasicLSTMCell, which normalises inside the cell",
    r"bidirectional_rnn": "a bidirectional net, which the format has no layer for yet",
    r"gru_cell": "a GRUCell",
    r"basic_rnn_cell": "a BasicRNNCell",
    r"(?<!basic_)lstm_cell": "an LSTMCell, which may clip and have peepholes",
    r"attention": "an attention mechanism",
}
_IS_WEIGHTS: Final = frozenset({"w", "kernel", "weights"})


def read(
    path: Source | StrPath,
    *,
    input_kind: str | None = None,
    output_kind: str | None = None,
    vocabulary: StrPath | None = None,
    tokens: Sequence[str] | None = None,
    forget_bias: float = 1.0,
    activation: str = "tanh",
    dense_activation: str = "linear",
    ignore: Sequence[str] = (),
) -> Import:
    """The net in a folder with manifest.json, or in the folder of that file.

    The options are those of `rnnspec import --list`. Raises Refused, and OSError where there is no file.
    """
    source = Source.of(path)
    net = Net(source)
    notes = net.notes
    variables = _needed(without(read_manifest(source), ignore, notes), notes)
    cells, embedding, dense = _cells(variables), _embedding(variables), _dense(variables)
    _check_all_used(variables, [*cells, {"E": embedding} if embedding else {}, dense])

    if embedding:
        if input_kind is not None:
            raise wrong_option(
                f"--input-kind {named(input_kind)}: the net has an embedding, so token ids go in: leave it out"
            )
        ends.token_input(net, embedding.shape[0], vocabulary, tokens)
        width = embedding.columns
        net.layer("embedding", size=width, E=embedding.values())
    else:
        width = cells[0]["weights"].shape[0] - _units(cells[0])
        ends.plain_input(net, width, input_kind, vocabulary, tokens)

    function = {"function": chosen("activation", activation, FUNCTIONS)}
    for cell in cells:
        units = _units(cell)
        _expect(cell["weights"], (width + units, 4 * units))
        kernel = arrays.blocks(cell["weights"].values(), "ijfo", "ifjo")
        b = arrays.blocks(cell["bias"].values(), "ijfo", "ifjo")
        b[units : 2 * units] += np.float32(forget_bias)
        net.layer(
            "lstm",
            hidden_size=units,
            activations={**LSTM, "candidate": function, "output": function},
            W=kernel[:width],
            R=kernel[width:],
            b=b,
        )
        width = units
    _tell_cells(cells, forget_bias, activation, notes)

    if dense:
        _expect(dense["weights"], (width, dense["bias"].columns))
        width = dense["weights"].columns
        net.layer("dense", size=width, W=dense["weights"].values(), b=dense["bias"].values())
        if chosen("dense_activation", dense_activation, FUNCTIONS) != "linear":
            net.layer("activation", function=dense_activation)
        elif "fully_connected" in dense["weights"].plain:
            notes.assumed("no activation behind fully_connected; --dense-activation says otherwise")
    else:
        notes.understood("no output layer: the state of the last cell comes out")
    ends.finish(net, width, output_kind)
    return imported(SYSTEM.name, net)


def _needed(variables: list[Variable], notes: Notes) -> list[Variable]:
    """The variables without what training leaves behind. Raises Refused for those of other cells."""
    training = {
        variable
        for variable in variables
        if (not variable.shape and _TRAINING_NUMBERS.fullmatch(variable.plain))
        or _TRAINING_ARRAYS.fullmatch(variable.plain)
    }
    left_out(training, "only training needs it", notes)
    kept = [variable for variable in variables if variable not in training]
    for variable in kept:
        for word, what in _OTHERS.items():
            if re.search(word, variable.plain):
                raise unsupported(
                    f"{named(variable.name)} belongs to {what}, and only stacks of BasicLSTMCells are read: "
                    "if the net's output does not need it, leave it out with --ignore"
                )
    return kept


def _cells(variables: list[Variable]) -> list[Layer]:
    """The cells of the one stack, from the first. Raises Refused."""
    stacks: dict[str, dict[int, Layer]] = {}
    for variable in variables:
        if found := _CELL.fullmatch(variable.plain):
            cell = stacks.setdefault(found["stack"], {}).setdefault(int(found["number"] or 0), {})
            _put(cell, found["role"], variable)
    if not stacks:
        raise unsupported(
            "the manifest has no BasicLSTMCell: expected variables such as rnn/basic_lstm_cell/kernel"
        )
    if len(stacks) > 1:
        raise unsupported(
            f"the manifest has {len(stacks)} stacks of cells, {_list(stacks)}, and does not say how they are joined: "
            "leave all but one out with --ignore 'STACK*'"
        )
    (stack,) = stacks.values()
    for number in range(max(stack) + 1):
        _check_whole(stack.get(number, {}), f"cell {number}")
    return [stack[number] for number in sorted(stack)]


def _dense(variables: list[Variable]) -> Layer:
    """The layer behind the cells, or nothing. Raises Refused."""
    layers: dict[str, Layer] = {}
    for variable in variables:
        if found := _OUTPUT.fullmatch(variable.plain):
            _put(layers.setdefault(found["layer"], {}), found["role"], variable)
    if len(layers) > 1:
        raise unsupported(
            f"there are {len(layers)} output layers, {_list(layers)}: leave all but one out with --ignore"
        )
    for name, layer in layers.items():
        _check_whole(layer, f"the layer {named(name.strip('_'))}")
        _expect(layer["bias"], (layer["weights"].columns,))
        return layer
    return {}


def _embedding(variables: list[Variable]) -> Variable | None:
    """The embedding, if there is one. Raises Refused."""
    found = [variable for variable in variables if _EMBEDDING.fullmatch(variable.plain)]
    if len(found) > 1:
        names = _list(variable.name for variable in found)
        raise unsupported(f"there are two embeddings, {names}: leave one out with --ignore")
    if found and len(found[0].shape) != 2:
        raise misfit(f"{found[0]} is no embedding: expected a row for each token")
    return found[0] if found else None


def _put(layer: Layer, role: str, variable: Variable) -> None:
    role = "weights" if role in _IS_WEIGHTS else "bias"
    if role in layer:
        names = _list((layer[role].name, variable.name))
        raise unsupported(f"{names} are both the {role} of one layer: leave one out with --ignore")
    layer[role] = variable


def _check_whole(layer: Layer, what: str) -> None:
    for role in ("weights", "bias"):
        if role not in layer:
            raise malformed(
                f"{what} has no {role}, and in TensorFlow it always has: dump all variables, or copy the whole folder"
            )


def _check_all_used(variables: list[Variable], layers: list[Layer]) -> None:
    used = {variable for layer in layers for variable in layer.values()}
    for variable in variables:
        if variable not in used:
            raise unsupported(
                f"there is no place for the variable {variable}: if the net's output does not need it, leave it out "
                f"with --ignore '{named(variable.name)}'"
            )


def _units(cell: Layer) -> int:
    """H. Raises Refused if the bias is none of four blocks, or the kernel no matrix with rows for x and h."""
    units, rest = divmod(cell["bias"].columns, 4)
    if rest or len(cell["weights"].shape) != 2 or cell["weights"].shape[0] <= units:
        raise misfit(
            f"{cell['weights']} and {cell['bias']} are not [I + H, 4H] and [4H]: they are no BasicLSTMCell's"
        )
    _expect(cell["bias"], (4 * units,))
    return units


def _expect(variable: Variable, shape: tuple[int, ...]) -> None:
    if variable.shape != shape:
        raise misfit(
            f"{variable} does not fit the layers around it, which ask for {list(shape)}: "
            "it may be transposed, or a file of another net"
        )


def _tell_cells(cells: list[Layer], forget_bias: float, activation: str, notes: Notes) -> None:
    old = cells[0]["weights"].plain.endswith("weights")
    sizes = ", ".join(str(_units(cell)) for cell in cells)
    notes.understood(
        f"BasicLSTMCells of {sizes} units, with the names of TensorFlow {'1.0 or 1.1' if old else '1.2 or later'}"
    )
    notes.changed("blocks i, j, f, o → i, f, g, o (their j is g); kernel split into W and R")
    if not np.isfinite(np.float32(forget_bias)):
        raise wrong_option(f"--forget-bias {forget_bias}: expected a finite number")
    if forget_bias:
        notes.changed(
            f"added {forget_bias} to the forget bias: TensorFlow adds it at run time and does not store it; "
            "--forget-bias says otherwise"
        )
    else:
        notes.understood("nothing is added to the forget bias, as you said")
    if activation == "tanh":
        notes.assumed("tanh in the cells, TensorFlow's default; --activation says otherwise")


def _list(names: Iterable[str]) -> str:
    return " and ".join(f'"{named(name.strip("_"))}"' for name in names)


SYSTEM: Final = System(
    name="tensorflow1",
    title="TensorFlow 1 variables, as deeplearn.js and ml5 dump them",
    reads=(
        "a folder with manifest.json and a raw float32 file for each variable, or that manifest.json",
    ),
    versions=(
        "TensorFlow 1.0 and 1.1: weights, biases",
        "TensorFlow 1.2 to 1.15: kernel, bias",
        "names with / or with _",
    ),
    carries=(
        "stacks of BasicLSTMCell",
        "embedding, one-hot or plain input",
        "an output layer named softmax, fully_connected or dense",
        "ml5's vocab.json",
    ),
    refuses=("other cells", "bidirectional nets", "attention", "several stacks in one manifest"),
    limits=("256 MiB in all", "134,217,728 elements in a variable"),
    options=(
        *ENDS,
        Option(
            name="forget_bias",
            type=float,
            metavar="NUMBER",
            help="what the cells add to the forget gate at run time",
        ),
        Option(name="activation", choices=FUNCTIONS, help="activation of the cells"),
        Option(
            name="dense_activation", choices=FUNCTIONS, help="activation behind the output layer"
        ),
        Option(
            name="ignore",
            repeated=True,
            metavar="NAME",
            help="leave out a variable; * stands for anything; may be given again",
        ),
    ),
    recognise=is_manifest,
    read=read,
)
