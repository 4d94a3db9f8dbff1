"""The parts of docs/speed.md that put languages side by side: the hidden size, the memory limit, load and sizes."""

from collections.abc import Sequence
from typing import Final

from bench.catalogue import NETS
from bench.figures import Spread, beside, best_paths, middle, ours_among
from bench.lines import LIMIT, OURS, Fact, Time, facts_of
from bench.made import LANGUAGES, Page, file_name, number, peer_name, spread
from bench.record import Record

WITHIN: Final = {"c": 1.25, "simd128": 2.5}  # times the memory limit, one step at a time
LIMITED: Final = ("lstm128", "lstm300", "lstm512", "gru128")


def sizes(made: Page, times: Sequence[Time]) -> None:
    """µs a step against the hidden size: each host's best path and its peers, beside the kernel alone and the memory limit."""
    times = [line for line in times if _is_swept(line)]
    hosts = dict.fromkeys((line.language, line.host) for line in best_paths(times))
    for language, host in hosts:
        mine = [
            line for line in best_paths(times) if (line.language, line.host) == (language, host)
        ]
        lines: dict[str, dict[int, float]] = {}
        for line in (
            *_native(times),
            *mine,
            *(peer for ours in mine for peer in beside(ours, times)),
        ):
            lines.setdefault(_name(line), {})[NETS[line.net].hidden] = middle(line)
        lines = {name: points for name, points in lines.items() if len(points) > 1}
        if len(lines) > 1:
            _plot(made, f"{LANGUAGES[language]}, {host}", lines)


def _plot(made: Page, where: str, lines: dict[str, dict[int, float]]) -> None:
    """A chart, and the same as a table."""
    title = f"{where}: one step of two LSTM layers against their hidden size"
    all_sizes = sorted({size for points in lines.values() for size in points})
    alt = f"{title}, in µs. " + "; ".join(
        f"{name}: " + ", ".join(f"{number(points[size])} at {size}" for size in sorted(points))
        for name, points in lines.items()
    )
    limits = [name for name in lines if name.startswith(LIMIT)]
    name = "sizes-" + file_name(where)
    made.pictures[name] = made.draw.against_size(title, alt, lines, limits)
    made.text += f"\n## Against the hidden size: {where}\n\n![{alt}](speed/{name})\n\n"
    made.text += "| µs per step, hidden size | " + " | ".join(map(str, all_sizes)) + " |\n"
    made.text += "|---|" + "---:|" * len(all_sizes) + "\n"
    for who, points in lines.items():
        cells = [number(points[size]) if size in points else "–" for size in all_sizes]
        made.text += f"| {who} | " + " | ".join(cells) + " |\n"


def _is_swept(line: Time) -> bool:
    """Whether a line is of the nets that differ in the hidden size alone."""
    net = NETS[line.net]
    family = (net.kind, net.layers, net.text) == ("lstm", 2, True)
    return family and (line.mode, line.dtype) == ("step", "float32")


def _name(line: Time) -> str:
    if line.peer == LIMIT:
        return f"{LIMIT}, {line.path}"
    if line.language == "c":
        return f"the kernel in C alone, {line.path}"
    return f"rnnspec, {line.path}" if line.peer == OURS else peer_name(line.peer)


def _native(times: Sequence[Time]) -> list[Time]:
    """The limit and the kernel's own lines, of the best level."""
    mine = [line for line in times if line.language == "c"]
    return [line for line in mine if line.path == mine[0].path]


def kernel_and_limit(made: Page, times: Sequence[Time]) -> None:
    """The kernel beside the memory limit of the same run, and WebAssembly beside the native limit of its record."""
    found = limits(times)
    if not found:
        return
    made.text += "\n## The kernel and the memory limit\n\n"
    made.text += "How long one step of the kernel takes, in times of what reading the weights once takes on the same processor (weights in float32).\n\n"
    made.text += "| path | net | times the limit | |\n|---|---|---:|---|\n"
    for name, net, by, within in found:
        verdict = _verdict(by.median, within)
        made.text += f"| {name} | {net} | {spread(by)} | {verdict} |\n"


