"""Lines that an earlier run resolved are the lines as they are, whatever changed in between."""

from __future__ import annotations

import sqlite3
from itertools import groupby
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from script_strategies import screenplays

from voicepipe.screenplay.lines import kept_lines, reading
from voicepipe.screenplay.lines.kept_lines import KEPT_LINES, LinesForm
from voicepipe.screenplay.lines.reading import StoryLines
from voicepipe.screenplay.lines.resolve import LineResolver, resolve_lines
from voicepipe.screenplay.syntax import Language
from voicepipe.settings import load_settings
from voicepipe.user_cache import CACHE_VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from voicepipe.screenplay.line import Line
    from voicepipe.screenplay.syntax import Scene, Screenplay

LINE = "    - {line: a_0010, who: mara, text: Wake up.}\n"
SCRIPTS = {
    "a.yaml": "scene: a\nnodes:\n  open:\n" + LINE + "    - goto: b\n",
    "b.yaml": (
        "scene: b\nnodes:\n  open:\n"
        "    - {line: b_0010, who: crew, emotion: calm, text: 'Hello, {captain}.'}\n"
        "    - choice:\n"
        "        - {line: b_0020, who: mara, text: Stay, goto: c, set: trust += 1}\n"
        "        - {text: Go, goto: c.late, when: trust >= 1}\n"
    ),
    "c.yaml": (
        "scene: c\nnodes:\n  open:\n"
        "    - {line: c_0010, who: wei, speed: 1.1, slot: 3s, text: '[pause:400ms]No [laughs] n'}\n"
        "    - goto: late\n  late:\n"
        "    - {line: c_0020, who: mara, when: trust < 3, text: '[stress]Very[/stress] late.'}\n"
        "    - goto: END\n"
        "barks:\n  shouts:\n    - {line: c_9010, who: wei, text: Look!}\n"
    ),
    "story.yaml": (
        "start: a\n"
        "speakers:\n  mara: {name: {en: Mara}}\n  wei: {name: {en: Wei}}\n"
        "  crew: {group: [mara, wei]}\n"
        "variables:\n  trust: {type: int, min: 0, max: 5, start: 2}\n"
        "  captain: {type: text, values: {ada: {en: Ada}, noor: {en: Noor}}}\n"
    ),
}
EDITS = {
    "a text": ("a.yaml", "Wake up.", "Up with you."),
    "a comment": ("b.yaml", "scene: b\n", "# here\nscene: b\n"),
    "a new line": (
        "a.yaml",
        "    - goto: b\n",
        LINE.replace("a_0010", "a_0020") + "    - goto: b\n",
    ),
    "another speaker": ("c.yaml", "who: wei, speed", "who: mara, speed"),
    "a branch": ("b.yaml", "goto: c.late", "goto: a"),
    "a text shows a variable": ("a.yaml", "Up with you.", "Up, {captain}."),
    "a value": ("story.yaml", "noor: {en: Noor}", "noor: {en: Noor}, ivo: {en: Ivo}"),
    "a value's words": ("story.yaml", "{en: Noor}", "{en: Nour}"),
    "a member": ("story.yaml", "group: [mara, wei]", "group: [wei]"),
    "a text that is missing": ("c.yaml", "text: Look!", "text: ''"),
    "a text again": ("c.yaml", "text: ''", "text: Look out!"),
    "a text without words": ("c.yaml", "text: Look out!", "text: '…'"),
    "words again": ("c.yaml", "text: '…'", "text: Look there!"),
    "a value without words": ("story.yaml", "{en: Ivo}", "{}"),
    "its words": ("story.yaml", "ivo: {}", "ivo: {en: Iwo}"),
    "an id twice": ("c.yaml", "c_9010", "c_0010"),
    "an id once": ("c.yaml", "{line: c_0010, who: wei, text", "{line: c_9010, who: wei, text"),
    "no id": ("c.yaml", "{line: c_9010, who", "{who"),
    "an id": ("c.yaml", "{who: wei, text: L", "{line: c_9010, who: wei, text: L"),
    "a branch that leads nowhere": ("c.yaml", "goto: END", "goto: nowhere"),
    "the end": ("c.yaml", "goto: nowhere", "goto: END"),
    "a condition that never holds": ("c.yaml", "trust < 3", "trust < 0"),
    "one that may": ("c.yaml", "trust < 0", "trust < 4"),
    "a variable nobody uses": ("story.yaml", "variables:\n", "variables:\n  x: {type: int}\n"),
    "a second start": ("b.yaml", "scene: b\n", "start: b\nscene: b\n"),
    "one start": ("b.yaml", "start: b\nscene: b\n", "scene: b\n"),
    "a mistake": ("a.yaml", "scene: a\n", "scene: a\nnonsense: 1\n"),
    "none": ("a.yaml", "scene: a\nnonsense: 1\n", "scene: a\n"),
    "other languages": ("../voicepipe.yaml", "languages: [en]", "languages: [en, zh]"),
}


