"""The generator, the draw and the choice, against numbers from elsewhere and exact arithmetic."""

from fractions import Fraction

import pytest

from conformance.generator.build import json_bytes
from conformance.generator.ctc import with_text
from conformance.generator.decoding import EDGE_SEEDS, FINE_SEEDS, LOWEST_SEED
from conformance.generator.decoding_nets import chain_net
from conformance.generator.nets import Json, builder
from conformance.generator.top_k_top_p import (
    HAIR_LOGITS,
    HAIR_P,
    QUOTIENT_LOGITS,
    QUOTIENT_P,
)
from conformance.oracle.decode import (
    Generator,
    Options,
    choose,
    ctc,
    fmix,
    generate,
    greedy,
    kept,
    weights,
)
from conformance.oracle.finding import RunError
from conformance.oracle.float32 import f32
from conformance.oracle.net import Array, Net, load
from conformance.oracle.reader import read


def test_xoshiro128_starstar_from_the_state_1_2_3_4() -> None:
    generator = Generator(0)
    generator.s = [1, 2, 3, 4]
    assert [generator.word() for _ in range(4)] == [11520, 0, 5927040, 70819200]


def test_fmix_is_the_finaliser_of_murmur3() -> None:
    assert fmix(0) == 0
    assert fmix(1) == 0x514E28B7


def test_no_seed_gives_the_state_zero() -> None:
    for seed in (0, 1, 0xFFFFFFFF, 0x61C88647):  # fmix is a bijection: at most one word is 0
        assert sum(word == 0 for word in Generator(seed).s) <= 1


def test_a_draw_lies_in_range_and_has_53_bits() -> None:
    generator = Generator(5)
    for _ in range(1000):
        u = generator.draw()
        assert 0 <= u < 1
        assert (u * 2**53).is_integer()


def test_weights() -> None:
    assert weights([0.0, 1000.0, -5.0], 1.0) == [0, 2**31, 0]
    assert weights([1.0, 1.0], 0.5) == [2**31, 2**31]


def test_choice_is_exact() -> None:
    w = [3, 0, 5, 2]
    for step in range(1000):
        u = step / 1000
        r = int(u * 10)  # the product is a binary64
        assert choose(w, [0, 1, 2, 3], u) == (0 if r < 3 else 2 if r < 8 else 3)


def test_the_largest_draw_stays_below_the_sum() -> None:
    u = 1 - 2.0**-53
    for S in (1, 3, 2**31, 2**31 + 1, 2**52 - 1):
        w = [S - 1, 1] if S > 1 else [S]
        assert choose(w, list(range(len(w))), u) == len(w) - 1


def test_the_searched_seeds_lie_on_edges() -> None:
    coarse = [f32(v) for v in (0.3, -1.2, 0.9, -0.4)]
    fine = [f32(v) for v in (-6.5, -7.1, -9.3, 0.25, -5.2, -11.7)]
    for seeds, x in ((EDGE_SEEDS, coarse), (FINE_SEEDS, fine)):
        w = weights(x, 1.0)
        edges = [sum(w[: k + 1]) for k in range(len(w))]
        for seed in seeds:
            r = int(Generator(seed).draw() * sum(w))
            assert min(abs(r - edge) for edge in edges) <= 3
    assert Generator(LOWEST_SEED).draw() < 2.0**-32


def test_greedy_takes_the_first() -> None:
    assert greedy([1.0, 3.0, 3.0]) == 1


def test_generating_ends() -> None:
    document = read(json_bytes(chain_net([1, 2, 3, 0], end=3).document())).document
    assert document is not None
    net = load(document)
    assert generate(net, [0], Options(count=10, seed=0)) == [1, 2]
    assert generate(net, [0], Options(count=1, seed=0)) == [1]
    with pytest.raises(RunError, match="RUN_PRIME"):
        generate(net, [], Options(count=1, seed=0))


def test_the_kept_are_the_largest_and_enough() -> None:
    w = [5, 9, 5, 0, 1]
    assert kept(w, None, None) == [0, 1, 2, 3, 4]
    assert kept(w, 2, None) == [0, 1]
    assert kept(w, 9, None) == [0, 1, 2, 3, 4]
    assert kept(w, None, 0.5) == [0, 1]
    assert kept(w, None, 0.4) == [1]
    assert kept(w, 2, 0.75) == [0, 1]
    assert kept(w, 2, 0.625) == [1]


def test_the_searched_products_round() -> None:
    w = weights(HAIR_LOGITS, 1.0)
    assert Fraction(HAIR_P) * sum(w) > sum(w[:3]) == HAIR_P * sum(w)
    w = weights(QUOTIENT_LOGITS, 1.0)
    assert sum(w[:6]) / sum(w) == QUOTIENT_P
    assert sum(w[:6]) < QUOTIENT_P * sum(w)


# --- draft 3 --------------------------------------------------------------------------------------


def test_the_best_path_by_hand() -> None:
    model = with_text(builder(3, 0).activation("linear"), blank=0, tokens=["", "a", "b"])
    net = load_net(model)
    best = [1, 1, 0, 1, 2, 2, 0, 0, 2]
    x = Array((1, 9, 3), [float(k == j) for k in best for j in range(3)])
    assert ctc(net, x) == [[1, 1, 2, 2]]
    assert ctc(net, x, [5]) == [[1, 1, 2]]
    assert ctc(net, x, blank=2) == [[1, 0, 1, 0]]


def test_start_is_fed_if_there_is_no_prime_or_no_state() -> None:
    made = chain_net([1, 2, 3, 0], start=3)
    net = load_net(made.document())
    options = Options(count=1, seed=0)
    assert generate(net, [], options) == [0]
    assert generate(net, [], options, {}) == [0]
    assert generate(net, [1], options, {}) == [2]


def load_net(document: Json) -> Net:
    result = read(json_bytes(document))
    assert result.document is not None
    return load(result.document)
