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
