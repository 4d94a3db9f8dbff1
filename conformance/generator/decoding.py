"""15: choosing tokens and drawing them; what is generated of them is in decoding_generate."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator import decoding_generate
from conformance.generator.builder import builder
from conformance.generator.decoding_nets import case, constant, text_net, with_activation

SECTION = "decoding"

# The first draw from each seed falls on the last or first integer of a token's share, so that a
# comparison, a floor or a sum that is off by one chooses another token. Found by trying all 2^32.
EDGE_SEEDS = (2487744724, 982302779, 225836894, 3736706584, 1101207987, 971406532, 1057262354)
FINE_SEEDS = (
    *(3315040549, 2909786995, 1794537935, 387747055, 86039998, 2227180565),  # token 0 or 1
    *(1547695629, 1279835841, 2278969465, 20998940),  # token 1 or 2
    *(2806674605, 2022968099, 1569617882, 181528725, 2003052439, 1284724581),  # token 2 or 3
    *(2412658664, 1142311941, 1684633889, 162343637, 3280603083, 1710942113),  # 3, 4 or 5
    *(2648535212, 3019139223, 1153974377, 2354917690, 3562709010),  # token 4 or 5
)

QUOTIENT_SEEDS = (184303853, 338762696, 689698306, 408117077)
DIFFERENCE_SEEDS = (1247093736, 1247253834, 1331183526, 2490754615)
RECIPROCAL_SEEDS = (29348846, 48245610)
# Seed, and logits for which the product u × S is a hair below a sum of weights: in the first two it is
# rounded up to that sum, in the others only a draw with one more bit would be.
HAIRS = {
    236: [-0.3362807333469391, -9.281452178955078, 0.0, -13.2841215133667],
    406: [-0.569954514503479, -9.281262397766113, 0.0, -10.487022399902344],
    363: [-1.2191945314407349, -9.281392097473145, 0.0, -13.28521728515625],
    594: [-0.4626842439174652, -9.281177520751953, 0.0, -10.488158226013184],
}
LOWEST_SEED = 227915880  # the first draw is below 2^−32
HIGHEST_SEEDS = (732671355, 3562709010, 3836069936)  # the first draw is above 1 − 2^−31


def cases() -> Iterator[Case]:
    """Every case of the section."""
    yield from greedy()
    yield from sampling()
    yield from decoding_generate.cases()


def greedy() -> Iterator[Case]:
    """[decode-1]."""
    yield case(
        "decoding/greedy",
        "Forty tokens without a draw",
        ["decode-1", "decode-5", "decode-6"],
        "a token that is fed twice or not at all; a state that is forgotten",
        text_net(),
        prime=[3, 0, 7],
        count=40,
        mode="greedy",
    )
    for name, logits in {
        "first": [1.5, 0.5, 1.5, 1.5],
        "later": [-1.0, 2.0, 2.0, 1.0],
        "zeros": [0.0, 0.0, 0.0],
        "negative": [-3.0, -2.0, -2.0, -2.5],
    }.items():
        yield case(
            f"decoding/greedy-tie-{name}",
            f"Equal largest logits: {logits}",
            ["decode-1"],
            "the last of equals; a largest value that starts at 0",
            constant(logits),
            prime=[1],
            count=2,
            mode="greedy",
        )
    rows = [
        [-3.0, -1.0, -1.0, -2.0],
        [-0.5, -4.0, -0.5, -0.25],
        [-2.0] * 4,
        [-7.0, -8.0, -6.0, -6.0],
    ]
    yield case(
        "decoding/greedy-embedding",
        "Logits that are looked up and not computed, all below 0, with equal largest ones",
        ["decode-1", "embedding-1"],
        "the last of equals, or a largest value that starts at 0; at the level close too, as no bound is above 0",
        builder("abcd", 0).embedding(4, [x for row in rows for x in row]),
        prime="a",
        count=6,
        mode="greedy",
    )
    yield case(
        "decoding/greedy-default",
        "Without a mode, from a file without `decoding`",
        ["decode-1"],
        "sampling by default",
        text_net(),
        "msgpack",
        prime="ab",
        count=12,
    )


def sampling() -> Iterator[Case]:
    """[decode-2] to [decode-4]."""
    for seed in (0, 1, 2, 12345, 0x7FFFFFFF, 0x80000000, 0x9E3779B9, 0xFFFFFFFF):
        yield case(
            f"decoding/sample-seed-{seed}",
            f"Sixty tokens from the seed {seed}",
            ["decode-2", "decode-3", "decode-4"],
            "hi and lo exchanged, other shifts, signed words, one draw too many or too few",
            text_net(),
            "msgpack" if seed % 2 else "json",
            prime=[0],
            count=60,
            mode="sample",
            temperature=1,
            seed=seed,
        )
    for temperature in (0.0078125, 0.1, 0.5, 0.7, 1.3, 3, 128):
        yield case(
            f"decoding/sample-temperature-{str(temperature).replace('.', '-')}",
            f"Forty tokens at the temperature {temperature}",
            ["decode-2"],
            "a product with the temperature or its reciprocal; a temperature that stays binary64",
            text_net(),
            prime=[5, 2],
            count=40,
            mode="sample",
            temperature=temperature,
            seed=7,
        )
    yield case(
        "decoding/sample-temperature-rounds",
        "A temperature just below 2^−7 that rounds to 2^−7",
        ["decode-2"],
        "a range that is judged before the rounding to binary32",
        text_net(),
        prime=[5],
        count=10,
        mode="sample",
        temperature=0.0078124999999,
        seed=3,
    )
    for number, seed in enumerate(EDGE_SEEDS):
        yield case(
            f"decoding/sample-edge-{number}",
            "A draw on the edge between two tokens",
            ["decode-2"],
            "≥ in place of >, sums in floating point, weights of another scale",
            constant(
                [0.300000011920929, -1.2000000476837158, 0.8999999761581421, -0.4000000059604645]
            ),
            prime=[0],
            count=1,
            mode="sample",
            temperature=1,
            seed=seed,
        )
    for number, seed in enumerate(FINE_SEEDS):
        yield case(
            f"decoding/sample-fine-{number}",
            "A draw on the edge between two tokens whose weights were rounded down",
            ["decode-2"],
            "weights rounded to nearest or up; probabilities in floating point",
            constant(
                [
                    *(-6.5, -7.099999904632568, -9.300000190734863),
                    *(0.25, -5.199999809265137, -11.699999809265137),
                ],
                "fine",
            ),
            prime=[0],
            count=1,
            mode="sample",
            temperature=1,
            seed=seed,
        )
    for number, seed in enumerate(QUOTIENT_SEEDS):
        yield case(
            f"decoding/sample-quotient-{number}",
            "A draw on the edge between two tokens, at the temperature 0.7",
            ["decode-2"],
            "logits that are divided before their difference is taken; a quotient that is not rounded",
            constant(
                [0.300000011920929, -1.2000000476837158, 0.8999999761581421, -0.4000000059604645],
                "edge",
            ),
            prime=[0],
            count=1,
            mode="sample",
            temperature=0.7,
            seed=seed,
        )
    for number, seed in enumerate(DIFFERENCE_SEEDS):
        yield case(
            f"decoding/sample-difference-{number}",
            "The same, with differences of logits that are not exact",
            ["decode-2"],
            "a difference or a quotient that is not rounded",
            constant(
                [0.3123455941677094, -0.04567890077829361, 5.012345790863037, 0.07123450189828873],
                "difference",
            ),
            prime=[0],
            count=1,
            mode="sample",
            temperature=0.7,
            seed=seed,
        )
    for number, seed in enumerate(RECIPROCAL_SEEDS):
        yield case(
            f"decoding/sample-reciprocal-{number}",
            "The same at the temperature 3",
            ["decode-2"],
            "a product with the reciprocal of the temperature",
            constant(
                [0.3123455941677094, -0.04567890077829361, 5.012345790863037, 0.07123450189828873],
                "difference",
            ),
            prime=[0],
            count=1,
            mode="sample",
            temperature=3,
            seed=seed,
        )
    for number, (seed, logits) in enumerate(HAIRS.items()):
        yield case(
            f"decoding/sample-product-{number}",
            "A product u × S that is a hair below a sum of weights",
            ["decode-2", "decode-3"],
            "an exact product in place of a binary64; probabilities; a draw with another bit",
            constant(logits),
            prime=[0],
            count=1,
            mode="sample",
            temperature=1,
            seed=seed,
        )
    yield case(
        "decoding/sample-lowest",
        "The lowest draw passes by tokens of weight 0",
        ["decode-2"],
        "weights of at least 1; ≥ in place of >",
        constant([-30.0, 1.0, -40.0, -300.0], "impossible"),
        prime=[0],
        count=1,
        mode="sample",
        temperature=1,
        seed=LOWEST_SEED,
    )
    for number, seed in enumerate(HIGHEST_SEEDS):
        yield case(
            f"decoding/sample-highest-{number}",
            "The highest draws reach the last token, of weight 1",
            ["decode-2", "decode-3"],
            "a sum or a draw that is one too small",
            constant([0.0, -21.200000762939453], "highest"),
            prime=[0],
            count=1,
            mode="sample",
            temperature=1,
            seed=seed,
        )
    yield case(
        "decoding/sample-impossible",
        "Logits so far apart that only one token has a weight",
        ["decode-2"],
        "weights that are never 0",
        constant([-30.0, 1.0, -40.0, -300.0], "impossible"),
        prime=[0],
        count=12,
        mode="sample",
        temperature=1,
        seed=4,
    )
    yield case(
        "decoding/sample-equal",
        "Eight equal logits: a sum of 2^34",
        ["decode-2"],
        "weights or sums in 32 bits",
        constant([0.5] * 8),
        prime=[0],
        count=40,
        mode="sample",
        temperature=1,
        seed=5,
    )
    yield case(
        "decoding/sample-two",
        "Two equal logits: the draw decides alone",
        ["decode-2", "decode-3"],
        "a draw that is not uniform",
        constant([-2.0, -2.0]),
        prime=[0],
        count=60,
        mode="sample",
        temperature=2,
        seed=6,
    )
    for function in ("softmax", "log_softmax"):
        yield case(
            f"decoding/sample-{function.replace('_', '-')}",
            f"A net that ends in {function}: its logits are what that layer reads",
            ["decode-2"],
            "probabilities taken for logits",
            with_activation(function),
            prime=[1],
            count=30,
            mode="sample",
            temperature=0.5,
            seed=8,
        )
    yield case(
        "decoding/greedy-softmax",
        "Greedy looks at the logits too, where probabilities are equal",
        ["decode-1"],
        "probabilities taken for logits: the two largest are equal there",
        constant([20.0, 20.000001907348633, -3.0]).activation("softmax"),
        prime=[0],
        count=2,
        mode="greedy",
    )
    yield case(
        "decoding/greedy-log-softmax",
        "The same with log_softmax",
        ["decode-1"],
        "logarithms of probabilities taken for logits: the two are equal there",
        constant([2.0**-27, 2.0**-26]).activation("log_softmax"),
        prime=[0],
        count=2,
        mode="greedy",
    )
    sampled = {"mode": "sample", "temperature": 0.75}
    yield case(
        "decoding/defaults-of-the-file",
        "Mode and temperature from `decoding`, the seed 0",
        ["decode-2", "decode-4"],
        "`decoding` that is not read; another seed where none is given",
        text_net().document(decoding=sampled),
        prime=[1],
        count=30,
    )
    yield case(
        "decoding/caller-mode",
        "The caller's mode before the file's",
        ["decode-1"],
        "`decoding` that overrules the caller",
        text_net().document(decoding=sampled),
        prime=[1],
        count=20,
        mode="greedy",
    )
    yield case(
        "decoding/caller-temperature",
        "The caller's temperature before the file's",
        ["decode-2"],
        "`decoding` that overrules the caller",
        text_net().document(decoding=sampled),
        prime=[1],
        count=30,
        temperature=1.5,
        seed=9,
    )
    yield case(
        "decoding/caller-sample",
        "The caller's mode, the file is greedy",
        ["decode-2"],
        "`decoding` that overrules the caller",
        text_net().document(decoding={"mode": "greedy"}),
        prime=[1],
        count=30,
        mode="sample",
        temperature=1,
        seed=10,
    )
