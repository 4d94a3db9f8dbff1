"""The text of a net of brain.js: its dataFormatter as a vocabulary.

Row 0 of `input` starts a text, and row 0 of the output ends it; character k of the dataFormatter is row k + 1. Three of its
characters may be special: `unrecognized` stands for those that it does not know, `stop-input` and `start-output` for where a
question ends and its answer begins. In brain.js these have no text; here the last two are tokens of that name, so that a prime
can hold them.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from rnnspec.importers import ends
from rnnspec.importers.net import Net
from rnnspec.importers.refusal import malformed, named
from rnnspec.importers.source import StrPath
from rnnspec.json_reader import Value

END: Final = 0  # starts a text too
_UNKNOWN: Final = "unrecognized"
_BETWEEN: Final = ("stop-input", "start-output")
_LARGEST: Final = 2**53
_LIST: Final = "give --vocabulary FILE, a JSON list of tokens, the first for the start and end"


def token_input(
    net: Net,
    options: Value,
    rows: int,
    vocabulary: StrPath | None,
    tokens: Sequence[str] | None,
) -> None:
    """Ids of `rows` tokens go in; the vocabulary is the dataFormatter of the options, unless one is given.

    Raises Refused; OSError for the option's file.
    """
    formatter = options.get("dataFormatter") if isinstance(options, dict) else None
    inside, unknown = None, None
    if vocabulary is None and tokens is None and isinstance(formatter, dict):
        inside, unknown = _tokens(formatter, net)
    ends.token_input(net, rows, vocabulary, tokens, inside)
    special = {"start": END, "end": END} | ({} if unknown is None else {"unknown": unknown})
    net.vocabularies = {name: {**entry, **special} for name, entry in net.vocabularies.items()}
    net.notes.understood(
        "id 0 starts and ends a text, and character k of brain.js has the id k + 1"
    )


def _tokens(formatter: Mapping[str, Value], net: Net) -> tuple[list[Value] | None, int | None]:
    """The tokens by id, and the id of unknown characters; None for a dataFormatter without characters. Raises Refused."""
    characters, table = formatter.get("characters"), formatter.get("characterTable")
    index = formatter.get("indexTable")
    if not characters and not table:
        return None, None
    if not (isinstance(characters, list) and isinstance(table, dict) and isinstance(index, dict)):
        raise malformed(f"dataFormatter has not characters, characterTable and indexTable: {_LIST}")
    for key in table:
        if not (key.isascii() and key.isdigit() and len(key) < 8 and int(key) < len(characters)):
            raise malformed(f"characterTable has the key {named(key)}, which is no index: {_LIST}")
    found: list[Value] = [""]
    lost = []
    for k, listed in enumerate(characters):
        character = table.get(str(k))
        if character is None and isinstance(listed, str) and listed in _BETWEEN:
            found.append(listed)
        elif character is None:
            found.append("")
            if listed != _UNKNOWN:
                lost.append(k)
        else:
            found.append(_text(character))
            if index.get(_text(character)) != k:
                raise malformed(
                    f'indexTable and characterTable do not agree on "{named(_text(character))}": {_LIST}'
                )
    between = [token for token in _BETWEEN if token in found]
    if between:
        net.notes.changed(
            f"{' and '.join(between)}, which have no text in brain.js, are tokens of these names: a question ends with "
            f"{''.join(between)}, in a prime"
        )
    if lost:
        net.notes.left_out(
            f"the text of {len(lost)} ids, such as {lost[0] + 1}, which characterTable lacks"
        )
    if formatter.get("values"):
        net.notes.left_out(
            "values of the dataFormatter, which are the texts that the net was trained with"
        )
    return found, _unknown(index.get(_UNKNOWN), characters)


def _text(character: Value) -> str:
    """What brain.js makes of it: a number of a list is its digits. Raises Refused."""
    if isinstance(character, bool):
        return "true" if character else "false"
    if isinstance(character, float) and character.is_integer() and abs(character) < _LARGEST:
        return str(int(character))
    if not isinstance(character, str):
        raise malformed(f"characterTable has a character that is no text: {_LIST}")
    return character


def _unknown(place: Value, characters: Sequence[Value]) -> int | None:
    """The id of what the net was not trained with. Raises Refused."""
    if place is None:
        return None
    at = int(place) if isinstance(place, float) and 0 <= place < len(characters) else -1
    if at != place or characters[at] != _UNKNOWN:
        raise malformed(f"indexTable gives {_UNKNOWN} no place of its own: {_LIST}")
    return at + 1