def _verdict(times: float, within: float) -> str:
    if times < READABLE:
        return "not judged: nothing is faster than its own reading, so others used the memory when the limit was read"
    return f"within {within:g}: met" if times <= within else f"**within {within:g}: NOT MET**"


def limits(times: Sequence[Time]) -> list[tuple[str, str, Spread, float]]:
    """Path, net, how many times the limit, and how many there may be."""
    found = []
    by_path: dict[tuple[str, str], Time] = {
        (line.path, line.net): line
        for line in times
        if (line.peer, line.mode, line.dtype) == (LIMIT, "step", "float32")
    }
    for line in ours_among(times):
        if line.mode != "step" or line.dtype != "float32" or line.net not in LIMITED:
            continue
        if line.language == "c" and (line.path, line.net) in by_path:
            over = _over(line, by_path[line.path, line.net])
            found.append((f"C, {line.path}", line.net, over, WITHIN["c"]))
        elif line.path == "simd128":
            native = [limit for (_, net), limit in by_path.items() if net == line.net]
            if native:
                share = middle(line) / min(middle(limit) for limit in native)
                spread = Spread(share, share, share)
                found.append((f"WebAssembly, {line.host}", line.net, spread, WITHIN["simd128"]))
    return found


def _over(line: Time, limit: Time) -> Spread:
    """How many times the limit a line is, process by process."""
    pairs = zip(line.us_per_step, limit.us_per_step, strict=True)
    return Spread.of([us / least for us, least in pairs])


READABLE: Final = 0.95  # times the limit; what is below can't be so

FACTS: Final = {
    "load": "from the bytes of the file to a session that is ready, imports done",
    "first": "from the bytes of the file to the first output, imports done",
    "start": "a new process: import, load of the file, first output",
    "memory": "the most resident memory of that process",
    "allocation": "what is allocated for a step, over 10^6 of them",
    "size": "installed or downloaded, with all it needs; PyTorch with the libraries for graphics cards that its package for Linux brings",
}
# Of our best path: language, fact, net, dtype → what it may be at most.
MOST: Final = {
    ("python", "start", "lstm300", "float16"): 150.0,
    ("js", "first", "lstm300", "float16"): 50.0,
}


def facts(made: Page, record: Record) -> None:
    """Load, start, memory, sizes."""
    found = facts_of(record.lines)
    for language, host in dict.fromkeys((fact.language, fact.host) for fact in found):
        mine = [fact for fact in found if (fact.language, fact.host) == (language, host)]
        made.text += f"\n## Load, memory, size: {LANGUAGES[language]}, {host}\n\n"
        names = [name for name in FACTS if any(fact.fact == name for fact in mine)]
        made.text += "".join(f"- {name}: {FACTS[name]}.\n" for name in names)
        made.text += "\n| | net | file | who | median | least to greatest | |\n|---|---|---|---|---:|---:|---|\n"
        best = next((fact.path for fact in mine if fact.peer == OURS and fact.net), "")
        for fact in sorted(mine, key=lambda fact: names.index(fact.fact)):
            made.text += f"| {' | '.join(_cells(fact, best))} |\n"


def _cells(fact: Fact, best: str) -> tuple[str, ...]:
    by = Spread.of(fact.values)
    most = MOST.get((fact.language, fact.fact, fact.net or "", fact.dtype or ""))
    verdict = ""
    if most is not None and (fact.peer, fact.path) == (OURS, best):
        verdict = f"≤ {most:g} met" if by.median <= most else f"**≤ {most:g} NOT MET**"
    who = ", ".join(part for part in (peer_name(fact.peer), fact.path) if part)
    spread_of = f"{number(by.low)} to {number(by.high)}" if len(fact.values) > 1 else ""
    middle_of = f"{number(by.median)} {fact.unit}"
    return fact.fact, fact.net or "", fact.dtype or "", who, middle_of, spread_of, verdict
