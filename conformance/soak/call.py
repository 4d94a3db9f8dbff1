"""Random calls to a random net: the requests of section 17.1 that go with a row of options."""

import math
import random
from typing import Any

from conformance.generator.build import array
from conformance.soak.net import Net
from conformance.soak.numbers import size_of, spread
from conformance.soak.options import GENERATES, Row
from conformance.soak.vocabulary import text

Json = dict[str, Any]
WORK = 200_000  # multiplications of a call at most, where its classes of rows and steps allow
TEMPERATURES = {"cold": (-7, -4), "middle": (-2, 1), "hot": (3, 6)}


class Caller:
    """Draws the calls to one net; may write `decoding` into it."""

    def __init__(self, row: Row, net: Net, rng: random.Random) -> None:
        self.row, self.net, self.rng = row, net, rng
        self.N = size_of(row["rows"], rng) if "rows" in row else 1

    @property
    def command(self) -> str:
        """Of the call."""
        if self.row["call"] in GENERATES:
            return "decode"
        return "ctc" if self.row["call"] == "ctc" else "run"

    def request(self) -> Json:
        """The members of the request beside `command` and `document`."""
        made = {"decode": self.decode, "ctc": self.ctc, "run": self.run}[self.command]()
        if self.row["state"] != "initial":
            made["state"] = self.state(self.row["state"])
        return made

    # --- run and step -----------------------------------------------------------------------------

    def run(self) -> Json:
        """[protocol-3]."""
        row, rng = self.row, self.rng
        chunks = [self.chunk(T) for T in _split(row["chunks"], self.steps(), rng)]
        if row["fault"] != "no":
            chunks.insert(rng.randint(0, len(chunks)), self.faulty())
        request: Json = {"chunks": chunks}
        if row["call"] == "step":
            request["interface"] = "step"
        if row.get("probe", "no") != "no":
            names = self.net.names
            some = row["probe"] == "some"
            request["probe"] = rng.sample(names, rng.randint(1, len(names)) if some else len(names))
            if rng.random() < 0.2:  # [run-8]: as given once
                request["probe"].append(rng.choice(request["probe"]))
        return request

    def steps(self) -> int:
        """T of all chunks together."""
        words = self.row["steps"]
        steps, least = size_of(words, self.rng), size_of(words.partition("–")[0], self.rng)
        while steps > least and self.N * steps * self.net.work > WORK:
            steps -= 1
        return steps

    def chunk(self, T: int) -> Json:
        """Input and perhaps lengths."""
        chunk: Json = {"input": self.input(T)}
        words = self.row.get("lengths", "no")
        if words == "some":
            chunk["lengths"] = [
                self.rng.choice((0, min(T, 1), self.rng.randint(0, T), self.rng.randint(0, T), T))
                for _ in range(self.N)
            ]
        elif words != "no":
            chunk["lengths"] = [{"full": T, "all 1": min(T, 1), "all 0": 0}[words]] * self.N
        return chunk

    def input(self, T: int, N: int | None = None) -> Any:  # noqa: ANN401 - ids or an array
        """`[N, T]` or `[N, T, size]`."""
        rows, rng, width = self.N if N is None else N, self.rng, self.net.inputs
        if self.net.vocabulary is not None:
            return [[rng.randrange(width) for _ in range(T)] for _ in range(rows)]
        numbers = [_feature(self.row["magnitudes"], rng) for _ in range(rows * T * width)]
        return array([rows, T, width], numbers)

    def state(self, words: str) -> Json:
        """A state that fits."""
        return {
            name: {
                part: array(
                    [self.N, size], [_element(words, part, self.rng) for _ in range(self.N * size)]
                )
                for part, size in arrays.items()
            }
            for name, arrays in self.net.cells.items()
        }

    def faulty(self) -> Json:
        """A chunk more, with two steps, that fails before anything is computed (or after one step)."""
        N, net, rng = self.N, self.net, self.rng
        chunk: Json = {"input": self.input(2)}
        if self.row["fault"] == "lengths":
            wrong = rng.choice(([2] * (N + 1), [2] * (N - 1) + [3], [-1] + [2] * (N - 1)))
            return chunk | {"lengths": wrong}
        at = rng.randrange(2 * N)
        shape = self.row["call"] == "run" and rng.random() < 0.3
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

    # --- decode and ctc ---------------------------------------------------------------------------

    def ctc(self) -> Json:
        """[protocol-11]."""
        row, rng = self.row, self.rng
        request = self.chunk(self.steps())
        file, caller = (rng.randrange(self.net.outputs) for _ in range(2))
        if row["choices"] != "caller's":
            self.net.document["decoding"] = {"mode": "ctc", "blank": file}
        if row["choices"] != "file's":
            request["blank"] = caller
        return request

    def decode(self) -> Json:
        """[protocol-4]."""
        row, net, rng = self.row, self.net, self.rng
        assert net.vocabulary is not None
        prime: Any = [rng.randrange(net.inputs) for _ in range(rng.randint(1, 4))]
        if row["prime"] == "text":
            prime = text(net.vocabulary, rng)
        elif row["prime"] == "none":
            prime = rng.choice(([], ""))
        least = min(12, max(3, WORK // net.work))
        request: Json = {"prime": prime, "count": rng.randint(2, least)}
        if rng.random() < 0.9:  # without a seed it is 0
            request["seed"] = rng.randrange(2**32)
        chosen = _options(row, net.inputs, rng)
        if row["choices"] != "file's":
            request |= chosen
        if row["choices"] != "caller's":
            theirs = dict(chosen) if row["choices"] == "file's" else _others(net.inputs, rng)
            if "top_p" in theirs:  # a file's is judged before it is rounded to binary32
                theirs["top_p"] = max(theirs["top_p"], 1e-6)
            net.document["decoding"] = theirs
        return request

    # --- calls beside the call --------------------------------------------------------------------

    def before(self, request: Json) -> Json:
        """A call of run that leaves the state from which generating or CTC goes on."""
        chunk = {"input": self.input(self.rng.randint(0, 3))}
        return {"chunks": [chunk]} | ({"state": request["state"]} if "state" in request else {})

    def refused(self, request: Json) -> tuple[str, Json] | None:
        """A command and a request that must be answered with a code."""
        sound = {"input": self.input(2)}
        match self.row["refused too"]:
            case "state":
                if self.command != "run":
                    return self.command, request | {"state": self.wrong_state()}
                again = {"chunks": [sound], "state": self.wrong_state()}
                return "run", again | ({"interface": "step"} if "interface" in request else {})
            case "probe":
                return "run", {"chunks": [sound, sound], "probe": [self.net.names[0], "nobody"]}
            case "step":
                return "run", {"chunks": [sound], "interface": "step"}
            case "decode":
                return "decode", {"prime": [0], "count": 2}
            case "ctc":
                return "ctc", sound
        return None

    def wrong_state(self) -> Json:
        """A state with one fault ([run-5], the last two)."""
        rng = self.rng
        state = self.state("given")
        if not state:
            return {"nobody": {"h": array([self.N, 1], [0.0] * self.N)}}
        name = rng.choice(list(state))
        part = rng.choice(list(state[name]))
        rows, size = state[name][part]["shape"]
        match rng.randrange(6):
            case 0:
                del state[name]
            case 1:
                del state[name][part]
            case 2:
                state[name]["h_other"] = state[name][part]
            case 3:
                state[name][part] = array([rows, size + 1], [0.0] * (rows * (size + 1)))
            case 4:
                state[name][part] = array([rows + 1, size], [0.0] * ((rows + 1) * size))
            case _:
                values = [0.0] * (rows * size)
                values[rng.randrange(rows * size)] = rng.choice((math.inf, -math.inf, math.nan))
                state[name][part] = array([rows, size], values)
        return state


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


def _feature(magnitudes: str, rng: random.Random) -> float:
    """Numbers as they come in, around 2^−51 and subnormal, and up to the largest."""
    match magnitudes:
        case "tiny":
            return spread(rng, *rng.choice(((-56, -47), (-149, -57))))
        case "×100":
            return spread(rng, -1, 7)
        case "huge":
            return spread(rng, 0, 126)
    return spread(rng, -8, 1)


def _element(words: str, part: str, rng: random.Random) -> float:
    """Of a state: as steps leave it, or with numbers that T cuts and a −0."""
    if words == "given, tiny" and rng.random() < 0.7:
        return rng.choice((-0.0, spread(rng, -54, -49), spread(rng, -149, -55)))
    return spread(rng, -10, 2 if part.startswith("c") else -1)


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


def _others(V: int, rng: random.Random) -> Json:
    """Defaults in a file, which the caller's choices replace one by one."""
    if rng.random() < 0.3:
        return {"mode": "greedy"}
    if rng.random() < 0.2:
        return {"mode": "ctc", "blank": rng.randrange(V)}
    found: Json = {"mode": "sample", "temperature": rng.uniform(0.1, 2)}
    found |= {"top_k": rng.randint(1, 20)} if rng.random() < 0.5 else {}
    return found | ({"top_p": rng.uniform(0.1, 1)} if rng.random() < 0.5 else {})
