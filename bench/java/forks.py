"""Processes of Java: forks of JMH and cold starts, on each path."""

import json
import os
import re
import statistics
import subprocess
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Final

from bench.catalogue import FOLDER, ROOT
from bench.lines import OURS

BUILT: Final = FOLDER / "java"
JAR: Final = ROOT / "java/target/rnnspec.jar"
VECTOR_JAR: Final = ROOT / "java/target/rnnspec-vector.jar"
VECTOR_FLAGS: Final = ("--add-modules", "jdk.incubator.vector")
PEER: Final = "onnxruntime"
JAVA: Final = os.environ.get("JAVA", "java")


@dataclass(frozen=True)
class Pace:
    """How long JMH warms up and measures, in its own words. The Vector API takes the compiler longer."""

    warming: str
    warming_vector: str
    measuring: str

    def words(self, path: str) -> str:
        """For one of our paths, or a peer's."""
        warming = self.warming_vector if path == "vector" else self.warming
        return f"{warming} {self.measuring}"


FULL: Final = Pace("-wi 3 -w 300ms", "-wi 10 -w 500ms", "-i 7 -r 150ms")
SHORT: Final = Pace("-wi 2 -w 200ms", "-wi 5 -w 400ms", "-i 3 -r 100ms")


@dataclass(frozen=True)
class Way:
    """A contender: one of our paths, or a way of the peer."""

    peer: str
    path: str
    contender: str  # its name in Contenders.java
    versions: dict[str, str] = field(default_factory=dict, hash=False, compare=False)


def ways() -> list[Way]:
    """All contenders, our best path first."""
    versions = {PEER: version_of(PEER)}
    return [
        Way(OURS, "vector", "RNNSPEC"),
        Way(OURS, "plain", "RNNSPEC"),
        Way(PEER, "outputs made", "MADE", versions),
        Way(PEER, "outputs given", "GIVEN", versions),
    ]


@cache
def class_path() -> tuple[str, ...]:
    """The dependencies of pom.xml. Raises SystemExit if they were not fetched."""
    file = BUILT / "classpath"
    if not file.exists() or not JAR.exists():
        raise SystemExit("bench: bench/java is not built: make bench-java")
    return tuple(file.read_text().strip().split(os.pathsep))


def version_of(artifact: str) -> str:
    """Of a dependency, from the name of its jar. Raises SystemExit if pom.xml has none of that name."""
    for path in class_path():
        if found := re.fullmatch(rf"{artifact}-([\d.]+)\.jar", Path(path).name):
            return found[1]
    raise SystemExit(f"bench: no {artifact} among the dependencies of bench/java/pom.xml")


@cache
def host() -> str:
    """Such as OpenJDK 17.0.15."""
    done = subprocess.run(
        [JAVA, "-XshowSettings:properties", "-version"],
        capture_output=True,
        text=True,
        check=True,
    )
    version = re.search(r"java\.version = (\S+)", done.stderr)
    name = "OpenJDK" if "OpenJDK" in done.stderr else "Java"
    return f"{name} {version[1] if version else 'of an unknown version'}"


def command(way: Way) -> list[str]:
    """Java with what a path needs."""
    jars = [str(BUILT / "classes"), str(JAR), *class_path()]
    flags = [f"-Dbench.folder={FOLDER}"]
    if way.path == "vector":
        jars.insert(1, str(VECTOR_JAR))
        flags += VECTOR_FLAGS
    return [JAVA, *flags, "-cp", os.pathsep.join(jars)]


def started(way: Way, arguments: list[str]) -> subprocess.CompletedProcess[str]:
    """A process on the way's path."""
    environment = dict(os.environ)
    if way.peer == OURS:
        environment["RNNSPEC_KERNEL"] = way.path
    return subprocess.run(
        [*command(way), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def called(way: Way, arguments: list[str]) -> str:
    """What a process prints. Raises SystemExit with its words if it fails."""
    done = started(way, arguments)
    if done.returncode:
        raise SystemExit(f"bench: {way.peer} ({way.path}) failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def jmh(way: Way, net: str, mode: str, pace: Pace) -> tuple[dict[str, object], str]:
    """One fork of JMH: what it wrote as JSON, and what it printed."""
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "jmh.json"
        names = f"-p net={net} -p mode={mode.upper()} -p contender={way.contender}"
        options = f"-f 1 -foe true -rf json -rff {written} {names} {pace.words(way.path)}"
        words = ["org.openjdk.jmh.Main", "rnnspec.bench.Calls", *options.split()]
        printed = called(way, words)
        if not written.exists() or not (results := json.loads(written.read_text())):
            raise SystemExit(f"bench: JMH gave no result for {way.peer} ({way.path}):\n{printed}")
    result: dict[str, object] = results[0]
    return result, printed


def fork(way: Way, net: str, mode: str, pace: Pace) -> tuple[float, float]:
    """The µs of one call, the median of a fork's iterations, and how far its output was from ours."""
    result, printed = jmh(way, net, mode, pace)
    metric = result["primaryMetric"]
    compared = re.search(r"bench\.compared (\S+)", printed)
    if not isinstance(metric, dict) or not compared:
        raise SystemExit(f"bench: {way.peer} ({way.path}) compared nothing:\n{printed}")
    (iterations,) = metric["rawData"]
    return statistics.median(iterations), float(compared[1])


def allocated(way: Way, net: str, steps: int) -> float:
    """The bytes that a step allocates, over many."""
    return float(called(way, ["rnnspec.bench.Allocation", net, way.contender, str(steps)]))


def cold(way: Way, net: str, dtype: str) -> dict[str, float]:
    """A cold start: ms and MB by fact."""
    ending = "onnx" if way.peer == PEER else "rnn" if dtype == "float32" else f"{dtype}.rnn"
    found: dict[str, float] = json.loads(
        called(way, ["rnnspec.bench.Cold", net, way.contender, ending])
    )
    return found


def missing() -> dict[str, str]:
    """Our paths that are not to be had here, and why."""
    found = {}
    for way in ways():
        if way.peer != OURS:
            continue
        done = started(way, ["rnnspec.bench.Cold", "lstm16", way.contender, "rnn"])
        if done.returncode:
            told = [line for line in done.stderr.splitlines() if not line.startswith("WARNING")]
            found[way.path] = told[0] if told else f"exit status {done.returncode}"
    return found
