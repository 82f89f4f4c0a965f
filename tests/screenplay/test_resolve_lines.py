from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from story_builder import (
    barks,
    boolean,
    choice,
    codes,
    jump,
    line,
    messages,
    node,
    option,
    place,
    play,
    scene,
    speaker,
    text_variable,
)

from voicepipe.screenplay.lines.resolve import resolve_lines
from voicepipe.screenplay.syntax import Language

if TYPE_CHECKING:
    from voicepipe.diagnostics import Diagnostic
    from voicepipe.screenplay.line import Line
    from voicepipe.screenplay.syntax import Screenplay

EN, ZH = Language("en"), Language("zh")


def resolved(screenplay: Screenplay, *languages: Language) -> tuple[list[Line], list[Diagnostic]]:
    lines, diagnostics = resolve_lines(screenplay, languages=languages or (EN,), source_language=EN)
    return list(lines), diagnostics


PLAYER = text_variable("player", ada={"en": "Ada", "zh": "艾达"}, lin={"en": "Lin", "zh": "林"})


def test_each_value_of_a_shown_variable_makes_a_variant() -> None:
    lines, diagnostics = resolved(
        play(
            PLAYER,
            scene("bridge", node("open", line("a_1", {"en": "{player}!", "zh": "{player}！"}))),
        ),
        EN,
        ZH,
    )
    assert diagnostics == []
    assert [
        (item.id, item.base_id, item.texts[EN].plain, item.texts[ZH].plain) for item in lines
    ] == [
        ("a_1__ada", "a_1", "Ada!", "艾达！"),
        ("a_1__lin", "a_1", "Lin!", "林！"),
    ]
    assert lines[1].variant == {"player": "lin"}


def test_several_variables_make_suffixes_in_the_order_of_declaration() -> None:
    ship = text_variable("ship", ark={"en": "Ark"}, eve={"en": "Eve"})
    lines, _ = resolved(
        play(PLAYER, ship, scene("bridge", node("open", line("a_1", "{ship} to {player}"))))
    )
    assert [item.id for item in lines] == [
        "a_1__ada__ark",
        "a_1__ada__eve",
        "a_1__lin__ark",
        "a_1__lin__eve",
    ]
    assert lines[1].texts[EN].plain == "Eve to Ada"


def test_a_variable_shown_in_one_language_splits_the_line_in_all() -> None:
    lines, _ = resolved(
        play(
            PLAYER, scene("bridge", node("open", line("a_1", {"en": "Hey.", "zh": "{player}。"})))
        ),
        EN,
        ZH,
    )
    assert [item.texts[EN].plain for item in lines] == ["Hey.", "Hey."]


def test_a_group_speaks_once_a_member() -> None:
    lines, _ = resolved(
        play(
            PLAYER,
            speaker("mara"),
            speaker("chen"),
            speaker("crew", "mara", "chen"),
            scene("bridge", node("open", line("a_1", "Hi {player}", who="crew"))),
        )
    )
    assert [(item.id, item.speaker) for item in lines] == [
        ("a_1__ada__mara", "mara"),
        ("a_1__ada__chen", "chen"),
        ("a_1__lin__mara", "mara"),
        ("a_1__lin__chen", "chen"),
    ]


def test_marks_become_segments_and_doubled_braces_single_ones() -> None:
    (item,), _ = resolved(
        play(
            scene("bridge", node("open", line("a_1", "Wait…[pause:400ms]{{now}} [emotion:sad]go.")))
        )
    )
    assert item.texts[EN].plain == "Wait…{now} go."
    assert [(s.text, s.emotion, s.pause_after_ms) for s in item.texts[EN].segments] == [
        ("Wait…", "", 400),
        ("{now} ", "", 0),
        ("go.", "sad", 0),
    ]


def test_voiced_options_and_barks_are_lines() -> None:
    lines, diagnostics = resolved(
        play(
            scene(
                "bridge",
                node("open", line("a_1"), choice(option("END", voiced="a_2"), option("END"))),
                barks("alert", line("b_1")),
            )
        )
    )
    assert [(i.id, i.node, i.bark_set, i.is_choice, i.position) for i in lines] == [
        ("a_1", "open", "", False, 0),
        ("a_2", "open", "", True, 1),
        ("b_1", "", "alert", False, 2),
    ]
    assert diagnostics == []


def test_lines_without_an_id_or_with_a_taken_one_are_left_out() -> None:
    lines, _ = resolved(
        play(scene("bridge", node("open", line("a_1", "One"), line(""), line("a_1", "Two"))))
    )
    assert [(item.id, item.texts[EN].plain) for item in lines] == [("a_1", "One")]


def test_a_missing_translation_is_named_and_left_out() -> None:
    (item,), diagnostics = resolved(
        play(scene("bridge", node("open", line("a_1", {"en": "Hi", "zh": "  "})))), EN, ZH
    )
    assert list(item.texts) == [EN]
    assert messages(diagnostics, "VP244") == ['line "a_1" has no text in "zh"']


def test_a_stale_translation_is_said_and_marked() -> None:
    written = line("a_1", {"en": "Hi", "zh": "你好"})
    texts = {EN: written.texts[EN], ZH: replace(written.texts[ZH], is_stale=True)}
    story = play(scene("bridge", node("open", replace(written, texts=texts))))
    (item,), diagnostics = resolved(story, EN, ZH)
    assert [item.texts[EN].is_stale, item.texts[ZH].is_stale] == [False, True]
    assert messages(diagnostics, "VP245") == [
        'line "a_1" has no translation of its present source text in "zh"'
    ]


