"""Diagnostics as people, programs and CI see them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema

from voicepipe.diagnostics import CodeInfo, Diagnostic, Severity, SourceSpan
from voicepipe.reports import (
    SourceLines,
    diagnostics_to_json,
    diagnostics_to_sarif,
    display_width,
    in_source_order,
    render_text,
    summary,
)

if TYPE_CHECKING:
    from pathlib import Path


def problem(
    line: int = 1,
    column: int = 1,
    length: int = 1,
    *,
    path: str = "a.yaml",
    message: str = "wrong",
    remedy: str = "",
    severity: Severity = Severity.ERROR,
) -> Diagnostic:
    span = SourceSpan(path=path, line=line, column=column, length=length)
    return Diagnostic(code="VP101", severity=severity, span=span, message=message, help=remedy)


def shown(diagnostic: Diagnostic, line: str | None) -> list[str]:
    return render_text([diagnostic], lambda _path, _line: line).split("\n")


def test_a_problem_shows_its_line_its_place_and_the_remedy() -> None:
    assert shown(problem(12, 3, 4, remedy="mend it"), "a bcde f") == [
        "a.yaml:12:3: error[VP101]: wrong",
        "    12 | a bcde f",
        "       |   ^^^^",
        "  help: mend it",
    ]


def test_carets_stand_under_wide_characters() -> None:
    lines = shown(problem(1, 3, 2), "舰桥警告abc")
    assert lines[1:] == ["     1 | 舰桥警告abc", "       |     ^^^^"]


def test_combining_marks_and_joiners_take_no_room() -> None:
    assert display_width("e\u0301") == 1
    assert display_width("한글") == 4
    assert display_width("a\u200db") == 2


def test_a_long_line_is_cut_around_its_place() -> None:
    lines = shown(problem(1, 5001, 3), "x" * 5000 + "BAD" + "y" * 5000)
    assert "…" in lines[1]
    assert "BAD" in lines[1]
    assert len(lines[1]) < 120
    assert lines[1][lines[2].index("^") : lines[2].rindex("^") + 1] == "BAD"


def test_a_place_that_runs_over_its_line_is_cut() -> None:
    assert shown(problem(1, 9, 50), "short")[2] == "       |      ^"
    assert shown(problem(1, 3, 50), "short")[2] == "       |   ^^^"


def test_without_a_line_there_is_only_the_message() -> None:
    assert shown(problem(), None) == ["a.yaml:1:1: error[VP101]: wrong"]


def test_nothing_drives_the_terminal() -> None:
    text = "\n".join(shown(problem(message="bad \x1b[31m word\u202e"), "a\x1b]0;title\x07\tb"))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\u202e" not in text
    assert "a\ufffd]0;title\ufffd b" in text


def test_problems_are_counted() -> None:
    assert summary([]) == "nothing wrong"
    some = [problem(), problem(), problem(severity=Severity.WARNING)]
    assert summary([*some, problem(severity=Severity.NOTE)]) == "2 errors, 1 warning, 1 note"


def test_json_has_every_fact() -> None:
    assert diagnostics_to_json([problem(2, 3, 4, remedy="r")]) == [
        {
            "code": "VP101",
            "severity": "error",
            "path": "a.yaml",
            "line": 2,
            "column": 3,
            "length": 4,
            "message": "wrong",
            "help": "r",
        }
    ]


def test_order_does_not_depend_on_who_found_what_first() -> None:
    found = [problem(2), problem(1, 5), problem(1, 2), problem(9, path="A.yaml")]
    assert [str(d.span) for d in in_source_order(found)] == [
        "A.yaml:9:1",
        "a.yaml:1:2",
        "a.yaml:1:5",
        "a.yaml:2:1",
    ]


def test_sarif_names_rules_places_and_levels() -> None:
    known = CodeInfo(code="VP101", title="t", severity=Severity.ERROR, explanation="long")
    unused = CodeInfo(code="VP102", title="t", severity=Severity.ERROR, explanation="long")
    found = [problem(2, 3, 4, path="scripts in/舰.yaml", remedy="mend", severity=Severity.WARNING)]
    log = diagnostics_to_sarif(found, [unused, known], version="1.0")
    jsonschema.validate(json.loads(json.dumps(log)), SARIF_SHAPE)
    (run,) = json.loads(json.dumps(log))["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["VP101"]
    (result,) = run["results"]
    assert result["level"] == "warning"
    assert result["ruleIndex"] == 0
    assert result["message"]["text"] == "wrong; mend"
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "scripts%20in/%E8%88%B0.yaml"
    assert place["region"] == {"startLine": 2, "startColumn": 3, "endColumn": 7}
    assert "ruleIndex" not in json.dumps(diagnostics_to_sarif(found, [], version="1.0"))


def test_lines_are_given_from_inside_the_project_only(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "secret.txt").write_text("secret")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    (root / "a.txt").write_bytes(b"\xef\xbb\xbfone\r\ntwo\xff\n")
    lines = SourceLines(root)
    assert lines("a.txt", 1) == "one"
    assert lines("a.txt", 2) == "two\ufffd"
    assert lines("a.txt", 9) is None
    assert lines("a.txt", 0) is None
    (root / "a.wav").write_bytes(b"RIFF\0\0\0\0WAVE\0\0")
    for path in ("a.wav", "../secret.txt", "link.txt", "missing", ".", "/etc/passwd", "a\0b"):
        assert lines(path, 1) is None


# The parts of the SARIF 2.1.0 schema that our log uses.
SARIF_SHAPE = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "required": ["tool", "results"],
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "tool": {"required": ["driver"]},
                    "results": {
                        "items": {
                            "required": ["message"],
                            "properties": {
                                "level": {"enum": ["none", "note", "warning", "error"]},
                                "ruleIndex": {"type": "integer", "minimum": -1},
                            },
                        }
                    },
                },
            },
        },
    },
}
