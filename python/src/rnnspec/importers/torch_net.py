"""torch_net: the layers of a net out of a chain of PyTorch's modules, and what only an option can say of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from rnnspec.importers import ends
from rnnspec.importers.net import LSTM, Net
from rnnspec.importers.pattern import Notes, chosen
from rnnspec.importers.refusal import ask, wrong_option
from rnnspec.importers.source import StrPath
from rnnspec.importers.torch_chain import Embedding, Function, Link, chain
from rnnspec.importers.torch_names import Module, Norm, Plain, Recurrent, shown
from rnnspec.tensor import Float32

NONLINEARITIES: Final = ("tanh", "relu")
STEPS: Final = ("all", "last", "final")


@dataclass(frozen=True)
class Said:
    """What the options say of the modules."""

    input_kind: str | None = None
    modules: tuple[str, ...] | None = None
    nonlinearity: str | None = None
    steps: str | None = None
    layer_norm: float | None = None


@dataclass(frozen=True)
class Plan:
    """The modules in their order. Nothing is missing but the numbers."""

    links: Sequence[Link]
    said: Said
    function: str  # of the nn.RNNs

    @property
    def kinds(self) -> set[str]:
        """Of the recurrent modules: RNN, GRU, LSTM."""
        return {link.kind for link in self.links if isinstance(link, Recurrent)}


def planned(modules: Mapping[str, Module], said: Said, notes: Notes) -> Plan:
    """The order that the shapes prove, or the options say. Raises Refused."""
    links = chain(modules, said.modules, said.input_kind, notes)
    kinds = {link.kind for link in links if isinstance(link, Recurrent)}
    function = _nonlinearity(kinds, said.nonlinearity)
    _epsilon(links, said.layer_norm)
    return Plan(links, said, function)


def build(
    net: Net,
    plan: Plan,
    values: Mapping[str, Float32],
    vocabulary: StrPath | None,
    tokens: Sequence[str] | None,
) -> int:
    """Input and layers of the net; gives the width of what comes out. Raises Refused; OSError for the option's file."""
    links, said = plan.links, plan.said
    first = links[0]
    if isinstance(first, Embedding):
        table = values[first.plain.weight.name]
        ends.token_input(net, len(table), vocabulary, tokens)
        net.layer("embedding", size=table.shape[1], E=table)
    else:
        ends.plain_input(net, _width(links), said.input_kind, vocabulary, tokens)
    last = max(k for k, link in enumerate(links) if isinstance(link, Recurrent))
    for k, link in enumerate(links):
        if isinstance(link, Recurrent):
            _recurrent(net, link, values, plan.function, said.steps if k == last else None)
        elif isinstance(link, Norm):
            gamma, beta = (values[link.parts[role].name] for role in ("weight", "bias"))
            net.layer("layer_norm", epsilon=said.layer_norm, gamma=gamma, beta=beta)
        elif isinstance(link, Plain):
            b = {"b": values[link.bias.name]} if link.bias is not None else {}
            W = values[link.weight.name].T
            net.layer("dense", size=W.shape[1], W=W, **b)
        elif isinstance(link, Function) and link.name != "linear":
            net.layer("activation", function=link.name)
    _tell(plan.kinds, links, said.steps, net.notes)
    return _out(links)


def _nonlinearity(kinds: set[str], option: str | None) -> str:
    """Of the nn.RNNs. Raises Refused where it is not known, or has no meaning."""
    if option is not None:
        chosen("nonlinearity", option, NONLINEARITIES)
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
