"""Random nets, random calls: every adapter against the scalar oracle, bit by bit.

    python -m conformance soak --count 300 --seed 1 --adapter "node js/src/adapter.js" --adapter …

Without --count it goes on until a difference or Ctrl-C. What was drawn is counted, and printed at the end, so that a
soak that never tried an option can be seen to be one.
"""

import itertools
import math
import random
import shlex
import sys
import time
from collections import Counter
from pathlib import Path

from conformance.case import Case
from conformance.generator.nets import Json, Numbers, builder, decode_case, run_case
from conformance.protocol import Adapter
from conformance.runner import Runtime, judge
from conformance.verdict import Verdict

FOLDER = Path("build/soak")  # where models that differ are kept
ALPHABET = "abcdefghijklmnopqrstuvwxyz \n\u00e9\u2603\U0001f600"
SIZES = (1, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33)


class Draw:
    """One random case, and the options it was made of."""

    def __init__(self, seed: int, number: int) -> None:
        self.rng = random.Random(f"soak/{seed}/{number}")  # noqa: S311 - repeatable on purpose
        self.numbers = Numbers(self.rng.randrange(2**32))
        self.options: dict[str, str] = {}

    def choose(self, name: str, *values: object) -> object:
        """Draws an option and remembers it."""
        value = self.rng.choice(values)
        self.options[name] = str(value)
        return value

    def case(self, id: str) -> Case:
        """A net and a call to it."""
        net = self.net()
        encoding = str(self.choose("encoding", "json", "msgpack"))
        generates = net["output"].get("vocabulary") is not None
        if generates and self.choose("call", "run", "decode") == "decode":
            return decode_case(id, "", [], "", net, self.decode_request(net), encoding=encoding)
        self.options["call"] = "run"
        chunks, state, interface = self.run_request(net)
        return run_case(
            id, "", [], "", net, chunks,
            state=state, interface=interface, encoding=encoding, true=False,
        )  # fmt: skip

    # --- nets -------------------------------------------------------------------------------------

    def net(self) -> Json:
        """Weights from tiny to saturating, any of the layers, any of the storage types."""
        low, high = self.rng.choice(((-5, 0), (-8, 2), (-55, -45), (-60, 3), (-3, 4), (60, 126)))
        self.options["weights"] = f"2^{low} to 2^{high}"
        tokens = self.choose("input", "tokens", "features") == "tokens"
        size = self.rng.choice(SIZES[2:] if tokens else SIZES)
        inputs: int | str = ALPHABET[:size] if tokens else size
        made = builder(inputs, self.rng.randrange(2**32), low, high)
        if low > -40 and high < 10 and self.choose("dtype", "float32", "float16") == "float16":
            made.dtype, made.as_bytes = "float16", True
        if tokens and self.choose("first", "embedding", "one_hot") == "embedding":
            made.embedding(self.rng.choice(SIZES))
        elif tokens:
            made.one_hot()
        for _ in range(self.rng.randrange(3)):
            made.lstm(self.rng.choice(SIZES), bias=bool(self.choose("lstm bias", True, False)))
        if not made.layers or self.choose("dense", True, False):
            width = size if tokens and self.rng.random() < 0.7 else self.rng.choice(SIZES)
            made.dense(width, bias=bool(self.choose("dense bias", True, False)))
        last = self.choose("last", "none", "softmax", "log_softmax")
        if last != "none":
            made.activation(str(last))
        return made.document()

    # --- calls ------------------------------------------------------------------------------------

    def run_request(self, net: Json) -> tuple[list[Json], Json | None, str | None]:
        """Chunks, perhaps a state, perhaps one step at a time."""
        rows = self.rng.choice((1, 1, 2, 3, 5))
        step = self.choose("interface", "run", "step") == "step"
        chunks = []
        for _ in range(self.rng.choice((1, 2, 3))):
            steps = self.rng.choice((1, 1, 2, 3, 7) if step else (0, 1, 1, 2, 3, 7))
            chunk: Json = {"input": self.input(net, rows, steps)}
            if not step and self.choose("lengths", True, False):
                chunk["lengths"] = [self.rng.randrange(steps + 1) for _ in range(rows)]
            chunks.append(chunk)
        state = self.state(net, rows) if self.choose("state", True, False) else None
        return chunks, state, "step" if step else None

    def input(self, net: Json, rows: int, steps: int) -> Json | list[list[int]]:
        """Ids, or numbers from far below T to large."""
        if net["input"]["kind"] == "tokens":
            return self.numbers.ids(rows, steps, len(net["vocabularies"]["text"]["tokens"]))
        span = self.rng.choice(((-3, 1), (-60, 0), (0, 30), (-140, -40)))
        return self.numbers.array([rows, steps, net["input"]["size"]], *span)

    def state(self, net: Json, rows: int) -> Json:
        """A state for every recurrent layer: h and c within and beyond what steps would give."""
        return {
            layer["name"]: {
                part: self.numbers.array([rows, layer["hidden_size"]], *span)
                for part, span in (("h", (-60, -1)), ("c", (-10, 3)))
            }
            for layer in net["layers"]
            if layer["type"] == "lstm"
        }

    def decode_request(self, net: Json) -> Json:
        """Greedy or sampled, from a few ids."""
        size = len(net["vocabularies"]["text"]["tokens"])
        request: Json = {
            "prime": self.numbers.ids(1, self.rng.randrange(1, 5), size)[0],
            "count": self.rng.randrange(12),
            "mode": self.choose("mode", "greedy", "sample"),
        }
        if request["mode"] == "sample":
            request["temperature"] = math.ldexp(1 + self.rng.random(), self.rng.randint(-7, 6))
            request["seed"] = self.rng.randrange(2**32)
        return request


