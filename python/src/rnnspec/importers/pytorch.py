"""pytorch: the state_dict of a net, as torch.save, safetensors or numpy.savez wrote it; read without torch.

Names and shapes are all there is. With [i, f, g, o] = W_ih·x + b_ih + W_hh·h + b_hh an nn.LSTM computes

    c' = sigmoid(f) · c + sigmoid(i) · tanh(g)
    h' = sigmoid(o) · tanh(c')

and an nn.GRU, with r = sigmoid(…) and z = sigmoid(…) likewise,

    n  = tanh(W_in·x + b_in + r · (W_hn·h + b_hn))
    h' = (1 − z) · n + z · h
"""

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final

import numpy as np

from rnnspec.importers import ends
from rnnspec.importers.net import LSTM, Net
from rnnspec.importers.npz import read_npz
from rnnspec.importers.pattern import ENDS, INPUT, Notes, Option, System, chosen
from rnnspec.importers.pickles import Value
from rnnspec.importers.refusal import Refused, ask, malformed, named, unsupported, wrong_option
from rnnspec.importers.result import Import, imported
from rnnspec.importers.safetensors import is_safetensors, read_safetensors
from rnnspec.importers.source import Source, StrPath
from rnnspec.importers.stored import Stored, read_all
from rnnspec.importers.torch_chain import Embedding, Function, Link, chain
from rnnspec.importers.torch_files import MAGIC, Tensor, TorchFile
from rnnspec.importers.torch_names import Plain, Recurrent, modules_of, shown
from rnnspec.tensor import Float32

_NPZ: Final = re.compile(rb"(weight|w)_hh[A-Za-z0-9_]{0,16}\.npy")
_PARALLEL: Final = "module."  # what DataParallel puts before every name
_RECURRENT: Final = re.compile(r"(?:.*[._/])?(?:weight|w)_hh(?:_l[0-9]+)?(?:_reverse)?")
_NONLINEARITIES: Final = ("tanh", "relu")
_STEPS: Final = ("all", "last")
_DEPTH: Final = 4  # dicts in dicts of a checkpoint
_MEMBERS: Final = 100_000  # of all those dicts
_LONGEST_LIST: Final = 8  # names in one note


def recognise(source: Source) -> bool:
    """A file of torch.save, a .safetensors file, or an .npz with arrays named as PyTorch names them."""
    if source.is_folder:
        return False
    data = source.data()
    if data.startswith(b"PK\3\4"):
        return b"/data.pkl" in data or _NPZ.search(data) is not None
    return data[2:].startswith(MAGIC) or is_safetensors(data)


def read(
    path: Source | StrPath,
    *,
    input_kind: str | None = None,
    output_kind: str | None = None,
    vocabulary: StrPath | None = None,
    tokens: Sequence[str] | None = None,
    nonlinearity: str | None = None,
    modules: str | None = None,
    steps: str | None = None,
    state_dict: str | None = None,
    ignore: Sequence[str] = (),
) -> Import:
    """The net in a file of weights.

    The options are those of `rnnspec import --list`. Raises Refused, and OSError where there is no file.
    """
    source = Source.of(path)
    net = Net(source)
    arrays = _needed(_arrays(source, state_dict, net.notes), ignore, net.notes)
    if input_kind is not None:
        chosen("input_kind", input_kind, INPUT.choices)
    if steps is not None:
        chosen("steps", steps, _STEPS)
    order = modules.split(",") if modules is not None else None
    links = chain(modules_of(arrays), order, input_kind, net.notes)
    kinds = {link.kind for link in links if isinstance(link, Recurrent)}
    function = _nonlinearity(kinds, nonlinearity)
    values = read_all(arrays.values(), source.limits, net.notes)

    first = links[0]
    if isinstance(first, Embedding):
        table = values[first.plain.weight.name]
        ends.token_input(net, len(table), vocabulary, tokens)
        net.layer("embedding", size=table.shape[1], E=table)
    else:
        width = _width(links)
        ends.plain_input(net, width, input_kind, vocabulary, tokens)
    last = max(k for k, link in enumerate(links) if isinstance(link, Recurrent))
    for k, link in enumerate(links):
        if isinstance(link, Recurrent):
            _recurrent(net, link, values, function, k == last and steps == "last")
        elif isinstance(link, Plain):
            b = {"b": values[link.bias.name]} if link.bias is not None else {}
            W = values[link.weight.name].T
            net.layer("dense", size=W.shape[1], W=W, **b)
        elif isinstance(link, Function) and link.name != "linear":
            net.layer("activation", function=link.name)
    _tell(kinds, links, steps, net.notes)
    ends.finish(net, _out(links), output_kind)
    return imported(SYSTEM.name, net)


