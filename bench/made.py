"""What the parts of the page share: how things are called, and how numbers are written."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from bench.figures import Spread

LANGUAGES: Final = {
    "python": "Python",
    "js": "JavaScript",
    "java": "Java",
    "c": "the kernel in C",
}
PEERS: Final = {
    "onnxruntime": "ONNX Runtime",
    "pytorch": "PyTorch",
    "onnxruntime-web": "ONNX Runtime Web",
    "onnxruntime-node": "onnxruntime-node (native)",
    "tensorflow.js": "TensorFlow.js",
}


@dataclass(frozen=True)
class Bars:
    """A group of bars: what was measured by series, and what was asked for."""

    name: str
    found: Mapping[str, Spread]
    asked: Mapping[str, float]


class Drawing(Protocol):
    """What draws: bench/charts.py, which needs matplotlib."""

    def speed_ups(self, title: str, alt: str, groups: Sequence[Bars]) -> str:
        """An SVG of groups of bars."""

    def against_size(
        self, title: str, alt: str, lines: Mapping[str, Mapping[int, float]], dashed: Sequence[str]
    ) -> str:
        """An SVG of µs per step by hidden size."""


@dataclass
class Page:
    """The text, and the pictures by their file names."""

    draw: Drawing
    text: str = ""
    pictures: dict[str, str] = field(default_factory=dict)


def peer_name(name: str) -> str:
    """For people."""
    return PEERS.get(name, name)


def times_as_fast(value: float, bar: float | None = None) -> str:
    """Two digits behind the point, or two that count; more where those would say that a bar is met that is not."""
    text, digits = f"{value:.2f}" if value >= 0.1 else f"{value:.2g}", 2
    while bar is not None and value < bar <= float(text):
        digits += 1
        text = f"{value:.{digits}f}"
    return text


def spread(found: Spread, bar: float | None = None) -> str:
    """The median, and the least and the greatest where there are several."""
    low, high = times_as_fast(found.low), times_as_fast(found.high)
    middle = times_as_fast(found.median, bar)
    return middle if found.low == found.high else f"{middle} ({low}–{high})"


def number(value: float) -> str:
    """Three digits, as many as such a measurement has."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


def file_name(words: str) -> str:
    """Of a picture: versions are left out, so that the next one replaces it."""
    return "-".join(re.findall(r"[a-z]+", words.lower())) + ".svg"
