from __future__ import annotations

from dataclasses import replace

import pytest
from story_builder import (
    barks,
    boolean,
    choice,
    codes,
    effect,
    integer,
    jump,
    line,
    messages,
    node,
    option,
    play,
    scene,
    speaker,
    text_variable,
)

from voicepipe.screenplay.codes.stories import CODES
from voicepipe.screenplay.story.checks import check_story
from voicepipe.screenplay.story.integrity import check_integrity
from voicepipe.screenplay.syntax import Variable

DECLARED = (
    integer("trust"),
    integer("level", None, None),
    boolean("met"),
    text_variable("player", ada={}),
)


def judged(when: str) -> dict[str, list[str]]:
    story = play(
        *DECLARED,
        scene(
            "bridge",
            node(
                "open",
                line("a_1", "{player}"),
                choice(
                    option("next", sets=("trust += 1", "level = 3", "met = true")), option("next")
                ),
            ),
            node("next", jump("END", when), jump("END")),
        ),
    )
    diagnostics = check_story(story)
    return {code: messages(diagnostics, code) for code in ("VP212", "VP215", "VP216", "VP206")}


@pytest.mark.parametrize(
    "when",
    ["trust > 0", "met", "not met", "met == true", "trust != level", "0 < trust", "level > 99"],
)
def test_sound_conditions_pass(when: str) -> None:
    found = judged(when)
    assert found["VP212"] == found["VP215"] == found["VP216"] == []


@pytest.mark.parametrize(
    ("when", "settled"),
    [
        ("trust > 5", "false"),
        ("trust >= 0", "true"),
        ("trust < 0", "false"),
        ("trust <= 5", "true"),
        ("trust == 6", "false"),
        ("trust != 6", "true"),
        ("met or not (trust > 5)", "false"),
        ("7 < trust", "false"),
        ("1 == 1", "true"),
    ],
)
def test_a_comparison_beyond_the_range_is_settled(when: str, settled: str) -> None:
    found = judged(when)
    assert f"is always {settled}" in found["VP215"][0]
    assert found["VP206"] == []


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("trust", "compare it"),
        ("3", "is a number, not a condition"),
        ("met > false", "which is greater"),
        ("met == 1", "true or false is compared with a number"),
        ("player == trust", "is a text variable"),
        ("not (met and trust)", "is a number, not a condition"),
    ],
)
def test_a_variable_used_as_what_it_is_not_is_an_error(when: str, said: str) -> None:
    story = play(*DECLARED, scene("b", node("open", jump("END", when), jump("END"))))
    (found,) = [d for d in check_story(story) if d.code == "VP216"]
    assert said in f"{found.message} {found.help}"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("trust = 5", None),
        ("trust = 6", "VP214"),
        ("trust -= 6", "VP214"),
        ("trust += 5", None),
        ("level = 999", None),
        ("trust = true", "VP216"),
        ("met = 1", "VP216"),
        ("met += 1", "VP216"),
        ("player = met", "VP216"),
        ("truss = 1", "VP212"),
    ],
)
def test_assignments_fit_their_variable(written: str, code: str | None) -> None:
    story = play(*DECLARED, scene("b", node("open", effect(written), jump("END"))))
    found = [d.code for d in check_story(story) if d.code != "VP213"]
    assert found == ([code] if code else [])


def test_only_what_is_read_or_shown_counts_as_used() -> None:
    story = play(
        integer("seen"),
        integer("set_only"),
        integer("copied"),
        text_variable("player", ada={}),
        text_variable("ship", ark={}),
        text_variable("port", bay={}),
        scene(
            "b",
            node(
                "open",
                line("a_1", "{player}", when="seen > 0"),
                effect("set_only += 1", "seen = copied"),
                choice(option("END", text="To {ship}")),
            ),
        ),
    )
    said = " ".join(messages(check_story(story), "VP213"))
    assert '"set_only"' in said
    assert '"port"' in said
    assert said.count("is declared") == 2


