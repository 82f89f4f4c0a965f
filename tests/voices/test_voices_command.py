from __future__ import annotations

import datetime
import json
import os
import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import typer
from embedded_models import pull_embedded
from published_banks import publish_lines
from typer.testing import CliRunner
from voice_builders import SYNTHETIC, write_project

from cli import voices
from cli.output import Session
from voicepipe.audio.clip import AudioClip
from voicepipe.audio.encode import encode_wav
from voicepipe.errors import InputError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from typer.testing import Result

SETTINGS = "bank: harbor\nlanguages: [zh, en]\n"
CLIPS = """\
clips:
  - {path: voices/noah/calm.wav, transcript: One two three., language: en}
"""
MODEL = "model: {gpt: tiny-gpt, sovits: tiny-sovits, hubert: tiny-content}\n"
TODAY = datetime.datetime.now(datetime.timezone.utc).date()


def _speech(seconds: float) -> bytes:
    t = np.arange(round(seconds * 24_000)) / 24_000
    words = np.clip(np.sin(2 * np.pi * 0.8 * t + 0.5), 0, None)
    wave = 0.4 * np.sin(2 * np.pi * 180 * t) * words
    room = np.random.default_rng(3).standard_normal(len(t)) * 1e-4
    samples = (wave + room).astype(np.float32)
    return encode_wav(AudioClip(samples=samples, sample_rate=24_000), bit_depth=24)


