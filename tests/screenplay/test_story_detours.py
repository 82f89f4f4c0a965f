"""Entry points, detours, options that are offered once, and conditional changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from story_builder import (
    barks,
    boolean,
    choice,
    codes,
    detour,
    effect,
    integer,
    jump,
    line,
    messages,
    node,
    option,
    place,
    play,
    scene,
)
from test_walk_story import played

from voicepipe.errors import InputError, UsageError
from voicepipe.screenplay.story.checks import check_story
from voicepipe.screenplay.story.neighbours import find_neighbours
from voicepipe.screenplay.story.walk import Entered, walk_story
from voicepipe.screenplay.syntax import EntryPattern, LineId, Screenplay

NOTES = {"VP209", "VP241"}


def wrong(story: Screenplay) -> list[str]:
    return [code for code in codes(check_story(story)) if code not in NOTES]


TOWN = (
    scene("intro", node("open", line("a_1"), jump("END"))),
    scene("npc_ada", node("greet", line("b_1"), jump("END")), node("part", jump("END"))),
)


def test_what_the_engine_enters_is_reached() -> None:
    assert wrong(play(*TOWN)) == ["VP203"]
    by_itself = replace(TOWN[1], is_entry=True)
    assert wrong(play(TOWN[0], by_itself)) == ["VP202"]
    nodes = (TOWN[1].nodes[0], replace(TOWN[1].nodes[1], is_entry=True))
    assert wrong(play(TOWN[0], replace(by_itself, nodes=nodes))) == []


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        (["npc_*"], ["VP202"]),
        (["npc_*.*"], []),
        (["npc_ada.greet", "*.part"], []),
        (["npcs_*"], ["VP203", "VP260"]),
        (["npc_ada.gret"], ["VP203", "VP260"]),
    ],
)
def test_entry_points_can_be_named_by_patterns(patterns: list[str], expected: list[str]) -> None:
    entries = tuple(EntryPattern(pattern=pattern, span=place()) for pattern in patterns)
    assert wrong(replace(play(*TOWN), entries=entries)) == expected


def test_the_engine_enters_with_the_values_a_story_has_left_behind() -> None:
    story = play(
        boolean("met"),
        boolean("won"),
        scene("intro", node("open", effect("met = true"), jump("END"))),
        scene(
            "npc",
            node(
                "greet",
                line("b_1", when="met"),
                line("b_2", when="not met"),
                line("b_3", when="won"),
                jump("END"),
                is_entry=True,
            ),
        ),
    )
    (diagnostic,) = [d for d in check_story(story) if d.code not in NOTES]
    assert (diagnostic.code, 'b_3"' in diagnostic.message) == ("VP207", True)


def test_a_walk_can_begin_at_a_node() -> None:
    story = play(*TOWN)
    walked = [e.node for e in walk_story(story, lambda _: None, scene="npc_ada", node="part")
              if isinstance(e, Entered)]  # fmt: skip
    assert walked == ["part"]
    assert isinstance(next(iter(walk_story(story, lambda _: None, node="npc_ada.part"))), Entered)
    with pytest.raises(UsageError, match=r'did you mean "npc_ada\.part"'):
        list(walk_story(story, lambda _: None, scene="npc_ada", node="parr"))


ASKING = play(
    boolean("knows"),
    scene(
        "bridge",
        node(
            "open",
            line("a_1"),
            detour("ask", when="not knows"),
            detour("ask", when="knows"),
            line("a_2", when="knows"),
            jump("END"),
        ),
        node("ask", line("q_1"), choice(option("told", text="Who?"), option("RETURN", text="No"))),
        node("told", line("q_2"), effect("knows = true"), jump("RETURN")),
    ),
)


def test_a_detour_comes_back_to_the_entry_behind_it() -> None:
    back = "bridge.open"
    assert played(ASKING, 0, 1) == [
        *("bridge.open", "a_1", "bridge.ask", "q_1", "1 of 2", "bridge.told", "q_2"),
        *("{'knows': True}", back, "bridge.ask", "q_1", "2 of 2", back, "a_2", "the end True"),
    ]
    assert wrong(ASKING) == []


def test_what_is_heard_around_a_detour_are_its_lines() -> None:
    around = find_neighbours(ASKING)
    assert around.after[LineId("a_1")] == ("a_2", "q_1")
    assert around.after[LineId("q_2")] == ("a_2", "q_1")
    assert around.before[LineId("q_1")] == ("a_1", "q_1", "q_2")


def test_a_condition_behind_a_detour_knows_what_the_detour_did() -> None:
    story = play(
        integer("trust", 0, 3),
        scene(
            "bridge",
            node("open", detour("gain"), jump("good", "trust == 2"), jump("END")),
            node("good", jump("END")),
            node("gain", effect("trust += 1"), effect("trust += 1 if trust == 1"), jump("RETURN")),
        ),
    )
    # The last goto is never come to, since trust is always 2.
    assert wrong(story) == []
    worse = messages(
        check_story(
            play(
                integer("trust", 0, 3),
                scene(
                    "bridge",
                    node("open", detour("gain"), jump("open", "trust == 3"), jump("END")),
                    node("gain", effect("trust += 1"), jump("RETURN")),
                ),
            )
        ),
        "VP206",
    )
    assert worse == ['the condition "trust == 3" never holds here']


def test_lines_behind_a_detour_that_never_comes_back_are_unheard() -> None:
    story = play(
        scene(
            "bridge",
            node("open", detour("leave"), line("a_1"), jump("END")),
            node("leave", jump("END")),
        )
    )
    (said,) = messages(check_story(story), "VP207")
    assert said == 'nobody hears line "a_1": the detour above it never comes back'


def test_a_return_needs_a_detour() -> None:
    story = play(
        scene(
            "bridge",
            node("open", detour("ask"), jump("ask")),
            node("ask", jump("RETURN")),
            node("alone", jump("RETURN")),
        )
    )
    said = messages(check_story(story), "VP261")
    assert [part in text for part, text in zip(("without", "no detour"), said, strict=True)]
    with pytest.raises(InputError, match="nowhere to return"):
        played(story)


@pytest.mark.parametrize(
    "ask",
    [
        (detour("ask"), jump("RETURN")),
        (detour("more"), jump("RETURN")),
        (jump("open"),),
    ],
)
def test_a_detour_within_itself_is_refused(ask: tuple[object, ...]) -> None:
    story = play(
        scene(
            "bridge",
            node("open", detour("ask"), jump("END")),
            node("ask", *ask),  # type: ignore[arg-type]
            node("more", detour("ask"), jump("RETURN")),
        )
    )
    assert "VP262" in wrong(story)
    with pytest.raises(InputError, match="within one another"):
        played(story)


def test_an_option_offered_once_is_gone_when_it_was_taken() -> None:
    story = play(
        scene(
            "bridge",
            node("hub", choice(option("ask", once=True), option("END", text="Leave"))),
            node("ask", line("a_1"), jump("hub")),
        )
    )
    assert played(story, 0, 0) == [
        *("bridge.hub", "1 of 2", "bridge.ask", "a_1", "bridge.hub", "1 of 1", "the end True"),
    ]
    assert wrong(story) == []


def test_options_that_are_all_offered_once_run_out() -> None:
    story = play(
        scene(
            "bridge",
            node("hub", choice(option("ask", once=True), option("ask", once=True))),
            node("ask", jump("hub")),
        )
    )
    (said,) = messages(check_story(story), "VP205")
    assert said == ("no option of this choice is left once all that are offered once were taken")
    assert played(story, 0, 0)[-1] == "no option is left False"


def test_a_conditional_change_is_made_only_where_its_condition_holds() -> None:
    story = play(
        integer("trust", 0, 9),
        scene(
            "bridge",
            node("open", effect("trust += 1 if trust < 3"), jump("open", "trust < 3"),
                 jump("high", "trust > 3"), jump("END")),
            node("high", jump("END")),
        ),
    )  # fmt: skip
    assert wrong(story) == ["VP202", "VP206", "VP218"]
    assert wrong(play(integer("a"), scene("s", node("n", effect("a = 1 if a > 9"),
                      jump("END", "a == 1"), jump("END"))))) == ["VP206", "VP215"]  # fmt: skip


def test_barks_are_not_places_to_enter() -> None:
    barks_only = scene("calls", barks("hey", line("c_1")))
    entries = (EntryPattern(pattern="calls", span=place()),)
    assert "VP260" in wrong(replace(play(*TOWN, barks_only), entries=entries))
