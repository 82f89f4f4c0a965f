from __future__ import annotations

import pytest

from voicepipe.text.clauses import LONGEST_UNITS, split_clauses, text_units

CHINESE = (
    "他沉默了很久，终于开口说道：“我从来没有后悔过那个决定。”她转过身去，看着窗外的雨。"
    "远处的灯塔一明一灭，像是在呼吸一样……没有人知道它还能坚持多久，也没有人愿意去问。"
)


def test_a_line_that_fits_is_one_clause() -> None:
    (clause,) = split_clauses("别出声，有人来了……")
    assert clause.text == "别出声，有人来了……"
    assert clause.pause_after_ms == 0


def test_nothing_has_no_clauses() -> None:
    assert split_clauses(" \n") == ()


@pytest.mark.parametrize("longest", [30, 60, 120, 240])
def test_clauses_spell_the_line_and_fit(longest: int) -> None:
    clauses = split_clauses(CHINESE, longest=longest, shortest=0)
    assert "".join(clause.text for clause in clauses) == CHINESE
    assert all(0 < text_units(clause.text) <= longest for clause in clauses)


def test_long_lines_are_cut_at_sentence_ends_into_even_parts() -> None:
    clauses = split_clauses(CHINESE * 2)
    assert [text_units(clause.text) for clause in clauses] == [213, 213]
    assert [clause.pause_after_ms for clause in clauses] == [420, 0]


def test_pauses_are_as_long_as_their_marks() -> None:
    clauses = split_clauses("一二三四，五六七八。一二三四……五六七八；一二", longest=12, shortest=0)
    assert [clause.pause_after_ms for clause in clauses] == [220, 420, 500, 320, 0]


def test_stops_inside_numbers_and_after_titles_end_nothing() -> None:
    line = "Dr. Hale paid $1,204.50 at 7:45 a.m. and left. "
    clauses = split_clauses(line * 8)
    assert all(clause.text.endswith("left. ") for clause in clauses)


def test_closing_quotes_stay_with_their_sentence() -> None:
    clauses = split_clauses("“我不去。”他说他不去。", longest=15, shortest=0)
    assert [clause.text for clause in clauses] == ["“我不去。”", "他说他不去。"]


def test_a_line_without_marks_is_cut_between_words() -> None:
    clauses = split_clauses("word " * 100, longest=50)
    assert all(clause.text.endswith("word ") for clause in clauses)
    assert "".join(clause.text for clause in clauses) == "word " * 100


def test_a_word_too_long_for_a_part_is_cut_where_it_stands() -> None:
    clauses = split_clauses("a" * 1000)
    assert [len(clause.text) for clause in clauses] == [240, 240, 240, 240, 40]


def test_scraps_join_their_neighbour() -> None:
    line = "好。" + "这是一个很长的句子，" * 8 + "好。"
    clauses = split_clauses(line, longest=130)
    assert all(text_units(clause.text) >= 18 for clause in clauses)


def test_letters_count_less_than_characters() -> None:
    assert text_units("ab你1あ한,") == 14
    assert LONGEST_UNITS == 240
