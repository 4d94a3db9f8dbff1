"""tools/resume.py tells a runtime that loses a saved state from one that keeps it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

# Its net adds up what it has read; the mode says what it does wrong.
FAKE = """
import json, sys
mode = " ".join(sys.argv[1:])
NAMES = ("h", "h_reverse")
for line in sys.stdin:
    request = json.loads(line)
    command, result = request["command"], {}
    if command == "encode":
        result = {"ids": [len(request["text"]) % 7] * 1000}
    if command == "run":
        state = request.get("state", {}).get("sum", {})
        there, back = (int(state.get(name, {}).get("bits", "0"), 16) for name in NAMES)
        for chunk in request["chunks"]:
            outputs = []
            given = chunk["input"]
            row = given[0] if isinstance(given, list) else [int(given["bits"], 16) % 99] * given["shape"][1]
            for number in row:
                there, back = (there + number) % 2**32, (back + 2 * number) % 2**32
                outputs.append(f"{there:08x}")
        arrays = zip(NAMES, (there, back))
        state = {"sum": {name: {"shape": [1, 1], "bits": f"{v:08x}"} for name, v in arrays}}
        array = {"shape": [1, len(outputs), 1], "bits": "".join(outputs)}
        last = {"code": "RUN_STATE"} if mode == "fails" and "state" in request else {"output": array, "state": state}
        result = {"chunks": [{}] * (len(request["chunks"]) - 1) + [last]}
    if command == "write_state":
        result = {"document": json.dumps(request["state"])}
    if command == "read_state":
        result = {"findings": [], "state": json.loads(request["document"])}
        if mode == "forgets":
            result["state"]["sum"]["h"]["bits"] = "00000000"
        if mode == "forgets the way back":
            result["state"]["sum"]["h_reverse"]["bits"] = "00000000"
    answer = {"seq": request["seq"], "result": result}
    if mode == "refuses" and command == "write_state":
        answer = {"seq": request["seq"], "error": {"message": "no"}}
    print(json.dumps(answer), flush=True)
"""


@pytest.mark.parametrize(
    ("mode", "code"),
    [("keeps", 0), ("forgets", 1), ("forgets the way back", 1), ("refuses", 1), ("fails", 1)],
)
def test_a_lost_state_is_seen(tmp_path: Path, mode: str, code: int) -> None:
    fake = tmp_path / "fake.py"
    fake.write_text(FAKE, "utf-8")
    named = [
        f"{name}={sys.executable} {fake} {kind}" for name, kind in (("a", "keeps"), ("b", mode))
    ]
    done = subprocess.run(
        [sys.executable, "tools/resume.py", *named],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    said = done.stdout + done.stderr
    assert ("OTHER BITS" in said) == mode.startswith("forgets")
    assert ("b fails on" in said) == (mode == "fails")
    assert mode == "fails" or "both ways: saved by" in said or "b answers" in said
    assert ("b answers write_state" in said) == (mode == "refuses")
