"""Plan: a model made ready to run: parameters widened, after T, and laid out (SPEC 12, 13)."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from rnnspec import graph, layout
from rnnspec.activation import VECTORWISE
from rnnspec.model import ActivationLayer, DenseLayer, FeatureInput, Model, RecurrentLayer
from rnnspec.plan.parameters import Parameters
from rnnspec.plan.stages import (
    LastStep,
    Merged,
    OneHot,
    Recurrent,
    Stage,
    TimeReverse,
    Way,
    one_hot,
)

__all__ = [
    "LastStep",
    "Merged",
    "OneHot",
    "Plan",
    "Recurrent",
    "Stage",
    "TimeReverse",
    "Way",
    "compile",
    "one_hot",
]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """A net ready to run, made by `compile`.

    A Plan is immutable: share it between threads. Its sessions are independent of each other.
    """

    model: Model
    stages: Mapping[str, Stage]  # every layer by its name, in order
    timed: tuple[Stage, ...]  # those that read what has time: they work at each time step
    timeless: tuple[Stage, ...]  # those that read what has none: they work once for each row
    recurrent: Mapping[str, Recurrent]  # the layers that have a state, in order
    width: int  # of the output
    has_time: bool  # whether the output is [N, T, width]; else it is [N, width]
    logits: int  # the place of what decoding reads (SPEC 15)
    backward: tuple[str, str] | None  # the first layer that needs what comes later, and its word
    tokens: int | None  # V, if the input is tokens
    size: int | None  # of the input, if it is features
    scratch: int  # elements that a call needs for its products

    @property
    def last(self) -> int:
        """The place of the output."""
        return len(self.stages)

    @property
    def is_forward(self) -> bool:
        """Whether the net can be run step by step ([run-4])."""
        return self.backward is None


def compile(model: Model) -> Plan:
    """A plan of a model: its parameters as float32 after T ([tiny-2]). The model is kept for `selftest`.

    The model must be sound, as those that `load` and `build` give are: for one that was made by
    hand, `compile(load(to_bytes(model, "msgpack")))`.
    """
    tokens = len(model.input_vocabulary.tokens) if model.input_vocabulary else None
    size = model.input.size if isinstance(model.input, FeatureInput) else None
    members = [layer.members() for layer in model.layers]
    nodes = graph.nodes(members, size, tokens)
    readers: dict[int, list[int]] = {place: [] for place in range(len(nodes) + 1)}
    for k, node in enumerate(nodes):
        for place in node.reads:
            readers[_sound(place)].append(k)
    parameters = Parameters(model.tensors)
    stages: dict[str, Stage] = {}
    for k, (layer, node) in enumerate(zip(model.layers, nodes, strict=True)):
        width = _sound(node.width)
        as_ids = all(
            isinstance(model.layers[reader], RecurrentLayer | DenseLayer)
            for reader in readers[k + 1]
        )
        reads = tuple(map(_sound, node.reads))
        stages[layer.name] = Stage(
            name=layer.name,
            place=k + 1,
            reads=reads,
            work=parameters.work(layer, width, as_ids=as_ids),
            width=width,
            has_time=node.has_time is True,
            frees=tuple(place for place in dict.fromkeys(reads) if readers[place][-1] == k),
        )
    *_, last = stages.values()
    has_time = (True, *(node.has_time for node in nodes))
    end = model.layers[-1]
    ends_with_softmax = isinstance(end, ActivationLayer) and end.function in VECTORWISE
    return Plan(
        model=model,
        stages=MappingProxyType(stages),
        timed=tuple(stage for stage in stages.values() if has_time[stage.reads[0]]),
        timeless=tuple(stage for stage in stages.values() if not has_time[stage.reads[0]]),
        recurrent=MappingProxyType(
            {s.name: s.work for s in stages.values() if isinstance(s.work, Recurrent)}
        ),
        width=last.width,
        has_time=last.has_time,
        logits=last.reads[0] if ends_with_softmax else last.place,
        backward=next(
            (
                (str(layer["name"]), str(layer.get("direction", layer["type"])))
                for layer in members
                if not layout.is_forward(layer)
            ),
            None,
        ),
        tokens=tokens,
        size=size,
        scratch=parameters.scratch,
    )


def _sound(number: int | None) -> int:
    if number is None:
        raise ValueError("this model is not sound: `to_bytes` says why")
    return number
