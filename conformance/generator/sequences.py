"""14: rows, lengths, chunks, single steps, and the faults of arguments."""

import math
from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.nets import Json, Numbers, array, builder, run_case

SECTION = "sequences"
NAN, INFINITY = math.nan, math.inf


def features_net() -> Json:
    """Two LSTMs and a dense layer whose bias shows where it must not."""
    return builder(2, 1, -3, 0).lstm(4).lstm(3).dense(2, b=[0.75, -1.25]).document()


def tokens_net() -> Json:
    """Tokens to probabilities: 1/n where a padded step is computed after all."""
    net = builder("abcde", 2, -3, 0).embedding(3).lstm(4)
    return net.dense(5).activation("softmax").document()


def cut(whole: Json, starts: list[int]) -> list[Json]:
    """An input in chunks that end at these times."""
    N, steps, width = whole["shape"]
    chunks: list[Json] = []
    for first, last in zip([0, *starts], [*starts, steps], strict=True):
        bits = "".join(
            whole["bits"][8 * width * (n * steps + first) : 8 * width * (n * steps + last)]
            for n in range(N)
        )
        chunks.append({"input": {"shape": [N, last - first, width], "bits": bits}})
    return chunks


def cases() -> Iterator[Case]:
    """Every case of the section."""
    yield from lengths()
    yield from chunks()
    yield from refusals()


def lengths() -> Iterator[Case]:
    """[run-1] to [run-3]."""
    yield run_case(
        "sequences/lengths",
        "Four rows of the lengths 5, 0, 3 and 1",
        ["run-1", "run-2", "run-3"],
        "a padded step that is computed, that gives the bias, or that moves the state",
        features_net(),
        [{"input": Numbers(3).array([4, 5, 2], -2, 1), "lengths": [5, 0, 3, 1]}],
        file="features",
    )
    yield run_case(
        "sequences/lengths-tokens",
        "Tokens, embedding and softmax with lengths",
        ["run-1", "run-2"],
        "1/n as the softmax of padding",
        tokens_net(),
        [{"input": Numbers(4).ids(3, 4, 5), "lengths": [2, 4, 0]}],
        encoding="msgpack",
        file="tokens",
    )
    yield run_case(
        "sequences/lengths-all-zero",
        "Every length 0",
        ["run-1", "run-2"],
        "a state that is not that before the call",
        features_net(),
        [
            {"input": Numbers(5).array([2, 2, 2], -2, 1)},
            {"input": Numbers(6).array([2, 3, 2], -2, 1), "lengths": [0, 0]},
            {"input": Numbers(7).array([2, 1, 2], -2, 1)},
        ],
        file="features",
    )
    yield run_case(
        "sequences/lengths-full",
        "Every length T",
        ["run-1"],
        "a last step that is left out",
        features_net(),
        [{"input": Numbers(8).array([2, 3, 2], -2, 1), "lengths": [3, 3]}],
        encoding="msgpack",
        file="features",
    )
    yield run_case(
        "sequences/padding-not-read",
        "NaN and infinity at padded places",
        ["run-1", "run-5"],
        "padding that is checked, or multiplied by 0",
        features_net(),
        [
            {
                "input": array(
                    [2, 3, 2],
                    [
                        *(0.5, -0.25, NAN, INFINITY, -INFINITY, NAN),
                        *(0.25, 0.75, -0.5, 1.0, NAN, NAN),
                    ],
                ),
                "lengths": [1, 2],
            }
        ],
        file="features",
    )
    yield run_case(
        "sequences/padding-ids",
        "Ids outside the vocabulary at padded places",
        ["run-1", "run-5"],
        "padding that is looked up or checked",
        tokens_net(),
        [{"input": [[1, 99, -1], [4, 0, 5]], "lengths": [1, 2]}],
        file="tokens",
    )
    yield run_case(
        "sequences/padding-overflow",
        "A padded input that would make the net overflow",
        ["run-1", "finite-1"],
        "padding that is computed",
        builder(1, 0).dense(1, W=[2.0**127], bias=False).document(),
        [{"input": array([2, 2, 1], [1.0, 8.0, -8.0, 0.5]), "lengths": [1, 0]}],
    )
    rows = Numbers(9).array([5, 4, 2], -2, 1)
    yield run_case(
        "sequences/five-rows",
        "Five rows, two of them equal",
        ["run-3"],
        "rows that touch each other; blocks of four rows",
        features_net(),
        [{"input": {"shape": [5, 4, 2], "bits": rows["bits"][: 8 * 32] + rows["bits"][: 8 * 8]}}],
        file="features",
    )
    yield run_case(
        "sequences/rows-alone",
        "The first of these rows alone",
        ["run-3"],
        "bits that depend on the size of the batch",
        features_net(),
        [{"input": {"shape": [1, 4, 2], "bits": rows["bits"][: 8 * 8]}}],
        file="features",
    )
    yield run_case(
        "sequences/many-rows",
        "Nineteen rows of different lengths",
        ["run-1", "run-3"],
        "blocks of rows, and their rest",
        features_net(),
        [
            {
                "input": Numbers(10).array([19, 3, 2], -2, 1),
                "lengths": [3, 1, 0, 2, 3, 3, 1, 2, 0, 3, 2, 1, 1, 3, 0, 2, 3, 1, 2],
            }
        ],
        encoding="msgpack",
        file="features",
    )