def soak(count: int | None, seed: int, first: int, commands: list[str], folder: Path) -> int:
    """Gives the exit status: 0 if there was no difference."""
    adapters = [Adapter(shlex.split(command), timeout=120.0) for command in commands]
    runtimes = []
    for adapter in adapters:
        adapter.start()
        runtimes.append(Runtime.of(adapter.greeting, None))
    seen: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    codes = models = differences = 0
    started = time.monotonic()
    try:
        for number in itertools.count(first) if count is None else range(first, first + count):
            draw = Draw(seed, number)
            case = draw.case(f"soak/{seed}-{number}")
            words = sorted(f"{name}: {value}" for name, value in draw.options.items())
            seen.update(words)
            pairs.update(itertools.combinations(words, 2))
            codes += any("code" in chunk for chunk in case.expect.get("chunks", [case.expect]))
            models += 1
            for adapter, runtime, command in zip(adapters, runtimes, commands, strict=True):
                outcome = judge(case, adapter, runtime)
                if outcome.verdict is not Verdict.PASS:
                    differences += 1
                    _report(case, runtime.name, outcome.details, folder)
                    print(
                        f"  again: --seed {seed} --first {number} --count 1 --adapter {command!r}"
                    )
            if differences and count is None:
                break
            if sys.stderr.isatty():
                print(f"\r{models} models, {differences} differences", end="", file=sys.stderr)
    except KeyboardInterrupt:
        print(file=sys.stderr)
    for adapter in adapters:
        adapter.stop()
    print(", ".join(f"{word} ×{times}" for word, times in sorted(seen.items())))
    print(
        f"{len(pairs)} pairs of options seen; {codes} calls ended with a code; "
        f"{time.monotonic() - started:.0f} s"
    )
    print(f"{models} models, {differences} differences")
    return 1 if differences or not models else 0


def _report(case: Case, runtime: str, details: tuple[str, ...], folder: Path) -> None:
    assert case.document is not None
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{case.id.partition('/')[2]}.rnn"
    path.write_bytes(case.document.data)
    print(f"DIFFERENCE {runtime} on {path}")
    for detail in details[:5]:
        print(f"    {detail}")
