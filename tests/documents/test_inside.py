"""Nothing is used through a link that lies inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from voicepipe.documents.inside import refuse_links
from voicepipe.errors import EnvironmentFault

if TYPE_CHECKING:
    from pathlib import Path


def test_folders_that_are_there_or_not_yet_pass(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    refuse_links(tmp_path, tmp_path)
    refuse_links(tmp_path, tmp_path / "a" / "b" / "c")


@pytest.mark.parametrize("asked", ["link", "link/b", "a/link", "a/link/c/d"])
def test_a_link_at_any_depth_is_refused_and_named(tmp_path: Path, asked: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "elsewhere").mkdir()
    for place in (tmp_path / "link", tmp_path / "a" / "link"):
        place.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(EnvironmentFault, match=r"link is a link: nothing is written") as found:
        refuse_links(tmp_path, tmp_path / asked)
    assert "remove the link" in found.value.remedy


def test_a_link_to_nothing_is_a_link(tmp_path: Path) -> None:
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    with pytest.raises(EnvironmentFault, match="is a link"):
        refuse_links(tmp_path, tmp_path / "gone" / "file")


def test_the_top_itself_may_be_reached_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "top").symlink_to(tmp_path / "real")
    refuse_links(tmp_path / "top", tmp_path / "top" / "a")


def test_a_path_beside_the_top_is_no_question_to_ask(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not in the subpath"):
        refuse_links(tmp_path / "a", tmp_path / "b")
