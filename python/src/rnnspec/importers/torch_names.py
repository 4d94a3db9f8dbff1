"""The modules of a PyTorch net, by the names and shapes of their parameters alone.

    PREFIX.weight_ih_l0 [G·H, I], PREFIX.weight_hh_l0 [G·H, H], PREFIX.bias_ih_l0 and bias_hh_l0 [G·H]

is an nn.RNN, LSTM or GRU with G = 1, 4 or 3; without _l0 it is one of the Cell classes. A matrix PREFIX.weight
is an nn.Embedding or an nn.Linear, and the latter if there is PREFIX.bias. Arrays of .npz files may have
w and b for weight and bias, and _ for the dots.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from rnnspec.importers.refusal import Refused, malformed, misfit, named, unsupported
from rnnspec.importers.stored import Stored

_RECURRENT: Final = re.compile(
    r"(?:(?P<module>.*)[._/])?(?P<what>weight|w|bias|b)_(?P<part>ih|hh)(?:_l(?P<layer>[0-9]{1,3}))?"
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
    r"_l[0-9]+_reverse$": "a bidirectional net, which the format has no layer for yet: train one with bidirectional=False",
    r"weight_hr_l[0-9]+$": "an LSTM with proj_size, and the format has no projections yet: train one without",
    r"(running_mean|running_var|num_batches_tracked)$": "a BatchNorm: fold it into the layer before it",
    r"(in_proj_weight|in_proj_bias|out_proj\.weight|attn|attention)": "an attention mechanism, which the format has not",
    r"(weight_g|weight_v|parametrizations\..*\.original[0-9]*)$": "a reparametrised weight: remove it before saving, "
    "with torch.nn.utils.remove_weight_norm or parametrize.remove_parametrizations",
    r"(weight_orig|weight_mask)$": "a pruned weight: make it permanent with torch.nn.utils.prune.remove",
}
_CLASSES: Final = {1: "RNN", 3: "GRU", 4: "LSTM"}


@dataclass
class Recurrent:
    """A stack of RNN, GRU or LSTM layers; each with weight_ih, weight_hh and, or not, bias_ih and bias_hh."""

    name: str
    layers: dict[int, dict[str, Stored]] = field(default_factory=dict)
    is_cell: bool = False
    kind: str = ""

    @property
    def hidden_size(self) -> int:
        """H."""
        return self.layers[0]["weight_hh"].shape[1]

    def check(self) -> None:
        """Raises Refused where the layers do not fit each other."""
        width = None
        for k in range(max(self.layers) + 1):
            layer = self.layers.get(k, {})
            for role in ("weight_ih", "weight_hh"):
                if role not in layer:
                    raise malformed(
                        f"{shown(self.name)} has no {role} in its layer {k}: save the whole net"
                    )
            ih, hh = layer["weight_ih"], layer["weight_hh"]
            rows, size = hh.shape if len(hh.shape) == 2 else (0, 1)
            gates = rows // size if size else 0
            if rows != gates * size or gates not in _CLASSES:
                raise misfit(
                    f"{hh} is no weight of an RNN [H, H], GRU [3H, H] or LSTM [4H, H]: it may be transposed, "
                    "or of another module"
                )
            kind = _CLASSES[gates]
            if self.kind not in {"", kind} or size != self.layers[0]["weight_hh"].shape[1]:
                raise misfit(f"the layers of {shown(self.name)} are of several kinds or sizes")
            self.kind = kind
            columns = ih.shape[1] if len(ih.shape) == 2 else 0
            if not columns or ih.shape != (rows, width or columns):
                raise misfit(
                    f"{ih} does not fit {hh}: expected {rows} rows"
                    + (f" of {width}" if width else "")
                )
            biases = {"bias_ih", "bias_hh"} & set(layer)
            if len(biases) == 1:
                raise malformed(
                    f"{shown(self.name)} has {biases.pop()} alone, and PyTorch has both or none"
                )
            for role in sorted(biases):
                if layer[role].shape != (rows,):
                    raise misfit(f"{layer[role]} does not fit {hh}: expected {rows} numbers")
            width = size

    def behind(self, width: int | None) -> int | None:
        """The width that comes out where `width` goes in (None: anything); None where it does not fit."""
        return self.hidden_size if width in {None, self.layers[0]["weight_ih"].shape[1]} else None

    def __str__(self) -> str:
        layers = f", {len(self.layers)} layers" if len(self.layers) > 1 else ""
        return f"{shown(self.name)} ({self.kind}{'Cell' if self.is_cell else ''} of {self.hidden_size} units{layers})"


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
        if len(self.weight.shape) == 1:
            raise unsupported(
                f"{self.weight} belongs to a normalisation, such as LayerNorm, which the format has no layer for yet"
            )
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


Module = Recurrent | Plain


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
    _put(module.layers.setdefault(layer, {}), role, array)


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
