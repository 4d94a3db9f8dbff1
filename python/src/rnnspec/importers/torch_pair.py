"""torch_pair: the encoder and the decoder of one file, as two models.

The encoder gives its last state, and the decoder's recurrent layers bear the names of the encoder's: so the state
of the one is given to the other as it is (SPEC [run-6]), and generating begins with `start` ([decode-5]).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Final

from rnnspec.importers import ends
from rnnspec.importers.net import Net
from rnnspec.importers.pattern import Notes, Option
from rnnspec.importers.refusal import Refused, ask, misfit, named, unsupported, wrong_option
from rnnspec.importers.result import Import, imported
from rnnspec.importers.source import Source, StrPath
from rnnspec.importers.stored import Stored, read_all
from rnnspec.importers.torch_chain import Embedding, Link
from rnnspec.importers.torch_names import Module, Norm, Recurrent, modules_of, shown
from rnnspec.importers.torch_net import Plan, Said, build, planned

_WITH_STATE: Final = ("elman", "gru", "lstm")


@dataclass(frozen=True)
class Decoder:
    """What the options say of the decoder."""

    parameters: Sequence[str] = ()  # patterns; none means that there is no decoder
    vocabulary: StrPath | None = None
    tokens: Sequence[str] | None = None
    start: str | None = None
    end: str | None = None
    separator: str | None = None

    def check(self) -> None:
        """Raises Refused for what has no meaning, or is missing."""
        if not self.parameters:
            for option in OPTIONS[1:]:
                if getattr(self, option.name.removeprefix("decoder_")) is not None:
                    raise wrong_option(
                        f"{option.flag}: there is no decoder without --decoder, which names its parameters"
                    )
            return
        if self.vocabulary is None and self.tokens is None:
            raise ask(
                "the decoder reads and gives ids of tokens, and no file of weights has them: give "
                "--decoder-vocabulary FILE, or --decoder-tokens TEXT"
            )
        for flag, token, what in (
            ("--decoder-start", self.start, "goes in first"),
            ("--decoder-end", self.end, "ends what comes out"),
        ):
            if token is None:
                raise ask(f"no file of weights says which token {what}: give {flag}, such as '<s>'")


def read_pair(
    source: Source,
    stored: Mapping[str, Stored],
    said: Said,
    decoder: Decoder,
    ends_said: tuple[StrPath | None, Sequence[str] | None, str | None],
    notes: Notes,
    system: str,
) -> Import:
    """The encoder, with the decoder as its `decoder`. `ends_said`: vocabulary and tokens of the encoder, output_kind of the decoder.

    Raises Refused; OSError for the options' files.
    """
    if said.steps is not None:
        raise wrong_option(
            "--steps: an encoder gives its last state and a decoder every step; leave it out"
        )
    first, second = (modules_of(half) for half in _halves(stored, decoder.parameters))
    nets = Net(source), Net(source)
    for net in nets:
        net.notes += notes
    plans = _plans(first, second, said, nets)
    _check(*plans)
    read = Notes()
    values = read_all(stored.values(), source.limits, read)
    for net in nets:
        net.notes += read
    vocabulary, tokens, output_kind = ends_said

    width = build(nets[0], plans[0], values, vocabulary, tokens)
    nets[0].output = {"kind": "values"}
    nets[0].notes.understood(f"the last state comes out, {width} numbers a row")
    width = build(nets[1], plans[1], values, decoder.vocabulary, decoder.tokens)
    if not ends.over_tokens(nets[1], width):
        raise misfit(
            f"the decoder gives {width} numbers a step, one for each token is needed: its output layer "
            "may be missing from --decoder, or the vocabulary is another net's"
        )
    _special(nets[1], decoder)
    ends.finish(nets[1], width, output_kind)
    names = [layer["name"] for layer in nets[0].layers if layer["type"] in _WITH_STATE]
    for net, way in zip(nets, ("goes to the decoder", "comes from the encoder"), strict=True):
        net.notes.understood(
            f"the state of {', '.join(names)} {way}, where layers have the same names"
        )
    pair = replace(imported(system, nets[0]), decoder=imported(system, nets[1]))
    return pair.with_members(name=source.name)


def _halves(
    stored: Mapping[str, Stored], patterns: Sequence[str]
) -> tuple[dict[str, Stored], dict[str, Stored]]:
    """What is not the decoder's, and what is. Raises Refused for a pattern without effect."""
    for pattern in patterns:
        if not any(fnmatchcase(name, pattern) for name in stored):
            raise wrong_option(f"--decoder {named(pattern)}: there is no such parameter")
    theirs = {
        name: array
        for name, array in stored.items()
        if any(fnmatchcase(name, pattern) for pattern in patterns)
    }
    ours = {name: array for name, array in stored.items() if name not in theirs}
    if not ours:
        raise wrong_option("--decoder: it takes all parameters, and nothing is left for an encoder")
    return ours, theirs


