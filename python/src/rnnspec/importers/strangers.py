"""strangers: files and folders that people have, which no importer reads. Each is named, with what to do instead.

Only what `recognise` of every importer has refused comes here; a name is given by content, and by a file's name only where the
content says nothing.
"""

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Final

from rnnspec.importers.refusal import Refused, malformed, named, unsupported
from rnnspec.importers.source import Source
from rnnspec.importers.zips import Zip
from rnnspec.json_reader import Value

_SAVED_MODEL: Final = (
    "this is a TensorFlow SavedModel, which is a program: load it in TensorFlow, and write "
    'model.save("net.keras"), or model.save("net.h5")'
)
_CHECKPOINT: Final = (
    "this is a TensorFlow checkpoint, which does not say what is computed: load it into its model, and write "
    'model.save("net.keras"); of TensorFlow 1, write each variable as manifest.json says (--from tensorflow1)'
)
_PICKLE: Final = (
    "this is a pickle, which is a program and is not run: where it is trusted, load it, and save its arrays with numpy.savez, "
    "or a PyTorch module with torch.save(module.state_dict(), …)"
)
_UNPACK: Final = "unpack it, and give the file of the model that is in it"
_HUGGING: Final = (
    "model.safetensors",
    "pytorch_model.bin",
)
_TABLE_END: Final = (
    b"\x57\xfb\x80\x8b\x24\x75\x47\xdb"  # of TensorFlow's .index, a table of LevelDB
)
_SHARD: Final = re.compile(r".*\.data-\d{5}-of-\d{5}")
_SUFFIXES: Final = {
    ".onnx": "an ONNX file",
    ".pt": "a file of PyTorch",
    ".pth": "a file of PyTorch",
    ".safetensors": "safetensors",
    ".h5": "a file of Keras",
    ".hdf5": "a file of Keras",
    ".keras": "a file of Keras",
    ".t7": "a file of Torch7",
    ".npz": "a zip of numpy arrays",
    ".json": "a JSON object",
}
_STARTS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"\x1f\x8b", f"this is packed with gzip: {_UNPACK}"),
    (b"BZh", f"this is packed with bzip2: {_UNPACK}"),
    (b"\xfd7zXZ", f"this is packed with xz: {_UNPACK}"),
    (b"7z\xbc\xaf", f"this is a 7z archive: {_UNPACK}"),
    (b"Rar!", f"this is a rar archive: {_UNPACK}"),
    (
        b"version https://git-lfs",
        "this is a pointer of Git LFS, not the file itself: run git lfs pull, and try again",
    ),
    (b"model_checkpoint_path:", _CHECKPOINT),
    (
        b"\x93NUMPY",
        "this is one numpy array: save all arrays of the net together, with numpy.savez(FILE, Wxh=…, Whh=…, bh=…)",
    ),
    (b"GGUF", "this is a GGUF file, of a language model without recurrent layers, which no importer reads"),
    (
        b"4\n1\n3\nV 1\n",
        "this is a Torch7 file in ASCII: load it in Torch, and save it without 'ascii' as the format",
    ),
)  # fmt: skip


def stranger(source: Source) -> Refused | None:
    """What the file or folder is, and what to do with it; None if it is not known here either.

    Raises Refused too, for a broken text or zip, and OSError.
    """
    return _folder(source) if source.is_folder else _file(source)


def _folder(source: Source) -> Refused | None:
    names = source.names()
    if not names:
        return malformed("this is an empty folder: give the file of the model")
    if "saved_model.pb" in names:
        return unsupported(_SAVED_MODEL)
    if "checkpoint" in names or any(_SHARD.fullmatch(name) for name in names):
        return unsupported(_CHECKPOINT)
    if "data.pkl" in names:
        return malformed(
            "this is an unpacked file of torch.save: give the .pt file itself, as torch.save wrote it"
        )
    for name in _HUGGING:
        if name in names:
            return unsupported(f"this is a folder with {name} in it: give that file")
    if "model.weights.h5" in names:
        return malformed("this is an unpacked .keras file: give the .keras file itself")
    shown = ", ".join(map(named, names[:8])) + (", …" if len(names) > 8 else "")
    return Refused(
        "IMPORT_UNRECOGNISED",
        f"this is a folder, and no importer knows one with these in it: {shown}; if one of them is the model, give that file",
    )


