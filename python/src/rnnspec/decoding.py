"""Decoding: logits → ids (SPEC 15)."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from rnnspec import codes
from rnnspec.activation import exp
from rnnspec.issue import RnnspecError, escaped, failure
from rnnspec.model import Mode, TokenInput, Vocabulary
from rnnspec.plan import Plan
from rnnspec.run import Session
from rnnspec.tensor import Float32
from rnnspec.vocabulary import encode

_WORD: Final = 2**32


def generate(
    plan: Plan,
    prime: str | Sequence[int],
    count: int | None = None,
    mode: Mode | None = None,
    temperature: float | None = None,
    seed: int = 0,
) -> Iterator[int]:
    """The ids that a net gives after `prime`, one by one, at most `count` (SPEC 15).

    `prime` is a text or ids. `mode` and `temperature` are the model's own unless given; without
    either the mode is greedy. One seed always gives the same ids.

    Raises RnnspecError, at the call: RUN_DECODING, RUN_OPTION, RUN_TEXT, RUN_TOKEN, RUN_PRIME; and
    RUN_NONFINITE while iterating.
    """
    vocabulary = _vocabulary(plan)
    own = plan.model.decoding
    mode = mode or (own.mode if own else "greedy")
    if temperature is None and own is not None:
        temperature = own.temperature
    narrow = _checked_options(count, mode, temperature, seed)
    ids = encode(vocabulary, prime) if isinstance(prime, str) else list(prime)
    for token in ids:
        if not _is_count(token) or not 0 <= token < len(vocabulary.tokens):
            last = len(vocabulary.tokens) - 1
            raise failure(codes.RUN_TOKEN, "prime", expected=last, got=escaped(str(token)))
    if vocabulary.start is not None:
        ids.insert(0, vocabulary.start)
    if not ids:
        raise failure(codes.RUN_PRIME, "prime")
    random = Xoshiro(seed) if mode == "sample" else None
    return _generated(plan, ids, count, vocabulary.end, narrow, random)


def _generated(
    plan: Plan,
    ids: list[int],
    count: int | None,
    end: int | None,
    temperature: np.float32,
    random: "Xoshiro | None",
) -> Iterator[int]:
    session = Session(plan)
    *before, token = ids
    given = 0
    while count is None or given < count:
        for earlier in before:
            session.step([earlier])
        logits = session.logits([token])[0]
        token = sample(logits, temperature, random) if random else greedy(logits)
        if token == end:
            return
        yield token
        given += 1
        before = []


def greedy(logits: Float32) -> int:
    """The lowest index of a largest element ([decode-1])."""
    return int(logits.argmax())


def sample(logits: Float32, temperature: np.float32, random: "Xoshiro") -> int:
    """One draw among the indexes ([decode-2])."""
    with np.errstate(all="ignore"):
        e = exp((logits - logits.max()) / temperature)
    # At most 65,536 weights of at most 2^31: every sum is exact.
    sums = np.cumsum(np.floor(e.astype(np.float64) * 2.0**31).astype(np.int64))
    total = int(sums[-1])
    r = min(math.floor(random.uniform() * float(total)), total - 1)
    return int(np.searchsorted(sums, r, side="right"))


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


def _vocabulary(plan: Plan) -> Vocabulary:
    """The vocabulary that a net both reads and writes ([decode-5])."""
    model = plan.model
    vocabulary = model.input_vocabulary
    if (
        vocabulary is None
        or not isinstance(model.input, TokenInput)
        or model.output.vocabulary != model.input.vocabulary
    ):
        expected = "token input, and an output of the same vocabulary"
        raise failure(codes.RUN_DECODING, "plan", expected=expected)
    return vocabulary


def _checked_options(
    count: int | None, mode: str, temperature: float | None, seed: int
) -> np.float32:
    """The temperature as binary32; 1 where none is needed."""
    if mode not in {"greedy", "sample"}:
        raise _option_failure("mode", "greedy, sample", mode)
    if temperature is None and mode == "sample":
        raise _option_failure("temperature", "0.0078125 to 128", "none")
    narrow = np.float32(1)
    if temperature is not None:
        with np.errstate(all="ignore"):
            narrow = np.float32(temperature)
        if not 2**-7 <= narrow <= 2**7:
            raise _option_failure("temperature", "0.0078125 to 128", temperature)
    if not _is_count(seed) or not 0 <= seed < _WORD:
        raise _option_failure("seed", "an integer from 0 to 4294967295", seed)
    if count is not None and (not _is_count(count) or count < 0):
        raise _option_failure("count", "an integer of at least 0", count)
    return narrow


def _is_count(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _option_failure(name: str, expected: str, got: object) -> RnnspecError:
    return failure(codes.RUN_OPTION, name, name=name, expected=expected, got=escaped(str(got)))
