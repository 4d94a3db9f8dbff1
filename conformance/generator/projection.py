"""13.4: the projection of an LSTM."""

from collections.abc import Iterator

from conformance.case import Case
from conformance.generator.nets import Json, Numbers, array, builder, packed_case, run_case

SECTION = "projection"
LINEAR = {"function": "linear"}
OF_LINES = {"gates": LINEAR, "candidate": LINEAR, "output": LINEAR}
SPEC_INPUT = [1.0, -0.5]


def spec_example() -> builder:
    """The net of the worked example in 13.4: two cells, one projected h."""
    return builder(1, 0).lstm(
        2,
        W=[0.5, -0.3, 0.2, 1.1, -0.7, 0.4, 0.9, -0.1],
        R=[0.3, -0.9, 0.6, 0.2, 0.4, -1.1, -0.2, 0.5],
        b=[0.1, -0.2, 1.0, 0.9, 0.05, -0.15, 0.25, -0.35],
        projection=1,
        Q=[1.5, -2.0],
        qb=[0.125],
        projection_clip=0.25,
    )


def some(seed: int, rows: int = 2, steps: int = 3, width: int = 2) -> list[Json]:
    """Spread input."""
    return [{"input": Numbers(seed).array([rows, steps, width], -2, 1)}]


def cases() -> Iterator[Case]:
    """Every case of the section."""
    yield run_case(
        "projection/spec-example",
        "The worked example of 13.4",
        ["projection-1"],
        "h that is not projected, or a bound that is not reached",
        spec_example().document(),
        [{"input": array([1, 2, 1], SPEC_INPUT)}],
    )
    yield from sizes()
    yield from limits()


def sizes() -> Iterator[Case]:
    """P below H, H itself, above it, and 1."""
    for H, P in ((3, 2), (2, 2), (2, 3), (3, 1)):
        yield packed_case(
            f"projection/{H}-to-{P}",
            f"H = {H}, P = {P}",
            ["projection-1", "layer-7"],
            "R of H rows, a transposed Q, h and u exchanged, c that is projected",
            builder(2, 10 * H + P, -2, 0).lstm(H, projection=P).document(),
            some(P + H, steps=4),
            file=f"{H}-to-{P}",
        )
    yield packed_case(
        "projection/bias",
        "With qb and without b",
        ["projection-1", "layer-7", "layer-3"],
        "qb that is ignored or that asks for b",
        builder(2, 1, -2, 0).lstm(3, projection=2, qb=True, bias=False).document(),
        some(2),
    )
    # Columns of Q: 2^24, 1, −2^24 from u = 1 each, after qb = 1.
    yield run_case(
        "projection/order",
        "The chain over qb and u, k ascending",
        ["projection-1", "chain-1"],
        "qb added last, or the sum in another order",
        builder(1, 0)
        .lstm(
            3,
            OF_LINES,
            W=[0.0] * 12,
            R=[0.0] * 24,
            b=[1.0] * 12,
            projection=2,
            Q=[2.0**24, 1.0, 1.0, 2.0**24, -(2.0**24), -(2.0**24)],
            qb=[1.0, -0.25],
        )
        .document(),
        [{"input": array([1, 1, 1], [0.0])}],
    )
    yield packed_case(
        "projection/state",
        "A given state: h of P elements, c of H; a row of length 0 gives it back",
        ["run-2", "projection-1"],
        "a state of the wrong widths; h that is projected once more",
        builder(2, 32, -2, 0).lstm(3, projection=2).document(),
        [{"input": Numbers(3).array([2, 2, 2], -2, 1), "lengths": [2, 0]}],
        state={"lstm0": {"h": Numbers(4).array([2, 2]), "c": Numbers(5).array([2, 3])}},
        file="3-to-2",
    )
    for name, h, c in (("exchanged", 3, 2), ("unprojected", 3, 3)):
        yield packed_case(
            f"projection/refuse-{name}",
            f"A given h of {h} elements and a c of {c}, of a layer with H = 3 and P = 2",
            ["run-5", "run-2"],
            "a state whose sizes are not told apart",
            builder(2, 32, -2, 0).lstm(3, projection=2).document(),
            some(6),
            state={"lstm0": {"h": Numbers(7).array([2, h]), "c": Numbers(8).array([2, c])}},
            file="3-to-2",
            true=False,
        )
    yield packed_case(
        "projection/initial",
        "h0 of P elements, c0 of H, and `final`",
        ["run-2", "final-1", "projection-1"],
        "h0 of H elements; a final u in the place of h",
        builder(2, 9, -2, 0).lstm(3, projection=2, initial=True, final=True).document(),
        [{"input": Numbers(10).array([2, 3, 2], -2, 1), "lengths": [3, 0]}],
    )
    yield packed_case(
        "projection/two-layers",
        "Two projected layers and a dense one, in chunks",
        ["projection-1", "run-4"],
        "a next layer that reads u; chunks that show",
        builder(2, 11, -2, 0).lstm(3, projection=2).lstm(2, projection=3).dense(1).document(),
        [*some(12, steps=2), *some(13, steps=1)],
    )


