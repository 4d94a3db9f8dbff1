"""Random calls to a random net: the request of section 17.1 that goes with a row of options."""

import math
import random
from typing import Any

from conformance.generator.build import array
from conformance.soak.net import Net, size_of, spread
from conformance.soak.options import GENERATES, Row
from conformance.soak.vocabulary import text

Json = dict[str, Any]
WORK = 400_000  # multiplications of a call at most, where its classes of rows and steps allow
TEMPERATURES = {"cold": (-7, -4), "middle": (-2, 1), "hot": (3, 6)}


def request_of(row: Row, net: Net, rng: random.Random) -> Json:
    """The members of the request beside `command` and `document`; may write `decoding` into the net."""
    return _decode(row, net, rng) if row["call"] in GENERATES else _run(row, net, rng)


# --- run and step ---------------------------------------------------------------------------------


def _run(row: Row, net: Net, rng: random.Random) -> Json:
    N, steps = size_of(row["rows"], rng), size_of(row["steps"], rng)
    least = size_of(row["steps"].partition("–")[0], rng)
    while steps > least and N * steps * net.work > WORK:
        steps -= 1
    chunks = [_chunk(row, net, N, T, rng) for T in _split(row["chunks"], steps, rng)]
    if row["fault"] != "no":
        chunks.insert(rng.randint(0, len(chunks)), _faulty(row, net, N, rng))
    request: Json = {"chunks": chunks}
    if row["call"] == "step":
        request["interface"] = "step"
    if row["state"] != "initial":
        request["state"] = {
            layer["name"]: {
                part: array([N, H], [_state(row, part, rng) for _ in range(N * H)])
                for part in ("hc" if layer["type"] == "lstm" else "h")
            }
            for layer in net.cells
            for H in [layer["hidden_size"]]
        }
    return request


def _split(words: str, steps: int, rng: random.Random) -> list[int]:
    """The steps of each chunk."""
    if words == "whole":
        return [steps]
    if words == "single steps":
        return [1] * steps
    cuts = sorted(rng.sample(range(1, steps), min(steps - 1, rng.randint(1, 3)))) if steps else []
    parts = [b - a for a, b in zip([0, *cuts], [*cuts, steps], strict=True)]
    if words == "with empty ones":
        for _ in range(rng.randint(1, 2)):
            parts.insert(rng.randint(0, len(parts)), 0)
    return parts


def _chunk(row: Row, net: Net, N: int, T: int, rng: random.Random) -> Json:
    chunk: Json = {"input": _input(row, net, N, T, rng)}
    if row.get("lengths", "no") != "no":
        drawn = {"full": (T, T), "some": (0, T), "all 0": (0, 0)}[row["lengths"]]
        chunk["lengths"] = [rng.randint(*drawn) for _ in range(N)]
    return chunk


def _input(row: Row, net: Net, N: int, T: int, rng: random.Random) -> Any:  # noqa: ANN401 - ids or an array
    if net.vocabulary is not None:
        return [[rng.randrange(net.inputs) for _ in range(T)] for _ in range(N)]
    numbers = [_feature(row["magnitudes"], rng) for _ in range(N * T * net.inputs)]
    return array([N, T, net.inputs], numbers)


def _feature(magnitudes: str, rng: random.Random) -> float:
    """Numbers as they come in, around 2^−51 and subnormal, and up to the largest."""
    match magnitudes:
        case "tiny":
            return spread(rng, *rng.choice(((-56, -47), (-149, -57))))
        case "huge":
            return spread(rng, 0, 126)
    return spread(rng, -8, 1)


def _state(row: Row, part: str, rng: random.Random) -> float:
    """As steps leave it, or with numbers that T cuts and a −0."""
    if row["state"] == "given, tiny" and rng.random() < 0.7:
        return rng.choice((-0.0, spread(rng, -54, -49), spread(rng, -149, -55)))
    return spread(rng, -10, 2 if part == "c" else -1)


def _faulty(row: Row, net: Net, N: int, rng: random.Random) -> Json:
    """A chunk more, with two steps, that fails before anything is computed (or after one step)."""
    chunk: Json = {"input": _input(row, net, N, 2, rng)}
    if row["fault"] == "lengths":
        wrong = rng.choice(([2] * (N + 1), [2] * (N - 1) + [3], [-1] + [2] * (N - 1)))
        return chunk | {"lengths": wrong}
    at = rng.randrange(2 * N)
    shape = row["call"] == "run" and rng.random() < 0.3
    if net.vocabulary is not None:
        if shape:
            chunk["input"][at // 2].append(0)
            return chunk if N > 1 else {"input": []}
        chunk["input"][at // 2][at % 2] = rng.choice((-1, net.inputs, 2**31))
        return chunk
    if shape:
        return {"input": array([N, 2, net.inputs + 1], [0.0] * (2 * N * (net.inputs + 1)))}
    values = [_feature("usual", rng) for _ in range(2 * N * net.inputs)]
    values[at * net.inputs] = rng.choice((math.inf, -math.inf, math.nan))
    return {"input": array([N, 2, net.inputs], values)}


# --- decode ---------------------------------------------------------------------------------------


def _decode(row: Row, net: Net, rng: random.Random) -> Json:
    assert net.vocabulary is not None
    prime: Any = [rng.randrange(net.inputs) for _ in range(rng.randint(1, 4))]
    if row["prime"] == "text":
        prime = text(net.vocabulary, rng)
    least = min(12, max(3, WORK // net.work if net.work else 12))
    request: Json = {"prime": prime, "count": rng.randint(2, least)}
    if rng.random() < 0.9:  # without a seed it is 0
        request["seed"] = rng.randrange(2**32)
    chosen = _options(row, net.inputs, rng)
    if row["choices"] != "file's":
        request |= chosen
    if row["choices"] != "caller's":
        theirs = dict(chosen) if row["choices"] == "file's" else _others(rng)
        if "top_p" in theirs:  # a file's is judged before it is rounded to binary32
            theirs["top_p"] = max(theirs["top_p"], 1e-6)
        net.document["decoding"] = theirs
    return request


def _options(row: Row, V: int, rng: random.Random) -> Json:
    """Mode, and what goes with it."""
    if row["call"] == "greedy":
        return {"mode": "greedy"}
    low, high = TEMPERATURES[row["temperature"]]
    found: Json = {
        "mode": "sample",
        "temperature": math.ldexp(1 + rng.random(), rng.randint(low, high)),
    }
    top_k = {"1": 1, "some": rng.randint(2, V + 1), "off": 2**31 - 1}
    top_p = {"smallest": 2.0**-20, "some": rng.uniform(0.1, 0.99), "off": 1}
    found |= {"top_k": top_k[row["top_k"]]} if row["top_k"] != "no" else {}
    return found | ({"top_p": top_p[row["top_p"]]} if row["top_p"] != "no" else {})


def _others(rng: random.Random) -> Json:
    """Defaults in a file, which the caller's choices replace one by one."""
    if rng.random() < 0.3:
        return {"mode": "greedy"}
    found: Json = {"mode": "sample", "temperature": rng.uniform(0.1, 2)}
    found |= {"top_k": rng.randint(1, 20)} if rng.random() < 0.5 else {}
    return found | ({"top_p": rng.uniform(0.1, 1)} if rng.random() < 0.5 else {})