def _file(source: Source) -> Refused | None:
    data, name = source.data(), source.path.name
    start = data[:512].lstrip()
    if not start:
        return malformed("this file is empty: copy it again")
    for magic, sentence in _STARTS:
        if data.startswith(magic):
            return unsupported(sentence)
    lowered = start[:64].lower()
    if lowered.startswith((b"<!doctype html", b"<html")):
        return malformed(
            "this is a page of the web, not a model: the download went wrong; fetch the file itself"
        )
    if data[257:262] == b"ustar":
        return unsupported(f"this is a tar archive: {_UNPACK}")
    if data[4:8] == b"TFL3":
        return unsupported(
            "this is a TensorFlow Lite model, from which the recurrent layers are gone: import the Keras model that it was made of"
        )
    if data.startswith(b"PK\3\4"):
        return _zip(source)
    if start.startswith(b"{"):
        return _json(source.json())  # a broken text is better named than called unknown
    if start.startswith(b"["):
        return unsupported(
            'this is a JSON list: write an object, name → array, such as {"Wxh": …, "Whh": …, "bh": …}'
        )
    if b"_tf_keras_" in data[:4096] or (data.startswith(b"\x08\x01\x12") and b"serve" in data):
        return unsupported(_SAVED_MODEL)
    if data.endswith(_TABLE_END) or _SHARD.fullmatch(name):
        return unsupported(_CHECKPOINT)
    if data[0] in range(0x80, 0x90) and b"rnnspec" in data[:64]:
        return _our_own()
    if data[0] == 0x80 and data[1] in range(2, 6):
        return unsupported(_PICKLE)
    ending = PurePath(name).suffix.lower()
    if ending in _SUFFIXES:
        return malformed(
            f"the name ends in {ending}, and the content is not that of {_SUFFIXES[ending]}: it may be cut or damaged; copy it again"
        )
    return None


def _zip(source: Source) -> Refused:
    names = tuple(Zip(source.data(), source.path.name, source.limits).entries)
    if names and all(name.endswith(".npy") for name in names):
        shown = ", ".join(named(name.removesuffix(".npy")) for name in names[:8])
        more = ", …" if len(names) > 8 else ""
        return Refused(
            "IMPORT_UNRECOGNISED",
            f"this is an .npz with arrays of names that no importer knows: {shown}{more}; name them as one does (Wxh, Whh, bh; "
            "weight_ih_l0 and so on; see rnnspec import --list), or say with --from npz --net FILE what is computed with them",
        )
    return unsupported(
        f"this is a zip, and neither a .keras file, nor one of torch.save, nor an .npz: {_UNPACK}"
    )


def _json(value: Value) -> Refused | None:
    members: Mapping[str, Value] = value if isinstance(value, dict) else {}
    has = members.keys()
    if "rnnspec" in has:
        return _our_own()
    if {"rnn_layers", "max_length"} <= has:
        return unsupported(
            "this is the config of a net of textgenrnn: give its weights, X_weights.hdf5, with this file and the vocabulary beside them"
        )
    if {"class_name", "config"} <= has:
        return unsupported(
            "this is the config of a Keras model, without its weights: give the file of weights, and this one as --config"
        )
    if len(members) > 1 and all(isinstance(v, float) and v.is_integer() for v in members.values()):
        return unsupported(
            "this is a vocabulary, token: id: give the file of the net, and this one as --vocabulary"
        )
    if not members:
        return malformed("this is an empty JSON object: save the net again")
    shown = ", ".join(named(name) for name in list(members)[:8]) + (
        ", …" if len(members) > 8 else ""
    )
    return Refused(
        "IMPORT_UNRECOGNISED",
        f"this is a JSON object, and no importer knows one with these members: {shown}; `rnnspec import --list` says what each "
        "reads, and --from forces one",
    )


def _our_own() -> Refused:
    return unsupported(
        "this is a model of this format already: rnnspec run, rnnspec generate and all others take it as it is"
    )
