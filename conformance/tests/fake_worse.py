"""The fake of fake.py with the worse manners: `fake_worse.py ANSWERS.json MODE`.

It behaves up to the case BAD_AT of each process, counted from 1, and then does what MODE says; `always` ones at once.
"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from fake import GREETING, say  # type: ignore[import-not-found]  # beside this script, where it runs

BAD_AT = 2  # the first case is answered well, so that there is one before
MEBIBYTE = 1 << 20


def misbehave(mode: str, seq: int, answer: dict[str, Any], before: dict[str, Any]) -> None:
    match mode:
        case "crash":
            os._exit(3)
        case "hang":
            time.sleep(60)
        case "twice":
            print(json.dumps({"seq": seq, **answer}) + "\n" + json.dumps({"seq": seq, **answer}))
            sys.stdout.flush()
        case "twice-otherwise":
            say(seq, **answer)
            say(seq, error={"message": "on second thoughts"})
        case "noise-after":
            print(json.dumps({"seq": seq, **answer}) + "\ndone!", flush=True)
            time.sleep(0.2)
        case "seq-before":
            say(seq - 1, **answer)
        case "seq-before-and-its-numbers":
            say(seq - 1, **before)
        case "late-by-one":
            say(seq, **before)
        case "closes":
            sys.stdout.flush()
            os.close(1)
            time.sleep(60)
        case "closes-in-line":
            sys.stdout.write('{"seq": ')
            sys.stdout.flush()
            os.close(1)
            time.sleep(60)
        case "endless":
            sys.stdout.write("x" * (3 * MEBIBYTE))
            sys.stdout.flush()
            time.sleep(60)
        case "floods":
            while True:
                print("x" * 1000)
        case "half":
            sys.stdout.write("x" * 100)
            sys.stdout.flush()
            time.sleep(60)
        case "ends-after":
            say(seq, **answer)
            sys.exit(0)
        case "deep":
            print("[" * 100_000, flush=True)
        case "deep-enough":
            deep = '{"a": ' * 300 + "1" + "}" * 300
            print(f'{{"seq": {seq}, "result": {deep}}}', flush=True)
        case "nan":
            say(seq, result={"chunks": float("nan")})
        case "skips":
            say(seq, skipped={"feature": "json"})
        case "killed":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "orphan":  # it holds our pipes, and we are gone
            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
            os._exit(5)
        case "stderr-flood":
            for _ in range(200):
                os.write(2, b"x" * 99_999 + b"\n")
            say(seq, **answer)
        case "stderr-flood-crash":
            for _ in range(50):
                os.write(2, b"x" * 99_999 + b"\n")
            sys.exit("the end of it")
        case "stderr-without-end":
            while True:
                os.write(2, b"x" * 99_999 + b"\n")
        case "two-bytes-at-the-end":
            sys.stdout.buffer.write(json.dumps({"seq": seq, **answer}).encode() + b"\r\n")
            sys.stdout.flush()
        case "byte-order-mark":
            sys.stdout.buffer.write(b"\xef\xbb\xbf")
            say(seq, **answer)
        case "empty-line":
            print(flush=True)
            say(seq, **answer)
        case "member-twice":
            text = json.dumps({"seq": seq, **answer})
            print(text[:-1] + ', "result": {}}', flush=True)
        case "seq-text":
            print(json.dumps({"seq": str(seq), **answer}), flush=True)
        case "chunk-missing":
            say(seq, result={"chunks": []})
        case "chunk-twice":
            say(seq, result={"chunks": 2 * answer["result"]["chunks"]})
        case "shape-fraction" | "decimals" | "last-bit" | "nan-bits" | "shape-turned":
            say(seq, **other_array(mode, answer))
        case _:
            say(seq, **answer)


def other_array(mode: str, answer: dict[str, Any]) -> dict[str, Any]:
    """The answer with an output that is not what it should be."""
    chunk = answer["result"]["chunks"][0]
    shape, bits = chunk["output"]["shape"], chunk["output"]["bits"]
    output = {
        "shape-fraction": {"shape": [shape[0], shape[1] + 0.5, 1], "bits": bits},
        "shape-turned": {"shape": shape[::-1][:1] + shape[:2], "bits": bits},
        "decimals": {"shape": shape, "data": [8.0, -10.0, 12.0]},
        "last-bit": {"shape": shape, "bits": f"{bits[:-1]}{int(bits[-1], 16) ^ 1:x}"},
        "nan-bits": {"shape": shape, "bits": "7fc00000" + bits[8:]},
    }[mode]
    return {"result": {"chunks": [chunk | {"output": output}]}}


def main() -> None:
    answers = [tuple(pair) for pair in json.loads(Path(sys.argv[1]).read_text())]
    mode = sys.argv[2]
    if mode == "with-child":  # it holds our pipes, and does not end with us
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"])
        Path(sys.argv[1]).with_name(f"child-{child.pid}").touch()
        mode = "hang"
    if mode == "once" and Path(sys.argv[1]).with_name("started").exists():
        sys.exit("no second time")
    Path(sys.argv[1]).with_name("started").touch()
    mode = "crash" if mode == "once" else mode
    if mode == "starts-slowly":
        time.sleep(0.5)
    count = 0
    before: dict[str, Any] = {}
    for line in sys.stdin:
        request = json.loads(line)
        seq = request.pop("seq")
        if request["command"] == "start":
            say(seq, result=GREETING)
            if mode == "start-twice":
                say(seq, result=GREETING)
                time.sleep(0.2)
        elif request["command"] == "stop":
            say(seq, result={})
            return
        else:
            count += 1
            answer = next(answer for known, answer in answers if known == request)
            bad = mode.startswith("always-") or count == BAD_AT
            misbehave(mode.removeprefix("always-") if bad else "right", seq, answer, before)
            before = answer


if __name__ == "__main__":
    main()
