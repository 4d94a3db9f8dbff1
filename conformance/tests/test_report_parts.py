"""What the page is made of: numbers, contrasts, places, nets, and the text of SPEC.md."""

import re
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from conformance import coverage
from conformance.case import Case, find
from conformance.compare import differences
from conformance.messages import Answer
from conformance.report import numbers
from conformance.report.contrast import Arrays, Findings, Side, Values, contrasts
from conformance.report.page.drawing import sentence
from conformance.report.page.markup import Markup
from conformance.report.page.net import SHOWN, boxes
from conformance.report.page.places import dump, line_and_column, outline
from conformance.report.page.specification import inline
from conformance.report.requirements import requirements
from conformance.tests.report_samples import CUT, DECODE, EXTRA, LSTM, RUN, RUN_GOT


def plain(markup: Markup) -> str:
    return unescape(re.sub("<[^>]*>", "", markup))


# --- numbers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("3f800000", "3f800001", "1 ulp"),
        ("3f800000", "3f800000", "equal"),
        ("3f800000", "3f7fffff", "1 ulp"),
        ("00000000", "80000000", "sign of zero"),
        ("00000001", "80000001", "2 ulp"),
        ("3f800000", "40000000", "8,388,608 ulp"),
        ("7f7fffff", "7f800000", "1 ulp"),
        ("7fc00000", "3f800000", "NaN"),
    ],
)
def test_distance(one: str, other: str, apart: str) -> None:
    assert numbers.distance(one, other) == numbers.distance(other, one) == apart


def test_decimals_tell_neighbours_apart() -> None:
    assert numbers.decimal("3dcccccd") == "0.100000001"
    assert numbers.decimal("3dcccccc") == "0.0999999940"[:-1]
    assert numbers.decimal("ff800000") == "-inf"


# --- contrasts ------------------------------------------------------------------------------------


def test_arrays() -> None:
    (found,) = contrasts(RUN, {"result": RUN_GOT})
    assert isinstance(found, Arrays)
    assert found.path == "chunks[0].output"
    assert found.wrong == [2, 3]
    assert found.place(3) == "[0, 3, 0]"


def test_the_input_stands_beside_where_it_fits() -> None:
    bits = {"shape": [2], "bits": "3f80000040000000"}
    case = Case(
        **{
            **vars(RUN),
            "command": "evaluate",
            "request": {"function": "exp", "input": bits},
            "expect": {"output": bits},
        }
    )
    (found,) = contrasts(case, {"result": {"output": {"shape": [2], "bits": "3f80000040000001"}}})
    assert isinstance(found, Arrays)
    assert found.beside == ["3f800000", "40000000"]


def test_states_that_are_not_compared_are_not_shown_and_stay_in_the_answer() -> None:
    case = replace(RUN, expect={"chunks": [{"code": "RUN_SHAPE"}]})
    got = {"result": {"chunks": [{"code": "RUN_SHAPE", "state": {"a": {}}}]}}
    assert contrasts(case, got) == []
    assert got["result"]["chunks"][0]["state"] == {"a": {}}


def test_any_nan_equals_any_nan() -> None:
    one, other = ({"shape": [1], "bits": bits} for bits in ("7fc00000", "ffc00001"))
    case = replace(RUN, expect={"output": one}, command="evaluate")
    assert contrasts(case, {"result": {"output": other}}) == []


def test_findings_by_code_and_place() -> None:
    moved = {**CUT.expect["findings"][0], "place": "12"}
    (found,) = contrasts(CUT, {"result": {"findings": [moved]}})
    assert isinstance(found, Findings)
    places = {told[3]: (expected, got) for told, expected, got in found.rows}
    assert places == {"12": (1, 0), '"12"': (0, 1)}


