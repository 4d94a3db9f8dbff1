#!/usr/bin/env python3
"""Translates candidates/*.h (one operation per line) to JavaScript, Java and the Java Vector API.

python3 translate.py js|java|vector > out       Binary64 candidates are skipped for `vector`.
"""

import re
import struct
import sys
from pathlib import Path

HERE = Path(__file__).parent / "candidates"
NUMBER = re.compile(r"-?(0x[0-9a-f.]+p[+-]?\d+|\d+\.\d*(e[+-]?\d+)?)(f?)$")

HEAD = {
    "js": """const fround = Math.fround;
const pow2_bits = new Int32Array(1), pow2_value = new Float32Array(pow2_bits.buffer);
const wide_value = new Float64Array(1), wide_bits = new Int32Array(wide_value.buffer);
function pow2(n) { pow2_bits[0] = (n + 127) << 23; return pow2_value[0]; }
function pow2d(n) { wide_bits[0] = 0; wide_bits[1] = (n + 1023) << 20; return wide_value[0]; }
function absf(x) { return Math.abs(x); }
function withsign(y, x) { return x < 0 ? -Math.abs(y) : Math.abs(y); }
function split_k(x) { pow2_value[0] = x; return (pow2_bits[0] - 0x3f3504f3) >> 23; }
function split_m(x) { pow2_value[0] = x; pow2_bits[0] = ((pow2_bits[0] - 0x3f3504f3) & 0x007fffff) + 0x3f3504f3; return pow2_value[0]; }
function tiny(v) { return Math.abs(v) < 2 ** -51 ? 0 : v; }
""",
    "java": """final class Candidates {
static float pow2(float n) { return Float.intBitsToFloat((int) n + 127 << 23); }
static double pow2d(double n) { return Double.longBitsToDouble((long) n + 1023 << 52); }
static float absf(float x) { return Math.abs(x); }
static float withsign(float y, float x) { return x < 0 ? -Math.abs(y) : Math.abs(y); }
static float split_k(float x) { return (float) (Float.floatToRawIntBits(x) - 0x3f3504f3 >> 23); }
static float split_m(float x) { return Float.intBitsToFloat((Float.floatToRawIntBits(x) - 0x3f3504f3 & 0x007fffff) + 0x3f3504f3); }
static float tiny(float v) { return Math.abs(v) < 0x1p-51f ? 0.0f : v; }
""",
    "vector": """import jdk.incubator.vector.*;
final class Candidates {
static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
static FloatVector pow2(FloatVector n) { return n.add(12583039.0f).reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats(); }
static FloatVector absf(FloatVector x) { return x.reinterpretAsInts().and(0x7fffffff).reinterpretAsFloats(); }
static FloatVector withsign(FloatVector y, FloatVector x) { return absf(y).reinterpretAsInts().or(x.reinterpretAsInts().and(0x80000000)).reinterpretAsFloats(); }
static FloatVector split_k(FloatVector x) { return (FloatVector) x.reinterpretAsInts().sub(0x3f3504f3).lanewise(VectorOperators.ASHR, 23).convert(VectorOperators.I2F, 0); }
static FloatVector split_m(FloatVector x) { return x.reinterpretAsInts().sub(0x3f3504f3).and(0x007fffff).add(0x3f3504f3).reinterpretAsFloats(); }
static FloatVector tiny(FloatVector v) { return v.blend(FloatVector.zero(S), absf(v).compare(VectorOperators.LT, 0x1p-51f)); }
""",
}
METHODS = {"+": "add", "-": "sub", "*": "mul", "/": "div"}
COMPARE = {"<": "LT", ">": "GT", "==": "EQ"}


def value(text):
    """A literal as Python float; a `f` literal is rounded to float32 as C does."""
    m = NUMBER.match(text)
    if not m:
        return None
    bare = text.rstrip("f") if m[3] else text
    number = float.fromhex(bare) if "x" in bare else float(bare)
    return struct.unpack("<f", struct.pack("<f", number))[0] if m[3] else number


def operand(text, to):
    text = text.strip()
    special = {"INFINITY": "Infinity", "-INFINITY": "-Infinity", "NAN": "NaN"}
    if text in special:
        if to == "js":
            return special[text]
        return {
            "Infinity": "Float.POSITIVE_INFINITY",
            "-Infinity": "Float.NEGATIVE_INFINITY",
            "NaN": "Float.NaN",
        }[special[text]]
    if value(text) is not None:
        if to == "js":
            return repr(value(text))
        return value(text).hex() + ("f" if text.endswith("f") else "")
    return text


