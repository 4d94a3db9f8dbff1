"""Sections 8 to 10 for cells in a net: time, what may stand behind it, and states of examples; the section is in `cells`."""

from typing import Any

from conformance.generator.build import (
    GRU_ACTIVATIONS,
    LSTM_ACTIVATIONS,
    SIGMOID,
    TANH,
    dense_net,
    tensor,
    token_net,
)
from conformance.generator.change import changed, put
from conformance.generator.table import Table


def chain(*layers: dict[str, Any]) -> dict[str, Any]:
    """A net of these layers over one feature; each has width 1, and tensors of its own."""
    shapes = {
        "elman": {"W": [1, 1], "R": [1, 1]},
        "lstm": {"W": [1, 4], "R": [1, 4]},
        "gru": {"W": [1, 3], "R": [1, 3]},
        "dense": {"W": [1, 1]},
        "affine": {"s": [1], "t": [1]},
        "embedding": {"E": [2, 1]},
    }
    head: dict[str, dict[str, Any]] = {
        "elman": {"hidden_size": 1, "activation": TANH},
        "lstm": {"hidden_size": 1, "activations": LSTM_ACTIVATIONS},
        "gru": {"hidden_size": 1, "reset": "before", "activations": GRU_ACTIVATIONS},
        "dense": {"size": 1},
        "embedding": {"size": 1},
    }
    written: list[dict[str, Any]] = []
    tensors: dict[str, Any] = {}
    for k, layer in enumerate(layers):
        kind = layer["type"]
        roles_ = {role: f"l{k}.{role}" for role in shapes.get(kind, {})}
        tensors |= {
            f"l{k}.{role}": tensor(
                shapes[kind][role],
                [0.5] * shapes[kind][role][-1] * (2 if kind == "embedding" else 1),
            )
            for role in roles_
        }
        written.append(
            {"name": f"l{k}", **head.get(kind, {}), **layer}
            | ({"parameters": roles_} if roles_ else {})
        )
    return dense_net(layers=written, tensors=tensors)


LAST: dict[str, Any] = {"type": "last_step"}
BEND: dict[str, Any] = {"type": "activation", **SIGMOID}


