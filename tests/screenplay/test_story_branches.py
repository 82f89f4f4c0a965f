from __future__ import annotations

import pytest
from story_builder import (
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
    place,
    play,
    remark,
    scene,
)

from voicepipe.screenplay.story.checks import check_story

WAYS = {"VP201", "VP202", "VP203", "VP204", "VP205", "VP206", "VP207", "VP208", "VP210"}


def found(*parts: object, **options: int) -> list[str]:
    diagnostics = check_story(play(*parts), **options)  # type: ignore[arg-type]
    return [code for code in codes(diagnostics) if code in WAYS]


def test_a_whole_story_has_nothing_wrong() -> None:
    story = play(
        integer("trust", start="2"),
        scene(
            "bridge",
            node("open", line("bridge_0010"), choice(option("ask"), option("harbor.pier"))),
            node("ask", effect("trust += 1"), jump("harbor", "trust >= 3"), jump("END")),
        ),
        scene("harbor", node("pier", line("harbor_0010"), jump("END"))),
    )
    assert check_story(story) == []


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("askk", 'did you mean "ask"?'),
        ("harbor.peer", 'no node "peer" — did you mean "pier"?'),
        ("harbour", 'did you mean "harbor"?'),
        ("harbour.pier", 'there is no scene "harbour" — did you mean "harbor"?'),
    ],
)
def test_a_goto_that_leads_nowhere_names_the_nearest_target(target: str, said: str) -> None:
    story = play(
        scene(
            "bridge",
            node("open", choice(option(target), option("ask"))),
            node("ask", jump("harbor")),
        ),
        scene("harbor", node("pier", jump("END"))),
    )
    assert said in messages(check_story(story), "VP201")[0]


def test_a_goto_to_a_scene_without_nodes_says_so() -> None:
    story = play(scene("bridge", node("open", jump("empty"))), scene("empty"))
    assert "no node to begin in" in messages(check_story(story), "VP201")[0]


def test_targets_mean_the_own_node_before_the_scene() -> None:
    story = play(
        scene("bridge", node("open", jump("harbor")), node("harbor", jump("END"))),
        scene("harbor", node("pier", jump("END"))),
    )
    diagnostics = check_story(story)
    assert messages(diagnostics, "VP237")
    assert messages(diagnostics, "VP203") == [
        'scene "harbor" is never entered from the start of the story'
    ]


def test_an_unreachable_node_says_whether_a_goto_leads_there() -> None:
    story = play(
        boolean("met"),
        scene(
            "bridge",
            node("open", jump("hidden", "met"), jump("END")),
            node("hidden", jump("END")),
            node("lonely", jump("END")),
        ),
    )
    lonely, hidden = sorted(messages(check_story(story), "VP202"), key=lambda m: "hidden" in m)
    assert "no goto leads here" in lonely
    assert "a condition that fails" in hidden


def test_a_scene_nobody_enters_is_reported_once() -> None:
    assert found(
        scene("bridge", node("open", jump("END"))),
        scene("harbor", node("a", jump("b")), node("b", jump("END"))),
    ) == ["VP203"]


def test_a_node_that_just_stops_is_a_dead_end() -> None:
    assert found(scene("bridge", node("open", line("bridge_0010")))) == ["VP204"]


def test_a_dead_end_names_the_values_that_lead_past_the_last_goto() -> None:
    story = play(
        integer("trust", start="2"), scene("bridge", node("open", jump("END", "trust > 2")))
    )
    assert messages(check_story(story), "VP204") == [
        'node "open" can run past its last entry, for example when trust is 2'
    ]


def test_conditional_gotos_that_cover_every_value_are_no_dead_end() -> None:
    assert (
        found(
            integer("trust"),
            scene(
                "bridge",
                node("pick", choice(option("open", sets=("trust += 5",)), option("open"))),
                node("open", jump("END", "trust > 2"), jump("END", "trust <= 2")),
            ),
        )
        == []
    )


def test_a_choice_left_without_options_is_reported_with_the_values() -> None:
    story = play(
        boolean("met"),
        integer("trust"),
        scene(
            "bridge",
            node("open", choice(option("talk"), option("talk", sets=("met = true", "trust = 4")))),
            node("talk", choice(option("END", when="met and trust > 3"))),
        ),
    )
    assert messages(check_story(story), "VP205") == [
        "no option of this choice is left, for example when met is false and trust is 0"
    ]


def test_a_condition_no_path_fulfils_is_reported() -> None:
    story = play(
        integer("trust"),
        scene(
            "bridge",
            node(
                "open",
                effect("trust += 2"),
                jump("END", "trust == 3"),
                line("bridge_0010", when="trust > 3"),
                choice(option("END", when="trust >= 3"), option("END")),
            ),
        ),
    )
    diagnostics = check_story(story)
    assert len(messages(diagnostics, "VP206")) == 2
    assert messages(diagnostics, "VP207") == [
        'nobody hears line "bridge_0010": the condition "trust > 3" never holds here'
    ]


def test_what_stands_behind_a_goto_that_is_always_taken_is_reported() -> None:
    story = play(
        boolean("met", "true"),
        scene(
            "bridge",
            node(
                "open", jump("END", "met"), line("bridge_0010"), jump("END", "not met"), jump("END")
            ),
        ),
    )
    diagnostics = check_story(story)
    assert "a goto above it is always taken" in messages(diagnostics, "VP207")[0]
    assert "never come to" in messages(diagnostics, "VP206")[0]


