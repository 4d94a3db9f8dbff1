"""9.3: the examples inside a file, and the self-test that runs them."""

from collections.abc import Iterator

from conformance.case import Case, Document
from conformance.generator.build import json_bytes
from conformance.generator.build import tensor as make_tensor
from conformance.generator.nets import Json, Numbers, answered, builder, selftest_case
from conformance.oracle.answer import from_wire
from conformance.oracle.float32 import bits, from_bits

SECTION = "selftest"
SOURCE = {"system": "elsewhere", "version": "1"}


def net(kind: str) -> builder:
    """A net with something to remember; `large` gives values of about 100, `final` and `last` one vector a row."""
    start: int | str = "abcd" if kind == "tokens" else 2
    made = builder(start, 1, -3, 0)
    if kind in ("final", "last"):
        made.gru(3, "after", final=kind == "final", h0=[0.5, -0.25, 0.75])
        return (made if kind == "final" else made.last_step()).dense(2)
    if kind == "elman":
        return made.elman(3).dense(2)
    if kind == "both":
        return made.lstm(3, direction="bidirectional", merge="sum", projection=2).dense(2)
    made = (made.embedding(3) if kind == "tokens" else made).lstm(3)
    return made.dense(2, b=[100.0, -90.0]) if kind == "large" else made.dense(2)


class Maker:
    """A file with examples, their numbers computed by the oracle and then changed."""

    def __init__(self, kind: str = "features") -> None:
        self.kind = kind
        self.net = net(kind)
        self.bare = self.net.document()
        self.examples: list[Json] = []
        self.tensors: Json = {}

    def tensor(self, wire: Json, change: dict[int, float] | None = None) -> str:
        """Stores an array as a tensor, after changing elements: by ulps or by an amount."""
        array = from_wire(wire)
        values = list(array.values)
        for place, amount in (change or {}).items():
            values[place] = amount
        name = f"t{len(self.tensors)}"
        self.tensors[name] = make_tensor(list(array.shape), values, as_bytes=True)
        return name

    def add(
        self,
        seed: int,
        rows: int = 1,
        steps: int = 3,
        *,
        lengths: list[int] | None = None,
        state: bool = False,
        final: bool = True,
        tolerance: float | None = None,
        output: dict[int, float] | None = None,
        h: dict[int, float] | None = None,
        c: dict[int, float] | None = None,
        c_reverse: dict[int, float] | None = None,
    ) -> "Maker":
        """One example; `output`, `h` and `c` are added to the true values, place by place."""
        numbers = Numbers(seed)
        given = (
            numbers.ids(rows, steps, 4)
            if self.kind == "tokens"
            else numbers.array([rows, steps, 2], -2, 1)
        )
        chunk: Json = {"input": given} | ({} if lengths is None else {"lengths": lengths})
        request: Json = {"chunks": [chunk]}
        if state:
            name = next(layer["name"] for layer in self.bare["layers"] if "hidden_size" in layer)
            sizes = {"h": 3} | ({"c": 3} if name.startswith("lstm") else {})
            if self.kind == "both":
                sizes = {"h": 2, "c": 3, "h_reverse": 2, "c_reverse": 3}
            request["state"] = {
                name: {p: numbers.array([rows, size], -2, 0) for p, size in sizes.items()}
            }
        reply = answered("run", Document(json_bytes(self.bare)), request)["chunks"][0]
        exact = tolerance is None
        example: Json = {"kind": "exact" if exact else "reference"}
        if tolerance is not None:
            example |= {"source": SOURCE, "tolerance": tolerance}
        example["input"] = self.tensor(given) if isinstance(given, dict) else given
        if lengths is not None:
            example["lengths"] = lengths
        for name, parts in request.get("state", {}).items():
            example["state"] = {name: {part: self.tensor(wire) for part, wire in parts.items()}}
        example["output"] = self.tensor(reply["output"], moved(reply["output"], output))
        if final:
            for name, parts in reply["state"].items():
                change = {"h": h, "c": c, "c_reverse": c_reverse}
                example["final_state"] = {
                    name: {
                        part: self.tensor(wire, moved(wire, change.get(part)))
                        for part, wire in parts.items()
                    }
                }
        self.examples.append(example)
        return self

    def document(self) -> Json:
        """The file."""
        made = dict(self.bare)
        made["examples"] = self.examples
        made["tensors"] = made["tensors"] | self.tensors
        return {key: made[key] for key in sorted(made, key=ORDER.index)}


ORDER = ["rnnspec", "input", "vocabularies", "layers", "output", "examples", "tensors"]


def moved(wire: Json, amounts: dict[int, float] | None) -> dict[int, float]:
    """The new values at some places; an amount of 0 means the next binary32."""
    values = from_wire(wire).values
    return {
        place: from_bits(bits(values[place]) ^ 1) if amount == 0 else _near(values[place] + amount)
        for place, amount in (amounts or {}).items()
    }


