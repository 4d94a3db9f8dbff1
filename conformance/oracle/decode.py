"""SPEC.md 15 (decoding) and the texts of section 7."""

import math
from dataclasses import dataclass

from conformance.oracle.float32 import div, f32, sub
from conformance.oracle.functions import exp
from conformance.oracle.net import Net, Vocabulary
from conformance.oracle.scalar import RunError, Vector, initial, largest, row_of, step

WORD = 0xFFFFFFFF


def encode(vocabulary: Vocabulary, text: str) -> list[int]:
    """[vocabulary-2]."""
    ids: list[int] = []
    for character in text:
        if character in vocabulary.tokens:
            ids.append(vocabulary.tokens.index(character))
        elif "unknown" in vocabulary.special:
            ids.append(vocabulary.special["unknown"])
        else:
            raise RunError("RUN_TEXT")
    return ids


def decode(vocabulary: Vocabulary, ids: list[int]) -> str:
    """[vocabulary-3]."""
    if any(not 0 <= k < len(vocabulary.tokens) for k in ids):
        raise RunError("RUN_TOKEN")
    silent = set(vocabulary.special.values())
    return "".join("" if k in silent else vocabulary.tokens[k] for k in ids)


# --- [decode-4] the generator ---------------------------------------------------------------------


def fmix(z: int) -> int:
    """The finaliser that spreads a seed."""
    z ^= z >> 16
    z = (z * 0x85EBCA6B) & WORD
    z ^= z >> 13
    z = (z * 0xC2B2AE35) & WORD
    z ^= z >> 16
    return z


def rotl(z: int, k: int) -> int:
    """Rotates a word to the left."""
    return ((z << k) | (z >> (32 - k))) & WORD


class Generator:
    """xoshiro128**."""

    def __init__(self, seed: int) -> None:
        if not 0 <= seed <= WORD:
            raise RunError("RUN_OPTION")
        self.s = [fmix((seed + (i + 1) * 0x9E3779B9) & WORD) for i in range(4)]

    def word(self) -> int:
        """The next 32 bits."""
        s = self.s
        result = (rotl((s[1] * 5) & WORD, 7) * 9) & WORD
        t = (s[1] << 9) & WORD
        s[2] ^= s[0]
        s[3] ^= s[1]
        s[1] ^= s[2]
        s[0] ^= s[3]
        s[2] ^= t
        s[3] = rotl(s[3], 11)
        return result

    def draw(self) -> float:
        """[decode-3]: from 0 to below 1, in binary64."""
        hi = self.word()
        lo = self.word()
        return ((hi >> 5) * 2**26 + (lo >> 6)) * 2.0**-53


# --- [decode-1], [decode-2] choosing a token ------------------------------------------------------


def greedy(x: Vector) -> int:
    """The lowest k with the largest logit."""
    best = 0
    for k in range(1, len(x)):
        if x[best] < x[k]:
            best = k
    return best


def weights(x: Vector, t: float) -> list[int]:
    """The integer weights of [decode-2]; t is a binary32."""
    m = largest(x)
    return [math.floor(exp(div(sub(x[k], m), t)) * 2.0**31) for k in range(len(x))]


def choose(w: list[int], u: float) -> int:
    """The token that a draw of u falls on."""
    S = sum(w)
    r = math.floor(u * S)
    r = min(r, S - 1)
    cumulated = 0
    for k in range(len(w)):
        cumulated += w[k]
        if cumulated > r:
            return k
    raise AssertionError("r < S")


def sample(x: Vector, t: float, generator: Generator) -> int:
    """One token; takes one draw."""
    return choose(weights(x, t), generator.draw())


# --- [decode-5], [decode-6] generating ------------------------------------------------------------


@dataclass(frozen=True)
class Options:
    """What the caller chooses; what is None comes from `decoding`, then from the defaults."""

    count: int
    seed: int
    mode: str | None = None
    temperature: float | None = None


def logits(net: Net, outputs: list[Vector]) -> Vector:
    """The output of the net, or the input of a last layer `softmax` or `log_softmax`."""
    return outputs[-2] if net.layers[-1].type in ("softmax", "log_softmax") else outputs[-1]


def temperature(net: Net, mode: str, given: float | None) -> float:
    """The t of [decode-2]: the caller's is judged always, the file's where it is needed."""
    if given is None and mode == "greedy":
        return 1.0
    t = f32(net.decoding.get("temperature", math.nan) if given is None else given)
    if not 2.0**-7 <= t <= 2.0**7:
        raise RunError("RUN_OPTION")
    return t


def generate(net: Net, prime: list[int] | str, options: Options) -> list[int]:
    """The ids of the tokens generated."""
    if not net.generates or net.vocabulary is None:
        raise RunError("RUN_DECODING")
    mode = options.mode or net.decoding.get("mode", "greedy")
    generator = Generator(options.seed)
    t = temperature(net, mode, options.temperature)
    special = net.vocabulary.special
    given = encode(net.vocabulary, prime) if isinstance(prime, str) else prime
    if any(k != int(k) or not 0 <= k < net.width for k in given):
        raise RunError("RUN_TOKEN")
    fed = ([special["start"]] if "start" in special else []) + given
    if not fed:
        raise RunError("RUN_PRIME")
    state = row_of(initial(net, 1), 0)
    ids: list[int] = []
    x: Vector = []
    while len(ids) < options.count:
        for token in fed:
            x = logits(net, step(net, token, state))
        token = greedy(x) if mode == "greedy" else sample(x, t, generator)
        if token == special.get("end"):
            break
        ids.append(token)
        fed = [token]
    return ids