@pytest.fixture(scope="module", name="library")
def _library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the models that come with voicepipe."""
    root = tmp_path_factory.mktemp("library")
    pull_embedded(root)
    return root


@pytest.fixture(name="root")
def _root(tmp_path: Path, library: Path) -> Path:
    files: dict[str, str | bytes] = {
        "voicepipe.yaml": SETTINGS,
        "voices/ada.yaml": f"engine: scratch\n{SYNTHETIC}",
        "voices/noah.yaml": f"engine: gpt-sovits\nlanguages: [en]\n{MODEL}{CLIPS}{SYNTHETIC}",
        "voices/noah/calm.wav": _speech(4.0),
    }
    shutil.copytree(library, tmp_path, copy_function=os.link, dirs_exist_ok=True)
    return write_project(tmp_path, files)


def _run(root: Path, *arguments: str) -> Result:
    app = typer.Typer(rich_markup_mode=None)
    voices.register(app)
    return CliRunner().invoke(app, ["voices", *arguments], obj=Session(root=root))


def _json(root: Path, *arguments: str) -> dict[str, Any]:
    result = _run(root, *arguments, "--json")
    document = json.loads(result.stdout)
    assert document.pop("schema") == 1
    return dict(document)


def test_ls_shows_each_voice_and_its_standing(root: Path) -> None:
    result = _run(root, "ls")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert any("ada" in line and "scratch" in line and "covered" in line for line in lines)
    assert any("noah" in line and "1 (neutral)" in line for line in lines)


@pytest.mark.parametrize(
    ("change", "standing"),
    [
        (('languages: ["*"]', "languages: [en]"), "only en: "),
        (('scope: ["*"]', "scope: [other]"), "REFUSED: "),
        (("from: 2026-01-01", "from: 2026-01-01\n  revoked: 2026-02-02"), "REFUSED: "),
        (("from: 2026-01-01", "from: 2026-01-01\n  until: 2099-01-01"), "covered until 2099"),
    ],
)
def test_ls_says_what_consent_does_not_cover(
    root: Path, change: tuple[str, str], standing: str
) -> None:
    path = root / "voices/ada.yaml"
    path.write_text(path.read_text("utf-8").replace(*change), "utf-8")
    assert standing in _run(root, "ls").stdout


def test_ls_as_json_holds_everything(root: Path) -> None:
    ada, noah = _json(root, "ls")["voices"]
    assert (ada["id"], ada["refusals"], ada["consent"]["kind"]) == ("ada", {}, "synthetic")
    assert noah["clips"][0]["path"] == "voices/noah/calm.wav"
    assert noah["languages"] == ["en"]


def test_ls_shows_what_is_wrong_and_exits_with_one(root: Path) -> None:
    (root / "voices/bad.yaml").write_text("engin: scratch\n", "utf-8")
    result = _run(root, "ls")
    assert result.exit_code == 1
    assert "voices/bad.yaml:1:1" in result.stderr
    assert "ada" in result.stdout
    assert [d["code"] for d in _json(root, "ls")["diagnostics"]] == ["VP304", "VP303"]


def test_check_measures_every_clip(root: Path) -> None:
    result = _run(root, "check")
    assert result.exit_code == 0
    assert "voices/noah/calm.wav" in result.stdout
    assert "1 clip of 2 voices, 0 remarks" in result.stdout
    (figures,) = _json(root, "check", "noah")["clips"]
    assert (figures["duration_s"], figures["sample_rate"], figures["voice"]) == (
        4.0,
        24_000,
        "noah",
    )


def test_check_names_the_models_that_are_missing_and_how_to_bring_them(root: Path) -> None:
    shutil.rmtree(root / "models")
    result = _run(root, "check")
    assert result.exit_code == 0
    away = "tiny-gpt tiny-sovits tiny-content tiny-recogniser"
    assert f"help: voicepipe models pull {away}" in result.stderr
    (root / "models.lock").unlink()
    assert _run(root, "check").exit_code == 1
    found = _json(root, "check")["diagnostics"]
    assert {d["code"] for d in found} == {"VP614"}
    assert [d["help"].split(",")[0] for d in found] == [
        f"voicepipe models pull {name}" for name in ("tiny-gpt", "tiny-sovits", "tiny-content")
    ]


def test_check_finds_faults_of_clips_and_of_consent(root: Path) -> None:
    (root / "voices/noah/calm.wav").write_bytes(_speech(1.5))
    path = root / "voices/noah.yaml"
    path.write_text(path.read_text("utf-8").replace('scope: ["*"]', "scope: [other]"), "utf-8")
    result = _run(root, "check")
    assert result.exit_code == 1
    found = _json(root, "check")["diagnostics"]
    assert [d["code"] for d in found] == ["VP321", "VP405"]
    assert _json(root, "check", "ada")["diagnostics"] == []


def test_check_goes_on_when_a_clip_cannot_be_decoded(root: Path) -> None:
    (root / "voices/noah/calm.wav").write_bytes(b"not sound")
    document = _json(root, "check")
    assert [d["code"] for d in document["diagnostics"]] == ["VP320"]
    assert document["clips"] == []
    assert _run(root, "check").exit_code == 1


def test_check_of_a_broken_voice_shows_only_its_own_faults(root: Path) -> None:
    (root / "voices/bad.yaml").write_text("engine: scratch\nx: y\n", "utf-8")
    (root / "voices/worse.yaml").write_text("- a\n", "utf-8")
    assert [d["code"] for d in _json(root, "check", "bad")["diagnostics"]] == ["VP303"]
    assert _json(root, "check", "ada")["diagnostics"] == []


def test_an_unknown_voice_is_a_usage_error(root: Path) -> None:
    error = _run(root, "check", "noha").exception
    assert isinstance(error, UsageError)
    assert 'did you mean "noah"' in error.message


def test_without_a_project_nothing_is_listed(tmp_path: Path) -> None:
    assert isinstance(_run(tmp_path, "ls").exception, InputError)


def test_revoke_asks_for_the_name_twice(root: Path) -> None:
    for arguments in (["noah"], ["noah", "--confirm", "ada"]):
        error = _run(root, "revoke", *arguments).exception
        assert isinstance(error, UsageError)
        assert error.remedy.endswith("voicepipe voices revoke noah --confirm noah")
    assert "revoked" not in (root / "voices/noah.yaml").read_text("utf-8")


@pytest.mark.parametrize("day", ["tomorrow", "2026-13-40", str(TODAY + datetime.timedelta(days=2))])
def test_revoke_takes_no_day_that_is_not_past(root: Path, day: str) -> None:
    error = _run(root, "revoke", "noah", "--confirm", "noah", "--date", day).exception
    assert isinstance(error, UsageError)
    assert "revoked" not in (root / "voices/noah.yaml").read_text("utf-8")


def test_revoke_says_what_it_did(root: Path) -> None:
    publish_lines(root / "out", **{f"a_{n:04}": "noah" for n in range(25)})
    result = _run(root, "revoke", "noah", "--confirm", "noah", "--date", "2026-02-03")
    assert result.exit_code == 0
    assert "25 takes and 25 clips are gone" in result.stdout
    assert "out/banks/harbor/v0001/en/bridge/a_0000.wav" in result.stdout
    assert "… and 5 more" in result.stdout
    assert "out/revocation-noah-2026-02-03.csv" in result.stderr
    again = _run(root, "revoke", "noah", "--confirm", "noah")
    assert "already withdrawn" in again.stdout
    assert "revoked: 2026-02-03" in (root / "voices/noah.yaml").read_text("utf-8")


def test_revoke_as_json_holds_the_list(root: Path) -> None:
    publish_lines(root / "out", a_0010="noah", a_0020="ada")
    document = _json(root, "revoke", "noah", "--confirm", "noah")
    assert (document["newly_revoked"], document["takes"], document["date"]) == (True, 1, str(TODAY))
    assert [file["line"] for file in document["published"]] == ["a_0010"]
    assert document["lists"][0] == f"out/revocation-noah-{TODAY}.csv"


def test_revoke_where_nothing_was_rendered(root: Path) -> None:
    assert "nothing was ever rendered" in _run(root, "revoke", "ada", "--confirm", "ada").stdout
    publish_lines(root / "out", a_0010="ada")
    assert "no published version" in _run(root, "revoke", "noah", "--confirm", "noah").stdout


def test_a_voice_is_suspended_and_resumed(root: Path) -> None:
    done = _json(root, "suspend", "ada", "--by", "Legal", "--note", "a strike")
    assert (done["suspended"], done["changed"]) == (True, True)
    listed = {one["id"]: one for one in _json(root, "ls")["voices"]}
    assert listed["ada"]["consent"]["suspended"]
    assert "suspended" in listed["ada"]["refusals"]["zh"]
    assert isinstance(_run(root, "resume", "ada").exception, UsageError)
    assert not _json(root, "resume", "ada", "--confirm", "ada", "--by", "Legal")["suspended"]
    log = _json(root, "log", "ada")
    assert [one["change"] for one in log["entries"]] == ["suspended", "resumed"]
    assert log["is_whole"]


def test_a_change_by_hand_is_written_down(root: Path) -> None:
    assert "has no log" in _run(root, "log", "ada").output
    shown = _run(root, "log", "ada", "--add", "prolonged", "--by", "Legal").output
    assert "recorded" in shown
    assert "prolonged" in shown
    log = root / "voices/ada.consent.jsonl"
    log.write_text(log.read_text("utf-8").replace("prolonged", "widened"), "utf-8")
    broken = _run(root, "log", "ada")
    assert "line 1 does not follow: it was edited" in broken.output
    assert broken.exit_code == 1
