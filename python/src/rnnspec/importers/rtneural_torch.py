"""The other JSON of RTNeural: the state_dict of a PyTorch model, name → nested lists, as its torch_helpers load it.

    {"lstm.weight_ih_l0": [[…]], "lstm.weight_hh_l0": [[…]], "lstm.bias_ih_l0": […], …, "dense.weight": [[…]], "dense.bias": […]}

A program in C++ says which layer is loaded from which names, and what computes between them; the file holds neither. Its order is
the one in which the model's constructor made its modules. LSTM and GRU are PyTorch's: RTNeural swaps r and z because its own layers
stand in Keras' order, and adds up the two biases of an LSTM. Of each stack it loads the layer that it is asked for.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from rnnspec.importers.net import Net
from rnnspec.importers.refusal import Refused, unsupported
from rnnspec.importers.source import StrPath
from rnnspec.importers.stored import read_all, read_lists
from rnnspec.importers.torch_names import Module, Norm, Recurrent, modules_of, shown
from rnnspec.importers.torch_net import Plan, Said, build, planned
from rnnspec.json_reader import Value

_RECURRENT: Final = re.compile(r"(?:.*\.)?(?:weight|bias)_(?:ih|hh)_l[0-9]+")
_BACK: Final = re.compile(r"(?:.*\.)?weight_hh_l0")
_DENSE: Final = re.compile(r".*\.(?:weight|bias)")
_EMBEDDING: Final = re.compile(r".*emb.*", re.IGNORECASE)
_CELLS: Final = {3: "GRU", 4: "LSTM"}


def is_state_dict(members: Mapping[str, Value]) -> bool:
    """Whether these are parameters of LSTMs, GRUs and dense layers of PyTorch, and of nothing else.

    What else PyTorch has, RTNeural has no layer for: such a file is left to `pytorch`.
    """
    cells = [value for name, value in members.items() if _BACK.fullmatch(name)]
    return (
        bool(cells)
        and all(_rows(value) in _CELLS for value in cells)
        and all(_RECURRENT.fullmatch(name) or _DENSE.fullmatch(name) for name in members)
        and not any(_EMBEDDING.fullmatch(name) for name in members)
    )


def has_names(members: Mapping[str, Value]) -> bool:
    """Whether there is a recurrent module of PyTorch."""
    return any(_BACK.fullmatch(name) for name in members)


def _rows(value: Value) -> int:
    """How many blocks of rows a square of a recurrent matrix stands in; 0 of none."""
    first = value[0] if isinstance(value, list) and value else None
    if not isinstance(value, list) or not isinstance(first, list) or not first:
        return 0
    return len(value) // len(first) if len(value) % len(first) == 0 else 0


def layers(
    net: Net,
    modules: str | None,
    input_kind: str | None,
    vocabulary: StrPath | None,
    tokens: Sequence[str] | None,
) -> int:
    """Input and layers of the net; gives the width of what comes out. Raises Refused; OSError for the option's file."""
    stored = read_lists(net.source)
    found = modules_of(stored)
    for module in found.values():
        _check(module)
    kind = input_kind or "features"
    plan = _planned(net, found, modules, kind)
    values = read_all(stored.values(), net.source.limits, net.notes)
    if input_kind is None:
        net.notes.assumed(
            "numbers go in; --input-kind tokens, if they are one-hot vectors of tokens"
        )
    return build(net, plan, values, vocabulary, tokens)


def _check(module: Module) -> None:
    """Raises Refused for what RTNeural has no layer for."""
    if isinstance(module, Norm):
        raise unsupported(
            f"{module} is a normalisation, and RTNeural loads none of a state_dict: import it with --from pytorch"
        )
    if not isinstance(module, Recurrent):
        return
    if module.kind not in _CELLS.values() or module.is_cell:
        raise unsupported(
            f"{module}: RTNeural loads nn.LSTM and nn.GRU alone; import it with --from pytorch"
        )
    if module.directions > 1 or module.projected:
        raise unsupported(
            f"{module}: RTNeural's layers go forward, and have no projection; import it with --from pytorch"
        )


def _planned(net: Net, found: Mapping[str, Module], modules: str | None, kind: str) -> Plan:
    """The order that --modules gives, or else that of the file. Raises Refused where it does not fit."""

    def said(order: Sequence[str]) -> Said:
        return Said(input_kind=kind, modules=tuple(order), steps="all")

    if modules is not None:
        return planned(found, said(modules.split(",")), net.notes)
    order = list(found)
    try:
        plan = planned(found, said(order), net.notes)
    except Refused as refused:
        if refused.code != "IMPORT_OPTION":
            raise
        raise Refused(
            "IMPORT_ASK",
            f"the modules do not fit together in the order of the file, {', '.join(map(shown, order))}: give the order in "
            "which they compute, with --modules, and the activations between them, such as --modules lstm,fc1,tanh,fc2",
        ) from None
    net.notes.assumed(
        f"the order of the file, and no activation between or behind the layers, for it stores none; --modules says otherwise, "
        f"such as --modules {','.join([*order[:-1], 'tanh', order[-1]])}"
    )
    return plan
