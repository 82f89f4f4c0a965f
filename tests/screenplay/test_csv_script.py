"""Screenplays in CSV: rows, what they inherit, and what cannot be read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from script_strategies import without_places

from voicepipe.documents.source import SourceFile
from voicepipe.screenplay.formats.loader import parse_scripts
from voicepipe.screenplay.formats.values import ScriptLanguages
from voicepipe.screenplay.syntax import Choice, DialogueLine, Language

if TYPE_CHECKING:
    from voicepipe.screenplay.syntax import Screenplay

LANGUAGES = ScriptLanguages(source=Language("en"), known=(Language("en"), Language("zh")))


def parse(text: str, path: str = "a.csv") -> Screenplay:
    screenplay, problems = parse_scripts([SourceFile(path=path, text=text)], LANGUAGES)
    assert not problems, problems
    return screenplay


def mistakes(text: str) -> list[tuple[str, int, int]]:
    _, problems = parse_scripts([SourceFile(path="a.csv", text=text)], LANGUAGES)
    return [(p.code, p.span.line, p.span.column) for p in problems]


@pytest.mark.parametrize("sign", [";", ",", "\t"])
def test_a_first_line_may_say_what_separates_cells(sign: str) -> None:
    rows = ["kind,scene,node,who,text:en", "line,bridge,open,noah,Hi"]
    text = f"sep={sign}\r\n" + "\r\n".join(row.replace(",", sign) for row in rows)
    assert [scene.id for scene in parse(text).scenes] == ["bridge"]


def test_columns_that_begin_with_an_underscore_are_the_writers_own() -> None:
    text = "kind,scene,node,_who else,who,_,text:en\nline,bridge,open,Mara?,noah,x,Hi\n"
    assert [scene.id for scene in parse(text).scenes] == ["bridge"]


def test_an_error_of_a_spreadsheet_is_no_text() -> None:
    text = "kind,scene,node,who,text:en\nline,bridge,open,noah,#NAME?\n"
    assert mistakes(text) == [("VP155", 2, 23)]


def test_a_column_named_for_a_language_is_told_its_name() -> None:
    source = SourceFile(path="a.csv", text="kind,scene,node,who,en\n")
    _, problems = parse_scripts([source], LANGUAGES)
    assert 'did you mean "text:en"?' in problems[0].message


def test_a_cell_holds_slots_by_language() -> None:
    text = "scene,node,line,who,slot,text:en\na,b,a_1,noah,2.4s zh=2s,Hi\n"
    (line,) = parse(text).scenes[0].nodes[0].entries
    assert isinstance(line, DialogueLine)
    assert line.slots == {"*": 2.4, "zh": 2.0}
    assert mistakes(text.replace("zh=2s", "zh=2")) == [("VP125", 2, 14)]


def test_scene_and_node_repeat_the_row_above() -> None:
    screenplay = parse(
        "kind,scene,node,who,text:en\n,bridge,open,noah,One\n,,,noah,Two\nbark,,shouts,noah,Hey\n"
        "line,,,mara,Three\n,,end,mara,Four\n,harbor,open,mara,Five\n,bridge,,mara,Six\n"
    )
    said = {
        f"{scene.id}.{node.id}": [
            entry.texts[Language("en")].raw
            for entry in node.entries
            if isinstance(entry, DialogueLine)
        ]
        for scene in screenplay.scenes
        for node in scene.nodes
    }
    assert said == {
        "bridge.open": ["One", "Two", "Three"],
        "bridge.end": ["Four", "Six"],
        "harbor.open": ["Five"],
    }
    assert [len(barks.lines) for barks in screenplay.scenes[0].barks] == [1]


def test_rows_say_the_same_as_yaml() -> None:
    in_csv = parse(
        "kind,scene,node,line,who,emotion,speed,note,comment,tags,goto,when,set,value,text:zh,text:en\n"
        "start,,,,,,,,,,bridge,,,,,\n"
        "speaker,,,noah,,,,mind,,,,,,,诺亚,Noah\n"
        'speaker,,,crew,,,,,,,,,,"group=noah,ada",,\n'
        "speaker,,,teller,,,,,,,,,,narrator=true,,\n"
        "variable,,,trust,,,,,,,,,,type=int min=0 max=5 start=2,,\n"
        "variable,,,player,,,,,,,,,,type=text,,\n"
        "variable,,,player,,,,,,,,,,ada,艾达,Ada\n"
        "scene,bridge,,,,,,,,,open,,,The bridge,,\n"
        "line,bridge,open,b_1,noah,sad,0.9,low,ours,a b,,trust > 0,,,不,No\n"
        "set,bridge,open,,,,,,,,,,trust -= 1; met = true,,,\n"
        "comment,bridge,open,,,,,,between,,,,,,,\n"
        "option,bridge,open,,,,,,,,END,trust < 3,met = true,,走,Go\n"
        "option,bridge,open,b_2,ada,,,,,,open,,,,留,Stay\n"
        "choice,bridge,open,,,,,,,,,,,,,\n"
        "option,bridge,open,,,,,,,,END,,,,,Again\n"
        "goto,bridge,open,,,,,,,,harbor.open,met,,,,\n"
        "node,bridge,empty,,,,,,,,,,,,,\n"
        "bark,bridge,shouts,b_3,noah,,,,,,,,,,,Hey\n"
        "barks,bridge,shouts,,,,,loud,,,,,,,,\n"
    )
    in_yaml = parse(
        "start: bridge\n"
        "speakers:\n"
        "  noah: {name: {zh: 诺亚, en: Noah}, note: mind}\n"
        "  crew: {group: [noah, ada]}\n"
        "  teller: {narrator: true}\n"
        "variables:\n"
        "  trust: {type: int, min: 0, max: 5, start: 2}\n"
        "  player: {type: text, values: {ada: {zh: 艾达, en: Ada}}}\n"
        "---\n"
        "scene: bridge\ntitle: The bridge\nstart: open\nnodes:\n  open:\n"
        "    - {line: b_1, who: noah, emotion: sad, speed: 0.9, note: low, comment: ours,\n"
        "       tags: [a, b], when: trust > 0, text: {zh: 不, en: No}}\n"
        "    - set: [trust -= 1, met = true]\n"
        "    - comment: between\n"
        "    - choice:\n"
        "        - {text: {zh: 走, en: Go}, goto: END, when: trust < 3, set: met = true}\n"
        "        - {text: {zh: 留, en: Stay}, goto: open, line: b_2, who: ada}\n"
        "    - choice: [{text: Again, goto: END}]\n"
        "    - {goto: harbor.open, when: met}\n"
        "  empty:\n"
        "barks:\n  shouts: {note: loud, lines: [{line: b_3, who: noah, text: Hey}]}\n",
        "a.yaml",
    )
    assert without_places(in_csv) == without_places(in_yaml)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_any_spreadsheet_will_do(delimiter: str, newline: str) -> None:
    rows = [["Scene", " node", "WHO", "text:en", ""], ["a", "b", " noah ", '"x, y; z"', ""]]
    text = newline.join(delimiter.join(row) for row in rows)
    (line,) = parse(text).scenes[0].nodes[0].entries
    assert isinstance(line, DialogueLine)
    assert line.who == "noah"
    assert line.texts[Language("en")].raw == "x, y; z"


def test_line_ends_inside_a_cell_are_one_kind() -> None:
    (line,) = parse('scene,node,who,text:en\r\na,b,noah,"x\r\ny"\r\n').scenes[0].nodes[0].entries
    assert isinstance(line, DialogueLine)
    assert line.texts[Language("en")].raw == "x\ny"


def test_lines_stand_where_their_id_does() -> None:
    text = "scene,node,line,who,text:en\na,b,c_1,noah,Hi\na,b,,noah,Ho\n"
    entries = parse(text).scenes[0].nodes[0].entries
    assert [str(entry.span) for entry in entries] == ["a.csv:2:5", "a.csv:3:5"]


def test_a_comment_between_options_divides_them() -> None:
    header = "kind,scene,node,goto,comment,text:en\n"
    text = header + "option,a,b,END,,1\ncomment,a,b,,x,\noption,a,b,END,,2"
    entries = parse(text).scenes[0].nodes[0].entries
    assert [len(e.options) for e in entries if isinstance(e, Choice)] == [1, 1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("who,hwo\n", [("VP141", 1, 5)]),
        ("who,who\n", [("VP141", 1, 5)]),
        ("text:english\n", [("VP126", 1, 1)]),
        ("text:ja\n", [("VP126", 1, 1)]),
        ("kind,scene\nlnie,a\n", [("VP128", 2, 1)]),
        ("scene,node,text:en\n,b,x\n", [("VP143", 2, 1)]),
        ("scene,node,who,text:en\na,,noah,x\n", [("VP143", 2, 3)]),
        ("kind,scene,node,who\nbark,a,,noah\n", [("VP143", 2, 8)]),
        ("scene,node,text:en\na,b,x\n", [("VP122", 2, 1)]),
        ("scene,node,who\nA-1,b,noah\n", [("VP124", 2, 1)]),
        ("scene,node,who\n../a,b,noah\n", [("VP124", 2, 1)]),
        ("scene,node,who,speed\na,b,noah,3\n", [("VP125", 2, 10)]),
        ("scene,node,who,when\na,b,noah,x <\n", [("VP134", 2, 12)]),
        ("scene,node,who,goto\na,b,noah,END\n", [("VP142", 2, 10)]),
        ("scene,node,who\na,b,noah,extra\n", [("VP142", 2, 10)]),
        ("scene,node,who,\na,b,noah,extra\n", [("VP142", 2, 10)]),
        ("kind,scene,node,goto\ngoto,a,b,\n", [("VP122", 2, 10)]),
        ("kind,scene,node,goto\noption,a,b,\n", [("VP122", 2, 12)]),
        ("kind,scene,node,goto,emotion\noption,a,b,END,sad\n", [("VP122", 2, 16)]),
        ("kind,scene,node,set\nset,a,b,\n", [("VP122", 2, 9)]),
        ("kind,goto\nstart,\n", [("VP122", 2, 7)]),
        ("kind,line\nspeaker,\n", [("VP122", 2, 9)]),
        ("kind,line,value\nspeaker,a,narator=true\n", [("VP128", 2, 11)]),
        ("kind,line,value\nspeaker,a,narrator=yes\n", [("VP128", 2, 11)]),
        ("kind,line,value\nspeaker,a,narrator=true narrator=true\n", [("VP128", 2, 25)]),
        ("kind,line,value\nvariable,a,min=1\n", [("VP122", 2, 12)]),
        ("kind,line,value\nvariable,a,type=real\n", [("VP128", 2, 12)]),
        ("kind,line,value\nvariable,a,type=int max=x\n", [("VP125", 2, 21)]),
        ("kind,line,value\nvariable,a,ada\n", [("VP143", 2, 10)]),
        (
            "kind,line,value\nvariable,a,type=text\nvariable,a,x\nvariable,a,x\n",
            [("VP128", 4, 12)],
        ),
        ('scene,node,who\na,b,"noah\n', [("VP111", 2, 5)]),
    ],
)
def test_what_cannot_be_read_is_pointed_at(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert mistakes(text) == expected


def test_nothing_comes_of_nothing() -> None:
    assert parse("").scenes == ()
    assert parse("scene,node\n").scenes == ()
    assert parse("scene,node\n,\n \n").scenes == ()


def test_the_example_of_the_handbook_is_read_without_complaint() -> None:
    handbook = Path(__file__).parents[2] / "docs" / "reference" / "screenplay.md"
    (block,) = re.findall(r"```csv\n(.*?)```", handbook.read_text("utf-8"), re.DOTALL)
    (scene,) = parse(block).scenes
    assert [node.id for node in scene.nodes] == ["open", "silence"]
    assert len(scene.nodes[0].entries) == 2
