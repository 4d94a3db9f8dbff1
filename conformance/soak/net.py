"""A row of options made into a document: the numbers, sizes and places that no option fixes are drawn."""

import math
import random
from typing import Any

from conformance.generator.build import document, tensor
from conformance.oracle.float32 import f32
from conformance.soak.options import FUNCTIONS, GENERATES, Row
from conformance.soak.vocabulary import vocabulary

Json = dict[str, Any]
BLOCKS = {"elman": 1, "lstm": 4, "gru": 3}
CONSTANTS = {
    "leaky_relu": ("alpha",),
    "elu": ("alpha",),
    "hard_sigmoid": ("alpha", "beta"),
    "thresholded_relu": ("alpha",),
    "scaled_tanh": ("alpha", "beta"),
}
SCALES = {"×1": 1.0, "×2": 2.0, "×4": 4.0}
# Exponents: around 2^−51, where T cuts; and up to overflow. Likewise within what float16 holds.
EXPONENTS = {
    "spread": {"float32": (-5, 0), "float16": (-5, 0)},
    "tiny": {"float32": (-60, -45), "float16": (-26, -14)},
    "huge": {"float32": (40, 126), "float16": (6, 14)},
}

SHARES = {"spread": 1.0, "tiny": 0.6, "huge": 0.25}  # of the tensors


def size_of(words: str, rng: random.Random) -> int:
    """A number of a class such as `2–8`."""
    low, _, high = words.partition("–")
    return rng.randint(int(low), int(high or low))


def spread(rng: random.Random, low: int, high: int) -> float:
    """A binary32 of either sign, from 2^low up to 2^(high+1), evenly over the exponents."""
    value = math.ldexp(1 + rng.random(), rng.randint(low, high))
    return f32(-value if rng.random() < 0.5 else value)


