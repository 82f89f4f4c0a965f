from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from story_builder import barks, choice, codes, line, messages, node, option, play, scene

from voicepipe.documents.portable import is_reserved_name
from voicepipe.screenplay.ids.numbering import propose_ids
from voicepipe.screenplay.story.integrity import check_integrity


def proposed(*ids: str, name: str = "bridge", others: tuple[str, ...] = ()) -> list[str]:
    parts = [scene(name, node("open", *(line(i) for i in ids)))]
    if others:
        parts.append(scene("zzz", node("open", *(line(i) for i in others))))
    return [proposal.id for proposal in propose_ids(play(*parts))]


def test_a_new_scene_counts_in_tens() -> None:
    assert proposed("", "", "") == ["bridge_0010", "bridge_0020", "bridge_0030"]


def test_a_line_between_two_gets_a_number_between() -> None:
    assert proposed("bridge_0010", "", "bridge_0020") == ["bridge_0015"]


def test_several_lines_share_a_gap() -> None:
    assert proposed("bridge_0010", "", "", "", "bridge_0020") == [
        "bridge_0012",
        "bridge_0014",
        "bridge_0016",
    ]


def test_without_room_the_line_goes_behind_the_last() -> None:
    assert proposed("bridge_0010", "", "bridge_0011", "bridge_0040") == ["bridge_0050"]


def test_lines_at_the_top_fit_before_the_first() -> None:
    assert proposed("", "bridge_0010") == ["bridge_0005"]


def test_a_free_number_is_found_when_the_even_spread_is_taken() -> None:
    assert proposed("bridge_0010", "", "bridge_0020", others=("bridge_0015",)) == ["bridge_0011"]


def test_a_gap_full_of_ids_from_elsewhere_sends_the_line_behind() -> None:
    others = tuple(f"bridge_00{n}" for n in range(11, 20))
    assert proposed("bridge_0010", "", "bridge_0020", others=others) == ["bridge_0030"]


def test_lines_out_of_order_do_not_confuse_the_numbers() -> None:
    assert proposed("bridge_0020", "", "bridge_0010") == ["bridge_0030"]


def test_the_scenes_own_width_is_kept() -> None:
    assert proposed("bridge_010", "") == ["bridge_020"]


def test_a_long_scene_has_wider_numbers_from_the_start() -> None:
    ids = proposed(*[""] * 1000)
    assert (ids[0], ids[-1]) == ("bridge_00010", "bridge_10000")


def test_an_id_that_is_the_beginning_of_everything_changes_the_prefix() -> None:
    assert proposed("", others=("bridge",)) == ["l1_bridge_0010"]


def test_an_id_that_a_proposal_would_begin_is_avoided() -> None:
    assert proposed("", "", others=("bridge_00105",)) == ["bridge_0020", "bridge_0030"]


def test_a_scene_past_its_digits_skips_what_its_ids_begin() -> None:
    ids = proposed("bridge_9990", "", "", others=("bridge_1000",))
    assert ids == ["bridge_10010", "bridge_10020"]


def test_ids_never_grow_beyond_the_limit() -> None:
    assert all(len(i) <= 64 and "__" not in i for i in proposed("", name="a" * 43 + "_b" * 10))


def test_options_and_barks_get_ids_and_silent_options_none() -> None:
    story = play(
        scene(
            "bridge",
            node("open", choice(option("END", voiced=""), option("END"))),
            barks("alert", line("")),
        )
    )
    assert [p.id for p in propose_ids(story)] == ["bridge_0010", "bridge_0020"]


_IDS = st.lists(
    st.one_of(st.just(""), st.from_regex(r"s_[0-9]{1,5}|s|t_[0-9]{4}|l1_s_00", fullmatch=True)),
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(_IDS, _IDS)
def test_proposals_never_clash_with_anything(first: list[str], second: list[str]) -> None:
    given_ids = [i for i in (*first, *second) if i]
    story = play(
        scene("s", node("a", *map(line, first))), scene("t", node("a", *map(line, second)))
    )
    ids = [proposal.id for proposal in propose_ids(story)]
    assert len(ids) == len(first) + len(second) - len(given_ids)
    for position, new in enumerate(ids):
        for other in (*given_ids, *ids[:position], *ids[position + 1 :]):
            assert not new.startswith(other)
            assert not other.startswith(new)


def test_missing_repeated_and_reserved_ids_are_errors() -> None:
    story = play(scene("aux", node("open", line(""), line("a_1"), line("a_1"), line("con"))))
    found = [code for code in codes(check_integrity(story)) if code.startswith("VP23")]
    assert found == ["VP230", "VP232", "VP234", "VP234"]


def test_beginnings_are_reported_at_the_longer_id() -> None:
    story = play(
        scene("s", node("o", *map(line, ("a_1", "a_12", "a_2", "a_123", "a_0010", "a_0012"))))
    )
    said = messages(check_integrity(story), "VP233")
    assert [text.rsplit(" ", 1)[1] for text in said] == ['"a_12"', '"a_123"']


def test_reserved_names_are_told_whatever_their_case() -> None:
    assert is_reserved_name("COM1")
    assert not is_reserved_name("com10")
    assert not is_reserved_name("console")
