import dataclasses
from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np
import pytest

import rnnspec
from rnnspec import Decoding, Model, RnnspecError, Session, generate, generate_text
from rnnspec.activation import exp
from rnnspec.decoding import Choice, Xoshiro, _fmix, greedy, sample
from rnnspec.vocabulary import decode

from .nets import LETTERS, character_net, feature_net

MODEL = character_net()
PLAN = rnnspec.compile(MODEL)


def with_vocabulary(**ids: int) -> Model:
    assert MODEL.vocabularies
    letters = dataclasses.replace(MODEL.vocabularies["letters"], **ids)  # type: ignore[arg-type] # ids are ids
    return dataclasses.replace(MODEL, vocabularies={"letters": letters})


def code(call: Any, *arguments: Any, **options: Any) -> str:  # noqa: ANN401 - anything
    with pytest.raises(RnnspecError) as caught:
        call(*arguments, **options)
    assert str(caught.value)
    return caught.value.code


def test_the_generator_is_xoshiro128() -> None:
    random = Xoshiro(0)
    random.s = [1, 2, 3, 4]
    # The published words of this state.
    want = [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804]  # fmt: skip
    assert [random.word() for _ in want] == want


def test_the_seed_is_mixed_as_murmur_does() -> None:
    assert [_fmix(z) for z in (0, 1, 0xFFFFFFFF)] == [0, 0x514E28B7, 0x81F16F39]
    assert Xoshiro(5).s[0] == _fmix(5 + 0x9E3779B9)
    assert Xoshiro(2**32 - 1).s[1] == _fmix((2**32 - 1 + 2 * 0x9E3779B9) % 2**32)


