"""torchrnn: checkpoints of jcjohnson/torch-rnn, Torch7 files with an nn.LanguageModel.

A layer has one matrix [inputs + units, blocks · units], the rows of x before those of h, and one bias:

    lstm  [i, f, o, g] = [x, h] · weight + bias;  c' = sigmoid(f) · c + sigmoid(i) · tanh(g),  h' = sigmoid(o) · tanh(c')
    rnn   h' = tanh([x, h] · weight + bias)
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Final

from rnnspec.importers import arrays, ends, torch7
from rnnspec.importers.net import LSTM, Net
from rnnspec.importers.pattern import GATES, OWN_OUTPUT, OWN_VOCABULARY, TOKENS, System, gate_order
from rnnspec.importers.refusal import ask, malformed, misfit, named, unsupported, wrong_option
from rnnspec.importers.result import Import, imported
from rnnspec.importers.source import Source, StrPath
from rnnspec.importers.torch7 import Object, Table, Tensor
from rnnspec.json_reader import Value
from rnnspec.tensor import Float32

_CELLS: Final = {"nn.LSTM": 4, "nn.VanillaRNN": 1}  # blocks of columns
_BYTE: Final = re.compile(r"\[([0-9]{3})\]")  # how --encoding bytes writes a byte over 127
_ASCII: Final = 128
_ORDER: Final = "ifog"  # of an nn.LSTM's blocks


def recognise(source: Source) -> bool:
    """Whether it is a Torch7 file with an nn.LanguageModel."""
    if source.is_folder:
        return False
    return torch7.looks_like(source.data()) and b"nn.LanguageModel" in source.data()


def read(
    path: Source | StrPath,
    *,
    output_kind: str = "logits",
    vocabulary: StrPath | None = None,
    tokens: Sequence[str] | None = None,
    gates: str | None = None,
) -> Import:
    """The net in a checkpoint of torch-rnn.

    The options are those of `rnnspec import --list`. Raises Refused, and OSError where there is no file.
    """
    net = Net(Source.of(path))
    checkpoint = torch7.read_value(net.source.data(), net.source.path.name)
    model = checkpoint.get("model") if isinstance(checkpoint, Table) else None
    if not isinstance(model, Object) or model.kind != "nn.LanguageModel":
        raise malformed(
            "the file has no nn.LanguageModel: give a checkpoint that torch-rnn's train.lua saved"
        )
    modules = _modules(model)
    matrices = _matrices(modules, len(net.source.data()) // 2, net)

    lookup, *cells, last = range(len(modules))
    kinds = sorted({modules[number].kind for number in cells})
    if gates is not None and "nn.LSTM" not in kinds:
        raise wrong_option("--gates: the net has no LSTM; leave it out")
    order = gate_order(gates or _ORDER, _ORDER, net.notes) if "nn.LSTM" in kinds else _ORDER
    E = matrices[f"{lookup}.weight"]
    own = vocabulary is not None or tokens is not None
    inside = None if own else _vocabulary(model.fields.get("idx_to_token"), net)
    ends.token_input(net, len(E), vocabulary, tokens, inside)
    net.notes.changed("ids begin at 0; in Lua they begin at 1")
    width = E.shape[1]
    net.layer("embedding", size=width, E=E)
    for number in cells:
        width = _cell(net, modules[number].kind, width, matrices, number, order)
    W, b = matrices[f"{last}.weight"].T, matrices[f"{last}.bias"]
    if W.shape != (width, len(E)) or b.shape != (len(E),):
        raise misfit(
            f"the last nn.Linear has a matrix {list(W.T.shape)} and a bias {list(b.shape)}, and [{len(E)}, {width}] and "
            f"[{len(E)}] fit: the file is damaged"
        )
    net.layer("dense", size=len(E), W=W, b=b)
    net.notes.understood(f"{len(cells)} of {' and '.join(kinds)}, behind an nn.LookupTable")
    if "nn.LSTM" in kinds:
        net.notes.changed(f"blocks {', '.join(order)} → i, f, g, o")
    net.notes.changed("weight split into W and R; the last matrix transposed")
    net.notes.left_out("gradients and remembered states: only training needs them")
    ends.finish(net, len(E), output_kind)
    return imported(SYSTEM.name, net)


def _modules(model: Object) -> list[Object]:
    """The LookupTable, the cells, and the Linear, in this order. Raises Refused."""
    net = model.fields.get("net")
    inside = net.fields.get("modules") if isinstance(net, Object) else None
    found: list[Object] = []
    for module in inside.list() if isinstance(inside, Table) else []:
        if not isinstance(module, Object):
            raise malformed("the net has a part that is no module: take another checkpoint")
        if module.kind == "nn.View":  # they only join time and batch, and part them again
            continue
        if module.kind == "nn.Dropout" and (
            module.fields.get("v2") is True or module.fields.get("p") == 0
        ):
            continue  # it scales while it trains, not later
        if module.kind not in {"nn.LookupTable", "nn.Linear", *_CELLS}:
            raise unsupported(
                f"the net has a {named(module.kind)}, and only nets of nn.LSTM or nn.VanillaRNN are read, without "
                "batch normalisation and without the first kind of nn.Dropout: train again with -batchnorm 0"
            )
        found.append(module)
    kinds = [module.kind for module in found]
    right = len(kinds) > 2 and kinds[0] == "nn.LookupTable" and kinds[-1] == "nn.Linear"
    if not right or not set(kinds[1:-1]) <= set(_CELLS):
        raise unsupported(
            "the net is no nn.LookupTable, cells and nn.Linear in this order: it is not torch-rnn's own"
        )
    if found[0].fields.get("maxNorm") is not None:
        raise unsupported(
            "nn.LookupTable has a maxNorm, which changes rows as they are read: it is not torch-rnn's own"
        )
    return found


def _matrices(modules: list[Object], most: int, net: Net) -> dict[str, Float32]:
    """`NUMBER.weight` and `NUMBER.bias` of each; at most so many numbers together. Raises Refused."""
    wide: dict[str, arrays.Float64] = {}
    for number, module in enumerate(modules):
        axes = {"weight": 2} if module.kind == "nn.LookupTable" else {"weight": 2, "bias": 1}
        for role, count in axes.items():
            tensor = module.fields.get(role)
            what = f"the {role} of module {number + 1}, an {module.kind},"
            if not isinstance(tensor, Tensor) or len(tensor.sizes) != count:
                raise malformed(f"{what} is missing or empty: take another checkpoint")
            most -= math.prod(tensor.sizes)
            if most < 0:
                raise malformed("matrices of the net share their numbers: the file is damaged")
            wide[f"{number}.{role}"] = tensor.wide(what)
    return arrays.rounded(wide, net.notes)


def _cell(
    net: Net, kind: str, width: int, matrices: Mapping[str, Float32], number: int, order: str
) -> int:
    weight, b = matrices[f"{number}.weight"], matrices[f"{number}.bias"]
    units, rest = divmod(len(b), _CELLS[kind])
    if rest or weight.shape != (width + units, len(b)):
        raise misfit(
            f"module {number + 1}, an {kind}, has a weight {list(weight.shape)} and a bias {list(b.shape)}, and "
            f"[{width} + H, {_CELLS[kind]}H] and [{_CELLS[kind]}H] fit: the file is damaged, or joined from two"
        )
    if kind == "nn.LSTM":
        weight, b = (arrays.blocks(array, order, "ifgo") for array in (weight, b))
        net.layer(
            "lstm", hidden_size=units, activations=LSTM, W=weight[:width], R=weight[width:], b=b
        )
    else:
        function = {"function": "tanh"}
        net.layer(
            "elman", hidden_size=units, activation=function, W=weight[:width], R=weight[width:], b=b
        )
    return units


def _vocabulary(value: torch7.Value, net: Net) -> Value:
    """Tokens by id. Raises Refused."""
    if value is None:
        return None
    found = value.list() if isinstance(value, Table) else []
    if not isinstance(value, Table) or not found or len(found) != len(value.items):
        raise malformed("the ids of idx_to_token are not 1, 2, 3, …: give --vocabulary FILE")
    tokens: list[str] = []
    for raw in found:
        try:
            tokens.append(raw.decode() if isinstance(raw, bytes) else "")
        except UnicodeDecodeError:
            raise malformed("a token of idx_to_token is no UTF-8: give --vocabulary FILE") from None
    if any(_BYTE.fullmatch(token) for token in tokens):
        return _bytes(tokens, net)
    for token in tokens:
        if len(token) != 1:
            raise ask(
                f'the token "{named(token)}" is no character, and a text could be cut into tokens in several ways: '
                "give --vocabulary FILE"
            )
    return list(tokens)


def _bytes(tokens: list[str], net: Net) -> Value:
    """Tokens as --encoding bytes writes them: [233] for a byte over 127. Raises Refused."""
    numbers: list[Value] = []
    for token in tokens:
        found = _BYTE.fullmatch(token)
        number = int(found[1]) if found else ord(token) if len(token) == 1 else 256
        if number > 255 or (number < _ASCII) == bool(found):
            raise ask(
                f'the tokens are bytes such as [233], but "{named(token)}" is none: give --vocabulary FILE'
            )
        numbers.append(float(number))
    net.notes.changed(
        "tokens such as [233] → that byte, as preprocess.py --encoding bytes means it"
    )
    return numbers


SYSTEM: Final = System(
    name="torchrnn",
    title="Checkpoints of torch-rnn, in Torch7's binary form",
    reads=("a .t7 file as train.lua saves it; the JSON beside it holds no part of the net",),
    versions=("torch-rnn of 2016, the only one", "trained on CPU, CUDA or OpenCL"),
    carries=(
        "nn.LookupTable, stacks of nn.LSTM or nn.VanillaRNN, nn.Linear",
        "its vocabulary of characters, or of bytes",
    ),
    refuses=(
        "batch normalisation",
        "modules that torch-rnn has not",
        "files of 32-bit machines, and ASCII ones",
    ),
    limits=("256 MiB", f"{torch7.LIMIT_VALUES:,} values"),
    options=(OWN_OUTPUT, OWN_VOCABULARY, TOKENS, GATES),
    recognise=recognise,
    read=read,
)
