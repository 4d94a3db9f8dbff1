"""Records: what one command gave on one day, in bench/results/DATE-NAME.json; JavaScript has two, `js` and `browser`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from bench.catalogue import ROOT
from bench.figures import middle
from bench.lines import LIMIT, OURS, Line, Missing, Time, from_members, members_of

RESULTS: Final = ROOT / "bench/results"
ORDER: Final = ("python", "js", "browser", "java", "c")


@dataclass(frozen=True)
class Record:
    """The lines of one run, and the machine that made them. `versions` are of all that ran."""

    name: str
    machine: dict[str, Any]
    versions: dict[str, str]
    lines: tuple[Line, ...]


def record_of(name: str, machine: dict[str, Any], lines: Sequence[Line]) -> Record:
    """A record, of each peer the fastest way alone, and the versions told once."""
    versions: dict[str, str] = {}
    for line in lines:
        versions |= getattr(line, "versions", {})
    kept = tuple(
        line if isinstance(line, Missing) else replace(line, versions={})
        for line in fastest_ways(lines)
    )
    return Record(name, machine, versions, kept)


def fastest_ways(lines: Sequence[Line]) -> list[Line]:
    """Without the slower ways of a peer to do the same thing."""
    fastest: dict[Any, Time] = {}
    for line in lines:
        if isinstance(line, Time):
            key = _key(line)
            if key not in fastest or middle(line) < middle(fastest[key]):
                fastest[key] = line
    return [line for line in lines if not isinstance(line, Time) or fastest[_key(line)] is line]


def _key(line: Time) -> tuple[Any, ...]:
    way = line.path if line.peer in {OURS, LIMIT} else None
    return line.host, line.peer, way, line.net, line.mode, line.dtype, line.beside


def text_of(record: Record) -> str:
    """The file: a line of the record on each of its lines."""
    head = {"name": record.name, "machine": record.machine, "versions": record.versions}
    top = json.dumps(head, indent=1, ensure_ascii=False).removesuffix("\n}")
    rows = ",\n".join(
        "  " + json.dumps(members_of(line), ensure_ascii=False) for line in record.lines
    )
    return f'{top},\n "lines": [\n{rows}\n ]\n}}\n'


def read(path: Path) -> Record:
    """A record of its file."""
    told = json.loads(path.read_text())
    lines = tuple(from_members(members) for members in told["lines"])
    return Record(told["name"], told["machine"], told["versions"], lines)


def newest(folder: Path = RESULTS) -> list[Record]:
    """The newest record of each name, in the order of the page."""
    found = {}
    for path in sorted(folder.glob("*.json")):  # the names begin with the date
        record = read(path)
        found[record.name] = record
    return [found[name] for name in ORDER if name in found]
