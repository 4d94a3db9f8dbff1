"""recurrentjs: the JSON of karpathy's RecurrentJS, and of the converter from char-rnn that writes the same (char-rnn #157).

Matrices are {n, d, w}, [outputs, inputs]. The input is a row of Wil. With s_k = Wkx · x + Wkh · h + bk,

    lstm  c' = sigmoid(s_f) · c + sigmoid(s_i) · tanh(s_c),  h' = sigmoid(s_o) · tanh(c')
    rnn   h' = relu(Wxh · x + Whh · h + bhh)

RecurrentJS itself counts letters from 1: row 0 of Wil starts a text, and row 0 of the output ends it. The
converter has no such row, and counted from 1 at first, later from 0.
"""

import math
import re
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from rnnspec.importers import arrays, ends
from rnnspec.importers.net import LSTM, Net
from rnnspec.importers.pattern import OUTPUT, OWN_VOCABULARY, TOKENS, Notes, System
from rnnspec.importers.refusal import Refused, ask, malformed, misfit, named, unsupported
from rnnspec.importers.result import Import, imported
from rnnspec.importers.source import Source, StrPath, json_value
from rnnspec.json_reader import Value
from rnnspec.tensor import Float32

_GATES: Final = "ifco"  # in the order of SPEC 8; their c is g
# What stands for a character in letters that the converter wrote.
_SPELLED: Final = {
    "SINGLEQUOTE": "'",
    "DOUBLEQUOTE": '"',
    "\\n": "\n",
    "\\r": "\r",
    "\\t": "\t",
    "\\\\": "\\",
}
_MOST_LAYERS: Final = 256
# A member of the top level, or of a string that is no JSON; and the members of the object there.
_LETTERS: Final = re.compile(rb'"letterToIndex"[ \t\r\n]*:[ \t\r\n]*\{')
_MEMBER: Final = re.compile(
    rb'[ \t\r\n]*"(?P<letter>(?:[^"\\]|\\.)*)"[ \t\r\n]*:[ \t\r\n]*[0-9]+[ \t\r\n]*(?P<comma>,?)'
)


def recognise(source: Source) -> bool:
    """Whether it is an object with `model`, `hidden_sizes` and `indexToLetter`."""
    if source.is_folder or b'"indexToLetter"' not in source.data():
        return False
    try:
        members = _saved(source, Notes())
    except Refused as error:
        if error.code == "IMPORT_MALFORMED":
            return False
        raise
    return {"model", "hidden_sizes", "indexToLetter"} <= set(members)


def read(
    path: Source | StrPath,
    *,
    output_kind: str | None = None,
    vocabulary: StrPath | None = None,
    tokens: Sequence[str] | None = None,
) -> Import:
    """The net in a JSON file of RecurrentJS.

    The options are those of `rnnspec import --list`. Raises Refused, and OSError where there is no file.
    """
    net = Net(Source.of(path))
    notes = net.notes
    saved = _saved(net.source, notes)
    model = saved.get("model")
    if not isinstance(model, dict):
        raise malformed("there is no model: save the net again")
    generator = saved.get("generator")
    if generator not in {"lstm", "rnn"}:
        raise unsupported(
            f"the generator is {named(str(generator))}, and lstm and rnn are read: RecurrentJS has no other"
        )
    sizes = _sizes(saved.get("hidden_sizes"))
    names = _names(str(generator), len(sizes))
    for name in names:
        if name not in model:
            raise malformed(
                f"the {generator} has no {name}: the file was changed by hand, or is of another net; save it again"
            )
    for name in model:
        if name not in names:
            raise unsupported(
                f"the model has a matrix {named(name)}, which no {generator} of RecurrentJS has: the file was changed "
                "by hand, or is of another program"
            )
    wide = {name: _matrix(model[name], name) for name in names}
    _check_shapes(wide, str(generator), sizes, saved.get("letter_size"))
    matrices = arrays.rounded(wide, notes)

    rows = len(matrices["Wil"])
    one_hot = wide["Wil"].shape == (rows, rows) and bool((wide["Wil"] == np.eye(rows)).all())
    own = vocabulary is not None or tokens is not None
    letters, start = (None, False) if own else _letters(saved, rows, one_hot, net)
    ends.token_input(net, rows, vocabulary, tokens, letters)
    if start:
        net.vocabularies = {
            name: {**v, "start": 0, "end": 0} for name, v in net.vocabularies.items()
        }
    if one_hot:
        notes.changed("Wil is the identity: one-hot vectors in its place")
        net.layer("one_hot")
    else:
        net.layer("embedding", size=matrices["Wil"].shape[1], E=matrices["Wil"])
    for k, size in enumerate(sizes):
        _cell(net, str(generator), k, size, matrices)
    net.layer("dense", size=rows, W=matrices["Whd"].T, b=matrices["bd"][:, 0])
    what = "LSTMs" if generator == "lstm" else "nets of relu, as RecurrentJS has them,"
    notes.understood(f"{what} of {', '.join(map(str, sizes))} units")
    notes.changed("matrices transposed to [inputs, outputs]")
    ends.finish(net, rows, output_kind)
    return imported(SYSTEM.name, net)


