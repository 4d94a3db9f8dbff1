"""15: choosing tokens, drawing them, generating; and the texts of section 7."""

from collections.abc import Iterator
from typing import Any

from conformance.case import Case
from conformance.generator.build import json_bytes
from conformance.generator.nets import Json, builder, decode_case

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


def constant(logits: list[float], file: str | None = None) -> builder:
    """A net whose logits do not depend on what it reads: one_hot and a dense layer of bias alone."""
    tokens = [chr(ord("a") + k) for k in range(len(logits))]
    net = builder("?", 0).tokens(tokens)
    net.file = file
    return net.one_hot().dense(len(logits), W=[0.0] * len(logits) ** 2, b=logits)


def chain_net(following: list[int], **special: int) -> builder:
    """After token k, `following[k]` has the largest logit."""
    V = len(following)
    tokens = [chr(ord("a") + k) for k in range(V)]
    W = [4.0 if j == following[k] else 0.0 for k in range(V) for j in range(V)]
    return builder("?", 0).tokens(tokens, **special).one_hot().dense(V, W=W, bias=False)


def text_net(**special: int) -> builder:
    """A net that has something to remember: embedding, two LSTMs and a dense layer, twelve tokens."""
    net = builder("?", 77, -3, 0).tokens(list("abcdefghijk "), **special)
    net.file = "-".join(["text", *(f"{name}-{k}" for name, k in special.items())])
    return net.embedding(5).lstm(9).lstm(8, bias=False).dense(12)


def with_activation(function: str) -> builder:
    """The same, its logits inside."""
    net = text_net().activation(function)
    net.file = None
    return net


def case(
    name: str,
    title: str,
    requirements: list[str],
    catches: str,
    net: builder | Json,
    encoding: str = "json",
    **request: Any,  # noqa: ANN401 - members of the request
) -> Case:
    """A case of this section."""
    document, file = (net.document(), net.file) if isinstance(net, builder) else (net, None)
    if file != "text" and len(json_bytes(document)) > 8000:
        encoding = "msgpack"
    return decode_case(
        f"decoding/{name}",
        title,
        requirements,
        catches,
        document,
        request,
        encoding=encoding,
        file=file,
    )


def cases() -> Iterator[Case]:
    """Every case of the section."""
    yield from greedy()
    yield from sampling()
    yield from starting()
    yield from ending()
    yield from texts()
    yield from refusals()


