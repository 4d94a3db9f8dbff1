"""Charts: SVG that is readable on light and dark pages, with words for those who do not see it.

Matplotlib draws in stand-in colours, which become CSS variables afterwards: the reader's own scheme decides.
"""

import io
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter, NullLocator

from bench.figures import Spread
from bench.made import Bars, times_as_fast

# Stand-in → the variable, on a light page, on a dark one. Series are told apart by marks and dashes too.
COLOURS: Final = {
    "#010101": ("paper", "#ffffff", "#0d1117"),
    "#020202": ("ink", "#1f2328", "#e6edf3"),
    "#030303": ("grid", "#d0d7de", "#3d444d"),
    "#040404": ("bad", "#b3261e", "#ff7b72"),
    "#110000": ("s0", "#0057b8", "#58a6ff"),
    "#120000": ("s1", "#b35900", "#f0a04b"),
    "#130000": ("s2", "#1a7f37", "#56d364"),
    "#140000": ("s3", "#8250df", "#c297ff"),
    "#150000": ("s4", "#6e7781", "#9da7b1"),
    "#160000": ("s5", "#a40e6b", "#ff80c8"),
    "#170000": ("s6", "#006d77", "#4fd1c5"),
    "#180000": ("s7", "#7a4f01", "#d6b35a"),
}
PAPER, INK, GRID, BAD = "#010101", "#020202", "#030303", "#040404"
SERIES: Final = tuple(key for key, (name, *_) in COLOURS.items() if name.startswith("s"))
MARKS: Final = "osD^vPX*"
STYLE: Final = {
    "svg.fonttype": "none",
    "svg.hashsalt": "rnnspec",
    "font.family": "sans-serif",
    "font.size": 11,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "legend.facecolor": PAPER,
    "legend.edgecolor": GRID,
    **dict.fromkeys(
        ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"), INK
    ),
    "grid.color": GRID,
    "axes.grid": True,
    "axes.grid.axis": "both",
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def speed_ups(title: str, alt: str, groups: Sequence[Bars]) -> str:
    """How many times faster than the best peer, with a tick where the bar is; one that is not met says so, in red."""
    series = list(dict.fromkeys(name for group in groups for name in group.found))
    rows = [(group, name) for group in groups for name in series if name in group.found]
    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(9, 0.9 + 0.34 * len(rows) + 0.16 * len(groups)))
        at = 0.0
        places: list[float] = []
        highest = max((group.found[name].high for group, name in rows), default=1.0)
        lowest = min((group.found[name].low for group, name in rows), default=1.0)
        axes.set_xscale("log")
        axes.set_xlim(min(0.5, lowest / 1.15), max(2.0, highest) * 1.9)
        for group in groups:
            begin = at
            for name in (name for name in series if name in group.found):
                _bar(axes, at, group.found[name], group.asked.get(name), series.index(name))
                at += 1
            places.append((begin + at - 1) / 2)
            at += 0.5
        axes.axvline(1, color=INK, linewidth=1.2)
        axes.set_yticks(places, [group.name for group in groups])
        axes.tick_params(axis="y", length=0)
        axes.grid(visible=False, axis="y")
        axes.invert_yaxis()
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}×"))
        ticks = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200]
        low, high = axes.get_xlim()
        axes.set_xticks([tick for tick in ticks if low <= tick <= high])
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlabel("times as fast as the best peer (1× is level, │ the bar that is asked for)")
        handles = [plt.Rectangle((0, 0), 1, 1, color=SERIES[k]) for k in range(len(series))]
        axes.legend(
            handles,
            series,
            loc="lower left",
            bbox_to_anchor=(0, 1),
            ncols=max(1, len(series)),
            frameon=False,
            borderaxespad=0.2,
        )
        axes.set_title(title, loc="left", fontsize=12, pad=28)
        return _svg(figure, title, alt)


def _bar(axes: Any, at: float, found: Spread, asked: float | None, number: int) -> None:
    """One of them, from 1× on."""
    missed = asked is not None and found.median < asked
    left, right = sorted((1.0, found.median))
    axes.barh(at, right - left, left=left, height=0.8, color=SERIES[number])
    axes.plot([found.low, found.high], [at, at], color=INK, linewidth=1)
    if asked is not None:
        axes.plot([asked, asked], [at - 0.45, at + 0.45], color=INK, linewidth=2)
    words = f"{times_as_fast(found.median)}×"
    if missed:
        words += f" not met, bar {asked:g}×"
    end = max(found.high, asked or 0, 1.0)
    axes.text(end * 1.03, at, words, va="center", fontsize=9, color=BAD if missed else INK)


def against_size(
    title: str, alt: str, lines: Mapping[str, Mapping[int, float]], dashed: Sequence[str]
) -> str:
    """µs per step by hidden size, one line each; `dashed` are limits."""
    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(figsize=(9, 6))
        axes.set_xscale("log", base=2)
        axes.set_yscale("log")
        for k, (name, points) in enumerate(lines.items()):
            style = "--" if name in dashed else "-"
            sizes = sorted(points)
            axes.plot(
                sizes,
                [points[size] for size in sizes],
                style,
                color=SERIES[k % len(SERIES)],
                marker=MARKS[k % len(MARKS)],
                markersize=5,
                linewidth=1.6,
                label=name,
            )
        sizes = sorted({size for points in lines.values() for size in points})
        crowded = {size for size in sizes if any(1 < other / size < 1.25 for other in sizes)}
        axes.set_xticks(sizes, ["" if size in crowded else str(size) for size in sizes])
        axes.xaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.set_xlabel("hidden size of two LSTM layers")
        axes.set_ylabel("µs per step, one step a call")
        axes.legend(loc="upper left", fontsize=9)
        axes.set_title(title, loc="left", fontsize=12)
        return _svg(figure, title, alt)


def _svg(figure: Any, title: str, alt: str) -> str:
    """The text of the picture, the same for the same numbers."""
    out = io.StringIO()
    metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    figure.savefig(out, format="svg", bbox_inches="tight", metadata=metadata)
    plt.close(figure)
    text = out.getvalue()
    text = text[text.index("<svg") :]
    for stand_in, (name, *_) in COLOURS.items():
        text = text.replace(stand_in, f"var(--{name})")
    schemes = [
        "".join(f"--{name}:{pair[which]};" for name, *pair in COLOURS.values()) for which in (0, 1)
    ]
    style = f"<style>svg{{{schemes[0]}}}@media (prefers-color-scheme: dark){{svg{{{schemes[1]}}}}}</style>"
    words = f"<title>{escape(title)}</title><desc>{escape(alt)}</desc>"
    text = re.sub(r"<svg([^>]*)>", rf'<svg\1 role="img">{words}{style}', text, count=1)
    # Fonts are asked for in one word, and figures fewer: a smaller file that says the same.
    text = re.sub(r"-?\d+\.\d{3,}", lambda found: f"{float(found[0]):.2f}", text)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"
