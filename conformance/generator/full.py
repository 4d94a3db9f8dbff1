"""Two sound documents in which, together, every member of the format stands."""

from typing import Any

from conformance.generator.build import (
    LSTM_ACTIVATIONS,
    document,
    lstm_net,
    tensor,
    token_net,
)


def full_tokens() -> dict[str, Any]:
    """Tokens to logits over an LSTM, with decoding and a reference example of two rows."""
    lstm = lstm_net(inputs=3, hidden=1)
    zeros = [0.0] * 2
    return document(
        **{"$schema": "urn:rnnspec:1.0-draft.3:model"},
        name="full",
        version="2026.1",
        description="Every member of a net of tokens.",
        license="CC0-1.0",
        metadata={"any": [None, True, 1.5, "text", {"thing": []}]},
        input={"kind": "tokens", "vocabulary": "text"},
        vocabularies={
            "text": {
                "unit": "codepoint",
                "tokens": ["", "a", "b"],
                "unknown": 0,
                "start": 0,
                "end": 0,
                "padding": 0,
            }
        },
        layers=[
            {"name": "in", "type": "one_hot"},
            {
                "name": "memory",
                "type": "lstm",
                "hidden_size": 1,
                "activations": LSTM_ACTIVATIONS,
                "parameters": {"W": "memory.W", "R": "memory.R", "b": "memory.b"},
            },
            {
                "name": "out",
                "type": "dense",
                "size": 3,
                "parameters": {"W": "out.W", "b": "out.b"},
            },
        ],
        output={"kind": "logits", "vocabulary": "text"},
        decoding={"mode": "sample", "temperature": 0.75},
        examples=[
            {
                "kind": "reference",
                "source": {"system": "nobody", "version": "0"},
                "tolerance": 1,
                "input": [[1, 2], [2, 0]],
                "lengths": [2, 1],
                "state": {"memory": {"h": "x.h", "c": "x.c"}},
                "output": "x.y",
                "final_state": {"memory": {"h": "x.h2", "c": "x.c2"}},
            }
        ],
        tensors={
            "memory.W": lstm["tensors"]["lstm.W"],
            "memory.R": lstm["tensors"]["lstm.R"],
            "memory.b": lstm["tensors"]["lstm.b"],
            "out.W": tensor([1, 3], [0.5, -0.25, 0.125]),
            "out.b": tensor([3], [0.0, 0.25, -0.25]),
            "x.h": tensor([2, 1], zeros),
            "x.c": tensor([2, 1], zeros),
            "x.y": tensor([2, 2, 3], [0.0] * 12),
            "x.h2": tensor([2, 1], zeros),
            "x.c2": tensor([2, 1], zeros),
        },
    )


def lean_tokens() -> dict[str, Any]:
    """The same net without members for people; its decoding is greedy."""
    net = full_tokens() | {"decoding": {"mode": "greedy"}}
    people = ("$schema", "name", "version", "description", "license", "metadata")
    return {name: part for name, part in net.items() if name not in people}


def bare_tokens() -> dict[str, Any]:
    """The same net without examples and without members for people."""
    net = full_tokens()
    kept = ("rnnspec", "input", "vocabularies", "layers", "output", "decoding", "tensors")
    bare = {name: net[name] for name in kept}
    bare["tensors"] = {name: entry for name, entry in net["tensors"].items() if name[0] != "x"}
    return bare


def full_features() -> dict[str, Any]:
    """Two features to one value, with names, units, labels and an exact example."""
    return document(
        input={
            "kind": "features",
            "size": 2,
            "names": ["left", "right"],
            "units": ["V", "V"],
            "sample_rate": 44100,
        },
        layers=[
            {"name": "sum", "type": "dense", "size": 1, "parameters": {"W": "sum.W", "b": "sum.b"}}
        ],
        output={"kind": "values", "labels": ["sum"]},
        examples=[{"kind": "exact", "input": "x.x", "lengths": [2], "output": "x.y"}],
        tensors={
            "sum.W": tensor([2, 1], [1.0, 1.0]),
            "sum.b": tensor([1], [0.5]),
            "x.x": tensor([1, 2, 2], [1.0, 2.0, -1.0, 0.25]),
            "x.y": tensor([1, 2, 1], [3.5, -0.25]),
        },
    )


def embedded() -> dict[str, Any]:
    """Tokens to probabilities: the layers that the others lack."""
    return document(
        input={"kind": "tokens", "vocabulary": "text"},
        vocabularies={"text": {"unit": "codepoint", "tokens": ["a", "b", "c"]}},
        layers=[
            {"name": "in", "type": "embedding", "size": 2, "parameters": {"E": "E"}},
            {"name": "out", "type": "activation", "function": "softmax"},
        ],
        output={"kind": "probabilities"},
        tensors={"E": tensor([3, 2], [0.0, 1.0, 2.0, 3.0, -1.0, -2.0])},
    )


def small_tokens() -> dict[str, Any]:
    """Two tokens to logits: the members of a net of tokens that `full_tokens` has, in little room."""
    net = token_net("ab", decoding={"mode": "sample", "temperature": 0.75})
    net["vocabularies"]["text"] |= {"unknown": 0, "start": 0, "end": 0, "padding": 0}
    net["layers"][1]["parameters"]["b"] = "b"
    net["tensors"]["b"] = tensor([2], [0.25, -0.25])
    return net


def small_example() -> dict[str, Any]:
    """Two tokens to an LSTM of one cell, with a reference example that has every member."""
    parameters = {"W": "W", "R": "R"}
    memory = {"name": "memory", "type": "lstm", "hidden_size": 1}
    memory |= {"activations": LSTM_ACTIVATIONS, "parameters": parameters}
    reference = {
        "kind": "reference",
        "source": {"system": "nobody", "version": "0"},
        "tolerance": 1,
        "input": [[1]],
        "lengths": [1],
        "state": {"memory": {"h": "h", "c": "c"}},
        "output": "y",
        "final_state": {"memory": {"h": "h2", "c": "c2"}},
    }
    zeros = {name: tensor([1, 1], [0.0]) for name in ("h", "c", "h2", "c2")}
    return document(
        input={"kind": "tokens", "vocabulary": "text"},
        vocabularies={"text": {"unit": "codepoint", "tokens": ["a", "b"]}},
        layers=[{"name": "in", "type": "one_hot"}, memory],
        examples=[reference],
        tensors={
            "W": tensor([2, 4], [0.5] * 8),
            "R": tensor([1, 4], [0.25] * 4),
            "y": tensor([1, 1, 1], [0.0]),
        }
        | zeros,
    )
