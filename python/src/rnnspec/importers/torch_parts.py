"""torch_parts: modules of PyTorch for layers that torch.nn has none for."""

from typing import Any, Final

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from rnnspec.tensor import Float32


def tensor(values: Float32) -> torch.Tensor:
    """A copy, in float32."""
    return torch.from_numpy(np.array(values, np.float32))


def reversed_steps(x: torch.Tensor, steps: torch.Tensor) -> torch.Tensor:
    """[N, T, I] with the valid steps of each row from the last to the first; the others stay where they are."""
    k = torch.arange(x.size(1), device=x.device)
    places = torch.where(k < steps[:, None], steps[:, None] - 1 - k, k)
    return x.gather(1, places[..., None].expand(-1, -1, x.size(-1)))


class OneHot(nn.Module):  # type: ignore[misc]  # of torch, which is not typed here
    """1 at the id."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """[…] → […, count]."""
        return functional.one_hot(ids, self.count).float()


class Affine(nn.Module):  # type: ignore[misc]  # as above
    """Times s, plus t."""

    def __init__(self, s: Float32, t: Float32) -> None:
        super().__init__()
        self.s, self.t = nn.Parameter(tensor(s)), nn.Parameter(tensor(t))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[…, I] → […, I]."""
        return x * self.s + self.t


class HardSigmoid(nn.Module):  # type: ignore[misc]  # as above
    """alpha · x + beta, cut to 0 … 1."""

    def __init__(self, alpha: float, beta: float) -> None:
        super().__init__()
        self.alpha, self.beta = alpha, beta

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Elementwise."""
        return torch.clamp(x * self.alpha + self.beta, 0.0, 1.0)


class ScaledTanh(nn.Module):  # type: ignore[misc]  # as above
    """alpha · tanh(beta · x)."""

    def __init__(self, alpha: float, beta: float) -> None:
        super().__init__()
        self.alpha, self.beta = alpha, beta

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Elementwise."""
        return torch.tanh(x * self.beta) * self.alpha


class Add(nn.Module):  # type: ignore[misc]  # as above
    """The sum of its inputs."""

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """One after the other."""
        y = inputs[0]
        for x in inputs[1:]:
            y = y + x
        return y


class Multiply(nn.Module):  # type: ignore[misc]  # as above
    """The product of its inputs, element by element."""

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """One after the other."""
        y = inputs[0]
        for x in inputs[1:]:
            y = y * x
        return y


class Concat(nn.Module):  # type: ignore[misc]  # as above
    """Its inputs side by side."""

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        """Along the features."""
        return torch.cat(inputs, -1)


class LastStep(nn.Module):  # type: ignore[misc]  # as above
    """The last step."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[N, T, I] → [N, I]."""
        return x[:, -1]


class TimeReverse(nn.Module):  # type: ignore[misc]  # as above
    """The steps from the last to the first."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """[N, T, I] → [N, T, I]."""
        return x.flip(1)


GLUE: Final[dict[str, Any]] = {
    "one_hot": OneHot,
    "add": Add,
    "multiply": Multiply,
    "concat": Concat,
    "last_step": LastStep,
    "time_reverse": TimeReverse,
}