def test_a_draw_is_53_bits() -> None:
    words, draws = Xoshiro(7), Xoshiro(7)
    for _ in range(1000):
        high, low = words.word(), words.word()
        want = Fraction(high // 2**5 * 2**26 + low // 2**6, 2**53)
        assert Fraction(draws.uniform()) == want < 1


def test_greedy_takes_the_lowest_of_the_largest() -> None:
    assert greedy(np.array([1, 3, 2, 3], np.float32)) == 1


def choice(t: float, top_k: int | None = None, top_p: float | None = None) -> Choice:
    return Choice("sample", np.float32(t), top_k, None if top_p is None else np.float32(top_p))


def exact_kept(weights: list[int], top_k: int | None, top_p: float | None) -> list[int]:
    """[decode-7] with exact numbers: the weights, 0 for the ids that are not kept."""
    order = sorted(range(len(weights)), key=lambda k: (-weights[k], k))
    order = order[:top_k]
    if top_p is not None:
        total = sum(weights[k] for k in order)
        least = Fraction(float(np.float32(top_p)) * float(total))  # rounded to binary64
        sums = [sum(weights[k] for k in order[: n + 1]) for n in range(len(order))]
        order = order[: next(n for n, s in enumerate(sums) if s >= least) + 1]
    return [weight if k in order else 0 for k, weight in enumerate(weights)]


def exact_sample(
    logits: np.ndarray, t: float, u: float, top_k: int | None = None, top_p: float | None = None
) -> int:
    """[decode-2] with exact numbers."""
    e = exp((logits - logits.max()) / np.float32(t))
    weights = exact_kept([int(Fraction(float(value)) * 2**31) for value in e], top_k, top_p)
    total = sum(weights)
    r = min(int(u * float(total)), total - 1)
    return next(k for k in range(len(weights)) if sum(weights[: k + 1]) > r)


@pytest.mark.parametrize("t", [2.0**-7, 0.3, 1, 128])
def test_sampling_is_exact(t: float) -> None:
    logits = (np.random.default_rng(0).standard_normal((50, 9)) * 3).astype(np.float32)
    random, draws = Xoshiro(1), Xoshiro(1)
    for row in logits:
        assert sample(row, choice(t), random) == exact_sample(row, t, draws.uniform())


@pytest.mark.parametrize("top_k", [None, 1, 2, 5, 9, 2**31 - 1])
@pytest.mark.parametrize("top_p", [None, 2.0**-20, 0.3, 0.5, 0.9, 1])
def test_top_k_and_top_p_are_exact(top_k: int | None, top_p: float | None) -> None:
    rng = np.random.default_rng(0)
    # Few different logits, so that many weights are equal.
    logits = rng.integers(0, 3, (60, 9)).astype(np.float32) * np.float32(0.7)
    for row in logits:
        u = float(rng.random())
        got = sample(row, choice(1, top_k, top_p), Fixed(u))
        assert got == exact_sample(row, 1, u, top_k, top_p)


def test_a_sum_that_is_just_enough() -> None:
    """Four equal weights: half of them is exactly two, a little more is three."""
    logits = np.zeros(4, np.float32)
    almost_one = 1 - 2**-53
    assert sample(logits, choice(1, None, 0.5), Fixed(almost_one)) == 1
    assert sample(logits, choice(1, None, 0.50001), Fixed(almost_one)) == 2
    assert sample(logits, choice(1, 3, 0.5), Fixed(almost_one)) == 1
    assert sample(logits, choice(1, 3, 0.7), Fixed(almost_one)) == 2
    assert sample(logits, choice(1, 1, 1), Fixed(almost_one)) == 0


class Fixed(Xoshiro):
    def __init__(self, u: float) -> None:
        super().__init__(0)
        self.u = u

    def uniform(self) -> float:
        return self.u


def test_edges_of_a_draw() -> None:
    logits = np.array([-1e30, 0, -1e30, 0, -1e30], np.float32)
    assert [sample(logits, choice(1), Fixed(u)) for u in (0, 0.4999, 0.5, 1 - 2**-53)] == [
        1,
        1,
        3,
        3,
    ]


def test_sampled_frequencies() -> None:
    p = np.array([0.5, 0.25, 0.125, 0.125])
    random = Xoshiro(3)
    logits = np.log(p).astype(np.float32)
    counts = np.bincount([sample(logits, choice(1), random) for _ in range(4000)])
    assert ((counts - 4000 * p) ** 2 / (4000 * p)).sum() < 16.3  # 0.1 % of the time, with 3 degrees


def by_hand(prime: list[int], count: int, choose: Any) -> list[int]:  # noqa: ANN401 - a function
    session = Session(PLAN)
    for token in prime[:-1]:
        session.step([token])
    ids, last = [], prime[-1]
    for _ in range(count):
        last = choose(session.logits([last])[0])
        ids.append(last)
    return ids


def test_generating() -> None:
    random = Xoshiro(9)
    want = by_hand([1, 2], 40, lambda logits: sample(logits, choice(0.5), random))
    options: Any = {"mode": "sample", "temperature": 0.5, "seed": 9}
    assert list(generate(PLAN, [1, 2], 40, **options)) == want
    assert list(generate(PLAN, "bc", 40, **options)) == want
    assert list(islice(generate(PLAN, "bc", **options), 40)) == want
    assert list(generate(PLAN, "bc", 40)) == by_hand([1, 2], 40, greedy)
    assert list(generate(PLAN, "bc", 0)) == []
    own = rnnspec.compile(
        dataclasses.replace(MODEL, decoding=Decoding(mode="sample", temperature=0.5))
    )
    assert list(generate(own, "bc", 40, seed=9)) == want
    assert list(generate(own, "bc", 40, mode="greedy")) == by_hand([1, 2], 40, greedy)
    assert list(generate(own, "bc", 40, temperature=4)) != list(generate(own, "bc", 40))


def test_the_models_own_top_k_and_top_p() -> None:
    random = Xoshiro(5)
    want = by_hand([1], 40, lambda logits: sample(logits, choice(2, 3, 0.8), random))
    decoding = Decoding(mode="sample", temperature=2, top_k=3, top_p=0.8)
    own = rnnspec.compile(dataclasses.replace(MODEL, decoding=decoding))
    assert list(generate(own, "b", 40, seed=5)) == want
    given = generate(PLAN, "b", 40, "sample", 2, 3, 0.8, 5)
    assert list(given) == want
    assert list(generate(own, "b", 40, seed=5, top_k=2**31 - 1, top_p=1)) == list(generate(PLAN, "b", 40, "sample", 2, seed=5))  # fmt: skip
    assert list(generate(own, "b", 40, seed=5, top_k=1)) == by_hand([1], 40, greedy)


def test_a_net_without_time_generates() -> None:
    document = {
        "input": {"kind": "tokens", "vocabulary": "v"},
        "vocabularies": {"v": {"unit": "token", "tokens": ["a", "b", "c"], "separator": " "}},
        "layers": [
            {"name": "o", "type": "one_hot"},
            {"name": "l", "type": "last_step"},
            {"name": "d", "type": "dense", "size": 3, "parameters": {"W": "W"}},
            {"name": "s", "type": "activation", "function": "log_softmax"},
        ],
        "output": {"kind": "log_probabilities", "vocabulary": "v"},
        "tensors": {"W": [[0, 1, 0], [0, 0, 1], [1, 0, 0]]},  # each asks for the next
    }
    plan = rnnspec.compile(rnnspec.build(document))
    assert list(generate(plan, "a", 4)) == [1, 2, 0, 1]
    assert list(generate_text(plan, "c a", 4)) == ["b", " c", " a", " b"]


def test_start_and_end() -> None:
    tokens = by_hand([6, 1], 30, greedy)
    start = rnnspec.compile(with_vocabulary(start=6))
    assert list(generate(start, "b", 30)) == tokens
    assert list(generate(start, "", 30)) == by_hand([6], 30, greedy)
    last = tokens[-1]
    ended = rnnspec.compile(with_vocabulary(start=6, end=last))
    assert list(generate(ended, [1])) == tokens[: tokens.index(last)]


@pytest.mark.parametrize(
    ("prime", "options", "expected"),
    [
        ("", {}, "RUN_PRIME"),
        ([], {}, "RUN_PRIME"),
        ("x", {}, "RUN_TEXT"),
        ([7], {}, "RUN_TOKEN"),
        ([-1], {}, "RUN_TOKEN"),
        ([0.5], {}, "RUN_TOKEN"),
        ("a", {"mode": "best"}, "RUN_OPTION"),
        ("a", {"mode": "sample"}, "RUN_OPTION"),
        ("a", {"mode": "sample", "temperature": 0}, "RUN_OPTION"),
        ("a", {"mode": "sample", "temperature": 129}, "RUN_OPTION"),
        ("a", {"mode": "sample", "temperature": float("nan")}, "RUN_OPTION"),
        ("a", {"mode": "sample", "temperature": 1e300}, "RUN_OPTION"),
        ("a", {"seed": -1}, "RUN_OPTION"),
        ("a", {"seed": 2**32}, "RUN_OPTION"),
        ("a", {"seed": 0.5}, "RUN_OPTION"),
        ("a", {"count": -1}, "RUN_OPTION"),
        ("a", {"count": True}, "RUN_OPTION"),
        ("a", {"count": 2**31}, "RUN_OPTION"),
        ("a", {"temperature": "1"}, "RUN_OPTION"),
        ("a", {"temperature": True}, "RUN_OPTION"),
        ("a", {"temperature": 1000}, "RUN_OPTION"),  # though greedy does not need it
        ("a", {"top_k": 0}, "RUN_OPTION"),
        ("a", {"top_k": 2**31}, "RUN_OPTION"),
        ("a", {"top_k": 1.5}, "RUN_OPTION"),
        ("a", {"top_p": 0}, "RUN_OPTION"),
        ("a", {"top_p": 1.0001}, "RUN_OPTION"),
        ("a", {"top_p": float("inf")}, "RUN_OPTION"),
        ("x", {"top_p": 2}, "RUN_OPTION"),  # options before the text
        ([9], {"count": -1}, "RUN_OPTION"),
    ],
)
def test_faults_come_with_the_call(prime: Any, options: Any, expected: str) -> None:  # noqa: ANN401 - anything
    assert code(generate, PLAN, prime, **options) == expected


def test_temperature_is_rounded_before_it_is_judged() -> None:
    assert next(generate(PLAN, "a", mode="sample", temperature=128.0000001)) in range(7)
    assert next(generate(PLAN, "a", mode="sample", temperature=1, top_p=1.00000001)) in range(7)


def test_nets_that_can_not_generate() -> None:
    assert code(generate, rnnspec.compile(feature_net()), "a") == "RUN_DECODING"
    output = rnnspec.Output(kind="probabilities")
    assert (
        code(generate, rnnspec.compile(dataclasses.replace(MODEL, output=output)), "a")
        == "RUN_DECODING"
    )


def test_text_of_what_is_generated() -> None:
    ids = list(generate(PLAN, "a", 20, mode="sample", temperature=1))
    assert MODEL.input_vocabulary
    assert decode(MODEL.input_vocabulary, ids) == "".join(LETTERS[k] for k in ids)
    assert "".join(generate_text(PLAN, "a", 20, mode="sample", temperature=1)) == decode(MODEL.input_vocabulary, ids)  # fmt: skip
    assert code(generate_text, PLAN, "") == "RUN_PRIME"


def test_prime_as_an_array() -> None:
    assert list(generate(PLAN, np.array([1, 2]), 5)) == list(generate(PLAN, "bc", 5))


# --- from a given state -----------------------------------------------------------------------------


def counting(**ids: int) -> rnnspec.Plan:
    """A net whose state is how often, and how long ago, it read each letter."""
    eye = np.eye(len(LETTERS))
    linear = {"activation": {"function": "linear"}, "hidden_size": len(LETTERS)}
    return rnnspec.compile(
        rnnspec.build(
            {
                "input": {"kind": "tokens", "vocabulary": "v"},
                "vocabularies": {"v": {"unit": "codepoint", "tokens": list(LETTERS), **ids}},
                "layers": [
                    {"name": "read", "type": "one_hot"},
                    {
                        "name": "count",
                        "type": "elman",
                        **linear,
                        "parameters": {"W": "W", "R": "R"},
                    },
                ],
                "output": {"kind": "logits", "vocabulary": "v"},
                "tensors": {"W": -5 * eye, "R": 0.9 * eye},
            }
        )
    )


DEEP = counting()


def fed(ids: list[int]) -> Any:  # noqa: ANN401 - a state
    session = Session(DEEP)
    for token in ids:
        session.step([token])
    return session.state()


DRAWN: Any = {"mode": "sample", "temperature": 2, "seed": 7}


def drawn(plan: rnnspec.Plan, prime: list[int], state: Any = None) -> list[int]:  # noqa: ANN401 - or none
    return list(generate(plan, prime, 20, state=state, **DRAWN))


def test_generating_goes_on_from_a_state() -> None:
    whole = list(generate(DEEP, [3, 1, 4, 1, 5], 20, **DRAWN))
    for cut in range(5):
        rest = [3, 1, 4, 1, 5][cut:]
        given = fed([3, 1, 4, 1, 5][:cut])
        assert drawn(DEEP, rest, given) == whole
        text = "".join(generate_text(DEEP, rest, 20, state=given, **DRAWN))
        assert text == "".join(LETTERS[k] for k in whole)
    changed = fed([6])
    assert drawn(DEEP, [5], changed) != drawn(DEEP, [5])
    saved = rnnspec.load_state(rnnspec.state_to_bytes(changed))
    assert drawn(DEEP, [5], saved) == drawn(DEEP, [5], changed)


def test_when_start_is_fed() -> None:
    """Always without a state; with one, only before nothing."""
    plan = counting(start=2)
    given = fed([0, 6])
    assert drawn(plan, [4], given) == drawn(DEEP, [4], given) != drawn(DEEP, [2, 4], given)
    assert drawn(plan, [4]) == drawn(DEEP, [2, 4]) != drawn(DEEP, [4])
    assert drawn(plan, [], given) == drawn(DEEP, [2], given) != drawn(DEEP, [2])
    assert drawn(plan, []) == drawn(DEEP, [2])
    assert code(generate, DEEP, [], 9, state=given) == "RUN_PRIME"


def test_faults_of_a_given_state_come_last() -> None:
    bad: Any = {"lstm0": {}}
    assert code(generate, DEEP, [9], state=bad) == "RUN_TOKEN"
    assert code(generate, DEEP, [], state=bad) == "RUN_PRIME"
    assert code(generate, DEEP, [1], seed=-1, state=bad) == "RUN_OPTION"
    assert code(generate, DEEP, [1], state=bad) == "RUN_STATE"
    two = {layer: {k: np.repeat(v, 2, 0) for k, v in arrays.items()} for layer, arrays in fed([1]).items()}  # fmt: skip
    assert code(generate, DEEP, [1], state=two) == "RUN_STATE"
    wrong = fed([1])
    wrong["count"]["h"][0, 0] = np.inf
    assert code(generate, DEEP, [1], state=wrong) == "RUN_NONFINITE_INPUT"
    given = fed([1])
    before = {layer: {k: v.copy() for k, v in arrays.items()} for layer, arrays in given.items()}
    list(generate(DEEP, [1], 5, state=given))
    assert all((given[k][role] == before[k][role]).all() for k in before for role in before[k])


def test_nets_that_need_what_comes_later_can_not_generate() -> None:
    assert MODEL.vocabularies
    layers = (*MODEL.layers[:-1], rnnspec.TimeReverseLayer(name="back"), dataclasses.replace(MODEL.layers[-1], inputs=("back",)))  # fmt: skip
    backward = rnnspec.compile(dataclasses.replace(MODEL, layers=layers))
    assert code(generate, backward, [1], seed=-1) == "RUN_DECODING"
    own = dataclasses.replace(MODEL, decoding=Decoding(mode="ctc", blank=0))
    assert code(generate, rnnspec.compile(own), [1], seed=-1) == "RUN_DECODING"
    assert code(generate, PLAN, [1], mode="ctc") == "RUN_DECODING"
    chosen = list(generate(rnnspec.compile(own), [1], 5, mode="greedy"))
    assert chosen == list(generate(PLAN, [1], 5))


# --- ctc ------------------------------------------------------------------------------------------


def reader(blank: int | None = None, function: str | None = None) -> rnnspec.Plan:
    """A net that says what it is given: its output is its input, four letters wide."""
    layers: list[dict[str, Any]] = [
        {"name": "same", "type": "activation", "function": function or "linear"}
    ]
    document: dict[str, Any] = {
        "input": {"kind": "features", "size": 4},
        "vocabularies": {"v": {"unit": "codepoint", "tokens": ["", "a", "b", "c"], "padding": 0}},
        "layers": layers,
        "output": {"kind": "probabilities" if function else "logits", "vocabulary": "v"},
        "tensors": {},
    }
    if blank is not None:
        document["decoding"] = {"mode": "ctc", "blank": blank}
    return rnnspec.compile(rnnspec.build(document))


def spoken(*ids: int) -> np.ndarray:
    """Logits of which these are the largest."""
    return np.eye(4, dtype=np.float32)[list(ids)]


def collapsed(path: list[int], blank: int) -> list[int]:
    """By the definition: neighbours that are equal are one, then blanks go."""
    kept = [k for n, k in enumerate(path) if n == 0 or path[n - 1] != k]
    return [k for k in kept if k != blank]


def test_the_best_path() -> None:
    x = [spoken(1, 1, 0, 1, 2, 2), spoken(0, 0, 3, 3, 3, 0)]
    ids, texts = rnnspec.ctc(reader(blank=0), x)
    assert ids == [[1, 1, 2], [3]]
    assert texts == ["aab", "c"]
    assert rnnspec.ctc(reader(blank=0), x, [4, 2]) == ([[1, 1], []], ["aa", ""])
    assert rnnspec.ctc(reader(blank=3), x, [4, 0]) == ([[1, 0, 1], []], ["aa", ""])
    assert rnnspec.ctc(reader(blank=0), x, blank=1) == ([[0, 2], [0, 3, 0]], ["b", "c"])
    assert rnnspec.ctc(reader(), x, np.array([0, 6]), blank=0) == ([[], [3]], ["", "c"])
    rng = np.random.default_rng(0)
    paths = rng.integers(0, 4, (50, 30))
    ids, texts = rnnspec.ctc(reader(blank=2), [spoken(*path) for path in paths])
    assert ids == [collapsed(path, 2) for path in paths.tolist()]
    assert texts == ["".join(["", "a", "b", "c"][k] for k in row) for row in ids]


def test_equal_logits_give_the_lowest_id() -> None:
    x = np.array([[[1, 5, 5, 0], [0, 0, 0, 0], [-0.0, 0, 0, 0]]], np.float32)
    assert rnnspec.ctc(reader(blank=3), x)[0] == [[1, 0]]
    # Of a softmax its input counts: 2^-20 is lost in its output.
    close = np.array([[[1, 1 + 2.0**-23, 1, 1]]], np.float32)
    assert rnnspec.ctc(reader(blank=0, function="softmax"), close)[0] == [[1]]


def test_faults_of_ctc() -> None:
    x = [spoken(1, 2)]
    assert code(rnnspec.ctc, reader(), x) == "RUN_OPTION"
    for bad in (4, -1, 0.5, True, "0"):
        assert code(rnnspec.ctc, reader(blank=0), x, blank=bad) == "RUN_OPTION"
    assert code(rnnspec.ctc, reader(blank=0), [[[0, 1]]]) == "RUN_SHAPE"
    assert code(rnnspec.ctc, reader(blank=0), x, [3]) == "RUN_LENGTH"
    assert code(rnnspec.ctc, reader(blank=0), x, state={"l": {}}) == "RUN_STATE"
    assert code(rnnspec.ctc, rnnspec.compile(feature_net()), x, blank=0) == "RUN_DECODING"
    last = dataclasses.replace(reader().model, layers=(rnnspec.LastStepLayer(name="same"),))
    assert code(rnnspec.ctc, rnnspec.compile(last), x, blank=0) == "RUN_DECODING"


def test_ctc_goes_on_from_a_state() -> None:
    ids = [[1, 2, 3, 4, 5, 6]]
    whole, _ = rnnspec.ctc(PLAN, ids, blank=0)
    _, state = rnnspec.run(PLAN, [[1, 2, 3]])
    best = [greedy(Session.logits(session, [token])[0]) for session in [Session(PLAN)] for token in ids[0]]  # fmt: skip
    assert whole == [collapsed(best, 0)]
    assert rnnspec.ctc(PLAN, [[4, 5, 6]], None, state, 0)[0] == [collapsed(best[3:], 0)]