def greedy() -> Iterator[Case]:
    """[decode-1]."""
    yield case(
        "greedy",
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
            f"greedy-tie-{name}",
            f"Equal largest logits: {logits}",
            ["decode-1"],
            "the last of equals; a largest value that starts at 0",
            constant(logits),
            prime=[1],
            count=2,
            mode="greedy",
        )
    yield case(
        "greedy-default",
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
            f"sample-seed-{seed}",
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
            f"sample-temperature-{str(temperature).replace('.', '-')}",
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
        "sample-temperature-rounds",
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
            f"sample-edge-{number}",
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
            f"sample-fine-{number}",
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
            f"sample-quotient-{number}",
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
            f"sample-difference-{number}",
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
            f"sample-reciprocal-{number}",
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
            f"sample-product-{number}",
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
        "sample-lowest",
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
            f"sample-highest-{number}",
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
        "sample-impossible",
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
        "sample-equal",
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
        "sample-two",
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
            f"sample-{function.replace('_', '-')}",
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
        "greedy-softmax",
        "Greedy looks at the logits too, where probabilities are equal",
        ["decode-1"],
        "probabilities taken for logits: the two largest are equal there",
        constant([20.0, 20.000001907348633, -3.0]).activation("softmax"),
        prime=[0],
        count=2,
        mode="greedy",
    )
    yield case(
        "greedy-log-softmax",
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
        "defaults-of-the-file",
        "Mode and temperature from `decoding`, the seed 0",
        ["decode-2", "decode-4"],
        "`decoding` that is not read; another seed where none is given",
        text_net().document(decoding=sampled),
        prime=[1],
        count=30,
    )
    yield case(
        "caller-mode",
        "The caller's mode before the file's",
        ["decode-1"],
        "`decoding` that overrules the caller",
        text_net().document(decoding=sampled),
        prime=[1],
        count=20,
        mode="greedy",
    )
    yield case(
        "caller-temperature",
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
        "caller-sample",
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


def starting() -> Iterator[Case]:
    """The prime."""
    yield case(
        "start",
        "The start id is fed before the prime",
        ["decode-5"],
        "a start id that is not fed, or fed after the prime",
        text_net(start=11),
        prime=[4, 1],
        count=15,
    )
    yield case(
        "start-alone",
        "An empty prime and a start id",
        ["decode-5"],
        "an empty prime that is refused although there is a start id",
        text_net(start=11),
        prime=[],
        count=15,
    )
    yield case(
        "start-in-prime",
        "A prime that begins with the start id: it is fed twice",
        ["decode-5"],
        "a start id that is left out because the prime has it",
        text_net(start=11),
        prime=[11, 2],
        count=15,
    )
    yield case(
        "prime-with-end",
        "The end id inside the prime ends nothing",
        ["decode-5", "decode-6"],
        "an end id in the prime that stops",
        chain_net([1, 2, 0, 1], end=3),
        prime=[3, 0, 3],
        count=5,
    )
    yield case(
        "prime-text",
        "A prime given as text",
        ["decode-5", "vocabulary-2"],
        "a text that is not encoded as ids",
        text_net(),
        prime="face jab",
        count=15,
    )
    yield case(
        "prime-empty-text",
        "An empty text and a start id",
        ["decode-5"],
        "an empty text that is refused",
        text_net(start=0),
        prime="",
        count=5,
    )


def ending() -> Iterator[Case]:
    """The end."""
    yield case(
        "end",
        "The end id comes up: it is not returned",
        ["decode-6"],
        "an end id that is returned or does not stop",
        chain_net([1, 2, 3, 0], end=3),
        prime=[0],
        count=10,
    )
    yield case(
        "end-at-once",
        "The end id comes up first",
        ["decode-6"],
        "at least one token",
        chain_net([1, 2, 3, 0], end=1),
        prime=[0],
        count=10,
    )
    yield case(
        "end-zero",
        "The end id 0",
        ["decode-6"],
        "an id 0 taken for none",
        chain_net([1, 2, 3, 0], end=0),
        prime=[1],
        count=10,
    )
    yield case(
        "start-zero",
        "The start id 0",
        ["decode-5"],
        "an id 0 taken for none",
        chain_net([2, 3, 1, 0], start=0),
        prime=[],
        count=5,
    )
    yield case(
        "special-ids",
        "The ids start, unknown and padding come up: they are returned, and give no text",
        ["decode-6", "vocabulary-3"],
        "special ids that are skipped or end the generation; that give text",
        chain_net([1, 2, 3, 4, 0], start=1, unknown=2, padding=3),
        prime=[0],
        count=10,
    )
    yield case(
        "count-zero",
        "No token asked for",
        ["decode-6"],
        "at least one token; no limit where 0 is asked for",
        text_net(),
        prime=[0],
        count=0,
    )
    huge = 2.0**127
    overflow = builder("ab", 0).one_hot().dense(2, W=[0.0, 1.0, huge, huge], b=[0.0, huge])
    yield case(
        "last-is-not-fed",
        "The second token would make the net overflow, if it were fed",
        ["decode-5", "finite-1"],
        "a token that is fed before the next one is asked for",
        overflow,
        prime=[0],
        count=1,
    )
    yield case(
        "overflow",
        "The second token is fed: the net overflows",
        ["decode-5", "finite-1"],
        "an infinite logit that is taken for the largest",
        overflow,
        prime=[0],
        count=2,
    )
    apart = builder("ab", 0).one_hot().dense(2, W=[0.0] * 4, b=[huge, -huge])
    yield case(
        "overflow-behind-the-logits",
        "Finite logits, but the log_softmax after them overflows",
        ["decode-5", "finite-1"],
        "a last layer that is left out of the run",
        apart.activation("log_softmax"),
        prime=[0],
        count=1,
    )


def texts() -> Iterator[Case]:
    """[vocabulary-2] and [vocabulary-3]."""
    tokens = ["\u0000", "\n", '"', "\u00e9", "e", "\u0301", "\U0001f600", "\ufeff", "", "e", "\\"]
    following = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0]
    V = len(tokens)
    W = [4.0 if j == following[k] else 0.0 for k in range(V) for j in range(V)]
    odd = builder("?", 0).tokens(tokens).one_hot().dense(V, W=W, bias=False).document()
    yield case(
        "text-odd",
        "NUL, a newline, quotes, combining accents, an emoji, a repeated and an empty token",
        ["vocabulary-2", "vocabulary-3", "vocabulary-4"],
        "normalised or escaped text, code units in place of scalar values",
        odd,
        prime="\u0000",
        count=V,
    )
    yield case(
        "text-lowest-id",
        "A repeated token is encoded as its lowest id",
        ["vocabulary-2", "vocabulary-4"],
        "the last of equal tokens",
        odd,
        prime="e",
        count=2,
    )
    yield case(
        "text-astral",
        "A scalar value beyond U+FFFF is one token",
        ["vocabulary-2"],
        "UTF-16 units or UTF-8 bytes in place of scalar values",
        odd,
        prime="\U0001f600",
        count=2,
    )
    yield case(
        "text-unnormalised",
        "é as two scalar values",
        ["vocabulary-2", "vocabulary-4"],
        "normalisation",
        odd,
        prime="e\u0301",
        count=2,
    )
    yield case(
        "text-unknown",
        "Values that the vocabulary lacks become the unknown id",
        ["vocabulary-2"],
        "unknown values that are skipped or refused",
        text_net(unknown=4),
        prime="aZ\U0001f600b",
        count=10,
    )
    yield case(
        "text-lacking",
        "A value that the vocabulary lacks, and no unknown id",
        ["vocabulary-2"],
        "unknown values that are skipped",
        text_net(),
        prime="aZb",
        count=3,
    )


