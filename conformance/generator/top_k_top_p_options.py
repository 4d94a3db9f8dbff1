"""15: who says top_k, top_p and the number of tokens, and what is refused ([decode-5], [decode-7])."""

from collections.abc import Iterator
from typing import Any

from conformance.case import Case
from conformance.generator.decoding_nets import case, chain_net, constant, drawn, text_net
from conformance.generator.nets import Json


def cases() -> Iterator[Case]:
    """The second half of the section `top_k_top_p`."""
    yield from who_says()
    yield from refusals()
    yield from counts()


def who_says() -> Iterator[Case]:
    """The caller, then the file."""
    flat = [0.0, 0.25, -0.25, 0.125, 0.0, -0.125]
    sample: Json = {"mode": "sample", "temperature": 1}
    for name, decoding, request in (
        ("file-k", {"top_k": 2}, {}),
        ("file-p", {"top_p": 0.5}, {}),
        ("file-both", {"top_k": 4, "top_p": 0.5}, {}),
        ("caller-k", {"top_k": 2}, {"top_k": 4}),
        ("caller-p", {"top_p": 0.25}, {"top_p": 0.75}),
        ("caller-k-file-p", {"top_p": 0.5}, {"top_k": 5}),
        ("caller-p-file-k", {"top_k": 4}, {"top_p": 0.9}),
        ("k-off", {"top_k": 1}, {"top_k": 2**31 - 1}),
        ("p-off", {"top_p": 0.001}, {"top_p": 1}),
    ):
        asked: Json = {"prime": [0], "count": 24, "seed": 12} | request
        yield case(
            f"top_k_top_p/{name}",
            f"In the file {decoding}, from the caller {request}",
            ["decode-7", "decode-5"],
            "`decoding` that is not read, or overrules the caller; a caller's option that drops the file's other one",
            constant(flat).document(decoding=sample | decoding),
            **asked,
        )
    yield case(
        "top_k_top_p/caller-mode-file-k",
        "The caller samples where the file is greedy",
        ["decode-7", "decode-5"],
        "options that are taken only where the file samples",
        constant(flat).document(decoding={"mode": "greedy"}),
        prime=[0],
        count=24,
        mode="sample",
        temperature=1,
        top_k=3,
    )
    yield case(
        "top_k_top_p/caller-mode-file-all",
        "The caller says sample, the file samples too: its temperature, top_k and top_p hold",
        ["decode-7", "decode-5"],
        "options of the file that hold only where the caller names no mode",
        constant(flat).document(
            decoding={"mode": "sample", "temperature": 2, "top_k": 5, "top_p": 0.75}
        ),
        prime=[0],
        count=24,
        seed=13,
        mode="sample",
    )
    yield case(
        "top_k_top_p/greedy",
        "greedy with a top_k and a top_p of the caller: judged and not used",
        ["decode-1", "decode-5"],
        "an option that makes greedy draw",
        constant([0.0, 0.5, 0.5]),
        prime=[0],
        count=4,
        mode="greedy",
        top_k=3,
        top_p=0.5,
    )
    yield case(
        "top_k_top_p/greedy-over-file",
        "The caller's greedy over a file that samples",
        ["decode-1", "decode-5"],
        "the file's options used with the caller's mode",
        constant([0.0, 0.5, 0.5]).document(decoding=sample | {"top_k": 2}),
        prime=[0],
        count=4,
        mode="greedy",
    )


def refusals() -> Iterator[Case]:
    """Outside its range, with either mode."""
    wrong: list[tuple[str, str, Any]] = [
        ("zero", "top_k", 0),
        ("negative", "top_k", -1),
        ("large", "top_k", 2**31),
        ("fraction", "top_k", 1.5),
        ("zero", "top_p", 0),
        ("negative", "top_p", -0.5),
        ("small", "top_p", 2.0**-21),
        ("large", "top_p", 1.0000002),
    ]
    for name, option, value in wrong:
        yield drawn(
            f"refuse-{option}-{name}",
            f"{option} = {value}",
            "an option that is cut to its range, or means none",
            [0.0, 0.5],
            **{option: value},
        )
    unused: list[tuple[str, Any]] = [("top_k", 0), ("top_p", 2)]
    for option, value in unused:
        yield drawn(
            f"refuse-{option}-greedy",
            f"{option} = {value} with the mode greedy",
            "an option that is not judged because it is not used",
            [0.0, 0.5],
            mode="greedy",
            **{option: value},
        )
    for name, value in (("low", 2.0**-20 * (1 - 2.0**-30)), ("high", 1 + 2.0**-30)):
        yield drawn(
            f"p-rounds-into-range-{name}",
            f"top_p = {value!r}: judged after rounding, it is in range",
            "a range that is judged before the rounding to binary32",
            [0.0, 0.5, -0.5],
            top_p=value,
        )
    orders: list[tuple[str, Any, Json]] = [
        ("token", [99], {"top_k": 0}),
        ("prime", [], {"top_p": 0}),
        ("text", "Z", {"top_k": 2**31}),
    ]
    for name, prime, request in orders:
        yield case(
            f"top_k_top_p/order-{name}",
            "Two faults at once: the option first",
            ["decode-5", "decode-7"],
            "faults judged in another order",
            text_net(),
            prime=prime,
            count=1,
            **request,
        )


def counts() -> Iterator[Case]:
    """The number of tokens."""
    for value in (-1, 2**31, 0.5):
        yield case(
            f"top_k_top_p/refuse-count-{str(value).replace('.', '-')}",
            f"count = {value}",
            ["decode-5", "decode-6"],
            "a number that is cut, or means none or no end",
            chain_net([1, 2, 3, 0], end=3),  # whoever takes it for a number ends all the same
            prime=[0],
            count=value,
        )
    yield case(
        "top_k_top_p/order-count",
        "A wrong count and nothing to start from: the option first",
        ["decode-5"],
        "faults judged in another order",
        text_net(),
        prime=[],
        count=-1,
    )
    yield case(
        "top_k_top_p/count-largest",
        "count = 2^31 − 1, and the end id comes up at the third token",
        ["decode-5", "decode-6"],
        "room that is made for all tokens before there is one; a count in 16 bits",
        chain_net([1, 2, 3, 0], end=3),
        prime=[0],
        count=2**31 - 1,
    )
