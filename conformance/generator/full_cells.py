"""Two more sound documents, with the members that those of `full` lack: cells, texts, extensions."""

from typing import Any

from conformance.generator.build import (
    GRU_ACTIVATIONS,
    LSTM_ACTIVATIONS,
    SIGMOID,
    TANH,
    document,
    tensor,
)

ACME = {"ACME_note": {"anything": [None, True, {"rnnspec": 0}]}}


def spread(shape: list[int], seed: int) -> dict[str, Any]:
    """A tensor of small numbers, all different and exact in float16."""
    count = 1
    for size in shape:
        count *= size
    return tensor(shape, [((seed * k + 5) % 61 - 30) / 64 for k in range(1, count + 1)])


def full_cells() -> dict[str, Any]:
    """Two features through every cell to one vector: resets, initial states, activations, an example."""
    shapes: dict[str, list[int]] = {
        "scale.s": [2], "scale.t": [2],
        "elman.W": [2, 2], "elman.R": [2, 2], "elman.b": [2], "elman.h0": [2],
        "lstm.W": [2, 4], "lstm.R": [1, 4], "lstm.b": [4], "lstm.h0": [1], "lstm.c0": [1],
        "before.W": [1, 6], "before.R": [2, 6], "before.b": [6], "before.h0": [2],
        "after.W": [2, 3], "after.R": [1, 3], "after.b": [3], "after.rb": [1], "after.h0": [1],
        "out.W": [1, 2], "out.b": [2],
    }  # fmt: skip
    tensors = {name: spread(shape, 7 + 2 * k) for k, (name, shape) in enumerate(shapes.items())}
    tensors["scale.s"]["extensions"] = ACME
    arrays = {
        "elman": {"h": "x.h1"},
        "lstm": {"h": "x.h2", "c": "x.c2"},
        "before": {"h": "x.h3"},
        "after": {"h": "x.h4"},
    }
    widths = {"x.h1": 2, "x.h2": 1, "x.c2": 1, "x.h3": 2, "x.h4": 1}
    tensors |= {"x.x": spread([2, 3, 2], 11), "x.y": tensor([2, 2], [0.0] * 4)}
    tensors |= {name: tensor([2, width], [0.0] * (2 * width)) for name, width in widths.items()}

    def parameters(layer: str) -> dict[str, str]:
        return {name.partition(".")[2]: name for name in shapes if name.startswith(layer + ".")}

    def recurrent(layer: str, type: str, size: int, **more: Any) -> dict[str, Any]:  # noqa: ANN401
        head = {"name": layer, "type": type, "hidden_size": size}
        return head | more | {"parameters": parameters(layer)}

    scaled = {"function": "scaled_tanh", "alpha": 1.5, "beta": 0.75}
    hard = {"function": "hard_sigmoid", "alpha": 0.2, "beta": 0.5}
    gates = {"gates": hard, "candidate": {"function": "leaky_relu", "alpha": -0.125}}
    return document(
        input={"kind": "features", "size": 2},
        layers=[
            {"name": "scale", "type": "affine", "parameters": parameters("scale")},
            recurrent("elman", "elman", 2, activation=scaled, output="sequence", extensions=ACME),
            recurrent("lstm", "lstm", 1, activations=gates | {"output": {"function": "softsign"}}),
            recurrent("before", "gru", 2, reset="before", activations=GRU_ACTIVATIONS),
            recurrent("after", "gru", 1, reset="after", activations=gates, output="final"),
            {"name": "out", "type": "dense", "size": 2, "parameters": parameters("out")},
            {"name": "bend", "type": "activation", "function": "elu", "alpha": 0.5},
        ],
        output={"kind": "values"},
        examples=[
            {
                "kind": "reference",
                "source": {"system": "nobody", "version": "0"},
                "tolerance": 1,
                "input": "x.x",
                "lengths": [3, 0],
                "state": arrays,
                "output": "x.y",
            }
        ],
        extensions=ACME,
        extensions_required=[],
        tensors=tensors,
    )


