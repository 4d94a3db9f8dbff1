"""Decoding: logits → ids (SPEC 15)."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from rnnspec import codes
from rnnspec.activation import exp
from rnnspec.issue import RnnspecError, escaped, failure, quoted
from rnnspec.model import Decoding, Mode, TokenInput, Vocabulary
from rnnspec.plan import Plan
from rnnspec.run import GivenState, Session, logits
from rnnspec.tensor import Float32
from rnnspec.vocabulary import TextDecoder, decode, encode, is_integer

Prime: TypeAlias = str | Sequence[int] | npt.NDArray[np.integer]
Weights: TypeAlias = npt.NDArray[np.int64]

_WORD: Final = 2**32
_MOST: Final = 2**31 - 1  # of a count, and of top_k


@dataclass(frozen=True, slots=True)
class Choice:
    """How tokens are chosen: greedily, or drawn with these numbers as binary32 ([decode-2])."""

    mode: Mode
    temperature: np.float32
    top_k: int | None
    top_p: np.float32 | None


def generate(
    plan: Plan,
    prime: Prime,
    count: int | None = None,
    mode: Mode | None = None,
    temperature: float | None = None,
    top_k: int | None = None,
    top_p: float | None = None,
    seed: int = 0,
    state: GivenState | None = None,
) -> Iterator[int]:
    """The ids that a net gives after `prime`, one by one, at most `count` (SPEC 15).

    `prime` is a text or ids. `mode`, `temperature`, `top_k` and `top_p` are the model's own unless
    given; without either the mode is greedy. One seed always gives the same ids. `state`, of one row,
    is where to begin, such as an encoder's; then the vocabulary's `start` id is fed only if the prime
    is empty ([decode-5]).

    Raises RnnspecError, at the call: RUN_DECODING, RUN_OPTION, RUN_TEXT, RUN_TOKEN, RUN_PRIME,
    RUN_STATE, RUN_NONFINITE_INPUT; and RUN_NONFINITE while iterating.
    """
    vocabulary = _vocabulary(plan, mode)
    choice = _choice(plan.model.decoding, mode, temperature, top_k, top_p)
    _check_integer("seed", seed, 0, _WORD - 1)
    if count is not None:
        _check_integer("count", count, 0, _MOST)
    ids = encode(vocabulary, prime) if isinstance(prime, str) else list(prime)
    for token in ids:
        if not is_integer(token) or not 0 <= token < len(vocabulary.tokens):
            last = len(vocabulary.tokens) - 1
            raise failure(codes.RUN_TOKEN, "prime", expected=last, got=escaped(str(token)))
    if vocabulary.start is not None and (not ids or state is None):
        ids.insert(0, vocabulary.start)
    if not ids:
        raise failure(codes.RUN_PRIME, "prime")
    session = Session(plan)
    if state is not None:
        session.restore(state)
    return _generated(session, ids, count, vocabulary.end, choice, Xoshiro(seed))


def generate_text(
    plan: Plan,
    prime: Prime,
    count: int | None = None,
    mode: Mode | None = None,
    temperature: float | None = None,
    top_k: int | None = None,
    top_p: float | None = None,
    seed: int = 0,
    state: GivenState | None = None,
) -> Iterator[str]:
    """The text of what `generate` gives, piece by piece as it comes; no piece is empty.

    With a vocabulary of bytes a character comes when it is whole. Arguments and errors are those of
    `generate`.
    """
    ids = generate(plan, prime, count, mode, temperature, top_k, top_p, seed, state)
    return _pieces(TextDecoder(_vocabulary(plan, mode)), ids)


def _pieces(decoder: TextDecoder, ids: Iterator[int]) -> Iterator[str]:
    yield from filter(None, map(decoder.piece, ids))
    if rest := decoder.end():
        yield rest


def _generated(
    session: Session,
    ids: list[int],
    count: int | None,
    end: int | None,
    choice: Choice,
    random: "Xoshiro",
) -> Iterator[int]:
    *before, token = ids
    given = 0
    while count is None or given < count:
        for earlier in before:
            session.step([earlier])
        logits = session.logits([token])[0]
        token = greedy(logits) if choice.mode == "greedy" else sample(logits, choice, random)
        if token == end:
            return
        yield token
        given += 1
        before = []


def greedy(logits: Float32) -> int:
    """The lowest index of a largest element ([decode-1])."""
    return int(logits.argmax())


def sample(logits: Float32, choice: Choice, random: "Xoshiro") -> int:
    """One draw among the indexes ([decode-2])."""
    with np.errstate(all="ignore"):
        e = exp((logits - logits.max()) / choice.temperature)
    # At most 2^21 weights of at most 2^31: every sum is exact, in binary64 too.
    weights = np.floor(e.astype(np.float64) * 2.0**31).astype(np.int64)
    sums = np.cumsum(_kept(weights, choice))
    total = int(sums[-1])
    r = min(math.floor(random.uniform() * float(total)), total - 1)
    return int(np.searchsorted(sums, r, side="right"))


def _kept(weights: Weights, choice: Choice) -> Weights:
    """The weights of the ids that top_k and top_p keep, 0 for the others ([decode-7])."""
    if choice.top_k is None and choice.top_p is None:
        return weights
    order = np.argsort(-weights, kind="stable")[: choice.top_k]
    if choice.top_p is not None:
        sums = np.cumsum(weights[order])
        least = float(choice.top_p) * float(sums[-1])
        order = order[: int(np.searchsorted(sums.astype(np.float64), least, side="left")) + 1]
    kept = np.zeros_like(weights)
    kept[order] = weights[order]
    return kept


class Xoshiro:
    """xoshiro128** ([decode-4])."""

    def __init__(self, seed: int) -> None:
        self.s = [_fmix((seed + (i + 1) * 0x9E3779B9) % _WORD) for i in range(4)]

    def word(self) -> int:
        """The next 32 bits."""
        s = self.s
        result = _rotl(s[1] * 5 % _WORD, 7) * 9 % _WORD
        t = (s[1] << 9) % _WORD
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = _rotl(s[3], 11)
        return result

    def uniform(self) -> float:
        """The next draw, 0 ≤ u < 1 ([decode-3])."""
        high, low = self.word(), self.word()
        return ((high >> 5) * 2**26 + (low >> 6)) * 2.0**-53


def _rotl(x: int, k: int) -> int:
    return (x << k | x >> (32 - k)) % _WORD


def _fmix(z: int) -> int:
    z = (z ^ z >> 16) * 0x85EBCA6B % _WORD
    z = (z ^ z >> 13) * 0xC2B2AE35 % _WORD
    return z ^ z >> 16


def ctc(
    plan: Plan,
    input: npt.ArrayLike,
    lengths: npt.ArrayLike | None = None,
    state: GivenState | None = None,
    blank: int | None = None,
) -> tuple[list[list[int]], list[str]]:
    """The best path of a CTC net: for each row its ids, and their text ([decode-8]).

    `input`, `lengths` and `state` are those of `run`; `blank` is the model's own unless given.

    Raises RnnspecError: RUN_DECODING for a net whose output has no time or no vocabulary, RUN_OPTION
    for a blank that is no id of it, and what `run` raises.
    """
    vocabulary = plan.model.output_vocabulary
    if vocabulary is None or not plan.has_time:
        expected = "an output with time, and with a vocabulary"
        raise failure(codes.RUN_DECODING, "plan", expected=expected)
    own = plan.model.decoding
    blank = own.blank if blank is None and own is not None else blank
    _check_integer("blank", blank, 0, len(vocabulary.tokens) - 1)
    best = logits(plan, input, lengths, state).argmax(axis=2)  # [N, T], the lowest of equal ones
    steps = [best.shape[1]] * len(best) if lengths is None else np.asarray(lengths).tolist()
    rows = [row[: int(n)].tolist() for row, n in zip(best, steps, strict=True)]
    ids = [[token for token, _ in groupby(row) if token != blank] for row in rows]
    return ids, [decode(vocabulary, row) for row in ids]


def _vocabulary(plan: Plan, mode: object) -> Vocabulary:
    """The vocabulary that a net both reads and writes ([decode-5])."""
    model = plan.model
    own = model.decoding.mode if model.decoding else None
    if (own if mode is None else mode) == "ctc":
        raise failure(codes.RUN_DECODING, "plan", expected="another mode than ctc")
    if plan.backward is not None:
        expected = f"a forward net, and {quoted(plan.backward[0])} is {plan.backward[1]}"
        raise failure(codes.RUN_DECODING, "plan", expected=expected)
    vocabulary = model.input_vocabulary
    if (
        vocabulary is None
        or not isinstance(model.input, TokenInput)
        or model.output.vocabulary != model.input.vocabulary
    ):
        expected = "token input, and an output of the same vocabulary"
        raise failure(codes.RUN_DECODING, "plan", expected=expected)
    return vocabulary


def _choice(
    own: Decoding | None,
    mode: Mode | None,
    temperature: float | None,
    top_k: int | None,
    top_p: float | None,
) -> Choice:
    """The caller's options, else the model's own, in their ranges after rounding."""
    own = own or Decoding(mode="greedy")
    mode = mode or own.mode
    if mode not in {"greedy", "sample"}:
        raise _option_failure("mode", "greedy, sample", mode)
    temperature = own.temperature if temperature is None else temperature
    if temperature is None and mode == "sample":
        raise _option_failure("temperature", "0.0078125 to 128", "none")
    if top_k is not None:
        _check_integer("top_k", top_k, 1, _MOST)
    return Choice(
        mode,
        np.float32(1) if temperature is None else _narrow("temperature", temperature, 2**-7, 2**7),
        own.top_k if top_k is None else top_k,
        _narrow("top_p", top_p, 2**-20, 1)
        if top_p is not None
        else np.float32(own.top_p)
        if own.top_p is not None
        else None,
    )


def _narrow(name: str, value: object, low: float, high: float) -> np.float32:
    """A number as binary32, which must then lie from `low` to `high`."""
    if isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool):
        with np.errstate(all="ignore"):
            narrow = np.array(value, np.float64).astype(np.float32)[()]
        if low <= narrow <= high:
            return np.float32(narrow)
    raise _option_failure(name, f"{low:.10g} to {high:.10g}", value)


def _check_integer(name: str, value: object, low: int, high: int) -> None:
    if not is_integer(value) or not low <= cast(int, value) <= high:
        raise _option_failure(name, f"an integer from {low} to {high}", value)


def _option_failure(name: str, expected: str, got: object) -> RnnspecError:
    return failure(codes.RUN_OPTION, name, name=name, expected=expected, got=escaped(str(got)))
