"""The HTML page: its structure as a browser and a screen reader see it, and that nothing breaks out."""

import base64
import hashlib
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from conformance.case import Case
from conformance.report import Report, page
from conformance.report.page import failures_of, shared_out
from conformance.report.page.markup import Markup, el, join
from conformance.report.page.style import STYLE
from conformance.report.visible import visible
from conformance.runner import Runtime
from conformance.tests.report_samples import (
    CUT,
    DECODE,
    EXTRA,
    HOSTILE,
    OUTCOMES,
    RUN,
    RUN_GOT,
    RUNTIME,
    hostile,
    listed,
    outcome,
    report,
)
from conformance.verdict import Verdict

EMPTY = {"meta"}


class Page(HTMLParser):
    """Every element with its attributes and the tags around it, and the text of those that were asked for."""

    def __init__(self, written: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None], tuple[str, ...]]] = []
        self.texts: list[tuple[str, str]] = []
        self.feed(written)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs), tuple(self.open)))
        assert len(dict(attrs)) == len(attrs), f"an attribute twice: {tag} {attrs}"
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open:
            self.texts.append((self.open[-1], data))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes, _ in self.elements if name == tag]

    @property
    def text(self) -> str:
        return "".join(data for tag, data in self.texts if tag != "style")


PAGES = {
    "one": page.write([report()]),
    "two": page.write(
        [report(), report([OUTCOMES[0]], Runtime("other", "2", "C", (), frozenset()))]
    ),
    "clean": page.write([report([OUTCOMES[0]])]),
    "hostile": page.write([hostile()]),
    "listed": page.write([listed()]),
}


