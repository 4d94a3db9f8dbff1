"""Chain: products with a matrix, added one after the other (SPEC 12.3)."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from rnnspec.kernel import Library, Matrix, Weights
from rnnspec.tensor import Float32

Ids: TypeAlias = npt.NDArray[np.int64]
Rows: TypeAlias = Float32 | Ids  # [M, width], or ids [M]

_FEW_ROWS: Final = 4  # up to here one row after the other is faster than all rows for one k
_BLOCK: Final = 1 << 16  # accumulators that stay in cache during the loop over k


@dataclass(frozen=True, eq=False)
class Chain:
    """Accumulators over one matrix ([chain-1]): a = start, then a = a + x[k] × W[k, j], k ascending."""

    W: Float32  # [K, J]
    library: Library | None = None  # the kernel, if it does the work

    @cached_property
    def _packed(self) -> Matrix | None:
        return None if self.library is None else Matrix.of(self.library, Weights(self.W))

    @property
    def scratch(self) -> int:
        """How many elements of scratch a call needs."""
        K, J = self.W.shape
        return int((K + 1) * J) if self.library is None else 0

    def __call__(self, start: Float32, x: Rows, scratch: Float32) -> Float32:
        """[M, J] from start [M, J] and x [M, K]; x [M] of integers stands for one-hot rows."""
        if x.ndim == 1:
            # By the lemma of the zero factor only the row of the one is left, times 1.
            return start + self.W[x]
        if self.library is not None and self._packed is not None:
            return self._packed.continued(self.library, start, cast(Float32, x))
        if len(x) <= _FEW_ROWS:
            return np.stack([self._row(*pair, scratch) for pair in zip(start, x, strict=True)])
        a = start.copy()
        rows = max(1, _BLOCK // self.W.shape[1])
        term = np.empty((min(rows, len(x)), self.W.shape[1]), np.float32)
        for first in range(0, len(x), rows):
            block = a[first : first + rows]
            columns = x[first : first + rows].T[:, :, None]  # [K, rows, 1]
            for column, weights in zip(columns, self.W, strict=True):
                np.multiply(column, weights, out=term[: len(block)])
                np.add(block, term[: len(block)], out=block)
        return a

    def _row(self, start: Float32, x: Float32, scratch: Float32) -> Float32:
        K, J = self.W.shape
        terms = scratch[: self.scratch].reshape(K + 1, J)
        terms[0] = start
        np.multiply(x[:, None], self.W, out=terms[1:])
        a: Float32
        if _reduce_is_sequential(K + 1, J):
            a = np.add.reduce(terms, axis=0)
        else:
            a = np.add.accumulate(terms, axis=0)[-1]
        return a


@lru_cache(maxsize=256)
def _reduce_is_sequential(rows: int, columns: int) -> bool:
    """Whether add.reduce over axis 0 adds row after row, as add.accumulate does by definition.

    numpy does not promise it, and does not do it for a single column. With these numbers any other
    order, and any fused operation, shows in some column.
    """
    if columns == 1:
        return False
    terms = np.random.default_rng(0).standard_normal((rows, columns), np.float32)
    return bool((np.add.reduce(terms, axis=0) == np.add.accumulate(terms, axis=0)[-1]).all())
