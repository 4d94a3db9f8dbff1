"""Run: inputs and a state → outputs and a state (SPEC 14)."""

from collections.abc import Sequence
from typing import Final, overload

import numpy as np
import numpy.typing as npt

from rnnspec.plan import Plan
from rnnspec.run.arguments import (
    GivenState,
    State,
    checked_input,
    checked_probe,
    checked_state,
)
from rnnspec.run.loop import sequence
from rnnspec.run.native import again, on_tape, tape_for, timed
from rnnspec.run.session import Session
from rnnspec.tensor import Float32

_MOST_WHOLE: Final = 1024  # rows of logits that a tape gives at once

__all__ = ["GivenState", "Session", "State", "logits", "run"]


@overload
def run(
    plan: Plan,
    input: npt.ArrayLike,
    lengths: npt.ArrayLike | None = None,
    state: GivenState | None = None,
    probe: None = None,
) -> tuple[Float32, State]: ...
@overload
def run(
    plan: Plan,
    input: npt.ArrayLike,
    lengths: npt.ArrayLike | None = None,
    state: GivenState | None = None,
    *,
    probe: str | Sequence[str],
) -> tuple[Float32, State, dict[str, Float32]]: ...
def run(
    plan: Plan,
    input: npt.ArrayLike,
    lengths: npt.ArrayLike | None = None,
    state: GivenState | None = None,
    probe: str | Sequence[str] | None = None,
) -> tuple[Float32, State] | tuple[Float32, State, dict[str, Float32]]:
    """The output and the state after it, for `input` from `state` (SPEC 14).

    `input` is ids [N, T] or numbers [N, T, size]: lists, or arrays of any real dtype, which are
    copied and rounded to float32. `lengths` gives each row's number of valid steps, [N]; what is
    beyond is not read, and +0 in the output. `state` maps each recurrent layer to its arrays
    [N, size], as a call returned them; without it they are the layers' initial ones.

    The output is float32 [N, T, width], or [N, width] where the net takes time away ([layer-5]).
    With `probe`, names of layers, a third thing comes back: name → what that layer gave, likewise.

    Raises RnnspecError with the first fault ([run-5]): RUN_SHAPE, RUN_LENGTH, RUN_TOKEN,
    RUN_NONFINITE_INPUT, RUN_STATE; RUN_OPTION for a name of no layer ([run-8]); and RUN_NONFINITE if
    the net overflows ([finite-1]).
    """
    if lengths is None and state is None and probe is None:
        found = again(plan, input)
        if found is not None:
            return timed(plan, found[0]), found[1]
    x, valid = checked_input(plan, input, lengths)
    after = checked_state(plan, state, len(valid))
    probed = {} if probe is None else checked_probe(plan, probe)
    if probe is None and (tape := tape_for(plan, lengths, valid)) is not None:
        return timed(plan, on_tape(tape, x, after)), after
    keep = {plan.last, *(stage.place for stage in probed.values())}
    scratch = np.empty(plan.scratch, np.float32)
    values = sequence(plan, x, valid, after, scratch, keep)
    output = values[plan.last]
    if probe is None:
        return output, after
    # Nobody who changes one of them changes another.
    return (
        output,
        after,
        {
            name: values[stage.place].copy() if stage.place == plan.last else values[stage.place]
            for name, stage in probed.items()
        },
    )


def logits(
    plan: Plan,
    input: npt.ArrayLike,
    lengths: npt.ArrayLike | None = None,
    state: GivenState | None = None,
) -> Float32:
    """The output, or what a last softmax or log_softmax reads (SPEC 15). Arguments are those of `run`.

    float32 [N, T, width], or [N, width] where it has no time. Raises what `run` raises.
    """
    x, valid = checked_input(plan, input, lengths)
    after = checked_state(plan, state, len(valid))
    tape = tape_for(plan, lengths, valid)
    # Between the layers a tape keeps as many rows as it does at once: here that is all of them.
    if tape is not None and (valid.size <= _MOST_WHOLE or plan.logits == plan.last):
        return timed(plan, on_tape(tape, x, after, logits=plan.logits != plan.last))
    scratch = np.empty(plan.scratch, np.float32)
    return sequence(plan, x, valid, after, scratch, (plan.logits,))[plan.logits]
