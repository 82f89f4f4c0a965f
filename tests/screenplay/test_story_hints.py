from __future__ import annotations

from story_builder import codes, jump, line, messages, node, play, scene, speaker

from voicepipe.screenplay import hints
from voicepipe.screenplay.hints import Hints
from voicepipe.screenplay.story.checks import check_story
from voicepipe.screenplay.story.integrity import check_integrity


def test_a_word_is_guessed_for_each_set_of_names() -> None:
    guess = Hints()
    assert guess("opne", ["open"], among="a") == ' — did you mean "open"?'
    assert guess("opne", ["pone"], among="b") == ' — did you mean "pone"?'
    assert guess("opne", [], among="a") == ' — did you mean "open"?'


def test_guessing_ends_when_enough_names_were_compared() -> None:
    guess = Hints()
    names = [f"name_{n}" for n in range(hints.MOST_COMPARISONS // 2)]
    guess("zzz", names)
    guess("yyy", names)
    assert guess("name_0", ["name_0"]) == ""


def test_thousands_of_wrong_names_are_all_reported() -> None:
    nodes = [node(f"n{n}", line(f"a_{n:04}", who=f"who_{n}"), jump(f"m{n}")) for n in range(1500)]
    story = play(speaker("noah"), *(speaker(f"who{n}") for n in range(300)), scene("b", *nodes))
    assert len(messages(check_integrity(story), "VP239")) == 1500
    assert codes(check_story(story)).count("VP201") == 1500
