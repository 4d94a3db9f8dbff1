"""tools/resume.py tells a runtime that loses a saved state from one that keeps it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

# Its net adds up what it has read; the mode says what it does wrong.
FAKE = """
import json, sys
mode = sys.argv[1]
for line in sys.stdin:
    request = json.loads(line)
    command, result = request["command"], {}
    if command == "encode":
        result = {"ids": [len(request["text"]) % 7] * 1000}
    if command == "run":
        total = int(request.get("state", {}).get("sum", {}).get("h", {}).get("bits", "0"), 16)
        outputs = []
        for token in request["chunks"][0]["input"][0]:
            total += token
            outputs.append(f"{total:08x}")
        state = {"sum": {"h": {"shape": [1, 1], "bits": f"{total:08x}"}}}
        array = {"shape": [1, len(outputs), 1], "bits": "".join(outputs)}
        result = {"chunks": [{"output": array, "state": state}]}
    if command == "write_state":
        result = {"document": json.dumps(request["state"])}
    if command == "read_state":
        result = {"findings": [], "state": json.loads(request["document"])}
        if mode == "forgets":
            result["state"]["sum"]["h"]["bits"] = "00000000"
    answer = {"seq": request["seq"], "result": result}
    if mode == "refuses" and command == "write_state":
        answer = {"seq": request["seq"], "error": {"message": "no"}}
    print(json.dumps(answer), flush=True)
"""


@pytest.mark.parametrize(("mode", "code"), [("keeps", 0), ("forgets", 1), ("refuses", 1)])
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
    assert ("OTHER BITS" in said) == (mode == "forgets")
    assert ("b answers write_state" in said) == (mode == "refuses")