def chunks() -> Iterator[Case]:
    """[run-4]."""
    whole = Numbers(11).array([2, 12, 2], -2, 1)
    for name, title, starts in (
        ("whole", "Twelve steps at once", []),
        ("chunks-7-5", "The same in chunks of 7 and 5", [7]),
        ("chunks-1-10-1", "The same in chunks of 1, 10 and 1", [1, 11]),
        ("chunks-single", "The same in chunks of 1", list(range(1, 12))),
        ("chunks-empty", "The same with empty chunks first, between and last", [0, 4, 4, 12]),
    ):
        yield run_case(
            f"sequences/{name}",
            title,
            ["run-4", "run-2", "protocol-3"],
            "chunks that show",
            features_net(),
            cut(whole, starts),
            encoding="json" if len(starts) != 1 else "msgpack",
            file="features",
        )
    yield run_case(
        "sequences/step",
        "The same through the step function",
        ["run-4", "protocol-3"],
        "a step function that computes something else than `run`",
        features_net(),
        cut(whole, [5]),
        interface="step",
        file="features",
    )
    yield run_case(
        "sequences/step-tokens",
        "Tokens through the step function",
        ["run-4", "protocol-3"],
        "a step function that computes something else than `run`",
        tokens_net(),
        [{"input": Numbers(12).ids(2, 5, 5)}, {"input": Numbers(13).ids(2, 3, 5)}],
        interface="step",
        encoding="msgpack",
        file="tokens",
    )
    yield run_case(
        "sequences/chunks-lengths",
        "Lengths in every chunk: a row pauses and goes on",
        ["run-1", "run-2", "run-4"],
        "a row of length 0 whose state is lost",
        features_net(),
        [
            {"input": Numbers(14).array([3, 3, 2], -2, 1), "lengths": [3, 0, 2]},
            {"input": Numbers(15).array([3, 2, 2], -2, 1), "lengths": [0, 2, 1]},
            {"input": Numbers(16).array([3, 2, 2], -2, 1)},
        ],
        file="features",
    )
    yield run_case(
        "sequences/no-steps",
        "T = 0",
        ["run-2", "run-4"],
        "an empty input that fails or loses its shape",
        features_net(),
        [{"input": array([2, 0, 2], [])}, {"input": array([2, 0, 2], []), "lengths": [0, 0]}],
        file="features",
    )
    yield run_case(
        "sequences/no-steps-tokens",
        "T = 0, tokens",
        ["run-2", "run-4"],
        "an empty input that fails or loses its shape",
        tokens_net(),
        [{"input": [[], [], []]}, {"input": [[1], [2], [0]]}],
        file="tokens",
    )
    yield run_case(
        "sequences/no-state",
        "A net without a recurrent layer, in two chunks",
        ["run-2", "run-4"],
        "a state of a net that has none",
        builder(2, 17).dense(2).document(),
        [{"input": Numbers(18).array([2, 2, 2])}, {"input": Numbers(19).array([2, 1, 2])}],
    )