@pytest.mark.parametrize(
    ("case", "got", "first"),
    [
        (EXTRA, {"error": {"code": "X"}}, Values("answer", Side("a result"), Side('{"error": {"code": "X"}}'))),
        (CUT, {"result": {"findings": 1}}, None),
        (RUN, {"result": {"chunks": 3}}, None),
        (RUN, {"result": {"chunks": []}}, None),
        (RUN, {"result": {}}, None),
        (RUN, {"result": {"chunks": [{"code": "RUN_SHAPE", "state": {}}]}}, None),
        (RUN, {"result": {"chunks": [{"output": {"shape": [1], "bits": "00000000"}, "state": {}}]}}, None),
        (RUN, {"result": {"chunks": [{"output": {"bits": "x"}, "state": 1}]}}, None),
        (DECODE, {"result": {"ids": [True, 1, 2, 0], "text": "abca"}}, None),
        (RUN, {"cut": 9, "start": "x"}, ()),
    ],
)  # fmt: skip
def test_whatever_was_answered(
    case: Case, got: dict[str, Any], first: Values | tuple[()] | None
) -> None:
    found = contrasts(case, got)
    if first == ():
        assert found == []
    else:
        assert found
        assert first is None or found[0] == first


@pytest.mark.parametrize(
    ("wanted", "got", "index", "left", "right"),
    [
        ([0, 10, 2], [0, 1, 2], 1, "10", "1"),
        ([5], [6], 0, "5", "6"),
        ([0], [0, 7], 1, "]", "7"),
        ("aé\nb", "aé\nc", 3, "b", "c"),
        ("a\n", "ab", 1, r"\n", "b"),
        ("ab", "a", 1, "b", '"'),
    ],
)
def test_the_first_difference_is_marked(
    wanted: Any,  # noqa: ANN401 — lists and strings
    got: Any,  # noqa: ANN401
    index: int,
    left: str,
    right: str,
) -> None:
    case = replace(DECODE, expect={"text": wanted})
    (found,) = contrasts(case, {"result": {"text": got}})
    assert isinstance(found, Values)
    assert found.first == index
    for side, marked in ((found.expected, left), (found.got, right)):
        assert side.text[side.start : side.end] == marked


def test_a_right_answer_has_no_contrast_and_a_wrong_one_has() -> None:
    """Over the cases: what the runner calls a difference can be seen."""
    seen = set()
    for case in find(
        ["dense/", "decoding/", "selftest/", "texts/", "versions/", "saved_state/", "functions/"]
    ):
        if case.command in ("start", "stop", "convert", "write_state") or "any" in case.expect:
            continue
        seen.add(case.command)
        right = case.expect if "error" in case.expect else {"result": case.expect}
        assert contrasts(case, right) == [], case.id
        wrong = Answer("error", {"code": "OTHER"})
        assert differences(case, wrong, player=False)
        assert contrasts(case, {"error": {"code": "OTHER"}}), case.id
    assert seen >= {
        "run",
        "decode",
        "selftest",
        "encode",
        "text",
        "validate",
        "read_state",
        "evaluate",
    }


# --- places ---------------------------------------------------------------------------------------


def test_dump() -> None:
    data = bytes(range(64, 64 + 100))
    lines = plain(dump(data, {50: "expected", 51: "got"})).splitlines()
    assert lines[0] == "       …"
    assert lines[1].startswith("      16  50 51")
    marked = next(line for line in lines if line.startswith("      48"))
    assert marked.endswith("  ← expected, got")
    assert "<mark>72</mark> <mark>73</mark>" in dump(data, {50: "expected", 51: "got"})
    assert lines[-1].endswith("100 bytes in all")


def test_dump_of_the_end_and_of_nothing() -> None:
    assert plain(dump(b"", {0: "expected"})) == "       0  end" + " " * 31 + "  ← expected"
    assert "end" in plain(dump(b"12345678", {8: "got"}))
    assert plain(dump(b"{}", {})).startswith("       0  7b 7d")


def test_line_and_column() -> None:
    data = "é\n{x".encode()
    assert line_and_column(data, 4) == "line 2, column 2"
    assert line_and_column(data, 2) == "line 1, column 2"


DOCUMENT = {"a": 1, "b": {"c/d": [0, 1, {"e": "x" * 500}], "f": [1] * 100}, "~": b"12"}


