"""`rnnspec generate`: primes, ends, and what comes as it goes."""

import json
import os
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import rnnspec
from rnnspec import generate as generate_ids
from rnnspec.vocabulary import decode

from .nets import LETTERS, character_net
from .test_cli import COMMAND, call, process, saved

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    return saved(character_net(), tmp_path / "letters.rnn")


def written(count: int, **arguments: object) -> str:
    plan = rnnspec.compile(character_net())
    ids = list(generate_ids(plan, "abc", count, **arguments))  # type: ignore[arg-type] # as named
    assert plan.model.vocabularies
    return decode(plan.model.vocabularies["letters"], ids)


ARGV = ["--prime", "abc", "--temperature", "4", "--seed", "9"]


@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        (["--top-k", "2"], {"top_k": 2}),
        (["--top-p", "0.5"], {"top_p": 0.5}),
        (["--top-k", "3", "--top-p", "0.9"], {"top_k": 3, "top_p": 0.9}),
    ],
)
def test_top_k_and_top_p(
    options: list[str], arguments: dict[str, object], letters: Path, capsys: Capture
) -> None:
    expected = written(40, mode="sample", temperature=4.0, seed=9, **arguments)
    assert expected != written(40, mode="sample", temperature=4.0, seed=9)
    argv = ["generate", letters, *ARGV, "--count", "40", *options]
    assert call(capsys, *argv) == (0, expected + "\n", "")


@pytest.mark.parametrize("option", ["--top-k=0", "--top-p=0", "--top-p=nan", "--top-k=4294967296"])
def test_top_k_and_top_p_out_of_range(option: str, letters: Path, capsys: Capture) -> None:
    code, out, err = call(capsys, "generate", letters, *ARGV, option)
    assert (code, out) == (2, "")
    assert err.startswith(f"{option.partition('=')[0]}: error RUN_OPTION: ")


def test_prime_file(letters: Path, tmp_path: Path, capsys: Capture) -> None:
    prime = tmp_path / "prime.txt"
    prime.write_text("abc")
    argv = ["generate", letters, "--count", "20", "--temperature", "4", "--seed", "9"]
    text = written(20, mode="sample", temperature=4.0, seed=9)
    assert call(capsys, *argv, "--prime-file", prime)[1] == text + "\n"
    assert process(*argv, "--prime-file", "-", input=b"abc").stdout.decode() == text + "\n"
    prime.write_text("abc\n")  # as it is
    code, _, err = call(capsys, *argv, "--prime-file", prime)
    assert code == 2
    assert "RUN_TEXT" in err
    prime.write_bytes(b"ab\xff")
    code, _, err = call(capsys, *argv, "--prime-file", prime)
    assert (code, err) == (
        2,
        f"rnnspec: can't read {prime} as a prime: it is no UTF-8, at byte 2\n",
    )
    assert call(capsys, *argv, "--prime-file", prime, "--prime", "a")[0] == 2
    assert call(capsys, "generate", "-", "--prime-file", "-")[0] == 2


def test_greedy_draws_nothing(letters: Path, capsys: Capture) -> None:
    for option in (["--temperature", "1"], ["--top-k", "2"], ["--top-p", "0.5"]):
        code, _, err = call(capsys, "generate", letters, "--prime", "a", "--greedy", *option)
        assert code == 2
        assert "--greedy draws nothing" in err


def test_until(letters: Path, capsys: Capture) -> None:
    whole = written(200, mode="sample", temperature=4.0, seed=9)
    for end in (whole[0], whole[3:6], whole[50:55], whole[0] * 2 + whole[1]):
        expected = whole[: whole.find(end) + len(end)] if end in whole else whole
        argv = ["generate", letters, *ARGV, "--count", "200", "--until", end]
        assert call(capsys, *argv)[1] == expected + "\n"
        found = json.loads(call(capsys, *argv, "--format", "json")[1])
        assert (found["text"], len(found["ids"])) == (expected, len(expected))
    assert call(capsys, "generate", letters, *ARGV, "--until", "")[0] == 2


def test_until_across_tokens(tmp_path: Path, capsys: Capture) -> None:
    """Tokens of several characters: the end may begin in one and end within another."""
    model = character_net()
    tokens = ("ab", "ba", "c.", ". ", "d", "e", "f")
    words = rnnspec.Vocabulary(unit="token", tokens=tokens)
    path = saved(
        rnnspec.Model(**{**vars(model), "vocabularies": {"letters": words}}), tmp_path / "w.rnn"
    )
    argv = ["generate", path, "--prime", "d", "--temperature", "8", "--seed", "3", "--count", "300"]
    whole = call(capsys, *argv)[1].rstrip("\n")
    for end in ("ba.", "b. ", ". a", "abab", "b"):
        assert end in whole
        expected = whole[: whole.find(end) + len(end)]
        assert call(capsys, *argv, "--until", end)[1] == expected + "\n"


