"""Names of exported files: lawful everywhere, and none the beginning of another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicepipe.exporters.names import holding, names_of, path_fault


def test_ids_that_can_be_names_stay() -> None:
    ids = ["wake_0010", "wake_0020__ada", "bark-1"]
    assert names_of(ids) == {one: one for one in ids}


def test_an_id_that_begins_another_gets_a_name_of_its_own() -> None:
    names = names_of(["hall", "hall_0010", "HALL_0010", "con", "夜の声"])
    assert names["hall_0010"] != names["HALL_0010"]
    assert names["con"] == "line_con"
    assert len({*names.values()}) == 5


@given(st.lists(st.text(max_size=12), max_size=30))
def test_no_name_begins_another_and_all_are_lawful(ids: list[str]) -> None:
    names = list(names_of(ids).values())
    assert len(set(names)) == len(names)
    assert not any(a != b and b.startswith(a) for a in names for b in names)
    assert [path_fault(f"en/{name}.wav") for name in names] == [""] * len(names)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/a",
        "a//b",
        "../a",
        "a/..",
        "a\\b",
        "C:/a",
        "a/con.wav",
        "a/b.",
        "a /b",
        "a\nb",
        "x" * 300,
    ],
)
def test_paths_that_some_system_refuses(path: str) -> None:
    assert path_fault(path)


def test_names_with_spaces_and_of_any_script_are_lawful() -> None:
    assert path_fault("ボイス folder/第1話/wake_0010.wav") == ""


def test_names_within_names_are_found() -> None:
    assert holding({"test", "other"}, ["test_b", "other", "my_test"]) == {"test": "test_b"}
