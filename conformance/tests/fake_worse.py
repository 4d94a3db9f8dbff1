"""The fake of fake.py with the worse manners: `fake_worse.py ANSWERS.json MODE`.

It behaves up to the case BAD_AT of each process, counted from 1, and then does what MODE says; `always` ones at once.
"""

import json
import os
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
        case _:
            say(seq, **answer)


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