def test_a_condition_of_a_bark_reads_its_variable() -> None:
    story = play(boolean("met"), scene("b", barks("alert", line("a_1", when="met"))))
    assert check_story(story) == []


@pytest.mark.parametrize(
    "variable",
    [
        integer("v", 0, 5, "9"),
        integer("v", 5, 0),
        integer("v", 0, 5, "many"),
        integer("v", 3, None, "2"),
        boolean("v", "maybe"),
        replace(text_variable("v", ada={}), start="lin"),
        replace(integer("v", 0, 5), values={"9": {}}),
        replace(integer("v", 0, 5), values={"ada": {}}),
    ],
)
def test_a_declaration_that_contradicts_itself_is_an_error(variable: Variable) -> None:
    story = play(variable, scene("b", node("open", jump("END"))))
    assert "VP217" in codes(check_story(story))


def test_a_variable_without_a_kind_is_left_to_its_reader() -> None:
    nameless = Variable(name="v", kind="", span=integer("x").span)
    story = play(
        nameless, scene("b", node("open", effect("v = 1"), jump("END", "v > 0"), jump("END")))
    )
    assert check_story(story) == []


def test_names_declared_twice_are_errors_and_the_first_counts() -> None:
    story = play(
        speaker("noah"),
        speaker("noah"),
        boolean("met"),
        integer("met"),
        scene(
            "b", node("open", line("a_1", when="met"), jump("END")), node("open", jump("nowhere"))
        ),
        scene("b", node("open", jump("END"))),
    )
    assert codes(check_integrity(story)) == ["VP235", "VP238", "VP238"]


def test_groups_are_made_of_declared_single_speakers() -> None:
    story = play(
        speaker("mara"),
        speaker("crew", "mara", "mara", "chne", "all"),
        speaker("chen"),
        speaker("all", "crew"),
    )
    said = messages(check_integrity(story), "VP240")
    assert [text.split(": ", 1)[1] for text in said] == [
        'member "mara" is named twice',
        'member "chne" is not declared — did you mean "chen"?',
        'member "all" is itself a group',
        'member "crew" is itself a group',
    ]


def test_any_speaker_is_fine_where_none_is_declared() -> None:
    assert check_integrity(play(scene("b", node("open", line("a_1", who="anyone"))))) == []


def test_an_undeclared_speaker_is_an_error_with_a_guess() -> None:
    story = play(speaker("noah"), scene("b", node("open", line("a_1", who="naoh"))))
    assert messages(check_integrity(story), "VP239") == [
        'speaker "naoh" is not declared — did you mean "noah"?'
    ]


def test_members_of_a_speaking_group_speak() -> None:
    story = play(
        speaker("mara"),
        speaker("crew", "mara"),
        speaker("ghost"),
        scene("b", barks("x", line("a_1", who="crew"))),
    )
    assert messages(check_story(story), "VP241") == [
        'speaker "ghost" is declared, but no line is theirs'
    ]


def test_empty_things_are_reported() -> None:
    story = play(
        scene("a", node("open", jump("END"))),
        scene("b"),
        scene("c", barks("x")),
        scene("d", node("n")),
    )
    assert len(messages(check_story(story), "VP242")) == 3


def test_codes_are_told_once_and_in_order() -> None:
    numbers = [info.code for info in CODES]
    assert numbers == sorted(set(numbers))
    assert all(info.explanation.strip() and info.title for info in CODES)


@pytest.mark.parametrize("written", ["player = ada", "player = trust", "player = 1"])
def test_a_text_variable_that_is_set_is_called_one_and_its_value_nothing(written: str) -> None:
    story = play(
        *DECLARED,
        scene("bridge", node("open", line("a_1", "{player}"), effect(written), jump("END"))),
    )
    diagnostics = check_story(story)
    assert messages(diagnostics, "VP212") == []
    (message,) = messages(diagnostics, "VP216")
    assert message == '"player" is a text variable and steers nothing'
