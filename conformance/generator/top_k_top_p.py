"""15: which ids are kept, [decode-7]."""

import math
from collections.abc import Iterator

from conformance.case import Case
from conformance.generator import top_k_top_p_options
from conformance.generator.decoding_nets import case, drawn, text_net
from conformance.oracle.float32 import f32

SECTION = "top_k_top_p"

# Logits whose weights are 3 × 2^31 and a rest, and the top_p for which the exact p × Q is a hair above
# the first three: only its rounding to binary64 makes them enough. Found by factoring.
HAIR_LOGITS = [0.0, 0.0, 0.0, -1.9395493268966675, -7.075130462646484]
HAIR_P = 0.9540119767189026
# The other way round: s / Q in binary64 is p, where p × Q lies above s; so one more id is kept.
QUOTIENT_LOGITS = [*[0.0] * 8, -0.1773747056722641, -6.464787006378174]
QUOTIENT_P = 0.6788080334663391
HIGHEST_SEED = 732671355  # the first draw is above 1 − 2^−31
HALVES = [f32(-k * math.log(2)) for k in range(6)]


def cases() -> Iterator[Case]:
    """Every case of the section."""
    yield from top_k()
    yield from top_p()
    yield from both()
    yield from top_k_top_p_options.cases()


def top_k() -> Iterator[Case]:
    """The k largest."""
    mixed = [0.5, 0.25, 0.75, -0.5, 0.625, 0.375]
    for k in (1, 2, 3, 5, 6):
        yield drawn(
            f"k-{k}",
            f"The {k} largest of six weights",
            "k − 1 or k + 1 ids kept; the smallest kept; ids in the order of their weights where they stand ascending; the sum of all weights in place of those kept",
            mixed,
            top_k=k,
        )
    for name, logits, k in (
        ("tie", [1.0, 2.0, 1.0, 1.0], 2),
        ("tie-all", [0.0] * 6, 4),
        ("tie-late", [-1.0, 0.5, 0.5, 0.5, 1.0], 3),
        ("tie-one", [1.0, 2.0, 2.0, 0.0], 1),
    ):
        yield drawn(
            f"k-{name}",
            "Equal weights across the border: the lower ids are kept",
            "all equal weights kept, or the higher ids; a sort that is not stable",
            logits,
            top_k=k,
        )
    yield drawn(
        "k-tie-of-weights",
        "Other logits, equal weights: floor makes 4 of both, and the lower id is kept",
        "ids ordered by logits, or by exponentials, in place of weights",
        [0.0, -20.0, f32(-19.95), f32(-19.98)],
        top_k=2,
        count=1,
        seed=HIGHEST_SEED,
    )
    for k in (7, 1000, 2**31 - 1):
        yield drawn(
            f"k-large-{k}",
            f"top_k = {k}, more than there are tokens",
            "a top_k that is refused, or reads past the end",
            mixed,
            top_k=k,
        )
    yield case(
        "top_k_top_p/k-text",
        "Forty tokens of a net with a memory",
        ["decode-7", "decode-2"],
        "ids kept from one token to the next",
        text_net(),
        prime=[0],
        count=40,
        mode="sample",
        temperature=1.5,
        top_k=3,
        seed=5,
    )


def top_p() -> Iterator[Case]:
    """The shortest prefix that is enough."""
    for p in (0.25, 0.5, 0.75, 1):
        yield drawn(
            f"p-exact-{str(p).replace('.', '-')}",
            f"Four equal weights, top_p = {p}: the border is met exactly",
            "> in place of ≥; sums in floating point",
            [0.5] * 4,
            top_p=p,
        )
    for name, p in (("above", 0.5 + 2.0**-24), ("below", 0.5 - 2.0**-25)):
        yield drawn(
            f"p-just-{name}",
            f"Four equal weights, top_p one binary32 {name} 0.5",
            "a top_p or a sum with fewer digits",
            [0.5] * 4,
            top_p=p,
        )
    for p in (0.3, 0.6, 0.7, 0.9):
        yield drawn(
            f"p-rounds-{str(p).replace('.', '-')}",
            f"Ten equal weights, top_p = {p}: as binary32 it lies a little {'below' if f32(p) < p else 'above'}",
            "a top_p kept as binary64",
            [0.0] * 10,
            top_p=p,
            count=32,
        )
    for p in (2.0**-20, 0.4, 0.51, 0.76, 0.95, 0.999):
        yield drawn(
            f"p-halves-{str(p).replace('.', '-')}",
            f"Weights that halve, out of order, top_p = {p:g}",
            "the smallest summed first; a prefix by ids; the last of the prefix left out; nothing kept",
            [HALVES[k] for k in (2, 0, 4, 1, 5, 3)],
            top_p=p,
            count=32,
        )
    yield drawn(
        "p-tie",
        "Equal weights across the border: the lower ids are kept",
        "all equal weights kept, or the higher ids",
        [0.0, 1.0, 0.0, 0.0, 1.0],
        top_p=0.8,
    )
    yield drawn(
        "p-product-rounds",
        "p × Q lies a hair above the sum of three weights, and is rounded to it: the three are enough",
        "an exact product; a product in binary32; a quotient compared with p",
        HAIR_LOGITS,
        top_p=HAIR_P,
        count=48,
    )
    yield drawn(
        "p-quotient",
        "The quotient of the sum of six weights and Q rounds to p, but six are not enough: seven are kept",
        "a quotient compared with p",
        QUOTIENT_LOGITS,
        top_p=QUOTIENT_P,
        count=48,
    )
    yield drawn(
        "p-zero-weights",
        "top_p = 1: tokens of weight 0 change nothing, the others all stay",
        "a sum that never reaches Q",
        [0.0, -40.0, -1.0, -300.0],
        top_p=1,
    )
    yield case(
        "top_k_top_p/p-text",
        "Sixty tokens of a net with a memory: at some of them one id is kept, and a draw is taken all the same",
        ["decode-7", "decode-2", "decode-3"],
        "no draw where there is nothing to choose; ids kept from one token to the next",
        text_net(),
        prime=[0],
        count=60,
        mode="sample",
        temperature=0.2,
        top_p=0.5,
        seed=5,
    )
    yield case(
        "top_k_top_p/p-temperature",
        "The same, hotter: the temperature comes first",
        ["decode-7", "decode-2"],
        "ids kept by probabilities before the temperature",
        text_net(),
        prime=[0],
        count=40,
        mode="sample",
        temperature=2,
        top_p=0.6,
        seed=5,
    )


def both() -> Iterator[Case]:
    """First top_k, then top_p of what stayed."""
    yield drawn(
        "both-equal",
        "Four equal weights, top_k = 2 and top_p = 0.5: half of the two",
        "a share of all weights; top_p first",
        [0.0] * 4,
        top_k=2,
        top_p=0.5,
    )
    yield drawn(
        "both-p-decides",
        "top_k = 5, and top_p = 0.7 leaves fewer",
        "only one of the two used",
        [HALVES[k] for k in (2, 0, 4, 1, 5, 3)],
        top_k=5,
        top_p=0.7,
    )
    yield drawn(
        "both-k-decides",
        "top_k = 2, and top_p = 0.99 leaves both",
        "only one of the two used; Q of all weights, of which two are never enough",
        [HALVES[k] for k in (2, 0, 4, 1, 5, 3)],
        top_k=2,
        top_p=0.99,
    )
