"""torch_state: the arrays of a state_dict by name, however they are stored."""

import re
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final

from rnnspec.importers.npz_file import read_npz
from rnnspec.importers.pattern import Notes
from rnnspec.importers.pickles import Value
from rnnspec.importers.refusal import Refused, ask, malformed, named, unsupported, wrong_option
from rnnspec.importers.safetensors import is_safetensors, read_safetensors
from rnnspec.importers.source import Source
from rnnspec.importers.stored import Stored, read_lists
from rnnspec.importers.torch_files import MAGIC, Tensor, TorchFile

_PARALLEL: Final = "module."  # what DataParallel puts before every name
_RECURRENT: Final = re.compile(r"(?:.*[._/])?(?:weight|w)_hh(?:_l[0-9]+)?(?:_reverse)?")
_DEPTH: Final = 4  # dicts in dicts of a checkpoint
_MEMBERS: Final = 100_000  # of all those dicts
_LONGEST_LIST: Final = 8  # names in one note


def arrays_of(source: Source, state_dict: str | None, notes: Notes) -> dict[str, Stored]:
    """All arrays of the file by name. Raises Refused."""
    data = source.data()
    is_zip = data.startswith(b"PK") and not is_safetensors(data)
    is_json = data.lstrip(b" \t\r\n").startswith(b"{")
    if is_safetensors(data) or is_json or (is_zip and b"/data.pkl" not in data):
        if state_dict is not None:
            raise wrong_option("--state-dict: only files of torch.save hold several state_dicts")
        reader = read_lists if is_json else read_npz if is_zip else read_safetensors
        found = reader(source)
    elif not is_zip and not data[2:].startswith(MAGIC):
        raise malformed(
            f"{named(source.path.name)} is nothing that torch.save, safetensors or numpy.savez writes: save the net "
            "with torch.save(model.state_dict(), FILE)"
        )
    else:
        file = TorchFile(source)
        name, members = _state_dict(file.value, state_dict)
        if name:
            notes.understood(f"the state_dict under {named(name)}")
            notes.left_out("the rest of the checkpoint, which is training's")
        found = {}
        for key, value in members.items():
            if not isinstance(value, Tensor):
                raise unsupported(
                    f"{named(str(key))} of the state_dict is no tensor: save model.state_dict() alone"
                )
            found[str(key)] = file.stored(str(key), value)
    if found and all(name.startswith(_PARALLEL) for name in found):
        notes.changed(f'"{_PARALLEL}" taken from every name: DataParallel puts it there')
        found = {
            name.removeprefix(_PARALLEL): Stored(
                name.removeprefix(_PARALLEL), a.dtype, a.shape, a.data, a.count, a.offset, a.strides
            )
            for name, a in found.items()
        }
    return found


def _state_dict(value: Value, wanted: str | None) -> tuple[str, Mapping[Value, Value]]:
    """The dict of parameters and where in the checkpoint it stands. Raises Refused."""
    if isinstance(value, Tensor) or not isinstance(value, dict):
        raise malformed(
            "the file holds no state_dict: save the net with torch.save(model.state_dict(), FILE)"
        )
    found: dict[str, Mapping[Value, Value]] = {}
    budget = _MEMBERS
    todo: list[tuple[str, dict[Value, Value], int]] = [("", value, 1)]
    while todo:
        name, members, depth = todo.pop()
        budget -= 1 + len(members)
        if budget < 0:
            raise Refused(
                "IMPORT_LIMIT",
                f"the checkpoint has more than {_MEMBERS:,} members: save model.state_dict() alone",
            )
        if any(
            isinstance(m, Tensor) and _RECURRENT.fullmatch(str(key)) for key, m in members.items()
        ):
            found[name] = members
        elif depth < _DEPTH:
            todo += [
                (f"{name}.{key}".strip("."), member, depth + 1)
                for key, member in members.items()
                if isinstance(member, dict)
            ]
    if wanted is not None:
        if wanted not in found:
            raise wrong_option(
                f"--state-dict {named(wanted)}: there is none, only {', '.join(named(name) or 'the file itself' for name in found)}"
            )
        return wanted, found[wanted]
    if len(found) > 1:
        names = sorted(named(name) for name in found)
        raise ask(
            f"the checkpoint holds several state_dicts, {', '.join(names[:_LONGEST_LIST])}: say which, with --state-dict"
        )
    if found:
        return found.popitem()
    raise unsupported(
        "the file has no recurrent module: expected names such as lstm.weight_ih_l0 and lstm.weight_hh_l0"
    )


def needed(stored: Mapping[str, Stored], ignore: Sequence[str], notes: Notes) -> dict[str, Stored]:
    """Without what --ignore names. Raises Refused for a pattern without effect."""
    for pattern in ignore:
        if not any(fnmatchcase(name, pattern) for name in stored):
            raise wrong_option(f"--ignore {named(pattern)}: there is no such parameter")
    kept = {
        name: array
        for name, array in stored.items()
        if not any(fnmatchcase(name, pattern) for pattern in ignore)
    }
    gone = [named(name) for name in stored if name not in kept]
    if gone:
        more = f" and {len(gone) - _LONGEST_LIST} more" if len(gone) > _LONGEST_LIST else ""
        notes.left_out(f"{', '.join(gone[:_LONGEST_LIST])}{more}: as you said")
    return kept
