"""Whatever is written, reading ends with an answer and never with an exception."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicepipe.documents.source import SourceFile, decode_source
from voicepipe.reports import diagnostics_to_json, render_text
from voicepipe.screenplay.formats.loader import parse_scripts
from voicepipe.screenplay.formats.values import ScriptLanguages
from voicepipe.screenplay.syntax import Language

if TYPE_CHECKING:
    from voicepipe.screenplay.syntax import Screenplay

LANGUAGES = ScriptLanguages(source=Language("en"), known=(Language("en"), Language("zh")))
GOOD_YAML = (
    "start: a\nspeakers: {noah: {name: {en: Noah}}}\nvariables: {t: {type: int, max: 3}}\n---\n"
    "scene: a\nnodes:\n  open:\n    - line: a_10\n      who: noah\n      speed: 0.9\n"
    "      text: {en: 'Hi [pause:1s]{x}', zh: 舰}\n    - set: t += 1\n    - choice:\n"
    "        - {text: Go, goto: END, when: t < 3}\n    - goto: a.open\nbarks: {b: []}\n"
)
GOOD_CSV = (
    "kind,scene,node,line,who,speed,goto,when,set,value,text:en\n"
    "variable,,,t,,,,,,type=int max=3,\nscene,a,,,,,open,,,Title,\n"
    'line,a,open,a_10,noah,0.9,,,,,"Hi, [pause:1s]{x}"\nset,,,,,,,,t += 1,,\n'
    "option,,,,,,END,t < 3,,,Go\ngoto,,,,,,a.open,,,,\n"
)
SIGNS = [
    "\n",
    "- ",
    ": ",
    ",",
    '"',
    "'",
    "{",
    "}",
    "[",
    "]",
    "&a ",
    "*a",
    "!t ",
    ">",
    "#",
    "---\n",
    "\t",
    "  ",
    "\r",
    "\ufeff",
    "..",
    "/",
    "%",
    "舰",
    "{{",
    "==",
    "+=",
    ";",
    "~",
]
WORDS = [
    "scene",
    "nodes",
    "text",
    "choice",
    "goto",
    "END",
    "[pause:",
    "[say:x]",
    "not",
    "type=",
    "text:en",
    "null",
]
pieces = st.sampled_from([*SIGNS, "|", *WORDS])


@st.composite
def damaged(draw: st.DrawFn, good: str) -> str:
    """A good file with a few places cut, doubled or overwritten."""
    text = good
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        cut = draw(st.integers(0, 12))
        text = text[:at] + draw(pieces) + text[at + cut :]
    return text


def answer(path: str, text: str) -> Screenplay:
    source = SourceFile(path=path, text=text)
    screenplay, problems = parse_scripts([source], LANGUAGES)
    lines = source.lines()
    for problem in problems:
        assert 1 <= problem.span.line <= len(lines) + 1
        assert problem.span.column >= 1
        assert problem.span.length >= 1
        assert problem.message
    render_text(problems, lambda _, line: lines[line - 1] if line <= len(lines) else None)
    diagnostics_to_json(problems)
    return screenplay


@pytest.mark.parametrize(("path", "good"), [("a.yaml", GOOD_YAML), ("a.csv", GOOD_CSV)])
def test_the_good_files_are_good(path: str, good: str) -> None:
    _, problems = parse_scripts([SourceFile(path=path, text=good)], LANGUAGES)
    assert not problems


def test_blank_cells_beyond_the_header_say_nothing() -> None:
    text = "kind,scene,node,line,who,text:en\nscene,a,,,,Title,\t, ,\n"
    _, problems = parse_scripts([SourceFile(path="a.csv", text=text)], LANGUAGES)
    assert not [p for p in problems if "without a name" in p.message]


def readable(text: str) -> str:
    """The text as reading a file would have let it through."""
    source, _ = decode_source("a", text.encode("utf-8", "replace"))
    return "" if source is None else source.text


@settings(max_examples=150, deadline=None)
@given(damaged(GOOD_YAML))
def test_damaged_yaml_is_answered(text: str) -> None:
    answer("a.yaml", readable(text))


@settings(max_examples=150, deadline=None)
@given(damaged(GOOD_CSV))
def test_damaged_csv_is_answered(text: str) -> None:
    answer("a.csv", readable(text))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200), st.sampled_from(["a.yaml", "a.csv"]))
def test_any_text_is_answered(text: str, path: str) -> None:
    answer(path, readable(text))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["a.yaml", "a.csv"]))
def test_any_bytes_are_answered(content: bytes, path: str) -> None:
    source, problems = decode_source(path, content)
    if source is None:
        assert problems
    else:
        answer(path, source.text)


@settings(max_examples=60, deadline=None)
@given(st.lists(pieces, max_size=60).map("".join), st.sampled_from(["a.yaml", "a.csv"]))
def test_any_soup_of_syntax_is_answered(text: str, path: str) -> None:
    answer(path, readable(text))


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "..", "a/b", "C:\\x", "a\u202eb", "con.", "%2e"]
)
def test_ids_never_lead_anywhere(name: str) -> None:
    text = f"scene: '{name}'\nnodes: {{'{name}': [{{line: '{name}', who: '{name}', text: x}}]}}\n"
    _, problems = parse_scripts([SourceFile(path="a.yaml", text=text)], LANGUAGES)
    assert [p.code for p in problems] == ["VP124"] * 4
    _, problems = parse_scripts(
        [SourceFile(path="a.csv", text=f"scene,node,line,who\n{name},{name},{name},{name}\n")],
        LANGUAGES,
    )
    assert [p.code for p in problems] == ["VP124"] * 4


@pytest.mark.slow
@settings(max_examples=800, deadline=None)
@given(damaged(GOOD_YAML), damaged(GOOD_CSV))
def test_damaged_files_are_answered_hundreds_of_times(in_yaml: str, in_csv: str) -> None:
    answer("a.yaml", readable(in_yaml))
    answer("a.csv", readable(in_csv))


@pytest.mark.slow
@settings(max_examples=800, deadline=None)
@given(st.text(alphabet=string.printable + "舰［：", max_size=300))
def test_any_text_is_answered_hundreds_of_times(text: str) -> None:
    answer("a.yaml", readable(text))
    answer("a.csv", readable(text))
