"""SPEC.md 15 (decoding)."""

import math
from dataclasses import dataclass

from conformance.oracle.chain import Vector
from conformance.oracle.finding import RunError
from conformance.oracle.float32 import T, div, f32, sub
from conformance.oracle.functions import exp
from conformance.oracle.layers import largest
from conformance.oracle.net import Array, Net
from conformance.oracle.row import RowState, outputs
from conformance.oracle.scalar import State, Tokens, check_state, initial, probed, row_of
from conformance.oracle.vocabulary import encode

WORD = 0xFFFFFFFF


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


def kept(w: list[int], top_k: int | None, top_p: float | None) -> list[int]:
    """[decode-7]: the ids that stay, ascending; top_p is a binary32."""
    order = sorted(range(len(w)), key=lambda k: (-w[k], k))
    if top_k is not None:
        order = order[:top_k]
    if top_p is not None:
        Q = sum(w[k] for k in order)
        cumulated = 0
        for place, k in enumerate(order):
            cumulated += w[k]
            if cumulated >= top_p * Q:
                order = order[: place + 1]
                break
    return sorted(order)


def choose(w: list[int], ids: list[int], u: float) -> int:
    """The token, among the ids kept, that a draw of u falls on."""
    S = sum(w[k] for k in ids)
    r = math.floor(u * S)
    r = min(r, S - 1)
    cumulated = 0
    for k in ids:
        cumulated += w[k]
        if cumulated > r:
            return k
    raise AssertionError("r < S")


# --- [decode-5], [decode-6] generating ------------------------------------------------------------


@dataclass(frozen=True)
class Options:
    """What the caller chooses; what is None comes from `decoding`, then from the defaults."""

    count: float
    seed: float
    mode: str | None = None
    temperature: float | None = None
    top_k: float | None = None
    top_p: float | None = None


@dataclass(frozen=True)
class Choice:
    """What one token is chosen by: the options after judgement."""

    mode: str
    temperature: float
    top_k: int | None
    top_p: float | None

    def token(self, x: Vector, generator: Generator) -> int:
        """One token; `sample` takes one draw."""
        if self.mode == "greedy":
            return greedy(x)
        w = weights(x, self.temperature)
        return choose(w, kept(w, self.top_k, self.top_p), generator.draw())


def whole(number: float, low: int, high: int) -> int:
    """An integer option within its range, or `RUN_OPTION`."""
    if number != int(number) or not low <= number <= high:
        raise RunError("RUN_OPTION")
    return int(number)


def rounded(number: float, low: float, high: float) -> float:
    """A number as binary32, within its range after that, or `RUN_OPTION`."""
    value = f32(number)
    if not low <= value <= high:
        raise RunError("RUN_OPTION")
    return value


def judged(net: Net, options: Options) -> Choice:
    """[decode-5]: the caller's options are judged always, the file's have been by the reader."""
    file = net.decoding
    temperature = file.get("temperature") if options.temperature is None else options.temperature
    top_k = file.get("top_k") if options.top_k is None else options.top_k
    top_p = file.get("top_p") if options.top_p is None else options.top_p
    mode = mode_of(net, options)
    if temperature is None and mode == "sample":
        raise RunError("RUN_OPTION")
    return Choice(
        mode,
        1.0 if temperature is None else rounded(temperature, 2.0**-7, 2.0**7),
        None if top_k is None else whole(top_k, 1, 2**31 - 1),
        None if top_p is None else rounded(top_p, 2.0**-20, 1.0),
    )


def mode_of(net: Net, options: Options) -> str:
    """The caller's, else the file's, else greedy."""
    mode: str = options.mode or net.decoding.get("mode", "greedy")
    return mode


def logits_of(net: Net) -> str:
    """The layer whose output are the logits: the last, or the one that a last softmax reads."""
    last = net.layers[-1]
    return last.reads[0] if last.type in ("softmax", "log_softmax") else last.name


def feed(net: Net, token: int, state: RowState) -> Vector:
    """Runs the whole net over one token, in place: its logits."""
    return outputs(net, [[float(token)]], state)[logits_of(net)][0]


def generate(
    net: Net, prime: list[int] | str, options: Options, given: State | None = None
) -> list[int]:
    """The ids of the tokens generated; `given` is the state to begin from."""
    mode = mode_of(net, options)
    if not net.generates or net.vocabulary is None or not net.is_forward or mode == "ctc":
        raise RunError("RUN_DECODING")
    count = whole(options.count, 0, 2**31 - 1)
    generator = Generator(whole(options.seed, 0, WORD))
    choice = judged(net, options)
    special = net.vocabulary.special
    asked = encode(net.vocabulary, prime) if isinstance(prime, str) else prime
    if any(k != int(k) or not 0 <= k < net.width for k in asked):
        raise RunError("RUN_TOKEN")
    fed = [int(k) for k in asked]
    if "start" in special and (not fed or given is None):
        fed = [special["start"], *fed]
    if not fed:
        raise RunError("RUN_PRIME")
    if given is not None:
        check_state(net, 1, given)
    state = {
        name: {part: [T(v) for v in values] for part, values in parts.items()}
        for name, parts in row_of(initial(net, 1) if given is None else given, 0).items()
    }
    ids: list[int] = []
    x: Vector = []
    while len(ids) < count:
        for token in fed:
            x = feed(net, token, state)
        token = choice.token(x, generator)
        if token == special.get("end"):
            break
        ids.append(token)
        fed = [token]
    return ids


# --- [decode-8] the best path of CTC --------------------------------------------------------------


def ctc(
    net: Net,
    x: Array | Tokens,
    lengths: list[int] | None = None,
    state: State | None = None,
    blank: float | None = None,
) -> list[list[int]]:
    """The ids of each row."""
    if net.ends or net.output_vocabulary is None:
        raise RunError("RUN_DECODING")
    V = len(net.output_vocabulary.tokens)
    number = net.decoding.get("blank") if blank is None else blank
    if number is None:
        raise RunError("RUN_OPTION")
    nothing = whole(number, 0, V - 1)
    name = logits_of(net)
    probe = [] if name == "input" else [name]
    output, _, found = probed(net, x, lengths, state, probe)
    logits = found[name] if probe else taken(x)
    N, steps = output.shape[:2]
    paths: list[list[int]] = []
    for n in range(N):
        best = [
            greedy(logits.rows()[n * steps + t])
            for t in range(steps if lengths is None else lengths[n])
        ]
        firsts = [k for t, k in enumerate(best) if t == 0 or best[t - 1] != k]
        paths.append([k for k in firsts if k != nothing])
    return paths


def taken(x: Array | Tokens) -> Array:
    """Features as the logits of a softmax that reads the net's input itself, after T."""
    assert isinstance(x, Array)
    return Array(x.shape, [T(v) for v in x.values])