def is_constant(text):
    return text.strip() in ("INFINITY", "-INFINITY", "NAN") or value(text.strip()) is not None


def vector(text):
    """An operand that must be a vector."""
    return (
        f"FloatVector.broadcast(S, {operand(text, 'vector')})"
        if is_constant(text)
        else text.strip()
    )


def expression(kind, text, to):
    if m := re.match(r"\((float|double)\)(\w+)$", text):
        return f"fround({m[2]})" if to == "js" and m[1] == "float" else m[2] if to == "js" else text
    if m := re.match(r"(\w+)\((.*)\)$", text):
        return f"{m[1]}({', '.join(operand(a, to) for a in m[2].split(','))})"
    if m := re.match(r"(\S+) (<|>|==) (\S+) \? (\S+) : (\S+)$", text):
        a, op, b, c, d = m.groups()
        if to == "vector":
            return f"{vector(d)}.blend({vector(c)}, {a}.compare(VectorOperators.{COMPARE[op]}, {operand(b, to)}))"
        return f"{operand(a, to)} {op} {operand(b, to)} ? {operand(c, to)} : {operand(d, to)}"
    if m := re.match(r"(\S+) ([-+*/]) (\S+)$", text):
        a, op, b = m.groups()
        if to == "vector":
            if is_constant(a) and op in "+*":
                a, b = b, a
            return f"{vector(a)}.{METHODS[op]}({operand(b, to)})"
        plain = f"{operand(a, to)} {op} {operand(b, to)}"
        return f"fround({plain})" if to == "js" and kind == "float" else plain
    raise SystemExit(f"not in the small language: {text}")


def sources():
    for name in re.findall(r'#include "(\w+\.h)"', (HERE / "all.h").read_text())[1:]:
        yield name, re.sub(r"/\*.*?\*/", "", (HERE / name).read_text(), flags=re.DOTALL)


def main(to):
    print(f"// generated by translate.py {to}")
    print(HEAD[to])
    done = set()
    for _, text in sources():
        if to == "vector" and "double" in text:
            continue
        for kind, name, params, body in re.findall(
            r"^([FD]) (\w+)\((.*?)\) \{\n(.*?)^\}", text, flags=re.MULTILINE | re.DOTALL
        ):
            names = [p.split()[1] for p in params.split(", ")]
            typ = {"F": "float", "D": "double"}[kind]
            done.add(name)
            if to == "js":
                print(f"function {name}({', '.join(names)}) {{")
            elif to == "java":
                print(f"static {typ} {name}({params}) {{")
            else:
                print(
                    f"static FloatVector {name}({', '.join('FloatVector ' + n for n in names)}) {{"
                )
            for line in map(str.strip, body.strip().splitlines()):
                if m := re.match(r"return (\w+);$", line):
                    print(f"  return {m[1]};")
                elif m := re.match(r"(float|double) (\w+) = (.*);$", line):
                    local = {"js": "const", "java": m[1], "vector": "FloatVector"}[to]
                    print(f"  {local} {m[2]} = {expression(m[1], m[3], to)};")
                else:
                    raise SystemExit(f"not in the small language: {line}")
            print("}")
    chosen = [
        (n, f)
        for n, f in re.findall(r" X\((\w+), (\w+)\)", (HERE / "all.h").read_text())
        if n in done
    ]
    if to == "js":
        print("const CANDIDATES = [" + ", ".join(f"['{n}', {n}, '{f}']" for n, f in chosen) + "];")
        return
    # One loop per candidate, so that each is compiled on its own.
    for name, _ in chosen:
        if to == "java":
            print(
                f"static void run_{name}(float[] x, float[] y) {{ for (int i = 0; i < x.length; i++) y[i] = {name}(x[i]); }}"
            )
        else:
            print(
                f"static void run_{name}(float[] x, float[] y) {{ for (int i = 0; i < x.length; i += S.length()) "
                f"{name}(FloatVector.fromArray(S, x, i)).intoArray(y, i); }}"
            )
    print("interface Run { void run(float[] x, float[] y); }")
    print("record Candidate(String name, Run run, String function) { }")
    print(
        "static final Candidate[] ALL = {"
        + ", ".join(f'new Candidate("{n}", Candidates::run_{n}, "{f}")' for n, f in chosen)
        + "};"
    )
    print("}")


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in HEAD:
        raise SystemExit(__doc__)
    main(sys.argv[1])
