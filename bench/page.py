"""The page docs/speed.md and its charts, from records."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from bench.bars import COLUMNS, Judged, judged
from bench.catalogue import NETS
from bench.figures import Spread, beside, best, best_paths, middle, ours_among
from bench.lines import LIMIT, OURS, Missing, Time, times_of
from bench.made import (
    LANGUAGES,
    Bars,
    Drawing,
    Page,
    file_name,
    number,
    peer_name,
    spread,
    times_as_fast,
)
from bench.page_sides import facts, kernel_and_limit, sizes
from bench.record import Record

MODES: Final = {
    "step": "one step a call",
    "whole": "1,000 steps",
    "block": "blocks of 128",
    "batch": "32 × 100",
}

HEAD = """\
# Speed

Written by `make bench` from the records in [bench/results](../bench/results). What is measured and how stands in
[bench/README.md](../bench/README.md): the same weights for all, outputs compared first, one thread, peer and ours in turns in one process (in Java in processes
that take turns), {processes}. Each peer is used in the fastest way of its public interface that we know. A speed-up is how many times as fast we are as the peer:
below 1 the peer leads. In brackets the least and the greatest of the processes.

{machines}

## In short

{short}

## Where a peer leads

{leads}
"""


def page(records: Sequence[Record], draw: Drawing) -> Page:
    """All of it. Raises ValueError without a record."""
    if not records:
        raise ValueError("there is no record to make a page of")
    made = Page(draw)
    times = [line for record in records for line in times_of(record.lines)]
    bars = judged(times)
    made.text = HEAD.format(
        processes=_processes(times),
        machines="\n".join(_machine(record) for record in records),
        short="\n".join(_short(bars)),
        leads="\n".join(_leads(times)),
    )
    for record in records:
        if record.name != "c":
            _language(made, record, bars)
    sizes(made, times)
    kernel_and_limit(made, times)
    for record in records:
        facts(made, record)
    made.text = re.sub(r"\n{3,}", "\n\n", made.text).rstrip() + "\n"
    return made


def _processes(times: Sequence[Time]) -> str:
    counts = sorted({len(line.us_per_step) for line in times})
    if not counts:
        return "no times"
    told = " or ".join(f"{count}" for count in counts)
    return f"medians of {told} process{'es' if counts != [1] else ', a taste and no result'}"


def _machine(record: Record) -> str:
    told = record.machine
    caches = ", ".join(f"{name} {size}" for name, size in told["caches"].items())
    versions = ", ".join(f"{name} {version}" for name, version in record.versions.items())
    load = f" Load when it began: {told['load']}." if told.get("load") is not None else ""
    return (
        f"- **{_title(record)}**, {told['date']}: {told['processor']} ({told['family']}; {' '.join(told['instructions'])}; {caches}), "
        f"{told['system']}. {versions}.{load}"
    )


def _title(record: Record) -> str:
    """The languages and hosts of a record."""
    pairs = dict.fromkeys((line.language, line.host) for line in record.lines)
    return ", ".join(f"{LANGUAGES[language]} in {host}" for language, host in pairs)


# --- bars ---------------------------------------------------------------------------------------------------


def _short(bars: Sequence[Judged]) -> Iterable[str]:
    """One line for each row of bars, and what is not met by name."""
    asked: dict[str, list[Judged]] = {}
    for one in bars:
        if one.bar is not None:
            asked.setdefault(one.name, []).append(one)
    if not asked:
        yield "No bar was measured."
    for name, ones in asked.items():
        missed = [one for one in ones if not one.is_met]
        told = "; ".join(f"{_column(one)} {_got(one)}, asked {one.bar:g}" for one in missed)
        yield f"- {name}: {len(ones) - len(missed)} of {len(ones)} bars met." + (
            f" **Not met: {told}.**" if missed else ""
        )


def _column(one: Judged) -> str:
    return f"{one.column[0]} {one.column[1]}"


def _got(one: Judged) -> str:
    return times_as_fast(one.found.by.median, one.bar) if one.found else "not measured"


def _leads(times: Sequence[Time]) -> Iterable[str]:
    """Every place where a peer is faster than the best path of ours."""
    found = []
    for ours in best_paths(times):
        fastest = best(ours, times)
        if fastest is not None and fastest.by.median < 1:
            kind = "native, " if fastest.peer.native and ours.language != "python" else ""
            found.append(
                f"- {LANGUAGES[ours.language]}, {ours.host}, {ours.net}, {MODES[ours.mode]}, {ours.dtype} file: **{peer_name(fastest.peer.peer)}** "
                f"({kind}{fastest.peer.path}) is {1 / fastest.by.median:.2f} times as fast as we are on the path {ours.path}."
            )
    return found or ["Nowhere, among what was measured."]


# --- a language -----------------------------------------------------------------------------------------------


def _language(made: Page, record: Record, bars: Sequence[Judged]) -> None:
    """Bars, a chart and all times, for each host."""
    times = times_of(record.lines)
    missing = [line for line in record.lines if isinstance(line, Missing)]
    for language, host in dict.fromkeys((line.language, line.host) for line in times):
        here = [line for line in times if line.host == host]
        made.text += f"\n## {LANGUAGES[language]}: {host}\n\n"
        for line in missing:
            if line.host == host:
                made.text += f"Not measured: the path `{line.path}` ({line.missing}).\n\n"
        made.text += _bar_table(
            [one for one in bars if one.host == host and one.row.language == language]
        )
        _chart(made, language, host, here, bars)
        made.text += _time_table(here)


def _bar_table(bars: Sequence[Judged]) -> str:
    """A row for each row of bars: the speed-up, and whether it is what was asked."""
    if not bars:
        return ""
    lines = [
        "| speed-up over the best peer | "
        + " | ".join(f"{mode} {net}" for mode, net in COLUMNS)
        + " |"
    ]
    lines.append("|---|" + "---|" * len(COLUMNS))
    for name in dict.fromkeys(one.name for one in bars):
        cells = [_cell(one) for one in bars if one.name == name]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n\n"


def _cell(one: Judged) -> str:
    got = spread(one.found.by, one.bar) if one.found else "not measured"
    if one.bar is None:
        return got
    return f"{got}, ≥ {one.bar:g} met" if one.is_met else f"**{got}, ≥ {one.bar:g} NOT MET**"


def _chart(
    made: Page, language: str, host: str, times: Sequence[Time], bars: Sequence[Judged]
) -> None:
    """The speed-ups of the best path, both files, with the bars: a picture for each choice of peers that has bars."""
    mine = [one for one in bars if one.host == host and one.row.language == language]
    for peers in dict.fromkeys(one.row.peers for one in mine) or [()]:
        among = [one for one in mine if one.row.peers == peers]
        _chart_over(made, f"{LANGUAGES[language]}, {host}", peers, times, among)


def _chart_over(
    made: Page, where: str, peers: Sequence[str], times: Sequence[Time], bars: Sequence[Judged]
) -> None:
    """The speed-ups over the fastest of these peers, or of all if none is named."""
    asked = {
        (one.found.ours.path, one.row.dtype, one.column): one.bar
        for one in bars
        if one.bar is not None and one.found is not None
    }
    groups: dict[tuple[str, str], tuple[dict[str, Spread], dict[str, float]]] = {}
    for ours in best_paths(times):
        if NETS[ours.net].swept or (found := best(ours, times, peers)) is None:
            continue
        spreads, wanted = groups.setdefault((ours.mode, ours.net), ({}, {}))
        name = f"{ours.dtype} file, {ours.path}"
        spreads[name] = found.by
        bar = asked.get((ours.path, ours.dtype, (ours.mode, ours.net)))
        if bar is not None:
            wanted[name] = bar
    if not groups:
        return
    shown = [Bars(f"{net}, {MODES[mode]}", *pair) for (mode, net), pair in groups.items()]
    rivals = " and ".join(map(peer_name, peers)) or "the best peer"
    name = file_name(" ".join([where, *peers]))
    title = f"{where}: how many times as fast as {rivals}"
    alt = title + ". " + "; ".join(
        f"{group.name}: " + ", ".join(
            f"{found.median:.2f} ({series}{f', bar {group.asked[series]:g}' if series in group.asked else ''})"
            for series, found in group.found.items()
        )
        for group in shown
    )  # fmt: skip
    made.pictures[name] = made.draw.speed_ups(title, alt, shown)
    made.text += f"![{alt}](speed/{name})\n\n"


def _time_table(times: Sequence[Time]) -> str:
    """µs a step, ours on every path, and each peer's beside the best path."""
    mine = [line for line in ours_among(times) if not NETS[line.net].swept]
    paths = list(dict.fromkeys((line.path, line.dtype) for line in mine))
    peers = list(dict.fromkeys(line.peer for line in times if line.peer not in {OURS, LIMIT}))
    head = [f"{path}, {dtype}" for path, dtype in paths] + [peer_name(peer) for peer in peers]
    lines = ["µs for one step of one row:\n"]
    lines.append("| net | mode | " + " | ".join(head) + " |")
    lines.append("|---|---|" + "---:|" * len(head))
    for net, mode in dict.fromkeys((line.net, line.mode) for line in mine):
        row = {
            (line.path, line.dtype): line for line in mine if (line.net, line.mode) == (net, mode)
        }
        cells = [_us(row.get(path)) for path in paths]
        near = {line.peer: line for line in beside(next(iter(row.values())), times)}
        cells += [_us(near.get(peer), way=True) for peer in peers]
        lines.append(f"| {net} | {MODES[mode]} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n\n"


def _us(line: Time | None, *, way: bool = False) -> str:
    if line is None:
        return "–"
    return number(middle(line)) + (f" ({line.path})" if way else "")