def _plans(
    first: Mapping[str, Module], second: Mapping[str, Module], said: Said, nets: tuple[Net, Net]
) -> tuple[Plan, Plan]:
    """Each half in its order. Raises Refused."""
    names = said.modules
    at = len(names or ())
    if names is not None:
        at = next((k for k, name in enumerate(names) if name.strip() in second), at)
    normed = [any(isinstance(m, Norm) for m in half.values()) for half in (first, second)]
    halves = (
        (first, names and names[:at], said.input_kind, normed[0] or not normed[1], "final"),
        (second, names and names[at:], "tokens", normed[1], "all"),
    )
    plans = []
    for net, (half, order, kind, uses_norm, steps) in zip(nets, halves, strict=True):
        own = replace(
            said,
            input_kind=kind,
            modules=order,
            steps=steps,
            layer_norm=said.layer_norm if uses_norm else None,
        )
        plans.append(planned(half, own, net.notes))
    return plans[0], plans[1]


def _check(encoder: Plan, decoder: Plan) -> None:
    """Raises Refused where the state of the one can't be given to the other."""
    for which, plan in (("encoder", encoder), ("decoder", decoder)):
        for link in plan.links:
            if isinstance(link, Recurrent) and link.directions == 2:
                raise unsupported(
                    f"{link} of the {which} has two directions, and the state that goes over is of one: what the net "
                    "made of the two is no part of the file; bring the halves over one by one, with --ignore"
                )
    last = encoder.links[-1]
    if not isinstance(last, Recurrent | Embedding):
        raise unsupported(
            f"{shown(last.name)} stands behind the encoder's recurrent layers, and the state that goes over "
            "does not pass it: name its parameters with --decoder if it is the decoder's, or leave them out with "
            "--ignore if the state does not need them"
        )
    if not isinstance(decoder.links[0], Embedding):
        raise unsupported(
            "the decoder has no Embedding: name its parameter with --decoder too; one that the encoder uses as well "
            "can't be in both: bring the halves over one by one, with --ignore"
        )
    told = [_states(plan.links) for plan in (encoder, decoder)]
    if told[0] != told[1]:
        raise misfit(
            f"the encoder ends with the state of {', '.join(told[0])}, and the decoder begins with that of "
            f"{', '.join(told[1])}: only an equal one can go over; bring the halves over one by one, with --ignore"
        )


def _states(links: Sequence[Link]) -> list[str]:
    """The recurrent layers as far as names and shapes of their states go."""
    found = []
    for link in links:
        if isinstance(link, Recurrent):
            projected = f" projected to {link.width}" if link.projected else ""
            found += [f"{link.kind} of {link.hidden_size}{projected}"] * len(link.layers)
    return found


def _special(net: Net, decoder: Decoder) -> None:
    """The ids of start and end, and the separator. Raises Refused."""
    ((name, entry),) = net.vocabularies.items()
    tokens = list(entry["tokens"])
    ids = {}
    for role, token in (("start", decoder.start), ("end", decoder.end)):
        count = tokens.count(token)
        if count != 1:
            raise _not_once(f"--decoder-{role}", str(token), count)
        ids[role] = tokens.index(token)
    separator = {}
    if decoder.separator is not None:
        if entry["unit"] != "token" or not decoder.separator:
            raise wrong_option(
                "--decoder-separator: it stands between tokens of several characters, and is no empty text"
            )
        separator = {"separator": decoder.separator}
    net.vocabularies = {name: {**entry, **separator, **ids}}
    net.notes.understood(
        f'"{named(str(decoder.start))}" goes in first and "{named(str(decoder.end))}" ends, as you said'
    )


def _not_once(flag: str, token: str, count: int) -> Refused:
    return wrong_option(
        f'{flag} "{named(token)}": the decoder\'s vocabulary has it {count} times, and once is needed'
    )


OPTIONS: Final = (
    Option(
        name="decoder",
        repeated=True,
        metavar="NAME",
        help="a parameter of the decoder, the rest being the encoder's: two models come out; * stands for anything; "
        "may be given again",
    ),
    Option(
        name="decoder_vocabulary",
        metavar="FILE",
        help="the decoder's vocabulary, as --vocabulary is the encoder's",
    ),
    Option(
        name="decoder_tokens",
        metavar="TEXT",
        help="the decoder's vocabulary itself, as --tokens is the encoder's",
    ),
    Option(
        name="decoder_start", metavar="TOKEN", help="the token that goes into the decoder first"
    ),
    Option(name="decoder_end", metavar="TOKEN", help="the token that ends what the decoder gives"),
    Option(
        name="decoder_separator",
        metavar="TEXT",
        help="what stands between the decoder's tokens in a text, such as ' '",
    ),
)