def full_texts() -> dict[str, Any]:
    """Words in, bytes out: every member of a vocabulary and of decoding, and `last_step`."""
    special = {"unknown": 0, "start": 1, "end": 1, "padding": 0}
    words = ["", "", "a", "bird", "a bird", "b"]
    return document(
        input={"kind": "tokens", "vocabulary": "words"},
        vocabularies={
            "words": {
                "unit": "token", "tokens": words, "separator": " ", **special, "extensions": ACME,
            },
            "bytes": {"unit": "byte", "tokens": [0, 255, 65, ""], "padding": 3},
        },
        layers=[
            {"name": "in", "type": "embedding", "size": 2, "parameters": {"E": "in.E"}},
            {"name": "last", "type": "last_step"},
            {"name": "out", "type": "dense", "size": 4, "parameters": {"W": "out.W"}},
        ],
        output={"kind": "logits", "vocabulary": "bytes"},
        decoding={"mode": "sample", "temperature": 0.75, "top_k": 3, "top_p": 0.5},
        tensors={"in.E": spread([6, 2], 13), "out.W": spread([2, 4], 17)},
    )  # fmt: skip


def cell_net(layer: dict[str, Any], shapes: dict[str, list[int]]) -> dict[str, Any]:
    """One layer over one feature; its parameters are called by their roles."""
    head = {"name": "cell", **layer, "parameters": {role: role for role in shapes}}
    return document(
        layers=[head], tensors={role: spread(shape, 19) for role, shape in shapes.items()}
    )


def elman_net(activation: Any = None, **members: Any) -> dict[str, Any]:  # noqa: ANN401 — faulty ones too
    """One Elman cell with this activation; `members` are the layer's."""
    layer = {"type": "elman", "hidden_size": 1}
    layer["activation"] = TANH if activation is None else activation
    return cell_net(layer | members, {"W": [1, 1], "R": [1, 1]})


def gru_net(reset: Any = "after", *, rb: bool = False, **members: Any) -> dict[str, Any]:  # noqa: ANN401
    """One GRU of one cell; `members` are the layer's."""
    layer = {"type": "gru", "hidden_size": 1, "reset": reset, "activations": GRU_ACTIVATIONS}
    shapes = {"W": [1, 3], "R": [1, 3], "b": [3]} | ({"rb": [1]} if rb else {})
    return cell_net(layer | members, shapes)


def whole_elman() -> dict[str, Any]:
    """An Elman cell with every member that one can have."""
    scaled = {"function": "scaled_tanh", "alpha": 1.5, "beta": 0.75}
    layer = {"type": "elman", "hidden_size": 1, "activation": scaled, "output": "final"}
    shapes = {"W": [1, 1], "R": [1, 1], "b": [1], "h0": [1]}
    return cell_net(layer | {"extensions": ACME}, shapes)


def whole_gru() -> dict[str, Any]:
    """A GRU with every member that one can have."""
    gates = {"gates": SIGMOID, "candidate": {"function": "leaky_relu", "alpha": -0.125}}
    layer = {"type": "gru", "hidden_size": 1, "reset": "after", "activations": gates}
    shapes = {"W": [1, 3], "R": [1, 3], "b": [3], "rb": [1], "h0": [1]}
    return cell_net(layer | {"output": "final", "extensions": ACME}, shapes)


def whole_lstm() -> dict[str, Any]:
    """An LSTM with every member that one can have."""
    layer = {"type": "lstm", "hidden_size": 1, "activations": LSTM_ACTIVATIONS, "output": "final"}
    shapes = {"W": [1, 4], "R": [1, 4], "b": [4], "h0": [1], "c0": [1]}
    return cell_net(layer | {"extensions": ACME}, shapes)


def whole_affine() -> dict[str, Any]:
    """An affine layer with extensions, also in a tensor."""
    net = cell_net({"type": "affine", "extensions": ACME}, {"s": [1], "t": [1]})
    net["tensors"]["s"]["extensions"] = ACME
    return net


__all__ = [
    "ACME",
    "cell_net",
    "elman_net",
    "full_cells",
    "full_texts",
    "gru_net",
    "spread",
    "whole_affine",
    "whole_elman",
    "whole_gru",
    "whole_lstm",
]