def _near(value: float) -> float:
    return from_bits(bits(value))


def cases() -> Iterator[Case]:
    """Every case of the section."""

    def case(name: str, title: str, catches: str, maker: Maker, encoding: str = "json") -> Case:
        return selftest_case(
            f"selftest/{name}",
            title,
            ["example-1", "example-2", "protocol-7"],
            catches,
            maker.document(),
            encoding=encoding,
        )

    ignored = "an example that is not run, or a member of it that is not compared"
    yield case("none", "No examples", "a file without examples that fails", Maker())
    yield case("exact", "One exact example that passes", ignored, Maker().add(2))
    yield case(
        "exact-all",
        "Exact examples with rows, lengths and a state; one without a final state",
        ignored,
        Maker()
        .add(3, 2, 3, lengths=[3, 1], state=True)
        .add(4, 3, 2)
        .add(5, 1, 4, state=True, final=False),
        "msgpack",
    )
    yield case(
        "exact-tokens",
        "Token input",
        ignored,
        Maker("tokens").add(6, 2, 4, lengths=[2, 4]).add(7, 1, 3, state=True),
    )
    yield case(
        "exact-fails-output",
        "The second of three is wrong in one bit of its output",
        "a comparison with a tolerance",
        Maker().add(8).add(9, output={5: 0}).add(10),
    )
    yield case(
        "exact-fails-h", "One bit of the final h is wrong", ignored, Maker().add(11, h={0: 0})
    )
    yield case(
        "exact-fails-c",
        "One bit of the final c is wrong",
        ignored,
        Maker().add(12, c={2: 0}),
        "msgpack",
    )
    yield case(
        "exact-padding",
        "A number at a padded place of an exact example: there +0 belongs",
        "padded places that are not compared",
        Maker().add(13, 2, 3, lengths=[3, 2], output={10: 0.5}),
    )
    yield case(
        "exact-padding-tiny",
        "The last bit of a padded place is wrong: a subnormal number where +0 belongs",
        "numbers compared as numbers: where subnormals are flushed to zero, this one equals 0",
        Maker().add(31, 2, 3, lengths=[3, 2], output={10: 0}),
        "msgpack",
    )
    yield case(
        "reference-within",
        "Within the tolerance, above and below",
        "a tolerance that is not read",
        Maker().add(14, tolerance=0.001, output={0: 0.0009, 3: -0.0009}, h={1: 0.0009}),
    )
    yield case(
        "reference-outside",
        "Outside the tolerance: in the output, in h, in c",
        "an example whose state is not compared",
        Maker()
        .add(15, tolerance=0.001, output={2: 0.0011})
        .add(16, tolerance=0.001)
        .add(17, tolerance=0.001, h={0: -0.0011})
        .add(18, tolerance=0.001, c={1: 0.0011}),
    )
    yield case(
        "reference-absolute",
        "A small value with an error that is large beside it",
        "a tolerance relative to |r| alone",
        Maker().add(19, tolerance=0.01, output={0: 0.0099}),
    )
    yield case(
        "reference-relative",
        "Values of about 100: the tolerance is relative to |r| there, and to nothing more",
        "a tolerance relative to 1 alone, or to 1 + |r|",
        Maker("large")
        .add(28, tolerance=0.001, output={0: 0.09, 1: -0.08})
        .add(29, tolerance=0.001, output={0: 0.11})
        .add(30, tolerance=0.1, output={2: 10.9}),
    )
    yield case(
        "reference-zero",
        "The tolerance 0: the same numbers pass, one bit fails",
        "< in place of ≤",
        Maker().add(20, tolerance=0).add(21, tolerance=0, output={1: 0}),
        "msgpack",
    )
    yield case(
        "reference-padding",
        "A number at a padded place of a reference example",
        "padded places that are compared",
        Maker().add(22, 2, 3, lengths=[3, 1], tolerance=0.001, output={8: 7.5, 11: -3.0}),
    )
    yield case(
        "both-kinds",
        "Two exact and three reference examples, of each kind one fails",
        "kinds that are not told apart",
        Maker("tokens")
        .add(23, tolerance=0.001)
        .add(24)
        .add(25, tolerance=0.001, output={0: 0.25})
        .add(26, output={3: 0})
        .add(27, tolerance=1, output={0: 0.9}),
    )
    yield from zeros()
    yield from failing()
    yield from without_time()


