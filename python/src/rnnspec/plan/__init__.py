"""Plan: a model made ready to run: parameters widened, after T, and laid out (SPEC 12, 13)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from types import MappingProxyType

from rnnspec import graph, layout
from rnnspec.activation import VECTORWISE
from rnnspec.kernel import Library, library
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
from rnnspec.plan.tape import Tape, has_tape
from rnnspec.plan.taping import taped

__all__ = [
    "LastStep",
    "Merged",
    "OneHot",
    "Plan",
    "Recurrent",
    "Stage",
    "Tape",
    "TimeReverse",
    "Way",
    "compile",
    "one_hot",
]


@dataclass(frozen=True, eq=False)
class Plan:
    """A net ready to run, made by `compile`.

    A Plan is immutable: share it between threads. Its sessions are independent of each other.
    """

    model: Model
    stages: Mapping[str, Stage]  # every layer by its name, in order
    timed: tuple[Stage, ...]  # those that read what has time: they work at each time step
    timeless: tuple[Stage, ...]  # those that read what has none: they work once for each row
    width: int  # of the output
    has_time: bool  # whether the output is [N, T, width]; else it is [N, width]
    logits: int  # the place of what decoding reads (SPEC 15)
    backward: tuple[str, str] | None  # the first layer that needs what comes later, and its word
    tokens: int | None  # V, if the input is tokens
    size: int | None  # of the input, if it is features
    parameters: Parameters  # what its stages are made of, when they are first asked for
    library: Library | None  # the kernel, if this plan uses it

    @cached_property
    def recurrent(self) -> Mapping[str, Recurrent]:
        """The layers that have a state, in order."""
        names = [layer.name for layer in self.model.layers if isinstance(layer, RecurrentLayer)]
        found = {name: self.stages[name].work for name in names}
        return MappingProxyType(
            {n: work for n, work in found.items() if isinstance(work, Recurrent)}
        )

    @cached_property
    def scratch(self) -> int:
        """How many elements a call needs for its products."""
        if self.library is not None:
            return 0
        for stage in self.stages.values():
            for way in stage.work.ways if isinstance(stage.work, Recurrent) else ():
                _ = way.cell
        return self.parameters.scratch

    @cached_property
    def tape(self) -> Tape | None:
        """The net as calls of the kernel, packed when it is first asked for; None if it has no such form."""
        if self.library is None or not has_tape(self.model):
            return None
        return taped(self.model, self.width, self.library, has_time=self.has_time)

    @property
    def last(self) -> int:
        """The place of the output."""
        return len(self.stages)

    @property
    def is_forward(self) -> bool:
        """Whether the net can be run step by step ([run-4])."""
        return self.backward is None


def compile(model: Model, kernel: str | None = None) -> Plan:
    """A plan of a model, whose parameters are made float32 after T, or packed, when they are first used.

    `kernel` is the path that computes, of those that `runtime()` tells of: "plain", or the one of this
    process, which it is anyway. All give the same bits.

    The model must be sound, as those that `load` and `build` give are: for one that was made by
    hand, `compile(load(to_bytes(model, "msgpack")))`. Raises KernelError for a path that is not there.
    """
    tokens = len(model.input_vocabulary.tokens) if model.input_vocabulary else None
    size = model.input.size if isinstance(model.input, FeatureInput) else None
    members = [layer.members() for layer in model.layers]
    nodes = graph.nodes(members, size, tokens)
    readers: dict[int, list[int]] = {place: [] for place in range(len(nodes) + 1)}
    for k, node in enumerate(nodes):
        for place in node.reads:
            readers[_sound(place)].append(k)
    found = library(kernel)
    parameters = Parameters(model.tensors, found)
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
            make=partial(parameters.work, layer, width, as_ids=as_ids),
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
        parameters=parameters,
        library=found,
    )


def _sound(number: int | None) -> int:
    if number is None:
        raise ValueError("this model is not sound: `to_bytes` says why")
    return number
