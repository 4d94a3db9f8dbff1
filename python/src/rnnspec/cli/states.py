"""Saved states as files: as all runtimes write them, or as arrays in an .npz."""

import argparse

from rnnspec import Model, RnnspecError, State, load_state, state_to_bytes, structure
from rnnspec.cli.arrays import npz_bytes, read_npz_state
from rnnspec.cli.files import read_bytes, suffix, unsound
from rnnspec.cli.options import limits_of


def add_state(parser: argparse.ArgumentParser, more: str = "") -> None:
    """`--state`."""
    parser.add_argument(
        "--state",
        metavar="S",
        help=f"start from this saved state, as all runtimes write it; or from arrays in an .npz{more}",
    )


def read_state(options: argparse.Namespace) -> State:
    """The state that `--state` names. Raises UsageError, Unsound.

    Whether it fits the model is for the runtime to say.
    """
    if suffix(options.state) == ".npz":
        return read_npz_state(options.state)
    limits = limits_of(options)
    data = read_bytes(options.state, limits.size)
    try:
        return load_state(data, limits, try_anyway=options.try_anyway)
    except RnnspecError as error:
        raise unsound(options.state, data, error, options) from None


def state_bytes(path: str, state: State, model: Model) -> bytes:
    """The file of a state: JSON if its name ends in .json, arrays if in .npz, else msgpack."""
    if suffix(path) == ".npz":
        return npz_bytes(state)
    return state_to_bytes(state, "json" if suffix(path) == ".json" else "msgpack", structure(model))
