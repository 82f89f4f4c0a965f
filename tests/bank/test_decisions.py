from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import pytest
from bank_builders import digest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voicepipe.bank.decision_rows import COLUMNS
from voicepipe.bank.decisions import NOTHING_DECIDED, Decision, Decisions
from voicepipe.bank.decisions_csv import text_digest
from voicepipe.bank.decisions_file import (
    load_decisions,
    read_decisions,
    save_decisions,
    take_over_old_decisions,
)
from voicepipe.bank.pending_retakes import load_pending, save_pending
from voicepipe.errors import EnvironmentFault, InputError

if TYPE_CHECKING:
    from pathlib import Path

KEY = digest("take")
DECISIONS = st.builds(
    Decision,
    take=st.integers(1, 1000),
    seed=st.none() | st.integers(0, 2**31 - 1),
    pin=st.sampled_from(["", KEY]),
)
LINES = st.dictionaries(
    st.tuples(st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True), st.sampled_from(["en", "zh"])),
    DECISIONS.filter(lambda decision: decision != NOTHING_DECIDED),
    max_size=5,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lines=LINES)
def test_decisions_are_read_back_as_they_were_saved(
    tmp_path: Path, lines: dict[tuple[str, str], Decision]
) -> None:
    save_decisions(tmp_path, Decisions(lines=lines))
    assert load_decisions(tmp_path, tmp_path).lines == lines


def test_nothing_is_decided_without_a_file(tmp_path: Path) -> None:
    decisions = load_decisions(tmp_path, tmp_path)
    assert decisions.of("a", "en") == Decision(take=1, seed=None, pin="")
    assert decisions.pins() == frozenset()


def test_each_retake_is_the_next_number_and_lets_a_pin_go() -> None:
    decisions = Decisions().with_pin("a", "en", KEY).with_retake("a", "en")
    assert decisions.of("a", "en") == Decision(take=2)
    again = decisions.with_retake("a", "en", seed=99)
    assert again.of("a", "en") == Decision(take=3, seed=99)
    assert again.of("a", "zh") == NOTHING_DECIDED


def test_a_pin_keeps_the_take_number_and_can_be_let_go() -> None:
    decisions = Decisions().with_retake("a", "en").with_pin("a", "en", KEY)
    assert decisions.of("a", "en") == Decision(take=2, pin=KEY)
    assert decisions.pins() == {KEY}
    free = decisions.with_pin("a", "en", "")
    assert free.of("a", "en") == Decision(take=2)
    kept = Decisions().with_pin("b", "en", KEY).with_pin("b", "en", "")
    assert kept.of("b", "en") == NOTHING_DECIDED
    assert kept.of("b", "en").change == 2, "a merge must not bring the pin back"


def test_wrong_seeds_and_keys_are_refused() -> None:
    with pytest.raises(ValueError, match="seed"):
        Decisions().with_retake("a", "en", seed=2**31)
    with pytest.raises(ValueError, match="not a take key"):
        Decisions().with_pin("a", "en", "short")


def test_a_decision_is_a_line_in_stable_order(tmp_path: Path) -> None:
    decisions = Decisions().with_retake("b", "en").with_pin("a", "zh", KEY, 3)
    decisions = decisions.with_spoken_text("a", "en", KEY, text_digest("Hello."))
    save_decisions(tmp_path, decisions)
    text = (tmp_path / "decisions.csv").read_text("utf-8")
    assert text.splitlines() == [
        ",".join(COLUMNS),
        f"a,en,recording,,,,,{KEY},{text_digest('Hello.')},1",
        f"a,zh,take,1,,{KEY},3,,,1",
        "b,en,take,2,,,,,,1",
    ]
    assert load_decisions(tmp_path, tmp_path) == decisions
    save_decisions(tmp_path, load_decisions(tmp_path, tmp_path))
    assert (tmp_path / "decisions.csv").read_text("utf-8") == text


def test_columns_and_kinds_of_a_newer_release_are_written_again(tmp_path: Path) -> None:
    path = tmp_path / "decisions.csv"
    path.write_text(
        'line,language,kind,take,volume,heard_by\na,en,judgement,,,"ann, bob"\na,en,take,2,-3,\n'
    )
    decisions = load_decisions(tmp_path, tmp_path).with_retake("a", "en")
    save_decisions(tmp_path, decisions.with_retake("b", "en"))
    rows = path.read_text().splitlines()
    assert rows[0] == ",".join([*COLUMNS, "heard_by", "volume"])
    assert rows[1] == 'a,en,judgement,,,,,,,,"ann, bob",'
    assert rows[2] == "a,en,take,3,,,,,,1,,-3"
    assert rows[3] == "b,en,take,2,,,,,,1,,"


HEAD = "line,language,kind,take,seed,pin,recording,text,change"


