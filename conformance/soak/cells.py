"""A recurrent layer of a row of options: its members, and the shapes of its parameters."""

import math
import random
from typing import Any

from conformance.soak.numbers import size_of
from conformance.soak.options import CELLS, CLIPS, DIRECTIONS, FUNCTIONS, OPTIONS, Row

Json = dict[str, Any]
Shapes = dict[str, tuple[list[int], float]]  # role -> shape and bound
REVERSE = "_reverse"
REQUIRED = ("W", "R", "p", "Q")
CONSTANTS = {
    "leaky_relu": ("alpha",),
    "elu": ("alpha",),
    "hard_sigmoid": ("alpha", "beta"),
    "thresholded_relu": ("alpha",),
    "scaled_tanh": ("alpha", "beta"),
}
MORE = {  # options of a cell that is there a second time; they are not counted
    option.name: option.values
    for option in OPTIONS
    if option.name.partition(" ")[0] in CELLS and " " in option.name
} | {"gru": ("before", "after"), "hidden size": ("1", "2–8", "9–33")}


def activation(function: str, rng: random.Random) -> Json:
    """An activation with its constants, if it has any."""
    return {"function": function} | {name: constant(rng) for name in CONSTANTS.get(function, ())}


def constant(rng: random.Random) -> float:
    """An alpha or a beta: mostly usual ones, sometimes zero, tiny or large."""
    if rng.random() < 0.9:
        return rng.choice((0.01, 0.2, 1 / 6, 0.5, 1, 2 / 3, 1.7159, rng.uniform(-1.5, 1.5)))
    return rng.choice((0, 1e-45, -1e-20, 3e-16, 5e-16, -3, 17, 1e38, -1e38))


def bound_of(words: str, rng: random.Random) -> float:
    """A clip: so small that it cuts nearly everything, or so large that it cuts nothing."""
    if words == "reached":
        return rng.choice((2.0**-50, 1e-12, 0.001, 0.01, rng.uniform(0.02, 0.2)))
    return rng.choice((1e38, 3e37, math.ldexp(1 + rng.random(), rng.randint(100, 125))))


def another(kind: str, net: str, rng: random.Random) -> Row:
    """Options for a second cell of a kind."""
    row = {name: rng.choice(values) for name, values in MORE.items()}
    direction = DIRECTIONS if net == "not forward" else ("forward",)
    clips = {name: rng.choice(("no", *CLIPS)) for name in row if name.endswith("clip")}
    return (
        row
        | clips
        | {f"{kind} direction": rng.choice(direction)}
        | {"elman activation": rng.choice(FUNCTIONS)}
    )


class Cell:
    """A layer `kind` that reads I numbers; `words` are the options that begin with its name."""

    def __init__(self, kind: str, words: Row, I: int, rng: random.Random) -> None:  # noqa: E741 - its letter
        self.kind, self.words, self.rng = kind, words, rng
        self.I = I
        self.H = size_of(words["hidden size"], rng)
        self.P = self.H
        self.members: Json = {"hidden_size": self.H}
        self.shapes: Shapes = {}
        make = {"elman": self.elman, "lstm": self.lstm, "gru": self.gru}[kind]
        make()
        self.clip("clip")
        self.directions()

    @property
    def width(self) -> int:
        """That of the output."""
        return self.P * (2 if self.members.get("merge") == "concat" else 1)

    @property
    def usual(self) -> float:
        """The bound of the default initialisation."""
        return 1 / math.sqrt(self.H)

    def matrices(self, columns: int) -> None:
        """W, R and perhaps b."""
        self.shapes["W"] = ([self.I, columns], self.usual)
        self.shapes["R"] = ([self.P, columns], self.usual)
        if self.words[f"{self.kind} b"] == "yes":
            self.shapes["b"] = ([columns], self.usual)

    def functions(self, *places: str) -> None:
        """`activations`."""
        self.members["activations"] = {
            place: activation(self.words[f"{self.kind} {place}"], self.rng) for place in places
        }

    def clip(self, member: str) -> None:
        """One of the three."""
        words = self.words.get(f"{self.kind} {member}", "no")
        if words != "no":
            self.members[member] = bound_of(words, self.rng)

    # --- kinds ------------------------------------------------------------------------------------

    def elman(self) -> None:
        self.members["activation"] = activation(self.words["elman activation"], self.rng)
        self.matrices(self.H)
        if self.words["elman h0"] == "yes":
            self.shapes["h0"] = ([self.H], 1.0)

    def gru(self) -> None:
        self.members["reset"] = self.words["gru"]
        self.functions("gates", "candidate")
        self.matrices(3 * self.H)
        if self.words["gru"] == "after" and self.words["gru rb"] == "yes":
            self.shapes["rb"] = ([self.H], self.usual)
        if self.words["gru h0"] == "yes":
            self.shapes["h0"] = ([self.H], 1.0)

    def lstm(self) -> None:
        words, H = self.words, self.H
        self.functions("gates", "candidate", "output")
        blocks = 4
        if words["lstm coupled"] != "no":
            self.members["coupled"] = words["lstm coupled"]
            blocks = 3
        if words["lstm projection"] != "no":
            self.P = self.rng.choice((1, H, self.rng.randint(1, 2 * H)))
            self.members["projection_size"] = self.P
            self.clip("projection_clip")
        self.matrices(blocks * H)
        if words["lstm peephole"] != "no":
            self.members["peephole"] = words["lstm peephole"]
            rows, columns = blocks - 1, H
            if words["lstm peephole"] == "full":
                rows, columns = H, (blocks - 1) * H
            self.shapes["p"] = ([rows, columns], self.usual)
        if words["lstm projection"] != "no":
            self.shapes["Q"] = ([H, self.P], self.usual)
            if words["lstm projection"] == "with qb":
                self.shapes["qb"] = ([self.P], self.usual)
        for role, size in (("h0", self.P), ("c0", H)):
            if role in words["lstm initial"]:
                self.shapes[role] = ([size], 1.0)
        self.clip("cell_clip")

    # --- directions -------------------------------------------------------------------------------

    def directions(self) -> None:
        """[layer-8]."""
        direction = self.words[f"{self.kind} direction"]
        if direction != "forward" or self.rng.random() < 0.2:
            self.members["direction"] = direction  # the default, said aloud now and then
        if direction != "bidirectional":
            return
        self.members["merge"] = self.words[f"{self.kind} merge"]
        twice = dict(self.shapes)
        for role, shape in self.shapes.items():
            twice[role + REVERSE] = shape
        if self.words[f"{self.kind} roles"] == "of one alone":
            for role in self.shapes:
                if role not in REQUIRED:
                    del twice[role + self.rng.choice(("", REVERSE))]
        self.shapes = twice

    @property
    def arrays(self) -> dict[str, int]:
        """The arrays of the state ([run-2]) with their widths."""
        own = {"h": self.P} | ({"c": self.H} if self.kind == "lstm" else {})
        if "merge" in self.members:
            own |= {name + REVERSE: size for name, size in own.items()}
        return own