def zeros() -> Iterator[Case]:
    """What T makes +0 of in a parameter, an input or a state, it leaves in what was recorded."""
    small, zero = 2.0**-52, -0.0

    # Without weights every output and every h of a valid step is +0; a row without one keeps its state.
    examples: list[tuple[float, int, float, float, float]] = [
        (0.5, 1, 0.25, 0.0, 0.0),
        (0.5, 1, 0.25, small, 0.0),
        (0.5, 1, 0.25, zero, 0.0),
        (0.5, 1, 0.25, 0.0, small),
        (0.5, 1, 0.25, 0.0, zero),
        (small, 1, zero, 0.0, 0.0),
        (zero, 0, small, 0.0, 0.0),
        (zero, 0, small, 0.0, small),
        (0.5, 0, zero, 0.0, zero),
    ]
    for kind in ("exact", "reference"):
        made = builder(1, 0).elman(1, W=[0.0], R=[0.0], bias=False).document()
        made["examples"] = []
        for number, (x, length, before, y, after) in enumerate(examples):
            values = {"x": x, "s": before, "y": y, "f": after}
            for letter, value in values.items():
                shape = [1, 1, 1] if letter in "xy" else [1, 1]
                made["tensors"][f"{letter}{number}"] = make_tensor(shape, [value], as_bytes=True)
            more = {} if kind == "exact" else {"source": SOURCE, "tolerance": 0}
            made["examples"].append(
                {"kind": kind}
                | more
                | {
                    "input": f"x{number}",
                    "lengths": [length],
                    "state": {"elman0": {"h": f"s{number}"}},
                }
                | {"output": f"y{number}", "final_state": {"elman0": {"h": f"f{number}"}}}
            )
        how = "to the bit" if kind == "exact" else "with the tolerance 0, for which −0 is 0"
        yield selftest_case(
            f"selftest/{kind}-zeros",
            f"Recorded numbers below 2^−51 and −0 where the net gives +0, compared {how}",
            ["example-1", "tiny-2"],
            "T on what was recorded; numbers compared as numbers where bits are asked for, or bits where numbers are",
            {key: made[key] for key in sorted(made, key=ORDER.index)},
        )


def failing() -> Iterator[Case]:
    """Examples whose run fails."""
    made = builder(1, 0).dense(1, W=[2.0**127], bias=False).document()
    for number, (x, y) in enumerate(((4.0, 0.0), (1.0, 2.0**127), (-4.0, -(2.0**127)))):
        for name, value in (("x", x), ("y", y)):
            made["tensors"][f"{name}{number}"] = make_tensor([1, 1, 1], [value])
    reference = {"kind": "reference", "source": SOURCE, "tolerance": 1}
    made["examples"] = [
        {"kind": "exact", "input": "x0", "output": "y0"},
        {"kind": "exact", "input": "x1", "output": "y1"},
        reference | {"input": "x2", "output": "y2"},
    ]
    yield selftest_case(
        "selftest/run-fails",
        "Examples for which the net overflows: they fail, and the one between them is run all the same",
        ["example-1", "example-2", "finite-1"],
        "a self-test that ends with the failure of a run; an infinity within a tolerance",
        {key: made[key] for key in sorted(made, key=ORDER.index)},
    )


def without_time() -> Iterator[Case]:
    """Examples whose output is `[N, width]`, and cells whose state is h alone or four arrays."""
    yield selftest_case(
        "selftest/both-directions",
        "Exact and reference examples of two projected directions: the third and fourth are wrong in c_reverse",
        ["example-1", "example-2", "run-2"],
        "a state of which one direction is not given or not compared",
        Maker("both")
        .add(50, 2, 3, state=True, lengths=[3, 0])
        .add(51, 1, 2)
        .add(52, 1, 2, state=True, c_reverse={2: 0})
        .add(53, 1, 2, state=True, tolerance=0.001, c_reverse={0: 0.01})
        .document(),
        encoding="msgpack",
    )
    for kind in ("final", "last", "elman"):
        last = {"final": "final", "last": "last_step", "elman": "an Elman cell"}[kind]
        yield selftest_case(
            f"selftest/exact-{kind}",
            f"Exact examples of a net with {last}: the second and third are wrong in one bit",
            ["example-1", "example-2", "protocol-7"],
            "an output of [N, width] that is not compared, or compared as if it had time; an h that is not compared",
            Maker(kind)
            .add(40, 3, 4, lengths=[4, 0, 2])
            .add(41, 2, 3, output={1: 0})
            .add(42, 2, 3, state=True, h={5: 0})
            .add(43, 2, 3, state=True, lengths=[0, 3], final=False)
            .document(),
            encoding="msgpack" if kind == "last" else "json",
        )
        yield selftest_case(
            f"selftest/reference-{kind}",
            f"Reference examples of a net with {last}: the last two are outside the tolerance",
            ["example-1", "example-2", "protocol-7"],
            "lengths that leave out elements of an output without time; an example of which not all is compared",
            Maker(kind)
            .add(44, 2, 3, tolerance=0.001, output={0: 0.0009, 3: -0.0009}, h={4: 0.0009})
            .add(45, 3, 2, lengths=[2, 1, 1], tolerance=0.001)
            .add(46, 3, 4, lengths=[4, 2, 3], tolerance=0.001, output={1: 0.01})
            .add(47, 3, 4, lengths=[1, 2, 1], tolerance=0.001, h={8: -0.0011})
            .document(),
        )