# --- the text ----------------------------------------------------------------------------------------------


def _saved(source: Source, notes: Notes) -> Mapping[str, Value]:
    """The object, also where the converter's first version lost both quotes, and gave letterToIndex two keys "".

    Those two members alone are taken out before the text is read strictly. Raises Refused.
    """
    data = source.data()
    name = source.path.name
    empty = _empty_letters(data)
    if len(empty) > 1:
        blanked = bytearray(data)
        for first, end in empty:
            blanked[first:end] = b" " * (end - first)
        data = bytes(blanked)
        notes.left_out(
            'letterToIndex has the key "" more than once, where the converter lost quotes; indexToLetter is read'
        )
        value = json_value(data, name, source.limits)
    else:
        value = source.json()
    if not isinstance(value, dict):
        raise malformed("the file is no JSON object: save the net again")
    return value


def _empty_letters(data: bytes) -> list[tuple[int, int]]:
    """Where members with the key "" stand in letterToIndex, each with a comma beside it; none in a text of another kind."""
    found = _LETTERS.search(data)
    at = found.end() if found else len(data)
    empty = []
    separator = at
    while member := _MEMBER.match(data, at):
        last = not member["comma"]
        if not member["letter"]:
            # The last member takes the comma before it along, and what was taken since.
            empty.append((separator if last else at, member.end()))
        else:
            separator = member.start("comma")
        at = member.end()
        if last:
            break
    return empty


def _cell(net: Net, generator: str, k: int, size: int, matrices: Mapping[str, Float32]) -> None:
    if generator == "rnn":
        net.layer(
            "elman",
            hidden_size=size,
            activation={"function": "relu"},
            W=matrices[f"Wxh{k}"].T,
            R=matrices[f"Whh{k}"].T,
            b=matrices[f"bhh{k}"][:, 0],
        )
        return
    W, R, b = (
        np.concatenate([matrices[f"{before}{gate}{after}{k}"] for gate in _GATES]).T
        for before, after in (("W", "x"), ("W", "h"), ("b", ""))
    )
    net.layer("lstm", hidden_size=size, activations=LSTM, W=W, R=R, b=b[0])


# --- matrices ----------------------------------------------------------------------------------------------


def _sizes(value: Value) -> list[int]:
    """The units of each layer. Raises Refused."""
    if not isinstance(value, list) or not 1 <= len(value) <= _MOST_LAYERS:
        raise malformed(f"hidden_sizes is no list of 1 to {_MOST_LAYERS} sizes: save the net again")
    return list(arrays.shape_of(value, "hidden_sizes"))


def _names(generator: str, layers: int) -> list[str]:
    per_layer = (
        ["Wxh", "Whh", "bhh"]
        if generator == "rnn"
        else [f"W{gate}{x}" for gate in _GATES for x in "xh"] + [f"b{gate}" for gate in _GATES]
    )
    return ["Wil", "Whd", "bd", *(f"{name}{k}" for k in range(layers) for name in per_layer)]


def _matrix(value: Value, name: str) -> arrays.Float64:
    """{n, d, w}, where w is a list, or an object "0", "1", … in any order. Raises Refused."""
    if not isinstance(value, dict) or not {"n", "d", "w"} <= set(value):
        raise malformed(f"{name} is no object of n, d and w: save the net again")
    shape = arrays.shape_of([value["n"], value["d"]], name)
    count = math.prod(shape)
    w = value["w"]
    if isinstance(w, dict):
        if len(w) != count or not all(str(k) in w for k in range(count)):
            raise misfit(
                f'{name} is {list(shape)}, and its w has not the keys "0" to "{count - 1}": the file is cut, or was '
                "changed by hand"
            )
        w = [w[str(k)] for k in range(count)]
    if not isinstance(w, list) or len(w) != count:
        raise misfit(
            f"{name} is {list(shape)}, and its w has not {count} numbers: save the net again"
        )
    return arrays.from_lists(w, name).reshape(shape)


def _check_shapes(
    wide: Mapping[str, arrays.Float64], generator: str, sizes: list[int], letter_size: Value
) -> None:
    """Raises Refused where one does not fit its neighbours."""
    rows, width = wide["Wil"].shape
    if letter_size is not None and letter_size != width:
        raise misfit(
            f"letter_size is not {width}, the width of Wil: the file was changed by hand; save the net again"
        )
    wanted = {"Wil": (rows, width)}
    for k, size in enumerate(sizes):
        shapes = {"x": (size, width), "h": (size, size), "b": (size, 1)}
        if generator == "rnn":
            wanted |= {f"Wxh{k}": shapes["x"], f"Whh{k}": shapes["h"], f"bhh{k}": shapes["b"]}
        for gate in _GATES if generator == "lstm" else "":
            wanted |= {f"W{gate}{x}{k}": shapes[x] for x in "xh"} | {f"b{gate}{k}": shapes["b"]}
        width = size
    wanted |= {"Whd": (rows, width), "bd": (rows, 1)}
    for name, shape in wanted.items():
        if wide[name].shape != shape:
            raise misfit(
                f"{name} is {list(wide[name].shape)}, and {list(shape)} fits hidden_sizes {sizes} and the {rows} rows of "
                "Wil: the file was changed by hand, or joined from two"
            )


