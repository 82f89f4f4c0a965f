"""Banks that earlier releases wrote go on as if nothing had happened."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from cli.main import run

ARCHIVES = sorted((Path(__file__).parents[1] / "fixtures" / "banks").glob("*.tar.xz"))
LARGEST_ARCHIVE = 300_000
"""Bytes: they stay in the repository for good."""
RENDERED_AGAIN: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "schema-1": {"gate_0030": ("model changed", "sampling changed", "engine changed")},
}
"""By archive: the only lines that are rendered again, and why; the changelog names each cause."""
OTHER_MODELS: Mapping[str, set[str]] = {"schema-1": {"tiny-sovits"}}
"""By archive: models of which its release brought other weights."""


class Project:
    """A kept project, and the command run in it."""

    def __init__(self, root: Path, archive: str, capfd: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self.archive = archive
        self._capture = capfd

    def __call__(self, *words: str) -> tuple[int, str]:
        """Run a command; its exit code and what it answered."""
        with pytest.raises(SystemExit) as ended:
            run(["-C", str(self.root), *words])
        code = ended.value.code
        assert isinstance(code, int)
        return code, self._capture.readouterr().out

    @property
    def rendered_again(self) -> Mapping[str, tuple[str, ...]]:
        """Which of its lines are, and why."""
        return RENDERED_AGAIN[self.archive]

    def names(self, folder: str) -> set[str]:
        """List the files below a folder of the output."""
        here = self.root / "out" / folder
        return {p.relative_to(here).as_posix() for p in here.rglob("*") if p.is_file()}


@pytest.fixture(params=ARCHIVES, ids=lambda path: path.name.partition(".")[0])
def kept(
    request: pytest.FixtureRequest, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> Project:
    with tarfile.open(request.param) as archive:
        archive.extractall(tmp_path, filter="tar")
    lock = _models(tmp_path)
    project = Project(tmp_path, request.param.name.partition(".")[0], capfd)
    assert project("models", "pull", "tiny")[0] == 0
    assert _differing(lock, _models(tmp_path)) == OTHER_MODELS[project.archive]
    return project


def _models(root: Path) -> Mapping[str, object]:
    models: Mapping[str, object] = json.loads((root / "models.lock").read_bytes())["models"]
    return models


def _differing(one: Mapping[str, object], other: Mapping[str, object]) -> set[str]:
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


def test_there_is_a_kept_bank_and_it_is_small() -> None:
    assert ARCHIVES
    assert all(path.stat().st_size <= LARGEST_ARCHIVE for path in ARCHIVES)


def test_nothing_of_a_kept_bank_is_rendered_again_but_what_the_changelog_says(
    kept: Project,
) -> None:
    before = {name: kept.names(name) for name in ("objects", "takes", "clips", "banks")}
    code, answer = kept("plan", "--json", "--exit-code")
    steps = [step for step in json.loads(answer)["steps"] if step["action"] != "keep"]
    again = {step["line"]: tuple(step["reasons"]) for step in steps}
    assert (code, again) == (10 if kept.rendered_again else 0, kept.rendered_again)
    code, answer = kept("render", "--json")
    report = json.loads(answer)
    assert (code, report["rendered"], report["is_new"]) == (0, len(again), bool(again))
    assert kept("bank", "verify")[0] == 0
    after = {name: kept.names(name) for name in before}
    assert all(before[name] <= after[name] for name in before), "nothing is lost"
    assert {name: len(after[name] - before[name]) for name in ("takes", "clips")} == {
        "takes": len(again),
        "clips": len(again),
    }
    assert kept.names("quarantine") == set()
    assert kept("plan", "--exit-code")[0] == 0


def test_a_kept_bank_is_cleaned_up_without_losing_what_versions_and_pins_need(
    kept: Project,
) -> None:
    before = kept.names("takes")
    assert kept("bank", "gc", "--days", "0", "--delete")[0] == 0
    assert kept.names("takes") == before, "every take is in a version"
    assert kept("bank", "rm", "v0001")[0] == 0
    assert kept("bank", "gc", "--days", "0", "--delete")[0] == 0
    assert len(before - kept.names("takes")) == 1, "the take that was retaken"
    assert kept("plan", "--exit-code")[0] == (10 if kept.rendered_again else 0)
    assert kept("bank", "verify")[0] == 0


def test_a_voice_of_a_kept_bank_can_be_revoked(kept: Project) -> None:
    before = kept.names("takes")
    code, answer = kept("voices", "revoke", "hero", "--confirm", "hero", "--json")
    assert code == 0, answer
    assert len(before - kept.names("takes")) == 1, "the embedded voice had one take"
    assert kept("plan")[0] == 1, "the voice may not be rendered any more"


def test_a_line_of_a_kept_bank_can_be_changed(kept: Project) -> None:
    script = kept.root / "scripts_in" / "gate.yaml"
    script.write_text(script.read_text("utf-8").replace("Go.", "Wait."), "utf-8")
    code, answer = kept("render", "--json")
    report = json.loads(answer)
    assert (code, report["rendered"], report["is_new"]) == (0, 1 + len(kept.rendered_again), True)
    assert kept("bank", "verify")[0] == 0
