#!/usr/bin/env python3
"""Derives the constants of the chosen recipes and of our own rejected ones.

Needs the program `sollya` (https://www.sollya.org; a package in most Linux
distributions). Its fpminimax searches directly among polynomials whose
coefficients are binary32 numbers, so nothing is lost by rounding them later.

Run: python3 derive.py
"""

import re
import struct
import subprocess

# name: (function, exponents, interval, absolute or relative, fixed part)
POLYNOMIALS = {
    # exp(r) - 1 = r + r^2*Q(r), |r| <= ln2/2 and a little. The absolute error is
    # the one wanted: it is added to 1.
    "expm1, Q of degree 3": ("expm1(x)", range(2, 6), "[-0.3467;0.3467]", "absolute", "x"),
    "expm1, Q of degree 4": ("expm1(x)", range(2, 7), "[-0.3467;0.3467]", "absolute", "x"),
    "expm1, Q of degree 4, shifted": ("expm1(x)", range(2, 7), "[-0.2435;0.4505]", "absolute", "x"),
    # tanh(x) = x + x*(z*P(z)), z = x^2, |x| < 0.625
    "tanh, P of degree 3": ("tanh(x)", range(3, 10, 2), "[1b-20;0.6251]", "relative", "x"),
    "tanh, P of degree 4": ("tanh(x)", range(3, 12, 2), "[1b-20;0.6251]", "relative", "x"),
    "tanh, P of degree 5": ("tanh(x)", range(3, 14, 2), "[1b-20;0.6251]", "relative", "x"),
    # log(1+f) = f - f^2/2 + f^3*P(f), sqrt(1/2) <= 1+f < sqrt(2)
    "log1p, P of degree 6": ("log1p(x)", range(3, 10), "[-0.2929;0.41422]", "absolute", "x-x^2/2"),
    "log1p, P of degree 7": ("log1p(x)", range(3, 11), "[-0.2929;0.41422]", "absolute", "x-x^2/2"),
    "log1p, P of degree 8": ("log1p(x)", range(3, 12), "[-0.2929;0.41422]", "absolute", "x-x^2/2"),
    # log(1+f) = 2*atanh(s), s = f/(2+f): 2*s + s*(z*R(z)), z = s^2
    "2*atanh, R of degree 2": ("2*atanh(x)", range(3, 8, 2), "[1b-20;0.17158]", "relative", "2*x"),
    "2*atanh, R of degree 3": ("2*atanh(x)", range(3, 10, 2), "[1b-20;0.17158]", "relative", "2*x"),
}


def sollya(program):
    # Its exit status says nothing: it is 3 at the end of a piped program.
    out = subprocess.run(
        ["sollya", "--warnonstderr"], check=False, input=program, capture_output=True, text=True
    )
    return out.stdout


def as_float32(text):
    """Sollya's dyadic display (`13b-4` = 13 * 2^-4) to float and bits; exact or an error."""
    m = re.fullmatch(r"(-?\d+)(?:b(-?\d+))?", text)
    value = int(m[1]) * 2.0 ** int(m[2] or 0)
    bits = struct.unpack("<I", struct.pack("<f", value))[0]
    assert struct.unpack("<f", struct.pack("<f", value))[0] == value, text
    return value, bits


def show(label, text):
    value, bits = as_float32(text)
    print(f"  {label:6} 0x{bits:08x}  {value.hex():>22}  {value:.9g}")


def main():
    print("constants")
    # C1 has 16 bits, so n*C1 is exact for |n| <= 256; C1 + C2 = ln 2 to 40 bits.
    lines = sollya(
        "prec=200!; display=dyadic!;"
        "C1=round(log(2),16,RN); print(round(1/log(2),SG,RN)); print(C1);"
        "print(round(log(2)-C1,SG,RN));"
    ).split()
    for label, text in zip(("LOG2E", "C1", "C2"), lines, strict=True):
        show(label, text)
    for name, (f, exponents, interval, kind, fixed) in POLYNOMIALS.items():
        monomials = ",".join(map(str, exponents))
        formats = ",".join("SG" for _ in exponents)
        program = (
            f"prec=200!; p=fpminimax({f},[|{monomials}|],[|{formats}|],{interval},"
            f"floating,{kind},{fixed}); display=dyadic!;"
            + "".join(f"print(coeff(p,{e}));" for e in exponents)
            + "display=decimal!; print(round(dirtyinfnorm("
            + (f"p-{f}" if kind == "absolute" else f"p/({f})-1")
            + f",{interval}),12,RN));"
        )
        lines = sollya(program).split()
        print(f"{name}: {kind} error of the polynomial {lines[-1]}")
        for e, text in zip(exponents, lines, strict=False):
            show(f"x^{e}", text)


if __name__ == "__main__":
    main()
