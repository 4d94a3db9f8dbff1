"""Passes of `rnnspec run`: chunk by chunk in a session, or over the whole sequences at once."""

from typing import Protocol

import numpy as np
import numpy.typing as npt

from rnnspec import Plan, State, run
from rnnspec.cli.arrays import Numbers

Float32 = npt.NDArray[np.float32]
Lengths = npt.NDArray[np.int64]


class Pass(Protocol):
    """What `Session` has, for forward nets, and `WholePass`."""

    plan: Plan

    def run(self, input: Numbers, lengths: Lengths | None = None) -> Float32:
        """The output of a chunk, [N, t, width] or [N, width]; the state goes on."""
        ...

    def state(self) -> State:
        """The state after it."""
        ...


class WholePass:
    """One call with everything in it: for nets that are not forward ([run-7]), and for probes.

    Raises what `rnnspec.run` raises.
    """

    def __init__(self, plan: Plan, state: State | None, probe: list[str]) -> None:
        self.plan = plan
        self.probed: dict[str, Float32] = {}  # name → [N, T, width] or [N, width]
        self._given = state
        self._probe = probe

    def run(self, input: Numbers, lengths: Lengths | None = None) -> Float32:
        """As the function of the library, which is called once."""
        output, self._state, self.probed = run(
            self.plan, input, lengths, self._given, probe=self._probe
        )
        return output

    def state(self) -> State:
        """The state after the call."""
        return self._state
