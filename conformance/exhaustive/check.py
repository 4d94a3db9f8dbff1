#!/usr/bin/env python3
"""Compares digest lines on standard input with expected.json; exit 1 if any differs or none was there.

Lines: `exp <hex>`, ..., `all <hex>`, or `exp 63 <hex>` for one chunk. A chunk that expected.json
does not list is reported as unknown, which is no failure.
Example: ./reference --digests-only | python3 check.py
"""

import json
import sys
from pathlib import Path


def main() -> int:
    expected = json.loads((Path(__file__).parent / "expected.json").read_text())
    compared = different = unknown = 0
    for line in sys.stdin:
        name, *chunk, digest = line.split()
        want = expected["chunks"][name].get(chunk[0]) if chunk else expected[name]
        if want is None:
            unknown += 1
            continue
        compared += 1
        if want != digest:
            different += 1
            print(f"different: {line.strip()}, expected {want}")
    print(f"{compared} digests compared, {different} different, {unknown} not listed")
    return 1 if different or not compared else 0


if __name__ == "__main__":
    sys.exit(main())
