"""A voice's files by name: what is needed, where it lies, what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from model_locks import write_model_lock

from voicepipe.model.config import Family
from voicepipe.model.semantic.sampling import SamplingSettings
from voicepipe.synthesis.file_hashes import FileHashes
from voicepipe.synthesis.take_settings import TakeSettings, setting_faults, take_settings
from voicepipe.synthesis.voice_models import ModelFinder, VoiceModels

if TYPE_CHECKING:
    from pathlib import Path

PAIRS = {
    "s1-v3": ("semantic", None),
    "s2-v1": ("v1", None),
    "s2-v2": ("v2", None),
    "s2-v2proplus": ("v2ProPlus", None),
    "s2-v3": ("v3", None),
    "s2-v4": ("v4", None),
    "mine-lora": ("v4", 32),
    "speaker": ("speaker", None),
    "bigvgan": ("bigvgan", None),
    "vocoder-v4": ("vocoder_v4", None),
    "hubert": ("hubert", None),
    "roberta": ("bert", None),
}


def write_lock(root: Path, *names: str) -> None:
    write_model_lock(root, {name: PAIRS[name] for name in PAIRS if name in names})


def found(root: Path, **model: str) -> VoiceModels:
    return ModelFinder(root, FileHashes(root / "out")).find(model)


@pytest.mark.parametrize(
    ("sovits", "roles", "symbols"),
    [
        ("s2-v1", set(), "v1"),
        ("s2-v2", set(), "v2"),
        ("s2-v2proplus", {"speaker"}, "v2"),
        ("s2-v3", {"vocoder"}, "v2"),
        ("mine-lora", {"vocoder", "sovits_base"}, "v2"),
    ],
)
def test_a_family_brings_what_it_needs(
    tmp_path: Path, sovits: str, roles: set[str], symbols: str
) -> None:
    write_lock(tmp_path, *PAIRS)
    models = found(tmp_path, gpt="s1-v3", sovits=sovits)
    assert not models.faults
    assert set(models.files) == {"gpt", "sovits", "hubert", "bert"} | roles
    assert models.symbols == symbols


def test_a_base_stands_in_for_the_pair(tmp_path: Path) -> None:
    write_lock(tmp_path, *PAIRS)
    models = found(tmp_path, base="v4")
    assert models.files["gpt"].name == "s1-v3"
    assert models.files["sovits"].family is Family.V4
    assert models.files["vocoder"].family is Family.VOCODER_V4
    assert found(tmp_path, base="v4", sovits="mine-lora").files["sovits"].is_lora


def test_files_that_are_not_here_are_away(tmp_path: Path) -> None:
    write_lock(tmp_path, *PAIRS)
    folder = tmp_path / "models" / "s1-v3"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(b"1234")
    other = tmp_path / "models" / "s2-v2"
    other.mkdir()
    (other / "model.safetensors").write_bytes(b"too long")
    models = found(tmp_path, gpt="s1-v3", sovits="s2-v2")
    assert {file.role for file in models.away} == {"sovits", "hubert", "bert"}


@pytest.mark.parametrize(
    ("model", "kind", "words"),
    [
        ({"gpt": "s1-v3"}, "unnamed", '"sovits"'),
        ({"gpt": "s1-v3", "sovits": "s2-v2", "vits": "x"}, "key", '"vits"'),
        ({"gpt": "s1-v4", "sovits": "s2-v2"}, "unknown", 'did you mean "s2-v4"'),
        ({"gpt": "s2-v2", "sovits": "s2-v2"}, "family", "must be semantic"),
        ({"gpt": "a/b.ckpt", "sovits": "s2-v2"}, "original", "original weight file"),
        ({"gpt": "../b.safetensors", "sovits": "s2-v2"}, "unknown", "leads upwards"),
        ({"gpt": "b.safetensors", "sovits": "s2-v2"}, "unknown", "no such file"),
        ({"base": "v9"}, "unknown", 'no family "v9"'),
    ],
)
def test_what_is_wrong_is_said(
    tmp_path: Path, model: dict[str, str], kind: str, words: str
) -> None:
    write_lock(tmp_path, *PAIRS)
    (fault,) = found(tmp_path, **model).faults
    assert fault.kind == kind
    assert words in fault.message
    assert fault.remedy


def test_a_converted_file_in_the_project_is_used_by_path(tiny: Path) -> None:
    path = "models/formula-gpt/model.safetensors"
    finder = ModelFinder(tiny, FileHashes(tiny / "out"))
    by_path = finder.file("gpt", path)
    by_name = finder.file("gpt", "formula-gpt")
    assert not hasattr(by_path, "kind")
    assert not hasattr(by_name, "kind")
    assert by_path.sha256 == by_name.sha256
    assert by_path.family is Family.SEMANTIC


def test_a_lock_entry_without_weights_is_a_fault(tmp_path: Path) -> None:
    write_lock(tmp_path, *PAIRS)
    lock = (tmp_path / "models.lock").read_text("utf-8")
    (tmp_path / "models.lock").write_text(lock.replace("model.safetensors", "other"), "utf-8")
    models = found(tmp_path, gpt="s1-v3", sovits="s2-v2")
    assert "does not say what" in models.faults[0].message
    assert models.family is None


def test_large_files_are_hashed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Path] = []
    real = FileHashes.__module__ + ".sha256_of_file"
    from voicepipe.hashing import sha256_of_file

    def counted(path: Path) -> str:
        calls.append(path)
        return sha256_of_file(path)

    monkeypatch.setattr(real, counted)
    out = tmp_path / "out"
    out.mkdir()
    weights = tmp_path / "w.safetensors"
    weights.write_bytes(b"one")
    first = FileHashes(out).sha256(weights)
    assert FileHashes(out).sha256(weights) == first
    assert len(calls) == 1
    weights.write_bytes(b"other")
    assert FileHashes(out).sha256(weights) != first
    (out / "file-hashes.json").write_text('{"x": [1, "no"], "y": 3}', "utf-8")
    assert FileHashes(out).sha256(weights)
    (out / "file-hashes.json").write_text("not json", "utf-8")
    assert FileHashes(out).sha256(weights)
    assert len(calls) == 4
    assert FileHashes(tmp_path / "nowhere").sha256(weights)
    assert not (tmp_path / "nowhere").exists()


def test_sampling_defaults_are_the_models_own() -> None:
    ours, theirs = TakeSettings(), SamplingSettings()
    for name in ("top_k", "top_p", "temperature", "repetition_penalty"):
        assert getattr(ours, name) == getattr(theirs, name)


def test_sampling_tables_are_read_and_doubted() -> None:
    assert take_settings({"top_k": 5, "temperature": 1}, can_choose=False).temperature == 1.0
    assert setting_faults({"top_k": 2.5, "top_p": 3, "fastest": 40}, can_choose=False) == (
        "sampling.top_k is 2.5, and must be a whole number",
        "sampling.top_p is 3, and must be from 0.01 to 1",
    )
    with pytest.raises(ValueError, match='did you mean "temperature"'):
        take_settings({"temprature": 1}, can_choose=True)


def test_only_who_can_choose_may_ask_for_several_answers() -> None:
    table = {"candidates": 3}
    (fault,) = setting_faults(table, can_choose=False)
    assert "no recogniser to choose by" in fault
    assert take_settings(table, can_choose=True).as_facts()["candidates"] == 3
    assert not setting_faults({"candidates": 1}, can_choose=False)
    assert setting_faults({"candidates": 17}, can_choose=True)


def test_a_take_without_a_choice_keeps_the_key_it_always_had() -> None:
    assert "candidates" not in take_settings({}, can_choose=True).as_facts()
