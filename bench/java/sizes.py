"""What the jars weigh."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.java.forks import JAR, PEER, VECTOR_JAR, Way, class_path, host
from bench.lines import OURS, Fact

MB = 1e6


def sizes(ways: Sequence[Way]) -> Iterator[Fact]:
    """One line for each of our paths, and one for the peer."""
    peers = [Path(jar) for jar in class_path() if Path(jar).name.startswith(f"{PEER}-")]
    for way in ways:
        if way.peer != OURS and way.contender != "MADE":
            continue  # the other way of the same jar
        jars = [JAR, *([VECTOR_JAR] if way.path == "vector" else [])] if way.peer == OURS else peers
        yield Fact(
            language="java",
            host=host(),
            peer=way.peer,
            path=way.path if way.peer == OURS else "jar",
            fact="size",
            unit="MB",
            values=(sum(jar.stat().st_size for jar in jars) / MB,),
            versions=way.versions,
        )