def _arrays(source: Source, state_dict: str | None, notes: Notes) -> dict[str, Stored]:
    """All arrays of the file by name. Raises Refused."""
    data = source.data()
    is_zip = data.startswith(b"PK") and not is_safetensors(data)
    if is_safetensors(data) or (is_zip and b"/data.pkl" not in data):
        if state_dict is not None:
            raise wrong_option("--state-dict: only files of torch.save hold several state_dicts")
        found = read_npz(source) if is_zip else read_safetensors(source)
    elif not is_zip and not data[2:].startswith(MAGIC):
        raise malformed(
            f"{named(source.path.name)} is nothing that torch.save, safetensors or numpy.savez writes: save the net "
            "with torch.save(model.state_dict(), FILE)"
        )
    else:
        file = TorchFile(source)
        name, members = _state_dict(file.value, state_dict)
        if name:
            notes.understood(f"the state_dict under {named(name)}")
            notes.left_out("the rest of the checkpoint, which is training's")
        found = {}
        for key, value in members.items():
            if not isinstance(value, Tensor):
                raise unsupported(
                    f"{named(str(key))} of the state_dict is no tensor: save model.state_dict() alone"
                )
            found[str(key)] = file.stored(str(key), value)
    if found and all(name.startswith(_PARALLEL) for name in found):
        notes.changed(f'"{_PARALLEL}" taken from every name: DataParallel puts it there')
        found = {
            name.removeprefix(_PARALLEL): Stored(
                name.removeprefix(_PARALLEL), a.dtype, a.shape, a.data, a.count, a.offset, a.strides
            )
            for name, a in found.items()
        }
    return found


def _state_dict(value: Value, wanted: str | None) -> tuple[str, Mapping[Value, Value]]:
    """The dict of parameters and where in the checkpoint it stands. Raises Refused."""
    if isinstance(value, Tensor) or not isinstance(value, dict):
        raise malformed(
            "the file holds no state_dict: save the net with torch.save(model.state_dict(), FILE)"
        )
    found: dict[str, Mapping[Value, Value]] = {}
    budget = _MEMBERS
    todo: list[tuple[str, dict[Value, Value], int]] = [("", value, 1)]
    while todo:
        name, members, depth = todo.pop()
        budget -= 1 + len(members)
        if budget < 0:
            raise Refused(
                "IMPORT_LIMIT",
                f"the checkpoint has more than {_MEMBERS:,} members: save model.state_dict() alone",
            )
        if any(
            isinstance(m, Tensor) and _RECURRENT.fullmatch(str(key)) for key, m in members.items()
        ):
            found[name] = members
        elif depth < _DEPTH:
            todo += [
                (f"{name}.{key}".strip("."), member, depth + 1)
                for key, member in members.items()
                if isinstance(member, dict)
            ]
    if wanted is not None:
        if wanted not in found:
            raise wrong_option(
                f"--state-dict {named(wanted)}: there is none, only {', '.join(named(name) or 'the file itself' for name in found)}"
            )
        return wanted, found[wanted]
    if len(found) > 1:
        names = sorted(named(name) for name in found)
        raise ask(
            f"the checkpoint holds several state_dicts, {', '.join(names[:_LONGEST_LIST])}: say which, with --state-dict"
        )
    if found:
        return found.popitem()
    raise unsupported(
        "the file has no recurrent module: expected names such as lstm.weight_ih_l0 and lstm.weight_hh_l0"
    )


def _needed(arrays: Mapping[str, Stored], ignore: Sequence[str], notes: Notes) -> dict[str, Stored]:
    """Without what --ignore names. Raises Refused for a pattern without effect."""
    for pattern in ignore:
        if not any(fnmatchcase(name, pattern) for name in arrays):
            raise wrong_option(f"--ignore {named(pattern)}: there is no such parameter")
    kept = {
        name: array
        for name, array in arrays.items()
        if not any(fnmatchcase(name, pattern) for pattern in ignore)
    }
    gone = [named(name) for name in arrays if name not in kept]
    if gone:
        more = f" and {len(gone) - _LONGEST_LIST} more" if len(gone) > _LONGEST_LIST else ""
        notes.left_out(f"{', '.join(gone[:_LONGEST_LIST])}{more}: as you said")
    return kept


def _nonlinearity(kinds: set[str], option: str | None) -> str:
    """Of the nn.RNNs. Raises Refused where it is not known, or has no meaning."""
    if option is not None:
        chosen("nonlinearity", option, _NONLINEARITIES)
        if "RNN" not in kinds:
            raise wrong_option(
                "--nonlinearity: an LSTM or GRU of PyTorch has none to choose; leave it out"
            )
        return option
    if "RNN" in kinds:
        raise ask(
            "an nn.RNN computes with tanh or relu, and the file does not say which: give --nonlinearity tanh, which is "
            "PyTorch's default, or --nonlinearity relu"
        )
    return "tanh"


def _width(links: Sequence[Link]) -> int:
    """Of the input of a net without an embedding."""
    for link in links:
        if isinstance(link, Recurrent):
            return link.layers[0]["weight_ih"].shape[1]
        if isinstance(link, Plain):
            return link.weight.shape[1]
    raise AssertionError("a chain has a recurrent module")


