"""Advice: what is allowed, and still looks like a mistake. None of it is part of SPEC.md.

Each finding is proved, not guessed: a unit is called dead or a gate stuck only if no input can
change it. What a caller's own state could do is left aside: it may hold any number.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from rnnspec import Issue, codes
from rnnspec.cli.dead_units import Units, dead_units
from rnnspec.cli.net import Layer, Roles, net_of
from rnnspec.cli.stuck_gates import stuck_gates
from rnnspec.issue import child, issue, quoted
from rnnspec.layout import REVERSE
from rnnspec.tensor import TINY
from rnnspec.validate import Reading

HUGE: Final = 10_000.0

_SHOWN: Final = 3
# Shifting by nothing, and starting from nothing, are ordinary.
_OFTEN_ZERO: Final = frozenset({"t", "beta", "h0", "c0"})


def advice(reading: Reading) -> list[Issue]:
    """What a sound document would better be without."""
    net = net_of(reading)
    found: list[Issue] = []
    if "license" not in reading.document:
        found.append(issue(codes.ADVICE_LICENSE, "/license"))
    dead: dict[int, list[str]] = {}
    for k, what, units, names in dead_units(net):
        dead.setdefault(k, []).append(f"{_counted(units, names)} {what}")
    for k, layer in enumerate(net.layers):
        found += _about_tensors(layer, net.roles[k])
        if k in dead:
            found.append(_about_layer(codes.ADVICE_DEAD_UNITS, k, layer, " and ".join(dead[k])))
    for k, gates, names in stuck_gates(net):
        got = f"{_counted(gates, names)} stuck"
        found.append(_about_layer(codes.ADVICE_SATURATED_UNITS, k, net.layers[k], got))
    return found


def _about_layer(code: codes.Code, k: int, layer: Layer, got: str) -> Issue:
    return issue(code, f"/layers/{k}", name=quoted(layer["name"]), got=got)


def _about_tensors(layer: Layer, roles: Roles) -> Iterator[Issue]:
    for role, array in roles.items():
        tensor = layer["parameters"][role]
        place, name = child("/tensors", tensor), quoted(tensor)
        lowest, highest = float(array.min()), float(array.max())
        if max(-lowest, highest) < TINY:
            if role.removesuffix(REVERSE) not in _OFTEN_ZERO:
                of = f"{role} of {quoted(layer['name'])}"
                yield issue(codes.ADVICE_ZERO, place, name=name, expected=of)
        elif max(-lowest, highest) > HUGE and layer["type"] != "affine":  # which is made to scale
            flat = array.reshape(-1)
            beyond = (flat > HUGE) | (flat < -HUGE)
            largest = max(lowest, highest, key=abs)
            got = f"{_counted(beyond)}; the farthest is {largest:.3g}"
            yield issue(codes.ADVICE_HUGE, place, name=name, limit=f"{HUGE:,.0f}", got=got)


def _counted(units: Units, names: Sequence[str] | None = None) -> str:
    """`12 of 64 (3, 5, 9, ...)`."""
    indexes = np.flatnonzero(units)
    first = [names[k] if names else str(k) for k in indexes[:_SHOWN].tolist()]
    more = ", ..." if len(indexes) > _SHOWN else ""
    return f"{len(indexes):,} of {len(units):,} ({', '.join(first)}{more})"
