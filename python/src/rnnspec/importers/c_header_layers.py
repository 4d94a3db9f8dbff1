"""c_header_layers: the layers of a net as statements of C, in the order of the tape that kernel/kernel.h runs.

$_ stands before every name of the header; to_c_header puts its prefix there.
"""

import re
from collections.abc import Mapping
from typing import Final

import numpy as np

from rnnspec.activation import binary32
from rnnspec.importers import c_header_text as text
from rnnspec.importers.plain_chain import check, is_identity, lacks, parameters, width_of
from rnnspec.importers.refusal import Refused
from rnnspec.layout import BLOCKS, STATES
from rnnspec.model import (
    ActivationLayer,
    AffineLayer,
    EmbeddingLayer,
    FeatureInput,
    GruLayer,
    Model,
    OneHotLayer,
    RecurrentLayer,
)
from rnnspec.tensor import Float32

_KERNEL: Final = "the kernel"
_KNOWN: Final = ("embedding", "one_hot", "elman", "lstm", "gru", "dense", "affine", "activation")
_MOST_AFFINE: Final = 64  # elements up to which a diagonal matrix does the work


class Statements:
    """Constants, room and calls of a net, layer by layer. Raises Refused for what the kernel does not know."""

    def __init__(self, model: Model) -> None:
        check(model, _KERNEL, _KNOWN)
        self.model = model
        self.constants: list[str] = []
        self.packing: list[str] = []  # statements: what is laid into memory
        self.calls: list[str] = []  # statements: the calls
        self.begins: list[str] = []  # statements: the initial states
        self.states: list[
            str
        ] = []  # how wide a row of each array of the state is, as C computes it
        self.values: list[str] = []  # how wide rows of `values` must be at least, as C computes it
        self.products: list[str] = []
        self.scratch: list[str] = []
        self.count = 0
        self.has_table = False
        self.told: list[str] = []
        self.ids = 0  # tokens, while the next layer reads one-hot vectors of them
        self.at = ("NULL", str(self.input_width))  # what the next layer reads, and its stride
        self.width = 0 if self.tokens else self.input_width
        if not self.tokens:
            self._sweep("LINEAR", "the input, judged and without its tiniest numbers")
        places = [k for k, layer in enumerate(model.layers) if not is_identity(layer)]
        names = _identifiers([model.layers[k].name for k in places])
        for k, called in zip(places, names, strict=True):
            self._layer(k, called, is_last=k == places[-1])
        if self.at[0] != "OUTPUT":
            self._sweep("LINEAR", "the last row, without its padding", is_last=True)

    @property
    def tokens(self) -> int:
        """How many there are, if ids go in; else 0."""
        vocabulary = self.model.input_vocabulary
        return 0 if vocabulary is None else len(vocabulary.tokens)

    @property
    def input_width(self) -> int:
        """Elements of a row of the input."""
        return self.model.input.size if isinstance(self.model.input, FeatureInput) else 1

    # --- layers ---------------------------------------------------------------------------------------------

    def _layer(self, k: int, called: str, *, is_last: bool) -> None:
        """The statements of layer k of the model, which C knows as `called`."""
        layer = self.model.layers[k]
        if isinstance(layer, ActivationLayer):
            if self.ids:
                raise self._lacks(k, "no activation of one-hot vectors", "leave it out")
            numbers = binary32(layer.alpha), binary32(layer.beta)
            self.told.append(f"{layer.name}: {layer.function}")
            self._sweep(layer.function.upper(), layer.name, *numbers, is_last=is_last)
            return
        if isinstance(layer, OneHotLayer):
            if is_last:
                raise self._lacks(k, "no one_hot as the last layer", "add a layer that reads it")
            self.ids = self.tokens  # its reader takes the ids for rows of its matrix
            self.told.append(f"{layer.name}: one_hot of {self.ids} tokens")
            return
        before = self.ids or self.width
        given = self._parameters(k)
        for role, values in given.items():
            name, comment = f"$_{called}_{role}", f"{layer.name}: {role} {list(values.shape)}"
            self.constants.append(text.array(name, values, comment))
        width = layer.size if isinstance(layer, EmbeddingLayer) else width_of(layer, before, given)
        self.told.append(f"{layer.name}: {layer.type}, {before or 'ids'} in, {width} out")
        if isinstance(layer, EmbeddingLayer):
            self._look_up(f"$_{called}_E", len(given["E"]), str(width), "values")
        elif isinstance(layer, RecurrentLayer):
            self._recurrent(layer, called, given)
        else:
            self._chain(called, given, 1)
            self.width = width
            self._sweep("LINEAR", layer.name, is_last=is_last)
        self.width = width

    def _parameters(self, k: int) -> dict[str, Float32]:
        """Role → values, as the kernel takes them."""
        layer = self.model.layers[k]
        given = parameters(self.model, layer)
        if isinstance(layer, AffineLayer):
            n = len(given["s"])
            if n > _MOST_AFFINE:
                what = f"no affine layer of {n} elements, only up to {_MOST_AFFINE}"
                raise self._lacks(k, what, "multiply it into the dense layer beside it")
            # Terms with a factor of zero change nothing, so a diagonal matrix does it.
            return {"W": np.diag(given["s"]), "b": given["t"]}
        if isinstance(layer, GruLayer) and layer.reset == "after":
            # A row of three blocks, of which the last one is read.
            rb = np.zeros(3 * layer.hidden_size, np.float32)
            rb[2 * layer.hidden_size :] = given.get("rb", 0)
            return {**given, "rb": rb}
        return given

    def _lacks(self, k: int, what: str, advice: str) -> Refused:
        return lacks(self.model, k, _KERNEL, what, advice)

    def _chain(self, called: str, given: Mapping[str, Float32], blocks: int) -> None:
        """[chain-1] over b and W, into `products`."""
        rows, stride = given["W"].shape
        units = stride // blocks
        sizes = f"{units}, {blocks}"
        bias, columns = f"$_{called}_b" if "b" in given else "NULL", f"rnn_columns({sizes})"
        self.products.append(columns)
        if self.ids:
            table = f"$_table(&memory, $_{called}_W, {bias}, {rows}, {sizes})"
            self.packing.append(f"float *{called}_W = {table};")
            self._look_up(f"{called}_W", rows, columns, "products")
            self.ids, self.has_table = 0, True
            return
        self.packing += [
            f"void *{called}_W = $_pack(&memory, $_{called}_W, {stride}, {rows}, {sizes});",
            f"float *{called}_b = $_spread(&memory, {bias}, {sizes});",
        ]
        fields = {"W": f"{called}_W", "start": f"{called}_b"}
        self._call("PRODUCTS", "products", columns, f"{called}: products with W", **fields)

    def _look_up(self, table: str, rows: int, width: str, buffer: str) -> None:
        if buffer == "values":
            self.values.append(width)
        fields = {"W": table, "width": width, "start_stride": str(rows)}
        self._call("LOOKUP", buffer, width, "rows of a table", **fields)

    def _recurrent(self, layer: RecurrentLayer, called: str, given: Mapping[str, Float32]) -> None:
        """Products with W, then the cell."""
        H, cell = layer.hidden_size, str(layer.type)
        blocks = len(BLOCKS[layer.type])
        self._chain(called, given, blocks)
        R, stride, columns = f"$_{called}_R", blocks * H, f"rnn_columns({H}, 1)"
        fields = {"W": f"{called}_R"}
        packed = blocks
        if isinstance(layer, GruLayer):
            cell = f"gru_{layer.reset}"
            if layer.reset == "after":
                fields["start"] = f"{called}_rb"
                self.packing.append(
                    f"float *{called}_rb = $_spread(&memory, $_{called}_rb, {H}, 3);"
                )
            else:
                packed = 2
                fields |= {"Rn": f"{called}_Rn", "c": "scratch"}
                self.scratch.append(columns)
                self.packing.append(
                    f"void *{called}_Rn = $_pack(&memory, {R} + {2 * H}, {stride}, {H}, {H}, 1);"
                )
        self.packing.append(
            f"void *{called}_R = $_pack(&memory, {R}, {stride}, {H}, {H}, {packed});"
        )
        for role in STATES[layer.type]:
            fields[role] = "next"
            start = f"$_{called}_{role}0" if f"{role}0" in given else "NULL"
            self.begins.append(
                f"$_begin(net->calls[{self.count}].{role}, {start}, {H}, net->net.rows);"
            )
            self.states.append(columns)
        self.values.append(columns)
        self._call(cell.upper(), "values", columns, f"{called}: the cell", **fields)

    def _sweep(
        self,
        function: str,
        what: str,
        alpha: float = 0.0,
        beta: float = 0.0,
        *,
        is_last: bool = False,
    ) -> None:
        """A function of what stands there, into `values`, or in place."""
        fields = {"function": f"RNN_{function}", "width": str(self.width)}
        fields |= {n: text.number(v) for n, v in (("alpha", alpha), ("beta", beta)) if v}
        stride = self.at[1] if self.at[0] == "values" and not is_last else str(self.width)
        if not is_last:
            self.values.append(stride)
        self._call("SWEEP", "OUTPUT" if is_last else "values", stride, what, **fields)

    def _call(self, kind: str, y: str, y_stride: str, what: str, **fields: str) -> None:
        x, x_stride = self.at
        to = "NULL" if y == "OUTPUT" else y
        self.calls.append(f"/* {text.safe(what)} */")
        self.calls.append(
            f"call = $_call(net, RNN_CALL_{kind}, {x}, {x_stride}, {to}, {y_stride});"
        )
        for name, value in fields.items():
            self.calls.append(f"call->{name} = {value};")
            if value == "next":
                self.calls.append(f"next += (size_t)rows * (size_t){y_stride};")
        self.count += 1
        self.at = (y, y_stride)


def _identifiers(names: list[str]) -> list[str]:
    """Names of layers as C has them; numbered, if two would be one."""
    made = [re.sub(r"[.-]", "_", name) for name in names]
    return made if len(set(made)) == len(made) else [f"layer_{k}" for k in range(len(names))]