@pytest.mark.parametrize("name", PAGES)
def test_structure(name: str) -> None:
    found = Page(PAGES[name])
    assert PAGES[name].startswith("<!doctype html>\n")
    assert found.all("html") == [{"lang": "en"}]
    assert len(found.all("title")) == 2 * len(found.all("svg")) / 2 + 1
    tags = Counter(tag for tag, _, _ in found.elements)
    assert tags["header"] == tags["main"] == tags["footer"] == tags["h1"] == 1
    ids = [attributes["id"] for _, attributes, _ in found.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes, _ in found.elements:
        link = attributes.get("href")
        assert link is None or (link.startswith("#") and link[1:] in ids)
        for named in (attributes.get("aria-labelledby") or "").split():
            assert named in ids
    assert found.elements[[tag for tag, _, _ in found.elements].index("body") + 1][:2] == (
        "a",
        {"href": "#failures", "class": "skip"},
    )


@pytest.mark.parametrize("name", PAGES)
def test_headings_leave_no_level_out(name: str) -> None:
    level = 0
    for tag, _, _ in Page(PAGES[name]).elements:
        if re.fullmatch("h[1-6]", tag):
            assert int(tag[1]) <= level + 1
            level = int(tag[1])


@pytest.mark.parametrize("name", PAGES)
def test_tables_have_captions_and_scopes(name: str) -> None:
    found = Page(PAGES[name])
    tables = len(found.all("table"))
    assert tables >= 1
    assert len(found.all("caption")) == tables
    assert all(head.get("scope") in ("col", "row") for head in found.all("th"))
    rows = [around for tag, _, around in found.elements if tag == "tr" and "tbody" in around]
    heads = [attributes for attributes in found.all("th") if attributes.get("scope") == "row"]
    feet = [around for tag, _, around in found.elements if tag == "tr" and "tfoot" in around]
    assert len(heads) == len(rows) + len(feet)


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_loaded_run_or_styled_in_place(name: str) -> None:
    found = Page(PAGES[name])
    tags = {tag for tag, _, _ in found.elements}
    assert not tags & {"script", "link", "img", "iframe", "object", "embed", "base", "form", "use"}
    for _, attributes, _ in found.elements:
        assert not any(one == "style" or one.startswith("on") or one == "src" for one in attributes)
    style = "".join(data for tag, data in found.texts if tag == "style")
    assert "url(" not in style
    assert "@import" not in style
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = next(one for one in found.all("meta") if "http-equiv" in one)
    assert policy["http-equiv"] == "Content-Security-Policy"
    assert f"style-src 'sha256-{digest}'" in (policy["content"] or "")
    assert (policy["content"] or "").startswith("default-src 'none';")


@pytest.mark.parametrize("name", PAGES)
def test_what_scrolls_can_be_reached_and_has_a_name(name: str) -> None:
    for tag, attributes, _ in Page(PAGES[name]).elements:
        if tag == "pre" or attributes.get("class") == "scroll":
            assert attributes["tabindex"] == "0"
            assert attributes["role"] == "group"
            assert attributes.get("aria-label") or attributes.get("aria-labelledby")


COLOUR = re.compile(r"--([a-z-]+): #([0-9a-f]{6}|[0-9a-f]{3});")
# Text on its ground; and what shows where something is or ends.
PAIRS = [
    *((text, ground) for text in ("ink", "dim", "link") for ground in ("paper", "panel")),
    *((text, ground) for text in ("good", "known", "bad") for ground in ("paper", "panel")),
    *(("ink", box) for box in ("input", "layer", "output", "bad-panel")),
    *((text, "bad-panel") for text in ("bad", "dim")),
    ("mark-ink", "mark"),
]


def luminance(colour: str) -> float:
    """Of the guidelines for accessible web content, 2.2."""
    digits = colour if len(colour) == 6 else "".join(2 * digit for digit in colour)
    parts = [int(digits[k : k + 2], 16) / 255 for k in (0, 2, 4)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("which", [0, 1, 2])
def test_text_stands_out_in_light_and_dark_and_on_paper(which: int) -> None:
    palettes = [dict(COLOUR.findall(part)) for part in STYLE.split(":root {")[1:]]
    assert len(palettes) == 3
    colours = palettes[0] | palettes[which]
    for text, ground in PAIRS:
        one, other = sorted((luminance(colours[text]), luminance(colours[ground])))
        assert (other + 0.05) / (one + 0.05) >= 4.5, (text, ground)


def test_drawings_have_titles_and_words() -> None:
    found = Page(PAGES["one"])
    drawings = found.all("svg")
    assert len(drawings) == 3  # not of the document that is cut off
    for attributes in drawings:
        assert attributes["role"] == "img"
        title, description = (attributes["aria-labelledby"] or "").split()
        tags = {one.get("id"): tag for tag, one, _ in found.elements}
        assert (tags[title], tags[description]) == ("title", "desc")
    inside = [data for tag, data in found.texts if tag == "text"]
    for told in (
        "lstm “memory”",
        "hidden_size 2 · output final",
        "gates hard_sigmoid (alpha = 0.25,",
        "R [2, 8] float16",
        "h, c",
        "[N, T, 3]",
        "[N, 2]",
        "output: logits",
    ):
        assert told in inside
    assert "its state h, c comes back at the next step, gives [N, 2]" in found.text


def test_the_first_difference_in_decimal_bits_and_ulp() -> None:
    text = Page(PAGES["one"]).text
    assert "chunks[0].output: 2 of 4 elements differ, first [0, 2, 0]" in text
    assert "[0, 2, 0] ← first13f8000001.000000123f8000011 ulp" in text
    assert "[0, 3, 0] ≠1441600000-14c16000002,193,620,992 ulp" in text
    assert "[0, 0, 0]240000000240000000equal" in text


def test_the_rest_of_a_failure() -> None:
    text = Page(PAGES["one"]).text
    assert "This case catches: a product that is left out" in text
    assert "Requirements: [dense-1], [chain-1]" in text
    assert "ids: the first difference is at index 2" in text
    assert "[0, 1, 2, 0]" in text
    assert "Again: python -m conformance run dense/run -- ./mine --adapter 'a b'" in text
    assert "the adapter ended with exit code 3" in text
    assert "1: not declared: gru" in text


def test_a_case_is_asked_again_at_its_level() -> None:
    close = replace(RUNTIME, level="close")
    text = Page(page.write([report(runtime=close)])).text
    assert "Again: python -m conformance run --level close dense/run -- ./mine" in text


def test_requirements_are_linked_to_the_words_of_the_specification() -> None:
    found = Page(PAGES["one"])
    links = {attributes["href"] for attributes in found.all("a")}
    assert {"#spec-dense-1", "#spec-chain-1", "#spec-json-2", "#spec-doc-2"} <= links
    assert "A pre-activation is one accumulator. It starts at 0 + b[j]" in found.text


def test_without_the_specification(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "requirements", dict)
    written = page.write([report()])
    assert "#spec-" not in written
    assert "The text of SPEC.md is not beside this suite." in written


def test_places_are_marked() -> None:
    text = Page(PAGES["one"]).text
    assert "SYNTAX_ENDsyntaxerrorbyte 12yesno" in text
    assert "SYNTAX_ENDsyntaxerrorbyte 11noyes" in text
    assert "Byte 11 (got) is line 1, column 12." in text
    marks = [data for tag, data in Page(PAGES["one"]).texts if tag == "mark"]
    assert "20" in marks  # the last byte
    assert "end" in marks


def answered(case: Case, **finding: object) -> str:
    got = {"result": {"findings": [{**case.expect["findings"][0], **finding}]}}
    return Page(page.write([report([outcome(case, Verdict.MISMATCH, "x", got=got)])])).text


def test_a_place_past_the_end_is_told() -> None:
    assert "Byte 99 (got) is none of the 12 bytes, nor their end." in answered(CUT, place=99)


def test_pointers_are_marked_in_the_document() -> None:
    text = answered(EXTRA, place="/layers/0/nothing")
    assert '  "extra": 1  ← expected\n' in text
    assert "      (no nothing)  ← got\n" in text
    assert "The document's bytes" not in text


def test_the_matrix_has_a_column_for_each_and_words() -> None:
    text = Page(PAGES["two"]).text
    assert "sectionmineother" in text
    assert "document✗ 1 passed, 1 failed✓ 1 passed" in text
    assert "grunot" not in text
    assert "gru1 skippednot asked" in text
    assert "1 passed, 4 failed, 1 skipped" in text


def test_claims_stand_at_the_top() -> None:
    claim = "rnnspec 1.0-draft.3 · exact · complete · json+dense · 1/5"
    text = Page(PAGES["two"]).text
    assert text.index(claim) < text.index("Sections and runtimes") < text.index("Failures")


def test_known_failures_are_told_apart() -> None:
    found = Page(PAGES["listed"])
    text = found.text
    assert "4 failures, 2 of them known. Unexpected passes: 1." in text
    assert "dense▲ 1 failed (1 known)" in text
    assert "json✗ 1 failed" in text
    assert "▲ mine (Go): known mismatch" in text
    assert "✗ mine (Go): mismatch" in text
    assert "A known failure: ours: issue 7" in text
    assert "document/validunexpected passmended?" in text
    assert "json/goneno such case" in text
    assert [a["href"] for a in found.all("a") if a["href"] == "#known"] == []
    passed = report([OUTCOMES[0]])
    mended = replace(passed, results=(replace(passed.results[0], known="old"),))
    found = Page(page.write([mended]))
    assert [a["href"] for a in found.all("a") if a["href"] == "#known"] == ["#known"]
    assert "✗ 1 passed (1 unexpectedly)" in found.text
    known = replace(report(), results=tuple(replace(r, known="x") for r in report().results[1:]))
    assert "4 failures, all of them known." in Page(page.write([known])).text


def test_a_clean_run() -> None:
    found = Page(PAGES["clean"])
    assert "Nothing failed." in found.text
    assert found.all("details") == []


def test_one_case_of_two_runtimes_stands_once() -> None:
    other = Runtime("other", "2", "C", (), frozenset())
    runs = [report(), report([OUTCOMES[1]], other)]
    (both,) = [one for one in failures_of(runs) if one.case.id == "dense/run"]
    assert [column for column, _, _ in both.runs] == ["mine", "other"]
    text = Page(page.write(runs)).text
    assert text.count("This case catches: a product that is left out") == 1
    assert "What mine answered" in text
    assert "What other answered" in text


def test_one_id_of_two_suites_is_two_cases() -> None:
    changed = replace(RUN, title="triples")
    runs = [report(), report([outcome(changed, Verdict.MISMATCH)])]
    titles = [one.case.title for one in failures_of(runs) if one.case.id == "dense/run"]
    assert titles == ["doubles", "triples"]


def test_the_hostile_is_text() -> None:
    written = PAGES["hostile"]
    assert "<script" not in written
    assert all(line.isprintable() for line in written.splitlines())
    found = Page(written)
    assert visible(HOSTILE) in found.text
    assert found.text.count("<script>alert(1)</script>") > 10


def thousand() -> Report:
    ids = [f"{section}/{k}" for section in ("a", "b") for k in range(490)]
    ids += [f"c/{k}" for k in range(20)]
    return report(
        [outcome(replace(RUN, id=id_), Verdict.MISMATCH, "x", got={"result": RUN_GOT}) for id_ in ids]
    )  # fmt: skip


def test_a_thousand_failures_are_cut_and_counted() -> None:
    written = page.write([thousand()])
    assert len(written) < 2_000_000
    found = Page(written)
    assert len([one for one in found.all("details") if one.get("class") == "failure"]) == 200
    assert "200 of 1,000 failed cases are shown in full; the other 800 are listed" in found.text
    assert "400 more" in found.text
    assert "a/489 doubles. mine (Go): x" in found.text


def test_every_section_shows_some() -> None:
    failures = failures_of([thousand()])
    shown = shared_out(failures, 200)
    sections = Counter(one.case.section for one in failures if one.number in shown)
    assert sections == {"a": 90, "b": 90, "c": 20}


def test_markup_is_only_what_was_built() -> None:
    assert el("p", "<b>", el("b", "x"), class_='"') == '<p class="&quot;">&lt;b&gt;<b>x</b></p>'
    assert join("a", Markup("<i>"), between="&") == "a&amp;<i>"
    assert el("svg", viewBox="0 0 1 1", aria_label="") == '<svg viewBox="0 0 1 1"></svg>'


def test_one_failure_stands_open() -> None:
    found = Page(page.write([report([outcome(DECODE, Verdict.TIMEOUT, "no answer")])]))
    (failure,) = [one for one in found.all("details") if one.get("class") == "failure"]
    assert failure["open"] == "open"