def test_bytes_are_put_together(tmp_path: Path, capsys: Capture) -> None:
    """[vocabulary-5]: half a character is not printed."""
    model = character_net()
    tokens = (0xC3, 0xA9, 0xE2, 0x82, 0xAC, 0x61, 0x62)
    some = rnnspec.Vocabulary(unit="byte", tokens=tokens)
    path = saved(
        rnnspec.Model(**{**vars(model), "vocabularies": {"letters": some}}), tmp_path / "b.rnn"
    )
    argv = ["generate", path, "--prime", "a", "--temperature", "8", "--seed", "3", "--count", "200"]
    found = json.loads(call(capsys, *argv, "--format", "json")[1])
    raw = bytes(tokens[token] for token in found["ids"])
    assert found["text"] == raw.decode("utf-8", "replace")
    assert "\u00e9" in found["text"]
    assert "\ufffd" in found["text"]
    assert call(capsys, *argv)[1] == found["text"] + "\n"


def test_it_prints_as_it_goes(letters: Path) -> None:
    """Less than a buffer of text: it comes long before the end, or all at once."""
    argv = [*COMMAND, "generate", str(letters), *ARGV, "--count", "8000"]
    env = {**os.environ, "PYTHONUNBUFFERED": ""}
    with subprocess.Popen(argv, stdout=subprocess.PIPE, env=env) as running:
        assert running.stdout
        first = running.stdout.read(20)
        began = time.monotonic()
        rest = running.stdout.read()
        took = time.monotonic() - began
        assert running.wait(60) == 0
    assert (first + rest[:20]).decode() == written(40, mode="sample", temperature=4.0, seed=9)
    assert took > 0.1  # 8,000 steps


@pytest.mark.parametrize("start", [None, 3])
def test_a_state_to_start_from(start: int | None, tmp_path: Path, capsys: Capture) -> None:
    """[decode-5]: `start` is fed where the prime is empty or no state is given."""
    model = character_net(seed=3)
    letters = rnnspec.Vocabulary(unit="codepoint", tokens=LETTERS, start=start)
    # With large weights every beginning shows: no two of those below write the same.
    large = {name: rnnspec.Tensor(t.values * np.float32(6)) for name, t in model.tensors.items()}
    model = replace(model, vocabularies={"letters": letters}, tensors=large)
    path = saved(model, tmp_path / "a.rnn")
    plan = rnnspec.compile(model)
    _, state = rnnspec.run(plan, [[0, 5, 5, 2]])
    rnnspec.save_state(state, tmp_path / "s.rnn")

    def greedy(fed: list[int], state: rnnspec.State | None) -> list[int]:
        """Step by step, with the function for whole sequences."""
        ids: list[int] = []
        while len(ids) < 12:
            y, state = rnnspec.run(plan, [fed], state=state)
            ids.append(int(y[0, -1].argmax()))
            fed = ids[-1:]
        return ids

    first = [] if start is None else [start]
    argv = ["generate", path, "--greedy", "--count", "12", "--format", "json"]
    given = ["--state", tmp_path / "s.rnn"]

    def written_ids(*more: object) -> list[int]:
        code, out, _ = call(capsys, *argv, *more)
        assert code == 0
        found: list[int] = json.loads(out)["ids"]
        return found

    assert written_ids("--prime", "ab") == greedy([*first, 0, 1], None)
    assert written_ids("--prime", "ab", *given) == greedy([0, 1], state)
    assert greedy([0, 1], state) != greedy([*first, 0, 1], None)
    if start is not None:
        assert written_ids(*given) == greedy(first, state)
    else:
        code, out, err = call(capsys, *argv, *given)
        assert (code, out, err.startswith("--prime: error RUN_PRIME: ")) == (2, "", True)


def test_a_state_that_does_not_fit(letters: Path, tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "s.rnn"
    _, two = rnnspec.run(rnnspec.compile(character_net()), [[0], [1]])
    rnnspec.save_state(two, path)
    code, out, err = call(capsys, "generate", letters, "--prime", "a", "--state", path)
    assert (code, out.strip()) == (2, "")
    assert err.startswith(f"--state {path}: error RUN_STATE: ")
    assert call(capsys, "generate", letters, "--prime", "a", "--state", tmp_path / "no")[0] == 2
    assert process("generate", "-", "--state", "-", input=b"").returncode == 2