class Draft:
    """A document that grows layer by layer."""

    def __init__(self, row: Row, rng: random.Random) -> None:
        self.row = row
        self.rng = rng
        self.layers: list[Json] = []
        self.tensors: Json = {}
        self.width = size_of(row["input size"], rng)
        self.work = 0  # multiplications for one step of one row
        self.sizes: list[int] = [self.width]

    # --- numbers ----------------------------------------------------------------------------------

    def tensor(self, name: str, shape: list[int], usual: float) -> str:
        """A tensor of random numbers, `usual` being the bound of the default initialisation."""
        row, rng = self.row, self.rng
        dtype = row["dtype"] if row["dtype"] != "mixed" else rng.choice(("float32", "float16"))
        count = math.prod(shape)
        # A net of nothing but tiny or huge numbers is all zeros or fails at once.
        if rng.random() < SHARES.get(row["weights"], 0.0):
            values = [spread(rng, *EXPONENTS[row["weights"]][dtype]) for _ in range(count)]
        else:
            bound = usual * SCALES.get(row["weights"], 1.0)
            values = [f32(rng.uniform(-bound, bound)) for _ in range(count)]
        if row["encoding"] == "json, long decimals" and dtype == "float32":
            # Between two binary32: the reader has to round, [tensor-2].
            values = [v * (1 + rng.uniform(-1, 1) * 2.0**-24) for v in values]
        as_bytes = row["encoding"] == "json, base64" or dtype == "float16"
        self.tensors[name] = tensor(shape, values, dtype, as_bytes=as_bytes)
        return name

    def activation(self, function: str) -> Json:
        """An activation with its constants, if it has any."""
        return {"function": function} | {
            name: self.constant() for name in CONSTANTS.get(function, ())
        }

    def constant(self) -> float:
        """An alpha or a beta: mostly usual ones, sometimes zero, tiny or large."""
        rng = self.rng
        if rng.random() < 0.9:
            return rng.choice((0.01, 0.2, 1 / 6, 0.5, 1, 2 / 3, 1.7159, rng.uniform(-1.5, 1.5)))
        return rng.choice((0, 1e-45, -1e-20, 3e-16, 5e-16, -3, 17, 1e38, -1e38))

    # --- layers -----------------------------------------------------------------------------------

    def add(
        self, kind: str, width: int, members: Json, **parameters: tuple[list[int], float]
    ) -> None:
        """A layer; parameters are given by shape and bound."""
        name = f"{kind}{len(self.layers)}"
        entry: Json = {"name": name, "type": kind} | members
        if parameters:
            names = {
                role: self.tensor(f"{name}.{role}", *given) for role, given in parameters.items()
            }
            entry["parameters"] = names
        if self.row["extras"] == "yes" and self.rng.random() < 0.5:
            entry["extensions"] = {"ACME_note": {"seen": [None, True, name]}}
        self.layers.append(entry)
        self.work += sum(
            math.prod(shape) for shape, _ in parameters.values() if len(shape) == 2
        )  # fmt: skip
        self.width = width
        self.sizes.append(width)

    def first(self) -> None:
        """Tokens become numbers."""
        if self.row["input"] == "embedding":
            size = self.rng.randint(1, 24)
            self.add("embedding", size, {"size": size}, E=([self.width, size], 1.0))
        elif self.row["input"] == "one_hot":
            self.add("one_hot", self.width, {})

    def cell(self, kind: str, words: Row, *, final: bool) -> None:
        """A recurrent layer; `words` are the options that begin with its name."""
        H = size_of(words["hidden size"], self.rng)
        columns, bound = BLOCKS[kind] * H, 1 / math.sqrt(H)
        members: Json = {"hidden_size": H}
        if kind == "elman":
            members["activation"] = self.activation(words["elman activation"])
        else:
            places = ("gates", "candidate", "output")[: 3 if kind == "lstm" else 2]
            given = {place: self.activation(words[f"{kind} {place}"]) for place in places}
            members |= {"reset": words["gru"]} if kind == "gru" else {}
            members["activations"] = given
        if final:
            members["output"] = "final"
        elif self.rng.random() < 0.3:
            members["output"] = "sequence"  # the default, said aloud
        parameters: dict[str, tuple[list[int], float]] = {
            "W": ([self.width, columns], bound),
            "R": ([H, columns], bound),
        }
        if words[f"{kind} b"] == "yes":
            parameters["b"] = ([columns], bound)
        if words.get("gru rb") == "yes" and kind == "gru":
            parameters["rb"] = ([H], bound)
        start = words["lstm initial"] if kind == "lstm" else words[f"{kind} h0"]
        for role in ("h0", "c0"):
            if role in start or (role == "h0" and start == "yes"):
                parameters[role] = ([H], 1.0)
        self.add(kind, H, members, **parameters)

    def cells(self) -> None:
        """Those of the row in any order; the final one is the last."""
        row, rng = self.row, self.rng
        kinds = [kind for kind in BLOCKS if row[kind] != "no"]
        rng.shuffle(kinds)
        last = row["time"].removeprefix("final ")
        kinds.sort(key=lambda kind: kind == last)
        order = [(kind, row, kind == last) for kind in kinds]
        if row["again"] != "no":
            place = rng.randrange(len(order) if last in kinds else len(order) + 1)
            order.insert(place, (row["again"], self.other(row["again"]), False))
        for kind, words, final in order:
            self.cell(kind, words, final=final)

    def other(self, kind: str) -> Row:
        """Options of a cell that is there a second time; they are not counted."""
        rng = self.rng
        places = {f"{kind} {place}" for place in ("activation", "gates", "candidate", "output")}
        yes = rng.choice(("no", "yes"))
        return {
            "hidden size": rng.choice(("1", "2–8", "9–33")),
            "gru": (reset := rng.choice(("before", "after"))),
            "gru rb": yes if reset == "after" else "no",
            "lstm initial": rng.choice(("no", "h0", "h0 and c0")),
            **dict.fromkeys(("elman b", "lstm b", "gru b"), rng.choice(("no", "yes"))),
            **dict.fromkeys(("elman h0", "gru h0"), rng.choice(("no", "yes"))),
            **{place: rng.choice(FUNCTIONS) for place in sorted(places)},
        }

    def without_memory(self, kind: str, V: int) -> None:
        """A layer that stands before the cells or behind them."""
        I = self.width  # noqa: E741 - its letter in SPEC.md
        if kind == "dense":
            generates = self.row["call"] in GENERATES or self.rng.random() < 0.5
            size = V if V and generates else self.rng.randint(1, 70)
            bound = 1 / math.sqrt(I)
            b = {"b": ([size], bound)} if self.row["dense"] == "with b" else {}
            self.add("dense", size, {"size": size}, W=([I, size], bound), **b)
        elif kind == "affine":
            self.add("affine", I, {}, s=([I], 1.5), t=([I], 1.0))
        elif kind == "activation":
            self.add("activation", I, self.activation(self.row["function"]))
        else:
            self.add("last_step", I, {})

    def stack(self, V: int) -> None:
        """All layers."""
        row, rng = self.row, self.rng
        self.first()
        before = [kind for kind in ("affine", "activation") if row[kind] == "before"]
        behind = [kind for kind in ("affine", "activation") if row[kind] == "behind"]
        behind += ["dense"] if row["dense"] != "no" else []
        behind += ["last_step"] if row["time"] == "last_step" else []
        for kind in rng.sample(before, len(before)):
            self.without_memory(kind, V)
        self.cells()
        for kind in rng.sample(behind, len(behind)):
            self.without_memory(kind, V)
        if row["last"] != "any":
            self.add("activation", self.width, {"function": row["last"]})
        if not self.layers:
            self.add("activation", self.width, {"function": "linear"})


class Net:
    """A document, and what a call to it needs to know."""

    def __init__(self, row: Row, rng: random.Random) -> None:
        draft = Draft(row, rng)
        self.inputs = draft.width
        entry = vocabulary(row, self.inputs, rng) if "unit" in row else None
        draft.stack(self.inputs if entry is not None else 0)
        self.work, self.sizes = draft.work, draft.sizes
        softmax = {"softmax": "probabilities", "log_softmax": "log_probabilities"}
        output: Json = {"kind": softmax.get(row["last"], "values")}
        members: Json = {"input": {"kind": "features", "size": self.inputs}}
        if entry is not None:
            members = {"input": {"kind": "tokens", "vocabulary": "text"}}
            members["vocabularies"] = {"text": entry}
            generates = row["call"] in GENERATES
            if generates or (draft.width == self.inputs and rng.random() < 0.5):
                output["vocabulary"] = "text"
                output["kind"] = softmax.get(row["last"], "logits")
        if row["extras"] == "yes":
            output["labels"] = [f"label {k}" for k in range(draft.width)]
            members["metadata"] = {"a": [None, 1e300, {"rnnspec": "no"}], "": "\u0000"}
            members["extensions"] = {"ACME_tool": {"seed": 7, "deep": [[], {}]}}
        self.document = document(
            layers=draft.layers, tensors=draft.tensors, output=output, **members
        )
        self.vocabulary: Json | None = entry

    @property
    def cells(self) -> list[Json]:
        """The recurrent layers."""
        return [layer for layer in self.document["layers"] if layer["type"] in BLOCKS]