def test_entries_behind_the_end_of_a_node_are_counted() -> None:
    story = play(
        scene(
            "bridge",
            node("open", jump("END"), remark("why"), line("bridge_0010"), line("bridge_0020")),
        )
    )
    assert "(2 lines)" in messages(check_story(story), "VP210")[0]


def test_a_remark_behind_the_end_of_a_node_is_fine() -> None:
    assert found(scene("bridge", node("open", jump("END"), remark("why")))) == []


def test_a_loop_that_can_be_left_is_a_note_only() -> None:
    story = play(
        scene(
            "bridge",
            node("open", line("bridge_0010"), choice(option("ask"), option("END"))),
            node("ask", jump("open")),
        )
    )
    diagnostics = check_story(story)
    assert codes(diagnostics) == ["VP209"]
    assert messages(diagnostics, "VP209") == ['a loop of 2 nodes: "open", "ask"']


def test_a_loop_without_exit_is_a_warning() -> None:
    assert found(
        scene("bridge", node("open", jump("ask")), node("ask", choice(option("open"))))
    ) == ["VP208"]


def test_a_loop_whose_exit_never_opens_is_a_warning() -> None:
    assert "VP208" in found(
        integer("trust"),
        scene(
            "bridge",
            node("open", choice(option("open", sets=("trust += 2", "trust -= 1")), option("low"))),
            node("low", effect("trust = 0"), jump("locked")),
            node("locked", choice(option("locked"), option("END", when="trust == 1"))),
        ),
    )


def test_a_loop_whose_exit_opens_after_a_few_rounds_is_no_trap() -> None:
    assert (
        found(
            integer("tries", 0, 3),
            scene(
                "bridge",
                node("open", effect("tries += 1"), jump("END", "tries >= 3"), jump("again")),
                node("again", choice(option("open"))),
            ),
        )
        == []
    )


def test_a_node_that_jumps_to_its_own_top_is_said_once() -> None:
    diagnostics = check_story(play(scene("bridge", node("open", jump("open")))))
    assert codes(diagnostics) == ["VP218"]


def test_starts_that_do_not_exist_are_errors() -> None:
    story = play(scene("bridge", node("open", jump("END")), start="opne"), start="brigde")
    said = messages(check_story(story), "VP219")
    assert 'did you mean "open"?' in "".join(said)
    assert 'did you mean "bridge"?' in "".join(said)


def test_beyond_the_bound_nothing_is_called_impossible() -> None:
    counting = play(
        integer("steps", 0, 10_000),
        scene(
            "bridge",
            node("open", effect("steps += 1"), jump("late", "steps > 9000"), jump("again")),
            node("again", choice(option("open"))),
            node("late", line("bridge_0010", when="steps == 10000"), jump("END")),
        ),
    )
    cut_short = check_story(counting, state_limit=500)
    assert codes(cut_short) == ["VP209", "VP211"]
    assert "500 combinations" in messages(cut_short, "VP211")[0]
    whole = check_story(counting, state_limit=50_000)
    assert codes(whole) == ["VP207", "VP209"]


def test_an_unbounded_counter_ends_at_the_bound() -> None:
    story = play(
        integer("steps", None, None),
        scene(
            "bridge",
            node(
                "open",
                effect("steps += 1"),
                choice(option("open"), option("END", when="steps < 0")),
            ),
        ),
    )
    assert "VP211" in codes(check_story(story, state_limit=1000))


def test_variables_that_no_condition_reads_cost_no_states() -> None:
    flags = [boolean(f"flag_{number}") for number in range(40)]
    nodes = [
        node(
            f"n{number}",
            choice(
                option(f"n{number + 1}", sets=(f"flag_{number} = true",)), option(f"n{number + 1}")
            ),
        )
        for number in range(40)
    ]
    story = play(*flags, scene("bridge", *nodes, node("n40", jump("END"))))
    assert "VP211" not in codes(check_story(story, state_limit=100))


def test_an_unknown_variable_leaves_its_condition_open() -> None:
    diagnostics = check_story(
        play(
            scene(
                "bridge",
                node("open", jump("left", "trsut > 3"), jump("END")),
                node("left", jump("END")),
            )
        )
    )
    assert codes(diagnostics) == ["VP212"]


def test_a_wrong_assignment_makes_its_variable_unknown() -> None:
    diagnostics = check_story(
        play(
            boolean("met"),
            boolean("seen"),
            scene(
                "bridge",
                node("open", effect("met = 3", "seen = met"), jump("left", "seen"), jump("END")),
                node("left", jump("END")),
            ),
        )
    )
    assert codes(diagnostics) == ["VP216"]


def test_an_unreadable_assignment_makes_every_variable_unknown() -> None:
    diagnostics = check_story(
        play(
            boolean("met"),
            scene(
                "bridge",
                node("open", effect("met ="), jump("left", "met"), jump("END")),
                node("left", jump("END")),
            ),
        )
    )
    assert codes(diagnostics) == []


def test_a_story_without_scenes_is_empty_and_right() -> None:
    assert check_story(play()) == []


def test_diagnostics_come_in_the_order_of_the_script() -> None:
    story = play(
        scene("bridge", node("open", jump("nowhere")), node("b", jump("nowhere"))),
        scene("harbor"),
    )
    places = [(d.span.path, d.span.line) for d in check_story(story)]
    assert places == sorted(places)
    assert place().path == places[0][0]