def _out(links: Sequence[Link]) -> int:
    """The width of the output."""
    for link in reversed(links):
        if isinstance(link, Recurrent):
            return link.hidden_size
        if isinstance(link, Plain):
            return link.weight.shape[0]
    raise AssertionError("a chain has a recurrent module")


def _recurrent(
    net: Net, module: Recurrent, values: Mapping[str, Float32], function: str, is_last: bool
) -> None:
    """The layers of a module; the last one's last step alone, if that is asked for."""
    H = module.hidden_size
    for k in range(len(module.layers)):
        parts = {role: values[stored.name] for role, stored in module.layers[k].items()}
        matrices = {"W": parts["weight_ih"].T, "R": parts["weight_hh"].T}
        final = {"output": "final"} if is_last and k == len(module.layers) - 1 else {}
        biases = {}
        if "bias_ih" in parts:
            given = parts["bias_ih"]
            # The sum of two float32, rounded once: in binary64 it is exact, or as good as.
            b = (given.astype(np.float64) + parts["bias_hh"]).astype(np.float32)
            biases["b"] = b
            if module.kind == "GRU":
                biases["b"] = np.concatenate([b[: 2 * H], given[2 * H :]])
                biases["rb"] = parts["bias_hh"][2 * H :]
        if module.kind == "LSTM":
            net.layer("lstm", hidden_size=H, activations=LSTM, **final, **matrices, **biases)
        elif module.kind == "GRU":
            gates, candidate = LSTM["gates"], LSTM["candidate"]
            functions = {"gates": gates, "candidate": candidate}
            net.layer(
                "gru",
                hidden_size=H,
                reset="after",
                activations=functions,
                **final,
                **matrices,
                **biases,
            )
        else:
            net.layer(
                "elman",
                hidden_size=H,
                activation={"function": function},
                **final,
                **matrices,
                **biases,
            )


def _tell(kinds: set[str], links: Sequence[Link], steps: str | None, notes: Notes) -> None:
    notes.changed("transposed to [inputs, outputs]: all matrices but embeddings")
    biased = {
        link.kind for link in links if isinstance(link, Recurrent) and "bias_ih" in link.layers[0]
    }
    if biased:
        notes.changed(
            "bias_ih and bias_hh added up, rounded to float32 once"
            + ("; of the candidate of a GRU they stay two, b and rb" if "GRU" in biased else "")
        )
    if kinds - {"RNN"}:
        gates = {"LSTM": "i, f, g, o", "GRU": "r, z, n"}
        told = " and ".join(f"{gates[kind]} of {kind}s" for kind in sorted(kinds - {"RNN"}))
        notes.understood(f"gates in PyTorch's order, {told}, which no shape can show")
    if steps is None:
        notes.assumed("every step has an output; --steps last, if the net takes the last one alone")
    for link in links:
        if isinstance(link, Recurrent) and len(link.layers) > 1:
            notes.left_out(
                f"dropout between the layers of {shown(link.name)}, if there was any: training's alone"
            )


SYSTEM: Final = System(
    name="pytorch",
    title="PyTorch state_dicts, as torch.save, safetensors or numpy.savez write them; without torch",
    reads=(
        "a .pt or .pth file, the zip of PyTorch 1.6 and later or the legacy file before it, of a CPU or a GPU",
        "a .safetensors file",
        "an .npz file whose arrays have PyTorch's names: enc_w_ih or enc.weight_ih_l0",
        "float32, float64, float16 and bfloat16",
    ),
    versions=("PyTorch 0.4 to 2.13",),
    carries=(
        "nn.RNN, LSTM, GRU and RNNCell, LSTMCell, GRUCell, in stacks, with or without biases",
        "Embedding and Linear, in one chain with them",
        "checkpoints in which the state_dict is one of several things",
    ),
    refuses=(
        "whole modules and TorchScript, which are programs",
        "bidirectional nets, proj_size, LayerNorm, BatchNorm, convolutions, attention",
        "nets with branches: bring their halves over one by one, with --ignore",
    ),
    limits=(
        "256 MiB, also when unpacked",
        "4,096 entries of a zip",
        "1,000,000 steps and 16 MiB of a pickle; nothing of it is executed",
    ),
    options=(
        *ENDS,
        Option(name="nonlinearity", choices=_NONLINEARITIES, help="what an nn.RNN computes with"),
        Option(
            name="modules",
            metavar="NAMES",
            help="the modules in the order in which they compute, with activations between: emb,lstm,fc1,relu,fc2",
        ),
        Option(
            name="steps",
            choices=_STEPS,
            help="which steps have an output: all, or the last one alone (default: all)",
        ),
        Option(
            name="state_dict",
            metavar="NAME",
            help="where in a checkpoint the state_dict stands, such as model_state_dict",
        ),
        Option(
            name="ignore",
            repeated=True,
            metavar="NAME",
            help="leave out a parameter; * stands for anything; may be given again",
        ),
    ),
    recognise=recognise,
    read=read,
)
