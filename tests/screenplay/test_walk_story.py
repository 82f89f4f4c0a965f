from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from story_builder import (
    boolean,
    choice,
    effect,
    integer,
    jump,
    line,
    node,
    option,
    play,
    scene,
    speaker,
    text_variable,
    texts_of,
)

from voicepipe.errors import InputError, UsageError
from voicepipe.screenplay.story.walk import Changed, Chosen, Entered, Heard, WalkEnded, walk_story
from voicepipe.screenplay.story.walk_text import WalkText
from voicepipe.screenplay.syntax import Language, SpeakerId

if TYPE_CHECKING:
    from voicepipe.screenplay.syntax import Screenplay

STORY = play(
    integer("trust", 0, 3, "2"),
    boolean("met"),
    scene(
        "bridge",
        node(
            "open",
            line("a_1"),
            line("a_2", when="met"),
            choice(
                option("open", text="Greet", sets=("met = true", "trust += 9"), when="not met"),
                option("harbor", text="Leave", voiced="a_3"),
            ),
        ),
    ),
    scene("harbor", node("pier", effect("trust -= 1"), jump("END", "trust > 1"), jump("stay")),
          node("stay", line("b_1"))),
)  # fmt: skip


def played(screenplay: Screenplay, *answers: int, begin: str = "") -> list[str]:
    remaining = iter(answers)
    said = []
    for event in walk_story(screenplay, lambda _: next(remaining, None), scene=begin):
        if isinstance(event, Entered):
            said.append(f"{event.scene}.{event.node}")
        elif isinstance(event, Heard):
            said.append(event.line.id + ("!" if event.is_choice else ""))
        elif isinstance(event, Chosen):
            said.append(f"{event.picked + 1} of {len(event.options)}")
        elif isinstance(event, Changed):
            said.append(str(dict(event.values)))
        elif isinstance(event, WalkEnded):
            said.append(f"{event.why} {event.is_end}")
    return said


def test_a_walk_obeys_conditions_and_effects() -> None:
    assert played(STORY, 0, 0) == [
        "bridge.open", "a_1", "1 of 2", "{'trust': 3, 'met': True}",
        "bridge.open", "a_1", "a_2", "1 of 1", "a_3!",
        "harbor.pier", "{'trust': 2, 'met': True}", "the end True",
    ]  # fmt: skip


def test_a_walk_can_begin_elsewhere_and_end_in_a_dead_end() -> None:
    assert played(STORY, begin="harbor") == [
        "harbor.pier", "{'trust': 1, 'met': False}", "harbor.stay", "b_1",
        "the node just stops False",
    ]  # fmt: skip


def test_the_player_may_leave() -> None:
    assert played(STORY)[-1] == "left by the player False"


def test_a_choice_without_options_ends_the_walk() -> None:
    story = play(boolean("met"), scene("b", node("o", choice(option("END", when="met")))))
    assert played(story)[-1] == "no option is left False"


def test_an_answer_that_is_not_offered_is_refused() -> None:
    with pytest.raises(UsageError, match="option 3 was chosen, but 2 are open"):
        played(STORY, 2)


def test_an_endless_story_is_left_in_the_end() -> None:
    story = play(scene("b", node("o", jump("o"))))
    assert played(story)[-1] == "100000 nodes were entered False"


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (jump("nowhere"), "leads nowhere"),
        (jump("END", "brave"), '"brave" steers nothing'),
        (jump("END", "trust >"), "missing"),
        (effect("brave = true"), '"brave" steers nothing'),
        (effect("trust"), "missing"),
    ],
)
def test_what_is_wrong_on_the_way_is_an_error(entry: object, said: str) -> None:
    story = play(integer("trust"), scene("b", node("o", entry, jump("END"))))  # type: ignore[arg-type]
    with pytest.raises(InputError, match=said):
        played(story)


@pytest.mark.parametrize(("begin", "said"), [("attic", 'no scene "attic"'), ("", "no start")])
def test_a_walk_needs_somewhere_to_begin(begin: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        played(play(), begin=begin)


def test_texts_are_shown_without_marks_and_with_the_first_values() -> None:
    story = play(
        speaker("noah"),
        text_variable("player", ada={"en": "Ada", "zh": "艾达"}),
        text_variable("ship", ark={"en": "Ark"}),
        scene("b", node("o")),
    )
    zh, en = Language("zh"), Language("en")
    text = WalkText(story, language=zh, source_language=en)
    assert (
        text.say(texts_of({"zh": "[emotion:sad]{player}，{ship}{{x}}", "en": "no"}))
        == "艾达，Ark{x}"
    )
    assert text.say(texts_of({"en": "Only  [pause:1s] here"})) == "(en) Only here"
    assert text.say({}) == "…"
    assert text.name_of(SpeakerId("noah")) == "noah"
