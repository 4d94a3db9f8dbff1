"""pytorch: the state_dict of a net, as torch.save, safetensors or numpy.savez wrote it; read without torch.

Names and shapes are all there is. With [i, f, g, o] = W_ih·x + b_ih + W_hh·h + b_hh an nn.LSTM computes

    c' = sigmoid(f) · c + sigmoid(i) · tanh(g)
    h' = sigmoid(o) · tanh(c')

and an nn.GRU, with r = sigmoid(…) and z = sigmoid(…) likewise,

    n  = tanh(W_in·x + b_in + r · (W_hn·h + b_hn))
    h' = (1 − z) · n + z · h

With proj_size the LSTM's h' is W_hr·(sigmoid(o) · tanh(c')). PyTorch itself computes the GRU's h' as n + z · (h − n).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from rnnspec.importers import ends
from rnnspec.importers.net import LSTM, Net
from rnnspec.importers.pattern import ENDS, INPUT, Notes, Option, System, chosen
from rnnspec.importers.refusal import ask, wrong_option
from rnnspec.importers.result import Import, imported
from rnnspec.importers.safetensors import is_safetensors
from rnnspec.importers.source import Source, StrPath
from rnnspec.importers.stored import read_all
from rnnspec.importers.torch_chain import Embedding, Function, Link, chain
from rnnspec.importers.torch_files import MAGIC
from rnnspec.importers.torch_names import Norm, Plain, Recurrent, modules_of, shown
from rnnspec.importers.torch_state import arrays_of, needed
from rnnspec.tensor import Float32

_NPZ: Final = re.compile(rb"(weight|w)_hh[A-Za-z0-9_]{0,16}\.npy")
_DUMPED: Final = re.compile(r"(?:.*[._/])?weight_hh_l[0-9]+(?:_reverse)?")
_NONLINEARITIES: Final = ("tanh", "relu")
_STEPS: Final = ("all", "last", "final")


def recognise(source: Source) -> bool:
    """A file of torch.save, a .safetensors file, or arrays named as PyTorch names them, as .npz or JSON."""
    if source.is_folder:
        return False
    data = source.data()
    if data.lstrip(b" \t\r\n").startswith(b"{"):
        return any(_DUMPED.fullmatch(name) for name in source.json_object() or ())
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
    layer_norm: float | None = None,
    state_dict: str | None = None,
    ignore: Sequence[str] = (),
) -> Import:
    """The net in a file of weights.

    The options are those of `rnnspec import --list`. Raises Refused, and OSError where there is no file.
    """
    source = Source.of(path)
    net = Net(source)
    stored = needed(arrays_of(source, state_dict, net.notes), ignore, net.notes)
    if input_kind is not None:
        chosen("input_kind", input_kind, INPUT.choices)
    if steps is not None:
        chosen("steps", steps, _STEPS)
    order = modules.split(",") if modules is not None else None
    links = chain(modules_of(stored), order, input_kind, net.notes)
    kinds = {link.kind for link in links if isinstance(link, Recurrent)}
    function = _nonlinearity(kinds, nonlinearity)
    _epsilon(links, layer_norm)
    values = read_all(stored.values(), source.limits, net.notes)

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
            _recurrent(net, link, values, function, steps if k == last else None)
        elif isinstance(link, Norm):
            gamma, beta = (values[link.parts[role].name] for role in ("weight", "bias"))
            net.layer("layer_norm", epsilon=layer_norm, gamma=gamma, beta=beta)
        elif isinstance(link, Plain):
            b = {"b": values[link.bias.name]} if link.bias is not None else {}
            W = values[link.weight.name].T
            net.layer("dense", size=W.shape[1], W=W, **b)
        elif isinstance(link, Function) and link.name != "linear":
            net.layer("activation", function=link.name)
    _tell(kinds, links, steps, net.notes)
    ends.finish(net, _out(links), output_kind)
    return imported(SYSTEM.name, net)


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


def _epsilon(links: Sequence[Link], option: float | None) -> None:
    """Of the LayerNorms. Raises Refused where it is not known, or has no meaning."""
    norm = next((link for link in links if isinstance(link, Norm)), None)
    if norm is None and option is not None:
        raise wrong_option("--layer-norm: no module has a vector as weight; leave it out")
    if norm is not None and option is None:
        raise ask(
            f"{norm} is a normalisation, and no file of weights says which: if it is a LayerNorm, give its eps, "
            "--layer-norm 1e-5 where none was chosen; a BatchNorm or GroupNorm is not carried"
        )
    if option is not None and not 2.0**-50 <= option <= 1:
        raise wrong_option("--layer-norm: expected the eps of the LayerNorm, such as 1e-5")


def _width(links: Sequence[Link]) -> int:
    """Of the input of a net without an embedding."""
    for link in links:
        if isinstance(link, Recurrent):
            return link.layers[0][""]["weight_ih"].shape[1]
        if isinstance(link, Plain):
            return link.weight.shape[1]
        if isinstance(link, Norm):
            return link.width
    raise AssertionError("a chain has a recurrent module")


def _out(links: Sequence[Link]) -> int:
    """The width of the output."""
    for link in reversed(links):
        if isinstance(link, Recurrent):
            return link.width * link.directions
        if isinstance(link, Plain):
            return link.weight.shape[0]
    raise AssertionError("a chain has a recurrent module")


def _recurrent(
    net: Net, module: Recurrent, values: Mapping[str, Float32], function: str, steps: str | None
) -> None:
    """The layers of a module; behind the last one those steps alone that are asked for."""
    for k in range(len(module.layers)):
        ends_here = k == len(module.layers) - 1
        two = module.directions == 2
        # h_n is what `final` gives; out[:, -1] is that too, unless a reverse direction began there.
        is_final = ends_here and (steps == "final" or (steps == "last" and not two))
        members: dict[str, object] = (
            {"direction": "bidirectional", "merge": "concat"} if two else {}
        )
        if is_final:
            members["output"] = "final"
        for way, stored in module.layers[k].items():
            parts = {role: values[array.name] for role, array in stored.items()}
            members |= {f"{role}{way}": array for role, array in _roles(module, parts).items()}
        kind, options = _cell(module, function)
        net.layer(kind, **options, **members)
        if ends_here and steps == "last" and two:
            net.layer("last_step")


def _cell(module: Recurrent, function: str) -> tuple[str, dict[str, Any]]:
    """The type of a layer of the module, and its members but for direction, output and parameters."""
    size = {"hidden_size": module.hidden_size}
    if module.kind == "LSTM":
        projected = {"projection_size": module.width} if module.projected else {}
        return "lstm", {**size, **projected, "activations": LSTM}
    if module.kind == "GRU":
        functions = {name: LSTM[name] for name in ("gates", "candidate")}
        return "gru", {**size, "reset": "after", "activations": functions}
    return "elman", {**size, "activation": {"function": function}}


def _roles(module: Recurrent, parts: Mapping[str, Float32]) -> dict[str, Float32]:
    """The parameters of one direction of one layer, as SPEC 8 has them."""
    roles = {"W": parts["weight_ih"].T, "R": parts["weight_hh"].T}
    if "weight_hr" in parts:
        roles["Q"] = parts["weight_hr"].T
    if module.biased:
        given, H = parts["bias_ih"], module.hidden_size
        # The sum of two float32, rounded once: in binary64 it is exact, or as good as.
        b = (given.astype(np.float64) + parts["bias_hh"]).astype(np.float32)
        roles["b"] = b
        if module.kind == "GRU":
            roles["b"] = np.concatenate([b[: 2 * H], given[2 * H :]])
            roles["rb"] = parts["bias_hh"][2 * H :]
    return roles


def _tell(kinds: set[str], links: Sequence[Link], steps: str | None, notes: Notes) -> None:
    notes.changed("transposed to [inputs, outputs]: all matrices but embeddings")
    biased = {link.kind for link in links if isinstance(link, Recurrent) and link.biased}
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
        notes.assumed(
            "every step has an output; --steps last or final, if the net takes the last one alone"
        )
    if steps == "last" and any(
        isinstance(link, Recurrent) and link.directions == 2 for link in links
    ):
        notes.assumed(
            "the last step is out[:, -1], where the reverse direction has seen one step alone; "
            "--steps final, if the net takes h_n"
        )
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
        'a JSON file {"lstm.weight_ih_l0": [[…]], …}, as RTNeural reads it',
        "float32, float64, float16 and bfloat16",
    ),
    versions=("PyTorch 0.4 to 2.13",),
    carries=(
        "nn.RNN, LSTM, GRU and RNNCell, LSTMCell, GRUCell, in stacks, with or without biases",
        "bidirectional ones, and LSTMs with proj_size",
        "Embedding, Linear and LayerNorm, in one chain with them",
        "checkpoints in which the state_dict is one of several things",
    ),
    refuses=(
        "whole modules and TorchScript, which are programs",
        "BatchNorm, GroupNorm, RMSNorm, convolutions, attention",
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
            help="which steps have an output: all; last, which is out[:, -1]; or final, which is h_n (default: all)",
        ),
        Option(
            name="layer_norm",
            metavar="EPS",
            type=float,
            help="modules with a vector as weight are LayerNorms with this eps",
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