def limits() -> Iterator[Case]:
    """projection_clip, T, and overflow."""
    yield packed_case(
        "projection/clip",
        "projection_clip reached above, below, and not at all",
        ["projection-1", "clip-1"],
        "a clip of u, or of one side",
        builder(2, 14, -1, 1).lstm(3, projection=4, projection_clip=0.25).document(),
        some(15, steps=4),
    )
    yield packed_case(
        "projection/not-clip",
        "clip cuts the gates and not the projection",
        ["projection-1", "chain-1"],
        "the clip of the pre-activations applied to the projection",
        builder(2, 16, 0, 2).lstm(2, projection=2, clip=0.5).document(),
        some(17),
    )
    lines = {"W": [1.0, 0.0, 1.0, 1.0], "R": [0.0] * 4, "b": [0.0, 0.0, 0.0, 0.0]}
    tiny = 2.0**-30
    yield run_case(
        "projection/tiny-u",
        "u below 2^−51 is 0 before Q makes it large",
        ["projection-1", "tiny-2"],
        "no T on u",
        builder(1, 0)
        .lstm(1, OF_LINES, **(lines | {"W": [1.0, 0.0, 1.0, tiny]}), projection=1, Q=[2.0**60])
        .document(),
        [{"input": array([1, 2, 1], [2.0**-7, 2.0**-12])}],
    )
    yield run_case(
        "projection/tiny-h",
        "A projected h below 2^−51 is 0, and so is its part in the next step",
        ["projection-1", "tiny-2"],
        "no T on what is projected",
        builder(1, 0)
        .lstm(1, OF_LINES, **(lines | {"R": [0.0, 0.0, 0.0, 2.0**60]}), projection=1, Q=[2.0**-50])
        .document(),
        [{"input": array([1, 3, 1], [0.5, 1.0, 2.0])}],
    )
    bound: Json = {"projection_clip": 1e30}
    none: Json = {}
    for name, clip, title in (
        ("overflow", none, "A projection that overflows fails"),
        ("overflow-clipped", bound, "With projection_clip it is the bound"),
    ):
        yield run_case(
            f"projection/{name}",
            title,
            ["projection-1", "finite-1", "clip-1"],
            "h judged before its clip",
            builder(1, 0).lstm(1, OF_LINES, **lines, projection=1, Q=[2.0**100], **clip).document(),
            [
                {"input": array([1, 1, 1], [0.5])},
                {"input": array([1, 2, 1], [1.0, 2.0**12])},
                {"input": array([1, 1, 1], [-0.5])},
            ],
            true="clipped" in name,
        )
    yield run_case(
        "projection/overflow-u",
        "u overflows and Q has only zeros: the call fails all the same",
        ["projection-1", "finite-1"],
        "u that is not judged, and ∞ × 0 skipped",
        builder(1, 0).lstm(1, OF_LINES, **lines, projection=1, Q=[0.0], qb=[0.5]).document(),
        [
            {"input": array([1, 1, 1], [0.5])},
            {"input": array([1, 2, 1], [1.0, 2.0**60])},
            {"input": array([1, 1, 1], [-0.5])},
        ],
    )
    yield run_case(
        "projection/overflow-u-clipped",
        "u overflows; projection_clip does not save it",
        ["projection-1", "finite-1"],
        "u that is not judged because h is finite after its clip",
        builder(1, 0)
        .lstm(1, OF_LINES, **lines, projection=1, Q=[1.0], projection_clip=4)
        .document(),
        [{"input": array([1, 1, 1], [0.5])}, {"input": array([1, 2, 1], [1.0, 2.0**60])}],
    )
