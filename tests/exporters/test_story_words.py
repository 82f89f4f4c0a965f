"""Detours, options offered once, numbers and conditional changes, in every engine's words."""

from __future__ import annotations

import pytest

from voicepipe.documents.source import SourceFile
from voicepipe.exporters.ink_story import ink_story
from voicepipe.exporters.story_script import StoryScript, Visit, read_story_script
from voicepipe.screenplay.formats.loader import parse_scripts
from voicepipe.screenplay.formats.values import ScriptLanguages
from voicepipe.screenplay.syntax import Language

SCRIPT = """\
variables:
  trust: {type: int, min: 0, max: 2}
---
scene: hall
nodes:
  door:
    - detour: ask
    - set: trust += 1 if trust < 2
    - {line: a_1, who: noah, text: "Trust: {trust}."}
    - {line: a_2, voiced: false, text: Later.}
    - choice:
        - {text: Again, goto: door, once: true}
        - {text: Leave, goto: END}
  ask:
    - goto: RETURN
  loft:
    entry: true
    entries:
      - goto: END
"""


@pytest.fixture
def story() -> StoryScript:
    languages = ScriptLanguages(source=Language("en"))
    source = SourceFile(path="s.yaml", text=SCRIPT)
    screenplay, problems = parse_scripts([source], languages)
    assert problems == ()
    return read_story_script(screenplay, ["en"], "en")


def test_the_story_keeps_detours_entry_points_and_what_was_taken(story: StoryScript) -> None:
    door = story.nodes[0]
    assert door.steps[0] == Visit(target="hall.ask")
    assert story.entries == ("hall.loft",)
    assert story.variables["once_hall_door_1"].kind == "bool"


def test_ink_says_them_in_its_own_words(story: StoryScript) -> None:
    text = ink_story(story, "en", {})
    for part in (
        "-> hall_ask ->",
        "->->",
        "- trust < 2:",
        "- trust == 1:",
        "\nLater. #id:a_2",
        "+ { not once_hall_door_1 } [Again]",
        "~ once_hall_door_1 = true",
    ):
        assert part in text
