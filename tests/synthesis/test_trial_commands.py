"""`models formula` and `voices prepare` through the real command line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tiny_voice import TINY
from typer.testing import CliRunner

from cli.main import application
from voicepipe.errors import EnvironmentFault, UsageError
from voicepipe.formula_models import families
from voicepipe.model_store.library import ModelLibrary

if TYPE_CHECKING:
    from pathlib import Path

    from voicepipe.formula_models.sizes import FormulaSizes
    from voicepipe.model_store.lock import LockedModel


def test_formula_models_are_pinned_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = families.adopt_formula_models

    def small(library: ModelLibrary, _: FormulaSizes) -> dict[str, LockedModel]:
        return real(library, TINY)

    monkeypatch.setattr(families, "adopt_formula_models", small)
    done = CliRunner().invoke(application(), ["-C", str(tmp_path), "models", "formula", "--json"])
    assert done.exit_code == 0, done.output
    names = [model["name"] for model in json.loads(done.stdout)["models"]]
    assert names == ["formula-gpt", "formula-sovits", "formula-hubert", "formula-bert"]
    library = ModelLibrary(tmp_path)
    assert all(verdict.is_intact for verdict in library.verify())
    hashes = {m.name: m.files["model.safetensors"].sha256 for m in library.models()}
    told = CliRunner().invoke(application(), ["-C", str(tmp_path), "models", "formula", "v2"])
    assert "formula-gpt: semantic" in told.stdout
    again = {m.name: m.files["model.safetensors"].sha256 for m in library.models()}
    assert again == hashes


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [(["v9"], 'no formula models of "v9"'), (["v2", "--lora"], "v2 are whole files")],
)
def test_only_known_families_have_formula_models(
    tmp_path: Path, wanted: list[str], reason: str
) -> None:
    done = CliRunner().invoke(application(), ["-C", str(tmp_path), "models", "formula", *wanted])
    assert isinstance(done.exception, UsageError)
    assert reason in str(done.exception)


def test_preparing_says_what_was_new(tiny: Path) -> None:
    command = ["-C", str(tiny), "voices", "prepare"]
    first = CliRunner().invoke(application(), [*command, "--json"])
    assert first.exit_code == 0, first.output
    assert [prompt["new"] for prompt in json.loads(first.stdout)["prompts"]] == [True, True]
    second = CliRunner().invoke(application(), [*command, "noah"])
    assert second.stdout.count("was prepared") == 2
    unknown = CliRunner().invoke(application(), [*command, "noa"])
    assert isinstance(unknown.exception, UsageError)


def test_say_writes_a_wav_and_says_what_it_is(tiny: Path, tmp_path: Path) -> None:
    command = ["-C", str(tiny), "--verbose", "say", "Meet Zhyvkrall.", "--voice", "noah"]
    wav = tmp_path / "x.wav"
    done = CliRunner().invoke(application(), [*command, "-o", str(wav)])
    assert done.exit_code == 0, done.output
    assert "en, seed" in done.stdout
    assert "VP620" in done.stderr
    assert wav.read_bytes()[:4] == b"RIFF"
    nowhere = CliRunner().invoke(application(), [*command, "-o", str(tmp_path / "no" / "x.wav")])
    assert isinstance(nowhere.exception, EnvironmentFault)
