"""A small campaign of kills in every run; `python -m benchmarks kills` is the large one."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from benchmarks.kills import COMMANDS, Campaign, kill_commands, look, strangers, write_project

QUICK = tuple(one for one in COMMANDS if one.words[0] != "models" and "render" not in one.words)


def test_commands_killed_at_random_lose_nothing_and_leave_nothing(tmp_path: Path) -> None:
    root = tmp_path / "project"
    write_project(root)
    campaign = kill_commands(root, hits=8, seed=random.Random(7).randrange(10**6), commands=QUICK)
    assert campaign.n_hits == 8
    assert (campaign.lost, campaign.left_behind, campaign.faults) == ([], [], [])


@pytest.mark.slow
def test_renders_and_pulls_too(tmp_path: Path) -> None:
    root = tmp_path / "project"
    write_project(root)
    campaign = kill_commands(root, hits=40, seed=3)
    assert campaign.n_hits == 40
    assert campaign.hits["models pull"] + campaign.ended["models pull"] > 0
    assert (campaign.lost, campaign.left_behind, campaign.faults) == ([], [], [])


def test_a_campaign_sees_what_is_wrong(tmp_path: Path) -> None:
    root = tmp_path / "project"
    write_project(root)
    folder = root / "out/banks/killed"
    folder.mkdir(parents=True)
    (folder / "latest").write_text("v0007\n", "utf-8")
    (root / "scripts_in/nameless.yaml").write_text("- {line: a_1}\n", "utf-8")
    campaign = Campaign()
    look(root, "now", campaign)
    assert campaign.faults == [
        "now: latest names v0007, which is not there",
        "now: a script is half written",
    ]
    for left in ("voices/.noah.yaml.x", "out/work/file.part", "out/quarantine/a"):
        path = root / left
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert strangers(root) == [
        "out/quarantine/a",
        "out/work/file.part",
        "voices/.noah.yaml.x",
    ]