@pytest.mark.parametrize(
    ("content", "place", "fault"),
    [
        ("line,language\n", "1:1", "no column kind"),
        ("line,language,kind,kind\n", "1:1", "two columns"),
        (f"{HEAD}\na,en,take\n", "2:1", "3 cells under 9 columns"),
        (f"{HEAD}\n,en,take,2,,,,,\n", "2:1", '"line" is empty'),
        (f"{HEAD}\na,en,take,0,,,,,\n", "2:11", '"0" is not a whole number from 1'),
        (f"{HEAD}\na,en,take,2,x,,,,\n", "2:13", '"x" is not a whole number'),
        (f"{HEAD}\na,en,take,2,,../x,,,\n", "2:14", "not a take key"),
        (f"{HEAD}\na,en,recording,,,,abc,,\n", "2:19", "not the sha256 of a recording"),
        (f"{HEAD}\na,en,recording,,,,{KEY},hello,\n", "2:84", "not the beginning of a sha256"),
        (f"{HEAD}\n<<<<<<< HEAD\na,en,take,2,,,,,\n", "2:1", "a merge left"),
        (f"{HEAD}\na,en,take,2,,,,,1\na,en,take,3,,,,,1\n", "3:1", "differently on line 2"),
    ],
)
def test_a_fault_is_told_at_its_place_and_never_a_lost_pin(
    tmp_path: Path, content: str, place: str, fault: str
) -> None:
    (tmp_path / "decisions.csv").write_text(content)
    _, (found,) = read_decisions(tmp_path, tmp_path)
    assert str(found.span) == f"decisions.csv:{place}"
    assert fault in found.message
    assert found.help
    with pytest.raises(InputError, match=r"decisions\.csv"):
        load_decisions(tmp_path, tmp_path)


def test_of_two_rows_that_a_merge_kept_the_later_holds(tmp_path: Path) -> None:
    rows = ["a,en,take,2,,,,,1", "a,en,take,3,,,,,2", "b,en,take,2,,,,,1", "b,en,take,2,,,,,1"]
    (tmp_path / "decisions.csv").write_text("\n".join([HEAD, *rows, HEAD, ""]))
    decisions = load_decisions(tmp_path, tmp_path)
    assert {key: one.take for key, one in decisions.lines.items()} == {
        ("a", "en"): 3,
        ("b", "en"): 2,
    }


def test_what_an_earlier_release_decided_is_taken_over_once(tmp_path: Path) -> None:
    root, out = tmp_path, tmp_path / "out"
    out.mkdir()
    old = out / "decisions.json"
    rows = {"a": {"en": {"take": 2, "pin": KEY}}, "b": {"en": {"take": 4, "loud": 1}}}
    old.write_bytes(orjson.dumps({"schema": 1, "lines": rows}))
    save_decisions(root, Decisions().with_retake("b", "en"))
    before = load_decisions(root, out)
    assert (before.of("a", "en").pin, before.of("b", "en").take) == (KEY, 2)
    assert take_over_old_decisions(root, out, lambda: None) == 2
    assert not old.exists()
    assert load_decisions(root, out) == before
    assert take_over_old_decisions(root, out, lambda: None) == 0


def test_pending_retakes_are_read_back_and_gone_when_none_is_left(tmp_path: Path) -> None:
    pending = {("a", "en"): (2, None), ("b", "zh"): (3, 77)}
    save_pending(tmp_path, pending)
    assert load_pending(tmp_path) == pending
    save_pending(tmp_path, {})
    assert not (tmp_path / "retakes.json").exists()
    (tmp_path / "retakes.json").write_text("{")
    assert load_pending(tmp_path) == {}


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", "line 1"),
        ("[]", "not a JSON object"),
        ('{"schema": 0, "lines": {}}', "schema"),
        ('{"schema": 1, "lines": []}', "lines"),
        ('{"schema": 1}', "lines"),
        ('{"schema": 1, "lines": {"a": 3}}', '"a" is not an object'),
        ('{"schema": 1, "lines": {"a": {"en": 3}}}', "not an object"),
        ('{"schema": 1, "lines": {"a": {"en": {"take": 0}}}}', "take"),
        ('{"schema": 1, "lines": {"a": {"en": {"take": true}}}}', "take"),
        ('{"schema": 1, "lines": {"a": {"en": {"seed": -1}}}}', "seed"),
        ('{"schema": 1, "lines": {"a": {"en": {"pin": "../x"}}}}', "pin"),
    ],
)
def test_a_damaged_file_is_an_error_never_a_lost_pin(
    tmp_path: Path, content: str, fault: str
) -> None:
    (tmp_path / "decisions.json").write_text(content)
    with pytest.raises(EnvironmentFault, match=fault) as caught:
        load_decisions(tmp_path, tmp_path)
    assert "decisions.json" in caught.value.message
    assert caught.value.remedy
