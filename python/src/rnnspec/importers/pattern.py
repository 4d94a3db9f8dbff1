"""The pattern of an importer: what it says about itself, and what it gives.

One file a system. It has `recognise(source)`, `read(path, *, options…) -> Import`, and a SYSTEM that
the list, the command line and docs/importers.md are made from. docs/importers.md shows how to write one.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from rnnspec.importers.refusal import named, wrong_option
from rnnspec.importers.source import Source

Kind = Literal["understood", "changed", "assumed", "left out"]
Document = Mapping[str, Any]  # as in a file, with numpy arrays as the data of tensors


@dataclass(frozen=True)
class Note:
    """One sentence about an import: what was understood, changed, assumed or left out."""

    kind: Kind
    text: str


class Notes(list[Note]):
    """The notes of one import, in the order in which they were made."""

    def understood(self, text: str) -> None:
        """What the file says, or its shapes prove."""
        self.append(Note("understood", text))

    def changed(self, text: str) -> None:
        """What stands differently in the model than in the file."""
        self.append(Note("changed", text))

    def assumed(self, text: str) -> None:
        """What the file can't say, and a stated default did. Name the option that says otherwise."""
        self.append(Note("assumed", text))

    def left_out(self, text: str) -> None:
        """What the file has and the model has not."""
        self.append(Note("left out", text))


@dataclass(frozen=True, kw_only=True)
class Option:
    """A keyword argument of `read`, and `--name` with hyphens at the command line."""

    name: str
    help: str
    choices: tuple[str, ...] = ()
    metavar: str = ""
    type: Callable[[str], object] = str  # from the command line
    repeated: bool = False  # a list of values

    @property
    def flag(self) -> str:
        """The option of the command line."""
        return "--" + self.name.replace("_", "-")


@dataclass(frozen=True, kw_only=True)
class System:
    """A system that nets come from. Texts are phrases without a full stop."""

    name: str  # of the module, of --from, and in `rnnspec.importers`
    title: str
    reads: tuple[str, ...]  # the first says what kind of file or folder
    versions: tuple[str, ...]
    carries: tuple[str, ...]
    refuses: tuple[str, ...]
    limits: tuple[str, ...]
    options: tuple[Option, ...]
    recognise: Callable[[Source], bool] = field(repr=False)
    read: Callable[..., Any] = field(repr=False)  # (path, *, options…) -> Import

    def default(self, option: Option) -> object:
        """The default of an option, which the signature of `read` holds."""
        return inspect.signature(self.read).parameters[option.name].default


def chosen(option: str, value: str, choices: Sequence[str]) -> str:
    """The value of an option with choices. Raises Refused."""
    if value not in choices:
        flag = option.replace("_", "-")
        raise wrong_option(f"--{flag} {named(value)}: expected one of {', '.join(choices)}")
    return value


def gate_order(order: str, usual: str, notes: Notes) -> str:
    """The order of an LSTM's blocks, which no shape shows, from --gates. Raises Refused."""
    if sorted(order) != sorted(usual):
        raise wrong_option(
            f"--gates {named(order)}: expected the letters i, f, o and g in some order, such as {usual}"
        )
    blocks = ", ".join(order)
    if order == usual:
        notes.assumed(f"blocks {blocks}, as the program computes them; --gates says otherwise")
    else:
        notes.understood(f"blocks {blocks}, as you said")
    return order


# --- options that several systems share -------------------------------------------------------------------

# Functions that need no alpha and no beta (SPEC 12.6).
FUNCTIONS: Final = ("tanh", "sigmoid", "relu", "softplus", "softsign", "hard_tanh", "linear")
# What the gates of Keras' cells compute with, where a file does not say it.
GATE_FUNCTIONS: Final = ("sigmoid", "hard_sigmoid")
INPUT: Final = Option(
    name="input_kind",
    choices=("tokens", "features"),
    help="what a net without an embedding reads: ids of tokens, one-hot, or numbers",
)
OUTPUT: Final = Option(
    name="output_kind",
    choices=("logits", "probabilities", "log_probabilities", "values"),
    help="what the model gives; the two kinds of probabilities add a last layer "
    "(default: logits over a vocabulary, else values)",
)
VOCABULARY: Final = Option(
    name="vocabulary",
    metavar="FILE",
    help="JSON: a list of tokens, or an object token: id (default: vocab.json or vocabulary.json beside the model)",
)
# Of a file that may hold its own vocabulary, and whose nets end in one way.
OWN_VOCABULARY: Final = replace(
    VOCABULARY, help="JSON: a list of tokens, or an object token: id (default: the file's own)"
)
OWN_OUTPUT: Final = replace(OUTPUT, help="what the model gives")
TOKENS: Final = Option(
    name="tokens",
    metavar="TEXT",
    help="the vocabulary itself, one token a character, such as 0123456789",
)
GATES: Final = Option(
    name="gates",
    metavar="ORDER",
    help="the order of an LSTM's blocks, which no shape shows: i, f, o and g, in one word",
)
ENDS: Final = (INPUT, OUTPUT, VOCABULARY, TOKENS)
