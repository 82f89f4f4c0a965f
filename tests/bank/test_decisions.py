from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bank_builders import digest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from voicepipe.bank.decisions import (
    NOTHING_DECIDED,
    Decision,
    Decisions,
    load_decisions,
    save_decisions,
)
from voicepipe.errors import EnvironmentFault

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
    st.tuples(st.text(max_size=8), st.sampled_from(["en", "zh"])),
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
    assert load_decisions(tmp_path).lines == lines


def test_nothing_is_decided_without_a_file(tmp_path: Path) -> None:
    decisions = load_decisions(tmp_path)
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
    assert Decisions().with_pin("b", "en", KEY).with_pin("b", "en", "").lines == {}


def test_wrong_seeds_and_keys_are_refused() -> None:
    with pytest.raises(ValueError, match="seed"):
        Decisions().with_retake("a", "en", seed=2**31)
    with pytest.raises(ValueError, match="not a take key"):
        Decisions().with_pin("a", "en", "short")


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
        load_decisions(tmp_path)
    assert "decisions.json" in caught.value.message
    assert caught.value.remedy