def test_many_missing_translations_of_a_scene_are_one_warning() -> None:
    many = [line(f"a_{number:04}") for number in range(11)]
    _, diagnostics = resolved(play(scene("bridge", node("open", *many))), EN, ZH)
    assert messages(diagnostics, "VP244") == [
        'scene "bridge": 11 lines of which each has no text in "zh"; the first is "a_0000"'
    ]


def test_unknown_and_steering_variables_in_texts_are_errors() -> None:
    _, diagnostics = resolved(
        play(
            PLAYER,
            boolean("met"),
            scene("bridge", node("open", line("a_1", "{palyer} {met}"))),
        )
    )
    assert codes(diagnostics) == ["VP212", "VP216"]
    assert 'did you mean "player"?' in messages(diagnostics, "VP212")[0]


def test_a_variable_in_an_unvoiced_option_is_checked_too() -> None:
    _, diagnostics = resolved(
        play(scene("bridge", node("open", choice(option("END", text="{who}")))))
    )
    assert codes(diagnostics) == ["VP212"]


def test_an_option_without_source_text_is_reported() -> None:
    _, diagnostics = resolved(
        play(scene("bridge", node("open", choice(option("END", text={"zh": "走"}))))), EN, ZH
    )
    assert codes(diagnostics) == ["VP243"]


def test_a_value_without_words_leaves_that_variant_untranslated() -> None:
    player = text_variable("player", ada={"en": "Ada", "zh": "艾达"}, lin={"en": "Lin"})
    lines, diagnostics = resolved(
        play(
            player, scene("bridge", node("open", line("a_1", {"en": "{player}", "zh": "{player}"})))
        ),
        EN,
        ZH,
    )
    assert [sorted(item.texts) for item in lines] == [["en", "zh"], ["en"]]
    assert codes(diagnostics) == ["VP247"]


def test_values_that_begin_alike_clash() -> None:
    player = text_variable("player", ad={"en": "Ad"}, ada={"en": "Ada"})
    _, diagnostics = resolved(play(player, scene("b", node("open", line("a_1", "{player}")))))
    assert messages(diagnostics, "VP233") == ['"a_1__ad" is the beginning of "a_1__ada"']


def test_variants_have_a_limit() -> None:
    many = [
        text_variable(f"v{n}", **{f"x{i}y": {"en": "word"} for i in range(10)}) for n in range(4)
    ]
    lines, diagnostics = resolved(
        play(*many, scene("b", node("open", line("a_1", "{v0}{v1}{v2}{v3}"))))
    )
    assert lines == []
    assert messages(diagnostics, "VP249") == [
        'line "a_1" would become 10000 clips; the limit is 256'
    ]


def test_a_text_of_marks_alone_has_nothing_to_say() -> None:
    _, diagnostics = resolved(
        play(
            scene("b", node("open", line("a_1", "[pause:400ms]…"), line("a_2", "[say:mm]…[/say]")))
        )
    )
    assert codes(diagnostics) == ["VP250"]


def test_a_mark_inside_a_value_is_checked_where_it_is_shown() -> None:
    player = text_variable("player", ada={"en": "[pause:90m]Ada"})
    _, diagnostics = resolved(play(player, scene("b", node("open", line("a_1", "{player}!")))))
    assert codes(diagnostics) == ["VP132"]


def test_a_very_long_line_is_reported_by_how_long_it_takes() -> None:
    _, diagnostics = resolved(
        play(scene("b", node("open", line("a_1", {"en": "word " * 200, "zh": "你" * 230})))), EN, ZH
    )
    assert codes(diagnostics) == ["VP246", "VP246"]


def neighbours(screenplay: Screenplay) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    lines, _ = resolved(screenplay)
    return {item.id: (item.before, item.after) for item in lines}


def test_neighbours_cross_gotos_choices_and_silent_nodes() -> None:
    around = neighbours(
        play(
            scene(
                "b",
                node("open", line("a_1"), choice(option("x"), option("y", voiced="a_2"))),
                node("x", jump("y", "met"), jump("other")),
                node("y", line("a_3"), jump("END")),
            ),
            scene("other", node("start", line("a_4"), line("a_5"), jump("b"))),
        )
    )
    assert around == {
        "a_1": (("a_5",), ("a_2", "a_3", "a_4")),
        "a_2": (("a_1",), ("a_3",)),
        "a_3": (("a_1", "a_2"), ()),
        "a_4": (("a_1",), ("a_5",)),
        "a_5": (("a_4",), ("a_1",)),
    }


def test_a_conditional_line_may_be_skipped() -> None:
    around = neighbours(
        play(scene("b", node("open", line("a_1"), line("a_2", when="met"), line("a_3"))))
    )
    assert around["a_1"][1] == ("a_2", "a_3")
    assert around["a_3"][0] == ("a_1", "a_2")


def test_a_silent_loop_ends_the_search() -> None:
    around = neighbours(
        play(
            scene(
                "b",
                node("open", line("a_1"), jump("x")),
                node("x", jump("y")),
                node("y", jump("x")),
            )
        )
    )
    assert around["a_1"] == ((), ())


def test_a_hub_keeps_sixteen_neighbours() -> None:
    rooms = [node(f"room_{n}", line(f"r_{n:03}"), jump("hub")) for n in range(40)]
    around = neighbours(
        play(scene("b", node("hub", line("hub_1"), choice(*(option(r.id) for r in rooms))), *rooms))
    )
    assert around["hub_1"][0] == tuple(f"r_{n:03}" for n in range(16))
    assert around["hub_1"][1] == tuple(f"r_{n:03}" for n in range(16))
    assert place().line > 0
