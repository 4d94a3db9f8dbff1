"""Load: bytes → Model (SPEC 5 to 9)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Literal, TypeVar, cast, get_args

from rnnspec.json_reader import Value
from rnnspec.limits import DEFAULT, Limits
from rnnspec.model import (
    Activation,
    Decoding,
    Example,
    FeatureInput,
    Input,
    Layer,
    Mode,
    Model,
    Output,
    OutputKind,
    Source,
    StateNames,
    TokenInput,
    Unit,
    Vocabulary,
)
from rnnspec.validate import Reading, read
from rnnspec.validate import Source as FileSource
from rnnspec.validate.findings import Object

T = TypeVar("T")


def load(source: FileSource, limits: Limits | None = None, *, try_anyway: bool = False) -> Model:
    """The model in a file: its bytes, or a path to them. JSON or msgpack, told by content.

    With `try_anyway` a file of another version is judged as one of this version ([version-4]).

    Raises RnnspecError with every finding of the first stage that has an error (SPEC 1), and
    OSError if the path can't be read. Warnings are what `validate` gives for a file that loads.
    """
    return model_of(read(source, limits or DEFAULT, try_anyway=try_anyway))


def model_of(reading: Reading) -> Model:
    """The model of a document that was judged."""
    top = reading.document
    return Model(
        schema=_text(top.get("$schema")),
        name=_text(top.get("name")),
        version=_text(top.get("version")),
        description=_text(top.get("description")),
        license=_text(top.get("license")),
        metadata=_object(top.get("metadata")),
        input=_input(cast(Object, top["input"])),
        vocabularies=_maybe(top.get("vocabularies"), _mapping(_vocabulary)),
        layers=tuple(map(_layer, _objects(top["layers"]))),
        output=_output(cast(Object, top["output"])),
        decoding=_maybe(top.get("decoding"), _decoding),
        examples=_maybe(top.get("examples"), lambda value: tuple(map(_example, _objects(value)))),
        extensions=_object(top.get("extensions")),
        extensions_required=_maybe(top.get("extensions_required"), _texts),
        tensors=reading.tensors,
    )


# What is below takes values that validate has found sound.


def _maybe(value: Value, make: Callable[[Value], T]) -> T | None:
    return None if value is None else make(value)


def _text(value: Value) -> str | None:
    return cast(str | None, value)


def _object(value: Value) -> Object | None:
    return cast(Object | None, value)


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
    tokens = cast(list[str | float], members["tokens"])
    return Vocabulary(
        unit=cast(Unit, members["unit"]),
        tokens=tuple(token if isinstance(token, str) else int(token) for token in tokens),
        separator=_text(members.get("separator")),
        unknown=_maybe(members.get("unknown"), _integer),
        start=_maybe(members.get("start"), _integer),
        end=_maybe(members.get("end"), _integer),
        padding=_maybe(members.get("padding"), _integer),
        extensions=_object(members.get("extensions")),
    )


def _same(value: Value) -> Value:
    return value


_LAYERS: Final[Mapping[str, Callable[..., Layer]]] = {
    layer.type: layer for layer in get_args(Layer)
}


def _layer(value: Object) -> Layer:
    members = {
        name: _MEMBERS.get(name, _same)(member) for name, member in value.items() if name != "type"
    }
    return _LAYERS[cast(str, value["type"])](**members)


def _activation(value: Value) -> Activation:
    members = cast(Object, value)
    function: Any = members["function"]
    return Activation(
        function=function,
        alpha=_maybe(members.get("alpha"), _number),
        beta=_maybe(members.get("beta"), _number),
    )


# The members of layers that are not what they are in the file already, as texts and numbers are.
_MEMBERS: Final[Mapping[str, Callable[[Value], object]]] = {
    "inputs": _texts,
    **dict.fromkeys(("size", "hidden_size", "projection_size"), _integer),
    "activation": _activation,
    "activations": _mapping(_activation),
}


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
        top_k=_maybe(members.get("top_k"), _integer),
        top_p=_maybe(members.get("top_p"), _number),
        blank=_maybe(members.get("blank"), _integer),
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
