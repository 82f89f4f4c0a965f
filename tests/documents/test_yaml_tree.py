"""YAML as raw text with places, and the parts of YAML that are refused."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from voicepipe.documents import yaml_tree
from voicepipe.documents.findings import Findings
from voicepipe.documents.source import SourceFile
from voicepipe.documents.yaml_tree import (
    YamlMapping,
    YamlNode,
    YamlScalar,
    YamlSequence,
    iter_documents,
    node_span,
    parse_yaml,
)


def source(text: str) -> SourceFile:
    return SourceFile(path="a.yaml", text=text)


def codes(text: str) -> list[tuple[str, int, int]]:
    _, problems = parse_yaml(source(text))
    return [(p.code, p.span.line, p.span.column) for p in problems]


def plain(node: YamlNode) -> object:
    if isinstance(node, YamlScalar):
        return node.value
    if isinstance(node, YamlSequence):
        return [plain(item) for item in node.items]
    return {name: plain(value) for name, (_, value) in node.entries.items()}


def test_scalars_stay_as_they_are_written() -> None:
    text = "a: no\nb: 3.10\nc: on\nd: 012\ne: 2026-01-01\nf: ~\ng:\nh: '~'\n"
    (document,), problems = parse_yaml(source(text))
    assert not problems
    assert plain(document) == {
        "a": "no", "b": "3.10", "c": "on", "d": "012", "e": "2026-01-01", "f": "~", "g": "",
        "h": "~",
    }  # fmt: skip
    assert isinstance(document, YamlMapping)
    nulls = [k for k, (_, v) in document.entries.items() if isinstance(v, YamlScalar) and v.is_null]
    assert nulls == ["f", "g"]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_places_count_code_points_and_any_line_end(newline: str) -> None:
    text = newline.join(["# 舰桥", "舰: 桥", "b:", "  - 'it''s'", '  - "x"', ""])
    (document,), _ = parse_yaml(source(text))
    assert isinstance(document, YamlMapping)
    bridge, listed = document.get("舰"), document.get("b")
    assert isinstance(bridge, YamlScalar)
    assert isinstance(listed, YamlSequence)
    assert (bridge.line, bridge.column, bridge.length) == (2, 4, 1)
    places = [node_span(source(text), item) for item in listed.items]
    assert [(p.line, p.column, p.length) for p in places] == [(4, 6, 5), (5, 6, 1)]


def test_documents_come_one_by_one_and_empty_ones_not_at_all() -> None:
    documents, problems = parse_yaml(source("a: 1\n---\n---\n- b\n...\n---\n~\n"))
    assert [plain(d) for d in documents] == [{"a": "1"}, ["b"]]
    assert not problems
    assert parse_yaml(source("")) == ((), ())


def test_what_stands_before_a_mistake_is_still_read() -> None:
    findings = Findings()
    documents = list(iter_documents(source("a: 1\n---\nb: [\n"), findings))
    assert [plain(d) for d in documents] == [{"a": "1"}]
    assert [d.code for d in findings.diagnostics()] == ["VP106"]


def test_anchors_aliases_and_tags_are_reported_and_left_out() -> None:
    text = "a: &x 1\nb: *x\nc: !!python/object:os.system ls\nd: !t [1]\ne: &y {k: v}\n"
    assert codes(text) == [
        ("VP107", 1, 4), ("VP107", 2, 4), ("VP107", 3, 4), ("VP107", 4, 4), ("VP107", 5, 4),
    ]  # fmt: skip
    (document,), _ = parse_yaml(source(text))
    assert plain(document) == {
        "a": "1", "b": "", "c": "ls", "d": ["1"], "e": {"k": "v"},
    }  # fmt: skip


def test_a_bomb_of_aliases_stays_small() -> None:
    lines = ["a0: &a0 [lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    (document,), problems = parse_yaml(source("\n".join(lines)))
    assert {p.code for p in problems} == {"VP107"}
    assert isinstance(document, YamlMapping)
    assert len(document.entries) == 30


def test_directives_for_tags_are_refused() -> None:
    assert codes("%TAG ! tag:example.com,2000:\n---\na: 1\n") == [("VP107", 1, 1)]


def test_duplicate_keys_are_reported_and_the_first_one_kept() -> None:
    (document,), problems = parse_yaml(source("a: 1\nb: 2\na: 3\n"))
    assert plain(document) == {"a": "1", "b": "2"}
    assert [(p.code, str(p.span)) for p in problems] == [("VP108", "a.yaml:3:1")]
    assert "line 1" in problems[0].message


@pytest.mark.parametrize("text", ["? [a]\n: b\n", "{player}: hi\n", "- {? {a: b} : c}\n"])
def test_keys_that_are_no_text_are_refused(text: str) -> None:
    assert [code for code, _, _ in codes(text)] == ["VP107"]


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 5_000, "- " * 5_000 + "x"])
def test_deep_nesting_ends_the_reading(text: str) -> None:
    assert [code for code, _, _ in codes(text)] == ["VP109"]


def test_fifty_levels_are_read() -> None:
    assert codes("[" * 50 + "]" * 50) == []
    assert codes("[" * 51 + "]" * 51) == [("VP109", 1, 51)]


@pytest.mark.parametrize("levels", [999, 1_000, 1_001, 100_000])
def test_the_place_of_deep_nesting_does_not_depend_on_the_librarys_own_limit(levels: int) -> None:
    assert codes("a: [1]\nb: " + "[" * levels) == [("VP109", 2, 53)]


def test_brackets_before_a_mistake_are_not_called_deep() -> None:
    faces = "\n".join(f"- ':[ {number}'" for number in range(60))
    assert [code for code, _, _ in codes(f"{faces}\n- [a\nb: c\n")] == ["VP106"]


def test_a_value_over_the_limit_is_refused() -> None:
    assert codes("a: " + "x" * 1_000_000) == []
    assert codes("a: " + "x" * 1_000_001) == [("VP110", 1, 4)]


@pytest.mark.parametrize("escape", [r"\0", r"\a", r"\e", r"\L", r"\u2028", r"\x85"])
def test_escapes_for_control_characters_are_refused(escape: str) -> None:
    assert codes(f'a: "x{escape}y"') == [("VP105", 1, 4)]


def test_ordinary_escapes_are_read() -> None:
    (document,), problems = parse_yaml(source(r'a: "tab\tline\nquote\" \u821f"'))
    assert not problems
    assert plain(document) == {"a": 'tab\tline\nquote" 舟'}


def test_a_character_no_yaml_holds_is_answered_even_in_text_made_by_a_program() -> None:
    assert codes("a: x\0y") == [("VP106", 1, 1)]


def test_a_key_of_a_megabyte_is_quoted_in_part() -> None:
    key = "k" * 900_000
    _, problems = parse_yaml(source(f"? {key}\n: 1\n? {key}\n: 2\n"))
    assert [p.code for p in problems] == ["VP108"]
    assert len(problems[0].message) < 500


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from(list("ab:- \n?,[]{}#&*!|>'\"%@`~")), max_size=40))
def test_both_loaders_give_the_same_trees(text: str) -> None:
    def trees(loader: object) -> list[object]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(yaml_tree, "_LOADER", loader)
            documents, problems = parse_yaml(source(text))
        return [] if problems else [plain(d) for d in documents]

    c_loader, python_loader = trees(yaml_tree._LOADER), trees(yaml.SafeLoader)
    # Where one of them refuses a text, the other may be more lenient.
    assert c_loader == python_loader or not c_loader or not python_loader