# --- letters -----------------------------------------------------------------------------------------------


def _letters(
    saved: Mapping[str, Value], rows: int, one_hot: bool, net: Net
) -> tuple[list[Value], bool]:
    """A letter for each row, and whether row 0 is start and end. Raises Refused.

    Where letters are counted from is not said, but the number of rows proves it.
    """
    by_index = _by_index(saved.get("indexToLetter"))
    _check_inverse(saved.get("letterToIndex"), by_index)
    found = set(by_index)
    start = False
    if found == set(range(1, rows)) and not one_hot:
        first, start = 0, True
        net.notes.understood("letters from 1, as RecurrentJS counts; id 0 starts and ends a text")
    elif found == set(range(1, rows + 1)):
        first = 1
        net.notes.changed("ids begin at 0; in the file letters begin at 1")
    elif 0 in found and max(found) < rows:
        first = 0
        net.notes.understood("letters from 0, as the converter's last version counts")
    else:
        raise ask(
            f"there are {len(found)} letters, from {min(found)} to {max(found)}, for {rows} rows of Wil, which proves "
            f"no way of counting: give --vocabulary FILE, a JSON list of {rows} tokens"
        )
    letters = ["" if start and k == 0 else by_index.get(k + first, "") for k in range(rows)]
    tokens: list[Value] = []
    spelled: list[str] = []
    for letter in letters:
        if len(letter) > 1 and letter not in _SPELLED:
            raise malformed(
                f'the letter "{named(letter)}" is none: give --vocabulary FILE, a JSON list of {rows} tokens'
            )
        if letter in _SPELLED:
            spelled.append(letter)
        tokens.append(_SPELLED.get(letter, letter))
    full = [token for token in tokens if token]
    if len(set(map(str, full))) < len(full):
        raise malformed("a letter has two indexes: give --vocabulary FILE, with every token once")
    if spelled:
        net.notes.changed(f"{', '.join(spelled)} → the characters they stand for")
    lost = [k for k, token in enumerate(tokens) if not token and not (start and k == 0)]
    if lost:
        net.notes.left_out(
            f"the letters of {len(lost)} ids, such as {lost[0]}, which the converter lost (quotes, or bytes over 127): "
            "the ids are there, and have no text; --vocabulary gives them back"
        )
    return tokens, start


def _by_index(value: Value) -> dict[int, str]:
    if not isinstance(value, dict) or not value:
        raise malformed("indexToLetter is no object index → letter: give --vocabulary FILE")
    found = {}
    for key, letter in value.items():
        if not key.isascii() or not key.isdigit() or len(key) > 7 or str(int(key)) != key:
            raise malformed(
                f'indexToLetter has a key "{named(key)}", which is no index: save the net again'
            )
        if not isinstance(letter, str):
            raise malformed(f"indexToLetter gives {key} no string: save the net again")
        found[int(key)] = letter
    return found


def _check_inverse(value: Value, by_index: Mapping[int, str]) -> None:
    """letterToIndex may be absent, and may have lost letters; it must not contradict."""
    for letter, index in value.items() if isinstance(value, dict) else ():
        if type(index) is not float or by_index.get(int(index)) != letter or index != int(index):
            raise malformed(
                f'letterToIndex and indexToLetter do not agree on "{named(letter)}": the file was changed by hand; '
                "save the net again, or give --vocabulary FILE"
            )


SYSTEM: Final = System(
    name="recurrentjs",
    title="JSON of RecurrentJS, and of char-rnn's converter to it",
    reads=("a JSON file with model, hidden_sizes, generator and indexToLetter",),
    versions=(
        "RecurrentJS: letters from 1, start and end at 0",
        "the converter of char-rnn, first: letters from 1",
        "the converter of char-rnn, last: letters from 0, SINGLEQUOTE and DOUBLEQUOTE",
    ),
    carries=(
        "stacks of lstm",
        "stacks of rnn, whose function is relu",
        "matrices as lists, and as objects with keys in any order",
    ),
    refuses=("matrices that are missing, or one too many", "sizes that do not agree"),
    limits=(
        "256 MiB",
        "10,000,000 numbers",
        "2,097,152 numbers in a matrix with keys",
        "256 layers",
    ),
    options=(OUTPUT, OWN_VOCABULARY, TOKENS),
    recognise=recognise,
    read=read,
)