@pytest.mark.parametrize(
    ("pointer", "line"),
    [
        ("", "{…  ← got"),
        ("/a", '  "a": 1  ← got'),
        ("/~0", '  "~": (2 bytes)  ← got'),
        ("/b/c~1d/1", "      1  ← got"),
        ("/b/f/50", "      1  ← got"),
        ("/b/x", "    (no x)  ← got"),
        ("/b/f/100", "      (no 100)  ← got"),
        ("/a/b/c", '  "a": 1  ← got'),
        ("/no/where", "  (no no)  ← got"),
        ("/b", '  "b": {"c/d": [0, 1, {"e": '),
    ],
)
def test_outline(pointer: str, line: str) -> None:
    lines = plain(outline(DOCUMENT, {pointer: "got"})).splitlines()
    marked = [one for one in lines if "← got" in one]
    assert len(marked) == 1
    assert marked[0].startswith(line.split("…", maxsplit=1)[0])
    assert all(len(one) < 120 for one in lines)


def test_outline_leaves_out_what_is_far() -> None:
    lines = plain(outline({"f": list(range(100))}, {"/f/50": "expected"})).splitlines()
    assert [one.strip() for one in lines[2:9]] == [
        "… 48 more", "48", "49", "50  ← expected", "51", "52", "… 47 more",
    ]  # fmt: skip


# --- nets -----------------------------------------------------------------------------------------


def test_boxes() -> None:
    kinds = [(box.kind, box.title, box.wire, box.loop) for box in boxes(LSTM)]
    assert kinds == [
        ("input", "input: token ids", "[N, T]", ""),
        ("layer", "one_hot “letters”", "[N, T, 3]", ""),
        ("layer", "lstm “memory”", "[N, 2]", "h, c"),
        ("layer", "dense “out”", "[N, 3]", ""),
        ("output", "output: logits", "", ""),
    ]


def test_many_layers_are_cut() -> None:
    layers = [{"name": f"l{k}", "type": "dense", "size": k} for k in range(1, 101)]
    found = boxes({**LSTM, "layers": layers})
    assert len(found) == SHOWN + 3
    assert found[6].title == "… 90 more layers …"
    assert (found[5].title, found[7].title) == ("dense “l5”", "dense “l96”")
    assert found[6].wire == "[N, T, 95]"


@pytest.mark.parametrize(
    "document",
    [
        None,
        1,
        [],
        {},
        {"layers": 1},
        {"layers": []},
        {"layers": [None, 1, {"type": {}, "name": [], "activations": 3, "parameters": [], "size": None}]},
        {"layers": [{"activations": {"gates": None}, "parameters": {"W": {}}, "function": True}], "tensors": 1},
        {"layers": [{}], "input": {"kind": "tokens", "vocabulary": []}, "vocabularies": [], "output": []},
        {"layers": [{"size": 1e300, "output": [], "alpha": "x"}], "decoding": {"mode": None}, "tensors": {}},
        {"layers": [{"parameters": {"W": "W"}}], "tensors": {"W": {"shape": [[], 1.5, "x"], "dtype": b""}}},
    ],
)  # fmt: skip
def test_no_document_is_too_strange_to_draw(document: object) -> None:
    assert isinstance(sentence(boxes(document)), str)


# --- SPEC.md --------------------------------------------------------------------------------------


def test_every_requirement_has_its_text() -> None:
    found = requirements()
    assert sorted(found) == sorted(coverage.requirements())
    assert all(one.words and one.section for one in found.values())
    assert found["lstm-1"].section == "13.4 lstm"
    assert found["lstm-1"].formulas[0].startswith("i[j] = gates(a[j])")
    assert found["json-1"].words.endswith("`truex` at the `x`.)")
    assert found["bytes-3"].words.endswith("`3C` (HTML or XML).")
    assert found["exp-1"].formulas[-1] == "exp(x) = T(y + y)"


def test_no_specification(tmp_path: Path) -> None:
    assert requirements(tmp_path / "SPEC.md") == {}


def test_markdown() -> None:
    assert inline("a `b*c*` **[d]** *e* [f](#g) <h> \\*i\\* 2\\^3") == (
        "a <code>b*c*</code> <strong>[d]</strong> <em>e</em> f &lt;h&gt; *i* 2\\^3"
    )
