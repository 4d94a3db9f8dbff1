"""textgenrnn_files: the vocabulary and the config, two JSON files beside the weights, or given as options."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from rnnspec.importers.pattern import Notes
from rnnspec.importers.refusal import ask, malformed, misfit, named, unsupported, wrong_option
from rnnspec.importers.source import Source, StrPath, json_value
from rnnspec.json_reader import Value

META: Final = "<s>"  # begins and ends a text
WEIGHTS: Final = "_weights"  # behind the name of a net
_BUNDLED: Final = "textgenrnn"  # what the package itself brings
_SIZES: Final = ("rnn_layers", "rnn_size", "max_length", "dim_embeddings")
_FLAGS: Final = ("rnn_bidirectional", "word_level", "single_text")
_DEFAULTS: Final[Mapping[str, Value]] = {
    "max_length": 40.0,
    "word_level": False,
    "single_text": False,
}
_NAMES: Final = {"name", "max_words"}  # they say nothing about what is computed


class Shapes(NamedTuple):
    """What the arrays prove, in the words of the config."""

    rnn_layers: int
    rnn_size: int
    rnn_bidirectional: bool
    dim_embeddings: int


class Config(NamedTuple):
    """What no array proves."""

    max_length: int
    word_level: bool
    single_text: bool


def read_config(source: Source, path: StrPath | None, shapes: Shapes, notes: Notes) -> Config:
    """The config that is given, or stands beside the weights; textgenrnn's own defaults where there is none.

    Raises Refused where it is of another net; OSError for the option's file.
    """
    found = _beside(source, path, "_config.json")
    if found is None:
        notes.assumed(
            "no config: windows of 40 tokens, and tokens that are characters; --config FILE says otherwise"
        )
        return Config(40, False, False)
    value, name = found
    if not isinstance(value, dict):
        raise malformed(f"{name} is no object: give what textgenrnn wrote as …_config.json")
    if "class_name" in value:
        raise wrong_option(
            f"{name} is the config of a Keras model, not of textgenrnn: give --from keras with it"
        )
    members = {**_DEFAULTS, **value}
    for size in _SIZES:
        given = members.get(size, 1.0)
        if type(given) is not float or not given.is_integer() or not 1 <= given < 2**31:
            raise malformed(
                f"{size} in {name} is no whole number from 1: give what textgenrnn wrote"
            )
    for flag in _FLAGS:
        if not isinstance(members.get(flag, False), bool):
            raise malformed(
                f"{flag} in {name} is neither true nor false: give what textgenrnn wrote"
            )
    for member, proved in shapes._asdict().items():
        said = members.get(member, proved)
        if said != proved:
            raise misfit(
                f"{name} says {member} {_shown(said)}, and the weights have {_shown(proved)}: weights, vocabulary and config "
                "must be of one training"
            )
    other = sorted(set(value) - {*_SIZES, *_FLAGS, *_NAMES})
    if other:
        notes.left_out(f"{', '.join(map(named, other[:8]))} in {name}: of the training alone")
    length = members["max_length"]
    assert isinstance(length, float), "checked above"
    notes.understood(f"a config {name}")
    return Config(int(length), members["word_level"] is True, members["single_text"] is True)


def read_vocabulary(
    source: Source, path: StrPath | None, rows: int, config: Config, notes: Notes
) -> dict[str, Any]:
    """A member of `vocabularies`: id 0 is the padding and every unknown token, <s> begins and ends.

    Raises Refused where it is not that of the weights; OSError for the option's file.
    """
    found = _beside(source, path, "_vocab.json")
    if found is None:
        raise ask(
            f"the net reads ids of {rows} tokens, and there is no vocabulary beside it: give --vocabulary FILE with what "
            "textgenrnn wrote as …_vocab.json in the same training"
        )
    value, name = found
    if not isinstance(value, dict) or not value:
        raise malformed(f"{name} is no object token → id: give what textgenrnn wrote")
    if len(value) + 1 != rows:
        raise misfit(
            f"{name} has {len(value)} tokens, which with the padding ask for {len(value) + 1} rows, and the weights have "
            f"{rows}: weights and vocabulary must be of one training; give the …_vocab.json that it wrote"
        )
    tokens = [""] * rows
    seen = {0}
    for token, number in value.items():
        if type(number) is not float or number in seen or number not in range(1, rows):
            raise malformed(
                f'{name} gives "{named(token)}" no id of its own from 1 to {rows - 1}: take the file that textgenrnn wrote'
            )
        seen.add(int(number))
        tokens[int(number)] = token
    entry: dict[str, Any] = {"unit": "token" if config.word_level else "codepoint"}
    special: dict[str, Any] = {"unknown": 0, "padding": 0}
    if META in value and not config.single_text:
        meta = tokens.index(META)
        tokens[meta] = META if config.word_level else ""  # a special id has no text
        special |= {"start": meta, "end": meta}
    if config.word_level:
        entry["separator"] = " "
    elif any(len(token) > 1 for token in tokens):
        word = next(token for token in tokens if len(token) > 1)
        raise unsupported(
            f'{name} has the token "{named(word)}", and the config says characters: give --config with the …_config.json of that '
            "training, in which word_level is true"
        )
    what = "words, with a space between them" if config.word_level else "characters"
    notes.understood(f"a vocabulary of {rows} tokens from {name}: {what}; 0 is the padding")
    return {**entry, "tokens": tokens, **special}


def _beside(source: Source, path: StrPath | None, ending: str) -> tuple[Value, str] | None:
    """The value of a JSON file and its name; None where there is none."""
    if path is not None:
        given = Path(path)
        value = json_value(Source(given, source.limits).data(), given.name, source.limits)
        return value, named(given.name)
    stem = source.path.stem.removesuffix(WEIGHTS)
    for name in (f"{stem}{ending}", f"{_BUNDLED}{ending}"):
        if source.has(name):
            return source.json(name), named(name)
    return None


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, int | float) else "something else"
