"""Screenplays in YAML: what each way of writing means, and what cannot be read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from voicepipe.documents.source import SourceFile
from voicepipe.screenplay.formats.loader import parse_scripts
from voicepipe.screenplay.formats.values import ScriptLanguages
from voicepipe.screenplay.syntax import Choice, DialogueLine, Effect, Jump, Language, Remark

if TYPE_CHECKING:
    from voicepipe.screenplay.syntax import Node, Screenplay

LANGUAGES = ScriptLanguages(source=Language("en"), known=(Language("en"), Language("zh")))
HANDBOOK = Path(__file__).parents[2] / "docs" / "reference" / "screenplay.md"
SCENE = "scene: bridge\nnodes:\n  open:\n"


def parse(text: str) -> Screenplay:
    screenplay, problems = parse_scripts([SourceFile(path="a.yaml", text=text)], LANGUAGES)
    assert not problems, problems
    return screenplay


def node(entries: str) -> Node:
    return parse(SCENE + entries).scenes[0].nodes[0]


def mistakes(text: str) -> list[tuple[str, int, int]]:
    _, problems = parse_scripts([SourceFile(path="a.yaml", text=text)], LANGUAGES)
    return [(p.code, p.span.line, p.span.column) for p in problems]


def test_the_examples_of_the_handbook_are_read_without_complaint() -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", HANDBOOK.read_text("utf-8"), re.DOTALL)
    assert len(blocks) >= 2
    screenplay = parse("---\n".join(blocks))
    assert [scene.id for scene in screenplay.scenes] == ["bridge", "town", "harbor"]
    assert screenplay.start == "bridge"
    assert {speaker.id for speaker in screenplay.speakers} >= {"noah", "narrator", "crew"}
    assert {variable.kind for variable in screenplay.variables} == {"int", "bool", "text"}
    kinds = {type(entry) for entry in screenplay.scenes[0].nodes[0].entries}
    assert kinds == {DialogueLine, Effect, Remark, Choice, Jump}
    assert screenplay.scenes[0].barks[0].id == "noah_alert"


@pytest.mark.parametrize(
    ("written", "slots"),
    [
        ("2.4s", {"*": 2.4}),
        ("900ms", {"*": 0.9}),
        ('{en: 2s, "*": 2.5s}', {"en": 2.0, "*": 2.5}),
    ],
)
def test_a_slot_holds_for_every_language_that_has_none(
    written: str, slots: dict[str, float]
) -> None:
    (line,) = node(f"    - {{line: a_10, who: noah, slot: {written}, text: {{en: No.}}}}\n").entries
    assert isinstance(line, DialogueLine)
    assert line.slots == slots


@pytest.mark.parametrize(
    "written", ["2.4", "0s", "121s", "2 seconds", "[2s]", "{de: 2s}", "{en: [2s]}"]
)
def test_a_slot_is_a_length(written: str) -> None:
    text = SCENE + f"    - {{line: a_10, who: noah, slot: {written}, text: {{en: No.}}}}\n"
    assert len(mistakes(text)) == 1


def test_a_line_holds_all_that_is_written() -> None:
    (line,) = node(
        "    - line: bridge_0010\n      who: noah\n      emotion: sad\n      speed: 0.95\n"
        "      note: low\n      comment: ours\n      when: trust > 0\n      tags: [a, b]\n"
        "      text: {en: No., zh: 不。}\n"
    ).entries
    assert isinstance(line, DialogueLine)
    assert (line.id, line.who, line.emotion, line.speed) == ("bridge_0010", "noah", "sad", 0.95)
    assert (line.note, line.comment, line.tags) == ("low", "ours", ("a", "b"))
    assert line.when is not None
    assert line.when.raw == "trust > 0"
    assert {tag: text.raw for tag, text in line.texts.items()} == {"en": "No.", "zh": "不。"}
    assert str(line.span) == "a.yaml:4:13"


def test_scalars_are_taken_as_they_are_written() -> None:
    texts = ["no", "3.10", "on", "2026-01-01", "1_000", "0x10", "null"]
    entries = "".join(f"    - {{who: noah, text: {text}}}\n" for text in texts)
    said = [
        e.texts[Language("en")].raw for e in node(entries).entries if isinstance(e, DialogueLine)
    ]
    assert said == texts


def test_space_around_a_text_does_not_count_and_its_place_is_kept() -> None:
    (line,) = node('    - who: noah\n      text: "  Wait. "\n').entries
    assert isinstance(line, DialogueLine)
    text = line.texts[Language("en")]
    assert text.raw == "Wait."
    assert (text.span.line, text.span.column, text.span.length) == (5, 16, 5)


def test_long_texts_may_run_over_several_lines() -> None:
    (line,) = node(
        "    - who: noah\n      text:\n        en: |\n          One.\n          Two.\n"
    ).entries
    assert isinstance(line, DialogueLine)
    assert line.texts[Language("en")].raw == "One.\nTwo."


def test_a_text_that_is_empty_is_not_translated_yet() -> None:
    (line,) = node("    - who: noah\n      text: {en: Hi, zh: ''}\n").entries
    assert isinstance(line, DialogueLine)
    assert list(line.texts) == ["en"]
    (empty,) = node("    - who: noah\n      text:\n").entries
    assert isinstance(empty, DialogueLine)
    assert not empty.texts


def test_options_are_voiced_when_somebody_speaks_them() -> None:
    (choice,) = node(
        "    - choice:\n        - {text: Go, goto: harbor.open, set: a = 1; b += 1}\n"
        "        - {text: Stay, goto: END, who: ada, line: x_1, emotion: calm, comment: c}\n"
    ).entries
    assert isinstance(choice, Choice)
    silent, voiced = choice.options
    assert silent.line is None
    assert [effect.raw for effect in silent.effects] == ["a = 1", "b += 1"]
    assert [str(effect.span) for effect in silent.effects] == ["a.yaml:5:46", "a.yaml:5:53"]
    assert voiced.line is not None
    assert (voiced.line.id, voiced.line.who, voiced.line.emotion) == ("x_1", "ada", "calm")
    assert voiced.line.texts == voiced.texts
    assert voiced.comment == "c"
    assert voiced.line.comment == ""


def test_barks_are_a_list_or_have_a_note() -> None:
    screenplay = parse(
        "scene: a\nbarks:\n  shouts:\n    - {who: noah, text: Hey}\n"
        "  calls: {note: far away, lines: [{who: noah, text: Oh}]}\n  none:\n"
    )
    shouts, calls, none = screenplay.scenes[0].barks
    assert [len(barks.lines) for barks in (shouts, calls, none)] == [1, 1, 0]
    assert calls.note == "far away"


def test_speakers_and_variables_are_declared_anywhere() -> None:
    screenplay = parse(
        "speakers: {ada: , crew: {group: [ada, lin]}, teller: {narrator: true, name: The Teller}}\n"
        "variables:\n  n: {type: int, min: -1, max: 3, start: 2}\n"
        "  p: {type: text, values: {x: Xi, y: }}\n"
        "---\nscene: a\nspeakers: {lin: {note: hm}}\n"
    )
    assert [speaker.id for speaker in screenplay.speakers] == ["ada", "crew", "teller", "lin"]
    assert screenplay.speakers[1].members == ("ada", "lin")
    assert screenplay.speakers[2].is_narrator
    assert screenplay.speakers[2].names == {"en": "The Teller"}
    number, word = screenplay.variables
    assert (number.minimum, number.maximum, number.start) == (-1, 3, "2")
    assert word.values == {"x": {"en": "Xi"}, "y": {}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- a\n", [("VP123", 1, 1)]),
        ("just text\n", [("VP123", 1, 1)]),
        ("scenes: a\n", [("VP121", 1, 1)]),
        ("nodes: {a: []}\n", [("VP122", 1, 1)]),
        ("scene:\n", [("VP122", 1, 1)]),
        ("scene: [a]\n", [("VP123", 1, 8)]),
        ("scene: A b\n", [("VP124", 1, 8)]),
        (f"scene: {'a' * 65}\n", [("VP124", 1, 8)]),
        ("scene: ../../etc\n", [("VP124", 1, 8)]),
        ("scene: a\nnodes: [a]\n", [("VP123", 2, 8)]),
        ("scene: a\nnodes: {a: x}\n", [("VP123", 2, 12)]),
        ("scene: a\nnodes: {X-y: }\n", [("VP124", 2, 9)]),
        (SCENE + "    - []\n", [("VP123", 4, 7)]),
        (SCENE + "    - {}\n", [("VP127", 4, 7)]),
        (SCENE + "    - {choice: []}\n", [("VP122", 4, 16)]),
        (SCENE + "    - {choice: [x]}\n", [("VP123", 4, 17)]),
        (SCENE + "    - {choice: [{goto: END, note: x}]}\n", [("VP122", 4, 29)]),
        (SCENE + "    - {goto: , when: a}\n", [("VP122", 4, 7)]),
        (SCENE + "    - {goto: [a]}\n", [("VP123", 4, 14)]),
        (SCENE + "    - {goto: a.b.c}\n", [("VP124", 4, 14)]),
        (SCENE + "    - {set: []}\n", [("VP134", 4, 13)]),
        (SCENE + "    - {set: ;}\n", [("VP134", 4, 13)]),
        (SCENE + "    - {set: [[a]]}\n", [("VP123", 4, 14)]),
        (SCENE + "    - {who: a, tags: [[b]]}\n", [("VP123", 4, 23)]),
        (SCENE + "    - {who: a, tags: B!}\n", [("VP124", 4, 22)]),
        (SCENE + "    - {who: a, text: [b]}\n", [("VP123", 4, 22)]),
        (SCENE + "    - {who: a, text: {en: {b: c}}}\n", [("VP123", 4, 27)]),
        (SCENE + "    - {who: a, text: {fr: b}}\n", [("VP126", 4, 23)]),
        (SCENE + "    - {who: a, text: {'': b}}\n", [("VP126", 4, 24)]),
        ("variables: {a: int}\n", [("VP123", 1, 16)]),
        ("variables: {a: {}}\n", [("VP122", 1, 16)]),
        ("variables: {a: {type: text, values: [b]}}\n", [("VP123", 1, 37)]),
        ("variables: {a: {type: int, start: 1 2}}\n", [("VP128", 1, 35)]),
        ("speakers: {a: x}\n", [("VP123", 1, 15)]),
        ("speakers: [a]\n", [("VP123", 1, 11)]),
    ],
)
def test_what_cannot_be_read_is_pointed_at(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert mistakes(text) == expected


def test_all_mistakes_are_reported_at_once() -> None:
    text = SCENE + "    - {who: A, speed: 9, emotoin: x}\n    - {goto: b.c.d, when: '('}\n"
    assert [code for code, _, _ in mistakes(text)] == ["VP124", "VP125", "VP121", "VP124", "VP134"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("      text: You are #1, captain.\n", (5, 21)),
        ("      text: You are #1 # captain.\n", (5, 21)),
        ("      text:\n        en: Say it\t# loudly\n", (6, 20)),
        ("      text: You are\n        the very #1 here.\n", (6, 18)),
    ],
)
def test_a_text_that_a_comment_cuts_off_is_pointed_at(text: str, place: tuple[int, int]) -> None:
    found = mistakes(SCENE + "    - who: noah\n" + text)
    assert ("VP154", *place) in found


@pytest.mark.parametrize(
    "text",
    [
        '      text: "You are #1, captain."  # a comment\n',
        "      text: 'You are #1.' # a comment\n",
        "      text: |\n        You are #1.\n",
        "      text: C#7 and a#b\n",
        "      emotion: sad # softly\n      text: No.\n",
        "      text: No.\n      # a comment on a line of its own\n      emotion: sad\n",
        "      text: # in two languages\n        en: No.\n",
    ],
)
def test_comments_that_take_nothing_from_a_text_stay(text: str) -> None:
    assert mistakes(SCENE + "    - who: noah\n" + text) == []


def test_a_text_that_a_comma_cuts_off_is_named_as_such() -> None:
    text = SCENE + "    - {who: noah, text: {en: Upstairs, second door}}\n"
    _, problems = parse_scripts([SourceFile(path="a.yaml", text=text)], LANGUAGES)
    assert [(p.code, str(p.span)) for p in problems] == [("VP126", "a.yaml:4:40")]
    assert "second door" in problems[0].message
    assert "quotes" in problems[0].help


def test_a_language_beside_the_text_is_told_where_it_belongs() -> None:
    text = SCENE + "    - who: noah\n      en: Hi\n"
    _, problems = parse_scripts([SourceFile(path="a.yaml", text=text)], LANGUAGES)
    assert problems[0].code == "VP121"
    assert problems[0].help == "languages stand under text: write text: {en: …}"


@pytest.mark.parametrize("line", ["\t- who: noah\n", "    - who: noah\n\ttext: No.\n"])
def test_a_tab_in_the_indentation_is_named(line: str) -> None:
    _, problems = parse_scripts([SourceFile(path="a.yaml", text=SCENE + line)], LANGUAGES)
    assert problems[0].code == "VP106"
    assert "spaces; replace the tab" in problems[0].help


def test_marks_and_braces_are_checked_where_they_stand() -> None:
    text = SCENE + "    - who: noah\n      text: Wait [pause:x] {here\n"
    assert mistakes(text) == [("VP133", 5, 28), ("VP132", 5, 18)]
