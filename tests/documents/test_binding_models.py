"""Binding a tree to a model: what does not fit, where, in plain words."""

from __future__ import annotations

import datetime
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, field_validator

from voicepipe.diagnostics import CodeInfo, Severity
from voicepipe.documents.binding import BindingCodes, bind, key_span, plain_value, span_at
from voicepipe.documents.findings import Findings
from voicepipe.documents.source import SourceFile
from voicepipe.documents.yaml_tree import YamlNode, parse_yaml


def info(code: str) -> CodeInfo:
    return CodeInfo(code=code, title="t", severity=Severity.ERROR, explanation="e")


CODES = BindingCodes(
    unknown_key=info("UNKNOWN"), missing_key=info("MISSING"), bad_value=info("BAD")
)


class Clip(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    path: str
    day: datetime.date | None = None


class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    name: str
    kind: Literal["actor", "synthetic"] = "actor"
    count: int = Field(default=1, gt=0, lt=10)
    ratio: float = Field(default=0.5, ge=0, le=1)
    flag: bool = False
    clips: tuple[Clip, ...] = Field(default=(), max_length=2)
    levels: dict[str, int] = {}
    since: datetime.date = Field(default=datetime.date(2026, 1, 1), alias="from")

    @field_validator("name")
    @classmethod
    def _short(cls, name: str) -> str:
        if len(name) > 5:
            raise ValueError("five letters are enough")
        return name


def tree(text: str) -> tuple[SourceFile, YamlNode]:
    source = SourceFile(path="t.yaml", text=text)
    (document,), problems = parse_yaml(source)
    assert not problems
    return source, document


def misfits(text: str) -> list[tuple[str, str, str]]:
    findings = Findings()
    source, document = tree(text)
    assert bind(source, document, Thing, findings, CODES) is None
    assert findings.has_errors
    found = findings.diagnostics()
    return [(d.code, f"{d.span.line}:{d.span.column}", d.message) for d in found]


def test_text_becomes_what_the_model_says() -> None:
    source, document = tree(
        "name: ada\ncount: '3'\nflag: yes\nratio: 1\nkind:\nlevels: {a: 2}\nfrom: 2026-03-01\n"
        "clips:\n  - path: a.wav\n    day: 2026-01-02\n"
    )
    findings = Findings()
    thing = bind(source, document, Thing, findings, CODES)
    assert not len(findings)
    assert thing is not None
    assert thing.model_dump() == {
        "name": "ada",
        "kind": "actor",
        "count": 3,
        "ratio": 1.0,
        "flag": True,
        "levels": {"a": 2},
        "clips": ({"path": "a.wav", "day": datetime.date(2026, 1, 2)},),
        "since": datetime.date(2026, 3, 1),
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("nmae: x\nname: y", ("UNKNOWN", "1:1", 'unknown key "nmae" — did you mean "name"?')),
        ("count: 1", ("MISSING", "1:1", '"name" is missing')),
        ("name: y\ncount: x", ("BAD", "2:8", 'count: "x" is not a whole number')),
        ("name: y\ncount: 1.5", ("BAD", "2:8", 'count: "1.5" is not a whole number')),
        ("name: y\ncount: 0", ("BAD", "2:8", "count: 0 is too small; it has to be more than 0")),
        ("name: y\ncount: 10", ("BAD", "2:8", "count: 10 is too large; it has to be less than 10")),
        ("name: y\nratio: -1", ("BAD", "2:8", "ratio: -1 is too small; the least is 0.0")),
        ("name: y\nratio: 2", ("BAD", "2:8", "ratio: 2 is too large; the most is 1.0")),
        ("name: y\nratio: inf", ("BAD", "2:8", 'ratio: "inf" is not a finite number')),
        ("name: y\nratio: x", ("BAD", "2:8", 'ratio: "x" is not a number')),
        ("name: y\nflag: maybe", ("BAD", "2:7", 'flag: "maybe" is neither true nor false')),
        ("name: [a]", ("BAD", "1:7", "name: a text belongs here, not a list")),
        ("name: abcdef", ("BAD", "1:7", "name: five letters are enough")),
        (
            "name: y\nkind: acter",
            ("BAD", "2:7", 'kind: "acter" is not actor or synthetic — did you mean "actor"?'),
        ),
        ("name: y\nclips: a", ("BAD", "2:8", 'clips: "a" is a text; a list belongs here')),
        (
            "name: y\nclips:\n- path: a\n  dya: b",
            ("UNKNOWN", "4:3", 'unknown key "dya" — did you mean "day"?'),
        ),
        ("name: y\nclips:\n- day: 2026-01-01", ("MISSING", "3:3", '"path" is missing')),
        ("name: y\nclips:\n- path: [a]", ("BAD", "3:9", "path: a text belongs here, not a list")),
        ("name: y\nlevels: {a: x}", ("BAD", "2:13", 'a: "x" is not a whole number')),
        ("name: y\nlevels: [x]", ("BAD", "2:9", "levels: a mapping belongs here, not a list")),
        ("- a", ("BAD", "1:1", "keys and values belong here, not a list")),
        ("~x", ("BAD", "1:1", "keys and values belong here, not a text")),
    ],
)
def test_each_misfit_is_said_once_at_its_place(text: str, expected: tuple[str, str, str]) -> None:
    assert misfits(text) == [expected]


def test_lists_have_a_length() -> None:
    clips = "".join(f"- path: {n}\n" for n in range(3))
    assert misfits(f"name: y\nclips:\n{clips}") == [
        ("BAD", "3:1", "clips: at most 2 belong here"),
    ]


def test_misfits_come_in_the_order_of_the_file() -> None:
    found = misfits("count: x\nextra: 1\nflag: perhaps\n")
    assert [place for _, place, _ in found] == ["1:1", "1:8", "2:1", "3:7"]


def test_dates_are_explained() -> None:
    ((_, _, message),) = misfits("name: y\nclips: [{path: a, day: tomorrow}]")
    assert message == 'day: "tomorrow" is not a date such as 2026-03-01'


def test_places_are_followed_as_far_as_they_lead() -> None:
    source, document = tree("a:\n  - b: c\n")
    assert str(span_at(source, document, ("a", 0, "b"))) == "t.yaml:2:8"
    assert str(key_span(source, document, ("a", 0, "b"))) == "t.yaml:2:5"
    assert str(span_at(source, document, ("a", 7, "x"))) == "t.yaml:2:3"
    assert str(span_at(source, document, ("a", 0, "b", "beyond", "more"))) == "t.yaml:2:8"


def test_a_key_without_a_value_counts_as_absent() -> None:
    _, document = tree("a:\nb: ~\nc: ''\nd: [~]\n")
    assert plain_value(document) == {"c": "", "d": [None]}
