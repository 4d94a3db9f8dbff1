"""The modules of a PyTorch net, by the names and shapes of their parameters alone.

    PREFIX.weight_ih_l0 [G·H, I], PREFIX.weight_hh_l0 [G·H, H], PREFIX.bias_ih_l0 and bias_hh_l0 [G·H]

is an nn.RNN, LSTM or GRU with G = 1, 4 or 3; without _l0 it is one of the Cell classes. _l0_reverse is the other
direction; PREFIX.weight_hr_l0 [P, H] the projection of an LSTM, whose weight_hh is [4H, P] then. A matrix PREFIX.weight
is an nn.Embedding or an nn.Linear, and the latter if there is PREFIX.bias; a vector with a bias is a normalisation.
Arrays of .npz files may have w and b for weight and bias, and _ for the dots.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from rnnspec.importers.refusal import Refused, malformed, misfit, named, unsupported
from rnnspec.importers.stored import Stored

_RECURRENT: Final = re.compile(
    r"(?:(?P<module>.*)[._/])?(?P<what>weight|w|bias|b)_(?P<part>ih|hh|hr)"
    r"(?:_l(?P<layer>[0-9]{1,3})(?P<reverse>_reverse)?)?"
)
_PLAIN: Final = re.compile(r"(?P<module>.+)[._/](?P<what>weight|w|bias|b)")
_EMBEDDING: Final = re.compile(r"(?:.*[._/])?(?:emb|embed|embedding|embeddings)")
# The names that people give to modules. Where a name says nothing, shapes must.
_SAYS_EMBEDDING: Final = re.compile(r".*emb.*|lookup.*|wte", re.IGNORECASE)
_SAYS_LINEAR: Final = re.compile(
    r"(fc|lin|dense|head|out|proj|classifier|decoder).*", re.IGNORECASE
)
# What a name tells of → what it is. The format, or this importer, has no place for it.
_OTHERS: Final = {
    r"(running_mean|running_var|num_batches_tracked)$": "a BatchNorm: fold it into the layer before it",
    r"(in_proj_weight|in_proj_bias|out_proj\.weight|attn|attention)": "an attention mechanism, which the format has not",
    r"(weight_g|weight_v|parametrizations\..*\.original[0-9]*)$": "a reparametrised weight: remove it before saving, "
    "with torch.nn.utils.remove_weight_norm or parametrize.remove_parametrizations",
    r"(weight_orig|weight_mask)$": "a pruned weight: make it permanent with torch.nn.utils.prune.remove",
}
_CLASSES: Final = {1: "RNN", 3: "GRU", 4: "LSTM"}


@dataclass
class Recurrent:
    """A stack of RNN, GRU or LSTM layers, of one direction or two.

    Each direction of a layer has weight_ih, weight_hh and, or not, bias_ih and bias_hh, and weight_hr.
    """

    name: str
    layers: dict[int, dict[str, dict[str, Stored]]] = field(default_factory=dict)  # k → direction
    is_cell: bool = False
    kind: str = ""

    @property
    def directions(self) -> int:
        """1, or 2 if it is bidirectional."""
        return len(self.layers[0])

    @property
    def width(self) -> int:
        """Of h in one direction: P, or H."""
        return self.layers[0][""]["weight_hh"].shape[1]

    @property
    def hidden_size(self) -> int:
        """H."""
        first = self.layers[0][""]
        return first["weight_hr"].shape[1] if self.projected else self.width

    @property
    def projected(self) -> bool:
        """Whether it has proj_size."""
        return "weight_hr" in self.layers[0][""]

    @property
    def biased(self) -> bool:
        """Whether it has biases."""
        return "bias_ih" in self.layers[0][""]

    def check(self) -> None:
        """Raises Refused where the layers do not fit each other."""
        ways = {"": 1} | {way: 2 for layer in self.layers.values() for way in layer if way}
        into = None
        for k in range(max(self.layers) + 1):
            for way in ways:
                self._check(k, self.layers.get(k, {}).get(way, {}), way, into)
            into = self.width * len(ways)

    def _check(self, k: int, parts: dict[str, Stored], way: str, into: int | None) -> None:
        where = f"its layer {k}" + (", reverse" if way else "")
        for role in ("weight_ih", "weight_hh"):
            if role not in parts:
                raise malformed(f"{shown(self.name)} has no {role} in {where}: save the whole net")
        hh, hr = parts["weight_hh"], parts.get("weight_hr")
        rows, width = hh.shape if len(hh.shape) == 2 else (0, 1)
        size = hr.shape[1] if hr is not None and len(hr.shape) == 2 else width
        gates = rows // size if size else 0
        if rows != gates * size or gates not in _CLASSES:
            raise misfit(
                f"{hh} is no weight of an RNN [H, H], GRU [3H, H] or LSTM [4H, H]: it may be transposed, "
                "or of another module"
            )
        kind = _CLASSES[gates]
        if hr is not None and (kind != "LSTM" or hr.shape != (width, size)):
            raise misfit(f"{hr} does not fit {hh}: a projection is [P, H] behind an LSTM [4H, P]")
        first = self.layers[0][""]
        if (
            self.kind not in {"", kind}
            or (size, width) != (self.hidden_size, self.width)
            or set(parts) != set(first)
        ):
            raise misfit(f"the layers of {shown(self.name)} are of several kinds or sizes")
        self.kind = kind
        columns = into or first["weight_ih"].shape[-1]
        if not columns or parts["weight_ih"].shape != (rows, columns):
            raise misfit(
                f"{parts['weight_ih']} does not fit {hh}: expected {rows} rows"
                + (f" of {into}" if into else "")
            )
        biases = {"bias_ih", "bias_hh"} & set(parts)
        if len(biases) == 1:
            raise malformed(
                f"{shown(self.name)} has {biases.pop()} alone, and PyTorch has both or none"
            )
        for role in sorted(biases):
            if parts[role].shape != (rows,):
                raise misfit(f"{parts[role]} does not fit {hh}: expected {rows} numbers")

    def behind(self, width: int | None) -> int | None:
        """The width that comes out where `width` goes in (None: anything); None where it does not fit."""
        fits = width in {None, self.layers[0][""]["weight_ih"].shape[1]}
        return self.directions * self.width if fits else None

    def __str__(self) -> str:
        told = [
            f"{self.kind}{'Cell' if self.is_cell else ''} of {self.hidden_size} units",
            *([f"projected to {self.width}"] if self.projected else []),
            *(["bidirectional"] if self.directions == 2 else []),
            *([f"{len(self.layers)} layers"] if len(self.layers) > 1 else []),
        ]
        return f"{shown(self.name)} ({', '.join(told)})"


@dataclass
class Norm:
    """A vector `weight` and a `bias` as long: an nn.LayerNorm, if the user says that it is one."""

    name: str
    parts: dict[str, Stored]

    @property
    def width(self) -> int:
        """What goes in and comes out."""
        return self.parts["weight"].shape[0]

    def check(self) -> None:
        """Raises Refused where the shapes are those of other modules."""
        weight, bias = self.parts["weight"], self.parts.get("bias")
        if bias is None:
            raise unsupported(
                f"{weight} has no bias beside it, so it may be an RMSNorm, which the format has not: if it is a "
                "LayerNorm, save it with a bias of zeros"
            )
        if bias.shape != weight.shape or 0 in weight.shape:
            raise misfit(f"{bias} does not fit {weight}: expected as many numbers")

    def behind(self, width: int | None) -> int | None:
        """See Recurrent.behind."""
        return self.width if width in {None, self.width} else None

    def __str__(self) -> str:
        return f"{shown(self.name)} [{self.width}]"


@dataclass
class Plain:
    """A matrix `weight` and, or not, a `bias`: an Embedding, or a Linear [outputs, inputs]."""

    name: str
    parts: dict[str, Stored] = field(default_factory=dict)

    @property
    def weight(self) -> Stored:
        """The matrix."""
        return self.parts["weight"]

    @property
    def bias(self) -> Stored | None:
        """Only a Linear has one."""
        return self.parts.get("bias")

    @property
    def is_embedding(self) -> bool:
        """Whether its name says so."""
        return _SAYS_EMBEDDING.fullmatch(self.name.rpartition(".")[2]) is not None

    @property
    def is_linear(self) -> bool:
        """Whether it has a bias, or its name says so."""
        return self.bias is not None or (
            _SAYS_LINEAR.fullmatch(self.name.rpartition(".")[2]) is not None
        )

    def check(self) -> None:
        """Raises Refused where the shapes are those of other modules."""
        if "weight" not in self.parts:
            raise malformed(f"{shown(self.name)} has a bias and no weight: save the whole net")
        if len(self.weight.shape) != 2 or 0 in self.weight.shape:
            raise unsupported(
                f"{self.weight} belongs to a convolution, or to another module that is not read"
            )
        if self.bias is not None and self.bias.shape != self.weight.shape[:1]:
            raise misfit(f"{self.bias} does not fit {self.weight}: expected one for each row")

    def behind(self, width: int | None) -> int | None:
        """As a Linear: see Recurrent.behind."""
        return self.weight.shape[0] if width in {None, self.weight.shape[1]} else None

    def __str__(self) -> str:
        return f"{shown(self.name)} {list(self.weight.shape)}"


Module = Recurrent | Plain | Norm


def modules_of(arrays: Mapping[str, Stored]) -> dict[str, Module]:
    """The modules by name, in the order of the file. Raises Refused, also for what is no part of one."""
    found: dict[str, Module] = {}
    for name, array in arrays.items():
        for pattern, what in _OTHERS.items():
            if re.search(pattern, name):
                raise unsupported(f"{named(name)} belongs to {what}")
        if match := _RECURRENT.fullmatch(name):
            _put_recurrent(found, match, array)
        elif _EMBEDDING.fullmatch(name):
            _put_plain(found, name, "weight", array)
        elif match := _PLAIN.fullmatch(name):
            role = "weight" if match["what"].startswith("w") else "bias"
            _put_plain(found, match["module"], role, array)
        else:
            raise _no_place(array)
    for name, module in found.items():
        weight = module.parts.get("weight") if isinstance(module, Plain) else None
        if isinstance(module, Plain) and weight is not None and len(weight.shape) == 1:
            found[name] = Norm(name, module.parts)
    for module in found.values():
        module.check()
    return found


def shown(name: str) -> str:
    """The name of a module; a net that is one module alone has none."""
    return f'"{named(name)}"' if name else "the module"


def _put_recurrent(found: dict[str, Module], match: re.Match[str], array: Stored) -> None:
    module = found.setdefault(match["module"] or "", Recurrent(match["module"] or ""))
    is_cell, layer = match["layer"] is None, int(match["layer"] or 0)
    if not isinstance(module, Recurrent) or (module.layers and module.is_cell != is_cell):
        raise unsupported(f"{array} and other names belong to two modules of one name: rename one")
    module.is_cell = is_cell
    role = f"{'weight' if match['what'].startswith('w') else 'bias'}_{match['part']}"
    if role == "bias_hr":  # a projection of PyTorch has none
        raise _no_place(array)
    _put(module.layers.setdefault(layer, {}).setdefault(match["reverse"] or "", {}), role, array)


def _put_plain(found: dict[str, Module], name: str, role: str, array: Stored) -> None:
    module = found.setdefault(name, Plain(name))
    if not isinstance(module, Plain):
        raise _no_place(array)
    _put(module.parts, role, array)


def _put(parts: dict[str, Stored], role: str, array: Stored) -> None:
    if role in parts:
        raise unsupported(
            f"{parts[role]} and {array} are both the {role} of one module: leave one out with --ignore"
        )
    parts[role] = array


def _no_place(array: Stored) -> Refused:
    return unsupported(
        f"there is no place for {array}: if the net's output does not need it, leave it out with "
        f"--ignore '{named(array.name)}'; a start of the state that was learned can't be read from here"
    )
