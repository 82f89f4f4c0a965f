"""Banks that earlier releases wrote go on as if nothing had happened."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

import pytest

from cli.main import run

ARCHIVES = sorted((Path(__file__).parents[1] / "fixtures" / "banks").glob("*.tar.xz"))
LARGEST_ARCHIVE = 300_000
"""Bytes: they stay in the repository for good."""


class Project:
    """A kept project, and the command run in it."""

    def __init__(self, root: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.root = root
        self._capture = capfd

    def __call__(self, *words: str) -> tuple[int, str]:
        """Run a command; its exit code and what it answered."""
        with pytest.raises(SystemExit) as ended:
            run(["-C", str(self.root), *words])
        code = ended.value.code
        assert isinstance(code, int)
        return code, self._capture.readouterr().out

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
    lock = (tmp_path / "models.lock").read_bytes()
    project = Project(tmp_path, capfd)
    assert project("models", "pull", "tiny")[0] == 0
    assert (tmp_path / "models.lock").read_bytes() == lock
    return project


def test_there_is_a_kept_bank_and_it_is_small() -> None:
    assert ARCHIVES
    assert all(path.stat().st_size <= LARGEST_ARCHIVE for path in ARCHIVES)


def test_nothing_of_a_kept_bank_is_rendered_again(kept: Project) -> None:
    before = {name: kept.names(name) for name in ("objects", "takes", "clips", "banks")}
    code, answer = kept("plan", "--json", "--exit-code")
    assert (code, {step["action"] for step in json.loads(answer)["steps"]}) == (0, {"keep"})
    code, answer = kept("render", "--json")
    report = json.loads(answer)
    assert (code, report["rendered"], report["is_new"]) == (0, 0, False)
    assert kept("bank", "verify")[0] == 0
    assert {name: kept.names(name) for name in before} == before
    assert kept.names("quarantine") == set()


def test_a_kept_bank_is_cleaned_up_without_losing_what_versions_and_pins_need(
    kept: Project,
) -> None:
    before = kept.names("takes")
    assert kept("bank", "gc", "--days", "0", "--delete")[0] == 0
    assert kept.names("takes") == before, "every take is in a version"
    assert kept("bank", "rm", "v0001")[0] == 0
    assert kept("bank", "gc", "--days", "0", "--delete")[0] == 0
    assert len(before - kept.names("takes")) == 1, "the take that was retaken"
    assert kept("plan", "--exit-code")[0] == 0
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
    assert (code, report["rendered"], report["is_new"]) == (0, 1, True)
    assert kept("bank", "verify")[0] == 0
