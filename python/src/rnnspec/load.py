"""Load: bytes → Model (SPEC 5 to 9)."""

from collections.abc import Callable, Iterable
from typing import Literal, TypeVar, cast

from rnnspec.json_reader import Value
from rnnspec.limits import DEFAULT, Limits
from rnnspec.model import (
    ActivationLayer,
    Decoding,
    DenseLayer,
    EmbeddingLayer,
    Example,
    FeatureInput,
    Input,
    Layer,
    LstmLayer,
    Mode,
    Model,
    OneHotLayer,
    Output,
    OutputKind,
    Source,
    StateNames,
    TokenInput,
    Vocabulary,
)
from rnnspec.tensor import Tensor
from rnnspec.validate import Source as FileSource
from rnnspec.validate import read
from rnnspec.validate.findings import Object

T = TypeVar("T")


def load(source: FileSource, limits: Limits | None = None) -> Model:
    """The model in a file: its bytes, or a path to them. JSON or msgpack, told by content.

    Raises RnnspecError with every finding of the first stage that has an error (SPEC 1), and
    OSError if the path can't be read. Warnings are what `validate` gives for a file that loads.
    """
    reading = read(source, limits or DEFAULT)
    top = reading.document
    return Model(
        schema=_text(top.get("$schema")),
        name=_text(top.get("name")),
        version=_text(top.get("version")),
        description=_text(top.get("description")),
        license=_text(top.get("license")),
        metadata=_maybe(top.get("metadata"), lambda value: cast(Object, value)),
        input=_input(cast(Object, top["input"])),
        vocabularies=_maybe(top.get("vocabularies"), _mapping(_vocabulary)),
        layers=tuple(map(_layer, _objects(top["layers"]))),
        output=_output(cast(Object, top["output"])),
        decoding=_maybe(top.get("decoding"), _decoding),
        examples=_maybe(top.get("examples"), lambda value: tuple(map(_example, _objects(value)))),
        tensors={name: Tensor(array) for name, array in reading.tensors.items()},
    )


# What is below takes values that validate has found sound.


def _maybe(value: Value, make: Callable[[Value], T]) -> T | None:
    return None if value is None else make(value)


def _text(value: Value) -> str | None:
    return cast(str | None, value)


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(cast(list[str], value))


def _integer(value: Value) -> int:
    return int(cast(float, value))


def _integers(value: Value) -> tuple[int, ...]:
    return tuple(map(_integer, cast(list[Value], value)))


def _number(value: Value) -> float:
    return cast(float, value)


def _objects(value: Value) -> Iterable[Object]:
    return cast(list[Object], value)


def _mapping(make: Callable[[Value], T]) -> Callable[[Value], dict[str, T]]:
    return lambda value: {name: make(member) for name, member in cast(Object, value).items()}


def _input(value: Object) -> Input:
    if value["kind"] == "tokens":
        return TokenInput(vocabulary=cast(str, value["vocabulary"]))
    return FeatureInput(
        size=_integer(value["size"]),
        names=_maybe(value.get("names"), _texts),
        units=_maybe(value.get("units"), _texts),
        sample_rate=_maybe(value.get("sample_rate"), _number),
    )


def _vocabulary(value: Value) -> Vocabulary:
    members = cast(Object, value)
    return Vocabulary(
        tokens=_texts(members["tokens"]),
        unknown=_maybe(members.get("unknown"), _integer),
        start=_maybe(members.get("start"), _integer),
        end=_maybe(members.get("end"), _integer),
        padding=_maybe(members.get("padding"), _integer),
    )


def _layer(value: Object) -> Layer:
    name = cast(str, value["name"])
    parameters = cast(dict[str, str], value.get("parameters", {}))
    match value["type"]:
        case "embedding":
            return EmbeddingLayer(name=name, size=_integer(value["size"]), parameters=parameters)
        case "one_hot":
            return OneHotLayer(name=name)
        case "lstm":
            size = _integer(value["hidden_size"])
            return LstmLayer(name=name, hidden_size=size, parameters=parameters)
        case "dense":
            return DenseLayer(name=name, size=_integer(value["size"]), parameters=parameters)
        case _:
            function = cast(Literal["softmax", "log_softmax"], value["function"])
            return ActivationLayer(name=name, function=function)


def _output(value: Object) -> Output:
    return Output(
        kind=cast(OutputKind, value["kind"]),
        vocabulary=_text(value.get("vocabulary")),
        labels=_maybe(value.get("labels"), _texts),
    )


def _decoding(value: Value) -> Decoding:
    members = cast(Object, value)
    return Decoding(
        mode=cast(Mode, members["mode"]),
        temperature=_maybe(members.get("temperature"), _number),
    )


def _example(value: Object) -> Example:
    given = value["input"]
    return Example(
        kind=cast(Literal["exact", "reference"], value["kind"]),
        source=_maybe(value.get("source"), lambda found: Source(**cast(dict[str, str], found))),
        tolerance=_maybe(value.get("tolerance"), _number),
        input=given if isinstance(given, str) else tuple(map(_integers, cast(list[Value], given))),
        lengths=_maybe(value.get("lengths"), _integers),
        state=_maybe(value.get("state"), lambda found: cast(StateNames, found)),
        output=cast(str, value["output"]),
        final_state=_maybe(value.get("final_state"), lambda found: cast(StateNames, found)),
    )