def time(table: Table) -> None:
    """[layer-5] and [agree-3]: what may stand behind a layer without time."""
    for cell in ("elman", "lstm", "gru"):
        final = {"type": cell, "output": "final"}
        table.row(
            f"after-{cell}-final", f"dense, affine and activation behind a {cell} with output final", "layer-5 agree-3",
            chain(final, {"type": "dense"}, {"type": "affine"}, BEND), "a layer that is refused without time",
        )  # fmt: skip
        for follower in ("elman", "lstm", "gru", "last_step"):
            table.row(
                f"after-{cell}-final-{follower.replace('_', '-')}", f"{follower} behind a {cell} with output final", "layer-5 agree-3",
                chain(final, {"type": follower}), "a memory of one step", expect="LAYER_INPUT",
            )  # fmt: skip
    table.row(
        "after-last-step", "dense, affine and activation behind last_step", "layer-5 agree-3",
        chain({"type": "lstm"}, LAST, {"type": "dense"}, {"type": "affine"}, BEND), "a layer that is refused without time",
    )  # fmt: skip
    table.row(
        "last-step-first", "last_step as the first layer, over features", "layer-5", chain(LAST, {"type": "dense"}),
        "a layer that needs a cell before it",
    )  # fmt: skip
    table.row(
        "last-step-alone", "last_step alone", "layer-5", chain(LAST), "a layer that needs another",
    )  # fmt: skip
    for follower in ("elman", "lstm", "gru", "last_step"):
        table.row(
            f"after-last-step-{follower.replace('_', '-')}", f"{follower} behind last_step", "layer-5 agree-3",
            chain(LAST, {"type": follower}), "a memory of one step", expect="LAYER_INPUT",
        )  # fmt: skip
    table.features = ["json"]
    table.row(
        "after-far", "a gru behind final and two layers without memory", "layer-5 agree-3",
        chain({"type": "lstm", "output": "final"}, {"type": "dense"}, BEND, {"type": "gru"}),
        "a rule for the next layer only", expect="LAYER_INPUT",
    )  # fmt: skip
    table.row(
        "after-twice", "three memories behind final: each is reported", "layer-5 agree-3 stage-3",
        chain({"type": "lstm", "output": "final"}, {"type": "gru"}, {"type": "elman", "output": "final"}, {"type": "dense"}, LAST),
        "a finding for the first alone", expect="LAYER_INPUT",
    )  # fmt: skip
    table.row(
        "after-embedding", "an embedding behind last_step: one finding", "agree-3",
        chain(LAST, {"type": "embedding"}), "two findings at one place", expect="LAYER_INPUT",
    )  # fmt: skip
    table.row(
        "after-width", "a gru behind final with wrong W and R: its I is unknown, its H is known", "agree-3 agree-5",
        changed(
            chain({"type": "lstm", "output": "final"}, {"type": "gru"}, {"type": "dense"}),
            **{"tensors__l1.W": tensor([7, 7], [0.0] * 49), "tensors__l1.R": tensor([1, 6], [0.0] * 6), "tensors__l2.W": tensor([2, 1], [0.0] * 2)},
        ),
        "a shape that is compared with an unknown one, or a width that is forgotten",
        expect=("LAYER_INPUT", "TENSOR_SHAPE"),
    )  # fmt: skip
    table.row(
        "after-last-step-width", "a second last_step: what it gives has no known width", "agree-3 agree-7",
        put(
            changed(chain(LAST, LAST, {"type": "dense"}), **{"tensors__l2.W": tensor([5, 1], [0.0] * 5)}),
            ["output", "labels"], ["one"],
        ),
        "a width that is guessed", expect="LAYER_INPUT",
    )  # fmt: skip
    table.features = None
    table.row(
        "sequence-written", "two cells with output sequence, written, one behind the other", "layer-5 agree-3",
        chain({"type": "gru", "output": "sequence"}, {"type": "elman", "output": "sequence"}, LAST),
        "`sequence` taken for an output without time",
    )  # fmt: skip
    table.row(
        "tokens-last-step", "last_step behind one_hot: its width is V", "agree-3 agree-7",
        token_net("abc", layers=[token_net()["layers"][0], {"name": "last", "type": "last_step"}], tensors={}),
        "a width that is not passed on",
    )  # fmt: skip
    table.row(
        "tokens-last-step-first", "tokens into last_step", "agree-3",
        token_net("ab", layers=[{"name": "last", "type": "last_step"}], tensors={}), "ids taken for features",
        expect="LAYER_INPUT",
    )  # fmt: skip
    for kind in ("affine", "elman", "gru"):
        net = chain({"type": kind})
        table.features = ["json"]
        table.row(
            f"tokens-{kind}-first", f"tokens into {kind}", "agree-3",
            token_net("ab", layers=net["layers"], tensors=net["tensors"], output={"kind": "values"}), "ids taken for features",
            expect="LAYER_INPUT",
        )  # fmt: skip
        table.features = None


def memory(table: Table) -> None:
    """[agree-7]: the kind of the output behind the new layers."""
    for last in ("elman", "gru", "affine", "last_step"):
        for kind in ("values", "logits", "probabilities", "log_probabilities")[
            :: 1 if last == "gru" else 2
        ]:
            fits = kind in ("values", "logits")
            table.features = None if fits else ["json"]
            table.row(
                f"kind-{last.replace('_', '-')}-{kind.replace('_', '-')}", f"{last} last, {kind}", "agree-7",
                put(chain({"type": last}), ["output", "kind"], kind), "probabilities that are none",
                expect="" if fits else "OUTPUT_KIND",
            )  # fmt: skip
    table.features = ["json"]
    for function in ("sigmoid", "linear"):
        table.row(
            f"kind-{function}-probabilities", f"{function} last, probabilities", "agree-7",
            put(chain({"type": "activation", "function": function}), ["output", "kind"], "probabilities"),
            "a sigmoid that is taken for a distribution", expect="OUTPUT_KIND",
        )  # fmt: skip
    table.features = None
    table.row(
        "kind-softmax-final", "softmax behind final", "agree-7 layer-5",
        put(chain({"type": "gru", "output": "final"}, {"type": "activation", "function": "softmax"}), ["output", "kind"], "probabilities"),
        "a softmax that needs time",
    )  # fmt: skip


# --- examples -------------------------------------------------------------------------------------


def exampled(net: dict[str, Any], output: list[int], **example: Any) -> dict[str, Any]:  # noqa: ANN401
    """A net of one feature with an example of two rows and three steps, states by name."""
    rows: dict[str, list[int]] = {"x": [2, 3, 1], "y": output}
    rows |= {
        name: [2, 1]
        for member in ("state", "final_state")
        for arrays in example.get(member, {}).values()
        for name in arrays.values()
    }
    added = {}
    for name, shape in rows.items():
        count = 1
        for size in shape:
            count *= size
        added[name] = tensor(shape, [0.0] * count)
    members = {"kind": "exact", "input": "x"} | example | {"output": "y"}
    return put(put(net, ["examples"], [members]), ["tensors"], net["tensors"] | added)


