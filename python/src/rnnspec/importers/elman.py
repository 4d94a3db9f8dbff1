"""elman: a simple recurrent net as one JSON object of lists of lists, as `json.dumps` writes numpy arrays, or as an .npz of them.

    h' = tanh(x·W + h·R + b)        matrices [inputs, outputs], told as xW
    h' = tanh(W·x + R·h + b)        matrices [outputs, inputs], told as Wx

and, where there is an output matrix, y = h'·V + c. With token ids, x·W is a row of the embedding.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from rnnspec.importers import arrays, ends
from rnnspec.importers.net import Net
from rnnspec.importers.npz_file import read_npz
from rnnspec.importers.pattern import ENDS, FUNCTIONS, Notes, Option, System, chosen
from rnnspec.importers.refusal import ask, malformed, misfit, named, unsupported, wrong_option
from rnnspec.importers.result import Import, imported
from rnnspec.importers.source import Source, StrPath
from rnnspec.importers.zips import entry_names
from rnnspec.json_reader import Value
from rnnspec.tensor import Float32

# What a member is → its spellings, in small letters; those of the file may be large.
KEYS: Final = {
    "embedding": ("embedding", "embeddings", "e"),
    "input": ("input", "wxh", "w_xh", "wih", "w_ih", "win", "w_in"),
    "recurrent": ("recurrent", "whh", "w_hh", "wrec", "w_rec", "r"),
    "bias": ("bias", "bh", "b_h", "b"),
    "output": ("output", "why", "w_hy", "wout", "w_out"),
    "output bias": ("output_bias", "by", "b_y", "bout", "b_out"),
    "initial state": ("initial_state", "h0"),
    "activation": ("activation",),
    "vocabulary": ("vocabulary", "vocab"),
}
_ZIP: Final = b"PK\3\4"
_WORDS: Final = frozenset({"activation", "vocabulary"})  # the members that are no numbers
_ORIENTATIONS: Final = ("xW", "Wx")


def recognise(source: Source) -> bool:
    """A recurrent matrix, and an embedding or an input matrix; an .npz has no name that is none of these."""
    if source.is_folder:
        return False
    if source.data().startswith(_ZIP):
        names = entry_names(source)
        found = {_role(name.removesuffix(".npy")) for name in names}
        if None in found:
            return False
    else:
        members = source.json_object() or {}
        found = {_role(key) for key, value in members.items() if isinstance(value, list)}
    return "recurrent" in found and bool(found & {"embedding", "input"})


def read(
    path: Source | StrPath,
    *,
    input_kind: str | None = None,
    output_kind: str | None = None,
    vocabulary: StrPath | None = None,
    tokens: Sequence[str] | None = None,
    activation: str | None = None,
    orientation: str | None = None,
) -> Import:
    """The net in a JSON or .npz file.

    The options are those of `rnnspec import --list`. Raises Refused, and OSError where there is no file.
    """
    source = Source.of(path)
    net = Net(source)
    notes = net.notes
    members = _members(_given(source))
    keys = {role: key for role, (key, _) in members.items()}
    wide = {
        role: value if isinstance(value, np.ndarray) else arrays.from_lists(value, key)
        for role, (key, value) in members.items()
        if role not in _WORDS
    }
    narrow = arrays.rounded({keys[role]: array for role, array in wide.items()}, notes)
    found = {role: narrow[keys[role]] for role in wide}
    size = _hidden_size(found["recurrent"], keys["recurrent"])
    _orient(found, keys, size, orientation, notes)

    inside = members.get("vocabulary", ("", None))[1]
    if "embedding" in found:
        if input_kind is not None:
            raise wrong_option(
                f"--input-kind {named(input_kind)}: the net has an embedding, so token ids go in: leave it out"
            )
        embedding = _table(found["embedding"], keys["embedding"], found.get("input"), size, notes)
        ends.token_input(net, len(embedding), vocabulary, tokens, inside)
        if "input" in found:
            net.layer("embedding", size=embedding.shape[1], E=embedding)
            W = found["input"]
        else:
            net.layer("one_hot")
            W = embedding  # a one-hot vector times it is a row of it
    else:
        W = found["input"]
        ends.plain_input(net, len(W), input_kind, vocabulary, tokens, inside)
    function = _activation(members.get("activation", ("", None))[1], activation, notes)
    start = {"h0": _vector(found, keys, "initial state", size)} if "initial state" in found else {}
    b = _vector(found, keys, "bias", size)
    notes.understood(f"an Elman cell of {size} units over {len(W)} inputs")
    net.layer(
        "elman",
        hidden_size=size,
        activation={"function": function},
        W=W,
        R=found["recurrent"],
        b=b,
        **start,
    )
    width = size
    if "output" in found:
        width = found["output"].shape[1]
        c = _vector(found, keys, "output bias", width)
        net.layer("dense", size=width, W=found["output"], b=c)
    else:
        notes.understood("no output matrix: the hidden state comes out")
    ends.finish(net, width, output_kind)
    return imported(SYSTEM.name, net)


def _given(source: Source) -> Mapping[str, Any]:
    """The members by name: values of JSON, or arrays. Raises Refused."""
    if source.data().startswith(_ZIP):
        return {
            name: np.asarray(stored.values(), np.float64)
            for name, stored in read_npz(source).items()
        }
    value = source.json()
    if not isinstance(value, dict):
        raise malformed(
            'the file is no JSON object of matrices: write {"Wxh": …, "Whh": …, "bh": …}'
        )
    return value


def _role(key: str) -> str | None:
    return next((role for role, spellings in KEYS.items() if key.lower() in spellings), None)


def _members(given: Mapping[str, Any]) -> dict[str, tuple[str, Any]]:
    """Role → key in the file and value. Raises Refused for what is unknown, double or missing."""
    members: dict[str, tuple[str, Any]] = {}
    for key, member in given.items():
        role = _role(key)
        if role is None:
            raise unsupported(
                f'there is no place for the member "{named(key)}" in an Elman net: rename it, or remove it if the net '
                "does not use it (docs/importers.md has the names; gates such as Wf or Wz are no Elman net's)"
            )
        if role in members:
            raise malformed(
                f'"{named(members[role][0])}" and "{named(key)}" both mean the {role}: keep one of them'
            )
        members[role] = (key, member)
    for role in ("recurrent", "bias"):
        if role not in members:
            raise malformed(
                f"there is no {role} ({', '.join(KEYS[role])}): write it, with zeros if the net has none"
            )
    if not {"embedding", "input"} & set(members):
        raise malformed(
            "there is neither an embedding nor an input matrix (Wxh): write one of them"
        )
    if ("output" in members) != ("output bias" in members):
        has, lacks = ("output", "output bias") if "output" in members else ("output bias", "output")
        raise malformed(
            f"there is an {has} and no {lacks}: write it, with zeros if the net has none"
        )
    return members


def _hidden_size(recurrent: Float32, key: str) -> int:
    if recurrent.ndim != 2 or recurrent.shape[0] != recurrent.shape[1]:
        raise misfit(
            f"{named(key)} is {list(recurrent.shape)}, and a recurrent matrix is square: "
            "four or three times as many columns are those of an LSTM or a GRU, which this importer does not read"
        )
    return len(recurrent)


def _orient(
    found: dict[str, Float32], keys: Mapping[str, str], size: int, option: str | None, notes: Notes
) -> None:
    """Turns all matrices to [inputs, outputs]. Only a matrix that is not square shows how it stands. Raises Refused."""
    seen: dict[str, str] = {}
    for role, hidden_axis in (("input", 1), ("output", 0)):
        matrix = found.get(role)
        if matrix is None:
            continue
        if matrix.ndim != 2 or size not in matrix.shape:
            raise misfit(
                f"{named(keys[role])} is {list(matrix.shape)}, and with {size} hidden units one of two sizes is {size}: "
                "it belongs to another net"
            )
        if matrix.shape[0] != matrix.shape[1]:
            seen[keys[role]] = "xW" if matrix.shape[hidden_axis] == size else "Wx"
    if len(set(seen.values())) > 1:
        one, other = seen
        raise misfit(
            f"{named(one)} stands as {seen[one]} and {named(other)} as {seen[other]}, so nothing tells how "
            f"{named(keys['recurrent'])} stands: transpose one of them in the file"
        )
    turned = [role for role in ("input", "recurrent", "output") if role in found]
    if option is not None:
        way = chosen("orientation", option, _ORIENTATIONS)
        for name, shown in seen.items():
            if shown != way:
                raise wrong_option(
                    f"--orientation {way}: the shape of {named(name)} shows {shown}; leave the option out"
                )
        notes.understood(f"matrices stand as {way}, as you said")
    elif seen:
        name, way = next(iter(seen.items()))
        notes.understood(
            f"matrices stand as {way}: the shape of {name} shows it, and {keys['recurrent']} is taken likewise"
        )
    elif all(np.array_equal(found[role], found[role].T) for role in turned):
        way = "xW"  # it makes no difference
    else:
        raise ask(
            f"{named(keys['recurrent'])} is square, and no shape shows how it stands: give --orientation xW, if the net "
            "computes x·W + h·R (row vector times matrix), or --orientation Wx, if it computes W·x + R·h"
        )
    if way == "Wx":
        for role in turned:
            found[role] = found[role].T
        notes.changed(
            f"transposed to [inputs, outputs]: {', '.join(keys[role] for role in turned)}"
        )


def _table(table: Float32, key: str, W: Float32 | None, size: int, notes: Notes) -> Float32:
    """The embedding with a row for each token. Raises Refused."""
    width = size if W is None else len(W)
    if table.ndim != 2 or width not in table.shape:
        raise misfit(
            f"{named(key)} is {list(table.shape)}: expected a row of {width} numbers for each token"
        )
    if table.shape == (width, width):
        raise ask(
            f"{named(key)} is {list(table.shape)}, and no shape shows whether a token is a row or a column: rename it to "
            "Wxh, and give --input-kind tokens and --orientation"
        )
    if table.shape[1] != width:
        notes.changed(f"transposed {key}, so that a token is a row")
        return table.T
    return table


def _vector(found: Mapping[str, Float32], keys: Mapping[str, str], role: str, size: int) -> Float32:
    """Of [size], [size, 1] or [1, size]. Raises Refused."""
    vector = found[role]
    if vector.shape not in {(size,), (size, 1), (1, size)}:
        raise misfit(
            f"{named(keys[role])} is {list(vector.shape)}: expected {size} numbers, one for each unit"
        )
    return vector.reshape(size)


def _activation(inside: Value, option: str | None, notes: Notes) -> str:
    """The function from the file or the option, else tanh. Raises Refused."""
    if inside is not None:
        if not isinstance(inside, str) or inside.lower() not in FUNCTIONS:
            raise unsupported(
                f"the file's activation is none of {', '.join(FUNCTIONS)}: correct it there"
            )
        if option is not None and option != inside.lower():
            raise wrong_option(
                f"--activation {named(option)}: the file says {inside}; leave the option out"
            )
        return inside.lower()
    if option is None:
        notes.assumed("tanh, as in Elman's net; --activation says otherwise")
        return "tanh"
    return chosen("activation", option, FUNCTIONS)


SYSTEM: Final = System(
    name="elman",
    title="A simple recurrent net as numpy arrays, in JSON lists or .npz",
    reads=(
        'a JSON file {"Wxh": [[…]], "Whh": [[…]], "bh": […]}, or an .npz of such arrays, with these keys in large or small letters:',
        *(f"{role}: {', '.join(words)}" for role, words in KEYS.items()),
    ),
    versions=("any; arrays may be of float64",),
    carries=(
        "one Elman cell with any of these activations: " + ", ".join(FUNCTIONS),
        "an embedding, or an input matrix, or both",
        "both orientations",
        "an output layer",
        "an initial state",
    ),
    refuses=("several layers", "gates", "members that are not in the table of keys"),
    limits=("256 MiB, also when unpacked", "10,000,000 numbers of a JSON file"),
    options=(
        *ENDS,
        Option(
            name="activation",
            choices=FUNCTIONS,
            help="activation of the cells (default: tanh, unless the file says otherwise)",
        ),
        Option(
            name="orientation",
            choices=_ORIENTATIONS,
            help="how matrices stand where no shape shows it: xW is [inputs, outputs], Wx is [outputs, inputs]",
        ),
    ),
    recognise=recognise,
    read=read,
)
