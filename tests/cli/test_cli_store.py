"""Sharing as a person meets it: options, answers, exit codes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from command_shell import Shell
from quay_project import write_quay


class Person(Shell):
    """Runs the command in a project of their own, which shares with the folder beside it."""

    def __init__(self, root: Path, capfd: pytest.CaptureFixture[str]) -> None:
        super().__init__(write_quay(root), capfd)
        with (root / "voicepipe.yaml").open("a", encoding="utf-8") as settings:
            settings.write(f"store: {(root.parent / 'shared').as_uri()}\n")

    def asks(self, *words: str) -> dict[str, object]:
        assert self(*words, "--json") == 0, self.err
        answer = json.loads(self.out)
        assert isinstance(answer, dict)
        return answer


def test_two_people_share_their_takes(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "shared").mkdir()
    one, other = Person(tmp_path / "one", capfd), Person(tmp_path / "other", capfd)
    assert one("render", "-j1") == 0, one.err
    assert "2 clips and 2 takes shared in file://" in one.err
    assert other("plan") == 0
    assert "in the shared store" in other.out
    assert other.asks("plan")["counts"] == {"pull": 2}
    assert other("plan", "--exit-code", "--store", "off") == 10
    assert "2 to render" in other.out
    facts = other.asks("render")
    assert (facts["rendered"], facts["pulled"], facts["clips"]) == (0, 2, 2)
    assert one("voices", "revoke", "ann", "--confirm", "ann") == 0
    assert "2 takes and 2 clips are gone from the shared store" in one.out
    shutil.rmtree(other.root / "out")
    assert other("plan") == 1
    assert "VP402" in other.err


def test_a_store_that_is_away_is_the_machines_fault(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    person = Person(tmp_path / "one", capfd)
    assert person("render", "-j1") == 4
    assert "no such folder" in person.err
    assert "mount it" in person.err
    assert not (tmp_path / "shared").exists()


def test_a_secret_in_an_address_is_not_repeated(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    person = Person(tmp_path / "one", capfd)
    assert person("render", "--store", "s3://key:geheim@bucket/x") == 2
    assert "environment" in person.err
    assert "geheim" not in person.err + person.out


def test_an_address_in_the_settings_is_checked_and_not_repeated(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    person = Person(tmp_path / "one", capfd)
    settings = person.root / "voicepipe.yaml"
    text = settings.read_text("utf-8").split("store:")[0]
    settings.write_text(f"{text}store: ftp://host/x\n", "utf-8")
    assert person("check") == 1
    assert "s3://bucket/prefix" in person.err + person.out


def _rewritten_as_newer(folder: Path) -> tuple[Path, bytes]:
    """Give one record below a folder a schema number that only a later release knows."""
    path = min(folder.glob("*/*.json"))
    content = path.read_bytes().replace(b'"schema":1', b'"schema":99')
    path.write_bytes(content)
    return path, content


def test_a_record_of_a_newer_release_in_the_shared_store_is_refused_and_stays(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "shared").mkdir()
    one, other = Person(tmp_path / "one", capfd), Person(tmp_path / "other", capfd)
    assert one("render", "-j1") == 0, one.err
    path, content = _rewritten_as_newer(tmp_path / "shared" / "clips")
    assert other("render", "-j1") == 4
    assert "made by a newer voicepipe (schema 99" in other.err
    assert path.name in other.err
    assert path.read_bytes() == content


def test_a_record_of_a_newer_release_in_the_output_folder_is_refused_and_stays(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "shared").mkdir()
    one = Person(tmp_path / "one", capfd)
    assert one("render", "-j1", "--store", "off") == 0, one.err
    path, content = _rewritten_as_newer(one.root / "out" / "takes")
    for words in (
        ("bank", "gc"),
        ("voices", "revoke", "ann", "--confirm", "ann", "--store", "off"),
    ):
        assert one(*words) == 4, words
        assert "made by a newer voicepipe (schema 99" in one.err
        assert path.read_bytes() == content
    assert not (one.root / "out" / "quarantine").exists()