@pytest.fixture
def story(tmp_path: Path) -> Path:
    root = tmp_path / "story"
    (root / "scripts_in").mkdir(parents=True)
    for name, text in SCRIPTS.items():
        (root / "scripts_in" / name).write_text(text, "utf-8")
    head = "bank: story\nsource_language: en\nlanguages: [en]\n"
    (root / "voicepipe.yaml").write_text(head, "utf-8")
    return root


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The scenes whose lines are resolved."""
    scenes: list[str] = []
    lines = LineResolver.lines

    def noted(resolver: LineResolver, some: Iterable[Scene]) -> Iterator[Line]:
        some = list(some)
        scenes.extend(scene.id for scene in some)
        return lines(resolver, some)

    monkeypatch.setattr(LineResolver, "lines", noted)
    return scenes


def read(root: Path, cache: Path) -> StoryLines:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(cache))
        found, _ = load_settings(root)
        assert found is not None
        return StoryLines(root, found)


def answer(root: Path, cache: Path) -> tuple[object, ...]:
    """All that is to be known of a story."""
    found = read(root, cache)
    # In the order in which a project gives them.
    problems = sorted(map(repr, dict.fromkeys(found.diagnostics)))
    lines = [repr(line) for line in found.lines]
    return lines, problems, found.unnamed, found.n_scenes, found.paths, found.screenplay


def edit(root: Path, path: str, old: str, new: str) -> None:
    file = root / "scripts_in" / path
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def test_any_edit_gives_the_lines_of_a_story_nobody_has_read(story: Path, tmp_path: Path) -> None:
    first = answer(story, tmp_path / "kept")
    assert not first[1]
    seen = [first]
    for number, (name, change) in enumerate(EDITS.items()):
        edit(story, *change)
        changed = answer(story, tmp_path / "kept")
        assert changed == answer(story, tmp_path / f"fresh{number}"), name
        assert changed == answer(story, tmp_path / "kept"), name
        assert changed != seen[-1], name
        seen.append(changed)
    (story / "scripts_in/a.yaml").rename(story / "scripts_in/d.yaml")
    assert answer(story, tmp_path / "kept") == answer(story, tmp_path / "moved") != seen[-1]


def test_only_the_scripts_that_changed_are_resolved_again(
    story: Path, tmp_path: Path, resolved: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read(story, tmp_path)
    for change, scenes in (
        (EDITS["a text"], ["a"]),
        (EDITS["a comment"], ["b"]),
        (EDITS["a new line"], ["a", "b"]),  # which is heard before the first line of b
        (EDITS["a value's words"], ["a", "b", "c"]),
    ):
        resolved.clear()
        edit(story, *change)
        read(story, tmp_path)
        assert resolved == scenes
    asked: list[object] = []
    monkeypatch.setattr(reading, "check_story", asked.append)
    monkeypatch.setattr(reading, "check_integrity", asked.append)
    edit(story, "c.yaml", "Look!", "Watch out!")
    read(story, tmp_path)
    assert asked == []


def test_another_program_resolves_everything_again(
    story: Path, tmp_path: Path, resolved: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read(story, tmp_path)
    resolved.clear()
    monkeypatch.setattr(kept_lines, "program_revision", lambda: "another")
    read(story, tmp_path)
    assert resolved == ["a", "b", "c"]


def test_documents_that_are_not_as_they_were_kept_are_made_again(
    story: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "kept"
    first = answer(story, cache)
    path = cache / KEPT_LINES.file_name
    with sqlite3.connect(path) as rows:
        kept = dict(rows.execute("SELECT key, line FROM lines"))
    rows.close()
    assert len(kept) > 6
    other = max(kept.values(), key=len)
    for lie in (b"", b"[]", other, other[:-1], other[:40] + b"\0" + other[41:]):
        with sqlite3.connect(path) as rows:
            rows.executemany("UPDATE lines SET line = ? WHERE key = ?", [(lie, k) for k in kept])
        rows.close()
        assert answer(story, cache) == first
    path.write_bytes(b"\xff" * 10_000)
    assert answer(story, cache) == first


def test_a_form_that_does_not_fit_its_lines_counts_as_not_there(
    story: Path, tmp_path: Path
) -> None:
    lines = [line for line in read(story, tmp_path / "one").lines if line.scene == "b"]
    form = kept_lines._form_of(lines)
    for lie in (
        {"languages": form.languages[1:]},
        {"n_segments": (*form.n_segments, 1)},
        {"n_segments": form.n_segments[1:]},
        {"lines": form.texts},
        {"segments": b"\xc1"},
    ):
        facts = {name: getattr(form, name) for name in LinesForm.__struct_fields__}
        with pytest.raises(ValueError, match=r"."):
            kept_lines._lines_of(LinesForm(**{**facts, **lie}), "b.yaml", 0)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(screenplay=screenplays)
def test_what_is_kept_comes_back_as_it_was(screenplay: Screenplay) -> None:
    languages = [Language("zh"), Language("en")]
    lines, _ = resolve_lines(screenplay, languages=languages, source_language=languages[0])
    for _, of_path in groupby(lines, key=lambda line: line.span.path):
        some = list(of_path)
        back = kept_lines._lines_of(kept_lines._form_of(some), some[0].span.path, some[0].position)
        assert list(map(repr, back)) == list(map(repr, some))
