"""15: generating: the prime, the end, the texts of section 7, and the faults of [decode-5]."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.decoding_nets import case, chain_net, text_net
from conformance.generator.nets import Json, builder


def cases() -> Iterator[Case]:
    """The second half of the section `decoding`."""
    yield from starting()
    yield from ending()
    yield from texts()
    yield from refusals()


def starting() -> Iterator[Case]:
    """The prime."""
    yield case(
        "decoding/start",
        "The start id is fed before the prime",
        ["decode-5"],
        "a start id that is not fed, or fed after the prime",
        text_net(start=11),
        prime=[4, 1],
        count=15,
    )
    yield case(
        "decoding/start-alone",
        "An empty prime and a start id",
        ["decode-5"],
        "an empty prime that is refused although there is a start id",
        text_net(start=11),
        prime=[],
        count=15,
    )
    yield case(
        "decoding/start-in-prime",
        "A prime that begins with the start id: it is fed twice",
        ["decode-5"],
        "a start id that is left out because the prime has it",
        text_net(start=11),
        prime=[11, 2],
        count=15,
    )
    yield case(
        "decoding/prime-with-end",
        "The end id inside the prime ends nothing",
        ["decode-5", "decode-6"],
        "an end id in the prime that stops",
        chain_net([1, 2, 0, 1], end=3),
        prime=[3, 0, 3],
        count=5,
    )
    yield case(
        "decoding/prime-text",
        "A prime given as text",
        ["decode-5", "vocabulary-2"],
        "a text that is not encoded as ids",
        text_net(),
        prime="face jab",
        count=15,
    )
    yield case(
        "decoding/prime-empty-text",
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
        "decoding/end",
        "The end id comes up: it is not returned",
        ["decode-6"],
        "an end id that is returned or does not stop",
        chain_net([1, 2, 3, 0], end=3),
        prime=[0],
        count=10,
    )
    yield case(
        "decoding/end-at-once",
        "The end id comes up first",
        ["decode-6"],
        "at least one token",
        chain_net([1, 2, 3, 0], end=1),
        prime=[0],
        count=10,
    )
    yield case(
        "decoding/end-zero",
        "The end id 0",
        ["decode-6"],
        "an id 0 taken for none",
        chain_net([1, 2, 3, 0], end=0),
        prime=[1],
        count=10,
    )
    yield case(
        "decoding/start-zero",
        "The start id 0",
        ["decode-5"],
        "an id 0 taken for none",
        chain_net([2, 3, 1, 0], start=0),
        prime=[],
        count=5,
    )
    yield case(
        "decoding/special-ids",
        "The ids start, unknown and padding come up: they are returned, and give no text",
        ["decode-6", "vocabulary-3"],
        "special ids that are skipped or end the generation; that give text",
        chain_net([1, 2, 3, 4, 0], start=1, unknown=2, padding=3),
        prime=[0],
        count=10,
    )
    yield case(
        "decoding/count-zero",
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
        "decoding/last-is-not-fed",
        "The second token would make the net overflow, if it were fed",
        ["decode-5", "finite-1"],
        "a token that is fed before the next one is asked for",
        overflow,
        prime=[0],
        count=1,
    )
    yield case(
        "decoding/count-zero-overflow",
        "No token asked for, behind a prime that would make the net overflow",
        ["decode-5"],
        "a prime that is fed before the first token is asked for",
        overflow,
        prime=[1],
        count=0,
    )
    yield case(
        "decoding/overflow",
        "The second token is fed: the net overflows",
        ["decode-5", "finite-1"],
        "an infinite logit that is taken for the largest",
        overflow,
        prime=[0],
        count=2,
    )
    apart = builder("ab", 0).one_hot().dense(2, W=[0.0] * 4, b=[huge, -huge])
    yield case(
        "decoding/overflow-behind-the-logits",
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
        "decoding/text-odd",
        "NUL, a newline, quotes, combining accents, an emoji, a repeated and an empty token",
        ["vocabulary-2", "vocabulary-3", "vocabulary-4"],
        "normalised or escaped text, code units in place of scalar values",
        odd,
        prime="\u0000",
        count=V,
    )
    yield case(
        "decoding/text-lowest-id",
        "A repeated token is encoded as its lowest id",
        ["vocabulary-2", "vocabulary-4"],
        "the last of equal tokens",
        odd,
        prime="e",
        count=2,
    )
    yield case(
        "decoding/text-astral",
        "A scalar value beyond U+FFFF is one token",
        ["vocabulary-2"],
        "UTF-16 units or UTF-8 bytes in place of scalar values",
        odd,
        prime="\U0001f600",
        count=2,
    )
    yield case(
        "decoding/text-unnormalised",
        "é as two scalar values",
        ["vocabulary-2", "vocabulary-4"],
        "normalisation",
        odd,
        prime="e\u0301",
        count=2,
    )
    yield case(
        "decoding/text-unknown",
        "Values that the vocabulary lacks become the unknown id",
        ["vocabulary-2"],
        "unknown values that are skipped or refused",
        text_net(unknown=4),
        prime="aZ\U0001f600b",
        count=10,
    )
    yield case(
        "decoding/text-lacking",
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
        yield case(f"decoding/refuse-{name}", title, ["decode-5"], refused, net, **ask)
    for name, value in {
        "zero": 0,
        "negative": -1,
        "small": 0.0078,
        "large": 128.001,
    }.items():
        yield case(
            f"decoding/refuse-temperature-{name}",
            f"The temperature {value}",
            ["decode-2"],
            "a temperature that is cut to the range",
            text_net(),
            **ask,
            mode="sample",
            temperature=value,
        )
    yield case(
        "decoding/refuse-temperature-greedy",
        "A wrong temperature with the mode greedy",
        ["decode-5"],
        "a temperature that is not judged because it is not used",
        text_net(),
        **ask,
        mode="greedy",
        temperature=1000,
    )
    yield case(
        "decoding/refuse-temperature-none",
        "Sampling, and no temperature from caller or file",
        ["decode-2"],
        "a default temperature",
        text_net(),
        **ask,
        mode="sample",
    )
    for seed in (-1, 2**32):
        yield case(
            f"decoding/refuse-seed-{seed}",
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
        "decoding/refuse-seed-greedy",
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
            f"decoding/refuse-id-{name}",
            f"The prime {prime}",
            ["decode-5"],
            "an id outside the vocabulary that reads other memory, or wraps",
            text_net(),
            prime=prime,
            count=3,
        )
    for name, empty in {"ids": [], "text": ""}.items():
        yield case(
            f"decoding/refuse-empty-{name}",
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
            f"decoding/order-{name}",
            "Two faults at once",
            ["decode-5"],
            "faults judged in another order",
            source,
            **request,
        )
