"""npz: a model as numpy arrays by the names of its tensors, and the rest of it as the bytes of a JSON text; both ways.

The arrays stand as SPEC 7 and 8 have them: matrices [inputs, outputs], gates in blocks of columns in SPEC's order. The
text is the document without its tensors; it stands in the array `rnnspec`, or in a file that an option names.
"""

import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from rnnspec import Model, RnnspecError, build
from rnnspec.importers.net import Net
from rnnspec.importers.npz_file import read_npz
from rnnspec.importers.pattern import Notes, Option, System
from rnnspec.importers.refusal import (
    ask,
    malformed,
    misfit,
    named,
    not_carried,
    unsupported,
    wrong_option,
)
from rnnspec.importers.result import Import
from rnnspec.importers.source import Source, StrPath, json_value
from rnnspec.importers.stored import Stored, read_all
from rnnspec.importers.zips import ENTRIES
from rnnspec.json_reader import Value
from rnnspec.model import FORMAT_VERSION
from rnnspec.save import pieces

DOCUMENT: Final = "rnnspec"  # the array of uint8 that holds the JSON text
_ENTRY: Final = f"{DOCUMENT}.npy".encode()
_YEAR: Final = (1980, 1, 1, 0, 0, 0)  # of every entry, so that one model has one file


def to_npz(model: Model) -> bytes:
    """The bytes of an .npz file: every tensor by its name, and all else as JSON in the array `rnnspec`.

    float16 stays float16; bfloat16 and int8, which numpy has not, are widened to float32, exactly. Raises Refused where
    a tensor has the name of that array.
    """
    if DOCUMENT in model.tensors:
        raise not_carried(
            f'a tensor is called "{DOCUMENT}", and in an .npz that is the array of the JSON text: give it another name'
        )
    document = b"".join(pieces(replace(model, tensors={}), "json"))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        arrays = {
            name: _array(tensor.values, tensor.dtype) for name, tensor in model.tensors.items()
        }
        text = np.frombuffer(document, np.uint8)
        for name, array in {DOCUMENT: text, **arrays}.items():
            inner = io.BytesIO()
            np.lib.format.write_array(inner, array, allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", _YEAR), inner.getvalue())
    return file.getvalue()


def _array(values: np.ndarray[Any, np.dtype[Any]], dtype: str) -> np.ndarray[Any, np.dtype[Any]]:
    return np.ascontiguousarray(values, np.float16 if dtype == "float16" else np.float32)


def recognise(source: Source) -> bool:
    """A zip with an array `rnnspec`."""
    if source.is_folder:
        return False
    data = source.data()
    return data.startswith(b"PK\3\4") and _ENTRY in data


def read(path: Source | StrPath, *, net: StrPath | None = None) -> Import:
    """The model in an .npz file; `net` is a file with its JSON where the .npz has arrays alone.

    Raises Refused, and OSError where there is no file.
    """
    source = Source.of(path)
    notes = Net(source).notes
    stored = read_npz(source)
    text = stored.pop(DOCUMENT, None)
    if text is not None and net is not None:
        raise wrong_option("--net: the file has the JSON of a net of its own; leave it out")
    document = _document(source, text, net)
    tensors = _tensors(document, stored, source, notes)
    notes.understood(f"{len(tensors)} arrays, each the tensor of its name")
    try:
        build({**document, "tensors": tensors})
    except RnnspecError as error:
        raise misfit(
            f"arrays and net do not make a model: {error.issues[0].message}; SPEC.md 7 and 8 say which shape belongs to which role"
        ) from None
    return Import(SYSTEM.name, {**document, "tensors": tensors}, tuple(notes))


def _document(source: Source, text: Stored | None, net: StrPath | None) -> dict[str, Value]:
    """The document without its tensors. Raises Refused, and OSError for the option's file."""
    if text is not None:
        if text.dtype != "uint8" or len(text.shape) != 1:
            raise malformed(
                f'"{DOCUMENT}" is no array of bytes: write the file with rnnspec export --to npz'
            )
        value = json_value(bytes(text.data()), DOCUMENT, source.limits)
    elif net is None:
        raise ask(
            "the file has arrays alone, and nothing says what is computed with them: give --net FILE, JSON of a model without its "
            "tensors"
        )
    else:
        value = Source(net, source.limits).json()
    if not isinstance(value, dict):
        raise malformed("the net is no JSON object: expected a document of SPEC.md 5")
    if value.get("tensors"):
        raise wrong_option(
            "the JSON of the net has tensors of its own, and the arrays are to be they: take them out"
        )
    version = value.pop("rnnspec", FORMAT_VERSION)
    if version != FORMAT_VERSION:
        raise unsupported(
            f"the net is of version {named(str(version))} of the format, and {FORMAT_VERSION} is read: write it again"
        )
    return value


def _tensors(
    document: Mapping[str, Value], stored: Mapping[str, Stored], source: Source, notes: Notes
) -> dict[str, Any]:
    """Every array by its name. Raises Refused for what is missing, or has no place."""
    places = dict(_places(document.get("layers"))) | dict(_examples(document.get("examples")))
    for name, place in places.items():
        if name not in stored:
            raise malformed(
                f'there is no array "{named(name)}", {place}; there are {_few(stored)}: save it with the others'
            )
    for name in stored:
        if name not in places:
            raise unsupported(
                f'nothing in the net reads the array "{named(name)}": take it out, or name it in a layer\'s parameters'
            )
    values = read_all(stored.values(), source.limits, notes)
    return {
        name: values[name].astype(np.float16) if array.dtype == "float16" else values[name]
        for name, array in stored.items()
    }


def _places(layers: Value) -> list[tuple[str, str]]:
    """The tensors that layers name, and where."""
    found = []
    for layer in layers if isinstance(layers, list) else []:
        parameters = layer.get("parameters") if isinstance(layer, dict) else None
        for role, name in parameters.items() if isinstance(parameters, dict) else ():
            if isinstance(name, str):
                assert isinstance(layer, dict), "it has parameters"
                found.append(
                    (name, f'{named(role)} of the layer "{named(str(layer.get("name")))}"')
                )
    return found


def _examples(examples: Value) -> list[tuple[str, str]]:
    """The tensors that examples name: what goes in, what comes out, and states."""
    found: list[tuple[str, str]] = []
    waiting: list[Value] = []
    for example in examples if isinstance(examples, list) else []:
        if isinstance(example, dict):
            waiting += [example.get(key) for key in ("input", "output", "state", "final_state")]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            found.append((value, "which an example names"))
        elif isinstance(value, dict):
            waiting += value.values()
    return found


def _few(stored: Mapping[str, Stored]) -> str:
    names = [named(name) for name in stored]
    return (
        ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "") or "none"
    )


SYSTEM: Final = System(
    name="npz",
    title="A model of this format as numpy arrays",
    reads=(
        f'an .npz file with an array for each tensor, and the JSON of all else in the array "{DOCUMENT}"',
        "one of arrays alone, with that JSON as --net",
    ),
    versions=(f"rnnspec {FORMAT_VERSION}, as rnnspec export --to npz writes it; numpy 1 and 2",),
    carries=(
        "every model, vocabularies, decoding and examples too",
        "float32, float64 and float16",
    ),
    refuses=(
        "arrays that nothing reads, or that are missing",
        "arrays of objects, which are pickles, and of whole numbers",
    ),
    limits=("256 MiB, also when unpacked", f"{ENTRIES:,} arrays"),
    options=(
        Option(
            name="net",
            metavar="FILE",
            help="JSON of the model without its tensors, for an .npz of arrays alone",
        ),
    ),
    recognise=recognise,
    read=read,
)