def refusals() -> Iterator[Case]:
    """The faults of [decode-5], and their order."""
    ask: Json = {"prime": [0], "count": 3}
    no_vocabulary = text_net().document(output={"kind": "values"})
    features = builder(2, 1).dense(2).document()
    two = text_net().document()
    entry = dict(two["vocabularies"]["text"])
    two["vocabularies"] = {"text": entry, "other": entry}
    two["output"] = {"kind": "logits", "vocabulary": "other"}
    refused = "a net that can't feed its own output"
    for name, title, net in (
        ("no-vocabulary", "The output has no vocabulary", no_vocabulary),
        ("features", "The input has features", features),
        ("two-vocabularies", "The output has another vocabulary with the same tokens", two),
    ):
        yield case(f"refuse-{name}", title, ["decode-5"], refused, net, **ask)
    for name, value in {
        "zero": 0,
        "negative": -1,
        "small": 0.0078,
        "large": 128.001,
    }.items():
        yield case(
            f"refuse-temperature-{name}",
            f"The temperature {value}",
            ["decode-2"],
            "a temperature that is cut to the range",
            text_net(),
            **ask,
            mode="sample",
            temperature=value,
        )
    yield case(
        "refuse-temperature-greedy",
        "A wrong temperature with the mode greedy",
        ["decode-5"],
        "a temperature that is not judged because it is not used",
        text_net(),
        **ask,
        mode="greedy",
        temperature=1000,
    )
    yield case(
        "refuse-temperature-none",
        "Sampling, and no temperature from caller or file",
        ["decode-2"],
        "a default temperature",
        text_net(),
        **ask,
        mode="sample",
    )
    for seed in (-1, 2**32):
        yield case(
            f"refuse-seed-{seed}",
            f"The seed {seed}",
            ["decode-4"],
            "a seed that is cut to 32 bits",
            text_net(),
            **ask,
            mode="sample",
            temperature=1,
            seed=seed,
        )
    yield case(
        "refuse-seed-greedy",
        "A wrong seed with the mode greedy",
        ["decode-4", "decode-5"],
        "a seed that is not judged because it is not used",
        text_net(),
        **ask,
        mode="greedy",
        seed=-1,
    )
    for name, prime in {"high": [0, 12], "negative": [-1], "fraction": [0.5]}.items():
        yield case(
            f"refuse-id-{name}",
            f"The prime {prime}",
            ["decode-5"],
            "an id outside the vocabulary that reads other memory, or wraps",
            text_net(),
            prime=prime,
            count=3,
        )
    for name, empty in {"ids": [], "text": ""}.items():
        yield case(
            f"refuse-empty-{name}",
            "Nothing to start from",
            ["decode-5"],
            "a start from nothing",
            text_net(),
            prime=empty,
            count=3,
        )
    orders: list[tuple[str, builder | Json, Json]] = [
        ("decoding-option", no_vocabulary, {"prime": [99], "count": 1, "seed": -1}),
        ("decoding-prime", features, {"prime": [], "count": 1}),
        ("option-prime", text_net(), {"prime": [], "count": 1, "seed": -1}),
        ("option-text", text_net(), {"prime": "Z", "count": 1, "temperature": 0}),
        ("option-token", text_net(), {"prime": [99], "count": 1, "temperature": 200}),
    ]
    for name, source, request in orders:
        yield case(
            f"order-{name}",
            "Two faults at once",
            ["decode-5"],
            "faults judged in another order",
            source,
            **request,
        )
