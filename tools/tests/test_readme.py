from pathlib import Path

import pytest

import readme


def page(tmp_path: Path, text: str) -> str:
    path = tmp_path / "page.md"
    path.write_text(text, "utf-8")
    return str(path)


def block(language: str, code: str, output: str | None = None) -> str:
    text = f"{readme.RUN}\n```{language}\n{code}\n```\n"
    if output is not None:
        text += f"\n{readme.OUTPUT}\n```text\n{output}\n```\n"
    return text


HELLO = [
    ("sh", "echo hello"),
    ("python", "import rnnspec\nprint('hello')"),
    ("js", 'import * as rnnspec from "rnnspec";\nconsole.log(rnnspec && "hello");'),
    ("java", 'import java.util.List;\nSystem.out.println(List.of("hello").get(0));'),
    (
        "java",
        "class A {\n  public static void main(String[] a) {\n"
        '    System.out.println("hello");\n  }\n}',
    ),
]


@pytest.mark.parametrize(("language", "code"), HELLO)
def test_a_block_runs_and_its_output_is_compared(tmp_path: Path, language: str, code: str) -> None:
    assert readme.main([page(tmp_path, block(language, code, "hello"))]) == 0
    assert readme.main([page(tmp_path, block(language, code, "hullo"))]) == 1


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("sh", "false | true"),
        ("python", "1 / 0"),
        ("js", 'throw new Error("no");'),
        ("java", "int x = 1 / 0;"),
        ("java", "does not compile"),
    ],
)
def test_a_block_that_fails_fails(tmp_path: Path, language: str, code: str) -> None:
    assert readme.main([page(tmp_path, block(language, code))]) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "```sh\necho not marked\n```\n",
        f"{readme.RUN}\n```cobol\nSTOP RUN.\n```\n",
        f"{readme.RUN}\n\n```sh\necho the mark is not on the line before\n```\n",
        f"{readme.RUN}\n```sh\necho no end\n",
        f"{readme.OUTPUT}\n```text\nof nothing\n```\n",
        block("sh", "true") + "```sh\n```\n" + f"{readme.OUTPUT}\n```text\nof another\n```\n",
    ],
)
def test_a_page_that_says_nothing_runnable_fails(tmp_path: Path, text: str) -> None:
    assert readme.main([page(tmp_path, text)]) == 1


def test_blocks_without_a_mark_are_left_alone(tmp_path: Path) -> None:
    text = "```sh\nexit 1\n```\n" + block("sh", "true")
    assert readme.main([page(tmp_path, text)]) == 0


def test_a_page_that_is_not_there_fails(tmp_path: Path) -> None:
    assert readme.main([str(tmp_path / "absent.md")]) == 1