def refusals() -> Iterator[Case]:
    """[run-5]; a good chunk stands before each fault and after it, so that the state shows."""
    good = {"input": Numbers(20).array([2, 2, 2], -2, 1)}
    x = Numbers(21).array([2, 2, 2], -2, 1)
    some = Numbers(22)

    def fault(values: list[float]) -> Json:
        return array([2, 2, 2], values)

    bad: dict[str, tuple[str, Json]] = {
        "shape-width": ("Three features in place of two", {"input": some.array([2, 2, 3])}),
        "shape-rank": ("An input of rank 2", {"input": some.array([2, 2])}),
        "shape-rank-4": ("An input of rank 4", {"input": some.array([2, 2, 2, 1])}),
        "shape-empty": ("No row", {"input": array([0, 2, 2], [])}),
        "lengths-few": ("One length for two rows", {"input": x, "lengths": [1]}),
        "lengths-many": ("Three lengths for two rows", {"input": x, "lengths": [1, 1, 1]}),
        "lengths-none": ("No lengths for two rows", {"input": x, "lengths": []}),
        "length-negative": ("A length of −1", {"input": x, "lengths": [1, -1]}),
        "length-large": ("A length above T", {"input": x, "lengths": [3, 1]}),
        "nan": ("NaN at a valid step", {"input": fault([0.5, 1, 2, 3, 4, 5, 6, NAN])}),
        "infinity": ("Infinity at a valid step", {"input": fault([0, INFINITY, *[0.0] * 6])}),
        "minus-infinity": (
            "−infinity at the last valid step",
            {"input": fault([0, 0, 0, 0, 0, -INFINITY, NAN, NAN]), "lengths": [2, 1]},
        ),
        "order-shape-lengths": (
            "A wrong shape and wrong lengths",
            {"input": some.array([2, 2, 3]), "lengths": [9, 9]},
        ),
        "order-lengths-length": (
            "Too many lengths, one too large",
            {"input": x, "lengths": [9] * 3},
        ),
        "order-length-nan": (
            "A length above T, and NaN",
            {"input": fault([NAN] * 8), "lengths": [2, 3]},
        ),
    }
    for name, (title, chunk) in bad.items():
        yield run_case(
            f"sequences/refuse-{name}",
            title,
            ["run-5", "protocol-3"],
            "arguments that are not checked, or in another order; a state that moves all the same",
            features_net(),
            [good, chunk, good],
            file="features",
            true=False,
        )
    ids: Json = {"input": [[1, 0], [4, 2]]}
    tokens: dict[str, tuple[str, Json]] = {
        "id-high": ("The id V", {"input": [[0, 1], [2, 5]]}),
        "id-negative": ("The id −1", {"input": [[0, -1], [2, 1]]}),
        "id-huge": ("The id 2^53", {"input": [[0, 1], [2, 2**53]]}),
        "id-wrapping": ("The id 2^32 + 1", {"input": [[0, 1], [2, 2**32 + 1]]}),
        "id-fraction": ("The id 1.5", {"input": [[0, 1.5], [2, 1]]}),
        "ids-ragged": ("Rows of different lengths", {"input": [[0, 1], [2]]}),
        "ids-no-row": ("No row", {"input": []}),
        "order-length-id": (
            "A length above T, and an id",
            {"input": [[9], [9]], "lengths": [1, 2]},
        ),
    }
    for name, (title, chunk) in tokens.items():
        yield run_case(
            f"sequences/refuse-{name}",
            title,
            ["run-5", "input-1", "protocol-3"],
            "ids that are not checked: another row of the embedding, or memory that is none",
            tokens_net(),
            [ids, chunk, ids],
            file="tokens",
            true=False,
        )
