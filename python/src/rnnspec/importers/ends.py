"""The two ends of a net, the same for every system: what goes in, what comes out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from rnnspec.importers.net import Net
from rnnspec.importers.pattern import INPUT, OUTPUT, Document, chosen
from rnnspec.importers.refusal import ask, malformed, misfit, named, wrong_option
from rnnspec.importers.source import Source, StrPath, json_value
from rnnspec.json_reader import Value

BESIDE: Final = ("vocab.json", "vocabulary.json")
_NAME: Final = "tokens"  # of the one vocabulary


def plain_input(
    net: Net,
    width: int,
    input_kind: str | None,
    vocabulary: StrPath | None,
    tokens: Sequence[str] | None,
    inside: Value = None,
) -> None:
    """What a net without an embedding reads, `width` numbers a step: no shape can tell, so it is asked.

    Raises Refused; OSError for the option's file.
    """
    if input_kind is None:
        raise ask(
            f"the net reads {width} numbers a step, and the file does not say what they are: give "
            "--input-kind tokens, if they are one-hot vectors of tokens, or --input-kind features"
        )
    if chosen("input_kind", input_kind, INPUT.choices) == "tokens":
        token_input(net, width, vocabulary, tokens, inside)
        net.layer("one_hot")
        return
    if vocabulary is not None or tokens is not None:
        raise wrong_option(
            "a net that reads features has no vocabulary: leave it out, or give --input-kind tokens"
        )
    net.input = {"kind": "features", "size": width}


def token_input(
    net: Net,
    count: int,
    vocabulary: StrPath | None,
    tokens: Sequence[str] | None,
    inside: Value = None,
) -> None:
    """Token ids go in; the layer behind is the caller's. The vocabulary is an option, or stands in the file (`inside`), or beside it.

    Raises Refused if there is none, or one of another size than `count`; OSError for the option's file.
    """
    if vocabulary is not None and tokens is not None:
        raise wrong_option("--vocabulary and --tokens are two vocabularies: give one of them")
    source = net.source
    beside = [name for name in BESIDE if source.has(name)]
    if tokens is not None:
        entry, where = _entry(list(tokens)), "as given"
    elif vocabulary is not None:
        path = Path(vocabulary)
        value = json_value(Source(path, source.limits).data(), path.name, source.limits)
        entry, where = _entry(_tokens(value, path.name)), f"from {path.name}"
    elif inside is not None:
        entry, where = _entry(_tokens(inside, "the vocabulary")), "from the file itself"
    elif beside:
        entry = _entry(_tokens(source.json(beside[0]), beside[0]))
        where = f"from {beside[0]}, beside the model"
    else:
        raise ask(
            f"the net reads ids of {count} tokens, and there is no vocabulary: give --vocabulary FILE "
            "with a JSON list of tokens or an object token → id, or --tokens TEXT"
        )
    if len(entry["tokens"]) != count:
        raise misfit(
            f"the vocabulary {where} has {len(entry['tokens'])} tokens, and the net reads {count}: "
            "give the vocabulary that the net was trained with"
        )
    net.notes.understood(f"a vocabulary of {count} tokens {where}, in units of {entry['unit']}")
    net.vocabularies = {_NAME: entry}
    net.input = {"kind": "tokens", "vocabulary": _NAME}


def finish(net: Net, width: int, output_kind: str | None) -> None:
    """What comes out of a last layer of `width`. Raises Refused."""
    spread = bool(over_tokens(net, width))
    kind = output_kind or ("logits" if spread else "values")
    chosen("output_kind", kind, OUTPUT.choices)
    if output_kind is None:
        net.notes.assumed(
            f"{kind} come out, {width} a step"
            + (", one for each token" if spread else "")
            + "; --output-kind says otherwise"
        )
    function = {"probabilities": "softmax", "log_probabilities": "log_softmax"}.get(kind)
    if function:
        net.layer("activation", function=function)
        net.notes.changed(f"a last layer {function} added, for --output-kind {kind}")
    net.output = {"kind": kind, **over_tokens(net, width)}


def close(net: Net, width: int, output_kind: str | None) -> None:
    """What comes out of a net that may end with its own softmax. Raises Refused where an option says otherwise."""
    function = net.layers[-1].get("function")
    kind = {"softmax": "probabilities", "log_softmax": "log_probabilities"}.get(function or "")
    if kind is None:
        finish(net, width, output_kind)
        return
    if output_kind not in {None, kind}:
        raise wrong_option(
            f"--output-kind {output_kind}: the net ends with {function}, so it gives {kind}"
        )
    net.output = {"kind": kind, **over_tokens(net, width)}


def over_tokens(net: Net, width: int) -> Document:
    """The member of `output` that names the vocabulary, if the output has a number for each of its tokens."""
    tokens = net.vocabularies.get(_NAME, {}).get("tokens", ())
    return {"vocabulary": _NAME} if len(tokens) == width else {}


def _entry(tokens: list[str | int]) -> dict[str, Any]:
    """A member of `vocabularies`, in the narrowest unit that its tokens allow (SPEC 7)."""
    if all(isinstance(token, int) for token in tokens):
        unit = "byte"
    elif all(isinstance(token, str) and len(token) <= 1 for token in tokens):
        unit = "codepoint"
    else:
        unit = "token"
    return {"unit": unit, "tokens": tokens}


def _tokens(value: Value, name: str) -> list[str | int]:
    """Tokens by id, from a list, or an object token → id. Raises Refused."""
    if isinstance(value, list) and value:
        if all(type(token) is str for token in value):
            return [str(token) for token in value]
        if all(type(token) is float and token in range(256) for token in value):
            return [int(token) for token in value if isinstance(token, float)]
        raise malformed(
            f"{named(name)} mixes tokens of several kinds: list strings, or bytes 0 to 255"
        )
    if not isinstance(value, dict) or not value:
        raise malformed(f"{named(name)} is neither a list of tokens nor an object token → id")
    by_id: dict[float, str] = {}
    for token, number in value.items():
        if type(number) is not float:
            raise malformed(
                f'{named(name)} gives the token "{named(token)}" no number: expected token → id'
            )
        if number in by_id:
            raise malformed(
                f'{named(name)} gives the id {number:g} to two tokens, "{named(by_id[number])}" and '
                f'"{named(token)}": write the vocabulary again, every id once'
            )
        by_id[number] = token
    for k in range(len(by_id)):
        if k not in by_id:
            advice = (
                "its ids begin at 1: subtract 1 from each"
                if min(by_id) == 1
                else "a token was lost"
            )
            raise malformed(
                f"{named(name)} has {len(by_id)} tokens, and none has the id {k}: {advice}"
            )
    return [by_id[k] for k in range(len(by_id))]