def examples(table: Table) -> None:
    """[agree-5] and [agree-9]: outputs without time, states of cells without c."""
    nets = {
        "elman-final": chain({"type": "elman", "output": "final"}),
        "last-step": chain({"type": "gru"}, LAST, {"type": "dense"}),
    }
    for name, net in nets.items():
        for shape, code in (
            ([2, 1], ""),
            ([2, 3, 1], "TENSOR_SHAPE"),
            ([3, 1], "TENSOR_SHAPE"),
            ([2], "TENSOR_SHAPE"),
            ([2, 1, 1], "TENSOR_SHAPE"),
        ):
            table.features = ["json"] if code else None
            table.row(
                f"example-{name}-{'x'.join(map(str, shape))}", f"{name}: an example's output of shape {shape}", "agree-5 layer-5",
                exampled(net, shape), "an output with time where there is none", expect=code,
            )  # fmt: skip
    table.features = None
    both = chain({"type": "elman"}, {"type": "gru"}, {"type": "lstm"}, LAST)
    whole = {"l0": {"h": "h0"}, "l1": {"h": "h1"}, "l2": {"h": "h2", "c": "c2"}}
    table.both(
        "state-all", "a state of an elman, a gru and an lstm", "agree-9", exampled(both, [2, 1], state=whole, final_state={k: {a: n + "f" for a, n in v.items()} for k, v in whole.items()}),
        "a c that every cell must have",
    )  # fmt: skip
    rows: dict[str, tuple[dict[str, Any], str, str | tuple[str, ...]]] = {
        "both-c": (whole | {"l0": {"h": "h0", "c": "c0"}, "l1": {"h": "h1", "c": "c1"}}, "an elman and a gru with c", "LAYER_UNKNOWN"),
        "lstm-without-c": (whole | {"l2": {"h": "h2"}}, "an lstm without c", "STATE_INCOMPLETE"),
        "all-missing": ({}, "none of three layers: three findings", "STATE_INCOMPLETE"),
        "dense-c": (whole | {"l3": {"h": "h3", "c": "c3"}}, "a state with c for last_step: one finding", "LAYER_UNKNOWN"),
    }  # fmt: skip
    for name, (state, what, codes) in rows.items():
        for member in ("state", "final_state") if name in ("both-c", "all-missing") else ("state",):
            table.features = ["json"]
            table.row(
                f"state-{name}-{member.replace('_', '-')}", f"{what}, in {member}", "agree-9",
                exampled(both, [2, 1], **{member: state}), "a state that does not fit the net", expect=codes,
            )  # fmt: skip
    with_c = exampled(both, [2, 1], state=whole | {"l1": {"h": "h1", "c": "c1"}})
    table.row(
        "state-gru-c-dtype", "the c of a gru, in float16 and of another shape: its dtype is judged, its shape not",
        "agree-9 agree-5", put(with_c, ["tensors", "c1"], tensor([7], [0.0] * 7, "float16")),
        "a tensor that is not judged, or too much", expect=("LAYER_UNKNOWN", "TENSOR_DTYPE"),
    )  # fmt: skip
    table.row(
        "state-gru-c-reused", "the c of a gru is its h: a reference all the same", "agree-9 agree-4",
        exampled(both, [2, 1], state=whole | {"l1": {"h": "h1", "c": "h1"}}), "a reference that is not counted",
        expect=("LAYER_UNKNOWN", "TENSOR_REUSED"),
    )  # fmt: skip
    table.row(
        "state-shapes", "h of an elman and of a gru in wrong shapes", "agree-5 agree-9",
        changed(exampled(both, [2, 1], state=whole), tensors__h0=tensor([1, 1], [0.0]), tensors__h1=tensor([2], [0.0] * 2)),
        "a state that is stretched or cut", expect="TENSOR_SHAPE",
    )  # fmt: skip
    table.row(
        "state-last-step", "a state for last_step, which has none", "agree-9",
        exampled(nets["last-step"], [2, 1], state={"l0": {"h": "h0"}, "l1": {"h": "h1"}}), "a layer that is taken for a memory",
        expect="LAYER_UNKNOWN",
    )  # fmt: skip
    table.features = None
