"""Importers: nets of other systems → rnnspec.

    from rnnspec import importers, save

    found = importers.read("models/pi", input_kind="tokens", tokens="0123456789")
    for note in found.notes:
        print(note.kind, note.text)
    save(found.model, "pi.rnn")

`importers.tensorflow1.read(…)` is the same, for that system alone. A net that can't come over raises Refused with
a code and a sentence that says what to do; a path that can't be opened raises OSError.
"""

from typing import Final

from rnnspec.importers import (
    brainjs,
    charrnn,
    charrnnjs,
    elman,
    guitarml,
    keras,
    kerasjs,
    nam,
    npz,
    onnx,
    pytorch,
    recurrentjs,
    rtneural,
    sketchrnn,
    tensorflow1,
    tensorflowjs,
    textgenrnn,
    theano,
    torchrnn,
)
from rnnspec.importers.pattern import Note, Option, System
from rnnspec.importers.refusal import CODES, Refused, wrong_option
from rnnspec.importers.result import Import
from rnnspec.importers.source import IMPORT_LIMITS, Piped, Source, StrPath
from rnnspec.importers.strangers import stranger

__all__ = [
    "CODES",
    "IMPORT_LIMITS",
    "SYSTEMS",
    "Import",
    "Note",
    "Option",
    "Piped",
    "Refused",
    "Source",
    "System",
    "brainjs",
    "charrnn",
    "charrnnjs",
    "elman",
    "guitarml",
    "keras",
    "kerasjs",
    "nam",
    "npz",
    "onnx",
    "pytorch",
    "read",
    "recognise",
    "recurrentjs",
    "rtneural",
    "sketchrnn",
    "tensorflow1",
    "tensorflowjs",
    "textgenrnn",
    "theano",
    "torchrnn",
]

SYSTEMS: Final = {
    system.name: system
    for system in (
        brainjs.SYSTEM,
        charrnn.SYSTEM,
        charrnnjs.SYSTEM,
        elman.SYSTEM,
        guitarml.SYSTEM,
        kerasjs.SYSTEM,
        nam.SYSTEM,
        recurrentjs.SYSTEM,
        rtneural.SYSTEM,
        sketchrnn.SYSTEM,
        tensorflow1.SYSTEM,
        tensorflowjs.SYSTEM,
        textgenrnn.SYSTEM,
        theano.SYSTEM,
        torchrnn.SYSTEM,
        pytorch.SYSTEM,
        onnx.SYSTEM,
        keras.SYSTEM,
        npz.SYSTEM,
    )
}

# A file of the second is one of the first too, with members that the first does not know.
_WITH_MORE: Final = {"keras": "textgenrnn", "pytorch": "rtneural", "rtneural": "guitarml"}


def read(path: Source | StrPath, system: str | None = None, **options: object) -> Import:
    """The net in a file or folder of the system, which is told by its content if it is not given.

    Raises Refused, also for an option that the system has not; OSError where there is no file.
    """
    source = Source.of(path)
    if system is not None and system not in SYSTEMS:
        raise wrong_option(f"there is no system {system}: expected one of {', '.join(SYSTEMS)}")
    found = SYSTEMS[system] if system is not None else recognise(source)
    known = {option.name: option.flag for option in found.options}
    for name in options:
        if name not in known:
            flag = Option(name=name, help="").flag
            raise wrong_option(
                f"{found.name} has no option {flag}: it has {', '.join(known.values())}"
            )
    result: Import = found.read(source, **options)
    return result


def recognise(path: Source | StrPath) -> System:
    """The system that wrote a file or folder, told by its content. Raises Refused, and OSError."""
    source = Source.of(path)
    names = {name for name, system in SYSTEMS.items() if system.recognise(source)}
    found = [
        SYSTEMS[name] for name in SYSTEMS if name in names and _WITH_MORE.get(name) not in names
    ]
    if len(found) == 1:
        return found[0]
    if found:
        several = ", ".join(system.name for system in found)
        raise Refused("IMPORT_UNRECOGNISED", f"it could be of {several}: say which, with --from")
    if (known := stranger(source)) is not None:
        raise known
    raise Refused(
        "IMPORT_UNRECOGNISED",
        f"no importer knows this by its content; they are {', '.join(SYSTEMS)}: `rnnspec import --list` says what "
        "each reads, and --from forces one",
    )
